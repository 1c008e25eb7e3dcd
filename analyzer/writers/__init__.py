"""Stage 7: the report, written as JSON, HTML, PDF and CSV, all drawn from the same contents."""
