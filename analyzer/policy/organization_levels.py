"""In: what Organizations answers. Out: what is attached at each level over an account.

A level is the account itself, a unit above it, or the root. What is attached to an account says
`credaudit_target`, and `credaudit_account` for the account whose level it is. What a unit or the
root holds is asked once for all below it and says `credaudit_unit`; whose parent is whose says
`credaudit_child`. Levels that should be there and are not are named: they may forbid anything.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.evidence.json_documents import JsonNode

SERVICE, RESOURCE = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
_DEEPEST = 10
"""Units above an account. AWS allows five.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""


@dataclass(frozen=True, slots=True)
class Level:
    """One answer of list-policies-for-target that counts for the account."""

    target: str
    answer: JsonNode


@dataclass(frozen=True, slots=True)
class LevelsOver:
    """The levels over an account, and the sort and the name of each that nobody knows."""

    levels: tuple[Level, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


def levels_over(account: str, nodes: Iterable[JsonNode]) -> LevelsOver:
    """The levels that these answers tell of the account; none where no answer tells of it.

    Without any word on parents, what was handed in is taken for the whole path.
    """
    given = tuple(nodes)
    own = tuple(
        Level(each.text("credaudit_target") or "", each)
        for each in given
        if each.has("credaudit_target")
        and each.text("credaudit_account") in (None, account)
        and not each.has("credaudit_child")
    )
    parents = dict(_parents(given))
    if not parents:
        return LevelsOver(own)
    chain = tuple(_chain(account, parents))
    if not own and not chain:
        return LevelsOver()
    above = tuple(
        Level(unit, each)
        for unit in chain
        for each in given
        if each.text("credaudit_unit") == unit and each.has("Policies")
    )
    told = {(each.target, sort) for each in (*own, *above) for sort in _sorts_answered(each.answer)}
    missing = [
        (sort, target)
        for target in (account, *chain)
        for sort in (SERVICE, RESOURCE)
        if (target, sort) not in told
    ]
    top = chain[-1] if chain else account
    if not top.startswith("r-"):
        missing += [(sort, f"above {top}") for sort in (SERVICE, RESOURCE)]
    return LevelsOver((*own, *above), tuple(missing))


def _parents(nodes: Iterable[JsonNode]) -> Iterator[tuple[str, str]]:
    """The child and its parent; every account and unit has one."""
    for node in nodes:
        child = node.text("credaudit_child")
        for entry in node.each("Parents") if child else ():
            if child and (number := entry.text("Id")):
                yield child, number


def _chain(account: str, parents: dict[str, str]) -> Iterator[str]:
    """What is above the account, the nearest first, as far as the answers tell."""
    current = account
    for _ in range(_DEEPEST):
        if current not in parents:
            return
        current = parents[current]
        yield current


def _sorts_answered(answer: JsonNode) -> Iterator[str]:
    """Of which sorts the answer tells: that asked for, or those of the policies in it."""
    asked = answer.text("credaudit_filter")
    if asked:
        yield asked
    else:
        yield from {each.text("Type") or "" for each in answer.each("Policies")}
