"""In: a cell of a roster. Out: the day or the state in it, or why neither.

Whatever can't be read stays UNREADABLE or UNKNOWN: no date is guessed, and nobody is made a leaver
by a word that can mean something else.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analyzer.config import DateOrder
from analyzer.evidence.cells import MissingValue, parse_bool, parse_iso_time, time_from_epoch
from analyzer.evidence.roster_fields import header_key
from analyzer.evidence.roster_model import MaybeDay, PersonState

_NONE = frozenset(
    {
        "", "-", "--", "n/a", "#n/a", "na", "null", "none", "never", "nie", "jamais", "offen",
        "unbefristet", "0", "00.00.0000", "0000-00-00", "00/00/0000", "9223372036854775807",
    }
)  # fmt: skip
"""How exports write that there is no day; the number is Active Directory's "never"."""
_NEVER_FROM = 2900
"""From this year on a day means "never": 9999-12-31, or 2999-12-31 as some HR systems write."""
_SEPARATED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,]+\d{1,2}:\d\d.*)?")
_NAMED_MONTH = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})(?:[ T,]+\d{1,2}:\d\d.*)?")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_FILETIME = re.compile(r"\d{17,18}")
_LDAP = re.compile(r"(\d{4})(\d\d)(\d\d)\d{6}(?:\.\d+)?Z")
_WINDOWS = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_COMPACT = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: .*)?")
_EPOCH_OF_EXCEL = datetime(1899, 12, 30, tzinfo=UTC)
_EPOCH_OF_FILETIME = datetime(1601, 1, 1, tzinfo=UTC)
_SERIALS = range(20_000, 80_000)
"""Serial numbers of spreadsheets from 1954 to 2119."""
_CENTURY, _PIVOT = 100, 70
_MONTHS_IN_YEAR = 12
_YEARS = range(1920, _NEVER_FROM)

_STATE_WORDS: Mapping[PersonState, str] = {
    PersonState.EMPLOYED: """active aktiv actif active employed enabled current currentemployee
        recovery passwordreset passwordexpired lockedout activated beschaeftigt angestellt present
        enposte regular approved inservice notice noticeperiod""",
    PersonState.FUTURE: """staged provisioned pendinguseraction onboarding prehire preboarding
        pending pendingactivation futurehire hired avenir zukuenftig""",
    PersonState.AWAY: """leave onleave leaveofabsence loa paidleave unpaidleave abwesend beurlaubt
        elternzeit mutterschutz parentalleave maternityleave conge enconge suspendedcontract
        sabbatical karenz absent furlough furloughed ruhend""",
    PersonState.BARRED: """suspended disabled deactivated inactive inaktiv inactif gesperrt blocked
        archived suspendu desactive deaktiviert barred rejected""",
    PersonState.LEFT: """terminated deprovisioned ausgeschieden sorti sortie left leaver resigned
        retired dismissed former formeremployee exemployee ehemalig ehemaliger separated departed
        deceased parti partie offboarded quit termination retraite rentner verstorben""",
}
_STATE_OF = {word: state for state, words in _STATE_WORDS.items() for word in words.split()}
_YES = frozenset({"yes", "y", "ja", "j", "oui", "o", "x", "1", "si"})
_NO = frozenset({"no", "n", "nein", "non", "0"})
_ENTRIES = frozenset(
    {
        "einstellung", "wiedereinstellung", "eintritt", "hire", "rehire", "embauche", "reembauche",
        "joiner",
    }
)  # fmt: skip
_EXITS = frozenset(
    {
        "austritt", "termination", "exit", "leaver", "sortie", "depart", "kuendigung",
        "ausscheiden", "end",
    }
)  # fmt: skip
_DISABLED_FLAG = 2
"""ACCOUNTDISABLE of userAccountControl.

https://learn.microsoft.com/troubleshoot/windows-server/active-directory/useraccountcontrol-manipulate-account-properties
"""
_ONELOGIN = {"1": PersonState.EMPLOYED, "2": PersonState.BARRED}
"""OneLogin's status by number: active, suspended. What else it can be says neither."""


@dataclass(frozen=True, slots=True)
class DayOrder:
    """How one column writes days with slashes. `is_contradictory`: no one order fits all cells."""

    order: DateOrder | None
    is_contradictory: bool = False


