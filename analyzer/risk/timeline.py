"""In: a leaked credential with its owner and status. Out: its dates in order, and its exposure.

All times are those of commits and exports; the clock has no part in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analyzer.evidence.artifacts import Location
from analyzer.leaks.model import Credential, Occurrence
from analyzer.risk.exposure import Exposure
from analyzer.risk.key_status import StatusFinding
from analyzer.risk.owner import Owner


class EventKind(StrEnum):
    """What happened at a date."""

    CREATED = "created"
    LEAKED = "leaked"
    SEEN_LAST = "last place came in"
    USED = "last used"
    ENDED = "ended"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a time, and what shows it; None for the report itself."""

    kind: EventKind
    at: datetime
    location: Location | Occurrence | None


@dataclass(frozen=True, slots=True)
class ExposureWindow:
    """From the first known place to the end, or to the report where it may still be open.

    `days` is None where nothing dates the leak. With `is_open` it may still go on, so they are at
    least so many; without a known end they are `is_at_most` so many.
    """

    since: datetime | None
    until: datetime | None
    days: int | None
    is_open: bool
    is_at_most: bool


def exposure_window(
    seen: Exposure, status: StatusFinding, happened: tuple[Event, ...], as_of: datetime | None
) -> ExposureWindow:
    """How long it could be used by whoever found it; not before it was made, whatever git says."""
    made = [each.at for each in happened if each.kind is EventKind.CREATED]
    since = max([seen.first, *made]) if seen.first is not None else None
    until, days = status.ended_at or as_of, None
    if since is not None and until is not None:
        days = max(0, (until - since).days)
    is_open = not status.is_dead
    return ExposureWindow(
        since, until, days, is_open, is_at_most=not is_open and status.ended_at is None
    )


def events(
    credential: Credential,
    seen: Exposure,
    owner: Owner,
    status: StatusFinding,
    as_of: datetime | None,
) -> tuple[Event, ...]:
    """The dates that are known, in their order."""
    found = [*_of_key(credential, owner), *_of_leak(credential, seen)]
    if status.ended_at is not None:
        found.append(
            Event(
                EventKind.ENDED, status.ended_at, status.locations[-1] if status.locations else None
            )
        )
    if as_of is not None:
        found.append(Event(EventKind.REPORT, as_of, None))
    order = list(EventKind)
    return tuple(sorted(found, key=lambda each: (each.at, order.index(each.kind))))


def _of_key(credential: Credential, owner: Owner) -> Iterator[Event]:
    """When the key was made and last used, where the files tell for this very key."""
    account = owner.account
    if account is None or not owner.is_in_export:
        return
    for listed in account.listed_keys:
        if listed.key_id == credential.key_id and isinstance(listed.created, datetime):
            yield Event(EventKind.CREATED, listed.created, listed.location)
            break
    slot = owner.slot(credential.key_id)
    if slot is not None and isinstance(slot.last_used, datetime):
        yield Event(EventKind.USED, slot.last_used, slot.location("last_used_date"))
        return
    for use in account.keys_last_used:
        if use.key_id == credential.key_id and isinstance(use.last_used, datetime):
            yield Event(EventKind.USED, use.last_used, use.location)
            break


def _of_leak(credential: Credential, seen: Exposure) -> Iterator[Event]:
    dated = [each for each in credential.occurrences if each.date is not None]
    for what, when in ((EventKind.LEAKED, seen.first), (EventKind.SEEN_LAST, seen.last)):
        if when is not None and (what is EventKind.LEAKED or when != seen.first):
            yield Event(what, when, next(each for each in dated if each.date == when))
