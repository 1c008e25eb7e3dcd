"""In: an account. Out: credentials that nobody uses, each by itself and all of a user's."""

from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime, MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, ReportEntry
from analyzer.rules.outcomes import (
    CIS_IDLE_DAYS,
    IDLE_FOR_CIS,
    Outcome,
    Pass,
    Unknown,
    active_keys,
    as_variant,
    fail,
    is_for_emergencies,
    key_resource,
    pass_unless_disputed,
    unreadable,
    user_resource,
)
from analyzer.rules.unused_access import (
    NOT_UNUSED_ACCESS,
    UnusedType,
    check_by_analyzer,
    has_unused_access,
    open_by_name,
)


def key_never_used(account: Account, limits: Limits) -> Iterator[Outcome]:
    """An active key was never used; later than the unused limit, that check takes over.

    The advice is ours from the second day on; CIS asks for 45 days.
    """
    for user, _, key in active_keys(account):
        if is_for_emergencies(user, limits):
            yield Pass()
        elif key.last_used is MissingValue.UNREADABLE:
            yield unreadable(key.location("last_used_date"))
        elif key.last_used is not MissingValue.ABSENT:
            yield Pass()
        elif not isinstance(key.made, datetime):
            yield unreadable(key.location("last_rotated"))
        elif not limits.key_settling < account.days_since(key.made) <= limits.unused_key:
            yield pass_unless_disputed(key)
        elif key.active is True:
            where = key.location("last_used_date"), *key.made_locations
            age = account.days_since(key.made)
            found = fail(key_resource(user, key), *where, user=user.name, created=key.made, age=age)
            yield as_variant(IDLE_FOR_CIS, found) if age >= CIS_IDLE_DAYS else found
        else:
            yield unreadable(key.location("active"))


def key_unused_45_days(account: Account, limits: Limits) -> Iterator[Outcome]:
    """An active key has not been used for 45 days, or never since it was made. CIS 1.11 (5.0)."""
    if not (has_unused_access(account) or _has_report(account)):
        yield Unknown(NOT_UNUSED_ACCESS)
    analyzed = open_by_name(account, UnusedType.KEY)
    in_use: dict[str, datetime | None] = {}
    for user, _, key in active_keys(account):
        last = key.made if key.last_used is MissingValue.ABSENT else key.last_used
        if not isinstance(last, datetime):
            never = key.last_used is MissingValue.ABSENT
            yield unreadable(key.location("last_rotated" if never else "last_used_date"))
        elif is_for_emergencies(user, limits):
            yield Pass()
        elif account.days_since(last) <= limits.unused_key:
            used = last if key.last_used is last else None
            # The analyzer names no key: of two it may mean the one that was used less.
            other = in_use.get(user.name, used)
            in_use[user.name] = min(used, other) if used and other else None
            yield Pass() if used else pass_unless_disputed(key)
        elif key.active is not True:
            yield unreadable(key.location("active"))
        else:
            analyzer = analyzed.pop(user.name, None)
            yield fail(
                key_resource(user, key),
                key.location("last_used_date"),
                key.location("active"),
                *([analyzer.location] if analyzer else []),
                user=user.name,
                created=key.made,
                last=key.last_used if isinstance(key.last_used, datetime) else "never",
                idle=account.days_since(last),
                limit=limits.unused_key,
            )
    told = {name: last for name, last in in_use.items() if name in analyzed}
    yield from check_by_analyzer(account, UnusedType.KEY, told)


def credentials_unused_90_days(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A user who has done nothing for 90 days can still get in. PCI 8.2.6.

    CIS and Security Hub judge each credential by itself, which is for other checks.
    """
    for user, entry in account.users_in_report():
        if entry.has_live_credential is False:
            continue
        acts = {
            entry.row.at("password_last_used"): entry.password_last_used,
            **{key.location("last_used_date"): key.last_used for key in entry.keys},
        }
        used = [time for time in acts.values() if isinstance(time, datetime)]
        counted = acts if used else _creation_times(entry)
        unread = [
            location
            for location, time in {**counted, **acts}.items()
            if time is MissingValue.UNREADABLE
        ]
        times = [time for time in counted.values() if isinstance(time, datetime)]
        last = max(times, default=None)
        is_recent = last is not None and account.days_since(last) <= limits.unused_credential
        if (is_recent and (used or not unread)) or is_for_emergencies(user, limits):
            yield Pass()
        elif unread or last is None:
            yield unreadable(unread[0] if unread else entry.row.at("password_last_used"))
        elif entry.has_live_credential is not True:
            yield unreadable(entry.first_unreadable_cell)
        else:
            yield fail(
                user_resource(user),
                *_activity_cells(entry),
                user=user.name,
                last=last if used else "never",
                idle=account.days_since(last),
                limit=limits.unused_credential,
                credentials=entry.described(),
            )


def password_unused(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Nobody has signed in with the password for long, whatever the user's keys do.

    CIS 1.11 (5.0), 45 days; Security Hub IAM.8 and PCI DSS 8.2.6, 90 days. A password that was
    never used is for `initial_password_never_used`.
    """
    if not (has_unused_access(account) or _has_report(account)):
        yield Unknown(NOT_UNUSED_ACCESS)
    analyzed = open_by_name(account, UnusedType.PASSWORD)
    in_use: dict[str, datetime | None] = {}
    for user, entry in account.users_in_report():
        used = entry.password_last_used
        if entry.password_enabled is False or used is MissingValue.NO_INFORMATION:
            continue
        if is_for_emergencies(user, limits):
            yield Pass()
        elif not isinstance(used, datetime):
            yield unreadable(entry.row.at("password_last_used"))
        elif account.days_since(used) <= limits.unused_password:
            in_use[user.name] = used
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        else:
            analyzer = analyzed.get(user.name)
            yield fail(
                user_resource(user),
                entry.row.at("password_last_used"),
                entry.row.at("password_enabled"),
                *([analyzer.location] if analyzer else []),
                user=user.name,
                last=used,
                idle=account.days_since(used),
                limit=limits.unused_password,
            )
    yield from check_by_analyzer(account, UnusedType.PASSWORD, in_use)


def _has_report(account: Account) -> bool:
    return ExportKind.CREDENTIAL_REPORT in account.available_exports


def _creation_times(entry: ReportEntry) -> dict[Location, MaybeTime]:
    """When each thing that was never used came to be: idleness counts from there."""
    return {
        entry.row.at("user_creation_time"): entry.created,
        entry.row.at("password_last_changed"): entry.password_last_changed,
        **{key.location("last_rotated"): key.made for key in entry.keys},
    }


def _activity_cells(entry: ReportEntry) -> Iterator[Location]:
    yield entry.row.at("password_last_used")
    for key in entry.keys:
        yield key.location("last_used_date")
