"""In: the deltas of a walk over a pack. Out: what whoever walks had noted of the bases they are on.

Most objects of a pack are versions of another, and a delta says which parts of that they keep. Who
searches all objects for something need not search these parts again: `copied_runs`.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from analyzer.git.delta_order import MOST_SLOTS

SHORTEST_VERSION = 8 << 10
"""Bytes of an object below which it is searched sooner than its delta is read."""
_WORTH = 64
"""How many times as long as its delta an object has to be: a delta is read in Python."""
_COPIES = 0x80
"""The highest bit: of an operation that copies, and of each byte of a size but its last."""
_LONGEST_COPY = 0x10000
"""Bytes that a copy takes that states no size."""


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
    another size. Raises IndexError for one that breaks off, which no object is made of.
    """
    runs: list[CopiedRun] = []
    at, place = _skip_size(delta, _skip_size(delta, 0)), 0
    begin = end = shift = 0
    while at < len(delta):
        operation = delta[at]
        if operation < _COPIES:
            at += 1 + operation
            place += operation
            continue
        offset, length, at = _read_copy(delta, at)
        if place != end or offset - place != shift:
            if end - begin >= least:
                runs.append(CopiedRun(begin, end, begin + shift))
            begin, shift = place, offset - place
        place += length
        end = place
    if end - begin >= least:
        runs.append(CopiedRun(begin, end, begin + shift))
    return runs if place == size else []


def _skip_size(delta: bytes, at: int) -> int:
    """Where the size that begins at `at` ends: its last byte has no highest bit."""
    while delta[at] >= _COPIES:
        at += 1
    return at + 1


def _read_copy(delta: bytes, at: int) -> tuple[int, int, int]:
    """Offset and length of the copy at `at`, and where it ends.

    The first byte has a bit for each byte of them that follows, lowest first; the others are 0.
    Written out, as there are hundreds of thousands in a large repository.
    """
    operation = delta[at]
    at += 1
    offset = length = 0
    if operation & 0x01:
        offset = delta[at]
        at += 1
    if operation & 0x02:
        offset |= delta[at] << 8
        at += 1
    if operation & 0x04:
        offset |= delta[at] << 16
        at += 1
    if operation & 0x08:
        offset |= delta[at] << 24
        at += 1
    if operation & 0x10:
        length = delta[at]
        at += 1
    if operation & 0x20:
        length |= delta[at] << 8
        at += 1
    if operation & 0x40:
        length |= delta[at] << 16
        at += 1
    return offset, length or _LONGEST_COPY, at