def day_order(cells: Iterable[str], stated: DateOrder | None) -> DayOrder:
    """The order of a column: a part above 12 settles it, else what the person said of the file."""
    first = second = False
    for cell in cells:
        read = _SEPARATED.fullmatch(cell.strip())
        if read and read[2] != ".":
            first = first or int(read[1]) > _MONTHS_IN_YEAR
            second = second or int(read[3]) > _MONTHS_IN_YEAR
    if first and second:
        return DayOrder(None, is_contradictory=True)
    shown = DateOrder.DAY_FIRST if first else DateOrder.MONTH_FIRST if second else None
    return DayOrder(shown or stated)


def parse_day(text: str, order: DayOrder, shift: int = 0) -> MaybeDay:
    """The day in a cell, in UTC; `shift` are the days between a workbook's epoch and 1900's.

    Points mean day first, as in German; slashes mean what the column's order says.
    """
    bare = text.strip()
    if bare.casefold() in _NONE:
        return MissingValue.ABSENT
    read = _read_day(bare, order, shift)
    if not isinstance(read, datetime):
        return read
    if read.year >= _NEVER_FROM:
        return MissingValue.ABSENT
    return read if read.year in _YEARS else MissingValue.UNREADABLE


def _read_day(bare: str, order: DayOrder, shift: int) -> MaybeDay:
    try:
        if (serial := _SERIAL.fullmatch(bare)) and int(serial[1]) in _SERIALS:
            return _EPOCH_OF_EXCEL + timedelta(days=int(serial[1]) + shift)
        if _FILETIME.fullmatch(bare):
            return _EPOCH_OF_FILETIME + timedelta(seconds=int(bare) // 10**7)
        if written := _WINDOWS.fullmatch(bare):
            return time_from_epoch(int(written[1]) / 1000)
        if ordered := _LDAP.fullmatch(bare) or _COMPACT.fullmatch(bare):
            return datetime(int(ordered[1]), int(ordered[2]), int(ordered[3]), tzinfo=UTC)
        if named := _NAMED_MONTH.fullmatch(bare):
            month = _MONTHS.index(named[2].lower()) + 1
            return datetime(int(named[3]), month, int(named[1]), tzinfo=UTC)
        if local := _SEPARATED.fullmatch(bare):
            return _local_day(local, order)
    except (ValueError, OverflowError):
        return MissingValue.UNREADABLE
    return parse_iso_time(bare)


def _local_day(read: re.Match[str], order: DayOrder) -> MaybeDay:
    first, second, year = int(read[1]), int(read[3]), int(read[4])
    if len(read[4]) < len("2026"):
        year += 1900 if year >= _PIVOT else 1900 + _CENTURY
    if read[2] == ".":
        return datetime(year, second, first, tzinfo=UTC)
    if order.is_contradictory or (order.order is None and first != second):
        return MissingValue.UNREADABLE
    is_day_first = order.order is not DateOrder.MONTH_FIRST
    day, month = (first, second) if is_day_first else (second, first)
    return datetime(year, month, day, tzinfo=UTC)


def parse_state(text: str, own: Mapping[str, PersonState]) -> PersonState | None:
    """What a status says; None for an empty cell, UNKNOWN for a word that no list has.

    A kind of leave is told by none of the states but AWAY: it is a matter of health, and not kept.
    """
    key = header_key(text)
    if not key:
        return None
    flag = parse_flag(text)
    if key not in own and flag is not None:
        return PersonState.EMPLOYED if flag else PersonState.BARRED
    return own.get(key) or _STATE_OF.get(key, PersonState.UNKNOWN)


def parse_flag(text: str) -> bool | None:
    """Yes or no, in any of the spreadsheets' languages; None for anything else."""
    read = parse_bool(text)
    if isinstance(read, bool):
        return read
    word = text.strip().casefold()
    return True if word in _YES else False if word in _NO else None


def state_of_flags(text: str) -> PersonState | None:
    """The state in a userAccountControl of Active Directory: 512 is on, 514 off."""
    bare = text.strip()
    if not bare.isascii() or not bare.isdigit():
        return None
    return PersonState.BARRED if int(bare[:10]) & _DISABLED_FLAG else PersonState.EMPLOYED


def state_of_number(text: str) -> PersonState | None:
    """The state in OneLogin's numeric status; None for a word."""
    bare = text.strip()
    return _ONELOGIN.get(bare, PersonState.UNKNOWN) if bare.isascii() and bare.isdigit() else None


def is_entry(event: str) -> bool | None:
    """True for an event that begins an employment, False for one that ends it, None for others."""
    key = header_key(event)
    return True if key in _ENTRIES else False if key in _EXITS else None


def is_state_word(text: str) -> bool:
    """True for a word of a status."""
    return header_key(text) in _STATE_OF
