"""In: the bytes of a zip archive. Out: its entries, in a form that costs nothing until read.

It is read by hand: no list of all entries is kept, and lies about sizes or places lead nowhere.
Format: APPNOTE.TXT of PKWARE 6.3.10.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from analyzer.archives.decompress import DamagedError, decompress, decompress_raw
from analyzer.archives.signatures import (
    ZIP64_TAIL,
    ZIP_END,
    ZIP_FILE,
    ZIP_LISTED,
    ZIP_TAIL,
    zip_end,
)

Content: TypeAlias = memoryview | Iterator[bytes] | str
"""The bytes as they are stored, or the pieces that they unpack to, or why they stay closed."""

ENCRYPTED = "encrypted"
"""Why a file stays closed that nobody can open without the password."""
_TWO_DESCRIPTIONS = "damaged: the list of files and the file's own head disagree"
_ZIP64_END = b"PK\x06\x06"
_HEAD = re.compile(re.escape(ZIP_FILE))
_END = struct.Struct("<12xLLH")
_END64 = struct.Struct("<40xQQ")
_LISTED = struct.Struct("<4s4xHH4xLLLHHH8xL")
_LOCAL = struct.Struct("<4s2xHH8xLLHH")
_EXTRA = struct.Struct("<HH")
_ZIP64, _UNTOLD = 1, 0xFFFFFFFF
_ENCRYPTED, _SIZES_FOLLOW, _UTF_8 = 1, 8, 0x800
_STORED, _LZMA = 0, 14
_LARGEST_LZMA = 128 << 20
"""Bytes of the longest stream that is copied, to stand behind a head."""
_RAW = {8, 12}
_PROGRAMS = {93: "zstandard", 95: "xz"}


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One file in an archive, with the size (and checksum, CRC-32) that the archive states."""

    name: str
    content: Content
    size: int
    checksum: int | None = None


def read_zip(data: memoryview, *, is_strict: bool = False) -> Iterator[ArchiveEntry]:
    """Every file of a zip archive: those that it lists, then those that lie in it unlisted.

    Strictly read, it holds only what it lists, and a file that its list and its own head describe
    differently is closed. Raises DamagedError at the end where there is no list.
    """
    taken: list[tuple[int, int]] = []
    begin, shift = _directory(data)
    while begin is not None and bytes(data[begin : begin + 4]) == ZIP_LISTED:
        entries, at, begin = _entries_in_directory(data, begin, shift)
        if is_strict and len(entries) > 1:
            first = entries[0]
            yield ArchiveEntry(first.name, _TWO_DESCRIPTIONS, first.size)
        elif entries:
            taken.append(at)
            yield from entries
    if not is_strict:
        yield from _entries_without_directory(data, taken)
    if begin is None:
        raise DamagedError("damaged: the list of its files is missing")


def _directory(data: memoryview) -> tuple[int | None, int]:
    """Where the list of files begins, and how far everything lies behind where it says it does."""
    end = zip_end(data)
    if end is None and bytes(data[-ZIP_TAIL : 4 - ZIP_TAIL]) == ZIP_END:
        end = len(data) - ZIP_TAIL
    if end is None or end + ZIP_TAIL > len(data):
        return None, 0
    size, offset, _ = _END.unpack_from(data, end)
    # A large archive says it in a longer record, which lies right before.
    longer = end - ZIP64_TAIL - _END64.size
    if longer >= 0 and bytes(data[longer : longer + 4]) == _ZIP64_END:
        end = longer
        size, offset = _END64.unpack_from(data, end)
    begin = end - size
    return (begin, begin - offset) if begin >= 0 else (None, 0)


def _entries_in_directory(
    data: memoryview, at: int, shift: int
) -> tuple[list[ArchiveEntry], tuple[int, int], int | None]:
    """The entry that the list has there, where it lies, and where the list goes on.

    There are two where the list and the head of the file tell it differently: programs believe the
    one or the other, and whoever wants to hide something lets them disagree.
    """
    if at + _LISTED.size > len(data):
        return [], (0, 0), None
    (_, flags, method, checksum, packed, size, name_len, extra_len, note_len, offset) = (
        _LISTED.unpack_from(data, at)
    )
    at += _LISTED.size
    name = _name(data[at : at + name_len], flags)
    extra = data[at + name_len : at + name_len + extra_len]
    size, packed, offset = _zip64_sizes(extra, (size, packed, offset))
    end = at + name_len + extra_len + note_len
    start = offset + shift
    if not 0 <= start <= len(data) - _LOCAL.size or bytes(data[start : start + 4]) != ZIP_FILE:
        reason = "damaged: it does not lie where the archive says"
        return [ArchiveEntry(name, reason, size)], (0, 0), end
    told = _Packing(method, flags & _ENCRYPTED, packed)
    own, body = _head(data, start, told)
    if name.endswith("/") and not packed and not own.packed:
        return [], (start, body), end
    entries = [
        ArchiveEntry(
            name,
            _content(data[body : body + each.packed], each.method, each.flags, size),
            size,
            checksum,
        )
        for each in dict.fromkeys((told, own))
    ]
    return entries, (start, min(body + max(packed, own.packed), len(data))), end


