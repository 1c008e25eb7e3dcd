"""In: an account. Out: whose password is still the first one, or is overdue for a change."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.inventory.model import Account, ReportEntry, User
from analyzer.rules.outcomes import (
    CIS_IDLE_DAYS,
    IDLE_FOR_CIS,
    Outcome,
    Pass,
    Unknown,
    as_variant,
    fail,
    is_for_emergencies,
    unreadable,
    user_resource,
)
from analyzer.rules.unused_access import (
    UnusedType,
    open_by_name,
)

_SAME_WRITE = timedelta(seconds=5)
"""AWS writes the two times of one act a moment apart."""


def initial_password_still_in_use(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A user signs in with the password that somebody else chose. PCI 8.3.5."""
    for user, entry in account.users_in_report():
        used = entry.password_last_used
        if entry.password_enabled is False or used in {
            MissingValue.NO_INFORMATION,
            MissingValue.ABSENT,
        }:
            continue
        first = _has_first_password(user, entry, limits)
        if first is False:
            yield Pass()
        elif first is None:
            yield _undated(user, entry)
        elif not isinstance(used, datetime):
            yield unreadable(entry.row.at("password_last_used"))
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        else:
            row = entry.row
            profile = _dated_profile(user, entry)
            made_at = row.at("user_creation_time")
            where = row.at("password_last_changed"), profile[1] if profile else made_at
            made = _day_made(entry)
            yield fail(user_resource(user), *where, user=user.name, created=made, used=used)


def initial_password_never_used(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A password was set weeks ago and nobody has signed in with it. CIS 1.11 (5.0) from day 45."""
    analyzed = open_by_name(account, UnusedType.PASSWORD)
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            continue
        if is_for_emergencies(user, limits):
            yield Pass()
            continue
        used, changed = entry.password_last_used, entry.password_last_changed
        if isinstance(used, datetime):
            yield Pass()
        elif used is not MissingValue.NO_INFORMATION:
            yield unreadable(entry.row.at("password_last_used"))
        elif not isinstance(changed, datetime):
            yield unreadable(entry.row.at("password_last_changed"))
        elif account.days_since(changed) <= limits.initial_password:
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        else:
            age, analyzer = account.days_since(changed), analyzed.get(user.name)
            found = fail(
                user_resource(user),
                entry.row.at("password_last_used"),
                entry.row.at("password_last_changed"),
                *([analyzer.location] if analyzer else []),
                user=user.name,
                changed=changed,
                age=age,
                limit=limits.initial_password,
            )
            yield as_variant(IDLE_FOR_CIS, found) if age >= CIS_IDLE_DAYS else found


def reset_not_required_at_first_use(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A first password may be kept: no change was asked for at first sign-in. PCI 8.3.5."""
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            continue
        first, profile = _has_first_password(user, entry, limits), user.login_profile
        if first is False or (profile and profile.reset_required is True):
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        elif first is not True:
            yield _undated(user, entry)
        elif profile is None:
            yield Unknown("no get-login-profile export covers the user", entry.row)
        elif profile.reset_required is not False:
            yield unreadable(profile.location.child("PasswordResetRequired"))
        else:
            where = profile.location.child("PasswordResetRequired"), entry.row
            yield fail(user_resource(user), *where, user=user.name, created=_day_made(entry))


def password_older_than_90_days(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A password that is the only factor is older than the profile allows. PCI 8.3.9."""
    if limits.password_age is None:
        return
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            continue
        changed = entry.password_last_changed
        if entry.mfa_active is True:
            yield Pass()
        elif not isinstance(changed, datetime):
            yield unreadable(entry.row.at("password_last_changed"))
        elif account.days_since(changed) <= limits.password_age:
            yield Pass()
        elif entry.password_enabled is not True or entry.mfa_active is not False:
            is_told = entry.password_enabled is True
            yield unreadable(entry.row.at("mfa_active" if is_told else "password_enabled"))
        else:
            yield fail(
                user_resource(user),
                entry.row.at("password_last_changed"),
                entry.row.at("mfa_active"),
                user=user.name,
                changed=changed,
                age=account.days_since(changed),
                limit=limits.password_age,
            )


def password_rotation_overdue(account: Account) -> Iterator[Outcome]:
    """A password is past the day that the account's own policy set for its change.

    The cell is a date only where the policy lets passwords expire, so this holds in each profile.
    """
    for user, entry in account.users_in_report():
        due = entry.password_next_rotation
        if entry.password_enabled is False or due in {
            MissingValue.ABSENT,
            MissingValue.NOT_SUPPORTED,
            MissingValue.NO_INFORMATION,
        }:
            continue
        if not isinstance(due, datetime):
            yield unreadable(entry.row.at("password_next_rotation"))
        elif due > account.as_of:
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        else:
            late, location = account.days_since(due), entry.row.at("password_next_rotation")
            yield fail(user_resource(user), location, user=user.name, due=due, late=late)


def _undated(user: User, entry: ReportEntry) -> Unknown:
    """The outcome where the age of the first password can't be told."""
    profile = _dated_profile(user, entry)
    if not isinstance(entry.password_last_changed, datetime):
        return unreadable(entry.row.at("password_last_changed"))
    if profile:
        reason = "the login profile was made after the credential report's last password change"
        return Unknown(reason, profile[1])
    return unreadable(entry.row.at("user_creation_time"))


def _dated_profile(user: User, entry: ReportEntry) -> tuple[datetime, Location] | None:
    """When the user's login profile was made, and where that stands.

    None without a date, and for one that is, or may be, older than its user: a namesake's.
    """
    profile = user.login_profile
    if profile is None or not isinstance(profile.created, datetime):
        return None
    if not isinstance(entry.created, datetime) or entry.created - profile.created > _SAME_WRITE:
        return None
    return profile.created, profile.location.child("CreateDate")


def _day_made(entry: ReportEntry) -> datetime | str:
    return entry.created if isinstance(entry.created, datetime) else "an unreadable date"


def _has_first_password(user: User, entry: ReportEntry, limits: Limits) -> bool | None:
    """Whether the password is the first one; None where that can't be told.

    The login profile's CreateDate is when the first password was set. Without it a password from
    the user's first minutes counts as the first.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_LoginProfile.html
    """
    changed, created = entry.password_last_changed, entry.created
    if not isinstance(changed, datetime):
        return None
    if profile := _dated_profile(user, entry):
        if profile[0] - changed > _SAME_WRITE:
            return None  # the profile was made again after the report
        return changed - profile[0] <= _SAME_WRITE
    if not isinstance(created, datetime):
        return None
    return changed - created <= timedelta(minutes=limits.same_moment)
