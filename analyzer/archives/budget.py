"""In: nothing. Out: a count of the work that one file may cost, and what was refused for it.

Work is counted in bytes, layers and members, never in seconds, so a run can be repeated.
"""

from dataclasses import dataclass, field

_LEAST = 64 << 20
_LARGEST = 2 << 30
_RATIO = 64


@dataclass(slots=True)
class Budget:
    """What is left of the work that one file of a repository may cost.

    `produced` is in bytes: what decoders and unpackers may still put out. `pieces` counts escapes,
    encoded fields and joints of literals that may still be undone. `depth` is how many archives
    may lie inside each other, `rounds` how often a text may be decoded. `largest` is the size of
    the largest member that is held in memory, `room` what may be held of archives inside each
    other at the same time. `latest` is the reason of the latest refusal.
    """

    produced: int = 256 << 20
    layers: int = 20_000
    pieces: int = 500_000
    members: int = 100_000
    depth: int = 8
    rounds: int = 12
    largest: int = 128 << 20
    free_bytes: int = 256 << 20
    latest: str = ""
    refused: dict[str, None] = field(default_factory=dict)

    @classmethod
    def for_size(cls, size: int) -> "Budget":
        """The budget of a file of that many bytes: text packs 10 to 30 times, bombs 1,000 times."""
        return cls(produced=min(_LEAST + _RATIO * size, _LARGEST))

    @property
    def exceeded(self) -> tuple[str, ...]:
        """Why something was left out, each reason once, in the order in which they came up."""
        return tuple(self.refused)

    def charge(self, size: int) -> bool:
        """Whether so many bytes may be produced; if so, they are charged."""
        if size > self.produced:
            return self.refuse("would unpack or decode to more bytes than its size allows")
        self.produced -= size
        return True

    def charge_layer(self, size: int) -> bool:
        """Whether one more decoded text of that size may be looked at."""
        if not self.layers:
            return self.refuse("holds more encoded texts than are looked at")
        self.layers -= 1
        return self.charge(size)

    def charge_edits(self, count: int) -> bool:
        """Whether so many escapes or encoded fields may be undone."""
        if count > self.pieces:
            return self.refuse("holds more escapes or encoded fields than are undone")
        self.pieces -= count
        return True

    def charge_member(self) -> bool:
        """Whether one more member of an archive may be opened."""
        if not self.members:
            return self.refuse("holds more members than are opened")
        self.members -= 1
        return True

    def refuse(self, reason: str) -> bool:
        """False, and the reason is kept."""
        self.latest = reason
        self.refused[reason] = None
        return False
