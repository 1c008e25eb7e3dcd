"""In: a clause, the type of its key, a day. Out: values that no value of the key can equal."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from analyzer.evidence.cells import parse_iso_time
from analyzer.policy.condition_operators import ADDRESS_OPERATORS
from analyzer.policy.condition_parser import Clause
from analyzer.policy.lint.condition_keys import KeyType, is_global, is_tag
from analyzer.policy.lint.faults import FaultKind

_WILD = re.compile(r"[*?]")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_NOW = ("aws:currenttime", "aws:epochtime")
_ENDING = ("DateLessThan", "DateLessThanEquals", "DateEquals", "NumericLessThan",
           "NumericLessThanEquals", "NumericEquals")  # fmt: skip
_PRIVATE_IPV4 = tuple(
    ipaddress.IPv4Network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
                 "100.64.0.0/10")
)  # fmt: skip
_PRIVATE_IPV6 = tuple(ipaddress.IPv6Network(each) for each in ("fc00::/7", "fe80::/10", "::1/128"))
"""RFC 1918, 6598, 4193 and what never leaves a machine or a link."""
_TYPES_OF = {
    "Bool": {KeyType.BOOL, KeyType.BOOLS},
    "Numeric": {KeyType.NUMERIC, KeyType.DATE},
    "Date": {KeyType.DATE, KeyType.NUMERIC},
    "IpAddress": {KeyType.ADDRESS},
    "Arn": {KeyType.ARN, KeyType.ARNS},
}
"""The types of keys that operators compare. AWS compares the text of any type, so String is none.

AWS's lists call many keys of services String that hold something else, so only its own keys count.
"""


@dataclass(frozen=True, slots=True)
class WrongValue:
    """Why no value of the key equals what the clause names.

    `turns_round`: the negated operator then holds for every value. `only_some`: of the values it
    names, only some are such.
    """

    kind: FaultKind
    explanation: str
    turns_round: bool = False
    only_some: bool = False


def wrong_values(clause: Clause, kind: KeyType | None, as_of: datetime) -> WrongValue | None:
    """The first reason why the values of the clause are none that the key can have."""
    if not clause.values:
        return None
    return (
        _type_mismatch(clause, kind)
        or _unparsed(clause)
        or _expired(clause, as_of)
        or _private(clause)
        or _wildcard(clause)
    )


def _family(clause: Clause) -> str:
    plain = clause.operator.replace("Not", "")
    return next((each for each in _TYPES_OF if plain.startswith(each)), "")


def _type_mismatch(clause: Clause, kind: KeyType | None) -> WrongValue | None:
    key, family = clause.key.lower(), _family(clause)
    if kind is None or not family or kind in _TYPES_OF[family] or is_tag(key):
        return None
    is_text = kind in (KeyType.STRING, KeyType.STRINGS)
    if is_text and (not is_global(key) or _takes_any(clause)):
        return None
    text = f"{clause.operator} compares no {kind.value.removeprefix('ArrayOf')}, as {clause.key} is"
    return WrongValue(FaultKind.TYPE_MISMATCH, text)


def _takes_any(clause: Clause) -> bool:
    return any(not each.strip("*") for each in clause.values)


def _unparsed(clause: Clause) -> WrongValue | None:
    """Values that are none of the operator's type."""
    readers: dict[str, tuple[FaultKind, str, Callable[[str], bool]]] = {
        "Bool": (FaultKind.INVALID_BOOLEAN, "true or false", _is_boolean),
        "Numeric": (FaultKind.INVALID_NUMBER, "a number", _is_number),
        "Date": (FaultKind.INVALID_DATE, "a date as ISO 8601 writes it", _is_date),
        "IpAddress": (FaultKind.INVALID_NETWORK, "a network", _is_network),
    }
    family = _family(clause)
    if family not in readers:
        return None
    kind, what, is_read = readers[family]
    wrong = [each for each in clause.values if "${" not in each and not is_read(each)]
    if not wrong:
        return None
    only_some = len(wrong) < len(clause.values)
    return WrongValue(kind, f'"{wrong[0]}" is not {what}', only_some=only_some)


def _is_boolean(text: str) -> bool:
    return text.lower() in ("true", "false")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    return _time(text) is not None


def _is_network(text: str) -> bool:
    return _network(text) is not None


def _time(text: str) -> datetime | None:
    if _is_number(text):
        try:
            return datetime.fromtimestamp(float(text), UTC)
        except (ValueError, OverflowError, OSError):
            return None
    found = parse_iso_time(text)
    return found if isinstance(found, datetime) else None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _expired(clause: Clause, as_of: datetime) -> WrongValue | None:
    """A time that is over, on the key of the time that it is."""
    if clause.key.lower() not in _NOW or clause.operator not in _ENDING:
        return None
    times = [_time(each) for each in clause.values]
    if not all(each is not None and each < as_of for each in times):
        return None
    return WrongValue(FaultKind.EXPIRED, f"it ended on {clause.values[-1]}")


def _private(clause: Clause) -> WrongValue | None:
    """Private networks, from which no request comes to AWS as aws:SourceIp has it."""
    if clause.key.lower() != "aws:sourceip" or clause.operator not in ADDRESS_OPERATORS:
        return None
    private = [each for each in clause.values if _is_private(each)]
    if not private:
        return None
    return WrongValue(
        FaultKind.PRIVATE_ADDRESS,
        f"{private[0]} is private, and aws:SourceIp holds public addresses",
        turns_round=True,
        only_some=len(private) < len(clause.values),
    )


def _is_private(text: str) -> bool:
    mine = _network(text)
    if isinstance(mine, ipaddress.IPv4Network):
        return any(mine.subnet_of(each) for each in _PRIVATE_IPV4)
    return mine is not None and any(mine.subnet_of(each) for each in _PRIVATE_IPV6)


def _wildcard(clause: Clause) -> WrongValue | None:
    """Wildcards where the operator takes them as they are written."""
    if not clause.operator.startswith(("StringEquals", "StringNotEquals")):
        return None
    wild = [each for each in clause.values if _WILD.search(_VARIABLE.sub("", each))]
    if not wild:
        return None
    return WrongValue(
        FaultKind.WILDCARD_VALUE,
        f'{clause.operator} takes "{wild[0]}" as it is written, wildcard and all',
        turns_round=True,
        only_some=len(wild) < len(clause.values),
    )
