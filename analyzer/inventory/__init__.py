"""Stage 2: all exports of an account joined into one immutable Account."""
