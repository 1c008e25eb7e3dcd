"""In: nothing; these are the nouns of a roster. Out: RosterRow, Person, RosterFile, Roster.

A roster is a list of people that HR or a directory wrote. A row holds what the match with users
needs, and nothing else of a person's data: no birth date, pay, private address or kind of leave.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from analyzer.evidence.artifacts import Artifact, Location
from analyzer.evidence.cells import MissingValue


class PersonState(StrEnum):
    """Where somebody stands with the company at one moment.

    BARRED is a directory account that is suspended or disabled: that proves no leaving.
    """

    EMPLOYED = "employed"
    FUTURE = "future"
    AWAY = "away"
    BARRED = "barred"
    LEFT = "left"
    UNKNOWN = "unknown"


class RosterScope(StrEnum):
    """Whom a roster lists, by its own rows or by the word of whoever handed it in."""

    ALL = "all"
    ACTIVE = "active"
    LEAVERS = "leavers"


class UserKind(StrEnum):
    """What the file beside the roster says that a user is."""

    PERSON = "person"
    SERVICE = "service"
    BREAK_GLASS = "break-glass"


MaybeDay = datetime | MissingValue
"""A day; ABSENT where there is none, UNREADABLE where nobody can tell which it is."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """One way in which a roster writes a name; `given` "" where it is one text without parts."""

    given: str
    family: str


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row about one person. `mails` are work addresses, aliases among them, in lower case.

    `told` is what its status says, None where it has none. `end` is the last day of employment,
    `expires` the end of a directory account. `is_from_hr`: its file tells employment, so that it
    counts more than a directory, which tells accounts.
    """

    location: Location
    person_id: str = ""
    system_id: str = ""
    logins: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    names: tuple[PersonName, ...] = ()
    told: PersonState | None = None
    start: MaybeDay = MissingValue.ABSENT
    end: MaybeDay = MissingValue.ABSENT
    expires: MaybeDay = MissingValue.ABSENT
    manager: str = ""
    unit: str = ""
    kind: str = ""
    is_from_hr: bool = False

    def state_at(self, moment: datetime) -> PersonState:
        """The state by this row alone. A last day is over once its date is reached."""
        if isinstance(self.end, datetime) and self.end.date() <= moment.date():
            return PersonState.LEFT
        if self.told is PersonState.LEFT:
            # Its word is true of the day of the roster; a day ahead says that it is not yet so.
            ahead = isinstance(self.end, datetime)
            return PersonState.EMPLOYED if ahead else PersonState.LEFT
        if self.end is MissingValue.UNREADABLE:
            return PersonState.UNKNOWN
        if isinstance(self.start, datetime) and self.start.date() > moment.date():
            return PersonState.FUTURE
        if isinstance(self.expires, datetime) and self.expires <= moment:
            return PersonState.BARRED
        if self.told is not None:
            return self.told
        # HR lists whom it employs; a directory without a status says nothing.
        is_told = self.is_from_hr or self._dates_tell
        return PersonState.EMPLOYED if is_told else PersonState.UNKNOWN

    @property
    def _dates_tell(self) -> bool:
        return isinstance(self.start, datetime) or isinstance(self.end, datetime)


_RANK = (
    PersonState.EMPLOYED,
    PersonState.AWAY,
    PersonState.FUTURE,
    PersonState.UNKNOWN,
    PersonState.BARRED,
    PersonState.LEFT,
)
"""Which state counts where rows differ: employed if any row is, left only if all have ended."""


