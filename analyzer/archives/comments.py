"""In: the bytes of a gzip file or a zip archive. Out: the texts that it has beside its files.

A search of the archive's own bytes meets them; whoever only unpacks it does not. Those of a tar
archive come with its entries.
Formats: RFC 1952, section 2.3; APPNOTE.TXT of PKWARE 6.3.10, sections 4.3.12 and 4.3.16.
"""

from collections.abc import Iterator

from analyzer.archives.signatures import GZIP, ends_as_zip
from analyzer.archives.zip_reader import ArchiveEntry, iter_zip_comments

_COMMENTS = "comments of the archive"
_FLAGS, _FIXED = 3, 10
"""Where the flags of a gzip header are, and where it goes on behind what all have."""
_EXTRA, _NAME, _COMMENT = 4, 8, 16
_LONGEST = 1 << 20
"""Bytes of a name or a comment; there is no limit of its own."""


def read_comments(data: memoryview) -> Iterator[ArchiveEntry]:
    """What gzip has of name, comment and extra fields, and zip of comments and extra fields.

    One entry with all of it, as it is stored; none where there is nothing. Of several streams of
    gzip in a row, that of the first.
    """
    if bytes(data[: len(GZIP)]) == GZIP:
        texts = iter([bytes(_gzip_fields(data))])
    elif ends_as_zip(data):
        texts = iter_zip_comments(data)
    else:
        return
    for first in texts:
        if first:
            yield ArchiveEntry(_COMMENTS, _lines(first, texts), len(first))
            return


def _lines(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    for each in others:
        yield b"\n" + each


def _gzip_fields(data: memoryview) -> memoryview:
    """What stands between the fixed part of a gzip header and what is compressed."""
    flags, at = data[_FLAGS] if len(data) > _FLAGS else 0, _FIXED
    if flags & _EXTRA:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            length = bytes(data[at : at + _LONGEST]).find(b"\0")
            at += _LONGEST if length < 0 else length + 1
    return data[_FIXED:at]
