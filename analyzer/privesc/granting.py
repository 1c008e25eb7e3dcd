"""In: the escalation graph and a principal. Out: by what it can give rights to others.

Whoever gains nothing by itself can still arm a friend, or an account that it has taken over.
"""

from dataclasses import dataclass
from itertools import islice

from analyzer.policy.conditions import Ternary
from analyzer.policy.layers import StatementRef, Verdict
from analyzer.privesc.graph import GIVING_ACTIONS, EscalationGraph, others_to_give

_NAMED = 3
"""So many targets are asked for their statements; each one more would show the same."""


@dataclass(frozen=True, slots=True)
class GivingRight:
    """An action that gives others rights: on how many of them, and the statements that allow it.

    `reasons` says what it depends on where it is not certain.
    """

    action: str
    is_certain: bool
    targets: int
    statements: tuple[StatementRef, ...]
    reasons: tuple[str, ...] = ()


def giving_rights(graph: EscalationGraph, arn: str) -> tuple[GivingRight, ...]:
    """The principal's rights to give rights to others, the certain ones first.

    None are left out that make its level "can empower others".
    """
    found = [each for action in GIVING_ACTIONS if (each := _right(graph, arn, action))]
    return tuple(sorted(found, key=lambda each: not each.is_certain))


def _right(graph: EscalationGraph, arn: str, action: str) -> GivingRight | None:
    """The right by whichever entry point gives it for certain; else by any; None without one."""
    authorizer = graph.authorizer
    policies = authorizer.principals[arn]
    others = others_to_give(graph.facts, policies, action)
    possible: GivingRight | None = None
    for entry_point, truth in authorizer.entry_points(policies).items():
        sets = authorizer.evaluator(policies, entry_point).allowed_resources(action)
        bits = sets.certain & others or sets.possible & others
        if not bits:
            continue
        targets = list(islice(authorizer.resources.named(bits), _NAMED))
        decisions = [authorizer.decide(policies, action, each, entry_point) for each in targets]
        is_certain = truth is Ternary.TRUE and bool(sets.certain & others)
        best = [each for each in decisions if each.verdict is Verdict.ALLOWED] or decisions
        cited = dict.fromkeys(ref for each in best for ref in each.allows)
        why = () if is_certain else tuple(dict.fromkeys(w for each in best for w in each.reasons))
        right = GivingRight(action, is_certain, bits.bit_count(), tuple(cited), why)
        if is_certain:
            return right
        possible = possible or right
    return possible
