"""In: the policy layers over a principal. Out: their decision on an action and one resource.

Every layer must allow, and a Deny in any of them is final. What is not known for certain makes the
decision conditional. `resource_search` asks for the best resource instead of a given one.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from analyzer.policy.actions import ActionIndex
from analyzer.policy.arns import ResourceIndex, arn_matches
from analyzer.policy.bound_statements import (
    STAR,
    BoundStatement,
    bind,
    doubt_deny,
    free_key_choices,
)
from analyzer.policy.conditions import (
    Context,
    KeyKnowledge,
    KeyState,
    Ternary,
    substitute_variables,
)
from analyzer.policy.layer_decisions import (
    ResourceSet,
    combine_layers,
    decide_layers,
    every_layer_allows_everything,
    explain_verdict,
    possible_actions,
)
from analyzer.policy.layers import (
    Decision,
    PolicyLayer,
    StatementRef,
    Verdict,
    best_decision,
    keys_mentioned,
    make_conditional,
)
from analyzer.policy.request_variants import VIA_KEYS, forwarding_services
from analyzer.policy.service_rules import (
    KEY_POLICY,
    account_of,
    actions_of_bare_sessions,
    boundary_state,
    carries_target_key,
    fixed_region,
    key_states,
    keys_of_actions,
    needs_key_policy,
    reserved_patterns,
)
from analyzer.policy.target_states import BOUNDARY, OWNER, TargetStates, compared_texts

_REGION = "aws:requestedregion"
_OF_NO_SERVICE = ":"
_MOST_KEPT = 1 << 12
KeyStates = tuple[tuple[str, KeyState], ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyEvaluator:
    """The policy layers over a principal, bound to one request context.

    Principals with the same layers share it, unless a variable or condition tells them apart.
    `possible_here` holds the actions, as bits, that can be allowed on some resource. `keys` are the
    condition keys that the layers mention, `compared` those of them that are a target's own, see
    `TargetStates.groups`. The caches fill as it is asked and change no answer.
    """

    actions: ActionIndex
    targets: TargetStates
    layers: tuple[PolicyLayer, ...]
    context: Context
    statements: tuple[BoundStatement, ...]
    possible_here: int
    keys: frozenset[str]
    compared: Mapping[str, frozenset[str] | None]
    resource_cache: dict[str, ResourceSet] = field(default_factory=dict)
    by_context_cache: dict[tuple[object, ...], "PolicyEvaluator"] = field(default_factory=dict)
    requests_cache: dict[object, tuple["Request", ...]] = field(default_factory=dict)
    new_resource_cache: dict[tuple[str, str], Decision] = field(default_factory=dict)
    own_account_cache: dict[str, Decision] = field(default_factory=dict)
    any_account_cache: dict[str, Decision] = field(default_factory=dict)

    @property
    def resources(self) -> ResourceIndex:
        """The account's own resources."""
        return self.targets.resources

    def with_context(self, keys: Mapping[str, KeyState]) -> "PolicyEvaluator":
        """The same policies for a request that is asked to have these condition keys."""
        folded = {key.lower(): state for key, state in keys.items()}
        if not self.keys & folded.keys():
            return self
        return self._bound_to(("asked", *sorted(folded.items())), self.context.with_keys(folded))

    def varied(self, keys: Mapping[str, KeyState]) -> "PolicyEvaluator":
        """The same policies in other circumstances; what was asked for stays as it is."""
        wanted = {key: state for key, state in keys.items() if key in self.keys}
        others = {k: state for k, state in wanted.items() if self.context.of(k) != state}
        others = {k: state for k, state in others.items() if k not in self.context.asked}
        if not others:
            return self
        return self._bound_to(("varied", *sorted(others.items())), self.context.varied(others))

    def texts_compared_with(self, key: str) -> tuple[str, ...]:
        """The texts and patterns with which any statement compares that key, in lower case."""
        return tuple(
            dict.fromkeys(
                substitute_variables(
                    value, self.context, has_variables=each.statement.has_variables
                )[0]
                for each in self.statements
                for clause in each.statement.clauses
                if clause.key.lower() == key
                for value in clause.values
            )
        )

    def _bound_to(self, name: tuple[object, ...], context: Context) -> "PolicyEvaluator":
        if name not in self.by_context_cache:
            self.by_context_cache[name] = evaluator_for(
                self.actions, self.targets, self.layers, context
            )
        return self.by_context_cache[name]

    @property
    def on_foreign_resources(self) -> "PolicyEvaluator":
        """The same without the layers that guard the account's own resources."""
        layers = tuple(layer for layer in self.layers if not layer.guards_resources)
        if len(layers) == len(self.layers):
            return self
        if (name := ("foreign",)) not in self.by_context_cache:
            self.by_context_cache[name] = evaluator_for(
                self.actions, self.targets, layers, self.context
            )
        return self.by_context_cache[name]

    def requests(self, action: str) -> tuple["Request", ...]:
        """The ways in which the action can be asked for, each with its own request context."""
        found = self.requests_cache.get(action)
        if found is None:
            state = self.given_by(action)
            if state not in self.requests_cache:
                self.requests_cache[state] = tuple(self._requests(dict(state)))
            found = self.requests_cache[action] = self.requests_cache[state]
        return found

    def given_by(self, action: str) -> KeyStates:
        """The states of condition keys that the action gives its requests, whoever asks."""
        return states_given_by(action, self.resources.partition, self.keys)

    def _requests(self, keys_of_action: Mapping[str, KeyState]) -> Iterator["Request"]:
        here = self.varied(keys_of_action)
        others = (here.varied(keys) for keys in self.context.alternatives)
        direct = tuple({id(each): each for each in (here, *others)}.values())
        yield from (Request(each) for each in direct)
        if self.keys & VIA_KEYS:
            clauses = (clause for each in self.statements for clause in each.statement.clauses)
            for service in forwarding_services(clauses, self.actions):
                if any(each.reachable & service.actions for each in direct):
                    yield Request(here.varied(service.keys), f"a call through {service.name}")

    @property
    def reachable(self) -> int:
        """The actions, as bits, possibly allowed on some resource and not denied on all."""
        denied = 0
        for each in self.statements:
            denied |= each.statement.actions if each.denies_everything else 0
        return self.possible_here & ~denied

    @property
    def possible(self) -> int:
        """The actions, as bits, possibly allowed on some resource: a filter, not a verdict."""
        found = 0
        for request in self.requests(_OF_NO_SERVICE):
            found |= request.evaluator.possible_here
        return found

    @property
    def in_each_network(self) -> tuple["PolicyEvaluator", ...]:
        """The evaluators of requests of the caller's own, one for each network it can come from."""
        requests = self.requests(_OF_NO_SERVICE)
        return tuple(each.evaluator for each in requests if not each.doubt)

    @property
    def allows_everything(self) -> bool:
        """True if each layer certainly allows every action on every resource, Denies left aside."""
        return (
            self.possible_here == self.actions.everything
            and not any(layer.unknown for layer in self.layers)
            and every_layer_allows_everything(
                self.layers, self.statements, self.actions, is_certain=True
            )
        )

    @property
    def possibly_allows_everything(self) -> bool:
        """True if each layer possibly allows everything, and no statement denies everything."""
        if self.possible_here != self.actions.everything:
            return False
        is_denied = any(
            each.denies_everything and each.statement.actions == self.actions.everything
            for each in self.statements
        )
        return not is_denied and every_layer_allows_everything(
            self.layers, self.statements, self.actions, is_certain=False
        )

    @property
    def denies_something(self) -> bool:
        """True if some statement certainly or possibly denies."""
        return any(
            each.statement.denies and (not each.never_applies or each.result.free)
            for each in self.statements
        )

    def allowed_resources(self, action: str) -> ResourceSet:
        """On which of the account's own resources the action is allowed, in whichever way."""
        if action not in self.resource_cache:
            certain = possible = 0
            bit = self.actions.bit(action)
            for request in self.requests(action):
                if request.evaluator.possible_here & bit:
                    some = request.evaluator.allowed_here(action)
                    certain |= 0 if request.doubt else some.certain
                    possible |= some.possible
            reserved = 0
            for pattern in reserved_patterns(action, self.actions) if possible else ():
                reserved |= self.resources.bits(pattern)
            self.resource_cache[action] = ResourceSet(certain & ~reserved, possible & ~reserved)
        return self.resource_cache[action]

    def allowed_here(self, action: str) -> ResourceSet:
        """The same for a request in this very context."""
        own = self.varied({OWNER: (self.resources.account,)})
        compared = self.compared_by(action)
        if not compared:
            return own.allowed_alike(action)
        certain = possible = 0
        for states, bits in self.targets.groups(compared):
            some = own.varied(states).allowed_alike(action)
            certain |= some.certain & bits
            possible |= some.possible & bits
        return ResourceSet(certain, possible)

    def compared_by(self, action: str) -> Mapping[str, frozenset[str] | None]:
        """The keys of targets that requests for the action carry, and that nobody has set."""
        return {
            key: values
            for key, values in self.compared.items()
            if self.context.of(key) is KeyKnowledge.UNKNOWN and carries_target_key(action, key)
        }

    def allowed_alike(self, action: str) -> ResourceSet:
        """The same, with one context for all of the account's resources."""
        certain = possible = 0
        if not self.can_call(action):
            return ResourceSet(0, 0)
        for each in free_key_choices(self.statements_on(action), self.context, self.resources):
            some = combine_layers(self.layers, each, action, self.resources.everything)
            certain, possible = certain | some.certain, possible | some.possible
        return ResourceSet(certain, possible)

    def decide(self, action: str, resource: str) -> Decision:
        """What the policies say of that action on that resource, however it is asked for.

        AWS's own rules come first, see `service_rules`. Another account has to allow what is done
        to its resources, and a key policy what is done with a key: both leave it conditional.
        """
        if any(arn_matches(each, resource) for each in reserved_patterns(action, self.actions)):
            return Decision(Verdict.NONE, reasons=("AWS alone changes it",))
        owner = account_of(resource)
        is_foreign = owner is not None and owner != self.resources.account.strip("*")
        if is_foreign and action.lower().startswith("iam:"):
            return Decision(Verdict.NONE, reasons=("nobody manages the IAM of another account",))
        best = best_decision(
            request.capped(request.evaluator.on(resource, action).decide_one(action, resource))
            for request in self.requests(action)
        )
        if is_foreign and self.resources.account != "*":
            best = make_conditional(best, f"policies of account {owner}")
        if needs_key_policy(action, resource, self.actions):
            best = make_conditional(best, KEY_POLICY)
        return best

    def on(self, resource: str, action: str) -> "PolicyEvaluator":
        """The same for that action on that resource, with what is known of it."""
        owner = account_of(resource)
        is_foreign = owner is not None and owner != self.resources.account
        here = self.on_foreign_resources if is_foreign else self
        keys: dict[str, KeyState] = {OWNER: (owner,)} if owner is not None else {}
        if here.compared and here.resources.bit(resource):
            keys |= here.targets.keys_of(resource, here.compared_by(action))
        return here.varied(keys)

    def decide_one(self, action: str, resource: str) -> Decision:
        """What the policies say of that request, in this very context."""
        return self.decide_best(self.statements_on(action), action, [resource])

    def decide_best(
        self, statements: list[BoundStatement], action: str, resources: Iterable[str]
    ) -> Decision:
        """The decision on whichever of the resources is allowed soonest; NONE without any.

        `statements` are those on the action, see `statements_on`.
        """
        if not self.can_call(action):
            return Decision(Verdict.NONE)
        best, best_resource, chosen = Verdict.NONE, STAR, statements
        for number, resource in enumerate(resources):
            verdict, bound = self._choose(statements, action, resource)
            if not number or verdict.rank < best.rank:
                best, best_resource, chosen = verdict, resource, bound
            if best is Verdict.ALLOWED:
                break
        return explain_verdict(best, self.layers, chosen, best_resource)

    def can_call(self, action: str) -> bool:
        """False where the credentials are of a kind with which nobody calls the action."""
        if not self.context.is_bare_session:
            return True
        return bool(actions_of_bare_sessions(self.actions) & self.actions.bit(action))

    def statements_on(self, action: str) -> list[BoundStatement]:
        """The statements that name the action, less those of layers that do not apply to it."""
        bit = self.actions.bit(action)
        found = (each for each in self.statements if each.statement.actions & bit)
        return [
            each
            if self.layers[each.layer].certainly_applies(action)
            else doubt_deny(
                each, f"whether resource control policies reach {action.partition(':')[0]}"
            )
            for each in found
            if self.layers[each.layer].applies(action)
        ]

    def _choose(
        self, statements: list[BoundStatement], action: str, resource: str
    ) -> tuple[Verdict, list[BoundStatement]]:
        """The verdict, and the statements bound to the key values that a request gets it by.

        A request chooses the best of the values; DENIED needs every one of them to be denied.
        """
        touching = [each for each in statements if each.covers(resource) is not Ternary.FALSE]
        tried = list(free_key_choices(touching, self.context, self.resources))
        verdicts = [decide_layers(self.layers, each, action, resource) for each in tried]
        best = min(verdicts, key=lambda each: each.rank)
        return best, tried[verdicts.index(best)]


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One way of asking for an action. `doubt` says on what it depends that there is this way."""

    evaluator: PolicyEvaluator
    doubt: str = ""

    def capped(self, decision: Decision) -> Decision:
        """The decision, conditional where the way to it is in doubt."""
        return make_conditional(decision, self.doubt) if self.doubt else decision


def states_given_by(action: str, partition: str, keys: frozenset[str]) -> KeyStates:
    """The states of condition keys that the action gives its requests, of these keys among them."""
    return _states_given_by(action, partition, _keys_of_actions(keys))


@lru_cache(_MOST_KEPT)
def _states_given_by(action: str, partition: str, keys: tuple[str, ...]) -> KeyStates:
    if action == _OF_NO_SERVICE:
        return ()
    states = key_states(action, keys)
    if region := fixed_region(action, partition):
        states[_REGION] = (region,)
    if (boundary := boundary_state(action)) is not KeyKnowledge.UNKNOWN:
        states[BOUNDARY] = boundary
    return tuple(states.items())


_keys_of_actions = lru_cache(_MOST_KEPT)(keys_of_actions)


def evaluator_for(
    actions: ActionIndex,
    targets: TargetStates,
    layers: tuple[PolicyLayer, ...],
    context: Context,
) -> PolicyEvaluator:
    """The evaluator of these layers in that context; the first layer is the principal's own."""
    statements = tuple(
        bind(number, StatementRef(held, statement), context, targets.resources)
        for number, layer in enumerate(layers)
        for held in layer.held
        for statement in held.document.statements
    )
    keys = keys_mentioned(layers)
    possible = possible_actions(layers, statements, actions)
    return PolicyEvaluator(
        actions=actions,
        targets=targets,
        layers=layers,
        context=context,
        statements=statements,
        possible_here=possible & actions_of_bare_sessions(actions)
        if context.is_bare_session
        else possible,
        keys=keys,
        compared=dict(compared_texts(statements, keys, context)),
    )
