"""In: an account. Out: credentials beside those that a user works with."""

from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, ReportEntry, User
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    Fail,
    Outcome,
    Pass,
    Unknown,
    fail,
    key_resource,
    unreadable,
    user_resource,
)
from analyzer.rules.shared_names import names_a_program

_COMPARED = frozenset(
    {ExportKind.CREDENTIAL_REPORT, ExportKind.ACCESS_KEYS, ExportKind.SIGNING_CERTIFICATES}
)
_MOST_KEYS = 2
"""A user may have two access keys, and the report has a slot for each.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def inactive_key_kept(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A key that somebody switched off long ago can be switched on again.

    The report's date is of the key's making or of the last change of its status, so the key has
    been off for no longer, and for longer than the limit where it is as old.
    """
    for user, entry in account.users_in_report():
        for key in entry.keys:
            if key.active is True:
                continue
            location = key.location("last_rotated")
            if not isinstance(key.created, datetime):
                yield unreadable(location)
            elif account.days_since(key.created) <= limits.key_age:
                yield Pass()
            elif key.active is not False:
                yield unreadable(key.location("active"))
            else:
                yield fail(
                    key_resource(user, key),
                    location,
                    key.location("active"),
                    user=user.name,
                    created=key.created,
                    age=account.days_since(key.created),
                    limit=limits.key_age,
                )


def key_and_console_password_together(account: Account, limits: Limits) -> Iterator[Outcome]:
    """One user serves a person at the console and whatever holds its key.

    A program's user is told of by `service_user_with_console_password`.
    """
    for user, entry in account.users_in_report():
        if entry.password_enabled is False or not entry.may_hold_key:
            if entry.password_enabled is not False or entry.may_hold_key:
                yield Pass()
        elif isinstance(_check_program(account, limits, user, entry), Fail):
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        elif not entry.active_keys:
            yield unreadable(entry.unreadable_keys[0].location("active"))
        else:
            where = (key.location("active") for key in entry.active_keys)
            keys, resource = len(entry.active_keys), user_resource(user)
            yield fail(
                resource, entry.row.at("password_enabled"), *where, user=user.name, keys=keys
            )


def service_user_with_console_password(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A program's user has a console password, too: by its name, or since nobody signs in."""
    for user, entry in account.users_in_report():
        if entry.password_enabled is not False and entry.may_hold_key:
            yield _check_program(account, limits, user, entry)


def more_credentials_than_report_shows(account: Account) -> Iterator[Outcome]:
    """A user has keys or certificates for which the credential report has no room, or no row.

    Each of the three exports can show it; without one of them nobody is called complete.
    """
    for kind in sorted(_COMPARED - account.available_exports):
        yield Unknown("what it would show beyond the other lists is not known", None, (kind.value,))
    keys, certificates = _listed_keys(account), _listed_certificates(account)
    reported = {user.name: (user, entry) for user, entry in account.users_in_report()}
    listed_alone = sorted((keys.keys() | certificates.keys()) - reported.keys())
    for name in (*reported, *listed_alone):
        user, entry = reported.get(name, (None, None))
        said = entry.more_credentials if entry else ""
        room = len(entry.keys) if entry else _MOST_KEYS
        shown = len(entry.certificates) if entry else _MOST_KEYS
        places = [(keys.get(name, []), room, "access keys")]
        places += [(certificates.get(name, []), shown, "signing certificates")]
        beyond = [each for each in places if len(each[0]) > each[1]]
        if not (beyond or said):
            yield Pass()
            continue
        more = [f"{len(at)} {what} are listed, and the report has {n}" for at, n, what in beyond]
        where = [place for at, _, _ in beyond for place in at]
        if entry is not None and said:
            more.insert(0, f"the report says: {said}")
            where.insert(0, entry.row.at("additional_credentials_info"))
        arn = f"{account.root_arn.removesuffix('root')}user/{name}"
        resource = user_resource(user) if user else Resource(arn, arn)
        yield fail(resource, *where, user=name, more="; ".join(more))


def _listed_keys(account: Account) -> dict[str, list[Location]]:
    """The access keys that list-access-keys names, by user."""
    found: dict[str, list[Location]] = {}
    for each in account.listed_keys:
        found.setdefault(each.user, []).append(each.location)
    return found


def _listed_certificates(account: Account) -> dict[str, list[Location]]:
    """The signing certificates that list-signing-certificates names, by user, each once."""
    found: dict[str, dict[str, Location]] = {}
    for document in account.documents_of_kind(ExportKind.SIGNING_CERTIFICATES):
        for entry in document.each("Certificates"):
            user, number = entry.text("UserName"), entry.text("CertificateId")
            if user and number:
                found.setdefault(user, {}).setdefault(number, entry.location)
    return {user: list(places.values()) for user, places in found.items()}


def _check_program(account: Account, limits: Limits, user: User, entry: ReportEntry) -> Outcome:
    """Whether a user with a key and a password is a program's, whose key is at work."""
    is_named = names_a_program(user.name)
    is_unused = entry.password_last_used is MissingValue.NO_INFORMATION
    if not is_named and entry.password_last_used is MissingValue.UNREADABLE:
        return unreadable(entry.row.at("password_last_used"))
    if not is_named and not is_unused:
        return Pass()
    uses = {key.location("last_used_date"): key.last_used for key in entry.active_keys}
    recent = [
        place
        for place, used in uses.items()
        if isinstance(used, datetime) and account.days_since(used) <= limits.workload_activity
    ]
    if not recent:
        unread = [place for place, used in uses.items() if used is MissingValue.UNREADABLE]
        unread += [key.location("active") for key in entry.unreadable_keys]
        return unreadable(unread[0]) if unread else Pass()
    if entry.password_enabled is not True:
        return unreadable(entry.row.at("password_enabled"))
    why = "the name is that of a program" if is_named else "nobody has ever signed in with it"
    where = entry.row.at("password_enabled"), *recent
    return fail(user_resource(user), *where, user=user.name, sign=why)
