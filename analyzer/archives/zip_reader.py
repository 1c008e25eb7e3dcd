"""In: the bytes of a zip archive. Out: its entries, whose content is unpacked only when read.

The format is parsed here rather than by a library: no list of all entries is kept in memory, and
false sizes and places do no harm.
Format: APPNOTE.TXT of PKWARE 6.3.10.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
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
"""The bytes as they are stored; or the pieces that they unpack to; or why they are not opened."""

ENCRYPTED = "encrypted"
"""The reason why a file is not opened that needs a password."""
_TWO_DESCRIPTIONS = "damaged: the list of files and the file's own head disagree"
_ZIP64_END = b"PK\x06\x06"
_SIGNATURE = b"PK\x05\x05"
"""What stands before a digital signature of the list."""
_HEADER = re.compile(re.escape(ZIP_FILE))
_END = struct.Struct("<12xLLH")
_END64 = struct.Struct("<40xQQ")
_LISTED = struct.Struct("<4s4xHH4xLLLHHH8xL")
_LOCAL = struct.Struct("<4s2xHH8xLLHH")
_EXTRA = struct.Struct("<HH")
_ZIP64, _NOT_STATED = 1, 0xFFFFFFFF
"""The extra field with numbers above 32 bits, and what stands in place of each of these."""
_ENCRYPTED, _SIZES_FOLLOW, _UTF_8 = 1, 8, 0x800
_STORED, _LZMA = 0, 14
_SLICE = 1 << 20
"""Bytes of a slice of what is packed, where it can't be given as it lies."""
_RAW = {8, 12}
_PROGRAMS = {93: "zstandard", 95: "xz"}


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One file in an archive, with the size that the archive states, and its CRC-32 if stated."""

    name: str
    content: Content
    size: int
    checksum: int | None = None


def read_zip(data: memoryview, *, is_strict: bool = False) -> Iterator[ArchiveEntry]:
    """Every file of a zip archive: those that it lists, then those that lie in it unlisted.

    With `is_strict`, only files that are listed come, and one that the list and its own header
    describe differently is not opened. Raises DamagedError at the end where there is no list, or
    where it breaks off before its end.
    """
    spans: list[tuple[int, int]] = []
    begin, stop, shift = _directory(data)
    while begin is not None and bytes(data[begin : begin + 4]) == ZIP_LISTED:
        entries, span, begin = _read_directory_entry(data, begin, shift)
        if is_strict and len(entries) > 1:
            first = entries[0]
            yield ArchiveEntry(first.name, _TWO_DESCRIPTIONS, first.size)
        elif entries:
            spans.append(span)
            yield from entries
    if not is_strict:
        yield from _read_unlisted(data, spans)
    if begin is None:
        raise DamagedError("damaged: the list of its files is missing")
    if begin < stop and bytes(data[begin : begin + 4]) != _SIGNATURE:
        raise DamagedError("damaged: the list of its files breaks off")


def iter_zip_comments(data: memoryview) -> Iterator[bytes]:
    """Extra fields and comment of each file that a zip archive lists, and the archive's comment."""
    at, _, _ = _directory(data)
    if at is None:
        return
    while at + _LISTED.size <= len(data) and bytes(data[at : at + 4]) == ZIP_LISTED:
        *_, name_len, extra_len, note_len, _ = _LISTED.unpack_from(data, at)
        begin = at + _LISTED.size + name_len
        at = begin + extra_len + note_len
        yield bytes(data[begin:at])
    end = zip_end(data)
    yield bytes(data[end + ZIP_TAIL :]) if end is not None else b""


def _directory(data: memoryview) -> tuple[int | None, int, int]:
    """Where the list of files begins and ends, and by how much all places in it must be shifted.

    They are shifted if something stands before the archive, such as a program. None for no list:
    one that begins behind files and has none is as good as none.
    """
    end = zip_end(data)
    if end is None and bytes(data[-ZIP_TAIL : 4 - ZIP_TAIL]) == ZIP_END:
        end = len(data) - ZIP_TAIL
    if end is None or end + ZIP_TAIL > len(data):
        return None, 0, 0
    size, offset, _ = _END.unpack_from(data, end)
    # A large archive states both in a longer record, which stands right before.
    longer = end - ZIP64_TAIL - _END64.size
    if longer >= 0 and bytes(data[longer : longer + 4]) == _ZIP64_END:
        end = longer
        size, offset = _END64.unpack_from(data, end)
    begin = end - size
    is_lost = begin < 0 or (size == 0 and offset > 0)
    return (None, 0, 0) if is_lost else (begin, end, begin - offset)


