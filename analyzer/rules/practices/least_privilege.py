"""In: an account. Out: grants that nobody needs, told without evaluating a policy."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from analyzer.config import Limits
from analyzer.display import list_first
from analyzer.evidence.cells import MaybeTime, MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, PrincipalDetails, principal_noun
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    Fail,
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
    UnusedAccess,
    UnusedType,
    analyzer_period,
    has_unused_access,
    unused_access,
)

_SENSITIVE = ("iam", "kms", "sts", "organizations", "secretsmanager", "bedrock", "sagemaker")
_NAMED_SERVICES = 8


@dataclass(frozen=True, slots=True)
class _Principal:
    """Whom an answer is about, and when it was made, as far as an export says so."""

    arn: str
    created: MaybeTime


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
    """A principal may use services that it has not called in the tracking period.

    Two exports tell of that; a principal of whom both do is judged once, and a finding wins.
    """
    known = _known_principals(account)
    judged: dict[str, list[Outcome]] = {}
    for node in account.documents_of_kind(ExportKind.LAST_ACCESSED):
        given = node.text("credaudit_principal")
        if given is None:
            yield _of_nobody(account, node)
            continue
        noun = principal_noun(given)
        principal = known.get(noun, _Principal(given, MissingValue.UNREADABLE))
        answer = _check_unused_services(account, principal, node, limits)
        judged.setdefault(noun, []).append(answer)
    if not (has_unused_access(account) or ExportKind.LAST_ACCESSED in account.available_exports):
        yield Unknown(NOT_UNUSED_ACCESS)
    for found in unused_access(account, UnusedType.PERMISSION):
        noun = principal_noun(found.arn)
        arn = known[noun].arn if noun in known else found.arn
        judged.setdefault(noun, []).append(_check_analyzer_finding(account, arn, found))
    yield from (_worst(outcomes) for outcomes in judged.values())
    if ExportKind.LAST_ACCESSED in account.available_exports:
        yield from _principals_without_answer(account, frozenset(judged))


def _of_nobody(account: Account, node: JsonNode) -> Unknown:
    """AWS's answer does not say of whom it is; who saved it has to."""
    files = {each.id: each.path for each in account.artifacts}
    name = files.get(node.location.evidence, node.location.evidence)
    remedy = "add credaudit_principal with the ARN that was asked, as the collect script does"
    return Unknown(f"{name} does not say of whom it is: {remedy}")


def _worst(outcomes: list[Outcome]) -> Outcome:
    """One principal's outcome: a failure with all its places, else what is unknown, else a pass."""
    failed = [each for each in outcomes if isinstance(each, Fail)]
    if failed:
        where = tuple(place for each in failed for place in each.locations)
        return replace(failed[0], locations=where)
    return next((each for each in outcomes if isinstance(each, Unknown)), Pass())


def _check_analyzer_finding(account: Account, arn: str, found: UnusedAccess) -> Outcome:
    """A finding of an unused-access analyzer, which counts by a period of its own."""
    failing = fail(
        Resource(arn, arn),
        found.location,
        principal=arn,
        unused=found.unused_services or "some",
        period=analyzer_period(account),
    )
    return found.unsettled or as_variant("analyzer", failing)


def _principals_without_answer(account: Account, judged: frozenset[str]) -> Iterator[Unknown]:
    """One for each user and role of which neither export tells."""
    roles = [role for role in account.roles if not role.is_service_linked]
    for arn, details in (
        *((user.arn, details) for user, details in account.users_in_details()),
        *((role.arn, role.details) for role in roles),
    ):
        if principal_noun(arn) not in judged:
            yield Unknown("no last-accessed answer for this principal", details.location)


def _check_unused_services(
    account: Account, principal: _Principal, node: JsonNode, limits: Limits
) -> Outcome:
    """One principal's answer of get-service-last-accessed-details."""
    if node.text("JobStatus") != "COMPLETED":
        return Unknown("the last-accessed job was not complete when it was saved", node.location)
    made = principal.created
    # Whoever is younger than the period has left nothing unused for that long.
    is_new = isinstance(made, datetime) and account.days_since(made) <= limits.unused_service
    services = list(node.each("ServicesLastAccessed"))
    unused: list[str] = []
    for service in services:
        used = service.time("LastAuthenticated")
        if used is MissingValue.UNREADABLE:
            return unreadable(service.location.child("LastAuthenticated"))
        if not isinstance(used, datetime) or account.days_since(used) > limits.unused_service:
            unused.append(service.text("ServiceNamespace") or "unnamed")
    if not unused or is_new:
        return Pass()
    unused.sort(key=lambda name: (name not in _SENSITIVE, name))
    listed = list_first(unused, _NAMED_SERVICES)
    return fail(
        Resource(principal.arn, principal.arn),
        node.location.child("ServicesLastAccessed"),
        principal=principal.arn,
        unused=len(unused),
        granted=len(services),
        services=listed,
        limit=limits.unused_service,
    )


def _known_principals(account: Account) -> dict[str, _Principal]:
    """The users and roles of the exports by their nouns: a finding's ARN may lack the path."""
    known = {principal_noun(user.arn): _Principal(user.arn, user.created) for user in account.users}
    return known | {
        principal_noun(role.arn): _Principal(role.arn, role.details.created)
        for role in account.roles
    }


def _principals(account: Account) -> Iterator[tuple[str, Resource, PrincipalDetails]]:
    """Every principal that can hold a policy, as it is called in a sentence."""
    for user, details in account.users_in_details():
        yield f"user {user.name}", user_resource(user), details
    for group in account.groups:
        yield f"group {group.name}", Resource(group.arn, group.arn), group.details
    for role in account.roles:
        yield f"role {role.name}", Resource(role.arn, role.arn), role.details
