"""Stage 1: the files an account owner exported become rows and documents that know their place."""
