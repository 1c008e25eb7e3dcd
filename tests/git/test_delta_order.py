"""The order of the walk: bases first, each body kept only as long as a delta may need it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.git.delta_order import MOST_SLOTS, DeltaOrder, delta_order, delta_order_numpy


def _plainly(bases: list[int]) -> DeltaOrder:
    return delta_order(bases)


def _by_numpy(bases: list[int]) -> DeltaOrder:
    return delta_order_numpy(np.array(bases, dtype=np.int64))


WAYS = pytest.mark.parametrize("way", [_plainly, _by_numpy], ids=["plainly", "by numpy"])


@st.composite
def forests(draw: st.DrawFn, *, with_rings: bool = False) -> list[int]:
    """Bases of up to 60 rows in any order: roots are negative."""
    count = draw(st.integers(1, 60))
    shuffled = draw(st.permutations(range(count)))
    bases = [-1] * count
    for place, row in enumerate(shuffled):
        most = count if with_rings else place
        above = draw(st.integers(-2, most - 1))
        bases[row] = shuffled[above] if above >= 0 else above
    return bases


def _roots_of(bases: list[int]) -> dict[int, int]:
    """The root of each row that has one."""
    roots = {}
    for start in range(len(bases)):
        row, steps = start, 0
        while bases[row] >= 0 and steps <= len(bases):
            row, steps = bases[row], steps + 1
        if bases[row] < 0:
            roots[start] = row
    return roots


def _replayed(bases: list[int], found: DeltaOrder) -> None:
    """Walks the order with slots that really hold rows, as the walk over a pack does."""
    roots, slots = _roots_of(bases), {}
    rows = [int(row) for row in found.rows]
    assert sorted(rows) == sorted(roots)
    assert [int(root) for root in found.roots] == [roots[row] for row in rows]
    for row, source, slot in zip(rows, found.base_slots, found.result_slots, strict=True):
        assert (source < 0) == (bases[row] < 0)
        if source >= 0:
            assert slots[int(source)] == bases[row]
        slots[int(slot)] = row
        # The walk may drop all that lies above the slot, to keep memory in bounds.
        slots = {number: held for number, held in slots.items() if number <= slot}
    changes = sum(a != b for a, b in zip(found.roots[:-1], found.roots[1:], strict=True))
    assert changes + 1 == max(1, len(set(roots.values())))
    assert max((int(slot) for slot in found.result_slots), default=0) < len(bases).bit_length()


@WAYS
@given(bases=forests())
def test_every_base_is_at_hand_when_a_delta_needs_it(way, bases: list[int]) -> None:
    """Each row comes once, its base is in the slot it says, and no tree is split."""
    _replayed(bases, way(bases))


@WAYS
@given(bases=forests(with_rings=True))
def test_rings_are_left_out(way, bases: list[int]) -> None:
    """Rows whose bases lead round in a ring are not in the order; all others are."""
    _replayed(bases, way(bases))


@WAYS
def test_a_row_that_is_its_own_base_is_left_out(way) -> None:
    """A ring of one is a ring: neither it nor what builds on it is in the order."""
    assert [int(row) for row in way([0, -1, 0, 1]).rows] == [1, 3]


@WAYS
@pytest.mark.parametrize(
    "bases",
    [
        [-1, *range(5000)],
        [-1, *[0] * 5000],
        [-1, *[n // 2 for n in range(8191)]],
        [*range(1, 5001), -1],
    ],
    ids=["chain", "star", "binary tree", "chain, base last"],
)
def test_few_bodies_are_kept_whatever_the_tree(way, bases: list[int]) -> None:
    """A tree of n rows needs at most log2(n) + 1 slots, so no pack needs more than there are."""
    found = way(bases)
    most = max(int(slot) for slot in found.result_slots) + 1
    assert most <= len(bases).bit_length() <= MOST_SLOTS
    _replayed_lightly(bases, found)


def _replayed_lightly(bases: list[int], found: DeltaOrder) -> None:
    slots = {}
    for row, source, slot in zip(found.rows, found.base_slots, found.result_slots, strict=True):
        assert source < 0 or slots[int(source)] == bases[row]
        slots[int(slot)] = row
