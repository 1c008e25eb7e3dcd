"""In: findings of rights that are too wide. Out: for each the policy that its use would leave.

A finding gets one where a single policy is concerned, one text takes its place, and for a finding
on a policy that text is not wide itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.proposals.policies import ProposedPolicy
from analyzer.rules.finding import Finding

_OF_PRINCIPALS = frozenset(
    {
        "user-effective-admin",
        "group-effective-admin",
        "role-effective-admin",
        "granted-services-unused",
        "actions-unused",
    }
)
_OF_POLICIES = frozenset({"policy-service-wildcard", "policy-full-admin"})


def policy_remedies(
    policies: tuple[ProposedPolicy, ...], findings: Iterable[Finding]
) -> Mapping[str, str]:
    """By the fingerprint of a finding the text of the one policy for it, lines and all."""
    wide = (each for each in findings if each.rule in _OF_PRINCIPALS | _OF_POLICIES)
    concerned = (
        (finding, [each for each in policies if _concerns(each, finding)]) for finding in wide
    )
    return {
        finding.fingerprint: json.dumps(found[0].texts[0].document, indent=2)
        for finding, found in concerned
        if len(found) == 1 and len(found[0].texts) == 1
    }


def _concerns(policy: ProposedPolicy, finding: Finding) -> bool:
    if finding.rule in _OF_PRINCIPALS:
        return _is_of(policy, finding.resource.arn)
    is_meant = policy.held.arn == finding.resource.arn or _stands_at(policy, finding)
    return is_meant and not any(map(_is_wide, _statements(policy)))


def _is_of(policy: ProposedPolicy, arn: str) -> bool:
    held = policy.held
    return arn in held.holders or any(arn == each.arn for each in held.entities)


def _stands_at(policy: ProposedPolicy, finding: Finding) -> bool:
    """True if the finding points into the text of the policy."""
    document = policy.held.document
    if document is None:
        return False
    evidence, pointer = document.location.evidence, document.location.pointer or ""
    return any(
        isinstance(each, Location)
        and each.evidence == evidence
        and f"{each.pointer}/".startswith(f"{pointer}/")
        for each in finding.locations
    )


def _statements(policy: ProposedPolicy) -> Iterator[Mapping[str, Any]]:
    return (each for text in policy.texts for each in text.document["Statement"])


def _is_wide(statement: Mapping[str, Any]) -> bool:
    """True if it allows a whole service on every resource, as the check of that has it."""
    actions = statement.get("Action", ())
    named = [actions] if isinstance(actions, str) else actions
    resources = statement.get("Resource", ())
    return (
        statement.get("Effect") == "Allow"
        and "*" in ([resources] if isinstance(resources, str) else resources)
        and ("NotAction" in statement or any(each.endswith(":*") or each == "*" for each in named))
    )
