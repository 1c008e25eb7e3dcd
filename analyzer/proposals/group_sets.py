"""In: people and what each holds. Out: what most of them share, and sets that several hold alike.

pandas carries the table of people against rights.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from analyzer.proposals.rights import Right

_SHARE_OF_BASE = 0.9
_FEWEST = 2
"""As many people make a job; one person's rights are no group."""


@dataclass(frozen=True, slots=True)
class SharedSet:
    """Rights that the same people hold, all of them."""

    rights: frozenset[Right]
    members: tuple[str, ...]


def base_set(rights_of: Mapping[str, Collection[Right]]) -> SharedSet | None:
    """What at least nine in ten of these people hold, and who holds all of it.

    None where nothing is so common, or fewer than two hold all of it.
    """
    rights, table = _table_of(rights_of)
    if table.empty:
        return None
    common = table.mean() >= _SHARE_OF_BASE
    holding = table.index[table.loc[:, common].all(axis="columns")]
    if not common.any() or len(holding) < _FEWEST:
        return None
    return SharedSet(_chosen(rights, common), tuple(map(str, holding)))


def job_sets(rights_of: Mapping[str, Collection[Right]]) -> Iterator[SharedSet]:
    """Each set of rights that two or more of these people hold exactly, the most common first."""
    rights, table = _table_of(rights_of)
    if table.empty:
        return
    found = []
    for _, alike in table.groupby(list(table.columns), sort=False):
        held = alike.iloc[0]
        if len(alike) >= _FEWEST and held.any():
            found.append(SharedSet(_chosen(rights, held), tuple(map(str, alike.index))))
    yield from sorted(found, key=lambda each: (-len(each.members), each.members))


def _table_of(
    rights_of: Mapping[str, Collection[Right]],
) -> tuple[tuple[Right, ...], pd.DataFrame]:
    """The rights, and a row a person with a column for each: True where the person holds it."""
    rights = tuple(sorted(frozenset[Right]().union(*rights_of.values())))
    rows = {name: [each in held for each in rights] for name, held in sorted(rights_of.items())}
    return rights, pd.DataFrame.from_dict(rows, orient="index", columns=pd.RangeIndex(len(rights)))


def _chosen(rights: tuple[Right, ...], wanted: "pd.Series[bool]") -> frozenset[Right]:
    return frozenset(right for right, is_wanted in zip(rights, wanted, strict=True) if is_wanted)
