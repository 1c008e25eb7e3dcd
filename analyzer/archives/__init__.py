"""Archives of strangers, opened within a budget; knows nothing of evidence and of leaks.

budget          how much work one input may cost
signatures      the bytes by which a format is told
decompress      gzip, bzip2, xz, zstandard and zlib streams
zip_reader      the files in a zip archive, listed or not
tar_reader      the files in a tar archive, read as a stream
bundle_reader   the objects in a git bundle or pack
members         the files in an archive, however deep
"""
