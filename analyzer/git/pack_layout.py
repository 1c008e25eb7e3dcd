"""In: a pack and its index. Out: its objects as columns, in an order in which bases come first.

There are two ways to the same result: plain Python, and numpy for packs of `MANY` objects or more.
`_PLAIN` and `_NUMPY` hold the four functions of each; tests compare what they give.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from mmap import mmap
from typing import TYPE_CHECKING, Generic, TypeAlias

from analyzer.git.columns import ColumnT
from analyzer.git.delta_order import DeltaOrder, delta_order, delta_order_numpy
from analyzer.git.objects import KINDS, UnreadableObject
from analyzer.git.pack_headers import EntryHeaders, read_headers, read_headers_numpy
from analyzer.git.pack_index import PackIndex

if TYPE_CHECKING:
    from analyzer.git.columns import Column, NumpyColumn, PlainColumn

MANY = 40_000
"""From this number of objects on the import of numpy pays for itself."""
_HEADER = 12
_SMALLEST = 9
"""Bytes of the shortest object: one of header, eight of an empty zlib stream."""
_WHOLE = range(1, len(KINDS))
_OUT_OF_PACK = "its place is not in the pack"
_SAME_PLACE = "another object has the same place in the pack"
_RING = "its delta bases form a ring"
OBJECT_COST = 2000
"""What each object costs by itself, in bytes of compressed data that take as long."""


@dataclass(frozen=True, slots=True)
class PackColumns:
    """The objects of a pack that can be read, one row each, in the order of `DeltaOrder`.

    `names` is where in the index the object id lies; `starts` and `ends` are the bounds of the
    compressed stream in the pack, `sizes` the bytes that it unpacks to. `kinds` are indexes of
    KINDS, for a delta that of the object it makes. `base_slots` and `result_slots` are those of
    `DeltaOrder`. `chain_starts` has the rows of whole objects, each of which is followed by the
    deltas on it: a delta chain. `cumulative_cost` is what each row and all before it cost, in bytes
    of compressed data.
    """

    names: Column
    starts: Column
    ends: Column
    sizes: Column
    kinds: Column
    base_slots: Column
    result_slots: Column
    chain_starts: Column
    cumulative_cost: Column


PackRow: TypeAlias = tuple[int, int, int, int, int, int, int]
"""name, start, end, size, kind, base_slot, result_slot of one object; see `PackColumns`.

A plain tuple: there are millions, and one with named fields would cost a tenth of the walk.
"""


@dataclass(frozen=True, slots=True)
class PackLayout:
    """A pack, its index, its readable objects as columns, and what can't be read of it."""

    where: str
    pack: mmap | bytes
    index: PackIndex
    columns: PackColumns
    unreadable: tuple[UnreadableObject, ...]

    @property
    def is_mapped(self) -> bool:
        """Whether the pack is mapped: if it is cut off meanwhile, its reader is killed."""
        return isinstance(self.pack, mmap)

    @property
    def count(self) -> int:
        """How many objects can be read."""
        return len(self.columns.names)

    def rows(self, part: slice) -> Iterator[PackRow]:
        """The objects of a part of the rows; each column is made a list first, for speed."""
        of = self.columns
        return zip(
            of.names[part].tolist(),
            of.starts[part].tolist(),
            of.ends[part].tolist(),
            of.sizes[part].tolist(),
            of.kinds[part].tolist(),
            of.base_slots[part].tolist(),
            of.result_slots[part].tolist(),
            strict=True,
        )


def build_layout(where: str, pack: mmap | bytes, index: PackIndex, many: int = MANY) -> PackLayout:
    """The layout of the objects that the index lists; by numpy where these are `many` or more.

    Never raises: what can't be read is in `unreadable`, each object once.
    """
    lay_out = _NUMPY.lay_out if index.count >= many else _PLAIN.lay_out
    columns, left_out = lay_out(pack, index)
    unreadable = [
        *_check_pack(where, pack, index),
        *(UnreadableObject(index.oid(position), where, why) for position, why in left_out),
    ]
    return PackLayout(where, pack, index, columns, tuple(unreadable))


