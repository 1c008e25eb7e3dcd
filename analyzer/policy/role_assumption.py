"""In: a role's trust policy and a principal of the account. Out: the decision on sts:AssumeRole.

What the principal needs besides depends on how the trust policy means it, see `Admission`: as one
of the account it needs an Allow of its own; by its name, or as anyone, only that nothing over it
forbids the call. Whoever passes session tags with the call needs sts:TagSession in the same way.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Role
from analyzer.policy.account_evaluators import AccountEvaluators, name_own_policies
from analyzer.policy.conditions import Context, KeyState, Ternary
from analyzer.policy.documents import ALLOW_EVERYTHING, PolicyInstance
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import (
    Decision,
    PolicyLayer,
    Verdict,
    best_decision,
    keys_mentioned,
    make_conditional,
)
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.session_names import GIVEN_NAME, picks_session_name, tells_session_names_apart
from analyzer.policy.session_tags import TAG_SESSION
from analyzer.policy.tagged_requests import CHOSEN_TAGS, is_of_session_tags, tag_choices
from analyzer.policy.target_states import OWNER
from analyzer.policy.trust_decisions import (
    Caller,
    TrustDecision,
    Way,
    callers_told_apart,
    decide_trust,
    ways_in,
)
from analyzer.policy.trust_policies import named_in, trust_policy

_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)


@dataclass(frozen=True, slots=True)
class Assumption:
    """A principal that asks for roles, with the request context that it has then.

    `evaluator` is that of its policies in that context. `asks_for` are the actions that its request
    takes: more than one where it passes session tags. `doubt` says on what the request depends.
    """

    evaluators: AccountEvaluators
    policies: PrincipalPolicies
    context: Context
    evaluator: PolicyEvaluator
    asks_for: tuple[str, ...] = (ASSUME,)
    doubt: str = ""

    def decide(self, trust: PolicyInstance, role: str) -> Decision:
        """The best of the ways in which that trust policy can let the principal into the role."""
        mentioned = keys_mentioned((PolicyLayer("trust policy", (trust,)),))
        states = self.evaluators.targets.keys_of(role, mentioned)
        return best_decision(
            _unless_doubtful(
                asking.decide_for(trust, caller, states, role),
                asking.doubt,
                "" if is_free else GIVEN_NAME,
            )
            for asking in self._by_tags(trust)
            for caller, is_free in asking.callers(trust)
        )

    def decide_for(
        self, trust: PolicyInstance, caller: Caller, states: Mapping[str, KeyState], role: str
    ) -> Decision:
        """The decision on that caller: all that it asks for must be allowed in one request."""
        decisions = [
            self._decide_one(self._ask_trust(trust, caller, states, action), role, action)
            for action in self.asks_for
        ]
        worst = max(decisions, key=lambda each: each.verdict.rank)
        if len(decisions) == 1 or worst.verdict not in _ALLOWING:
            return worst
        return Decision(
            worst.verdict,
            tuple(dict.fromkeys(found for each in decisions for found in each.allows)),
            tuple(dict.fromkeys(found for each in decisions for found in each.denies)),
            tuple(sorted({reason for each in decisions for reason in each.reasons})),
        )

    def roles_taken(
        self, trust: PolicyInstance, roles: int, states: Mapping[str, KeyState]
    ) -> ResourceSet:
        """Those of the roles that have this trust policy, as bits, that the principal can assume.

        `states` are those of the keys that requests on each of them get from the role.
        """
        certain = possible = 0
        for asking in self._by_tags(trust):
            for caller, is_free in asking.callers(trust):
                taken = asking.roles_taken_by(trust, caller, states)
                possible |= taken.possible
                certain |= taken.certain if is_free and not asking.doubt else 0
            if not roles & ~certain:
                break
        return ResourceSet(certain, possible).among(roles)

    def roles_taken_by(
        self, trust: PolicyInstance, caller: Caller, states: Mapping[str, KeyState]
    ) -> ResourceSet:
        """The roles on which all is allowed that the caller asks for."""
        certain = possible = self.evaluators.resources.everything
        for action in self.asks_for:
            said = self._ask_trust(trust, caller, states, action)
            sure = maybe = 0
            for way in ways_in(said, has_boundary=self.policies.has_boundary):
                taken = self._granted_roles(way.granted, action)
                maybe |= taken.possible
                sure |= taken.certain if way.is_certain else 0
            certain, possible = certain & sure, possible & maybe
        return ResourceSet(certain, possible)

    def _by_tags(self, trust: PolicyInstance) -> Iterator["Assumption"]:
        """The same without session tags, and with each choice of them that makes a difference."""
        actions = self.evaluators.actions
        asked = actions.bit(ASSUME) | actions.bit(TAG_SESSION)
        own = (
            (each.statement for each in self.evaluator.statements)
            if any(is_of_session_tags(key) for key in self.evaluator.keys)
            else ()
        )
        statements = itertools.chain(trust.document.statements, own)
        speaking = (each for each in statements if each.actions & asked)
        for choice in tag_choices(speaking, self.context):
            if not choice.keys:
                yield self
                continue
            context = self.context.varied(choice.keys)
            yield Assumption(
                self.evaluators,
                self.policies,
                context,
                self.evaluators.evaluator_for_policies(self.policies.layers, context),
                (ASSUME, TAG_SESSION) if choice.is_tagged else (ASSUME,),
                "" if choice.is_sure else CHOSEN_TAGS,
            )

    def callers(self, trust: PolicyInstance) -> Iterator[tuple[Caller, bool]]:
        """Each caller that there can be, and whether it can name its session so itself.

        Sessions that no statement tells apart count once.
        """
        seen: set[tuple[object, ...]] = set()
        for caller in callers_told_apart(trust, self.policies):
            picked = self._picks(caller.session) if caller.session else Ternary.TRUE
            if picked is Ternary.FALSE:
                continue
            is_free = picked is Ternary.TRUE
            named = (
                caller.session in named_in(each).sessions for each in trust.document.statements
            )
            profile = (is_free, *named)
            if profile not in seen:
                seen.add(profile)
                yield caller, is_free

    def _picks(self, session: str) -> Ternary:
        """Unknown where a service or a provider names the session, not the caller: `session_names`.

        So it is with roles of Identity Center, which trust a SAML provider.
        """
        role = self.policies.principal
        if not isinstance(role, Role):
            return Ternary.TRUE
        own, known = trust_policy(role, self.evaluators.store.cache), self.evaluators.names_picked
        name = session.rpartition("/")[2] if tells_session_names_apart(own) else ""
        key = id(own.document), name
        if key not in known:
            known[key] = picks_session_name(own, name, self.evaluators.actions)
        return known[key]

    def _ask_trust(
        self, trust: PolicyInstance, caller: Caller, states: Mapping[str, KeyState], action: str
    ) -> TrustDecision:
        owner: dict[str, KeyState] = {OWNER: (self.evaluators.targets.resources.account,)}
        context = self.context.varied({**states, **owner})
        return decide_trust(trust, caller, context, self.evaluators.actions, action)

    def _decide_one(self, said: TrustDecision, role: str, action: str) -> Decision:
        own = self._decide_granted(0, role, action)
        if Ternary.TRUE is said.denied or own.verdict is Verdict.DENIED:
            return Decision(Verdict.DENIED, (), (*own.denies, *said.denies))
        ways = ways_in(said, has_boundary=self.policies.has_boundary)
        joined = (_join(self._decide_granted(way.granted, role, action), said, way) for way in ways)
        return best_decision(itertools.chain(joined, (Decision(Verdict.NONE),)))

    def _decide_granted(self, granted: int, role: str, action: str) -> Decision:
        """The decision of the policies where the trust stands in for the Allows of these layers."""
        evaluator = self._evaluator(granted)
        decision = evaluator.on(role, action).decide_one(action, role)
        found = name_own_policies(self._layers(granted), evaluator, decision)
        return replace(found, allows=()) if granted else found

    def _granted_roles(self, granted: int, action: str) -> ResourceSet:
        """The same of all the account's roles; found once for each evaluator."""
        key = id(self.evaluator), granted, action
        if key not in self.evaluators.assumable:
            evaluator = self._evaluator(granted)
            is_told = evaluator.targets.tells_all(evaluator.compared_by(action))
            self.evaluators.assumable[key] = (
                evaluator.allowed_here(action) if is_told else _ask_each(evaluator, action)
            )
        return self.evaluators.assumable[key]

    def _evaluator(self, granted: int) -> PolicyEvaluator:
        key = id(self.evaluator), granted
        if not granted:
            return self.evaluator
        if key not in self.evaluators.granted:
            self.evaluators.granted[key] = self.evaluators.evaluator_for_policies(
                self._layers(granted), self.context
            )
        return self.evaluators.granted[key]

    def _layers(self, granted: int) -> tuple[PolicyLayer, ...]:
        if not granted:
            return self.policies.layers
        every = self.evaluators.store.cache.held(
            JsonNode(ALLOW_EVERYTHING, Location("")), "trust policy"
        )
        return tuple(
            replace(layer, held=(*layer.held, every)) if number < granted else layer
            for number, layer in enumerate(self.policies.layers)
        )


