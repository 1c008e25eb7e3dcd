"""In: nothing; the nouns of evaluation. Out: PolicyLayer, StatementRef, Verdict, Decision.

A layer is a set of policies that speak as one: identity policies, a boundary, a level of service
control policies. Every layer must allow, and a Deny in any of them is final.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from analyzer.policy.documents import PolicyInstance, Statement


class Verdict(StrEnum):
    """What the policies say of one request. CONDITIONAL is never rounded up or down."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    NONE = "not allowed"
    DENIED = "denied"

    @property
    def rank(self) -> int:
        """Its place in the order from the best to the worst."""
        return _RANKS[self]


_RANKS = {verdict: number for number, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class ServiceReach:
    """The services, by prefix, that a layer reaches, and those it does not; others possibly.

    `exempt` are actions, in lower case, that it does not reach whatever their service.
    """

    certain: frozenset[str]
    never: frozenset[str]
    exempt: frozenset[str] = frozenset()

    def possibly(self, action: str) -> bool:
        """True if the layer reaches the action, certainly or possibly."""
        return _service(action) not in self.never and action.lower() not in self.exempt

    def certainly(self, action: str) -> bool:
        """True if the layer reaches the action."""
        return _service(action) in self.certain and action.lower() not in self.exempt


@dataclass(frozen=True, slots=True, eq=False)
class PolicyLayer:
    """Policies of which one must allow, and any can deny.

    `unknown` names those whose text the export does not hold.

    `reach` tells a layer that guards the account's resources, not its principals: resource control
    policies, and what services they reach.
    """

    name: str
    held: tuple[PolicyInstance, ...]
    unknown: tuple[str, ...] = ()
    reach: ServiceReach | None = None

    @property
    def guards_resources(self) -> bool:
        """True if resources of another account are out of the layer's reach."""
        return self.reach is not None

    def applies(self, action: str) -> bool:
        """True if the layer restricts requests for that action, certainly or possibly."""
        return self.reach is None or self.reach.possibly(action)

    def certainly_applies(self, action: str) -> bool:
        """True if the layer restricts requests for that action."""
        return self.reach is None or self.reach.certainly(action)


@dataclass(frozen=True, slots=True)
class StatementRef:
    """A statement and the policy it is in: what a finding points at."""

    held: PolicyInstance
    statement: Statement


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, the statements that allow and deny, and what makes it conditional."""

    verdict: Verdict
    allows: tuple[StatementRef, ...] = ()
    denies: tuple[StatementRef, ...] = ()
    reasons: tuple[str, ...] = ()


def make_conditional(decision: Decision, reason: str) -> Decision:
    """The decision, conditional for that reason where it was allowed."""
    if decision.verdict not in (Verdict.ALLOWED, Verdict.CONDITIONAL):
        return decision
    reasons = tuple(sorted({*decision.reasons, reason}))
    return replace(decision, verdict=Verdict.CONDITIONAL, reasons=reasons)


def best_decision(decisions: Iterable[Decision]) -> Decision:
    """The best of the decisions, the first of equals: a caller picks its way.

    After one that is allowed none is asked for. Raises ValueError where there is none at all.
    """
    best: Decision | None = None
    for each in decisions:
        if best is None or each.verdict.rank < best.verdict.rank:
            best = each
        if best.verdict is Verdict.ALLOWED:
            return best
    if best is None:
        message = "there is no decision to choose from"
        raise ValueError(message)
    return best


def keys_mentioned(layers: Iterable[PolicyLayer]) -> frozenset[str]:
    """The condition keys and variables that tell two principals with these layers apart."""
    return frozenset(
        key
        for layer in layers
        for policy in layer.held
        for statement in policy.document.statements
        for key in statement.mentions
    )


def _service(action: str) -> str:
    return action.partition(":")[0].lower()
