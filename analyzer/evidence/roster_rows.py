"""In: a table of people. Out: its rows as RosterRows, and what in them is doubtful.

Only fields that the match needs are taken; everything else of a record ends here.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from analyzer.config import DateOrder
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.roster_fields import DAYS, EMPLOYMENT, RosterField, rank_of
from analyzer.evidence.roster_model import (
    MaybeDay,
    PersonName,
    PersonState,
    RosterDefect,
    RosterRow,
    RosterScope,
    RosterSettings,
)
from analyzer.evidence.roster_tables import RosterTable
from analyzer.evidence.roster_values import (
    DayOrder,
    day_order,
    is_entry,
    parse_day,
    parse_flag,
    parse_state,
    state_of_flags,
    state_of_number,
)

PUBLIC_MAIL = frozenset(
    {
        "aol.com", "bluewin.ch", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch",
        "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "hotmail.de",
        "hotmail.fr", "icloud.com", "laposte.net", "live.com", "mac.com", "mail.com", "me.com",
        "msn.com", "orange.fr", "outlook.com", "outlook.de", "outlook.fr", "posteo.de",
        "proton.me", "protonmail.com", "t-online.de", "wanadoo.fr", "web.de", "yahoo.com",
        "yahoo.de", "yahoo.fr", "ymail.com",
    }
)  # fmt: skip
"""Domains whose addresses are private: they are not kept, and match nobody."""
_LONGEST = 256
"""Letters of a cell that are kept: no longer than the value of a tag."""
_ADDRESS = re.compile(r"[^\s@;,<>\"|]{1,64}@[^\s@;,<>\"|]{1,190}")
_GUEST = "#ext#"
_MISREAD = re.compile(r"[ÃÂ][\u0080-\u00bf\u0152-\u0161\u0178-\u017e\u0192\u02c6-\u2122]|\ufffd|\?")
"""UTF-8 that was read as Windows-1252, and letters that a program could not write."""
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_COMMON_NAME = re.compile(r"CN=((?:\\.|[^,\\])+)", re.IGNORECASE)
_STRONGEST = (
    PersonState.LEFT,
    PersonState.BARRED,
    PersonState.AWAY,
    PersonState.FUTURE,
    PersonState.EMPLOYED,
    PersonState.UNKNOWN,
)
"""Which word counts where several columns of one row speak of the state."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One record's cells by field, best column first."""

    location: Location
    cells: Mapping[RosterField, tuple[str, ...]]

    def first(self, name: RosterField) -> str:
        return next(iter(self.cells.get(name, ())), "")

    def every(self, *names: RosterField) -> Iterator[str]:
        for name in names:
            yield from self.cells.get(name, ())


@dataclass(slots=True)
class _Doubts:
    """What was doubtful, counted by its sentence; the first place stands for the others."""

    places: dict[tuple[str, bool], list[Location]] = field(default_factory=dict)

    def add(self, what: str, place: Location, *, is_partial: bool = False) -> None:
        self.places.setdefault((what, is_partial), []).append(place)

    def defects(self) -> Iterator[RosterDefect]:
        for (what, is_partial), places in self.places.items():
            yield RosterDefect(f"{len(places)} {what}", places[0], is_partial)


def rows_of(
    table: RosterTable, settings: RosterSettings, order: DateOrder | None
) -> tuple[tuple[RosterRow, ...], tuple[RosterDefect, ...]]:
    """The rows about people, and what is doubtful in the table; a row without any key is that."""
    doubts = _Doubts()
    records = [_record(table, place, cells) for place, cells in table.records]
    orders = {
        name: day_order((text for each in records for text in each.every(name)), order)
        for name in DAYS
    }
    fields = frozenset(each.field for each in table.columns)
    reader = _Reader(table, settings, orders, doubts, fields)
    rows, events = [], []
    for each in records:
        row = reader.row(each)
        if row is None:
            doubts.add("row(s) name nobody", each.location, is_partial=True)
        elif reader.has_events:
            events.append((row, is_entry(each.first(RosterField.EVENT)), reader.event_day(each)))
        else:
            rows.append(row)
    for name, found in orders.items():
        if found.is_contradictory:
            what = f"column(s) of days ({name}) use both orders of day and month"
            doubts.add(what, Location(table.records[0][0].evidence), is_partial=False)
    made = (*rows, *_fold_events(events))
    return made, (*table.defects, *doubts.defects())


