"""Untrusted archives, opened within a budget; knows nothing of evidence and leaks.

budget          how much work one input may cost
signatures      the bytes by which formats are recognised
decompress      gzip, bzip2, xz, zstandard and zlib streams
zip_reader      the files in a zip archive, those it does not list too
tar_reader      the files in a tar archive, read as a stream
bundle_reader   the objects in a git bundle or pack
sqlite_reader   the tables of a SQLite database, as text
opened          the nouns: members of an archive, and the rules for opening it
members         the files in an archive, however deep
"""
