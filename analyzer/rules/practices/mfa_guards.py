"""In: how far everyone gets. Out: guards that ask for MFA and are walked round."""

from collections.abc import Iterator

from analyzer.inventory.model import User
from analyzer.policy.condition_parser import Clause
from analyzer.policy.documents import Statement
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.graph import EscalationGraph, PrivilegeLevel
from analyzer.rules.outcomes import Outcome, Pass, Unknown, fail, user_resource
from analyzer.rules.privilege_queries import (
    account_policies,
    admin_statements,
    locations,
    principals,
    unreadable_reason,
)

_PRESENT = "aws:multifactorauthpresent"
_AGE = "aws:multifactorauthage"
_GIVING = "iam:AttachRolePolicy"
"""What makes an administrator: the right to give out rights."""
_REMOVING = "iam:DeactivateMFADevice"


def mfa_deny_guard_bypassable(graph: EscalationGraph) -> Iterator[Outcome]:
    """A guard denies without MFA, but only where the key is in the request: a bare key lacks it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    for policy in account_policies(graph):
        statements = policy.instance.document.statements if policy.instance else ()
        guards = [each for each in statements if each.denies and _asks_for_mfa(each)]
        loose = [each for each in guards if not any(_catches_a_key(c) for c in each.clauses)]
        if loose and policy.instance:
            where = (policy.instance.location_of(each) for each in loose)
            numbers = ", ".join(str(each.index + 1) for each in loose)
            yield fail(policy.resource, *where, policy=policy.name, statements=numbers)
        elif guards:
            yield Pass()
        elif (missing := unreadable_reason(policy)) is not None:
            yield missing


def privileged_key_no_mfa_condition(graph: EscalationGraph) -> Iterator[Outcome]:
    """A bare key, without MFA, has full rights."""
    for principal, resource, privilege in principals(graph):
        entry = principal.report_entry if isinstance(principal, User) else None
        if entry is None or not entry.active_keys:
            continue
        if privilege.level is PrivilegeLevel.UNKNOWN:
            yield Unknown("; ".join(privilege.reasons))
            continue
        policies = graph.authorizer.principals[principal.arn]
        decision = graph.authorizer.decide(policies, _GIVING, None, EntryPoint.LEAKED_KEY)
        if privilege.level is PrivilegeLevel.ADMINISTRATOR and decision.verdict is Verdict.ALLOWED:
            where = (key.location("active") for key in entry.active_keys)
            cited = locations(admin_statements(graph, principal.arn))
            yield fail(resource, *where, *cited, user=principal.name)
        else:
            yield Pass()


def mfa_self_removal_allowed(graph: EscalationGraph) -> Iterator[Outcome]:
    """A user may take away its own MFA device without showing it."""
    for user, _ in graph.authorizer.account.users_in_details():
        policies = graph.authorizer.principals[user.arn]
        decision = graph.authorizer.decide(policies, _REMOVING, user.arn, EntryPoint.LEAKED_KEY)
        if graph.privileges[user.arn].level is PrivilegeLevel.ADMINISTRATOR:
            continue
        if decision.verdict is Verdict.ALLOWED:
            yield fail(user_resource(user), *locations(decision.allows), user=user.name)
        elif decision.verdict is Verdict.CONDITIONAL:
            yield Unknown(f"depends on {', '.join(decision.reasons)}", policies.details.location)
        else:
            yield Pass()


def _asks_for_mfa(statement: Statement) -> bool:
    return any(each.key.lower() in (_PRESENT, _AGE) for each in statement.clauses)


def _catches_a_key(clause: Clause) -> bool:
    """True if the clause also holds for a request that lacks the key."""
    if clause.key.lower() not in (_PRESENT, _AGE):
        return False
    return clause.if_exists or clause.operator == "Null"
