"""One file a practice; each check is one function, named as its catalogue entry."""
