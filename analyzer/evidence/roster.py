"""In: the files that `--people` names. Out: the Roster: people, each with all rows about them.

Rows are one person's where they have the same employee ID, or the same work address or sign-in
name and nothing that says otherwise.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from analyzer.config import DateOrder
from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact, CaptureTimeSource, Location, Note
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.roster_model import (
    Person,
    Roster,
    RosterDefect,
    RosterFile,
    RosterRow,
    RosterSettings,
)
from analyzer.evidence.roster_rows import rows_of
from analyzer.evidence.roster_settings import is_settings_file, read_settings
from analyzer.evidence.roster_tables import read_table

EVIDENCE_ID = "R"
"""With a number, the id that a roster has among the evidence."""
LARGEST_ROSTER = 256 << 20
"""Bytes of a file; a hundred thousand people make some 20 MB."""
_FILE_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_NOBODY = "holds no row about a person"


def read_roster(
    paths: Sequence[Path], order: DateOrder | None
) -> tuple[Roster, tuple[EvidenceError, ...]]:
    """The people in all files, and what could not be read; the rest goes on.

    Raises ConfigurationError for a file of settings (TOML) that can't be used.
    """
    given = [each for each in paths if is_settings_file(each)]
    settings = [read_settings(each, number) for number, each in enumerate(given, 1)]
    general = settings[0][1] if settings else RosterSettings()
    by_stem = dict(settings)
    files: list[RosterFile] = []
    problems: list[EvidenceError] = []
    for path in (each for each in paths if not is_settings_file(each)):
        own = by_stem.get(path.stem, general)
        try:
            files.append(_read_file(path, f"{EVIDENCE_ID}{len(files) + 1}", own, order))
        except EvidenceError as error:
            problems.append(error)
    rows = [row for file in files for row in file.rows]
    people = tuple(_people(rows))
    domains = frozenset(mail.rpartition("@")[2] for row in rows for mail in row.mails)
    own_domains = domains | general.mail_domains
    disputed = [person for person in people if person.is_disputed]
    if disputed:
        files = [_note_disputed(file, disputed) for file in files]
    joined = replace(general, users=tuple(user for _, each in settings for user in each.users))
    beside = tuple(each.artifact for _, each in settings if each.artifact)
    roster = Roster(tuple(files), people, joined, own_domains, beside)
    return roster, tuple(problems)


def _read_file(
    path: Path, evidence: str, settings: RosterSettings, order: DateOrder | None
) -> RosterFile:
    try:
        if path.stat().st_size > LARGEST_ROSTER:
            raise EvidenceError("is larger than any list of people", where=path.name)
        data = path.read_bytes()
    except OSError as error:
        raise EvidenceError(error.strerror or "can't be opened", where=path.name) from None
    table = read_table(data, evidence, path.name, settings.columns)
    rows, defects = rows_of(table, settings, order)
    if not rows:
        raise EvidenceError(_NOBODY, where=path.name)
    captured, how = _capture_time(path.name, settings)
    texts = (*table.notes, *(each.what for each in defects))
    artifact = Artifact(
        evidence,
        path.name,
        hashlib.sha256(data).hexdigest(),
        len(data),
        ExportKind.PEOPLE,
        captured_at=captured,
        captured_how=how,
        rows=len(rows),
        notes=tuple(Note(text, Location(evidence)) for text in texts),
    )
    return RosterFile(artifact, rows, (*defects, *_total_defect(artifact, settings)), settings)


def _total_defect(artifact: Artifact, settings: RosterSettings) -> Iterator[RosterDefect]:
    """Where the file beside the roster counts other rows than there are, or leaves people out."""
    place = Location(artifact.id)
    if settings.total is not None and settings.total != artifact.rows:
        what = f"HR counts {settings.total} and the file has {artifact.rows} rows"
        yield RosterDefect(what, place, is_partial=True)
    if settings.has_contractors is False:
        yield RosterDefect("contractors are not in it", place, is_partial=True)


def _capture_time(name: str, settings: RosterSettings) -> tuple[datetime | None, CaptureTimeSource]:
    if settings.exported_at is not None:
        return settings.exported_at, CaptureTimeSource.STATED
    named = _FILE_DAY.search(name)
    try:
        written = f"{named[1]}{named[2]}{named[3]}" if named else ""
        day = datetime.strptime(written, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        day = None
    return day, CaptureTimeSource.FILE_NAME if day else CaptureTimeSource.UNKNOWN


def _note_disputed(file: RosterFile, disputed: Iterable[Person]) -> RosterFile:
    own = [
        row.location
        for person in disputed
        for row in person.rows
        if row.location.evidence == file.artifact.id
    ]
    if not own:
        return file
    what = f"{len(own)} row(s) share an ID with rows of another given name"
    return replace(file, defects=(*file.defects, RosterDefect(what, own[0], is_partial=False)))


def _people(rows: Sequence[RosterRow]) -> Iterator[Person]:
    """Each person with all rows, in the order of the first row."""
    groups = _Groups(len(rows))
    groups.join_by(rows, lambda row: [("id", row.person_id.casefold())] if row.person_id else [])
    groups.join_by(rows, _system_keys)
    by_address: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        for key in {*row.mails, *row.logins}:
            by_address[key].append(index)
    for found in by_address.values():
        if _is_one_person([rows[index] for index in found]):
            groups.join(found)
    for members in groups.all():
        own = tuple(rows[index] for index in members)
        yield Person(own, is_disputed=not _names_agree(own))


def _system_keys(row: RosterRow) -> list[Hashable]:
    """The directory's own ID, of a row that has no other key than that."""
    is_alone = row.system_id and not (row.person_id or row.mails or row.logins)
    return [(row.location.evidence, row.system_id)] if is_alone else []


def _is_one_person(rows: Sequence[RosterRow]) -> bool:
    """True where an address stands in rows of one ID, or of one name: a contractor taken on."""
    ids = {row.person_id.casefold() for row in rows if row.person_id}
    return _names_agree(rows) and (len(ids) <= 1 or all(row.names for row in rows))


def _names_agree(rows: Iterable[RosterRow]) -> bool:
    """True unless two rows give different given names; a family name may change."""
    given: set[str] = set()
    for row in rows:
        own = {_first_name(name.given) for name in row.names if name.given}
        if given and own and not given & own:
            return False
        given |= own
    return True


def _first_name(given: str) -> str:
    return given.casefold().replace("-", " ").split(" ")[0].rstrip(".")


class _Groups:
    """Numbers that belong together, joined step by step."""

    __slots__ = ("_parents",)

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def _root(self, index: int) -> int:
        while self._parents[index] != index:
            self._parents[index] = self._parents[self._parents[index]]
            index = self._parents[index]
        return index

    def join(self, members: Sequence[int]) -> None:
        for index in members[1:]:
            first, second = sorted((self._root(members[0]), self._root(index)))
            self._parents[second] = first

    def join_by(
        self, rows: Sequence[RosterRow], keys_of: Callable[[RosterRow], list[Hashable]]
    ) -> None:
        found: dict[Hashable, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            for key in keys_of(row):
                found[key].append(index)
        for members in found.values():
            self.join(members)

    def all(self) -> Iterator[list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for index in range(len(self._parents)):
            found[self._root(index)].append(index)
        yield from found.values()
