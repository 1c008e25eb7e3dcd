"""In: an account. Out: grants that nobody needs, told without evaluating a policy."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, PolicyAttachment
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    SETTLED,
    Fail,
    Outcome,
    Pass,
    Unknown,
    fail,
    unreadable,
    user_resource,
)

_SENSITIVE = ("iam", "kms", "sts", "organizations", "secretsmanager", "bedrock", "sagemaker")
_NAMED_SERVICES = 8


def cloudshell_full_access(account: Account) -> Iterator[Outcome]:
    """AWSCloudShellFullAccess is attached to someone. CIS 1.21 (5.0)."""
    for principal, resource, grants in _principals(account):
        held = [each for each in grants if each.aws_name == "AWSCloudShellFullAccess"]
        if held:
            where = (each.location for each in held)
            policy = held[0].arn or held[0].name
            yield fail(resource, *where, principal=principal, policy=policy)
        else:
            yield Pass()


def unused_customer_policy(account: Account) -> Iterator[Outcome]:
    """A customer-managed policy that nobody holds, not even as a boundary."""
    for policy in account.policies:
        if policy.is_aws_managed:
            continue
        if policy.attachments or policy.boundary_uses:
            yield Pass()
        elif policy.attachments is None:
            yield unreadable(policy.location.child("AttachmentCount"))
        elif policy.boundary_uses is None:
            yield unreadable(policy.location.child("PermissionsBoundaryUsageCount"))
        else:
            location = policy.location.child("AttachmentCount")
            yield fail(Resource(policy.arn, policy.arn), location, policy=policy.arn)


def granted_services_unused(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A principal may use services that it has not called in the tracking period.

    Two exports tell of that; a principal of whom both do is judged once, and a finding wins.
    """
    judged: dict[str, list[Outcome]] = {}
    for node in account.documents_of_kind(ExportKind.LAST_ACCESSED):
        arn = node.text("credaudit_principal")
        if arn is None:
            yield _of_nobody(account, node)
        else:
            judged.setdefault(arn, []).append(_check_unused_services(account, arn, node, limits))
    unused = [
        found
        for found in account.analyzer_findings
        if found.text("findingType") == "UnusedPermission"
    ]
    if not unused and ExportKind.LAST_ACCESSED not in account.available_exports:
        yield Unknown("the findings are not those of an unused-access analyzer")
    for found in unused:
        arn = found.text("resource") or account.root_arn
        judged.setdefault(arn, []).append(_check_analyzer_finding(arn, found, limits))
    yield from (_worst(outcomes) for outcomes in judged.values())
    if ExportKind.LAST_ACCESSED in account.available_exports:
        yield from _principals_without_answer(account, frozenset(judged))


def _of_nobody(account: Account, node: JsonNode) -> Unknown:
    """AWS's answer does not say of whom it is; who saved it has to."""
    files = {each.id: each.path for each in account.artifacts}
    name = files.get(node.location.evidence, node.location.evidence)
    remedy = "add credaudit_principal with the ARN that was asked, as the collect script does"
    return Unknown(f"{name} does not say of whom it is: {remedy}", node.location)


def _worst(outcomes: list[Outcome]) -> Outcome:
    """One principal's outcome: a failure with all its places, else what is unknown, else a pass."""
    failed = [each for each in outcomes if isinstance(each, Fail)]
    if failed:
        where = tuple(place for each in failed for place in each.locations)
        return Fail(failed[0].resource, where, failed[0].facts)
    return next((each for each in outcomes if isinstance(each, Unknown)), Pass())


def _check_analyzer_finding(arn: str, found: JsonNode, limits: Limits) -> Outcome:
    """A finding of an unused-access analyzer, which counts by a period of its own."""
    if found.text("status") in SETTLED:
        return Pass()
    if found.text("status") != "ACTIVE":
        return unreadable(found.location_of("status"))
    return fail(
        Resource(arn, arn),
        found.location,
        principal=arn,
        unused=found.number("numberOfUnusedServices") or "some",
        granted="its",
        services="named in the Access Analyzer finding",
        period="its analyzer's own period",
        limit=limits.unused_service,
    )


def _principals_without_answer(account: Account, judged: frozenset[str]) -> Iterator[Unknown]:
    """One for each user and role of which neither export tells."""
    roles = [role for role in account.roles if not role.is_service_linked]
    for arn, details in (
        *((user.arn, details) for user, details in account.users_in_details()),
        *((role.arn, role.details) for role in roles),
    ):
        if arn not in judged:
            yield Unknown("no last-accessed answer for this principal", details.location)


def _check_unused_services(account: Account, arn: str, node: JsonNode, limits: Limits) -> Outcome:
    """One principal's answer of get-service-last-accessed-details."""
    if node.text("JobStatus") != "COMPLETED":
        return Unknown("the last-accessed job was not complete when it was saved", node.location)
    period = timedelta(days=limits.unused_service)
    made = _creation_time(account, arn)
    # Whoever is younger than the period has left nothing unused for that long.
    is_new = made is not None and account.age(made) <= period
    services = list(node.each("ServicesLastAccessed"))
    unused: list[str] = []
    for service in services:
        used = service.time("LastAuthenticated")
        if used is MissingValue.UNREADABLE:
            return unreadable(service.location.child("LastAuthenticated"))
        if not isinstance(used, datetime) or account.age(used) > period:
            unused.append(service.text("ServiceNamespace") or "unnamed")
    if not unused or is_new:
        return Pass()
    unused.sort(key=lambda name: (name not in _SENSITIVE, name))
    more = len(unused) - _NAMED_SERVICES
    listed = ", ".join(unused[:_NAMED_SERVICES]) + (f" and {more} more" if more > 0 else "")
    return fail(
        Resource(arn, arn),
        node.location.child("ServicesLastAccessed"),
        principal=arn,
        unused=len(unused),
        granted=len(services),
        services=listed,
        period=f"{limits.unused_service} days",
        limit=limits.unused_service,
    )


def _creation_time(account: Account, arn: str) -> datetime | None:
    """When the user or role was made; None where no export says so."""
    made = next((each.created for each in account.users if each.arn == arn), None)
    made = made or next((each.details.created for each in account.roles if each.arn == arn), None)
    return made if isinstance(made, datetime) else None


def _principals(account: Account) -> Iterator[tuple[str, Resource, tuple[PolicyAttachment, ...]]]:
    """Every principal that can hold a policy, as it is called in a sentence."""
    for user, details in account.users_in_details():
        yield f"user {user.name}", user_resource(user), details.attached
    for group in account.groups:
        yield f"group {group.name}", Resource(group.arn, group.arn), group.details.attached
    for role in account.roles:
        yield f"role {role.name}", Resource(role.arn, role.arn), role.details.attached
