"""In: a pack and its index. Out: its objects in the order of the walk, and those that have none."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from mmap import mmap
from typing import TYPE_CHECKING, Any

from analyzer.git.delta_order import DeltaOrder, delta_order, delta_order_numpy
from analyzer.git.objects import KINDS, UnreadableObject
from analyzer.git.pack_headers import EntryHeaders, read_headers, read_headers_numpy
from analyzer.git.pack_index import PackIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = array[int] | NDArray[Any]
    _Columns = tuple[Column, Column, Column, Column, Column, Column, Column, Column, Column]

MANY = 40_000
"""Objects from which on the import of numpy pays for itself."""
_HEADER = 12
_SMALLEST = 9
"""Bytes of the shortest object: one of header, eight of an empty zlib stream."""
_WHOLE = range(1, len(KINDS))
_NO_PLACE = "its place is not in the pack"
_SAME_PLACE = "another object has the same place in the pack"
_RING = "its delta bases form a ring"
_WORK = 2000
"""Bytes of compressed data that take as long as what an object costs by itself."""


@dataclass(frozen=True, slots=True)
class PackLayout:
    """The objects of a pack as columns, in the order of the walk.

    `names` is where in the index the id lies, `starts` and `ends` where in the pack the compressed
    stream does. `families` has the places at which a family begins, and `work` what all objects
    up to a place cost.
    """

    where: str
    pack: mmap | bytes
    index: PackIndex
    names: Column
    starts: Column
    ends: Column
    sizes: Column
    kinds: Column
    base_slots: Column
    result_slots: Column
    chain_starts: Column
    cumulative_cost: Column
    unreadable: tuple[UnreadableObject, ...]


def build_layout(where: str, pack: mmap | bytes, index: PackIndex, many: int = MANY) -> PackLayout:
    """The objects that the index lists, each once. Packs of `many` or more are left to numpy."""
    last = len(pack) - index.width - _SMALLEST
    placed = (_many_places if index.count >= many else _places)(index, last)
    read: Any = read_headers_numpy if index.count >= many else read_headers
    arranged: Any = delta_order_numpy if index.count >= many else delta_order
    rows: EntryHeaders = read(pack, placed.offsets, index.width, _finder(index, placed.positions))
    walk: DeltaOrder = arranged(rows.bases)
    build = _many_columns if index.count >= many else _columns
    columns, left_out = build(index, len(pack) - index.width, placed, rows, walk)
    unreadable = [
        *_complaints(where, pack, index),
        *(UnreadableObject(index.oid(position), where, why) for position, why in placed.refused),
        *(UnreadableObject(index.oid(position), where, why) for position, why in left_out),
    ]
    return PackLayout(where, pack, index, *columns, unreadable=tuple(unreadable))


def _complaints(where: str, pack: mmap | bytes, index: PackIndex) -> Iterator[UnreadableObject]:
    """What does not fit between a pack and its index, though objects may be read all the same."""
    if pack[:4] != b"PACK" or pack[4:8] not in {b"\0\0\0\2", b"\0\0\0\3"}:
        yield UnreadableObject("", where, "it does not begin as a pack does", len(pack))
    elif (count := int.from_bytes(pack[8:_HEADER])) != index.count:
        reason = f"it has {count} objects, but its index lists {index.count}"
        yield UnreadableObject("", where, reason, len(pack))
    elif pack[-index.width :] != index.pack:
        yield UnreadableObject("", where, "its index was made for another pack", len(pack))


@dataclass(frozen=True, slots=True)
class _Places:
    """Offsets in ascending order, the position in the index of each, and positions refused."""

    offsets: Column
    positions: Column
    refused: list[tuple[int, str]]


def _places(index: PackIndex, last: int) -> _Places:
    offsets, positions, refused, before = array("q"), array("q"), [], -1
    for offset, position in sorted(zip(index.all_offsets(), range(index.count), strict=True)):
        if not _HEADER <= offset <= last:
            refused.append((position, _NO_PLACE))
        elif offset == before:
            refused.append((position, _SAME_PLACE))
        else:
            offsets.append(offset)
            positions.append(position)
            before = offset
    return _Places(offsets, positions, refused)


def _many_places(index: PackIndex, last: int) -> _Places:
    import numpy as np  # only large packs are worth it

    offsets = index.offset_array()
    positions = np.argsort(offsets, kind="stable")
    offsets = offsets[positions]
    inside = (offsets >= _HEADER) & (offsets <= last)
    # Not by their difference: that of two offsets as wrong as can be has no room in 64 bits.
    fresh = np.append(True, offsets[1:] != offsets[:-1])[: len(offsets)]
    refused = [(position, _NO_PLACE) for position in positions[~inside].tolist()]
    refused += [(position, _SAME_PLACE) for position in positions[inside & ~fresh].tolist()]
    kept = inside & fresh
    return _Places(offsets[kept], positions[kept], refused)


def _finder(index: PackIndex, positions: Column) -> Callable[[bytes], int]:
    """A function from an object id to its row, -1 where there is none."""
    row_at: dict[int, int] = {}

    def row_of(oid: bytes) -> int:
        if not row_at:
            row_at.update(zip(positions.tolist(), range(len(positions)), strict=True))
        return row_at.get(index.find(oid), -1)

    return row_of


def _reason(row: int, root: int, kind: int) -> str:
    """Why an object is left out whose family's root is no whole object but of that kind."""
    if row != root:
        return "its delta base can't be read"
    return "its delta base is not in the pack" if kind else "its header makes no sense"


