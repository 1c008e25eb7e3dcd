"""Stage 5: judgement. Pure functions: an account in, outcomes and findings out."""
