"""In: one value as an export wrote it. Out: a bool or a time, or the MissingValue in its place.

A value that can't be read stays a MissingValue; it never turns into False, "never" or a guessed
date.
"""

import re
from datetime import UTC, datetime
from enum import StrEnum

from analyzer.config import DateOrder


class MissingValue(StrEnum):
    """Why there is no value. Only UNREADABLE means that we don't know what the export said."""

    ABSENT = "N/A"
    NO_INFORMATION = "no_information"
    NOT_SUPPORTED = "not_supported"
    UNREADABLE = "unreadable"


MaybeBool = bool | MissingValue
MaybeTime = datetime | MissingValue

_TRUTH_WORDS = (
    # As spreadsheets show them in German, French, Spanish, Italian, Portuguese, Dutch, Swedish,
    # Danish, Norwegian, Finnish, Polish, Czech and Slovak, Hungarian, Russian and Turkish.
    ("true", "false"),
    ("wahr", "falsch"),
    ("vrai", "faux"),
    ("verdadero", "falso"),
    ("vero", "falso"),
    ("verdadeiro", "falso"),
    ("waar", "onwaar"),
    ("sant", "falskt"),
    ("sand", "falsk"),
    ("sann", "usann"),
    ("tosi", "epätosi"),
    ("prawda", "fałsz"),
    ("pravda", "nepravda"),
    ("igaz", "hamis"),
    ("истина", "ложь"),
    ("doğru", "yanliş"),  # the latter as Python folds YANLIŞ
)
_BOOLS: dict[str, MaybeBool] = {
    "not_supported": MissingValue.NOT_SUPPORTED,
    "n/a": MissingValue.ABSENT,
    "#n/a": MissingValue.ABSENT,
}
_BOOLS |= {yes: True for yes, _ in _TRUTH_WORDS} | {no: False for _, no in _TRUTH_WORDS}
_MISSING = {
    "n/a": MissingValue.ABSENT,
    "#n/a": MissingValue.ABSENT,
    "no_information": MissingValue.NO_INFORMATION,
    "not_supported": MissingValue.NOT_SUPPORTED,
}
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.IGNORECASE,
)
_LOCAL = re.compile(
    r"(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<year>\d{4})"
    r"(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s*(?P<half>[AaPp][Mm])?)?"
)
_NOON = 12
_YEARS = range(1971, 2200)
"""The years that an export can speak of.

.NET and Go write "never" as a time in the year 1, others as the start of 1970 or as 9999.
"""


def parse_bool(text: str) -> MaybeBool:
    """The truth value in a cell, in any letter case and in the words of spreadsheets' languages.

    An empty cell is unreadable, not false.
    """
    return _BOOLS.get(text.strip().lower(), MissingValue.UNREADABLE)


def truth_words(text: str) -> str:
    """The pair of words that the truth value in a cell is one of: "TRUE/FALSE", "WAHR/FALSCH".

    The word alone where it is one of several languages.
    """
    word = text.strip().lower()
    pairs = ["/".join(pair).upper() for pair in _TRUTH_WORDS if word in pair]
    return pairs[0] if len(pairs) == 1 else word.upper() if pairs else ""


def parse_time(text: str, order: DateOrder | None = None) -> MaybeTime:
    """The time in a cell, in UTC and to the second; a time without an offset is taken as UTC.

    Takes ISO 8601 with `T` or a space, `Z`, an offset or none. A local date such as 08.03.2022
    is unreadable unless `order` says which number is the day.
    """
    stripped = text.strip()
    gap = _MISSING.get(stripped.lower())
    if gap is not None:
        return gap
    if order and _LOCAL.fullmatch(stripped):
        return _if_plausible(_parse_local_time(stripped, order))
    return _if_plausible(parse_iso_time(stripped))


def parse_iso_time(text: str) -> MaybeTime:
    """The time in ISO 8601, of whatever year; UNREADABLE where the text is none."""
    written = text.strip().removesuffix(" UTC")
    # Python reads a bare 20220308 and week numbers too; in a cell those are guesses.
    if _ISO.fullmatch(written) is None:
        return MissingValue.UNREADABLE
    try:
        return _as_utc(datetime.fromisoformat(written.upper()))
    except (ValueError, OverflowError):
        return MissingValue.UNREADABLE


def looks_like_local_date(text: str) -> bool:
    """True for a date that a spreadsheet wrote in its own country's order."""
    return _LOCAL.fullmatch(text.strip()) is not None


def time_from_epoch(seconds: float) -> MaybeTime:
    """The time so many seconds after 1970, as some SDKs write it."""
    try:
        return _if_plausible(datetime.fromtimestamp(seconds, UTC).replace(microsecond=0))
    except (ValueError, OverflowError, OSError):
        return MissingValue.UNREADABLE


def _as_utc(read: datetime) -> datetime:
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def _if_plausible(time: MaybeTime) -> MaybeTime:
    """The time, UNREADABLE where no export can have it."""
    is_told = isinstance(time, datetime) and time.year in _YEARS
    return time if is_told else MissingValue.UNREADABLE


def _parse_local_time(text: str, order: DateOrder) -> MaybeTime:
    match = _LOCAL.fullmatch(text)
    if match is None:
        return MissingValue.UNREADABLE
    first, second = int(match["a"]), int(match["b"])
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= _NOON:
            return MissingValue.UNREADABLE
        hour = hour % _NOON + (_NOON if match["half"].lower() == "pm" else 0)
    try:
        return datetime(
            int(match["year"]),
            month,
            day,
            hour,
            int(match["minute"] or 0),
            int(match["second"] or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return MissingValue.UNREADABLE
