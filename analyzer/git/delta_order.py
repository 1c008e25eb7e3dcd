"""In: the delta base of each object of a pack. Out: an order in which every base comes first.

Objects that are deltas of each other form a tree; its root is stored whole. The order walks each
tree from its root down, and a body is kept in a *slot* until the last delta on it was applied. The
smallest branch goes first and the largest last: the largest takes over the slot of its base, which
nobody needs any more. So a tree of n objects needs no more than log2(n) + 1 slots, however deep.

An example, with rows 0 to 4. Row 0 is whole, 1 and 2 are deltas of it, 3 is one of 1, 4 one of 3:

    bases            -1  0  0  1  3        0 ─┬─ 2
    tree sizes        5  3  1  2  1           └─ 1 ── 3 ── 4
    rows              0  2  1  3  4        the order: 2 is the smaller branch
    base_slots       -1  0  0  0  0        where each finds its base
    result_slots      0  1  0  0  0        2 must not overwrite 0, which 1 still needs; 1 may
    roots             0  0  0  0  0

Two functions give the same order. The one in plain Python is the definition. That in numpy costs a
twentieth of it on packs of millions of objects, but importing numpy costs more than a small pack.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_SLOTS = 64
"""More than any pack needs: its format counts objects in 32 bits."""
_NO_SLOT = -1


@dataclass(frozen=True, slots=True)
class DeltaOrder:
    """`rows` in the order of the walk, without those that no root leads to; columns beside them.

    `base_slots` is the slot that holds the object's delta base, -1 for a root; `result_slots` the
    one that the object goes into; `roots` the row of its tree's root.
    """

    rows: Sequence[int]
    base_slots: Sequence[int]
    result_slots: Sequence[int]
    roots: Sequence[int]


class _Visit(NamedTuple):
    """A row to visit, the slot of its base, and the slot for its own body."""

    row: int
    base_slot: int
    result_slot: int


def delta_order(bases: Sequence[int]) -> DeltaOrder:
    """The order for the given bases: for each row that of its base, or a negative number.

    Rows whose bases form a ring are left out.
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
    """How many objects the tree below each row has, itself included."""
    reached = roots.copy()
    for row in reached:  # it grows while it is read
        reached.extend(branches.get(row, ()))
    sizes = [1] * len(bases)
    for row in reversed(reached):
        if (base := bases[row]) >= 0:
            sizes[base] += sizes[row]
    return sizes


def delta_order_numpy(bases: NDArray[Any]) -> DeltaOrder:
    """The same as `delta_order`, without a loop over the rows.

    A row's place in the order is a sum along its path from the root: one step for each row on the
    way, and the sizes of the branches that are walked before. Its slot is one, too: one for each
    branch on the way that is not the last of its base.
    """
    import numpy as np  # only large packs are worth it

    count = len(bases)
    every_row = np.arange(count)
    is_root = bases < 0
    # A root stands for its own base, so that looking further up stays with it.
    upper = np.where(is_root, every_row, bases)
    depths, roots = _sum_to_root((~is_root).astype(np.int64), upper)
    is_kept = bases[roots] < 0  # a ring has no root
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
    columns: tuple[Any, ...] = (rows, base_slots[rows], slots[rows], roots[rows])
    return DeltaOrder(*columns)


@dataclass(frozen=True, slots=True)
class _Siblings:
    """Deltas sorted by base and then by size: the order in which a base's branches are walked.

    `walked_before` counts the objects of the branches of the same base that come first; `is_last`
    is true for the largest one.
    """

    rows: NDArray[Any]
    walked_before: NDArray[Any]
    is_last: NDArray[Any]


def _siblings(bases: NDArray[Any], deltas: NDArray[Any], sizes: NDArray[Any]) -> _Siblings:
    import numpy as np  # only large packs are worth it

    rows = deltas[np.lexsort((sizes[deltas], bases[deltas]))]
    parents = bases[rows]
    walked = np.cumsum(sizes[rows]) - sizes[rows]
    starts = np.flatnonzero(np.diff(parents, prepend=-1))
    lengths = np.diff(starts, append=len(rows))
    is_last = np.zeros(len(rows), dtype=bool)
    is_last[starts + lengths - 1] = True
    return _Siblings(rows, walked - np.repeat(walked[starts], lengths), is_last)


def _sum_to_root(values: NDArray[Any], upper: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """For each row the sum of `values` from itself up to its root, and the root.

    `upper` is the row above each, a root's own for a root, whose value must be 0. Each turn doubles
    the distance that is looked up, so a chain of a million takes twenty turns. A ring has no root:
    its rows come out with some member of it.
    """
    sums = values
    for _ in range(len(values).bit_length()):
        higher = upper[upper]
        if (higher == upper).all():
            break
        sums = sums + sums[upper]
        upper = higher
    return sums, upper


def _add_sizes_to_bases(sizes: NDArray[Any], bases: NDArray[Any], depths: NDArray[Any]) -> None:
    """Adds the size of each row to that of its base, deepest first."""
    import numpy as np  # only large packs are worth it

    rows = np.argsort(depths, kind="stable")
    ends = np.cumsum(np.bincount(depths)).tolist()
    for depth in range(len(ends) - 1, 0, -1):
        level = rows[ends[depth - 1] : ends[depth]]
        np.add.at(sizes, bases[level], sizes[level])
