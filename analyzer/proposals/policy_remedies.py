"""In: findings of rights that are too wide. Out: for each the policy that its use would leave.

A finding gets one where a single policy is concerned, one text takes its place, and that text is
not wide itself; the evaluator has been asked about it, as for every proposal.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.proposals.policies import PolicyProposal, ProposedPolicy, propose_policies
from analyzer.proposals.trimmed_account import faults_of, without_faults
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
_WITNESSES = frozenset(
    {ExportKind.LAST_ACCESSED, ExportKind.FINDING_DETAILS, ExportKind.CLOUDTRAIL_EVENTS}
)
_MOST_HOLDERS = 300
"""Of more principals `propose policies` tells; the evaluator takes its time for each."""


def policy_remedies(
    authorizer: AccountAuthorizer, limits: Limits, findings: Iterable[Finding]
) -> Mapping[str, str]:
    """By the fingerprint of a finding the text of a policy, lines and all."""
    wide = [each for each in findings if each.rule in _OF_PRINCIPALS | _OF_POLICIES]
    if not wide or not _WITNESSES & authorizer.account.available_exports:
        return {}
    proposal = propose_policies(authorizer.account, limits, authorizer=authorizer)
    concerned = {
        finding.fingerprint: found
        for finding in wide
        if len(found := [each for each in proposal.policies if _concerns(each, finding)]) == 1
    }
    sound = _sound(authorizer, proposal, [each for (each,) in concerned.values()])
    return {
        name: json.dumps(policy.texts[0].document, indent=2)
        for name, (policy,) in concerned.items()
        if policy in sound
    }


def _sound(
    authorizer: AccountAuthorizer, proposal: PolicyProposal, wanted: list[ProposedPolicy]
) -> tuple[ProposedPolicy, ...]:
    """Those of the wanted ones of which the evaluator finds nothing wrong."""
    chosen: list[ProposedPolicy] = []
    holders: set[str] = set()
    for each in wanted:
        if len(holders.union(each.held.holders)) <= _MOST_HOLDERS and each not in chosen:
            chosen.append(each)
            holders.update(each.held.holders)
    from_them = PolicyProposal(tuple(chosen), (), (), proposal.uses)
    return without_faults(from_them, faults_of(authorizer, from_them)).policies


def _concerns(policy: ProposedPolicy, finding: Finding) -> bool:
    if finding.rule in _OF_PRINCIPALS:
        return _is_of(policy, finding.resource.arn) and len(policy.texts) == 1
    return (
        (policy.held.arn == finding.resource.arn or _stands_at(policy, finding))
        and len(policy.texts) == 1
        and not any(map(_is_wide, _statements(policy)))
    )


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
