"""In: a pack and where its objects begin. Out: the header of each object, as columns.

Two functions give the same: one in plain Python, and one by numpy for large packs, as the import of
numpy takes as long as 40,000 headers do plainly. The format: "gitformat-pack" of git.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import TYPE_CHECKING, Generic

from analyzer.git.columns import ColumnT

if TYPE_CHECKING:
    from analyzer.git.columns import NumpyColumn, PlainColumn

OFS_DELTA = 6
REF_DELTA = 7
KNOWN = frozenset({1, 2, 3, 4, OFS_DELTA, REF_DELTA})
NO_BASE = -1
"""The base of an object that is no delta."""
LOST_BASE = -2
"""The base of a delta whose base is not in the pack, or whose header makes no sense."""
_LONGEST = 8
"""Bytes that may follow the first one of a size or a distance: more would not fit in 64 bits."""
_MORE = 0x80


@dataclass(frozen=True, slots=True)
class EntryHeaders(Generic[ColumnT]):
    """One row for each object, in the order of the pack.

    `kinds` has the numbers of the pack format, 0 where the header makes no sense. `data` is where
    the compressed stream begins, `sizes` how many bytes it unpacks to. `bases` is the row of the
    delta base, or NO_BASE or LOST_BASE.
    """

    kinds: ColumnT
    data: ColumnT
    sizes: ColumnT
    bases: ColumnT


def read_headers(
    pack: mmap | bytes, offsets: Sequence[int], width: int, row_of: Callable[[bytes], int]
) -> EntryHeaders[PlainColumn]:
    """The headers at ascending offsets; `width` is the length of an id in bytes.

    `row_of` gives the row of an id, -1 for none. Every offset must leave room for a header before
    the end of the pack.
    """
    kinds, data, sizes, bases = (array("q") for _ in range(4))
    row_at: dict[int, int] = {}
    for row, offset in enumerate(offsets):
        byte = pack[offset]
        kind, size = byte >> 4 & 7, byte & 15
        at, shift = offset + 1, 4
        while byte & _MORE and at - offset <= _LONGEST:
            byte = pack[at]
            size |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
        if byte & _MORE or kind not in KNOWN:
            kind = 0
        base = NO_BASE
        if kind == OFS_DELTA:
            at, back = _read_base_distance(pack, at)
            base = row_at.get(offset - back, LOST_BASE)
        elif kind == REF_DELTA:
            base_row = row_of(pack[at : at + width])
            at, base = at + width, base_row if base_row >= 0 else LOST_BASE
        row_at[offset] = row  # Not before: at a distance of 0 lies no base, but the delta itself.
        kinds.append(kind)
        data.append(at)
        sizes.append(size)
        bases.append(base)
    return EntryHeaders(kinds, data, sizes, bases)


def _read_base_distance(pack: mmap | bytes, at: int) -> tuple[int, int]:
    """Where the distance to a delta's base ends, and the distance; 0 for nonsense."""
    byte = pack[at]
    back, end = byte & 127, at + 1
    while byte & _MORE:
        if end - at > _LONGEST:
            return end, 0
        byte = pack[end]
        back = (back + 1) << 7 | byte & 127
        end += 1
    return end, back


def read_headers_numpy(
    pack: mmap | bytes, offsets: NumpyColumn, width: int, row_of: Callable[[bytes], int]
) -> EntryHeaders[NumpyColumn]:
    """The same as `read_headers`, by numpy."""
    import numpy as np  # only large packs are worth it

    content = np.frombuffer(pack, dtype=np.uint8)
    at = offsets + 1
    first = content[offsets]
    kinds = (first >> 4 & 7).astype(np.int64)
    sizes = (first & 15).astype(np.int64)
    going = np.flatnonzero(first & _MORE)
    for shift in range(4, 4 + 7 * _LONGEST, 7):
        byte = content[at[going]]
        sizes[going] |= (byte & 127).astype(np.int64) << shift
        at[going] += 1
        going = going[byte & _MORE != 0]
    kinds[going] = 0
    kinds[kinds == 5] = 0  # noqa: PLR2004 - the format reserves it
    bases = np.full(len(offsets), NO_BASE)
    near = np.flatnonzero(kinds == OFS_DELTA)
    if len(near):
        back = _read_base_distances_numpy(content, at, near)
        rows = np.searchsorted(offsets, offsets[near] - back)
        lost = (back <= 0) | (offsets[rows] != offsets[near] - back)
        bases[near] = np.where(lost, LOST_BASE, rows)
    for row in np.flatnonzero(kinds == REF_DELTA).tolist():
        begin = int(at[row])
        base_row = row_of(pack[begin : begin + width])
        bases[row] = base_row if base_row >= 0 else LOST_BASE
        at[row] = begin + width
    return EntryHeaders(kinds, at, sizes, bases)


def _read_base_distances_numpy(
    content: NumpyColumn, at: NumpyColumn, near: NumpyColumn
) -> NumpyColumn:
    """How far before each of some rows its delta base lies, 0 for nonsense; moves `at` past it."""
    import numpy as np  # only large packs are worth it

    byte = content[at[near]]
    back = (byte & 127).astype(np.int64)
    at[near] += 1
    going = np.flatnonzero(byte & _MORE)
    for _ in range(_LONGEST):
        rows = near[going]
        byte = content[at[rows]]
        back[going] = (back[going] + 1) << 7 | byte & 127
        at[rows] += 1
        going = going[byte & _MORE != 0]
    back[going] = 0
    distances: NumpyColumn = np.maximum(back, 0)
    return distances
