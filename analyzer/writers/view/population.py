"""In: an account's population. Out: its tables with headings; on paper, as lines of fixed columns.

WeasyPrint takes some milliseconds for each cell, so 5,000 users on paper are lines of text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.display import printable
from analyzer.writers.document.population import (
    GROUPS,
    KEYS,
    PEOPLE_COLUMNS,
    ROLES,
    USERS,
)

LINES = 50
"""Lines in one block: WeasyPrint slows down with the length of a block, not with their number."""

_WIDTHS = {
    "users": (34, 10, 8, 14, 16, 8, 11, 17, 13, 22, 15),
    "users and people": (24, 12, 20, 10, 8, 12, 16, 4, 11, 17, 13, 10, 7),
    "roles": (84, 10, 14, 10, 14),
    "groups": (100, 10, 10, 10),
    "keys": (48, 22, 14, 10, 14, 18, 22),
}
"""Letters a column; a line of users is the longest."""


@dataclass(frozen=True, slots=True)
class Table:
    """One population table: `noun` for its caption, `headings` by column, all its rows."""

    name: str
    noun: str
    headings: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    widths: str = ""

    def blocks(self, most: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Heading line and up to LINES lines each, over the first `most` rows."""
        head = self._line(self.headings.values())
        for start in range(0, min(most, len(self.rows)), LINES):
            rows = self.rows[start : min(start + LINES, most)]
            yield head, tuple(self._line(row[name] for name in self.headings) for row in rows)

    def _line(self, cells: Any) -> str:  # noqa: ANN401 - whatever a table holds
        fields = zip(cells, _WIDTHS[self.widths or self.name], strict=True)
        return "  ".join(_cut(cell_text(cell), width) for cell, width in fields).rstrip()


def tables(account: Mapping[str, Any]) -> tuple[Table, ...]:
    """Users, roles, groups and keys of the account, in this order.

    Users have the columns of people, next to the name, only where a list of people was handed in.
    """
    population = account["population"]
    users = population["users"]
    has_people = any(row.get(name) for row in users for name in PEOPLE_COLUMNS)
    first, *others = USERS
    told = [name for name in others if name in PEOPLE_COLUMNS and has_people]
    order = (first, *told, *(name for name in others if name not in PEOPLE_COLUMNS))
    shown = {name: USERS[name] for name in order}
    return (
        Table("users", "users", shown, users, "users and people" if has_people else ""),
        Table("roles", "roles", ROLES, population["roles"]),
        Table("groups", "groups", GROUPS, population["groups"]),
        Table("keys", "access keys", KEYS, population["keys"]),
    )


def cell_text(cell: object) -> str:
    """The cell as a reader expects it: yes and no for flags, visible text for the rest."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else printable(str(cell))


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"
