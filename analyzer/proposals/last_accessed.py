"""In: an answer of get-service-last-accessed-details. Out: what it testifies of its principal.

Of a service job only services count. An action job also names the actions that AWS tracks: those
of them without a time were not used, and the ones that it does not name are not tracked.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analyzer.evidence.cells import MaybeTime, MissingValue
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.policy.actions import ActionIndex
from analyzer.proposals.testimony import Testimony, Witness

_PREFIX = re.compile(r"[\w-]{1,64}", re.ASCII)
_WHOLE = "service last accessed"
_SINGLE = "action last accessed"


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    witnesses: list[Witness] = field(default_factory=list)
    used: int = 0
    perhaps: int = 0
    unused: int = 0
    unused_services: int = 0
    listed: int = 0


def testimony_of_answer(
    account: Account, node: JsonNode, made: datetime, index: ActionIndex, period: timedelta
) -> Testimony:
    """What the answer says of the principal, which was made at that time."""
    told = _asked_at(node)
    asked = min(told or account.as_of, account.as_of)
    reading = _Reading()
    for service in node.each("ServicesLastAccessed"):
        _read_service(service, reading, index, asked - period)
    is_whole = node.boolean("IsTruncated") in {False, MissingValue.ABSENT}
    return Testimony(
        witnesses=tuple(reading.witnesses),
        used=reading.used,
        perhaps=reading.perhaps,
        unused=reading.unused,
        unused_services=reading.unused_services,
        unlisted=index.everything & ~reading.listed if is_whole else 0,
        why_not=_why_not(node, account, told and asked, made, period),
        bounds=tuple(_bounds(node, asked)),
    )


def _asked_at(node: JsonNode) -> datetime | None:
    """When the job ran; None where the answer does not say.

    A time after the report is taken for the report's: by a later one, a use of yesterday would be
    an old one.
    """
    times = (node.time("JobCompletionDate"), node.time("JobCreationDate"))
    return next((each for each in times if isinstance(each, datetime)), None)


def _why_not(
    node: JsonNode, account: Account, asked: datetime | None, made: datetime, period: timedelta
) -> str:
    if node.text("JobStatus") != "COMPLETED":
        return "the last-accessed job was not complete when it was saved"
    if asked is None:
        return "its last-accessed answer does not say when AWS was asked"
    if account.as_of - asked > period:
        return f"its last-accessed answer is {account.days_since(asked)} days old"
    if asked - made < period:
        return f"was made less than {period.days} days before it was asked what it uses"
    return ""


def _bounds(node: JsonNode, asked: datetime) -> Iterator[str]:
    yield f"What was used after {asked:%Y-%m-%d}, when AWS was asked."
    if node.text("JobType") != "ACTION_LEVEL":
        yield (
            "Which actions of a service were used: AWS was asked for services alone "
            "(--granularity=ACTION_LEVEL asks for actions)."
        )


def _read_service(
    service: JsonNode, reading: _Reading, index: ActionIndex, since: datetime
) -> None:
    prefix = (service.text("ServiceNamespace") or "").lower()
    if not _PREFIX.fullmatch(prefix):
        return
    bits = index.bits(f"{prefix}:*")
    reading.listed |= bits
    when = service.time("LastAuthenticated")
    tracked = list(service.each("TrackedActionsLastAccessed"))
    seen = [each for each in tracked if _is_since(each.time("LastAccessedTime"), since)]
    if not seen and not _is_since(when, since):
        reading.unused_services |= bits
        return
    reading.used |= _bits_of(prefix, seen, index)
    unused = _bits_of(prefix, (each for each in tracked if each not in seen), index)
    reading.unused |= unused
    reading.perhaps |= bits & ~unused
    for each in seen:
        name = f"{prefix}:{_bare(each)}"
        used = each.time("LastAccessedTime")
        reading.witnesses.append(Witness(name, _SINGLE, _known(used), each.location))
    if not seen:
        reading.witnesses.append(Witness(f"{prefix}:*", _WHOLE, _known(when), service.location))


def _bits_of(prefix: str, actions: Iterable[JsonNode], index: ActionIndex) -> int:
    bits = 0
    for each in actions:
        name = f"{prefix}:{_bare(each)}"
        bits |= index.bits(name) if index.knows(name) else 0
    return bits


def _bare(action: JsonNode) -> str:
    return (action.text("ActionName") or "").rpartition(":")[2]


def _is_since(when: MaybeTime, since: datetime) -> bool:
    """True unless it is certain that it was not used since then."""
    return when is MissingValue.UNREADABLE or (isinstance(when, datetime) and when >= since)


def _known(when: MaybeTime) -> datetime | None:
    return when if isinstance(when, datetime) else None
