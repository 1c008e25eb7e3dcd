"""In: policy layers and their statements, bound to one request. Out: what they decide together.

Every layer must allow, and a Deny in any of them is final. What is not known for certain makes the
decision conditional.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.policy.actions import ActionIndex
from analyzer.policy.bound_statements import STAR, BoundStatement, covered_resources, references
from analyzer.policy.conditions import Ternary, any_of
from analyzer.policy.layers import Decision, PolicyLayer, Verdict

_NO_RESOURCE = "whether an ARN of stars means requests without a resource"
Layers = tuple[PolicyLayer, ...]
Statements = Sequence[BoundStatement]


@dataclass(frozen=True, slots=True)
class ResourceSet:
    """Resources of the account, as bits: those certainly allowed, and those possibly allowed."""

    certain: int
    possible: int

    def __and__(self, other: "ResourceSet") -> "ResourceSet":
        """What is in both."""
        return ResourceSet(self.certain & other.certain, self.possible & other.possible)

    def __or__(self, other: "ResourceSet") -> "ResourceSet":
        """What is in the one or in the other."""
        return ResourceSet(self.certain | other.certain, self.possible | other.possible)

    @property
    def doubted(self) -> "ResourceSet":
        """The same with nothing certain."""
        return ResourceSet(0, self.possible)

    def among(self, bits: int) -> "ResourceSet":
        """What of it is among these resources."""
        return ResourceSet(self.certain & bits, self.possible & bits)

    def beyond(self, other: "ResourceSet") -> "ResourceSet":
        """What is not in the other; what is certain here alone stays possible, too."""
        certain = self.certain & ~other.certain
        return ResourceSet(certain, (self.possible & ~other.possible) | certain)

    def bits(self, *, is_certain: bool) -> int:
        """The certain resources, or the possible ones."""
        return self.certain if is_certain else self.possible


def combine_layers(
    layers: Layers, statements: Statements, action: str, everything: int
) -> ResourceSet:
    """Of all the account's resources those that every layer allows and that nothing denies."""
    certain = possible = everything
    for number, layer in enumerate(layers):
        if not layer.applies(action):
            continue
        if layer.unknown:
            certain = 0  # a text that is not in the export can allow or deny anything
            continue
        mine = [each for each in statements if each.layer == number]
        certain &= covered_resources(mine, allows=True, is_certain=True)
        if layer.certainly_applies(action):
            possible &= covered_resources(mine, allows=True, is_certain=False)
    certain &= ~covered_resources(statements, allows=False, is_certain=False)
    possible &= ~covered_resources(statements, allows=False, is_certain=True)
    return ResourceSet(certain & possible, possible)


def decide_layers(layers: Layers, statements: Statements, action: str, resource: str) -> Verdict:
    """The verdict on one resource."""
    applied = [(each, each.applies(resource)) for each in statements]
    deny = any_of(truth for each, truth in applied if each.statement.denies)
    if deny is Ternary.TRUE:
        return Verdict.DENIED
    is_certain = deny is Ternary.FALSE
    for number, layer in enumerate(layers):
        if not layer.applies(action):
            continue
        mine = (each for each in applied if each[0].layer == number)
        allow = any_of(truth for each, truth in mine if each.statement.allows)
        if allow is Ternary.FALSE and not layer.unknown and layer.certainly_applies(action):
            return Verdict.NONE
        # A text that is not in the export can hold a Deny, too.
        is_certain = is_certain and allow is Ternary.TRUE and not layer.unknown
    return Verdict.ALLOWED if is_certain else Verdict.CONDITIONAL


def explain_verdict(
    verdict: Verdict, layers: Layers, statements: Statements, resource: str
) -> Decision:
    """The verdict with the statements that allow and deny, and what makes it conditional."""
    touching = [each for each in statements if each.applies(resource) is not Ternary.FALSE]
    allows = [each for each in touching if each.statement.allows and each.layer == 0]
    denies = [each for each in touching if each.statement.denies]
    reasons: set[str] = set()
    if verdict is Verdict.CONDITIONAL:
        for each in touching:
            reasons |= set(each.result.reasons)
            if each.covers(resource) is Ternary.UNKNOWN:
                reasons.add(_NO_RESOURCE if resource == STAR else "a policy variable")
        reasons |= {name for layer in layers for name in layer.unknown}
    certain = [each for each in allows if each.result.truth is Ternary.TRUE] or allows
    return Decision(verdict, references(certain), references(denies), tuple(sorted(reasons)))


def every_layer_allows_everything(
    layers: Layers, statements: Statements, actions: ActionIndex, *, is_certain: bool
) -> bool:
    """True if each layer allows every action on every resource, certainly or possibly.

    Denies are left aside. An unknown boundary or control policy possibly allows everything, and so
    does a statement that can't be read.
    """
    for number, layer in enumerate(layers):
        allowed = 0
        for each in statements:
            said = each.statement
            if each.layer == number and (said.effect == "Allow" if is_certain else said.allows):
                is_wide = each.covers_everything(is_certain=is_certain)
                allowed |= each.statement.actions if is_wide else 0
        if allowed != actions.everything and not (layer.unknown and number):
            return False
    return True


def possible_actions(layers: Layers, statements: Statements, actions: ActionIndex) -> int:
    """The actions, as bits, that every layer possibly allows on some resource."""
    found = actions.everything
    for number, layer in enumerate(layers):
        if layer.guards_resources or layer.unknown:
            continue
        allowed = 0
        for each in statements:
            if each.layer == number and each.statement.allows and not each.never_applies:
                allowed |= each.statement.actions
        found &= allowed
    return found
