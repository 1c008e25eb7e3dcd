"""In: the bytes of a git index. Out: its entries, the staged files: path, mode and object id.

The format is described in git's own documentation, "gitformat-index".
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.files import UnreadableFile, read_untrusted
from analyzer.git.git_dir import list_linked_work_trees

LARGEST_INDEX = 256 * 1024 * 1024
"""Bytes of the largest index that is read."""

_SHA1 = 20
_SHA256 = 32
_HEADER = 12
_STAT = 40
_MODE = 24
_EXTENDED = 0x4000
_FOURTH = 4
_KNOWN = range(2, 5)
_LARGEST_SHIFT = 56
_EXTENSION = 8
_SPARSE = b"sdir"
_SPLIT = "a split or unknown form of index: `git update-index --no-split-index` makes it whole"
_BROKEN = "the index is damaged, or of a form that is not known"


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One entry of the index: a staged file."""

    path: bytes
    mode: int
    oid: str


def read_index(data: bytes, width: int) -> Iterator[IndexEntry]:
    """The entries of an index whose object ids have `width` bytes, in its order.

    Raises UnreadableFile where the index breaks off or is none; and after the last entry where an
    extension is needed to understand it, as in a split index.
    """
    version = int.from_bytes(data[4:8])
    if data[:4] != b"DIRC" or version not in _KNOWN:
        raise UnreadableFile(_BROKEN, len(data))
    at, path = _HEADER, b""
    for _ in range(int.from_bytes(data[8:_HEADER])):
        begin, at = at, at + _STAT + width
        flags = int.from_bytes(data[at : at + 2])
        at += 4 if flags & _EXTENDED else 2
        if version == _FOURTH:
            strip, at = _read_prefix_length(data, at)
            if strip > len(path):
                raise UnreadableFile(_BROKEN, len(data))
            path = path[: len(path) - strip]
        else:
            path = b""
        end = data.find(b"\0", at)
        if end < 0:
            raise UnreadableFile(_BROKEN, len(data))
        path += data[at:end]
        at = end + 1 if version == _FOURTH else begin + (end - begin + 8) // 8 * 8
        oid = data[begin + _STAT : begin + _STAT + width].hex()
        yield IndexEntry(path, int.from_bytes(data[begin + _MODE : begin + _MODE + 4]), oid)
    # An extension whose name begins with a small letter must be understood, or nothing is.
    while at + _EXTENSION <= len(data) - width:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + _EXTENSION])
        if not name[:1].isupper() and name != _SPARSE:
            raise UnreadableFile(_SPLIT, len(data))
        at += _EXTENSION + size


def object_id_size(data: bytes) -> int | None:
    """How many bytes the object ids of an index have, told by the checksum at its end.

    None where that is neither SHA-1 nor SHA-256: git may leave the checksum out.
    """
    if hashlib.sha1(data[:-_SHA1], usedforsecurity=False).digest() == data[-_SHA1:]:
        return _SHA1
    return _SHA256 if hashlib.sha256(data[:-_SHA256]).digest() == data[-_SHA256:] else None


def read_index_paths(git_dir: Path, width: int) -> dict[str, tuple[bytes, ...]]:
    """The paths of each object, by its id, in the indexes of a git directory and its work trees.

    An index that can't be read has no paths here; its bytes are searched like any other file.
    """
    paths: dict[str, tuple[bytes, ...]] = {}
    for folder in (git_dir, *list_linked_work_trees(git_dir)):
        try:
            for each in read_index(read_untrusted(folder / "index", LARGEST_INDEX), width):
                paths[each.oid] = (*paths.get(each.oid, ()), each.path)
        except UnreadableFile:
            continue
    return paths


def _read_prefix_length(data: bytes, at: int) -> tuple[int, int]:
    """How many bytes of the previous path are dropped, and where in `data` the new ones begin."""
    value, shift = 0, 0
    while at < len(data) and shift <= _LARGEST_SHIFT:
        byte = data[at]
        value = (value + 1 if shift else 0) << 7 | byte & 127
        at, shift = at + 1, shift + 7
        if not byte & 128:
            return value, at
    raise UnreadableFile(_BROKEN, len(data))