def _record(table: RosterTable, place: Location, cells: Sequence[str]) -> _Record:
    found: dict[RosterField, list[tuple[int, str]]] = defaultdict(list)
    for column, cell in zip(table.columns, cells, strict=True):
        text = cell.strip()
        if text and column.field not in {None, RosterField.PRIVATE}:
            assert column.field is not None  # noqa: S101 - see the line above
            found[column.field].append((rank_of(column.header), text))
    ordered = {
        name: tuple(text for _, text in sorted(each, key=lambda pair: pair[0]))
        for name, each in found.items()
    }
    return _Record(place, ordered)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes rows of records, with what is known of the whole table."""

    table: RosterTable
    settings: RosterSettings
    orders: Mapping[RosterField, DayOrder]
    doubts: _Doubts
    fields: frozenset[RosterField | None]

    @property
    def has_events(self) -> bool:
        return RosterField.EVENT in self.fields

    @property
    def is_from_hr(self) -> bool:
        """True for a table of employments: it has their days, or IDs and no accounts.

        A directory says who can sign in, also where it knows employee IDs; Google's marks its
        columns with brackets.
        """
        accounts = {RosterField.LOGIN, RosterField.ACTIVE, RosterField.CONTROL_FLAGS,
                    RosterField.BARRED, RosterField.SYSTEM_ID}  # fmt: skip
        is_of_google = any(each.header.endswith("]") for each in self.table.columns)
        has_only_ids = RosterField.ID in self.fields and not accounts & self.fields
        return bool(EMPLOYMENT & self.fields) or (has_only_ids and not is_of_google)

    def row(self, record: _Record) -> RosterRow | None:
        """The row; None where nothing in it says whose it is."""
        start = self._day(record, RosterField.START)
        end = self._day(record, RosterField.END)
        restart = self._day(record, RosterField.RESTART)
        told = self._told(record)
        if told is None and self.settings.scope is RosterScope.LEAVERS:
            told = PersonState.LEFT
        if isinstance(restart, datetime):
            # An end before the newest start is that of the employment before.
            start = restart
            end = MissingValue.ABSENT if isinstance(end, datetime) and end < restart else end
        if end is MissingValue.ABSENT and told is not PersonState.EMPLOYED:
            end = self._day(record, RosterField.CONTRACT_END)
        made = RosterRow(
            record.location,
            person_id=self._id(record),
            system_id=record.first(RosterField.SYSTEM_ID)[:_LONGEST],
            logins=self._logins(record),
            mails=self._mails(record),
            names=self._names(record),
            told=told,
            start=start,
            end=end,
            expires=self._day(record, RosterField.EXPIRES),
            manager=record.first(RosterField.MANAGER)[:_LONGEST],
            unit=record.first(RosterField.UNIT)[:_LONGEST],
            kind=record.first(RosterField.KIND)[:_LONGEST],
            is_from_hr=self.is_from_hr,
        )
        has_key = made.person_id or made.logins or made.mails or made.names
        return made if has_key else None

    def event_day(self, record: _Record) -> MaybeDay:
        """The day of an event; unreadable where it has none."""
        read = self._day(record, RosterField.EVENT_DAY)
        return read if isinstance(read, datetime) else MissingValue.UNREADABLE

    def _day(self, record: _Record, name: RosterField) -> MaybeDay:
        """The day in the best column of the field that has one."""
        for text in record.every(name):
            read = parse_day(text, self.orders[name], self.table.shift)
            if read is MissingValue.UNREADABLE:
                self.doubts.add(f"day(s) can't be read ({name})", record.location)
            if read is not MissingValue.ABSENT:
                return read
        return MissingValue.ABSENT

    def _told(self, record: _Record) -> PersonState | None:
        """The strongest word of the row's columns; a number is OneLogin's."""
        found: list[PersonState | None] = []
        is_one_login = {RosterField.STATUS, RosterField.REVIEW_STATE} <= self.fields
        for text in record.every(RosterField.STATUS):
            number = state_of_number(text) if is_one_login else None
            found.append(number or parse_state(text, self.settings.states))
        for text in record.every(RosterField.REVIEW_STATE):
            state = None if state_of_number(text) else parse_state(text, self.settings.states)
            found.append(state)
        for name, barred_if in ((RosterField.ACTIVE, False), (RosterField.BARRED, True)):
            for text in record.every(name):
                flag = parse_flag(text)
                told = PersonState.BARRED if flag is barred_if else PersonState.EMPLOYED
                found.append(told if flag is not None else self._worded(text))
        found += map(state_of_flags, record.every(RosterField.CONTROL_FLAGS))
        known = [state for state in found if state is not None]
        if PersonState.UNKNOWN in known:
            self.doubts.add("status(es) that no list of words has", record.location)
        return min(known, key=_STRONGEST.index, default=None)

    def _worded(self, text: str) -> PersonState | None:
        return parse_state(text, self.settings.states)

    def _id(self, record: _Record) -> str:
        text = record.first(RosterField.ID)
        if _SCIENTIFIC.fullmatch(text):
            self.doubts.add("ID(s) that a spreadsheet rounded, such as 3E+10", record.location)
            return ""
        return text if len(text) <= _LONGEST else ""

    def _logins(self, record: _Record) -> tuple[str, ...]:
        texts = (text.casefold() for text in record.every(RosterField.LOGIN))
        return tuple(
            dict.fromkeys(each for each in texts if _GUEST not in each and len(each) <= _LONGEST)
        )

    def _mails(self, record: _Record) -> tuple[str, ...]:
        """The work addresses: those of the mail columns, and sign-in names that are addresses."""
        cells = record.every(RosterField.MAIL, RosterField.LOGIN)
        parts = (part for cell in cells for part in re.split(r"[;,\s|]+", cell[: 40 * _LONGEST]))
        found = (part.casefold().removeprefix("smtp:").strip("<>\"'") for part in parts)
        return tuple(dict.fromkeys(each for each in found if self._is_work_address(each)))

    def _is_work_address(self, text: str) -> bool:
        if not _ADDRESS.fullmatch(text) or _GUEST in text:
            return False
        domain = text.rpartition("@")[2]
        return domain in self.settings.mail_domains or domain not in PUBLIC_MAIL

    def _names(self, record: _Record) -> tuple[PersonName, ...]:
        """Every name that was read well; one that a program spoiled names nobody."""
        given = record.first(RosterField.GIVEN)
        families = [*record.every(RosterField.FAMILY)]
        texts = [*record.every(RosterField.NAME)]
        if given and not families:  # "Vorname, Name" and "Prénom, Nom"
            families, texts = texts[:1], texts[1:]
        found = [PersonName(given, each) for each in families if given]
        found += [PersonName(given, each) for each in record.every(RosterField.FORMER_NAME)]
        found += [_split(each) for each in texts]
        if not found:
            names = _COMMON_NAME.match(record.first(RosterField.DISTINGUISHED_NAME))
            found = [_split(re.sub(r"\\(.)", r"\1", names[1]))] if names else []
        whole = [each for each in dict.fromkeys(found) if each.family]
        good = [each for each in whole if not _MISREAD.search(f"{each.given} {each.family}")]
        if len(good) < len(whole):
            self.doubts.add("name(s) with letters that were lost or misread", record.location)
        return tuple(each for each in good if len(each.given) + len(each.family) <= _LONGEST)


def _split(text: str) -> PersonName:
    """A name in one text; a comma stands behind the family name."""
    family, comma, given = text.partition(",")
    return PersonName(given.strip(), family.strip()) if comma else PersonName("", text.strip())


def _fold_events(events: list[tuple[RosterRow, bool | None, MaybeDay]]) -> Iterator[RosterRow]:
    """Hires and leavings of each person as employments, in the order of their days."""
    by_person: dict[str, list[tuple[RosterRow, bool, MaybeDay]]] = defaultdict(list)
    for row, is_in, day in events:
        key = row.person_id or next(iter(row.mails), "") or str(row.names)
        if is_in is not None:
            by_person[key].append((row, is_in, day))
        else:
            # A move says only that somebody is there; the other events tell the rest.
            by_person.setdefault(key, [])
    others = {
        row.person_id or next(iter(row.mails), "") or str(row.names): row for row, _, _ in events
    }
    for key, found in by_person.items():
        if not found:
            yield replace(others[key], told=others[key].told or PersonState.EMPLOYED)
        elif any(not isinstance(day, datetime) for _, _, day in found):
            yield replace(found[0][0], end=MissingValue.UNREADABLE)
        else:
            yield from _employments(found)


def _employments(found: list[tuple[RosterRow, bool, MaybeDay]]) -> Iterator[RosterRow]:
    opened: RosterRow | None = None
    for row, is_in, day in sorted(found, key=lambda each: (str(each[2]), each[1])):
        if is_in:
            opened = opened or replace(row, start=day)
        else:
            yield replace(opened or row, end=day, location=row.location)
            opened = None
    if opened is not None:
        yield opened
