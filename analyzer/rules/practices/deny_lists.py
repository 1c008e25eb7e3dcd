"""In: the policies over everyone. Out: Deny statements that leave a way round them allowed."""

from collections.abc import Iterator

from analyzer.policy.arns import is_everything, sample_arn
from analyzer.policy.documents import Effect, PolicyInstance, Statement
from analyzer.policy.layers import Decision, StatementRef, Verdict
from analyzer.policy.principals import PrincipalPolicies
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.action_lists import Twin, twins
from analyzer.rules.outcomes import Outcome, Pass, Unknown
from analyzer.rules.privilege_queries import fail_principal, locations, noun_for, principals

_Way = tuple[Twin, str, StatementRef, Decision]
"""The twins, the one that is left open, the Deny, and what allows the one that is left open."""
_MOST_PATTERNS = 8
"""Resources of one Deny that are tried; a list of hundreds has the same hole in each."""


def deny_list_bypassable(graph: EscalationGraph) -> Iterator[Outcome]:
    """An action is denied, and another that comes to the same is allowed on the same resources.

    Asked of whoever is denied one of the actions that have such a twin.
    """
    asked = tuple(twins())
    bits = graph.authorizer.actions.bits_of(each.denied for each in asked)
    for principal, resource, _ in principals(graph):
        policies = graph.authorizer.principals[principal.arn]
        guards = [
            StatementRef(held, each)
            for held, each in _statements(policies)
            if each.effect is Effect.DENY and each.actions & bits and not each.excludes_resources
        ]
        found = [way for each in guards for way in _ways_round(graph, policies, each, asked)]
        ways = [way for way in found if way[-1].verdict is Verdict.ALLOWED]
        if not ways:
            doubt = _doubt(policies, found, bits)
            if doubt:
                yield Unknown(doubt, policies.details.location)
            elif guards:
                yield Pass()
            continue
        told = dict.fromkeys(f"{other} for {twin.denied}" for twin, other, _, _ in ways)
        denies = tuple(dict.fromkeys(deny for _, _, deny, _ in ways))
        allows = tuple(dict.fromkeys(each for *_, found in ways for each in found.allows))
        yield fail_principal(
            principal,
            resource,
            *dict.fromkeys((*locations(denies), *locations(allows))),
            principal=noun_for(principal),
            ways=", ".join(told),
        )


def _doubt(policies: PrincipalPolicies, found: list[_Way], bits: int) -> str:
    """Why nobody can tell whether a way round is open; "" where all is known."""
    if found:
        return f"depends on {', '.join(found[0][-1].reasons)}"
    unread = (each.unread for _, each in _statements(policies) if each.actions & bits)
    missing = (name for layer in policies.layers for name in layer.unknown)
    return next((each for each in (*unread, *missing) if each), "")


def _statements(policies: PrincipalPolicies) -> Iterator[tuple[PolicyInstance, Statement]]:
    """Every statement over the principal, those of its boundary and of control policies too."""
    for layer in policies.layers:
        for held in layer.held:
            for each in held.document.statements:
                yield held, each


def _ways_round(
    graph: EscalationGraph,
    policies: PrincipalPolicies,
    guard: StatementRef,
    asked: tuple[Twin, ...],
) -> Iterator[_Way]:
    table, decide = graph.authorizer.actions, graph.authorizer.decide
    for twin in asked:
        if not guard.statement.actions & table.bit(twin.denied):
            continue
        open_ones = [each for each in twin.others if not guard.statement.actions & table.bit(each)]
        for target in _targets(graph, guard.statement, twin.denied) if open_ones else ():
            if decide(policies, twin.denied, target).verdict is not Verdict.DENIED:
                continue
            for other in open_ones:
                found = decide(policies, other, target)
                if found.verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
                    yield twin, other, guard, found


def _targets(graph: EscalationGraph, statement: Statement, action: str) -> Iterator[str | None]:
    """A resource of each pattern on which the action works; None for any there could be."""
    resources = graph.authorizer.resources
    for pattern in statement.resources[:_MOST_PATTERNS]:
        if is_everything(pattern):
            yield None
            continue
        for form in graph.authorizer.actions.resource_forms(action).forms:
            shape = f"arn:{resources.partition}:{form.replace('@', resources.account)}"
            found = sample_arn(pattern, shape)
            if found is not None:
                yield found
