"""In: a file in an archive. Out: its content, unless that is not what the archive states of it."""

import zlib
from collections.abc import Iterator

from analyzer.archives.decompress import DamagedError
from analyzer.archives.zip_reader import ArchiveEntry, Content


def verify_entry(entry: ArchiveEntry) -> Content:
    """The content; a reason instead, or an error at its end, where the archive states otherwise."""
    content = entry.content
    if isinstance(content, str):
        return content
    if isinstance(content, memoryview):
        return _find_difference(entry, len(content), zlib.crc32(content)) or content
    return _verify_pieces(entry, content)


def _verify_pieces(entry: ArchiveEntry, pieces: Iterator[bytes]) -> Iterator[bytes]:
    size = checksum = 0
    for piece in pieces:
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if difference := _find_difference(entry, size, checksum):
        raise DamagedError(difference)


def _find_difference(entry: ArchiveEntry, size: int, checksum: int) -> str:
    if size != entry.size:
        return f"damaged: has {size} bytes, and the archive states {entry.size}"
    if entry.checksum not in {None, checksum}:
        return "damaged: its checksum is not the one that the archive states"
    return ""
