"""In: bytes and offsets in them. Out: the parts of the bytes around these offsets."""

import re
from collections.abc import Iterator, Sequence

_REACH = 4096
"""Bytes on either side of a spot: enough for the other half of a key and for the names of both."""
_LONGEST = 1 << 20
"""Bytes of one part, so that no text has to be held in memory in all its coats at once."""
_ALIGNED = 4
_PACKED = re.compile(rb"H4sI|SDRzSU|UEsD|e[JN]|QlpoO|/Td6WF|KLUv/")
"""How base64 of gzip, once and twice, zip, zlib, bzip2, xz and zstandard begins."""
_BEHIND, _AHEAD = 16, 8
"""Bytes before and behind a spot in which that stands, if it is what the spot tells of."""
_RUN = re.compile(rb"[A-Za-z0-9+/=_\-\s\\]*+")


def windows(data: bytes, spots: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Begin and end of parts that cover all spots with their surroundings, ascending.

    Parts begin and end between lines where a line's end is near, and at a multiple of four bytes,
    as wide characters do. Parts that are too long are cut in two that overlap.
    """
    begin = end = 0
    for spot in sorted(spots) if spots else [None]:
        # Only a run that holds the spot too goes on so far; it is not measured again.
        if spot is not None and end - spot > 2 * _REACH + _ALIGNED:
            continue
        first, last = (0, len(data)) if spot is None else _around(data, spot)
        if first > end:
            yield from _cut(begin, end)
            begin = first
        elif not end:
            begin = first
        end = max(end, last)
    yield from _cut(begin, end)


def _around(data: bytes, spot: int) -> tuple[int, int]:
    first, last = max(spot - _REACH, 0), min(spot + _REACH, len(data))
    if _PACKED.search(data, max(spot - _BEHIND, 0), spot + _AHEAD):
        run = _RUN.match(data, spot, spot + _LONGEST + 1)
        # A longer one is no text any more: what it holds is opened by itself.
        if run and run.end() - spot <= _LONGEST:
            last = max(last, run.end())
    if first:
        line = data.rfind(b"\n", max(first - _REACH, 0), first) + 1
        first = (line or first) & -_ALIGNED
    line = data.find(b"\n", last, last + _REACH) + 1
    last = min((line or last) + -(line or last) % _ALIGNED, len(data))
    return first, last


def _cut(begin: int, end: int) -> Iterator[tuple[int, int]]:
    while end - begin > _LONGEST + _REACH:
        yield begin, begin + _LONGEST
        begin += _LONGEST - _REACH
    if end > begin:
        yield begin, end
