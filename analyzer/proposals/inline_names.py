"""In: inline policies that come together in one place. Out: each by a name of its own.

Two texts of one name would overwrite each other there.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from analyzer.proposals.group_names import free_name
from analyzer.proposals.rights import Right


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...


NamedThing = TypeVar("NamedThing", bound=Named)


def unique_names(policies: Iterable[NamedThing]) -> Iterator[tuple[str, NamedThing]]:
    """Each policy by its name, with a number behind it where the name is taken."""
    used: set[str] = set()
    for each in policies:
        name = free_name(each.name, used)
        used.add(name)
        yield name, each


def name_inline_policies(rights: Iterable[Right]) -> Iterator[tuple[str, str]]:
    """Name and text of each inline policy among the rights."""
    for name, right in unique_names(each for each in rights if not each.is_managed):
        yield name, right.text
