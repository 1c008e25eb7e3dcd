"""What `credaudit scan` writes: one document, and four ways to draw it."""
