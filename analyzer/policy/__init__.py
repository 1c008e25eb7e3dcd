"""Stage 4a: what each principal may do, by the policies that it holds."""
