"""In: how far everyone gets. Out: guards that ask for MFA and are walked round."""

from collections.abc import Iterator

from analyzer.inventory.model import User
from analyzer.policy.arns import is_everything
from analyzer.policy.condition_parser import Clause
from analyzer.policy.conditions import Context, KeyKnowledge, Ternary, evaluate_conditions
from analyzer.policy.documents import Statement
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.entry_points import privilege_by
from analyzer.privesc.graph import EscalationGraph, PrivilegeLevel
from analyzer.rules.outcomes import Outcome, Pass, Unknown, fail, unreadable, user_resource
from analyzer.rules.privilege_queries import (
    account_policies,
    admin_statements,
    has_level,
    locations,
    outcome_unless_found,
    principals,
    route_statements,
    unreadable_reason,
)

_MFA_KEYS = ("aws:multifactorauthpresent", "aws:multifactorauthage")
_WITHOUT_MFA = Context(dict.fromkeys(_MFA_KEYS, KeyKnowledge.ABSENT))
_FULL_RIGHTS = (PrivilegeLevel.ADMINISTRATOR, PrivilegeLevel.DIRECT, PrivilegeLevel.CHAIN)
_REMOVING = "iam:DeactivateMFADevice"


def mfa_deny_guard_bypassable(graph: EscalationGraph) -> Iterator[Outcome]:
    """A guard denies without MFA, but only where the key is in the request: a bare key lacks it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    for policy in account_policies(graph):
        statements = policy.instance.document.statements if policy.instance else ()
        guards = [each for each in statements if each.denies and _mfa_clauses(each)]
        truths = {each.index: _catches_bare_key(each) for each in guards}
        whole = [each for each in guards if truths[each.index] is Ternary.TRUE]
        loose = [
            each
            for each in guards
            if truths[each.index] is Ternary.FALSE
            and not any(_covers(good, each) for good in whole)
        ]
        if loose and policy.instance:
            where = (policy.instance.location_of(each) for each in loose)
            numbers = ", ".join(str(each.index + 1) for each in loose)
            yield fail(policy.resource, *where, policy=policy.name, statements=numbers)
        elif guards and Ternary.UNKNOWN in truths.values() and policy.instance:
            unread = next(each for each in guards if truths[each.index] is Ternary.UNKNOWN)
            yield Unknown("the guard's test can't be read", policy.instance.location_of(unread))
        elif guards:
            yield Pass()
        elif unreadable_reason(policy) is not None:
            yield from outcome_unless_found(policy)


def privileged_key_no_mfa_condition(graph: EscalationGraph) -> Iterator[Outcome]:
    """A bare key, without MFA, is or can become administrator, whatever single action is denied."""
    for principal, resource, privilege in principals(graph):
        entry = principal.report_entry if isinstance(principal, User) else None
        keys = (*entry.active_keys, *entry.unreadable_keys) if entry else ()
        if entry is None or not keys:
            continue
        # With the key alone nobody gets further than with all that the user has.
        if privilege.level in (PrivilegeLevel.LIMITED, PrivilegeLevel.INDIRECT):
            yield Pass()
            continue
        by_key = privilege_by(graph, principal.arn, EntryPoint.LEAKED_KEY)
        is_privileged = has_level(graph, by_key, *_FULL_RIGHTS)
        if isinstance(is_privileged, Unknown):
            yield is_privileged
        elif not is_privileged:
            yield Pass()
        elif not entry.active_keys:
            yield unreadable(entry.unreadable_keys[0].location("active"))
        else:
            cited = (
                admin_statements(graph, principal.arn)
                if not by_key.route
                else route_statements(graph, by_key)
            )
            where = (key.location("active") for key in entry.active_keys)
            level = by_key.level.value
            yield fail(resource, *where, *locations(cited), user=principal.name, privilege=level)


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


def _mfa_clauses(statement: Statement) -> tuple[Clause, ...]:
    return tuple(each for each in statement.clauses if each.key.lower() in _MFA_KEYS)


def _catches_bare_key(statement: Statement) -> Ternary:
    """Whether its tests of MFA all hold for a request that lacks the keys, as a bare key's does."""
    return evaluate_conditions(
        _mfa_clauses(statement), _WITHOUT_MFA, allows=False, has_variables=statement.has_variables
    ).truth


def _covers(guard: Statement, other: Statement) -> bool:
    """True if whatever the other guard speaks of is denied by this one under no more conditions."""
    return (
        guard.actions & other.actions == other.actions
        and (
            any(is_everything(each) for each in guard.resources)
            or (guard.resources, guard.excludes_resources)
            == (other.resources, other.excludes_resources)
        )
        and not (set(_scope(guard)) - set(_scope(other)))
    )


def _scope(statement: Statement) -> Iterator[tuple[str, str, bool, tuple[str, ...]]]:
    """What its conditions ask beside MFA, wherever they stand."""
    for each in statement.clauses:
        if each.key.lower() not in _MFA_KEYS:
            operator = f"{each.quantifier}:{each.operator}"
            yield operator, each.key.lower(), each.if_exists, each.values
