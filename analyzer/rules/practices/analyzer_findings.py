"""In: an account's Access Analyzer findings. Out: access of strangers, and findings that wait."""

from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.policy.actions import AccessLevel, ActionIndex, action_index
from analyzer.rules.external_access import (
    ExternalAccess,
    external_access,
    findings_once,
    has_external_findings,
    is_external,
)
from analyzer.rules.finding import Resource
from analyzer.rules.known_accounts import KnownAccounts, known_accounts
from analyzer.rules.outcomes import (
    SETTLED,
    Outcome,
    Pass,
    Unknown,
    account_resource,
    as_variant,
    fail,
    unreadable,
)
from analyzer.rules.trusting_roles import list_some

_ROLE = "AWS::IAM::Role"
_GRAVE_TYPES = frozenset({_ROLE, "AWS::KMS::Key", "AWS::SecretsManager::Secret"})
"""Resources by which one gets further: reading a secret and decrypting are read rights."""
_READING = (AccessLevel.LIST, AccessLevel.READ)


def analyzer_external_finding_open(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Access Analyzer says that a stranger's account has access, and nobody has acted on it."""
    if not has_external_findings(account):
        yield Unknown("no finding of an external-access analyzer was handed in")
    known = known_accounts(account, limits)
    roles, index = {role.arn for role in account.roles}, action_index()
    for found in findings_once(account):
        status, is_told = found.text("status"), found.text("resource") in roles
        if not is_external(found) or status in SETTLED or is_told:
            continue  # of roles, role-trust-unlisted-account says so
        if status != "ACTIVE":
            yield unreadable(found.location_of("status"))
            continue
        accesses = list(external_access(found))
        if not accesses:
            yield Unknown("no get-finding-v2 export says who is let in", found.location)
        for access in accesses:
            yield from _judge(access, known, index)


def analyzer_finding_overdue(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Findings have been open for longer than a review cycle. One outcome for each type."""
    overdue: dict[str, list[tuple[datetime, JsonNode]]] = {}
    for found in findings_once(account):
        since, status = found.time("createdAt"), found.text("status")
        if status in SETTLED:
            continue
        if status != "ACTIVE":
            yield unreadable(found.location_of("status"))
        elif not isinstance(since, datetime):
            yield unreadable(found.location_of("createdAt"))
        elif account.days_since(since) > limits.finding_age:
            sort = found.text("findingType") or "ExternalAccess"
            overdue.setdefault(sort, []).append((since, found))
        else:
            yield Pass()
    for sort, waiting in sorted(overdue.items()):
        waiting.sort(key=lambda each: (each[0], each[1].text("id") or ""))
        yield fail(
            account_resource(account, f"findings/{sort}"),
            *(found.location_of("createdAt") for _, found in waiting),
            count=len(waiting),
            type=sort,
            oldest=waiting[0][0],
            limit=limits.finding_age,
        )


def _judge(access: ExternalAccess, known: KnownAccounts, index: ActionIndex) -> Iterator[Outcome]:
    found = access.found
    if access.is_public is True:
        return  # analyzer-public-finding-open says so
    if access.is_public is not False:
        yield unreadable(access.detail.location_of("isPublic"))
    elif access.is_known(known):
        yield Pass()
    else:
        arn, since = found.text("resource") or "", found.time("createdAt")
        outcome = fail(
            Resource(arn, found.text("id") or arn),
            access.detail.location_of("principal"),
            found.location_of("status"),
            resource=arn,
            finding=found.text("id") or "FINDING_ID",
            type=found.text("resourceType") or "resource",
            who=list_some(access.who) or "someone whom the finding does not name",
            since=since if isinstance(since, datetime) else "an unknown date",
        )
        yield as_variant("reads", outcome) if _only_reads(access, index) else outcome


def _only_reads(access: ExternalAccess, index: ActionIndex) -> bool:
    """True if the access is to read or list alone, and not of secrets, keys or roles."""
    return (
        access.found.text("resourceType") not in _GRAVE_TYPES
        and bool(access.actions)
        and all(
            index.knows(each) and any(index.has_level(each, level) for level in _READING)
            for each in access.actions
        )
    )
