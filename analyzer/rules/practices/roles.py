"""In: an account. Out: workloads that live on keys, and roles that nobody uses."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.cells import MaybeTime, MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import AccessKey, Account, Role, User
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    SETTLED,
    Outcome,
    Pass,
    Unknown,
    account_resource,
    fail,
    unreadable,
    user_resource,
)

_PEOPLE_S_SERVICES = frozenset({"iam", "sts"})
"""What a person at a terminal calls; a key last used elsewhere most likely serves a program."""
_WORKLOAD_SERVICES = frozenset(
    {
        "ec2.amazonaws.com",
        "ec2.amazonaws.com.cn",
        "lambda.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "pods.eks.amazonaws.com",
        "codebuild.amazonaws.com",
        "batch.amazonaws.com",
        "glue.amazonaws.com",
        "states.amazonaws.com",
        "apprunner.amazonaws.com",
        "tasks.apprunner.amazonaws.com",
        "rolesanywhere.amazonaws.com",
    }
)


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
            elif isinstance(used, datetime) and _is_workload_key(account, limits, key, used):
                where = key.location("last_used_date"), key.location("last_used_service")
                service = key.last_service or "a service the report does not name"
                yield fail(user_resource(user), *where, user=user.name, last=used, service=service)
                break
            else:
                yield Pass()


def no_workload_roles_in_account(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Programs run on users' keys, and no role exists that a program could take instead."""
    users = list(_workload_keys(account, limits))
    if not users:
        judged = workload_user_with_key(account, limits)
        yield from (each for each in judged if isinstance(each, Unknown))
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
    limit = timedelta(days=limits.unused_role)
    yield from _unused_by_analyzer(account, limits)
    for role in account.roles:
        if role.is_service_linked:
            continue
        last = role.details.created if role.last_used is MissingValue.ABSENT else role.last_used
        location = role.details.location.child("RoleLastUsed")
        if not isinstance(last, datetime):
            yield unreadable(location)
        elif account.age(last) > limit:
            yield fail(
                Resource(role.arn, role.stable_id),
                location,
                role=role.name,
                last=f"{role.last_used:%Y-%m-%d}"
                if isinstance(role.last_used, datetime)
                else "never",
                idle=f"is idle for {account.age(last).days} days (limit: {limits.unused_role})",
                limit=limits.unused_role,
            )
        else:
            yield Pass()


def support_role_missing(account: Account) -> Iterator[Outcome]:
    """Nobody may open a case with AWS Support. CIS 1.17 (5.0), Security Hub IAM.18."""
    details = [each for _, each in account.users_in_details()]
    details += [group.details for group in account.groups]
    details += [role.details for role in account.roles]
    held = (grant for each in details for grant in each.attached)
    if any(grant.aws_name == "AWSSupportAccess" for grant in held):
        yield Pass()
    elif not account.details_are_complete:
        yield Unknown("the authorization details are cut, so a holder may be missing from them")
    else:
        pages = account.documents_of_kind(ExportKind.AUTHORIZATION_DETAILS)
        yield fail(
            account_resource(account), *(page.location for page in pages), account=account.id
        )


def _unused_by_analyzer(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Access Analyzer's open findings on roles that the authorization details do not list."""
    known = {role.arn for role in account.roles}
    unused = [
        found for found in account.analyzer_findings if found.text("findingType") == "UnusedIAMRole"
    ]
    if not unused and ExportKind.AUTHORIZATION_DETAILS not in account.available_exports:
        yield Unknown("the findings are not those of an unused-access analyzer")
    for found in unused:
        arn, since = found.text("resource") or "", found.time("createdAt")
        if arn in known:
            continue
        if found.text("status") in SETTLED:
            yield Pass()
            continue
        if found.text("status") != "ACTIVE":
            yield unreadable(found.location_of("status"))
            continue
        yield fail(
            Resource(arn, arn),
            found.location,
            role=arn.rpartition("/")[2],
            last="named in the Access Analyzer finding",
            idle=_found_unused(since),
            limit=limits.unused_role,
        )


def _found_unused(since: MaybeTime) -> str:
    """The analyzer reports a role once its own period has passed, so its date is no idle time."""
    when = f"on {since:%Y-%m-%d}" if isinstance(since, datetime) else "at an unreadable time"
    return f"had been unused for its analyzer's own period when that found it {when}"


def _is_workload_key(account: Account, limits: Limits, key: AccessKey, used: datetime) -> bool:
    recent = account.age(used) <= timedelta(days=limits.workload_activity)
    return recent and key.last_service not in _PEOPLE_S_SERVICES


def _workload_keys(account: Account, limits: Limits) -> Iterator[tuple[User, AccessKey]]:
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            for key in entry.active_keys:
                used = key.last_used
                if isinstance(used, datetime) and _is_workload_key(account, limits, key, used):
                    yield user, key


def _serves_workloads(role: Role) -> bool:
    """True if the trust policy names a compute service or an OpenID Connect provider."""
    if role.trust is None:
        return False
    for statement in role.trust.each("Statement"):
        principal = statement.child("Principal")
        if statement.text("Effect") == "Allow" and principal is not None:
            services = {str(each.value) for each in principal.each("Service")}
            federated = (str(each.value) for each in principal.each("Federated"))
            if services & _WORKLOAD_SERVICES or any(
                ":oidc-provider/" in each for each in federated
            ):
                return True
    return False
