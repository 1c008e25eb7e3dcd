"""In: a git object store that nobody vouches for. Out: every object that it holds, read once."""
