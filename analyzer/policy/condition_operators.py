"""In: a value of a request and one of a condition. Out: whether they match; None: unknown.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from analyzer.evidence.cells import parse_iso_time
from analyzer.globs import LITERAL_MARK, LITERAL_STAR, NOTHING, covers, literal, matches, overlap
from analyzer.policy.arns import arn_matches

Comparison = Callable[[str, str], bool | None]
ADDRESS_OPERATORS = ("IpAddress", "NotIpAddress")
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def covers_public_internet(values: Iterable[str], version: int) -> bool | None:
    """Whether the networks hold every address of IP version 4 or 6; None: one can't be read.

    Of IPv6 the public addresses are those of 2000::/3.
    """
    networks = [_network(value) for value in values]
    if any(each is None for each in networks):
        return None
    if version == 4:  # noqa: PLR2004 - of the Internet Protocol
        every = [each for each in networks if isinstance(each, ipaddress.IPv4Network)]
        return any(each.prefixlen == 0 for each in ipaddress.collapse_addresses(every))
    wide = [each for each in networks if isinstance(each, ipaddress.IPv6Network)]
    return any(_PUBLIC_IPV6.subnet_of(each) for each in ipaddress.collapse_addresses(wide))


def _plain(pattern: str) -> str:
    """A pattern as a text of its own, for operators without wildcards."""
    return pattern.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")


def _equals(value: str, pattern: str) -> bool:
    return NOTHING not in pattern and value == _plain(pattern)


def _equals_ignoring_case(value: str, pattern: str) -> bool:
    return NOTHING not in pattern and value.casefold() == _plain(pattern).casefold()


def _like(value: str, pattern: str) -> bool:
    return matches(pattern, value)


def _arn(value: str, pattern: str) -> bool:
    is_whole = min(value.count(":"), pattern.count(":")) >= 5  # noqa: PLR2004 - six fields
    return not pattern.strip("*") or (is_whole and arn_matches(pattern, value))


def _bool(value: str, pattern: str) -> bool | None:
    wanted = pattern.lower()
    return value.lower() == wanted if wanted in ("true", "false") else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _time(text: str) -> datetime | None:
    number = _number(text)
    if number is not None:
        try:
            return datetime.fromtimestamp(number, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    found = parse_iso_time(text)
    return found if isinstance(found, datetime) else None


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _address(value: str, pattern: str) -> bool | None:
    mine, listed = _network(value), _network(pattern)
    if mine is None or listed is None:
        return None
    if isinstance(mine, ipaddress.IPv4Network) and isinstance(listed, ipaddress.IPv4Network):
        return mine.subnet_of(listed)
    if isinstance(mine, ipaddress.IPv6Network) and isinstance(listed, ipaddress.IPv6Network):
        return mine.subnet_of(listed)
    return False


def _numeric(compare: Callable[[float, float], bool]) -> Comparison:
    def compared(value: str, pattern: str) -> bool | None:
        mine, wanted = _number(value), _number(pattern)
        return None if mine is None or wanted is None else compare(mine, wanted)

    return compared


def _dated(compare: Callable[[datetime, datetime], bool]) -> Comparison:
    def compared(value: str, pattern: str) -> bool | None:
        mine, wanted = _time(value), _time(pattern)
        return None if mine is None or wanted is None else compare(mine, wanted)

    return compared


COMPARISONS: Mapping[str, Comparison] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": _like,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": _bool,
    "BinaryEquals": _equals,
    "IpAddress": _address,
    "NumericEquals": _numeric(operator.eq),
    "NumericLessThan": _numeric(operator.lt),
    "NumericLessThanEquals": _numeric(operator.le),
    "NumericGreaterThan": _numeric(operator.gt),
    "NumericGreaterThanEquals": _numeric(operator.ge),
    "DateEquals": _dated(operator.eq),
    "DateLessThan": _dated(operator.lt),
    "DateLessThanEquals": _dated(operator.le),
    "DateGreaterThan": _dated(operator.gt),
    "DateGreaterThanEquals": _dated(operator.ge),
}
"""Every operator that is not the negation of another, by its name."""


def compare_beginning(operator: str, text: str, pattern: str) -> bool | None:
    """Whether a value that begins with the text, and has more to it, matches; None: who knows."""
    if not operator.startswith("String"):
        return None
    if operator.endswith("IgnoreCase"):
        text, pattern = text.casefold(), pattern.casefold()
    if operator != "StringLike" and NOTHING not in pattern:
        pattern = literal(_plain(pattern))
    every = f"{literal(text)}*"
    if covers(pattern, every):
        return True
    return None if overlap(pattern, every) else False