def _check_pack(where: str, pack: mmap | bytes, index: PackIndex) -> Iterator[UnreadableObject]:
    """How a pack does not fit its index, though objects may be readable all the same."""
    if pack[:4] != b"PACK" or pack[4:8] not in {b"\0\0\0\2", b"\0\0\0\3"}:
        yield UnreadableObject("", where, "it does not begin as a pack does", len(pack))
    elif (count := int.from_bytes(pack[8:_HEADER])) != index.count:
        reason = f"it has {count} objects, but its index lists {index.count}"
        yield UnreadableObject("", where, reason, len(pack))
    elif pack[-index.width :] != index.pack:
        yield UnreadableObject("", where, "its index was made for another pack", len(pack))


@dataclass(frozen=True, slots=True)
class _Placed(Generic[ColumnT]):
    """Offsets in ascending order, and the position in the index of each.

    `refused` has the positions whose offsets are of no use, and why.
    """

    offsets: ColumnT
    positions: ColumnT
    refused: list[tuple[int, str]]


def _place(index: PackIndex, last: int) -> _Placed[PlainColumn]:
    offsets, positions, refused, before = array("q"), array("q"), [], -1
    for offset, position in sorted(zip(index.all_offsets(), range(index.count), strict=True)):
        if not _HEADER <= offset <= last:
            refused.append((position, _OUT_OF_PACK))
        elif offset == before:
            refused.append((position, _SAME_PLACE))
        else:
            offsets.append(offset)
            positions.append(position)
            before = offset
    return _Placed(offsets, positions, refused)


def _place_numpy(index: PackIndex, last: int) -> _Placed[NumpyColumn]:
    import numpy as np  # only large packs are worth it

    offsets = index.offset_array()
    positions = np.argsort(offsets, kind="stable")
    offsets = offsets[positions]
    inside = (offsets >= _HEADER) & (offsets <= last)
    # Not by their difference, which for absurd offsets would not fit in 64 bits.
    fresh = np.append(True, offsets[1:] != offsets[:-1])[: len(offsets)]
    refused = [(position, _OUT_OF_PACK) for position in positions[~inside].tolist()]
    refused += [(position, _SAME_PLACE) for position in positions[inside & ~fresh].tolist()]
    kept = inside & fresh
    return _Placed(offsets[kept], positions[kept], refused)


def _row_finder(index: PackIndex, positions: Column) -> Callable[[bytes], int]:
    """A function from an object id to its row, -1 where there is none."""
    row_at: dict[int, int] = {}

    def row_of(oid: bytes) -> int:
        if not row_at:
            row_at.update(zip(positions.tolist(), range(len(positions)), strict=True))
        return row_at.get(index.find(oid), -1)

    return row_of


def _left_out_reason(row: int, root: int, kind: int) -> str:
    """Why an object is left out whose chain begins with no whole object, but one of that kind."""
    if row != root:
        return "its delta base can't be read"
    return "its delta base is not in the pack" if kind else "its header makes no sense"


def _arrange(
    index: PackIndex,
    end: int,
    placed: _Placed[PlainColumn],
    headers: EntryHeaders[PlainColumn],
    order: DeltaOrder[PlainColumn],
) -> tuple[PackColumns, list[tuple[int, str]]]:
    """The columns in their order, and positions in the index that are left out, with the reason."""
    offsets, positions = placed.offsets, placed.positions
    good, left_out = array("q"), []
    for place, (row, root) in enumerate(zip(order.rows, order.roots, strict=True)):
        if (kind := headers.kinds[root]) in _WHOLE:
            good.append(place)
        else:
            left_out.append((positions[row], _left_out_reason(row, root, kind)))
    if len(order.rows) < len(offsets):
        in_rings = set(range(len(offsets))).difference(order.rows)
        left_out += [(positions[row], _RING) for row in sorted(in_rings)]
    next_offsets = array("q", offsets[1:])
    next_offsets.append(end)
    rows = [order.rows[place] for place in good]
    starts = array("q", map(headers.data.__getitem__, rows))
    ends = array("q", map(next_offsets.__getitem__, rows))
    base_slots = array("b", map(order.base_slots.__getitem__, good))
    costs = (stop - start + OBJECT_COST for start, stop in zip(starts, ends, strict=True))
    columns = PackColumns(
        names=array("q", (index.first + positions[row] * index.step for row in rows)),
        starts=starts,
        ends=ends,
        sizes=array("q", map(headers.sizes.__getitem__, rows)),
        # A delta makes an object of the kind that its root has.
        kinds=array("b", (headers.kinds[order.roots[place]] for place in good)),
        base_slots=base_slots,
        result_slots=array("b", map(order.result_slots.__getitem__, good)),
        chain_starts=array("q", (row for row, slot in enumerate(base_slots) if slot < 0)),
        cumulative_cost=array("q", accumulate(costs)),
    )
    return columns, left_out


