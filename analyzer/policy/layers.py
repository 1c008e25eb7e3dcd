"""In: nothing; the nouns of evaluation. Out: PolicyLayer, StatementRef, Verdict, Decision.

A layer is a set of policies that speak as one: identity policies, a boundary, a level of service
control policies. Every layer must allow, and a Deny in any of them is final.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from analyzer.policy.documents import PolicyInstance, Statement


class Verdict(StrEnum):
    """What the policies say of one request. CONDITIONAL is never rounded up or down."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    NONE = "not allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, eq=False)
class PolicyLayer:
    """Policies of which one must allow, and any can deny.

    `unknown` names those whose text the export does not hold.

    `services` limits the layer to requests of these services, as resource control policies have it.
    """

    name: str
    held: tuple[PolicyInstance, ...]
    unknown: tuple[str, ...] = ()
    services: frozenset[str] | None = None

    def applies(self, action: str) -> bool:
        """True if the layer restricts requests for that action."""
        return self.services is None or action.partition(":")[0].lower() in self.services


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


def keys_mentioned(layers: Iterable[PolicyLayer]) -> frozenset[str]:
    """The condition keys and variables that tell two principals with these layers apart."""
    return frozenset(
        key
        for layer in layers
        for policy in layer.held
        for statement in policy.document.statements
        for key in statement.mentions
    )
