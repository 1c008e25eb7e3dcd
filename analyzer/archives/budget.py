"""In: the size of an input. Out: the work that it may still cost, and what was refused beyond that.

Work is counted in bytes, layers and members, never in seconds, so that every run gives the same.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

_LEAST = 64 << 20
_MOST = 2 << 30
_LAYERS, _BYTES_OF_A_LAYER = 20_000, 1024
_EDITS, _BYTES_OF_AN_EDIT = 500_000, 8
_MEMBERS, _BYTES_OF_A_MEMBER = 100_000, 128
_RATIO = 64
"""Bytes that each byte of a file may decode to: text packs 10 to 30 times, bombs 1,000 times."""
_LEAST_UNPACKED = 256 << 20
"""Bytes that any archive may unpack to: a log of 200 MB is read, whatever it was packed to."""
_DENSEST = 1032
"""No deflate stream grows more: https://zlib.net/zlib_tech.html. A log of one line comes near it,
so up to `_MOST` an archive may unpack to as much; beyond that, `_RATIO` times its size is added."""


class Cost(NamedTuple):
    """Work in the units of a budget."""

    bytes: int
    layers: int
    edits: int
    members: int
    unpacked: int

    def beyond(self, other: "Cost") -> "Cost":
        """How much more this is than the other."""
        return Cost(*(mine - its for mine, its in zip(self, other, strict=True)))


@dataclass(slots=True)
class Budget:
    """What is left of the work that one input may cost.

    The `charge` methods count these down: `unpacked_left`, bytes that archives may unpack to;
    `bytes_left` that decoders may put out, `layers_left` of decoded texts, `edits_left` of escapes
    and encoded fields undone and literals joined, `members_left` of archives. `free_bytes` may
    still be held in memory of archives inside each other at the same time.

    These are fixed: `depth`, how many archives may lie inside each other; `rounds`, how many times
    over a text may be decoded; `largest`, the bytes of the largest member that is held in memory.
    `unpacked` and `decoded` count the bytes that archives and decoders put out.
    `last_refusal` is the reason of the last refusal; `refusals` has each reason once.
    """

    unpacked_left: int = _LEAST_UNPACKED
    bytes_left: int = 256 << 20
    layers_left: int = _LAYERS
    edits_left: int = _EDITS
    members_left: int = _MEMBERS
    free_bytes: int = 256 << 20
    depth: int = 16
    rounds: int = 12
    largest: int = 128 << 20
    unpacked: int = 0
    decoded: int = 0
    last_refusal: str = ""
    refusals: dict[str, None] = field(default_factory=dict)

    @classmethod
    def for_size(cls, size: int) -> "Budget":
        """The budget of an input of that many bytes."""
        return cls(
            unpacked_left=min(_LEAST_UNPACKED + _DENSEST * size, _MOST) + _RATIO * size,
            bytes_left=min(_LEAST + _RATIO * size, _MOST),
            layers_left=_LAYERS + size // _BYTES_OF_A_LAYER,
            edits_left=_EDITS + size // _BYTES_OF_AN_EDIT,
            members_left=_MEMBERS + size // _BYTES_OF_A_MEMBER,
        )

    @property
    def left(self) -> Cost:
        """What is left, to be compared with what is left later."""
        return Cost(
            self.bytes_left,
            self.layers_left,
            self.edits_left,
            self.members_left,
            self.unpacked_left,
        )

    def charge_cost(self, cost: Cost) -> bool:
        """Whether work that has been done elsewhere may be paid for; if so, it is charged."""
        if cost.layers > self.layers_left:
            return self.refuse("holds more encoded texts than are looked at")
        if cost.members > self.members_left:
            return self.refuse("holds more members than are opened")
        if not (self.charge_edits(cost.edits) and self.charge_unpacked(cost.unpacked)):
            return False
        if not self.charge(cost.bytes):
            return False
        self.layers_left -= cost.layers
        self.members_left -= cost.members
        return True

    @property
    def exceeded(self) -> tuple[str, ...]:
        """Why something was refused: each reason once, in the order in which they came up."""
        return tuple(self.refusals)

    def charge_unpacked(self, size: int) -> bool:
        """Whether so many bytes may be unpacked; if so, they are charged."""
        if size > self.unpacked_left:
            return self.refuse("would unpack to more bytes than its size allows")
        self.unpacked_left -= size
        self.unpacked += size
        return True

    def charge(self, size: int) -> bool:
        """Whether decoders may put out so many bytes; if so, they are charged."""
        if size > self.bytes_left:
            return self.refuse("would decode to more bytes than its size allows")
        self.bytes_left -= size
        self.decoded += size
        return True

    def charge_layer(self, size: int) -> bool:
        """Whether one more decoded text of that size may be searched; if so, it is charged."""
        if not self.layers_left:
            return self.refuse("holds more encoded texts than are looked at")
        self.layers_left -= 1
        return self.charge(size)

    def charge_edits(self, count: int) -> bool:
        """Whether so many escapes or encoded fields may be undone; if so, they are charged."""
        if count > self.edits_left:
            return self.refuse("holds more escapes or encoded fields than are undone")
        self.edits_left -= count
        return True

    def charge_member(self) -> bool:
        """Whether one more member of an archive may be opened; if so, it is charged."""
        if not self.members_left:
            return self.refuse("holds more members than are opened")
        self.members_left -= 1
        return True

    def refuse(self, reason: str) -> bool:
        """Notes the reason of a refusal; always False, the answer to whoever asked to charge."""
        self.last_refusal = reason
        self.refusals[reason] = None
        return False