def _arrange_numpy(
    index: PackIndex,
    end: int,
    placed: _Placed[NumpyColumn],
    headers: EntryHeaders[NumpyColumn],
    order: DeltaOrder[NumpyColumn],
) -> tuple[PackColumns, list[tuple[int, str]]]:
    """The same as `_arrange`, by numpy."""
    import numpy as np  # only large packs are worth it

    offsets, positions, rows, roots = placed.offsets, placed.positions, order.rows, order.roots
    kinds = headers.kinds[roots]
    good = (kinds >= min(_WHOLE)) & (kinds <= max(_WHOLE))
    left_out = [
        (position, _left_out_reason(row, root, kind))
        for position, row, root, kind in zip(
            positions[rows[~good]].tolist(),
            rows[~good].tolist(),
            roots[~good].tolist(),
            kinds[~good].tolist(),
            strict=True,
        )
    ]
    in_ring = np.ones(len(offsets), dtype=bool)
    in_ring[rows] = False
    left_out += [(position, _RING) for position in positions[in_ring].tolist()]
    rows = rows[good]
    starts = headers.data[rows]
    ends = np.append(offsets[1:], end)[rows]
    base_slots = order.base_slots[good].astype(np.int8)
    columns = PackColumns(
        names=index.first + positions[rows] * index.step,
        starts=starts,
        ends=ends,
        sizes=headers.sizes[rows],
        kinds=kinds[good].astype(np.int8),
        base_slots=base_slots,
        result_slots=order.result_slots[good].astype(np.int8),
        chain_starts=np.flatnonzero(base_slots < 0),
        cumulative_cost=np.cumsum(ends - starts + OBJECT_COST),
    )
    return columns, left_out


@dataclass(frozen=True, slots=True)
class _Way(Generic[ColumnT]):
    """The four steps to the columns of a pack, done in one of the two ways."""

    place: Callable[[PackIndex, int], _Placed[ColumnT]]
    read_headers: Callable[
        [mmap | bytes, ColumnT, int, Callable[[bytes], int]], EntryHeaders[ColumnT]
    ]
    order: Callable[[ColumnT], DeltaOrder[ColumnT]]
    arrange: Callable[
        [PackIndex, int, _Placed[ColumnT], EntryHeaders[ColumnT], DeltaOrder[ColumnT]],
        tuple[PackColumns, list[tuple[int, str]]],
    ]

    def lay_out(
        self, pack: mmap | bytes, index: PackIndex
    ) -> tuple[PackColumns, list[tuple[int, str]]]:
        """The columns, and the positions in the index that are not in them, with the reason."""
        end = len(pack) - index.width
        placed = self.place(index, end - _SMALLEST)
        row_of = _row_finder(index, placed.positions)
        headers = self.read_headers(pack, placed.offsets, index.width, row_of)
        columns, left_out = self.arrange(index, end, placed, headers, self.order(headers.bases))
        return columns, placed.refused + left_out


_PLAIN = _Way(_place, read_headers, delta_order, _arrange)
_NUMPY = _Way(_place_numpy, read_headers_numpy, delta_order_numpy, _arrange_numpy)
