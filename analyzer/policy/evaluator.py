"""In: the policy layers over a principal. Out: their decision on an action and one resource.

Every layer must allow, and a Deny in any of them is final. What is not known for certain makes the
decision conditional. `resource_search` asks for the best resource instead of a given one.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analyzer.policy.actions import ActionIndex
from analyzer.policy.arns import ResourceIndex
from analyzer.policy.bound_statements import (
    STAR,
    BoundStatement,
    bind,
    covered_resources,
    free_key_choices,
    references,
)
from analyzer.policy.conditions import Context, KeyState, Ternary, any_of
from analyzer.policy.layers import Decision, PolicyLayer, StatementRef, Verdict, keys_mentioned

_ORDER = list(Verdict)


@dataclass(frozen=True, slots=True)
class ResourceSet:
    """Resources of the account, as bits: those certainly allowed, and those possibly allowed."""

    certain: int
    possible: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyEvaluator:
    """The policy layers over a principal, bound to one request context.

    Principals with the same layers share it, unless a variable or condition tells them apart.
    `possible` holds the actions, as bits, that can be allowed on some resource: a filter, not a
    verdict. `keys` are the condition keys that the layers mention. The caches fill as it is asked
    and change no answer.
    """

    actions: ActionIndex
    resources: ResourceIndex
    layers: tuple[PolicyLayer, ...]
    context: Context
    statements: tuple[BoundStatement, ...]
    possible: int
    keys: frozenset[str]
    resource_cache: dict[int, ResourceSet] = field(default_factory=dict)
    by_context_cache: dict[tuple[tuple[str, KeyState], ...], "PolicyEvaluator"] = field(
        default_factory=dict
    )
    any_account_cache: dict[str, Decision] = field(default_factory=dict)

    def with_context(self, keys: Mapping[str, KeyState]) -> "PolicyEvaluator":
        """The same policies for a request that has these condition keys."""
        wanted = tuple(sorted((key.lower(), state) for key, state in keys.items()))
        if not any(key in self.keys for key, _ in wanted):
            return self
        if wanted not in self.by_context_cache:
            context = self.context.with_keys(dict(wanted))
            self.by_context_cache[wanted] = evaluator_for(
                self.actions, self.resources, self.layers, context
            )
        return self.by_context_cache[wanted]

    @property
    def allows_everything(self) -> bool:
        """True if each layer certainly allows every action on every resource, Denies left aside."""
        return not any(
            layer.unknown for layer in self.layers
        ) and self._every_layer_allows_everything(is_certain=True)

    @property
    def possibly_allows_everything(self) -> bool:
        """True if each layer possibly allows everything, and no statement denies everything."""
        return self._every_layer_allows_everything(is_certain=False) and not any(
            each.denies_everything and each.statement.actions == self.actions.everything
            for each in self.statements
        )

    @property
    def denies_something(self) -> bool:
        """True if some statement certainly or possibly denies."""
        return any(
            each.statement.denies and (not each.never_applies or each.result.free)
            for each in self.statements
        )

    def allowed_resources(self, action: str) -> ResourceSet:
        """On which of the account's own resources the action is allowed."""
        index = self.actions.bit(action).bit_length() - 1
        if index not in self.resource_cache:
            certain = possible = 0
            for each in free_key_choices(self.statements_on(action), self.context, self.resources):
                some = self._combine_layers(each, action)
                certain, possible = certain | some.certain, possible | some.possible
            self.resource_cache[index] = ResourceSet(certain, possible)
        return self.resource_cache[index]

    def decide(self, action: str, resource: str) -> Decision:
        """What the policies say of that action on that resource."""
        return self.decide_best(self.statements_on(action), action, [resource])

    def decide_best(
        self, statements: list[BoundStatement], action: str, resources: Iterable[str]
    ) -> Decision:
        """The decision on whichever of the resources is allowed soonest; NONE without any.

        `statements` are those on the action, see `statements_on`.
        """
        best, best_resource, chosen = Verdict.NONE, STAR, statements
        for number, resource in enumerate(resources):
            verdict, bound = self._choose(statements, action, resource)
            if not number or _ORDER.index(verdict) < _ORDER.index(best):
                best, best_resource, chosen = verdict, resource, bound
            if best is Verdict.ALLOWED:
                break
        return self._explain(best, chosen, best_resource)

    def statements_on(self, action: str) -> list[BoundStatement]:
        """The statements that name the action, less those of layers that do not apply to it."""
        bit = self.actions.bit(action)
        return [
            each
            for each in self.statements
            if each.statement.actions & bit and self.layers[each.layer].applies(action)
        ]

    def _combine_layers(self, statements: list[BoundStatement], action: str) -> ResourceSet:
        """The account's resources that every layer allows, less those that any statement denies."""
        certain = possible = self.resources.everything
        for number, layer in enumerate(self.layers):
            if not layer.applies(action):
                continue
            if layer.unknown:
                certain = 0  # a text that is not in the export can allow or deny anything
                continue
            mine = [each for each in statements if each.layer == number]
            certain &= covered_resources(mine, allows=True, is_certain=True)
            possible &= covered_resources(mine, allows=True, is_certain=False)
        certain &= ~covered_resources(statements, allows=False, is_certain=False)
        possible &= ~covered_resources(statements, allows=False, is_certain=True)
        return ResourceSet(certain & possible, possible)

    def _choose(
        self, statements: list[BoundStatement], action: str, resource: str
    ) -> tuple[Verdict, list[BoundStatement]]:
        """The verdict, and the statements bound to the key values that a request gets it by.

        A request chooses the best of the values; DENIED needs every one of them to be denied.
        """
        touching = [each for each in statements if each.covers(resource) is not Ternary.FALSE]
        tried = list(free_key_choices(touching, self.context, self.resources))
        verdicts = [self._verdict(each, action, resource) for each in tried]
        best = min(verdicts, key=_ORDER.index)
        return best, tried[verdicts.index(best)]

    def _verdict(self, statements: list[BoundStatement], action: str, resource: str) -> Verdict:
        applied = [(each, each.applies(resource)) for each in statements]
        deny = any_of(truth for each, truth in applied if each.statement.denies)
        if deny is Ternary.TRUE:
            return Verdict.DENIED
        is_certain = deny is Ternary.FALSE
        for number, layer in enumerate(self.layers):
            if not layer.applies(action):
                continue
            mine = (each for each in applied if each[0].layer == number)
            allow = any_of(truth for each, truth in mine if each.statement.allows)
            if allow is Ternary.FALSE and not layer.unknown:
                return Verdict.NONE
            # A text that is not in the export can hold a Deny, too.
            is_certain = is_certain and allow is Ternary.TRUE and not layer.unknown
        return Verdict.ALLOWED if is_certain else Verdict.CONDITIONAL

    def _explain(
        self, verdict: Verdict, statements: list[BoundStatement], resource: str
    ) -> Decision:
        touching = [each for each in statements if each.applies(resource) is not Ternary.FALSE]
        allows = [each for each in touching if each.statement.allows and each.layer == 0]
        denies = [each for each in touching if each.statement.denies]
        reasons: set[str] = set()
        if verdict is Verdict.CONDITIONAL:
            for each in touching:
                reasons |= set(each.result.reasons)
                if each.covers(resource) is Ternary.UNKNOWN:
                    reasons.add("a policy variable")
            reasons |= {name for layer in self.layers for name in layer.unknown}
        certain = [each for each in allows if each.result.truth is Ternary.TRUE] or allows
        return Decision(verdict, references(certain), references(denies), tuple(sorted(reasons)))

    def _every_layer_allows_everything(self, *, is_certain: bool) -> bool:
        for number, layer in enumerate(self.layers):
            allowed = 0
            for each in self.statements:
                if each.layer == number and each.statement.effect == "Allow":
                    allowed |= (
                        each.statement.actions
                        if each.covers_everything(is_certain=is_certain)
                        else 0
                    )
            if allowed != self.actions.everything and not (layer.unknown and number):
                return False
        return True


def evaluator_for(
    actions: ActionIndex,
    resources: ResourceIndex,
    layers: tuple[PolicyLayer, ...],
    context: Context,
) -> PolicyEvaluator:
    """The evaluator of these layers in that context; the first layer is the principal's own."""
    statements = tuple(
        bind(number, StatementRef(policy, statement), context, resources)
        for number, layer in enumerate(layers)
        for policy in layer.held
        for statement in policy.document.statements
    )
    possible = _possible_actions(actions, layers, statements)
    return PolicyEvaluator(
        actions, resources, layers, context, statements, possible, keys_mentioned(layers)
    )


def _possible_actions(
    actions: ActionIndex, layers: tuple[PolicyLayer, ...], statements: tuple[BoundStatement, ...]
) -> int:
    found = actions.everything
    for number, layer in enumerate(layers):
        if layer.services is not None or layer.unknown:
            continue
        allowed = 0
        for each in statements:
            if each.layer == number and each.statement.allows and not each.never_applies:
                allowed |= each.statement.actions
        found &= allowed
    return found