def _read_directory_entry(
    data: memoryview, at: int, shift: int
) -> tuple[list[ArchiveEntry], tuple[int, int], int | None]:
    """The file that the list has at `at`, the span of its bytes, and where the list goes on.

    It comes as two entries where the list and the file's own header disagree on how it is packed:
    programs believe the one or the other, so a disagreement may be there to hide something.
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
    listed = _Packing(method, flags & _ENCRYPTED, packed)
    own, body = _read_header(data, start, listed)
    if name.endswith("/") and not packed and not own.packed:
        return [], (start, body), end
    entries = [
        ArchiveEntry(
            name,
            _content(data[body : body + each.packed], each.method, each.flags, size),
            size,
            checksum,
        )
        for each in dict.fromkeys((listed, own))
    ]
    return entries, (start, min(body + max(packed, own.packed), len(data))), end


class _Packing(NamedTuple):
    """How a file is packed: method of compression, whether encrypted, and packed size in bytes."""

    method: int
    flags: int
    packed: int


def _read_header(data: memoryview, start: int, listed: _Packing) -> tuple[_Packing, int]:
    """How a file is packed by its own header, and where its content begins.

    Where the header leaves out the packed size, that of the list is taken.
    """
    _, flags, method, packed, size, name_len, extra_len = _LOCAL.unpack_from(data, start)
    body = start + _LOCAL.size + name_len + extra_len
    _, packed, _ = _zip64_sizes(data[body - extra_len : body], (size, packed, 0))
    if flags & _SIZES_FOLLOW or packed == _NOT_STATED or not packed:
        packed = listed.packed
    return _Packing(method, flags & _ENCRYPTED, packed), body


def _read_unlisted(data: memoryview, spans: list[tuple[int, int]]) -> Iterator[ArchiveEntry]:
    """The files outside of the spans of those listed; all files where the list is missing."""
    at = 0
    for start, end in [*sorted(spans), (len(data), len(data))]:
        if start - at >= _LOCAL.size:
            yield from _read_gap(data[at:start])
        at = max(at, end)


def _read_gap(data: memoryview) -> Iterator[ArchiveEntry]:
    """The files in a part of an archive that the list says nothing of, found by their headers."""
    at = _find_header(data, 0)
    while at <= len(data) - _LOCAL.size:
        _, flags, method, packed, size, name_len, extra_len = _LOCAL.unpack_from(data, at)
        name_at = at + _LOCAL.size
        body = name_at + name_len + extra_len
        if flags & _SIZES_FOLLOW or _NOT_STATED in {packed, size}:
            end = _find_header(data, body)
        else:
            end = min(body + packed, len(data))
        name = _name(data[name_at : name_at + name_len], flags)
        if end > body:
            yield ArchiveEntry(name, _content(data[body:end], method, flags, size), size)
        at = _find_header(data, max(end, name_at))


def _find_header(data: memoryview, at: int) -> int:
    """Where the next file begins, or else where the data ends; nothing is copied to find it."""
    header = _HEADER.search(data, at)
    return header.start() if header else len(data)


def _content(packed: memoryview, method: int, flags: int, size: int) -> Content:
    """The content of a file that is packed so, or why it is not opened."""
    if flags & _ENCRYPTED:
        return ENCRYPTED
    if method == _STORED:
        return packed
    if method in _RAW:
        return decompress_raw(packed, method)
    if method == _LZMA:
        # In zip, LZMA's properties follow a version; in an LZMA file, its size follows them.
        stated = size.to_bytes(8, "little") if size < _NOT_STATED else b"\xff" * 8
        head = bytes(packed[4:9]) + stated
        return decompress(chain((head,), _slices(packed[9:])), "lzma")
    if method in _PROGRAMS:
        return decompress(packed, _PROGRAMS[method])
    return f"compressed by method {method} of zip: not opened"


def _slices(packed: memoryview) -> Iterator[bytes]:
    return (bytes(packed[at : at + _SLICE]) for at in range(0, len(packed), _SLICE))


def _zip64_sizes(extra: memoryview, numbers: tuple[int, int, int]) -> tuple[int, int, int]:
    """Size, packed size and offset; those too large for 32 bits are taken from an extra field."""
    if _NOT_STATED not in numbers:
        return numbers
    at = 0
    while at + _EXTRA.size <= len(extra):
        field, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if field == _ZIP64:
            longs = [extra[i : i + 8] for i in range(at, at + length, 8)]
            rest = iter(int.from_bytes(each, "little") for each in longs)
            size, packed, offset = (next(rest, n) if n == _NOT_STATED else n for n in numbers)
            return size, packed, offset
        at += length
    return numbers


def _name(raw: memoryview, flags: int) -> str:
    return bytes(raw).decode("utf-8" if flags & _UTF_8 else "cp437", "backslashreplace")
