"""In: text that encodes bytes or other text. Out: what it encodes.

A value is written differently in different places; its digest has to be the same everywhere.
"""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta

from analyzer.leaks.lazy_regex import lazy_regex

LONGEST = 65_536
"""Characters of Base64 that are decoded at most; no token is nearly as long."""

BASE64 = r"(?:[A-Za-z0-9+/_-]|%(?:25)?2[BbFf]|\\/|\\u002[BbFf])"
"""One character of Base64 in any alphabet, or an escaped plus or slash."""

BEFORE = r"(?:(?<![A-Za-z0-9+/])|(?<=\\[ntr])|(?<=\n\+)|(?<=\A\+))"
"""No Base64 comes before, but for the letter of a written line break and the sign of a diff."""

PADDING = r"(?:=|%(?:25)?3[Dd]|\\u003[Dd]){0,2}"
"""The end of Base64."""

AMPERSAND = r"(?:&(?:amp;)?|\\u0026)"
"""What separates the fields of a query, in an address, in HTML and in JSON."""

_ESCAPE = lazy_regex(r"%(?:25)?([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\(/)|(&)amp;")
_INSTANT = lazy_regex(
    r"(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d):?(\d\d)(?:\.\d{1,9})?(Z|UTC|\+00:?00)?"
)


def unescape(text: str) -> str:
    """The text without escapes of single characters."""
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    number = match[1] or match[2]
    return chr(int(number, 16)) if number else match[3] or match[4]


def decode_base64_text(value: str) -> str | None:
    """What the Base64 of either alphabet decodes to, byte for character; None where it is none.

    An incomplete last character is dropped, so that a token that was cut off can be read.
    """
    core = value[:LONGEST].rstrip("=").replace("-", "+").replace("_", "/")
    core = core[: len(core) - (len(core) % 4 == 1)]
    try:
        return base64.b64decode(core + "=" * (-len(core) % 4), validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return None


def parse_amz_date(text: str) -> datetime | None:
    """The time of an ISO 8601 text in UTC, in its long or its short form; None for any other."""
    match = _INSTANT.match(text)
    if match is None:
        return None
    try:
        return datetime(*map(int, match.groups()[:6]), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def plus_seconds(begin: datetime | None, seconds: int) -> datetime | None:
    """The time so many seconds later; None where nothing begins or no year is so late."""
    try:
        return begin + timedelta(seconds=seconds) if begin else None
    except OverflowError:
        return None


def time_from_epoch(seconds: str) -> datetime | None:
    """The time that many seconds after 1970; None where there is no such year."""
    try:
        return datetime.fromtimestamp(int(seconds), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