@dataclass(frozen=True, slots=True)
class Person:
    """All rows about one person. `is_disputed`: they hold names that are not one person's."""

    rows: tuple[RosterRow, ...]
    is_disputed: bool = False

    @property
    def person_id(self) -> str:
        """The employee ID, "" where no row has one."""
        return next((row.person_id for row in self.rows if row.person_id), "")

    @property
    def ids(self) -> frozenset[str]:
        """All IDs by which a tag may name the person, in lower case."""
        return frozenset(row.person_id.casefold() for row in self.rows if row.person_id)

    @property
    def mails(self) -> frozenset[str]:
        """All work addresses."""
        return frozenset(mail for row in self.rows for mail in row.mails)

    @property
    def logins(self) -> frozenset[str]:
        """All sign-in names, in lower case."""
        return frozenset(login for row in self.rows for login in row.logins)

    @property
    def names(self) -> tuple[PersonName, ...]:
        """All names, former ones among them, once each."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.names))

    @property
    def location(self) -> Location:
        """The row that tells most of the employment."""
        return next((row.location for row in self.rows if row.is_from_hr), self.rows[0].location)

    def state_at(self, moment: datetime) -> PersonState:
        """Employed if any row is, left only if all have ended; rows of HR outweigh a directory's.

        Whoever HR calls employed is barred where the directory has closed every account.
        """
        of_hr = [row.state_at(moment) for row in self.rows if row.is_from_hr]
        accounts = [row.state_at(moment) for row in self.rows if not row.is_from_hr]
        if not of_hr:
            return _first(accounts)
        state = _first(of_hr)
        closed = {PersonState.BARRED, PersonState.LEFT}
        is_present = state in {PersonState.EMPLOYED, PersonState.AWAY, PersonState.UNKNOWN}
        return PersonState.BARRED if is_present and accounts and set(accounts) <= closed else state

    def left_on(self, moment: datetime) -> datetime | None:
        """The last day of somebody who has left; None where no row gives one."""
        rows = [row for row in self.rows if row.is_from_hr] or self.rows
        ends = [
            row.end
            for row in rows
            if isinstance(row.end, datetime) and row.state_at(moment) is PersonState.LEFT
        ]
        return max(ends, default=None)


def _first(states: list[PersonState]) -> PersonState:
    return min(states, key=_RANK.index)


@dataclass(frozen=True, slots=True)
class RosterDefect:
    """A sign that a roster lacks people (`is_partial`), or leaves open who is meant."""

    what: str
    location: Location
    is_partial: bool


@dataclass(frozen=True, slots=True)
class StatedUser:
    """A line of the file beside the roster: whose user it is, or that it is nobody's."""

    arn: str
    person: str
    kind: UserKind | None
    location: Location


@dataclass(frozen=True, slots=True)
class RosterSettings:
    """The file beside the rosters; whatever it leaves out is found in them.

    `columns` names fields by header, `states` words of the status. `roster` is the stem of the one
    file that it is for, "" for all.
    """

    system: str = ""
    exported_at: datetime | None = None
    exported_by: str = ""
    filter: str = ""
    scope: RosterScope | None = None
    has_contractors: bool | None = None
    total: int | None = None
    mail_domains: frozenset[str] = frozenset()
    id_tags: tuple[str, ...] = ()
    shown: str = "id"
    columns: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, PersonState] = field(default_factory=dict)
    users: tuple[StatedUser, ...] = ()
    artifact: Artifact | None = None


@dataclass(frozen=True, slots=True)
class RosterFile:
    """One file that lists people, and what is doubtful about it."""

    artifact: Artifact
    rows: tuple[RosterRow, ...]
    defects: tuple[RosterDefect, ...] = ()
    settings: RosterSettings = RosterSettings()


@dataclass(frozen=True, slots=True)
class Roster:
    """All lists of people that were handed in, their rows joined into people.

    `domains` are the company's own mail domains.
    """

    files: tuple[RosterFile, ...] = ()
    people: tuple[Person, ...] = ()
    settings: RosterSettings = RosterSettings()
    domains: frozenset[str] = frozenset()
    settings_files: tuple[Artifact, ...] = ()

    def scope_at(self, moment: datetime) -> RosterScope | None:
        """Whom the lists hold together; None where there is nobody in them.

        A list without a leaver is one of active people: it proves of nobody that they left.
        """
        stated = [each.settings.scope for each in self.files]
        states = {person.state_at(moment) for person in self.people}
        is_one_sided = bool(stated) and set(stated) == {RosterScope.LEAVERS}
        has_left = PersonState.LEFT in states or RosterScope.ALL in stated
        if states & {PersonState.EMPLOYED, PersonState.AWAY} and not is_one_sided:
            return RosterScope.ALL if has_left else RosterScope.ACTIVE
        if has_left or is_one_sided:
            return RosterScope.LEAVERS
        return RosterScope.ACTIVE if states else None

    def artifacts(self) -> Iterator[Artifact]:
        """Every file that was handed in, the settings last."""
        yield from (each.artifact for each in self.files)
        yield from self.settings_files
