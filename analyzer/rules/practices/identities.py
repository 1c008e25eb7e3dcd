"""In: an account. Out: identities that several people share, or that federation should replace."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, ReportEntry, User
from analyzer.rules.global_services import GLOBAL_SERVICES
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    account_resource,
    active_key_pair,
    fail,
    is_for_emergencies,
    unreadable,
    user_resource,
)
from analyzer.rules.shared_names import shared_words

_PROVIDER_LISTS = frozenset({ExportKind.SAML_PROVIDERS, ExportKind.IDENTITY_CENTER})
_OF_AN_INSTANCE = (
    (ExportKind.IDENTITY_CENTER, "PermissionSets"),
    (ExportKind.PERMISSION_SETS, "PermissionSet"),
    (ExportKind.ACCOUNT_ASSIGNMENTS, "AccountAssignments"),
)

_HOUR = 3600


def shared_looking_user_name(account: Account) -> Iterator[Outcome]:
    """A console user's name names a function or a crowd, not a person. CIS 1.1, PCI 8.2.2."""
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            continue
        shared = shared_words(user.name)
        if not shared:
            yield Pass()
        elif entry.password_enabled is True:
            location = entry.row.at("user")
            yield fail(user_resource(user), location, user=user.name, tokens=", ".join(shared))
        else:
            yield unreadable(entry.row.at("password_enabled"))


def concurrent_use_from_two_regions(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Both keys of a user were used within a day, in different regions."""
    for user, entry in account.users_in_report():
        pair = active_key_pair(entry)
        if pair is None or isinstance(pair, Unknown):
            if pair:
                yield pair
            continue
        first, second = pair
        if MissingValue.UNREADABLE in {first.last_used, second.last_used}:
            unread = first if first.last_used is MissingValue.UNREADABLE else second
            yield unreadable(unread.location("last_used_date"))
        elif not isinstance(first.last_used, datetime) or not isinstance(
            second.last_used, datetime
        ):
            yield Pass()
        else:
            apart = abs(first.last_used - second.last_used)
            regions = (first.last_region, second.last_region)
            near = apart <= timedelta(hours=limits.concurrent)
            is_placed = not {first.last_service, second.last_service} & GLOBAL_SERVICES
            if near and is_placed and all(regions) and len(set(regions)) > 1:
                yield fail(
                    user_resource(user),
                    first.location("last_used_region"),
                    second.location("last_used_region"),
                    user=user.name,
                    first_region=regions[0],
                    second_region=regions[1],
                    hours=int(apart.total_seconds() // _HOUR),
                )
            else:
                yield Pass()


def user_owner_unknown(account: Account, limits: Limits) -> Iterator[Outcome]:
    """No tag says who answers for the user."""
    wanted = {tag.lower() for tag in limits.owner_tags}
    for user, details in account.users_in_details():
        if any(key.lower() in wanted and value.strip() for key, value in details.tags.items()):
            yield Pass()
        else:
            location = details.tags_location
            yield fail(
                user_resource(user), location, user=user.name, tags=", ".join(limits.owner_tags)
            )


def human_users_beside_federation(account: Account, limits: Limits) -> Iterator[Outcome]:
    """People still sign in with passwords although single sign-on is there."""
    provider = _provider(account)
    if provider is None:
        if not account.available_exports & _PROVIDER_LISTS:
            reason = "no export of SAML providers or of Identity Center was handed in"
            yield Unknown(reason, None, ("saml_providers", "identity_center"))
        return
    name, location = provider
    for user, entry in account.users_in_report():
        if is_for_emergencies(user, limits) or entry.password_enabled is False:
            continue
        if entry.password_enabled is True:
            where = entry.row.at("password_enabled"), location
            yield fail(user_resource(user), *where, user=user.name, provider=name)
        else:
            yield unreadable(entry.row.at("password_enabled"))


def no_federation_configured(account: Account) -> Iterator[Outcome]:
    """People sign in with passwords, and the account knows no other way."""
    if ExportKind.CREDENTIAL_REPORT not in account.available_exports:
        yield Unknown("only the credential report says whether people sign in with passwords")
        return
    people = list(_console_users(account))
    if not people:
        for _, entry in account.users_in_report():
            if entry.password_enabled is MissingValue.UNREADABLE:
                yield unreadable(entry.row.at("password_enabled"))
        return
    if _provider(account) is not None:
        yield Pass()
    elif (
        ExportKind.SAML_PROVIDERS not in account.available_exports
        and not account.details_are_complete
    ):
        yield Unknown("neither the SAML providers nor all roles were handed in")
    elif (
        ExportKind.SAML_PROVIDERS not in account.available_exports
        and ExportKind.IDENTITY_CENTER not in account.available_exports
    ):
        yield Unknown("no export of SAML providers or of Identity Center was handed in")
    else:
        where = (row.row.at("password_enabled") for _, row in people)
        yield fail(account_resource(account), *where, users=len(people))


def _console_users(account: Account) -> Iterator[tuple[User, ReportEntry]]:
    for user, entry in account.users_in_report():
        if entry.password_enabled is True:
            yield user, entry


def _valid_saml_providers(account: Account) -> Iterator[JsonNode]:
    """Those through which people can sign in: metadata that has expired lets in nobody."""
    for document in account.documents_of_kind(ExportKind.SAML_PROVIDERS):
        for provider in document.each("SAMLProviderList"):
            ends = provider.time("ValidUntil")
            if not isinstance(ends, datetime) or ends > account.as_of:
                yield provider


def _provider(account: Account) -> tuple[str, Location] | None:
    """A way for people to sign in without an IAM user, and where it stands."""
    for provider in _valid_saml_providers(account):
        return (provider.text("Arn") or "a SAML provider"), provider.location
    for document in account.documents_of_kind(ExportKind.IDENTITY_CENTER):
        for entry in document.each("Instances"):
            return (entry.text("InstanceArn") or "IAM Identity Center"), entry.location
    # Only an instance has permission sets; the answers name none where they hold nothing.
    for kind, member in _OF_AN_INSTANCE:
        for document in account.documents_of_kind(kind):
            for entry in document.each(member):
                return "IAM Identity Center", entry.location
    for role in account.roles:
        if role.is_identity_center:  # only an instance of Identity Center makes such a role
            return "IAM Identity Center", role.details.location.child("Arn")
    return None
