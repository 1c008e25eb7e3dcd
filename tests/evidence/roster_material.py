"""In: lists of people as texts. Out: the Roster that the program reads from them."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from analyzer.config import DateOrder
from analyzer.errors import EvidenceError
from analyzer.evidence.roster import read_roster
from analyzer.evidence.roster_model import Person, Roster


def read(
    files: Mapping[str, str | bytes], order: DateOrder | None = None
) -> tuple[Roster, tuple[EvidenceError, ...]]:
    """The roster of these files by name, and what could not be read."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, content in files.items():
            path = Path(folder) / name
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            paths.append(path)
        return read_roster(tuple(paths), order)


def roster_of(files: Mapping[str, str | bytes]) -> Roster:
    """The roster of these files."""
    return read(files)[0]


def only_person(content: str | bytes, name: str = "people.csv", **options: object) -> Person:
    """The one person in a file."""
    roster, problems = read({name: content}, **options)  # type: ignore[arg-type]
    assert not problems
    [person] = roster.people
    return person