def _columns(
    index: PackIndex, end: int, placed: _Places, rows: EntryHeaders, walk: DeltaOrder
) -> tuple[_Columns, list[tuple[int, str]]]:
    offsets, positions = placed.offsets, placed.positions
    good, left_out = array("q"), []
    for place, (row, root) in enumerate(zip(walk.rows, walk.roots, strict=True)):
        if (kind := rows.kinds[root]) in _WHOLE:
            good.append(place)
        else:
            left_out.append((positions[row], _reason(row, root, kind)))
    if len(walk.rows) < len(offsets):
        lost = set(range(len(offsets))).difference(walk.rows)
        left_out += [(positions[row], _RING) for row in sorted(lost)]
    following = array("q", offsets[1:])
    following.append(end)
    order = [walk.rows[place] for place in good]
    names = array("q", (index.first + positions[row] * index.step for row in order))
    starts, ends, sizes = (
        array("q", map(column.__getitem__, order)) for column in (rows.data, following, rows.sizes)
    )
    kinds = array("b", (rows.kinds[walk.roots[place]] for place in good))
    sources, slots = (
        array("b", map(column.__getitem__, good)) for column in (walk.base_slots, walk.result_slots)
    )
    families = array("q", (place for place, source in enumerate(sources) if source < 0))
    costs = (stop - start + _WORK for start, stop in zip(starts, ends, strict=True))
    work = array("q", accumulate(costs))
    return (names, starts, ends, sizes, kinds, sources, slots, families, work), left_out


def _many_columns(
    index: PackIndex, end: int, placed: _Places, rows: EntryHeaders, walk: DeltaOrder
) -> tuple[_Columns, list[tuple[int, str]]]:
    import numpy as np  # only large packs are worth it

    offsets, positions = np.asarray(placed.offsets), np.asarray(placed.positions)
    order, roots = np.asarray(walk.rows), np.asarray(walk.roots)
    kinds = np.asarray(rows.kinds)[roots]
    good = (kinds >= min(_WHOLE)) & (kinds <= max(_WHOLE))
    left_out = [
        (position, _reason(row, root, kind))
        for position, row, root, kind in zip(
            positions[order[~good]].tolist(),
            order[~good].tolist(),
            roots[~good].tolist(),
            kinds[~good].tolist(),
            strict=True,
        )
    ]
    lost = np.ones(len(offsets), dtype=bool)
    lost[order] = False
    left_out += [(position, _RING) for position in positions[lost].tolist()]
    order = order[good]
    starts = np.asarray(rows.data)[order]
    ends = np.append(offsets[1:], end)[order]
    sources = np.asarray(walk.base_slots)[good].astype(np.int8)
    columns = (
        index.first + positions[order] * index.step,
        starts,
        ends,
        np.asarray(rows.sizes)[order],
        kinds[good].astype(np.int8),
        sources,
        np.asarray(walk.result_slots)[good].astype(np.int8),
        np.flatnonzero(sources < 0),
        np.cumsum(ends - starts + _WORK),
    )
    return columns, left_out
