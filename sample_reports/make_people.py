"""In: accounts/people.toml, and the users of Northwind. Out: people/, a list as HR exports it."""

import csv
import io
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from sample_reports.account_tables import Source, Table, source_of

PEOPLE = Path(__file__).parent / "people"
FILES = ("roster.csv", "roster.toml")
"""The list, and what it does not say of itself."""

_COLUMNS = (
    "Employee ID", "First Name", "Last Name", "Work Email", "Department", "Worker Type",
    "Employment Status", "Hire Date", "Last Day of Work",
)  # fmt: skip
_BEFORE = timedelta(days=7)
"""Somebody is hired so long before the user is made."""
_TABLE = Path(__file__).parent / "accounts" / "people.toml"


def make(into: Path = PEOPLE) -> tuple[Path, ...]:
    """Write both files into that folder; the same bytes every time. Their paths."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    source = source_of("northwind")
    rows = sorted(_rows(source, table))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    settings = (
        f"# Made up, as all people here are.\n"
        f'system = "{table["system"]}"\n'
        f"exported_at = {table['exported']}\n"
        f"total = {len(rows)}\n"
        f'scope = "all"\ncontractors = true\n'
    )
    for each in table["emergency"]["users"]:
        settings += f'\n[[user]]\narn = "arn:aws:iam::{each}"\nkind = "break-glass"\n'
    into.mkdir(parents=True, exist_ok=True)
    paths = tuple(into / name for name in FILES)
    for path, content in zip(paths, (text.getvalue(), settings), strict=True):
        path.write_bytes(content.encode())
    return paths


def _rows(source: Source, table: Table) -> Iterator[tuple[str, ...]]:
    contractors = table["contractors"]["names"]
    for name, number in source.employee_ids.items():
        user = source.part("users")[name]
        if name not in table["unknown"]["names"]:
            yield _row(
                {
                    "id": number,
                    "name": user["is"],
                    "mail": name,
                    "unit": user["team"],
                    "start": user["made"] - _BEFORE,
                    "left": table["left"].get(name),
                    "status": table["status"].get(name, "Active"),
                    "kind": "Contractor" if name in contractors else "Employee",
                },
                source.table["mail"],
            )
    for each in table["others"]:
        yield _row(each, source.table["mail"])


def _row(person: Table, domain: str) -> tuple[str, ...]:
    given, _, family = person["name"].partition(" ")
    left: date | None = person.get("left")
    return (
        person["id"],
        given,
        family,
        f"{person['mail']}@{domain}",
        person["unit"].title(),
        person.get("kind", "Employee"),
        "Terminated" if left else person.get("status", "Active"),
        str(person["start"]),
        str(left) if left else "",
    )
