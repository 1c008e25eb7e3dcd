"""In: a role's trust policy and a principal of the account. Out: the decision on sts:AssumeRole.

What the principal needs besides depends on how the trust policy means it, see `Admission`: as one
of the account it needs an Allow of its own; by its name, or as anyone, only that nothing over it
forbids the call.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from dataclasses import dataclass, replace

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Role
from analyzer.policy.account_evaluators import AccountEvaluators, name_own_policies
from analyzer.policy.conditions import Context, Ternary
from analyzer.policy.documents import ALLOW_EVERYTHING, PolicyInstance
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
from analyzer.policy.trust_policies import trust_policy

_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)


@dataclass(frozen=True, slots=True)
class Assumption:
    """A principal that asks for a role, with the request context that it has then."""

    evaluators: AccountEvaluators
    policies: PrincipalPolicies
    role: str
    context: Context

    def decide(self, trust: PolicyInstance) -> Decision:
        """The best of the ways in which that trust policy can let the principal in."""
        callers = callers_told_apart(trust, self.policies)
        return best_decision(
            self._unless_name_is_given(caller, self._decide_for(trust, caller))
            for caller in callers
        )

    def _unless_name_is_given(self, caller: Caller, decision: Decision) -> Decision:
        """The decision, conditional where a service or provider names the session, not the caller.

        So it is with roles of Identity Center, which trust a SAML provider. See `session_names`.
        """
        role = self.policies.principal
        if not caller.session or not isinstance(role, Role):
            return decision
        own, name = trust_policy(role, self.evaluators.store.cache), caller.session.split("/")[-1]
        is_free = picks_session_name(own, name, self.evaluators.actions)
        return decision if is_free else make_conditional(decision, GIVEN_NAME)

    def _decide_for(self, trust: PolicyInstance, caller: Caller) -> Decision:
        by_trust = self._ask_trust(trust, caller)
        own = self._decide(self.policies.layers)
        if Ternary.TRUE is by_trust.denied or own.verdict is Verdict.DENIED:
            return Decision(Verdict.DENIED, (), (*own.denies, *by_trust.denies))
        ways = [_join(own, by_trust, by_trust.admitting(*Admission))]
        for admission, decide in (
            (Admission.ROLE, self._decide_within_boundary),
            (Admission.USER, self._decide_for_user),
            (Admission.DIRECT, self._decide_beyond_boundary),
        ):
            if admitting := by_trust.admitting(admission):
                ways.append(_join(decide(), by_trust, admitting))
        return best_decision(ways)

    def _ask_trust(self, trust: PolicyInstance, caller: Caller) -> TrustDecision:
        targets = self.evaluators.targets
        mentioned = keys_mentioned((PolicyLayer("trust policy", (trust,)),))
        states = targets.keys_of(self.role, mentioned) | {OWNER: (targets.resources.account,)}
        return decide_trust(trust, caller, self.context.varied(states), self.evaluators.actions)

    def _decide_for_user(self) -> Decision:
        """What a trust that names the user leaves to the policies over it.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html says that
        no boundary limits it, the page on the AssumeRole call that one does.
        """
        limited = self._decide_within_boundary()
        if limited.verdict is Verdict.ALLOWED or not self.policies.has_boundary:
            return limited
        free = self._decide_beyond_boundary()
        return make_conditional(free, "the boundary does not allow sts:AssumeRole")

    def _decide_within_boundary(self) -> Decision:
        """What the policies leave of a grant that takes the place of the principal's own Allows."""
        return self._decide_granted(1)

    def _decide_beyond_boundary(self) -> Decision:
        """The same, of a grant that takes the place of its boundary's Allows, too."""
        return self._decide_granted(2 if self.policies.has_boundary else 1)

    def _decide_granted(self, layers_granted: int) -> Decision:
        cache = self.evaluators.store.cache
        every = cache.held(JsonNode(ALLOW_EVERYTHING, Location("")), "trust policy")
        layers = tuple(
            replace(layer, held=(*layer.held, every)) if number < layers_granted else layer
            for number, layer in enumerate(self.policies.layers)
        )
        return replace(self._decide(layers), allows=())

    def _decide(self, layers: tuple[PolicyLayer, ...]) -> Decision:
        evaluator = self.evaluators.evaluator_for_policies(layers, self.context)
        decision = evaluator.on(self.role, ASSUME).decide_one(ASSUME, self.role)
        return name_own_policies(layers, evaluator, decision)


def _join(own: Decision, trust: TrustDecision, admitting: tuple[TrustAllow, ...]) -> Decision:
    """What the policies over the principal say together with these statements of the trust."""
    if not admitting or own.verdict not in _ALLOWING:
        return Decision(Verdict.NONE)
    is_certain = admitting[0].truth is Ternary.TRUE and trust.denied is Ternary.FALSE
    verdict = own.verdict if is_certain else Verdict.CONDITIONAL
    reasons = {reason for each in admitting for reason in each.reasons}
    reasons |= {*own.reasons, *trust.reasons}
    return Decision(
        verdict,
        (*dict.fromkeys(each.reference for each in admitting), *own.allows),
        (*own.denies, *trust.denies),
        tuple(sorted(reasons)) if verdict is Verdict.CONDITIONAL else (),
    )
