"""Stage 4c: leaks joined to accounts: whose each is, whether it lives, and what it opens."""
