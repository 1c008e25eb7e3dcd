"""One file for credentials of one sort: their shapes, triggers, prefilter terms and doubts.

Every file here is found by itself: it holds `PATTERNS`, and `registry` takes them from all files.
What each one finds is said in its first line.
"""
