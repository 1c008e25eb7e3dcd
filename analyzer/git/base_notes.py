"""In: the deltas of a walk over a pack. Out: what whoever walks had noted of the bases they are on.

Most objects of a pack are versions of another, and a delta says which parts of that they keep. Who
searches all objects for something need not search these parts again: `copied_runs`.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from analyzer.git.delta_order import MOST_SLOTS
from analyzer.git.deltas import iter_operations
from analyzer.git.safe_open import DamagedObject

SHORTEST_VERSION = 8 << 10
"""Bytes of an object below which it is searched sooner than its delta is read."""
_WORTH = 64
"""How many times as long as its delta an object has to be: a delta is read in Python."""


class CopiedRun(NamedTuple):
    """Bytes `begin` to `end` of an object, without `end`, that its base has from `source` on."""

    begin: int
    end: int
    source: int


@dataclass(slots=True)
class BaseNotes:
    """What was found in objects that deltas may still be applied to; `iter_pack` fills it in.

    `base` is the note on the base of the object that came last, and `delta` its delta: None and
    empty where there is no note, or where the delta is too long to be of use.
    """

    base: tuple[int, ...] | None = None
    delta: bytes = b""
    slot: int = 0
    by_slot: list[tuple[int, ...] | None] = field(default_factory=lambda: [None] * MOST_SLOTS)

    def keep(self, note: tuple[int, ...]) -> None:
        """Notes something on the object that came last, for the deltas on it."""
        self.by_slot[self.slot] = note

    def turn_to(self, slot: int, base_slot: int, delta: bytes, size: int) -> None:
        """Says which object comes next: its slot and size, and its delta or nothing."""
        is_of_use = delta and len(delta) * _WORTH < size
        self.base, self.delta = (self.by_slot[base_slot], delta) if is_of_use else (None, b"")
        self.by_slot[slot], self.slot = None, slot


def copied_runs(delta: bytes, size: int, least: int = 1) -> list[CopiedRun]:
    """What a delta that makes an object of `size` bytes copies, in order; what goes on is one run.

    Runs of fewer than `least` bytes are left out. Nothing of a delta that makes an object of
    another size, or that breaks off: no object is made of it.
    """
    runs: list[CopiedRun] = []
    place = begin = end = shift = 0
    try:
        for length, source, _ in iter_operations(delta):
            if source is not None:
                if place != end or source - place != shift:
                    if end - begin >= least:
                        runs.append(CopiedRun(begin, end, begin + shift))
                    begin, shift = place, source - place
                end = place + length
            place += length
    except DamagedObject:
        return []
    if end - begin >= least:
        runs.append(CopiedRun(begin, end, begin + shift))
    return runs if place == size else []
