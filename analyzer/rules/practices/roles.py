"""In: an account. Out: workloads that live on keys, and roles that nobody uses."""

from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, Role
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    account_resource,
    as_variant,
    fail,
    unreadable,
    user_resource,
)
from analyzer.rules.unused_access import (
    NOT_UNUSED_ACCESS,
    UnusedType,
    analyzer_period,
    has_unused_access,
    principal_name,
    unused_access,
)
from analyzer.rules.workload_keys import (
    is_workload_key,
    kind_of_holder,
    working_keys,
    workload_keys,
)
from analyzer.rules.workload_services import WORKLOAD_SERVICES


def workload_user_with_key(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A user without a password uses a key as programs do. Security Hub has no such control."""
    for user, entry in account.users_in_report():
        if entry.password_enabled is True:
            continue
        for key in entry.keys:
            if key.active is False:
                continue
            used = key.last_used
            if used is MissingValue.UNREADABLE:
                yield unreadable(key.location("last_used_date"))
            elif key.active is not True:
                yield unreadable(key.location("active"))
            elif entry.password_enabled is not False:
                yield unreadable(entry.row.at("password_enabled"))
            elif isinstance(used, datetime) and is_workload_key(account, limits, key, used):
                where = key.location("last_used_date"), key.location("last_used_service")
                service = key.last_service or "a service the report does not name"
                found = fail(
                    user_resource(user), *where, user=user.name, last=used, service=service
                )
                yield as_variant(kind_of_holder(user, entry, key), found)
                break
            else:
                yield Pass()


def no_workload_roles_in_account(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Programs run on users' keys, and no role exists that a program could take instead."""
    users = list(workload_keys(account, limits))
    if not users:
        judged = workload_user_with_key(account, limits)
        yield from (each for each in judged if isinstance(each, Unknown))
        yield from _possible_programs(account, limits)
        return
    if any(_serves_workloads(role) for role in account.roles):
        yield Pass()
    elif not account.details_are_complete:
        yield Unknown("the authorization details are cut, so a role may be missing from them")
    else:
        where = (key.location("last_used_service") for _, key in users)
        yield fail(account_resource(account), *where, users=len({user.arn for user, _ in users}))


def role_unused_90_days(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Nobody has taken the role for 90 days. AWS keeps 400 days of history."""
    yield from _unused_by_analyzer(account)
    for role in account.roles:
        if role.is_service_linked:
            continue
        last = role.details.created if role.last_used is MissingValue.ABSENT else role.last_used
        location = role.details.location.child("RoleLastUsed")
        if not isinstance(last, datetime):
            yield unreadable(location)
        elif account.days_since(last) > limits.unused_role:
            yield fail(
                Resource(role.arn, role.stable_id),
                location,
                role=role.name,
                last=role.last_used if isinstance(role.last_used, datetime) else "never",
                idle=account.days_since(last),
                limit=limits.unused_role,
            )
        else:
            yield Pass()


def support_role_missing(account: Account) -> Iterator[Outcome]:
    """No role may open a case with AWS Support. CIS 1.16 (5.0), Security Hub IAM.18.

    CIS asks for a role: users and groups that hold the policy do not count.
    """
    held = (grant for role in account.roles for grant in role.details.attached)
    if any(grant.aws_name == "AWSSupportAccess" for grant in held):
        yield Pass()
    elif not account.details_are_complete:
        yield Unknown("the authorization details are cut, so a role may be missing from them")
    else:
        pages = account.documents_of_kind(ExportKind.AUTHORIZATION_DETAILS)
        yield fail(
            account_resource(account), *(page.location for page in pages), account=account.id
        )


def _unused_by_analyzer(account: Account) -> Iterator[Outcome]:
    """Access Analyzer's open findings on roles that the authorization details do not list."""
    known = {role.name for role in account.roles}
    if not (
        has_unused_access(account) or ExportKind.AUTHORIZATION_DETAILS in account.available_exports
    ):
        yield Unknown(NOT_UNUSED_ACCESS)
    for found in unused_access(account, UnusedType.ROLE):
        name = principal_name(found.arn)
        if name not in known:
            failing = fail(
                Resource(found.arn, found.arn),
                found.location,
                role=name,
                period=analyzer_period(account),
                found=found.since if isinstance(found.since, datetime) else "an unreadable date",
            )
            yield found.unsettled or as_variant("analyzer", failing)


def _possible_programs(account: Account, limits: Limits) -> Iterator[Unknown]:
    """Those of whom nobody can tell whether an MFA device makes them a person."""
    for _, entry, _ in working_keys(account, limits):
        if not isinstance(entry.mfa_active, bool):
            yield unreadable(entry.row.at("mfa_active"))


def _serves_workloads(role: Role) -> bool:
    """True if the trust policy names a compute service or an OpenID Connect provider."""
    if role.trust is None:
        return False
    for statement in role.trust.each("Statement"):
        principal = statement.child("Principal")
        if statement.text("Effect") == "Allow" and principal is not None:
            services = {str(each.value) for each in principal.each("Service")}
            federated = (str(each.value) for each in principal.each("Federated"))
            if services & WORKLOAD_SERVICES or any(":oidc-provider/" in each for each in federated):
                return True
    return False