class _Packing(NamedTuple):
    """How a file is packed."""

    method: int
    flags: int
    packed: int


def _head(data: memoryview, start: int, told: _Packing) -> tuple[_Packing, int]:
    """What the head of a file says where the list says `told`, and where its content begins."""
    _, flags, method, packed, size, name_len, extra_len = _LOCAL.unpack_from(data, start)
    body = start + _LOCAL.size + name_len + extra_len
    _, packed, _ = _zip64_sizes(data[body - extra_len : body], (size, packed, 0))
    if flags & _SIZES_FOLLOW or packed == _UNTOLD or not packed:
        packed = told.packed
    return _Packing(method, flags & _ENCRYPTED, packed), body


def _entries_without_directory(
    data: memoryview, taken: list[tuple[int, int]]
) -> Iterator[ArchiveEntry]:
    """The files between those listed: all of them where the end of an archive is missing."""
    at = 0
    for start, end in [*sorted(taken), (len(data), len(data))]:
        if start - at >= _LOCAL.size:
            yield from _entries_found(data[at:start])
        at = max(at, end)


def _entries_found(data: memoryview) -> Iterator[ArchiveEntry]:
    """The files that a part of an archive holds, told by what stands before each."""
    at = _next_head(data, 0)
    while at <= len(data) - _LOCAL.size:
        _, flags, method, packed, size, name_len, extra_len = _LOCAL.unpack_from(data, at)
        name_at = at + _LOCAL.size
        body = name_at + name_len + extra_len
        if flags & _SIZES_FOLLOW or _UNTOLD in {packed, size}:
            end = _next_head(data, body)
        else:
            end = min(body + packed, len(data))
        name = _name(data[name_at : name_at + name_len], flags)
        if end > body:
            yield ArchiveEntry(name, _content(data[body:end], method, flags, size), size)
        at = _next_head(data, max(end, name_at))


def _next_head(data: memoryview, at: int) -> int:
    """Where the next file begins, or else where the data ends; nothing is copied to find it."""
    found = _HEAD.search(data, at)
    return found.start() if found else len(data)


def _content(packed: memoryview, method: int, flags: int, size: int) -> Content:
    if flags & _ENCRYPTED:
        return ENCRYPTED
    if method == _STORED:
        return packed
    if method in _RAW:
        return decompress_raw(packed, method)
    if method == _LZMA and len(packed) > _LARGEST_LZMA:
        return f"compressed by LZMA to more than {_LARGEST_LZMA} bytes: not opened"
    if method == _LZMA:
        # Zip keeps the properties behind a version; a file of its own has them before the size.
        told = size.to_bytes(8, "little") if size < _UNTOLD else b"\xff" * 8
        return decompress(bytes(packed[4:9]) + told + bytes(packed[9:]), "lzma")
    if method in _PROGRAMS:
        return decompress(packed, _PROGRAMS[method])
    return f"compressed by method {method} of zip: not opened"


def _zip64_sizes(extra: memoryview, numbers: tuple[int, int, int]) -> tuple[int, int, int]:
    """The numbers of an entry; those too large for their place stand in an extra field."""
    if _UNTOLD not in numbers:
        return numbers
    at = 0
    while at + _EXTRA.size <= len(extra):
        field, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if field == _ZIP64:
            longs = [extra[i : i + 8] for i in range(at, at + length, 8)]
            rest = iter(int.from_bytes(each, "little") for each in longs)
            size, packed, offset = (next(rest, n) if n == _UNTOLD else n for n in numbers)
            return size, packed, offset
        at += length
    return numbers


def _name(raw: memoryview, flags: int) -> str:
    return bytes(raw).decode("utf-8" if flags & _UTF_8 else "cp437", "backslashreplace")
