"""In: the delta base of each object of a pack. Out: an order in which every base comes first.

A whole object and the deltas that build on it form a tree whose root is the whole object; the order
makes a delta chain of it. It walks each tree from its root down, and keeps a body in a *slot* until
the last delta on it was applied. The smallest branch goes first and the largest last: the largest
takes over the slot of its base, which no other needs any more. So a tree of n objects needs no more
than log2(n) + 1 slots, however deep it is.

An example, with rows 0 to 4. Row 0 is whole, 1 and 2 are deltas of it, 3 is one of 1, 4 one of 3:

    bases            -1  0  0  1  3        0 ─┬─ 2
    tree sizes        5  3  1  2  1           └─ 1 ── 3 ── 4
    rows              0  2  1  3  4        the order: 2 is the smaller branch
    base_slots       -1  0  0  0  0        where each finds the body of its base
    result_slots      0  1  0  0  0        2 must not overwrite 0, which 1 still needs; 1 may
    roots             0  0  0  0  0

Two functions give the same order. The one in plain Python is the definition. The one in numpy takes
a twentieth of the time on packs of millions of objects, but its import takes longer than a small
pack does.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple

from analyzer.git.columns import ColumnT

if TYPE_CHECKING:
    from analyzer.git.columns import NumpyColumn, PlainColumn

MOST_SLOTS = 64
"""More than any pack needs: its format counts objects in 32 bits."""
_NO_SLOT = -1


@dataclass(frozen=True, slots=True)
class DeltaOrder(Generic[ColumnT]):
    """`rows` in the order of the walk, without those in rings; the other columns go with them.

    `base_slots` is the slot that holds the body of the delta base, -1 for a root. `result_slots` is
    the slot for the object's own body, `roots` the row of the root of its tree.
    """

    rows: ColumnT
    base_slots: ColumnT
    result_slots: ColumnT
    roots: ColumnT


class _Visit(NamedTuple):
    """A row to visit, the slot of its base, and the slot for its own body."""

    row: int
    base_slot: int
    result_slot: int


def delta_order(bases: Sequence[int]) -> DeltaOrder[PlainColumn]:
    """The order for `bases`: for each row the row of its base, or a negative number for a root.

    Rows that no root leads to, since bases form a ring, are left out.
    """
    roots: list[int] = []
    branches: dict[int, list[int]] = {}
    for row, base in enumerate(bases):
        if base < 0:
            roots.append(row)
        else:
            branches.setdefault(base, []).append(row)
    sizes = _tree_sizes(bases, roots, branches)
    rows, base_slots, result_slots, tops = (array("q") for _ in range(4))
    for root in roots:
        waiting = [_Visit(root, _NO_SLOT, 0)]
        while waiting:
            row, base_slot, slot = waiting.pop()
            while True:
                rows.append(row)
                base_slots.append(base_slot)
                result_slots.append(slot)
                tops.append(root)
                own = branches.get(row)
                if own is None:
                    break
                if len(own) > 1:
                    # Last in, first out: the largest branch goes in first, and so comes last.
                    largest, *others = sorted(own, key=sizes.__getitem__, reverse=True)
                    waiting.append(_Visit(largest, slot, slot))
                    waiting.extend(_Visit(each, slot, slot + 1) for each in others)
                    break
                # Most objects have one delta or none: that one follows at once, in the same slot.
                row, base_slot = own[0], slot
    return DeltaOrder(rows, base_slots, result_slots, tops)


def _tree_sizes(
    bases: Sequence[int], roots: list[int], branches: dict[int, list[int]]
) -> list[int]:
    """How many objects the tree below each row has, with itself."""
    reached = roots.copy()
    for row in reached:  # The list grows while it is read.
        reached.extend(branches.get(row, ()))
    sizes = [1] * len(bases)
    for row in reversed(reached):
        if (base := bases[row]) >= 0:
            sizes[base] += sizes[row]
    return sizes


def delta_order_numpy(bases: NumpyColumn) -> DeltaOrder[NumpyColumn]:
    """The same as `delta_order`, without a loop over the rows.

    A row's place in the order is a sum along the way from its root: one for each row on the way,
    and the sizes of the branches that are walked before. So is its slot: one for each branch on the
    way that is not the last one walked of its base.
    """
    import numpy as np  # only large packs are worth it

    count = len(bases)
    every_row = np.arange(count)
    is_root = bases < 0
    # A root stands for its own base, so that looking further up stays with it.
    upper = np.where(is_root, every_row, bases)
    depths, roots = _sum_to_root((~is_root).astype(np.int64), upper)
    is_kept = bases[roots] < 0  # In a ring, what came out as root is no root.
    sizes = np.ones(count, dtype=np.int64)
    _add_sizes_to_bases(sizes, bases, np.where(is_kept, depths, 0))
    siblings = _siblings(bases, np.flatnonzero(~is_root & is_kept), sizes)

    steps = np.zeros(count, dtype=np.int64)
    steps[siblings.rows] = 1 + siblings.walked_before
    tops = np.flatnonzero(is_root)
    tree_starts = np.zeros(count, dtype=np.int64)
    tree_starts[tops] = np.cumsum(sizes[tops]) - sizes[tops]
    places = _sum_to_root(steps, upper)[0] + tree_starts[roots]

    takes_new_slot = np.zeros(count, dtype=np.int64)
    takes_new_slot[siblings.rows] = ~siblings.is_last
    slots = _sum_to_root(takes_new_slot, upper)[0]

    rows = np.empty(int(is_kept.sum()), dtype=np.int64)
    rows[places[is_kept]] = every_row[is_kept]
    base_slots = np.where(is_root, _NO_SLOT, slots - takes_new_slot)
    return DeltaOrder(rows, base_slots[rows], slots[rows], roots[rows])


@dataclass(frozen=True, slots=True)
class _Siblings:
    """Deltas sorted by base, and those of one base by size: so its branches are walked.

    `walked_before` counts the objects in branches of the same base that are walked earlier;
    `is_last` is true for the one walked last, which is the largest.
    """

    rows: NumpyColumn
    walked_before: NumpyColumn
    is_last: NumpyColumn


def _siblings(bases: NumpyColumn, deltas: NumpyColumn, sizes: NumpyColumn) -> _Siblings:
    import numpy as np  # only large packs are worth it

    rows = deltas[np.lexsort((sizes[deltas], bases[deltas]))]
    parents = bases[rows]
    walked = np.cumsum(sizes[rows]) - sizes[rows]
    starts = np.flatnonzero(np.diff(parents, prepend=-1))
    lengths = np.diff(starts, append=len(rows))
    is_last = np.zeros(len(rows), dtype=bool)
    is_last[starts + lengths - 1] = True
    return _Siblings(rows, walked - np.repeat(walked[starts], lengths), is_last)


def _sum_to_root(values: NumpyColumn, upper: NumpyColumn) -> tuple[NumpyColumn, NumpyColumn]:
    """For each row the sum of `values` from itself up to its root, and the root.

    `upper` is the row above each, and the row itself for a root, whose value must be 0. Each turn
    doubles the distance summed so far, so a chain of a million takes twenty turns. Where there is a
    ring and so no root, some row of the ring is given instead.
    """
    sums = values
    for _ in range(len(values).bit_length()):
        higher = upper[upper]
        if (higher == upper).all():
            break
        sums = sums + sums[upper]
        upper = higher
    return sums, upper


def _add_sizes_to_bases(sizes: NumpyColumn, bases: NumpyColumn, depths: NumpyColumn) -> None:
    """Adds the size of each row to that of its base, deepest first."""
    import numpy as np  # only large packs are worth it

    rows = np.argsort(depths, kind="stable")
    ends = np.cumsum(np.bincount(depths)).tolist()
    for depth in range(len(ends) - 1, 0, -1):
        level = rows[ends[depth - 1] : ends[depth]]
        np.add.at(sizes, bases[level], sizes[level])
