"""Stage 4b: what each principal can become, one step of the catalogue after the other."""
