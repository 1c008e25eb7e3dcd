"""In: an account. Out: grants that nobody needs, told without evaluating a policy."""

from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, PrincipalDetails
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    as_variant,
    fail,
    unreadable,
    user_resource,
)
from analyzer.rules.privilege_queries import boundaries_in_use
from analyzer.rules.unused_access import (
    NOT_UNUSED_ACCESS,
    UnusedType,
    analyzer_period,
    has_unused_access,
    unused_access,
)

_SENSITIVE = ("iam", "kms", "sts", "organizations", "secretsmanager", "bedrock", "sagemaker")
_NAMED_SERVICES = 8


def cloudshell_full_access(account: Account) -> Iterator[Outcome]:
    """AWSCloudShellFullAccess is attached to someone. CIS 1.21 (5.0)."""
    for principal, resource, details in _principals(account):
        held = [each for each in details.attached if each.aws_name == "AWSCloudShellFullAccess"]
        if held:
            where = (each.location for each in held)
            policy = held[0].arn or held[0].name
            yield fail(resource, *where, principal=principal, policy=policy)
        elif details.unplaced:
            first = details.unplaced[0]
            yield Unknown(f"the entry holds {first.described()}", first.location)
        else:
            yield Pass()


def unused_customer_policy(account: Account) -> Iterator[Outcome]:
    """A customer-managed policy that nobody holds, not even as a boundary."""
    boundaries = boundaries_in_use(account)
    for policy in account.policies:
        if policy.is_aws_managed:
            continue
        if policy.attachments or policy.boundary_uses or policy.arn in boundaries:
            yield Pass()
        elif policy.attachments is None:
            yield unreadable(policy.location.child("AttachmentCount"))
        elif policy.boundary_uses is None:
            yield unreadable(policy.location.child("PermissionsBoundaryUsageCount"))
        else:
            location = policy.location.child("AttachmentCount")
            yield fail(Resource(policy.arn, policy.arn), location, policy=policy.arn)


def granted_services_unused(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A principal may use services that it has not called in the tracking period."""
    for node in account.documents_of_kind(ExportKind.LAST_ACCESSED):
        yield _check_unused_services(account, node, limits)
    if ExportKind.LAST_ACCESSED in account.available_exports:
        yield from _principals_without_answer(account)
    if not (has_unused_access(account) or ExportKind.LAST_ACCESSED in account.available_exports):
        yield Unknown(NOT_UNUSED_ACCESS)
    for found in unused_access(account, UnusedType.PERMISSION):
        failing = fail(
            Resource(found.arn, found.arn),
            found.location,
            principal=found.arn,
            unused=found.unused_services or "some",
            period=analyzer_period(account),
        )
        yield found.unsettled or as_variant("analyzer", failing)


def _principals_without_answer(account: Account) -> Iterator[Unknown]:
    """One for each user and role of which no last-accessed answer was handed in."""
    asked = {
        node.text("credaudit_principal")
        for node in account.documents_of_kind(ExportKind.LAST_ACCESSED)
    }
    roles = [role for role in account.roles if not role.is_service_linked]
    for arn, details in (
        *((user.arn, details) for user, details in account.users_in_details()),
        *((role.arn, role.details) for role in roles),
    ):
        if arn not in asked:
            yield Unknown("no last-accessed answer for this principal", details.location)


def _check_unused_services(account: Account, node: JsonNode, limits: Limits) -> Outcome:
    """One principal's answer of get-service-last-accessed-details."""
    if node.text("JobStatus") != "COMPLETED":
        return Unknown("the last-accessed job was not complete when it was saved", node.location)
    services = list(node.each("ServicesLastAccessed"))
    unused: list[str] = []
    for service in services:
        used = service.time("LastAuthenticated")
        if used is MissingValue.UNREADABLE:
            return unreadable(service.location.child("LastAuthenticated"))
        if not isinstance(used, datetime) or account.days_since(used) > limits.unused_service:
            unused.append(service.text("ServiceNamespace") or "unnamed")
    if not unused:
        return Pass()
    arn = node.text("credaudit_principal") or account.root_arn
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
        limit=limits.unused_service,
    )


def _principals(account: Account) -> Iterator[tuple[str, Resource, PrincipalDetails]]:
    """Every principal that can hold a policy, as it is called in a sentence."""
    for user, details in account.users_in_details():
        yield f"user {user.name}", user_resource(user), details
    for group in account.groups:
        yield f"group {group.name}", Resource(group.arn, group.arn), group.details
    for role in account.roles:
        yield f"role {role.name}", Resource(role.arn, role.arn), role.details
