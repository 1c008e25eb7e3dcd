"""In: an account and the leaks found. Out: keys nobody needs, keys grown old, keys exposed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime, MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import AccessKey, Account, ReportEntry, User
from analyzer.rules.catalogue import Fact
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    active_key_pair,
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


def key_never_used(account: Account, limits: Limits) -> Iterator[Outcome]:
    """An active key was never used; later than the unused limit, that check takes over."""
    least, most = timedelta(days=limits.key_settling), timedelta(days=limits.unused_key)
    for user, _, key in _active_keys(account):
        if key.last_used is MissingValue.UNREADABLE:
            yield unreadable(key.location("last_used_date"))
        elif key.last_used is not MissingValue.ABSENT:
            yield Pass()
        elif not isinstance(key.made, datetime):
            yield unreadable(key.location("last_rotated"))
        elif not least < account.age(key.made) <= most:
            yield pass_unless_disputed(key)
        elif key.active is True:
            where = key.location("last_used_date"), *key.made_locations
            age = account.age(key.made).days
            yield fail(key_resource(user, key), *where, user=user.name, created=key.made, age=age)
        else:
            yield unreadable(key.location("active"))


def key_created_at_user_creation(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A console user's key was made together with the user. CIS 1.11 (3.0)."""
    for user, entry, key in _active_keys(account):
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


def key_unused_45_days(account: Account, limits: Limits) -> Iterator[Outcome]:
    """An active key has not been used for 45 days, or never since it was made. CIS 1.11 (5.0)."""
    for user, _, key in _active_keys(account):
        last = key.made if key.last_used is MissingValue.ABSENT else key.last_used
        if not isinstance(last, datetime):
            never = key.last_used is MissingValue.ABSENT
            yield unreadable(key.location("last_rotated" if never else "last_used_date"))
        elif account.age(last) <= timedelta(days=limits.unused_key):
            is_used = key.last_used is not MissingValue.ABSENT
            yield Pass() if is_used else pass_unless_disputed(key)
        elif key.active is not True:
            yield unreadable(key.location("active"))
        else:
            used = key.last_used if isinstance(key.last_used, datetime) else "never"
            yield fail(
                key_resource(user, key),
                key.location("last_used_date"),
                key.location("active"),
                user=user.name,
                created=key.made,
                last=used,
                idle=account.age(last).days,
                limit=limits.unused_key,
            )


def credentials_unused_90_days(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A user who has done nothing for 90 days can still get in. Security Hub IAM.8, PCI 8.2.6."""
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
        is_recent = last is not None and account.age(last) <= timedelta(
            days=limits.unused_credential
        )
        if is_recent and (used or not unread):
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
                idle=account.age(last).days,
                limit=limits.unused_credential,
                credentials=entry.described(),
            )


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
            yield _check_rotation(account, user, pair, timedelta(days=limits.rotation_overlap))


def key_outlived_password_changes(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Someone changes the password and leaves the key as it was."""
    limit = timedelta(days=limits.key_age)
    for user, entry, key in _active_keys(account):
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
        elif account.age(key.made) <= limit or changed - key.made <= limit:
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
                age=account.age(made).days
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


def _active_keys(account: Account) -> Iterator[tuple[User, ReportEntry, AccessKey]]:
    """Every key that is or may be active."""
    for user, entry in account.users_in_report():
        for key in entry.keys:
            if key.active is not False:
                yield user, entry, key


def _check_age(account: Account, over: int, up_to: int | None) -> Iterator[Outcome]:
    """Active keys older than so many days, those past the second limit left to another check."""
    for user, _, key in _active_keys(account):
        if not isinstance(key.made, datetime):
            yield unreadable(key.location("last_rotated"))
            continue
        age = account.age(key.made)
        if up_to is not None and age > timedelta(days=up_to):
            continue
        if age <= timedelta(days=over):
            yield pass_unless_disputed(key)
        elif key.active is True:
            where = *key.made_locations, key.location("active")
            yield fail(
                key_resource(user, key),
                *where,
                user=user.name,
                created=key.made,
                age=age.days,
                limit=over,
            )
        else:
            yield unreadable(key.location("active"))


def _check_rotation(
    account: Account, user: User, pair: tuple[AccessKey, AccessKey], overlap: timedelta
) -> Outcome:
    """The week runs from the newer key's making to the report, whatever the older one's age."""
    for key in pair:
        if not isinstance(key.made, datetime):
            return unreadable(key.location("last_rotated"))
        if key.last_used is MissingValue.UNREADABLE:
            return unreadable(key.location("last_used_date"))
    older, newer = sorted(pair, key=lambda key: str(key.made))
    assert isinstance(newer.made, datetime)  # noqa: S101 - both were looked at above
    is_used = any(_used_within(account, key, overlap) for key in pair)
    if account.age(newer.made) <= overlap or not is_used:
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


def _used_within(account: Account, key: AccessKey, span: timedelta) -> bool:
    return isinstance(key.last_used, datetime) and account.age(key.last_used) <= span


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
