"""In: an account and the leaks found. Out: keys nobody needs, keys grown old, keys exposed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import AccessKey, Account, ReportEntry, User
from analyzer.rules.catalogue import Fact
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    active_key_pair,
    active_keys,
    fail,
    key_resource,
    pass_unless_disputed,
    unreadable,
    user_resource,
)


def key_older_than_90_days(account: Account, limits: Limits) -> Iterator[Outcome]:
    """An active key is past the rotation limit, but not yet a year old. CIS 1.13 (5.0), IAM.3."""
    yield from _check_age(account, limits.key_age, limits.key_age_stale)


def key_older_than_one_year(account: Account, limits: Limits) -> Iterator[Outcome]:
    """An active key is more than a year old; takes the place of the 90-day finding."""
    yield from _check_age(account, limits.key_age_stale, None)


def key_created_at_user_creation(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A console user's key was made together with the user. CIS 1.11 (3.0)."""
    for user, entry, key in active_keys(account):
        if entry.password_enabled is False:
            continue
        if not isinstance(key.made, datetime):
            yield unreadable(key.location("last_rotated"))
        elif not isinstance(entry.created, datetime):
            yield unreadable(entry.row.at("user_creation_time"))
        elif abs(key.made - entry.created) > timedelta(minutes=limits.same_moment):
            yield pass_unless_disputed(key)
        elif key.active is not True:
            yield unreadable(key.location("active"))
        elif entry.password_enabled is True:
            where = *key.made_locations, entry.row.at("user_creation_time")
            yield fail(key_resource(user, key), *where, user=user.name, created=key.made)
        else:
            yield unreadable(entry.row.at("password_enabled"))


def two_active_keys(account: Account) -> Iterator[Outcome]:
    """A user holds two active keys. CIS 1.12 (5.0)."""
    for user, entry in account.users_in_report():
        if entry.keys:
            yield _check_key_pair(user, entry)


def key_rotation_stalled(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A new key was made more than a week ago, and the old one still works."""
    for user, entry in account.users_in_report():
        pair = active_key_pair(entry)
        if isinstance(pair, Unknown):
            yield pair
        elif pair is not None:
            yield _check_rotation(account, user, pair, limits.rotation_overlap)


def key_outlived_password_changes(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Someone changes the password and leaves the key as it was."""
    for user, entry, key in active_keys(account):
        changed = entry.password_last_changed
        if (
            changed in {MissingValue.ABSENT, MissingValue.NOT_SUPPORTED}
            or entry.password_enabled is False
        ):
            continue
        if not isinstance(changed, datetime):
            yield unreadable(entry.row.at("password_last_changed"))
        elif not isinstance(key.made, datetime):
            yield unreadable(key.location("last_rotated"))
        elif (
            account.days_since(key.made) <= limits.key_age
            or (changed - key.made).days <= limits.key_age
        ):
            yield pass_unless_disputed(key)
        elif key.active is not True or entry.password_enabled is not True:
            cell = entry.row.at("password_enabled")
            yield unreadable(cell if key.active is True else key.location("active"))
        else:
            where = *key.made_locations, entry.row.at("password_last_changed")
            yield fail(
                key_resource(user, key), *where, user=user.name, created=key.made, changed=changed
            )


def quarantine_policy_attached(account: Account) -> Iterator[Outcome]:
    """AWS has quarantined the user because it found one of its keys in public."""
    for user, details in account.users_in_details():
        held = [grant for grant in details.attached if grant.is_quarantine]
        if held:
            where = (grant.location for grant in held)
            yield fail(
                user_resource(user), *where, user=user.name, policy=held[0].arn or held[0].name
            )
        else:
            yield Pass()


def signing_certificate_active(account: Account) -> Iterator[Outcome]:
    """A user has an active X.509 signing certificate, which hardly any service still takes."""
    for user, entry in account.users_in_report():
        for certificate in entry.certificates:
            if certificate.active is False:
                continue
            if certificate.active is not True:
                yield unreadable(certificate.location("active"))
                continue
            made = certificate.created
            is_dated = isinstance(made, datetime)
            yield fail(
                key_resource(user, certificate),
                certificate.location("active"),
                certificate.location("last_rotated"),
                user=user.name,
                created=made if is_dated else "an unreadable date",
                age=account.days_since(made)
                if isinstance(made, datetime)
                else "an unknown number of",
            )
        if not entry.certificates:
            yield Pass()


def server_certificate_expired(account: Account) -> Iterator[Outcome]:
    """A TLS certificate in IAM is past its end. CIS 1.18 (5.0), Security Hub IAM.26."""
    for document in account.documents_of_kind(ExportKind.SERVER_CERTIFICATES):
        for entry in document.each("ServerCertificateMetadataList"):
            ends = entry.time("Expiration")
            if not isinstance(ends, datetime):
                yield unreadable(entry.location.child("Expiration"))
            elif ends < account.as_of:
                name = entry.text("ServerCertificateName") or "unnamed"
                arn = entry.text("Arn") or f"{account.root_arn}/server-certificate/{name}"
                identity = entry.text("ServerCertificateId") or arn
                location = entry.location.child("Expiration")
                yield fail(Resource(arn, identity), location, name=name, expired=ends)
            else:
                yield Pass()


def _check_age(account: Account, over: int, up_to: int | None) -> Iterator[Outcome]:
    """Active keys older than so many days, those past the second limit left to another check."""
    for user, _, key in active_keys(account):
        if not isinstance(key.made, datetime):
            yield unreadable(key.location("last_rotated"))
            continue
        age = account.days_since(key.made)
        if up_to is not None and age > up_to:
            continue
        if age <= over:
            yield pass_unless_disputed(key)
        elif key.active is True:
            where = *key.made_locations, key.location("active")
            yield fail(
                key_resource(user, key),
                *where,
                user=user.name,
                created=key.made,
                age=age,
                limit=over,
            )
        else:
            yield unreadable(key.location("active"))


def _check_rotation(
    account: Account, user: User, pair: tuple[AccessKey, AccessKey], overlap: int
) -> Outcome:
    """The days run from the newer key's making to the report, whatever the older one's age."""
    for key in pair:
        if not isinstance(key.made, datetime):
            return unreadable(key.location("last_rotated"))
        if key.last_used is MissingValue.UNREADABLE:
            return unreadable(key.location("last_used_date"))
    older, newer = sorted(pair, key=lambda key: str(key.made))
    assert isinstance(newer.made, datetime)  # noqa: S101 - both were looked at above
    is_used = any(_used_within(account, key, overlap) for key in pair)
    if account.days_since(newer.made) <= overlap or not is_used:
        return pass_unless_disputed(*pair) if is_used else Pass()
    where = *older.made_locations, *newer.made_locations
    facts: dict[str, Fact] = {"older": _created_day(older), "newer": _created_day(newer)}
    return fail(key_resource(user, older), *where, user=user.name, **facts)


def _check_key_pair(user: User, entry: ReportEntry) -> Outcome:
    pair = active_key_pair(entry)
    if pair is None:
        return Pass()
    if isinstance(pair, Unknown):
        return pair
    first, second = pair
    where = first.location("active"), second.location("active")
    made = sorted((_created_day(first), _created_day(second)))
    return fail(user_resource(user), *where, user=user.name, first=made[0], second=made[1])


def _created_day(key: AccessKey) -> str:
    return f"{key.made:%Y-%m-%d}" if isinstance(key.made, datetime) else "an unreadable date"


def _used_within(account: Account, key: AccessKey, days: int) -> bool:
    return isinstance(key.last_used, datetime) and account.days_since(key.last_used) <= days
