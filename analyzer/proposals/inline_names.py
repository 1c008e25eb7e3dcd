"""In: the rights of a group. Out: its inline policies, each by a name of its own."""

from collections.abc import Iterable, Iterator

from analyzer.proposals.group_names import free_name
from analyzer.proposals.rights import Right


def name_inline_policies(rights: Iterable[Right]) -> Iterator[tuple[str, str]]:
    """Name and text of each: two texts of one name would overwrite each other in a group."""
    used: set[str] = set()
    for right in rights:
        if not right.is_managed:
            name = free_name(right.name, used)
            used.add(name)
            yield name, right.text
