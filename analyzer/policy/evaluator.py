"""In: the layers of policies over a principal. Out: what they decide together, on any request.

Every layer must allow, and a Deny in any of them is final; the rest is not knowing for sure.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

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
from analyzer.policy.pattern_overlap import (
    ANY_ACCOUNT,
    find_overlap,
    resource_patterns,
    sample_resources,
    try_limit,
)

_ORDER = list(Verdict)
_LETTING = (Verdict.ALLOWED, Verdict.CONDITIONAL)


@dataclass(frozen=True, slots=True)
class ResourceSet:
    """Resources of the account, as bits: those surely within reach, and those that may be."""

    certain: int
    possible: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyEvaluator:
    """Everything that the policies over a principal say under one profile.

    Principals with the same policies share it, unless a variable or condition tells them apart.
    `possible` holds the actions that may be allowed on some resource: a filter, not a verdict.
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
        """True if each layer surely allows every action on every resource, Denies left aside."""
        return not any(layer.unknown for layer in self.layers) and self._opens(is_sure=True)

    @property
    def possibly_allows_everything(self) -> bool:
        """True if each layer may allow every action on every resource, and nothing bars it all."""
        return self._opens(is_sure=False) and not any(
            each.denies_everything and each.statement.actions == self.actions.everything
            for each in self.statements
        )

    @property
    def denies_something(self) -> bool:
        """True if some statement denies, or may."""
        return any(
            each.statement.denies and (not each.never_applies or each.result.free)
            for each in self.statements
        )

    def allowed_resources(self, action: str) -> ResourceSet:
        """On which of the account's own resources the action is allowed."""
        index = self.actions.bit(action).bit_length() - 1
        if index not in self.resource_cache:
            sure = maybe = 0
            for each in free_key_choices(self._of(action), self.context, self.resources):
                some = self._combined(each, action)
                sure, maybe = sure | some.certain, maybe | some.possible
            self.resource_cache[index] = ResourceSet(sure, maybe)
        return self.resource_cache[index]

    def decide(self, action: str, resource: str) -> Decision:
        """What the policies say of that action on that resource."""
        verdict, statements = self._weighed(self._of(action), action, resource)
        return self._explained(verdict, statements, resource)

    def decide_new_resource(self, action: str, shape: str) -> Decision:
        """What they say of it on a new resource of that shape, one that the account has not got."""
        statements = self._of(action)
        return self._best(statements, action, sample_resources(statements, shape, self.resources))

    def decide_own_account(self, action: str) -> Decision:
        """What they say of it on whichever resource of the account's own suits the asker best.

        It is allowed if it is on some resource that may be there: of a form on which the action
        works, in the account and its partition, in any region. An action that works on several at
        once is allowed on one of each; where only some are, it is conditional.
        """
        if self.actions.requires_wildcard(action):
            return self._best(self._of(action), action, [STAR])
        works = self.actions.resource_forms(action)
        return self._among(
            action, resource_patterns(works, self.resources), together=works.together
        )

    def decide_any_account(self, action: str) -> Decision:
        """The same; what is allowed in other accounts alone is conditional: they have a say in it.

        Nobody manages the IAM of another account.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
        """
        if action not in self.any_account_cache:
            self.any_account_cache[action] = self._anywhere(action)
        return self.any_account_cache[action]

    def _anywhere(self, action: str) -> Decision:
        home = self.decide_own_account(action)
        if home.verdict in _LETTING or action.lower().startswith("iam:"):
            return home
        works = self.actions.resource_forms(action)
        shapes = resource_patterns(works, self.resources, ANY_ACCOUNT)
        abroad = self._among(action, shapes, together=works.together)
        if abroad.verdict not in _LETTING:
            return home
        reasons = tuple(sorted({*abroad.reasons, "policies of another account"}))
        return replace(abroad, verdict=Verdict.CONDITIONAL, reasons=reasons)

    def _among(self, action: str, shapes: list[str], *, together: bool) -> Decision:
        """The decision on a resource of each shape together, or else of the best of them."""
        statements = self._of(action)
        if not statements and not any(layer.unknown for layer in self.layers):
            return Decision(Verdict.NONE)
        found: list[Decision] = []
        for shape in shapes:
            found.append(self._within(statements, action, shape))
            if found[-1].verdict is Verdict.ALLOWED and not together:
                break
        if not found:
            return Decision(Verdict.NONE)
        best = min(found, key=_rank)
        if not together or best.verdict not in _LETTING:
            return best
        return _joined(found)

    def _within(self, statements: list[BoundStatement], action: str, shape: str) -> Decision:
        tried = sample_resources(statements, shape)
        some = itertools.islice(tried, try_limit(statements))
        best = self._best(statements, action, itertools.chain(some, self._own(action, shape)))
        if best.verdict in _LETTING:
            return best
        is_tried_out = next(tried, None) is None
        met = find_overlap(self.layers, statements, action, shape)
        if met is not None and not met.possible and is_tried_out:
            return best
        untried = met.witnesses(shape) if met is not None and is_tried_out else ()
        between = self._best(statements, action, untried)
        if between.verdict in _LETTING:
            return between
        reasons = ("whether several patterns have a resource in common",)
        return Decision(Verdict.CONDITIONAL, references(statements), reasons=reasons)

    def _best(
        self, statements: list[BoundStatement], action: str, tried: Iterable[str]
    ) -> Decision:
        best, witness, chosen = Verdict.NONE, STAR, statements
        for number, resource in enumerate(tried):
            verdict, weighed = self._weighed(statements, action, resource)
            if not number or _ORDER.index(verdict) < _ORDER.index(best):
                best, witness, chosen = verdict, resource, weighed
            if best is Verdict.ALLOWED:
                break
        return self._explained(best, chosen, witness)

    def _own(self, action: str, shape: str) -> Iterator[str]:
        """One resource of the account's own that is surely within reach, or else one that may be.

        No pattern's witness need be there where an Allow and a Deny's NotResource cross.
        """
        if ":iam:" in shape:
            reached, mine = self.allowed_resources(action), self.resources.bits(shape)
            within = (reached.certain & mine) or (reached.possible & mine)
            yield from itertools.islice(self.resources.named(within), 1)

    def _of(self, action: str) -> list[BoundStatement]:
        """The lines that speak of the action, less those of layers that have no say in it."""
        bit = self.actions.bit(action)
        return [
            each
            for each in self.statements
            if each.statement.actions & bit and self.layers[each.layer].applies(action)
        ]

    def _combined(self, statements: list[BoundStatement], action: str) -> ResourceSet:
        """The account's resources that each layer's Allows reach, less those of every Deny."""
        sure = maybe = self.resources.everything
        for number, layer in enumerate(self.layers):
            if not layer.applies(action):
                continue
            mine = [each for each in statements if each.layer == number]
            sure &= covered_resources(mine, allows=True, is_sure=True) if not layer.unknown else 0
            if not layer.unknown:
                maybe &= covered_resources(mine, allows=True, is_sure=False)
        sure &= ~covered_resources(statements, allows=False, is_sure=False)
        maybe &= ~covered_resources(statements, allows=False, is_sure=True)
        return ResourceSet(sure & maybe, maybe)

    def _weighed(
        self, statements: list[BoundStatement], action: str, resource: str
    ) -> tuple[Verdict, list[BoundStatement]]:
        """The verdict, and the lines under the values by which the asker gets it.

        Of several choices the asker takes the best; DENIED needs every one of them to be so.
        """
        touching = [each for each in statements if each.covers(resource) is not Ternary.FALSE]
        tried = list(free_key_choices(touching, self.context, self.resources))
        authorizer = [self._verdict(each, action, resource) for each in tried]
        best = min(authorizer, key=_ORDER.index)
        return best, tried[authorizer.index(best)]

    def _verdict(self, statements: list[BoundStatement], action: str, resource: str) -> Verdict:
        applied = [(each, each.applies(resource)) for each in statements]
        deny = any_of(truth for each, truth in applied if each.statement.denies)
        if deny is Ternary.TRUE:
            return Verdict.DENIED
        is_sure = deny is Ternary.FALSE
        for number, layer in enumerate(self.layers):
            if not layer.applies(action):
                continue
            mine = (each for each in applied if each[0].layer == number)
            allow = any_of(truth for each, truth in mine if each.statement.allows)
            if allow is Ternary.FALSE and not layer.unknown:
                return Verdict.NONE
            # A text that nobody has seen may hold a Deny, too.
            is_sure = is_sure and allow is Ternary.TRUE and not layer.unknown
        return Verdict.ALLOWED if is_sure else Verdict.CONDITIONAL

    def _explained(
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
        surely = [each for each in allows if each.result.truth is Ternary.TRUE] or allows
        return Decision(verdict, references(surely), references(denies), tuple(sorted(reasons)))

    def _opens(self, *, is_sure: bool) -> bool:
        for number, layer in enumerate(self.layers):
            allowed = 0
            for each in self.statements:
                if each.layer == number and each.statement.effect == "Allow":
                    allowed |= (
                        each.statement.actions if each.covers_everything(is_sure=is_sure) else 0
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
    """The sheet of a principal under these layers, in that context. The first is its identity's."""
    statements = tuple(
        bind(number, StatementRef(held, statement), context, resources)
        for number, layer in enumerate(layers)
        for held in layer.held
        for statement in held.document.statements
    )
    possible = _possible(actions, layers, statements)
    return PolicyEvaluator(
        actions, resources, layers, context, statements, possible, keys_mentioned(layers)
    )


def _rank(decision: Decision) -> int:
    return _ORDER.index(decision.verdict)


def _joined(found: list[Decision]) -> Decision:
    """The decision on a request that works on all of these at once."""
    worst = max(found, key=_rank).verdict
    reasons = {why for each in found for why in each.reasons}
    if worst not in _LETTING:
        reasons.add("other resources that the action takes at once")
    return Decision(
        Verdict.ALLOWED if worst is Verdict.ALLOWED else Verdict.CONDITIONAL,
        tuple(dict.fromkeys(cited for each in found for cited in each.allows)),
        tuple(dict.fromkeys(cited for each in found for cited in each.denies)),
        tuple(sorted(reasons)),
    )


def _possible(
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
