"""In: how much a store has. Out: how much it may unpack to, counted down while it is walked.

A delta of 20 bytes can make an object of 64 MB, and a pack can have thousands of them. What comes
out of an object is free up to a multiple of its stored size; the rest is charged.
"""

from dataclasses import dataclass

LEAST = 512 << 20
"""Bytes beyond the free ones that any store may unpack to."""
RATIO = 1024
"""Bytes more, for each byte of a store: ten thousand versions of a large file have small deltas."""
OVER_BUDGET = "its store would unpack to more bytes than its size allows"
"""Why an object is not unpacked."""

FREE = 16 << 10
"""Bytes that any object may unpack to for nothing, whatever it is stored in."""
_FREE_RATIO = 64
"""Bytes more, for each stored byte."""


@dataclass(slots=True)
class Allowance:
    """Bytes that may still be unpacked beyond the free ones; below 0 once that was too much."""

    left: int

    def covers(self, stored: int, unpacked: int) -> bool:
        """Whether an object stored in so many bytes may be unpacked to so many."""
        return self.left >= 0 and _excess(stored, unpacked) <= self.left

    def charge(self, stored: int, unpacked: int, counted: int = 0) -> None:
        """Counts what came out of an object; so many bytes of it were counted before."""
        self.left -= _excess(stored, unpacked) - _excess(stored, counted)

    def charge_all(self, unpacked: int) -> None:
        """Counts so many bytes, none of them free: for what is unpacked again and again."""
        self.left -= unpacked


def _excess(stored: int, unpacked: int) -> int:
    return max(0, unpacked - FREE - _FREE_RATIO * stored)
