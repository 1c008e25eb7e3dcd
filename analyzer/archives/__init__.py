"""Untrusted archives, opened within a budget; knows nothing of evidence and leaks.

budget          how much work one input may cost
signatures      the bytes by which formats are recognised
decompress      gzip, bzip2, xz, zstandard and zlib streams
zip_reader      the files in a zip archive, those it does not list too
comments        the texts that gzip and zip have beside files
tar_reader      the files in a tar archive, read as a stream
bundle_reader   the objects in a git bundle or pack
ar_reader       the files in a Debian package or a static library
sqlite_reader   the tables of a SQLite database, as text
opened          the nouns: members of an archive, and the rules for opening it
verify          whether a file is what its archive states of it
pieces          a file that is unpacked piece by piece, held as far as may be
members         the files in an archive, however deep
"""
