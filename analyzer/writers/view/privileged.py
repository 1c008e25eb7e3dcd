"""In: an account of the report. Out: who holds power over it, as rows for a reader."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.privesc.graph import Level
from analyzer.writers.document.privileged import called
from analyzer.writers.view.escalation_diagram import told

_BARS = {
    Level.ADMINISTRATOR: 4,
    Level.DIRECT: 3,
    Level.CHAIN: 2,
    Level.CONDITIONAL: 1,
    Level.INDIRECT: 1,
    Level.UNKNOWN: 0,
}
_PLAIN = {
    Level.ADMINISTRATOR: "has full rights now",
    Level.CONDITIONAL: "has full rights if conditions hold that no export settles",
    Level.UNKNOWN: "a policy that it holds is not in the export, so nobody can tell",
    Level.INDIRECT: "can give rights to others; no way for itself was found",
}
"""What is said of a principal that has no way."""


@dataclass(frozen=True, slots=True)
class Row:
    """One principal: `bars` of four show its level; `mfa` and `keys` are empty where unknown."""

    arn: str
    name: str
    level: str
    bars: int
    mfa: str
    keys: str
    ways: int
    conditional_ways: int
    way: str
    because: tuple[str, ...]
    places: Sequence[Mapping[str, Any]]


def rows(account: Mapping[str, Any]) -> tuple[Row, ...]:
    """One row for each privileged principal, in the report's order."""
    users = {each["user"]: each for each in account["population"]["users"]}
    return tuple(_row(each, users) for each in account["privileged"] or ())


def tally(account: Mapping[str, Any]) -> Mapping[str, int]:
    """How many principals there are of each level, the worst first; levels without any left out."""
    found = Counter(each["level"] for each in account["privileged"] or ())
    return {each.value: found[each.value] for each in Level if found[each.value]}


def has_unknown(account: Mapping[str, Any]) -> bool:
    """True if of some principal nobody can tell how far it gets."""
    doubtful = (Level.UNKNOWN, Level.CONDITIONAL)
    return any(each["level"] in doubtful for each in account["privileged"] or ())


def _row(holder: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]]) -> Row:
    level = Level(holder["level"])
    name = called(holder["principal"])
    user = users.get(name.removeprefix("user ")) if name.startswith("user ") else None
    return Row(
        arn=holder["principal"],
        name=name,
        level=level.value,
        bars=_BARS[level],
        mfa="" if user is None else str(user["mfa"]),
        keys="" if user is None else str(user["active_keys"]),
        ways=holder["ways"],
        conditional_ways=holder["conditional_ways"],
        way=told(holder) or _PLAIN.get(level, ""),
        because=tuple(holder["because"]),
        places=holder["places"],
    )
