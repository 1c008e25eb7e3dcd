"""In: how far everyone gets. Out: who, without full rights, arms others or blinds the trail."""

from collections.abc import Iterator

from analyzer.policy.conditions import KeyKnowledge
from analyzer.policy.layers import Verdict
from analyzer.privesc.granting import giving_rights
from analyzer.privesc.graph import EscalationGraph, PrivilegeLevel
from analyzer.rules.action_lists import ActionList, listed_actions
from analyzer.rules.outcomes import Outcome, Pass, Unknown, as_variant
from analyzer.rules.privilege_queries import fail_principal, locations, noun_for, principals
from analyzer.rules.wide_statements import list_actions

_TRAIL = (
    "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors", "cloudtrail:DeleteEventDataStore",
    "cloudtrail:StopEventDataStoreIngestion",
)  # fmt: skip
_ARMING = (
    "iam:CreateUser", "iam:CreateRole", "iam:PutUserPolicy", "iam:PutRolePolicy",
    "iam:AttachUserPolicy", "iam:AttachRolePolicy",
)  # fmt: skip


def principal_can_grant_privileges(graph: EscalationGraph) -> Iterator[Outcome]:
    """Someone outside administration can give rights to others; milder where only possibly so."""
    for principal, resource, privilege in principals(graph):
        if privilege.level.is_privileged:
            continue  # what it can give, it can take for itself; other checks find it
        details = graph.authorizer.principals[principal.arn].details
        rights = giving_rights(graph.facts, graph.giving, principal.arn)
        certain = [each for each in rights if each.is_certain]
        told = certain or rights
        unread = {each.statement.unread for right in told for each in right.statements}
        if told and "" not in unread and unread:
            yield Unknown(f"depends on {', '.join(sorted(unread))}", details.location)
        elif privilege.level is PrivilegeLevel.UNKNOWN and not certain:
            yield Unknown("; ".join(privilege.reasons), details.location)
        elif told:
            where = (place for each in told for place in locations(each.statements))
            found = fail_principal(
                principal,
                resource,
                *(tuple(dict.fromkeys(where)) or (details.location,)),
                principal=noun_for(principal),
                actions=", ".join(each.action for each in told),
            )
            yield found if certain or found.variant else as_variant("under-conditions", found)
        else:
            yield Pass()


def audit_trail_tamper_rights(graph: EscalationGraph) -> Iterator[Outcome]:
    """Someone other than an administrator can stop or bend the audit trail."""
    yield from _check_rights(graph, _TRAIL)


def detection_tamper_rights(graph: EscalationGraph) -> Iterator[Outcome]:
    """Someone other than an administrator can switch detection off; milder, hide what it finds."""
    strong = listed_actions(ActionList.DETECTION)
    yield from _check_rights(graph, strong, listed_actions(ActionList.CONCEALMENT))


def identity_admin_without_boundary(graph: EscalationGraph) -> Iterator[Outcome]:
    """Someone makes or arms identities, and no boundary is asked of them."""
    for principal, resource, privilege in principals(graph):
        if privilege.level is PrivilegeLevel.ADMINISTRATOR:
            continue
        policies = graph.authorizer.principals[principal.arn]
        bare = {"iam:PermissionsBoundary": KeyKnowledge.ABSENT}
        possible = graph.authorizer.possible(policies, bare)
        decisions = {
            action: graph.authorizer.decide(policies, action, None, None, bare)
            for action in _ARMING
            if possible & graph.authorizer.actions.bit(action)
        }
        certain = [name for name, each in decisions.items() if each.verdict is Verdict.ALLOWED]
        if certain:
            where = (location for name in certain for location in locations(decisions[name].allows))
            who = noun_for(principal)
            yield fail_principal(
                principal,
                resource,
                *dict.fromkeys(where),
                principal=who,
                actions=", ".join(certain),
            )
        elif privilege.level is PrivilegeLevel.UNKNOWN:
            yield Unknown("; ".join(privilege.reasons), policies.details.location)
        else:
            yield Pass()


def _check_rights(
    graph: EscalationGraph, actions: tuple[str, ...], milder: tuple[str, ...] = ()
) -> Iterator[Outcome]:
    """One outcome for each principal but administrators: whether it may do one of these."""
    asked = graph.authorizer.actions.bits_of((*actions, *milder))
    for principal, resource, privilege in principals(graph):
        if privilege.level is PrivilegeLevel.ADMINISTRATOR:
            continue
        policies = graph.authorizer.principals[principal.arn]
        possible = graph.authorizer.possible(policies) & asked
        decisions = {
            action: graph.authorizer.decide(policies, action)
            for action in (*actions, *milder)
            if possible and possible & graph.authorizer.actions.bit(action)
        }
        certain = [name for name, each in decisions.items() if each.verdict is Verdict.ALLOWED]
        told = [name for name in certain if name in actions] or certain
        if told:
            where = (location for name in told for location in locations(decisions[name].allows))
            found = fail_principal(
                principal,
                resource,
                *dict.fromkeys(where),
                principal=noun_for(principal),
                actions=list_actions(told),
            )
            is_mild = told[0] in milder and not found.variant
            yield as_variant("hides-findings", found) if is_mild else found
        elif any(each.verdict is Verdict.CONDITIONAL for each in decisions.values()):
            why = next(each.reasons for each in decisions.values() if each.reasons)
            yield Unknown(f"depends on {', '.join(why)}", policies.details.location)
        else:
            yield Pass()
