"""In: how far everyone gets. Out: who gives itself rights by giving itself a tag.

A policy may allow by the tags of whoever asks (attribute-based access control). It is as strong as
the right to set these tags.
https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.inventory.model import User
from analyzer.policy.bound_statements import BoundStatement
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layers import StatementRef, Verdict
from analyzer.privesc.catalogue import Gain
from analyzer.privesc.graph import EscalationGraph, Privilege, PrivilegeLevel
from analyzer.privesc.tagging import PRINCIPAL_TAG, Retagging, tag_names, taggings
from analyzer.rules.outcomes import Outcome, Pass, Unknown, as_variant
from analyzer.rules.privilege_queries import fail_principal, locations, noun_for, principals
from analyzer.rules.wide_statements import list_actions


@dataclass(frozen=True, slots=True)
class _Gained:
    """What the principal is allowed once it has set these tags of its own."""

    tags: frozenset[str]
    statements: tuple[StatementRef, ...]
    is_everything: bool


def self_tagging_grants_rights(graph: EscalationGraph) -> Iterator[Outcome]:
    """A principal may set tags of its own by which its policies allow more; milder if not all.

    Asked of whoever holds policies that allow by tags of the principal.
    """
    for principal, resource, privilege in principals(graph):
        policies = graph.authorizer.principals[principal.arn]
        if privilege.level is PrivilegeLevel.ADMINISTRATOR:
            continue
        evaluators = graph.authorizer.all_evaluators(policies)
        if not any(tag_names(each.keys, PRINCIPAL_TAG) for each in evaluators):
            continue
        gained = [found for each in evaluators for found in _gained(graph, each, principal.arn)]
        if not gained:
            yield Pass()
            continue
        action = "iam:TagUser" if isinstance(principal, User) else "iam:TagRole"
        decision = graph.authorizer.decide(policies, action, principal.arn)
        cited = tuple(dict.fromkeys(each for found in gained for each in found.statements))
        if decision.verdict is not Verdict.ALLOWED and not _rests_on_tags(decision.allows):
            yield Unknown(f"depends on {', '.join(decision.reasons)}", policies.details.location)
            continue
        patterns = [name for each in cited for name in each.statement.action_patterns]
        found = fail_principal(
            principal,
            resource,
            *dict.fromkeys((*locations(decision.allows), *locations(cited))),
            principal=noun_for(principal),
            tags=", ".join(sorted(frozenset().union(*(each.tags for each in gained)))),
            actions=list_actions(list(dict.fromkeys(patterns))),
        )
        is_lift = any(each.is_everything for each in gained) or _climbs_by_tags(privilege)
        yield found if is_lift or found.variant else as_variant("some-rights", found)


def _gained(graph: EscalationGraph, before: PolicyEvaluator, arn: str) -> Iterator[_Gained]:
    names = tag_names(before.keys, PRINCIPAL_TAG)
    own = graph.authorizer.resources.bit(arn)
    for each in taggings(before, graph.facts, names):
        if each.on & own:
            after = before.with_context(each.keys(PRINCIPAL_TAG + name for name in names))
            cited = tuple(_opened(before, after, each))
            if cited:
                is_everything = after.possibly_allows_everything
                yield _Gained(frozenset(each.tags), cited, is_everything)


def _opened(
    before: PolicyEvaluator, after: PolicyEvaluator, tagging: Retagging
) -> Iterator[StatementRef]:
    """The statements of identity policies that allow something more with these tags."""
    keys = {PRINCIPAL_TAG + name for name in tagging.tags}
    known = _granted(before)
    for was, now in zip(before.statements, after.statements, strict=True):
        statement = now.statement
        is_about_them = statement.allows and not now.layer and bool(keys & statement.mentions)
        if not is_about_them or now.never_applies or not statement.actions & ~known:
            continue
        if was.never_applies or was.patterns != now.patterns:
            yield now.reference


def _granted(evaluator: PolicyEvaluator) -> int:
    """The actions, as bits, that it is certainly granted on every resource without the tags."""
    found = 0
    for each in evaluator.statements:
        if _is_plain_grant(each):
            found |= each.statement.actions
    return found


def _is_plain_grant(each: BoundStatement) -> bool:
    return each.statement.allows and not each.layer and each.covers_everything(is_certain=True)


def _rests_on_tags(allows: tuple[StatementRef, ...]) -> bool:
    """True if whatever allows the tagging asks for tags of the request alone, which one picks."""
    asked = {key for each in allows for key in each.statement.mentions}
    return bool(allows) and all(key.startswith(("aws:requesttag/", "aws:tagkeys")) for key in asked)


def _climbs_by_tags(privilege: Privilege) -> bool:
    return bool(privilege.route) and privilege.route[0].path.gain is Gain.CONDITIONAL_GRANTS