def assumptions(
    evaluators: AccountEvaluators, policies: PrincipalPolicies, context: Context
) -> Iterator[Assumption]:
    """The principal as it asks in that context, and in each of its other circumstances."""
    for each in (context, *map(context.varied, context.alternatives)):
        evaluator = evaluators.evaluator_for_policies(policies.layers, each)
        yield Assumption(evaluators, policies, each, evaluator)


def _ask_each(evaluator: PolicyEvaluator, action: str) -> ResourceSet:
    """The roles on which the action is allowed, where tags of too many values decide on it."""
    resources = evaluator.resources
    certain = possible = 0
    for role in resources.named(resources.bits("arn:*:iam::*:role/*")):
        verdict = evaluator.on(role, action).decide_one(action, role).verdict
        certain |= resources.bit(role) if verdict is Verdict.ALLOWED else 0
        possible |= resources.bit(role) if verdict in _ALLOWING else 0
    return ResourceSet(certain, possible)


def _unless_doubtful(decision: Decision, *doubts: str) -> Decision:
    for doubt in filter(None, doubts):
        decision = make_conditional(decision, doubt)
    return decision


def _join(own: Decision, said: TrustDecision, way: Way) -> Decision:
    """What the policies over the principal say together with that way in."""
    if own.verdict not in _ALLOWING:
        return Decision(Verdict.NONE)
    verdict = own.verdict if way.is_certain else Verdict.CONDITIONAL
    reasons = {reason for each in way.admitting for reason in each.reasons}
    reasons |= {*own.reasons, *said.reasons, *((way.doubt,) if way.doubt else ())}
    return Decision(
        verdict,
        (*dict.fromkeys(each.reference for each in way.admitting), *own.allows),
        (*own.denies, *said.denies),
        tuple(sorted(reasons)) if verdict is Verdict.CONDITIONAL else (),
    )
