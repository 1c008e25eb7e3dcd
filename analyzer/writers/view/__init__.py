"""What a page shows, reckoned and sorted; the templates only set it."""
