"""In: an account of the report. Out: who holds power over it, as rows for a reader."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.inventory.model import principal_noun
from analyzer.privesc.graph import PrivilegeLevel
from analyzer.writers.view.escalation_diagram import describe_path

_BARS = {
    PrivilegeLevel.ADMINISTRATOR: 4,
    PrivilegeLevel.DIRECT: 3,
    PrivilegeLevel.CHAIN: 2,
    PrivilegeLevel.CONDITIONAL: 1,
    PrivilegeLevel.INDIRECT: 1,
    PrivilegeLevel.UNKNOWN: 0,
}
_PLAIN = {
    PrivilegeLevel.ADMINISTRATOR: "has full rights now",
    PrivilegeLevel.CONDITIONAL: "has full rights if conditions hold that no export settles",
    PrivilegeLevel.UNKNOWN: "a policy that it holds is not in the export, so nobody can tell",
    PrivilegeLevel.INDIRECT: "can give rights to others; no way for itself was found",
}
"""What is said of a principal that has no way."""


@dataclass(frozen=True, slots=True)
class PrivilegedRow:
    """One principal: `bars` of four show its level; `mfa` and `keys` are empty where unknown."""

    arn: str
    name: str
    level: str
    bars: int
    mfa: str
    keys: str
    paths: int
    conditional_paths: int
    way: str
    reasons: tuple[str, ...]
    places: Sequence[Mapping[str, Any]]


def privileged_rows(account: Mapping[str, Any]) -> tuple[PrivilegedRow, ...]:
    """One row for each privileged principal, in the report's order."""
    users = {each["user"]: each for each in account["population"]["users"]}
    return tuple(_row(each, users) for each in account["privileged"] or ())


def count_by_level(account: Mapping[str, Any]) -> Mapping[str, int]:
    """How many principals there are of each level, the worst first; levels without any left out."""
    found = Counter(each["level"] for each in account["privileged"] or ())
    return {each.value: found[each.value] for each in PrivilegeLevel if found[each.value]}


def has_unknown(account: Mapping[str, Any]) -> bool:
    """True if of some principal nobody can tell how far it gets."""
    doubtful = (PrivilegeLevel.UNKNOWN, PrivilegeLevel.CONDITIONAL)
    return any(each["level"] in doubtful for each in account["privileged"] or ())


def _row(holder: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]]) -> PrivilegedRow:
    level = PrivilegeLevel(holder["level"])
    name = principal_noun(holder["principal"])
    user = users.get(name.removeprefix("user ")) if name.startswith("user ") else None
    return PrivilegedRow(
        arn=holder["principal"],
        name=name,
        level=level.value,
        bars=_BARS[level],
        mfa="" if user is None else str(user["mfa"]),
        keys="" if user is None else str(user["active_keys"]),
        paths=holder["paths"],
        conditional_paths=holder["conditional_paths"],
        way=describe_path(holder) or _PLAIN.get(level, ""),
        reasons=tuple(holder["reasons"]),
        places=holder["places"],
    )
