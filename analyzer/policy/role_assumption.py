"""In: a role's trust policy and a principal of the account. Out: the decision on sts:AssumeRole.

What the principal needs besides depends on how the trust policy means it, see `Admission`: as one
of the account it needs an Allow of its own; by its name, or as anyone, only that nothing over it
forbids the call.
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
from analyzer.policy.session_names import GIVEN_NAME, picks_session_name
from analyzer.policy.target_states import OWNER
from analyzer.policy.trust_decisions import (
    Admission,
    Caller,
    TrustAllow,
    TrustDecision,
    callers_told_apart,
    decide_trust,
)
from analyzer.policy.trust_policies import named_in, trust_policy

_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)
_WITHOUT_BOUNDARY = "the boundary does not allow sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which a trust policy lets a caller in.

    `granted` is the number of the caller's policy layers whose Allows the trust stands in for:
    none, its identity policies, or its boundary as well. `doubt` says on what the way depends.
    """

    granted: int
    admitting: tuple[TrustAllow, ...]
    is_certain: bool
    doubt: str = ""


def ways_in(said: TrustDecision, *, has_boundary: bool) -> Iterator[Way]:
    """The ways in which a trust policy lets in a caller of whom it says that; none if it denies.

    Of a trust that names a user
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html says that no
    boundary limits it, the page on the AssumeRole call that one does.
    """
    if said.denied is Ternary.TRUE:
        return
    beyond = 2 if has_boundary else 1
    for admissions, granted, doubt in (
        (tuple(Admission), 0, ""),
        ((Admission.ROLE,), 1, ""),
        ((Admission.USER,), beyond, _WITHOUT_BOUNDARY if has_boundary else ""),
        ((Admission.USER,), 1, ""),
        ((Admission.DIRECT,), beyond, ""),
    ):
        if admitting := said.admitting(*admissions):
            is_sure = admitting[0].truth is Ternary.TRUE and said.denied is Ternary.FALSE
            yield Way(granted, admitting, is_sure and not doubt, doubt)


@dataclass(frozen=True, slots=True)
class Assumption:
    """A principal that asks for roles, with the request context that it has then.

    `evaluator` is that of its policies in that context.
    """

    evaluators: AccountEvaluators
    policies: PrincipalPolicies
    context: Context
    evaluator: PolicyEvaluator

    def decide(self, trust: PolicyInstance, role: str) -> Decision:
        """The best of the ways in which that trust policy can let the principal into the role."""
        mentioned = keys_mentioned((PolicyLayer("trust policy", (trust,)),))
        states = self.evaluators.targets.keys_of(role, mentioned)
        return best_decision(
            self._decide_for(self._ask_trust(trust, caller, states), role)
            if is_free
            else make_conditional(
                self._decide_for(self._ask_trust(trust, caller, states), role), GIVEN_NAME
            )
            for caller, is_free in self._callers(trust)
        )

    def roles_taken(
        self, trust: PolicyInstance, roles: int, states: Mapping[str, KeyState]
    ) -> ResourceSet:
        """Those of the roles that have this trust policy, as bits, that the principal can assume.

        `states` are those of the keys that requests on each of them get from the role.
        """
        certain = possible = 0
        for caller, is_free in self._callers(trust):
            said = self._ask_trust(trust, caller, states)
            for way in ways_in(said, has_boundary=self.policies.has_boundary):
                taken = self._granted_roles(way.granted)
                possible |= taken.possible
                certain |= taken.certain if way.is_certain and is_free else 0
        return ResourceSet(certain & roles, possible & roles)

    def _callers(self, trust: PolicyInstance) -> Iterator[tuple[Caller, bool]]:
        """Each caller, and whether it can name its session so itself.

        Sessions that no statement tells apart count once.
        """
        seen: set[tuple[object, ...]] = set()
        for caller in callers_told_apart(trust, self.policies):
            is_free = not caller.session or self._picks(caller.session)
            named = (
                caller.session in named_in(each).sessions for each in trust.document.statements
            )
            profile = (is_free, *named)
            if profile not in seen:
                seen.add(profile)
                yield caller, is_free

    def _picks(self, session: str) -> bool:
        """False where a service or a provider names the session, not the caller: `session_names`.

        So it is with roles of Identity Center, which trust a SAML provider.
        """
        role = self.policies.principal
        if not isinstance(role, Role):
            return True
        own = trust_policy(role, self.evaluators.store.cache)
        return picks_session_name(own, session.rpartition("/")[2], self.evaluators.actions)

    def _ask_trust(
        self, trust: PolicyInstance, caller: Caller, states: Mapping[str, KeyState]
    ) -> TrustDecision:
        owner: dict[str, KeyState] = {OWNER: (self.evaluators.targets.resources.account,)}
        context = self.context.varied({**states, **owner})
        return decide_trust(trust, caller, context, self.evaluators.actions)

    def _decide_for(self, said: TrustDecision, role: str) -> Decision:
        own = self._decide_granted(0, role)
        if Ternary.TRUE is said.denied or own.verdict is Verdict.DENIED:
            return Decision(Verdict.DENIED, (), (*own.denies, *said.denies))
        ways = ways_in(said, has_boundary=self.policies.has_boundary)
        joined = (_join(self._decide_granted(way.granted, role), said, way) for way in ways)
        return best_decision(itertools.chain(joined, (Decision(Verdict.NONE),)))

    def _decide_granted(self, granted: int, role: str) -> Decision:
        """The decision of the policies where the trust stands in for the Allows of these layers."""
        evaluator = self._evaluator(granted)
        decision = evaluator.on(role, ASSUME).decide_one(ASSUME, role)
        found = name_own_policies(self._layers(granted), evaluator, decision)
        return replace(found, allows=()) if granted else found

    def _granted_roles(self, granted: int) -> ResourceSet:
        """The same of all the account's roles; found once for each evaluator."""
        key = id(self.evaluator), granted
        if key not in self.evaluators.assumable:
            evaluator = self._evaluator(granted)
            is_told = evaluator.targets.tells_all(evaluator.compared_by(ASSUME))
            self.evaluators.assumable[key] = (
                evaluator.allowed_here(ASSUME) if is_told else _ask_each(evaluator)
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


def _ask_each(evaluator: PolicyEvaluator) -> ResourceSet:
    """The roles on which sts:AssumeRole is allowed, where tags of too many values decide on it."""
    resources = evaluator.resources
    certain = possible = 0
    for role in resources.named(resources.bits("arn:*:iam::*:role/*")):
        verdict = evaluator.on(role, ASSUME).decide_one(ASSUME, role).verdict
        certain |= resources.bit(role) if verdict is Verdict.ALLOWED else 0
        possible |= resources.bit(role) if verdict in _ALLOWING else 0
    return ResourceSet(certain, possible)


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
