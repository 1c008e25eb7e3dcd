"""In: an account. Out: keys and passwords of single services, which the credential report lacks."""

from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, PrincipalDetails, ReportEntry, User
from analyzer.rules.listed_credentials import (
    AWS_MADE_USER,
    credential_resource,
    holder,
    service_credentials,
    ssh_keys,
)
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    as_variant,
    fail,
    is_for_emergencies,
    list_names,
    unreadable,
    user_resource,
)

_GENERATED_POLICY = "AmazonBedrockLimitedAccess"
"""What the console gives the user that it makes for a Bedrock API key.

https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-modify.html
"""


def service_api_key_no_expiry(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A long-term key of Bedrock or CloudWatch Logs never ends, or not for long."""
    for each in service_credentials(account):
        if not each.is_api_key or each.active is False:
            continue
        ends, location = each.expires, each.node.location_of("ExpirationDate")
        if ends is not MissingValue.ABSENT and not isinstance(ends, datetime):
            yield unreadable(location)
        elif isinstance(ends, datetime) and -account.days_since(ends) <= limits.service_key_life:
            yield Pass()
        elif each.active is not True:
            yield unreadable(each.node.location_of("Status"))
        else:
            resource = credential_resource(account, each)
            facts = {"user": each.user, "service": each.service, "credential": each.id}
            if isinstance(ends, datetime):
                left, limit = -account.days_since(ends), limits.service_key_life
                found = fail(resource, location, **facts, expires=ends, left=left, limit=limit)
                yield as_variant("ends-late", found)
            else:
                yield fail(resource, location, **facts, limit=limits.service_key_life)


def service_specific_credential_stale(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A password for CodeCommit, Keyspaces or the like is older than a key may be."""
    for each in service_credentials(account):
        if each.is_api_key or each.active is False:
            continue
        location = each.node.location_of("CreateDate")
        if not isinstance(each.created, datetime):
            yield unreadable(location)
        elif account.days_since(each.created) <= limits.key_age:
            yield Pass()
        elif each.active is not True:
            yield unreadable(each.node.location_of("Status"))
        else:
            yield fail(
                credential_resource(account, each),
                location,
                each.node.location_of("Status"),
                user=each.user,
                service=each.service,
                credential=each.id,
                created=each.created,
                age=account.days_since(each.created),
                limit=limits.key_age,
            )


def ssh_public_key_active_dormant_user(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A user who has done nothing for long can still reach CodeCommit by an SSH key."""
    yield from _users_without_list(account)
    for each in ssh_keys(account):
        if each.active is False:
            continue
        user = holder(account, each)
        entry = user.report_entry if user else None
        if user is None or entry is None:
            yield Unknown("the credential report has no row of the key's user", each.location)
            continue
        if is_for_emergencies(user, limits):
            yield Pass()
            continue
        last = _last_activity(user, entry)
        if not isinstance(last, datetime):
            yield unreadable(_unread_use(entry))
        elif account.days_since(last) <= limits.unused_credential:
            yield Pass()
        elif each.active is not True:
            yield unreadable(each.node.location_of("Status"))
        else:
            yield fail(
                credential_resource(account, each),
                each.node.location_of("Status"),
                entry.row,
                user=user.name,
                credential=each.id,
                idle=account.days_since(last),
                limit=limits.unused_credential,
            )


def bedrock_key_user_over_privileged(account: Account) -> Iterator[Outcome]:
    """The user that AWS made for one API key has more rights, or more ways in, than that key."""
    for user, details in account.users_in_details():
        if not user.name.startswith(AWS_MADE_USER):
            continue
        more = _more_than_generated(details)
        entry = user.report_entry
        if more:
            ways = [entry.described()] if entry and entry.has_live_credential is True else []
            yield _fail_generated(user, details, [*more, *ways])
        elif details.unplaced:
            part = details.unplaced[0]
            yield Unknown(f"the entry holds {part.described()}", part.location)
        elif entry is None:
            why = "no credential report says whether it has other ways in"
            yield Unknown(why, details.location, ("credential_report",))
        elif entry.has_live_credential is True:
            yield _fail_generated(user, details, [entry.described()])
        elif entry.has_live_credential is not False:
            yield unreadable(entry.first_unreadable_cell)
        else:
            yield Pass()


def _more_than_generated(details: PrincipalDetails) -> list[str]:
    """The names of its policies and groups, but for the one that the console attaches."""
    held = [
        each.name
        for each in (*details.attached, *details.inline)
        if each.aws_name != _GENERATED_POLICY and not each.is_quarantine
    ]
    return [f"policy {name}" for name in sorted(held)] + [
        f"group {name}" for name in sorted(details.groups)
    ]


def _fail_generated(user: User, details: PrincipalDetails, more: list[str]) -> Outcome:
    grants = (*details.attached, *details.inline)
    where = [each.location for each in grants if each.aws_name != _GENERATED_POLICY]
    where += [user.report_entry.row] if user.report_entry else []
    resource, names = user_resource(user), list_names(more)
    return fail(resource, *(where or [details.location]), user=user.name, more=names)


def _last_activity(user: User, entry: ReportEntry) -> datetime | MissingValue:
    """The last sign-in or use of a key; for none ever, when the user was made."""
    times = [entry.password_last_used, *(key.last_used for key in entry.keys)]
    if MissingValue.UNREADABLE in times:
        return MissingValue.UNREADABLE
    return max((each for each in times if isinstance(each, datetime)), default=user.created)


def _unread_use(entry: ReportEntry) -> Location:
    """The cell that keeps the last activity from being told."""
    cells = {entry.row.at("password_last_used"): entry.password_last_used}
    cells |= {key.location("last_used_date"): key.last_used for key in entry.keys}
    unread = (place for place, time in cells.items() if time is MissingValue.UNREADABLE)
    return next(unread, entry.row.at("user_creation_time"))


def _users_without_list(account: Account) -> Iterator[Unknown]:
    """One for each user whom no list-ssh-public-keys answer covers.

    An answer without keys names its user only where the collect script wrote it; each of the others
    covers one user more.
    """
    named, unnamed = set[str](), 0
    for document in account.documents_of_kind(ExportKind.SSH_PUBLIC_KEYS):
        entries = list(document.each("SSHPublicKeys"))
        told = {entry.text("UserName") for entry in entries} | {document.text("credaudit_user")}
        named |= {name for name in told if name}
        unnamed += not entries and document.text("credaudit_user") is None
    missing = [entry for user, entry in account.users_in_report() if user.name not in named]
    if len(missing) > unnamed:
        for entry in missing:
            yield Unknown("no list-ssh-public-keys answer covers the user", entry.row)
