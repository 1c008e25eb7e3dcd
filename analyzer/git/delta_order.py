"""In: the delta base of each object of a pack. Out: an order in which every base comes first.

The order is that of a walk over each family from its root down, smallest branch first. A body is
kept in a slot until the last delta on it has been applied. As the largest branch takes over the
slot of its base, a family of n objects needs no more than log2(n) + 1 slots, however deep it is.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_SLOTS = 64
"""More than any pack needs: its format counts objects in 32 bits."""


@dataclass(frozen=True, slots=True)
class DeltaOrder:
    """`rows` in the order of the walk, without those that no root leads to.

    `sources` is the slot that holds an object's delta base, -1 for a root; `slots` the one that
    the object is to be put into; `roots` the row of the family's root.
    """

    rows: Sequence[int]
    base_slots: Sequence[int]
    result_slots: Sequence[int]
    roots: Sequence[int]


def delta_order(bases: Sequence[int]) -> DeltaOrder:
    """The order for the given bases: a row, or a negative number for a root."""
    roots: list[int] = []
    branches: dict[int, list[int]] = {}
    for row, base in enumerate(bases):
        if base < 0:
            roots.append(row)
        else:
            branches.setdefault(base, []).append(row)
    sizes = _sizes(bases, roots, branches)
    rows, sources, slots, tops = (array("q") for _ in range(4))
    for root in roots:
        waiting = [(root, -1, 0)]
        while waiting:
            row, source, slot = waiting.pop()
            while True:
                rows.append(row)
                sources.append(source)
                slots.append(slot)
                tops.append(root)
                own = branches.get(row)
                if own is None:
                    break
                if len(own) > 1:
                    own.sort(key=sizes.__getitem__, reverse=True)
                    waiting.append((own[0], slot, slot))
                    waiting.extend((branch, slot, slot + 1) for branch in own[1:])
                    break
                # Most objects have one delta or none: that one follows at once.
                row, source = own[0], slot
    return DeltaOrder(rows, sources, slots, tops)


def _sizes(bases: Sequence[int], roots: list[int], branches: dict[int, list[int]]) -> list[int]:
    """How many objects stand below each, itself included."""
    reached = roots.copy()
    for row in reached:  # it grows while it is read
        reached.extend(branches.get(row, ()))
    sizes = [1] * len(bases)
    for row in reversed(reached):
        if (base := bases[row]) >= 0:
            sizes[base] += sizes[row]
    return sizes


def delta_order_numpy(bases: NDArray[Any]) -> DeltaOrder:
    """The same as `order`, by numpy."""
    import numpy as np  # only large packs are worth it

    count = len(bases)
    own = np.arange(count)
    upper = np.where(bases < 0, own, bases)
    depths, roots = _summed((bases >= 0).astype(np.int64), upper)
    kept = bases[roots] < 0
    sizes = np.ones(count, dtype=np.int64)
    _add_up(sizes, bases, np.where(kept, depths, 0))
    branches = np.flatnonzero((bases >= 0) & kept)
    branches = branches[np.lexsort((sizes[branches], bases[branches]))]
    parents = bases[branches]
    before = np.cumsum(sizes[branches]) - sizes[branches]
    starts = np.flatnonzero(np.diff(parents, prepend=-1))
    lengths = np.diff(starts, append=len(branches))
    steps = np.zeros(count, dtype=np.int64)
    steps[branches] = 1 + before - np.repeat(before[starts], lengths)
    aside = np.zeros(count, dtype=np.int64)
    aside[branches] = 1
    aside[branches[starts + lengths - 1]] = 0
    tops = np.flatnonzero(bases < 0)
    steps[tops] = np.cumsum(sizes[tops]) - sizes[tops]
    # A root stands above itself: its own step must not be added twice.
    offsets = steps[roots]
    steps[tops] = 0
    places = _summed(steps, upper)[0] + offsets
    slots = _summed(aside, upper)[0]
    rows = np.empty(int(kept.sum()), dtype=np.int64)
    rows[places[kept]] = own[kept]
    sources = np.where(bases < 0, -1, slots - aside)
    columns: tuple[Any, ...] = (rows, sources[rows], slots[rows], roots[rows])
    return DeltaOrder(*columns)


def _summed(values: NDArray[Any], upper: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The sum over each row and all that stand above it, and the topmost one, whose value is 0.

    Each turn doubles the distance that is looked up. A ring has no top: its rows come out with
    some member of it.
    """
    sums = values
    for _ in range(len(values).bit_length()):
        higher = upper[upper]
        if (higher == upper).all():
            break
        sums = sums + sums[upper]
        upper = higher
    return sums, upper


def _add_up(sizes: NDArray[Any], bases: NDArray[Any], depths: NDArray[Any]) -> None:
    """Adds the size of each row to that of its base, deepest first."""
    import numpy as np  # only large packs are worth it

    rows = np.argsort(depths, kind="stable")
    ends = np.cumsum(np.bincount(depths)).tolist()
    for depth in range(len(ends) - 1, 0, -1):
        level = rows[ends[depth - 1] : ends[depth]]
        np.add.at(sizes, bases[level], sizes[level])
