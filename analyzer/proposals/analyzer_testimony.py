"""In: Access Analyzer's findings and recommendations. Out: what they testify of each principal.

A finding of type UnusedPermission names services that were not used at all, and of others the
actions that were not; a recommendation is the policy that AWS would write.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UnusedPermissionDetails.html
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.policy.actions import ActionIndex
from analyzer.policy.documents import DocumentCache
from analyzer.proposals.testimony import Testimony, Witness
from analyzer.rules.unused_access import UnusedType, unused_access_ages

_PREFIX = re.compile(r"[\w-]{1,64}", re.ASCII)


def testimony_of_findings(
    account: Account, index: ActionIndex, period: timedelta
) -> Iterator[tuple[str, datetime | None, Testimony]]:
    """The ARN of each principal that a finding is about, when it was analyzed, and what it says."""
    age = _tracked_days(account)
    for found in account.analyzer_findings:
        is_detailed = found.has("findingDetails")
        if not is_detailed or found.text("findingType") != UnusedType.PERMISSION:
            continue
        if found.text("status") != "ACTIVE":
            continue
        analyzed = found.time("analyzedAt")
        unused, services = _unused(found, index)
        yield (
            found.text("resource") or "",
            analyzed if isinstance(analyzed, datetime) else None,
            Testimony(
                unused=unused,
                unused_services=services,
                why_not=_why_not(age, period),
                bounds=("What Access Analyzer does not count, such as actions it does not track.",),
            ),
        )


def recommended(account: Account, cache: DocumentCache) -> Iterator[tuple[str, Testimony]]:
    """The ARN of each principal of which AWS recommends a policy, and what that would keep."""
    for answer in account.documents_of_kind(ExportKind.FINDING_RECOMMENDATIONS):
        for step in answer.each("recommendedSteps"):
            inner = step.child("unusedPermissionsRecommendedStep") or step
            policy = inner.document("recommendedPolicy")
            if policy is None or not isinstance(policy.value, dict):
                continue
            kept = 0
            for statement in cache.document(policy).statements:
                kept |= statement.actions if statement.allows else 0
            witness = Witness("recommended policy", "Access Analyzer", None, policy.location)
            yield answer.text("resourceArn") or "", Testimony((witness,), used=kept)


def _why_not(age: int | None, period: timedelta) -> str:
    if age is None:
        return "no export tells how long the analyzer looks back"
    if age < period.days:
        return f"the analyzer looks back {age} days, and less than {period.days} tell too little"
    return ""


def _unused(found: JsonNode, index: ActionIndex) -> tuple[int, int]:
    """The actions of services in use, and all of the services that are not."""
    bits = services = 0
    for detail in found.each("findingDetails"):
        inner = detail.child("unusedPermissionDetails")
        prefix = (inner.text("serviceNamespace") or "").lower() if inner else ""
        if inner is None or not _PREFIX.fullmatch(prefix):
            continue
        actions = list(inner.each("actions"))
        if not actions:
            services |= index.bits(f"{prefix}:*")
        for each in actions:
            name = f"{prefix}:{(each.text('action') or '').rpartition(':')[2]}"
            bits |= index.bits(name) if index.knows(name) else 0
    return bits, services


def _tracked_days(account: Account) -> int | None:
    """The shortest time without use by which any analyzer for unused access finds something."""
    ages = list(unused_access_ages(account))
    known = [each for each in ages if each is not None]
    return min(known) if known and len(known) == len(ages) else None
