"""In: an account. Out: the effective permissions of each principal, and the roles it can assume.

Everything here rests on the authorization details alone: session policies, resource policies other
than trust, and whatever the organization forbids beyond the files at hand stay out of sight.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, Group, User
from analyzer.policy.actions import ActionIndex, action_index
from analyzer.policy.arns import ResourceIndex, resource_index
from analyzer.policy.conditions import Context, KeyState, Ternary
from analyzer.policy.documents import DocumentCache, PolicyInstance
from analyzer.policy.evaluator import PolicyEvaluator, evaluator_for
from analyzer.policy.layers import (
    Decision,
    PolicyLayer,
    StatementRef,
    Verdict,
    best_decision,
    keys_mentioned,
    make_conditional,
)
from analyzer.policy.organization_policies import organization_layers
from analyzer.policy.principals import (
    PolicyStore,
    PrincipalPolicies,
    documents_of_account,
    group_layer,
    policy_store,
    principal_policies,
)
from analyzer.policy.request_context import EntryPoint, entry_points_of, request_context
from analyzer.policy.resource_search import decide_any_account, decide_own_account
from analyzer.policy.service_rules import ASSUME, needs_no_permission
from analyzer.policy.target_states import TargetStates, target_states
from analyzer.policy.trust_decisions import Admission, TrustAllow, TrustDecision, decide_trust
from analyzer.policy.trust_policies import TrustGrant, trust_grants, trust_policy

_RANK = (Ternary.FALSE, Ternary.UNKNOWN, Ternary.TRUE).index
_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)
_MFA_KEYS = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage"})
_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
OWN_DEVICE = "enrolling an MFA device of its own"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AccountAuthorizer:
    """The effective permissions of one account. Evaluators are made on first use and kept."""

    account: Account
    actions: ActionIndex
    targets: TargetStates
    store: PolicyStore
    principals: Mapping[str, PrincipalPolicies]
    trusts: Mapping[str, PolicyInstance]
    grants: Mapping[str, tuple[TrustGrant, ...]]
    evaluators: dict[tuple[object, ...], PolicyEvaluator] = field(default_factory=dict)
    contexts: dict[tuple[str, EntryPoint], Context] = field(default_factory=dict)
    enrolments: dict[str, Ternary] = field(default_factory=dict)

    @property
    def resources(self) -> ResourceIndex:
        """The account's own resources."""
        return self.targets.resources

    def context(self, policies: PrincipalPolicies, entry_point: EntryPoint) -> Context:
        """The request context of the principal by that entry point."""
        key = (policies.arn, entry_point)
        if key not in self.contexts:
            self.contexts[key] = request_context(self.account, policies.principal, entry_point)
        return self.contexts[key]

    def evaluator(self, policies: PrincipalPolicies, entry_point: EntryPoint) -> PolicyEvaluator:
        """The evaluator of the policies over the principal by that entry point."""
        return self.evaluator_for_policies(policies.layers, self.context(policies, entry_point))

    def evaluator_for_policies(
        self, layers: tuple[PolicyLayer, ...], context: Context
    ) -> PolicyEvaluator:
        """The evaluator of these layers in that context."""
        documents = (
            (layer.name, layer.unknown, tuple(id(each.document) for each in layer.held))
            for layer in layers
        )
        mentioned = keys_mentioned(layers)
        states = tuple((key, context.of(key)) for key in sorted(mentioned))
        found = (
            tuple(sorted((key, state) for key, state in each.items() if key in mentioned))
            for each in context.alternatives
        )
        others = tuple(each for each in found if each)
        signature = (tuple(documents), states, others, context.asked & mentioned)
        if signature not in self.evaluators:
            self.evaluators[signature] = evaluator_for(self.actions, self.targets, layers, context)
        return self.evaluators[signature]

    def entry_points(self, policies: PrincipalPolicies) -> Mapping[EntryPoint, Ternary]:
        """How the principal comes in: by its credentials, and as it can change them itself.

        Where its policies ask for MFA, a user who may enrol a device comes in with that, too.
        """
        credentials = entry_points_of(policies.principal)
        found = dict.fromkeys(credentials, Ternary.TRUE)
        enrolled = max((self.enrols_device(policies, each) for each in credentials), key=_RANK)
        return found if enrolled is Ternary.FALSE else {**found, EntryPoint.ENROLLED: enrolled}

    def enrols_device(self, policies: PrincipalPolicies, entry_point: EntryPoint) -> Ternary:
        """Whether the user can enrol an MFA device by that entry point, where it changes anything.

        It takes iam:EnableMFADevice on itself, and a device: an app, registered with
        iam:CreateVirtualMFADevice, or else a security key. A user has up to eight devices, so one
        more is possible for whoever has some.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
        """
        mentions_mfa = _MFA_KEYS & keys_mentioned(policies.layers)
        if not mentions_mfa or not isinstance(policies.principal, User):
            return Ternary.FALSE
        name = f"{policies.arn} {entry_point}"
        if name not in self.enrolments:
            evaluator = self.evaluator(policies, entry_point)
            enabled = evaluator.decide("iam:EnableMFADevice", policies.arn).verdict
            made = decide_own_account(evaluator, "iam:CreateVirtualMFADevice").verdict
            self.enrolments[name] = (
                Ternary.FALSE
                if enabled not in _ALLOWING
                else Ternary.TRUE
                if enabled is made is Verdict.ALLOWED
                else Ternary.UNKNOWN
            )
        return self.enrolments[name]

    def entry_points_from(
        self, policies: PrincipalPolicies, entry_point: EntryPoint
    ) -> Mapping[EntryPoint, Ternary]:
        """That entry point, and what whoever comes in by it alone can make of it."""
        enrolled = self.enrols_device(policies, entry_point)
        found = {entry_point: Ternary.TRUE}
        return found if enrolled is Ternary.FALSE else {**found, EntryPoint.ENROLLED: enrolled}

    def all_evaluators(self, policies: PrincipalPolicies) -> tuple[PolicyEvaluator, ...]:
        """One evaluator for each entry point that the principal has, each once."""
        evaluators = (self.evaluator(policies, each) for each in self.entry_points(policies))
        return tuple({id(each): each for each in evaluators}.values())

    def possible(
        self, policies: PrincipalPolicies, keys: Mapping[str, KeyState] | None = None
    ) -> int:
        """The actions possibly allowed by some entry point, as bits: a filter, not a verdict."""
        actions = 0
        for each in self.all_evaluators(policies):
            actions |= each.with_context(keys or {}).possible
        return actions

    def group_evaluator(self, group: Group) -> PolicyEvaluator:
        """The evaluator of the group's policies alone, whoever is a member."""
        member = User("", "")
        context = request_context(self.account, member, EntryPoint.ANY)
        return self.evaluator_for_policies((group_layer(group, self.store),), context)

    def decide(
        self,
        policies: PrincipalPolicies,
        action: str,
        resource: str | None = None,
        entry_point: EntryPoint | None = None,
        keys: Mapping[str, KeyState] | None = None,
    ) -> Decision:
        """The decision on one request; without a resource, on the best resource there could be.

        Without an entry point, the best of those that the principal has. A role named as the
        resource of sts:AssumeRole must let the asker in, too.
        """
        if needs_no_permission(action, is_user=isinstance(policies.principal, User)):
            return Decision(Verdict.ALLOWED)
        if resource in self.trusts and resource is not None and action.lower() == ASSUME.lower():
            return self.may_assume(policies, resource, entry_point, keys)
        asked = _Question(action, resource, keys or {})
        return best_decision(
            _unless_certain(self._decide_by(self.evaluator(policies, each), policies, asked), truth)
            for each, truth in self._asked(policies, entry_point).items()
        )

    def _asked(
        self, policies: PrincipalPolicies, entry_point: EntryPoint | None
    ) -> Mapping[EntryPoint, Ternary]:
        return {entry_point: Ternary.TRUE} if entry_point else self.entry_points(policies)

    def _decide_by(
        self, evaluator: PolicyEvaluator, policies: PrincipalPolicies, asked: "_Question"
    ) -> Decision:
        here = evaluator.with_context(asked.keys)
        decision = (
            decide_any_account(here, asked.action)
            if asked.resource is None
            else here.decide(asked.action, asked.resource)
        )
        return _with_own_policies(policies, evaluator, decision)

    def who_can(
        self, action: str, resource: str | None
    ) -> Iterator[tuple[PrincipalPolicies, Decision]]:
        """Every principal that is allowed to do that, certainly or under conditions, by ARN."""
        for arn in sorted(self.principals):
            decision = self.decide(self.principals[arn], action, resource)
            if decision.verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
                yield self.principals[arn], decision

    def may_assume(
        self,
        policies: PrincipalPolicies,
        role: str,
        entry_point: EntryPoint | None = None,
        keys: Mapping[str, KeyState] | None = None,
    ) -> Decision:
        """The decision on assuming the role, by the principal's policies and the role's trust."""
        if role not in self.trusts:
            return Decision(Verdict.CONDITIONAL, reasons=("trust policy unknown",))
        found = []
        for each, truth in self._asked(policies, entry_point).items():
            context = self.context(policies, each).with_keys(keys or {})
            for circumstances in (context, *map(context.varied, context.alternatives)):
                decision = self._assumes(policies, role, circumstances)
                found.append(_unless_certain(decision, truth))
        return best_decision(found)

    def _assumes(self, policies: PrincipalPolicies, role: str, context: Context) -> Decision:
        """The best of the ways in which a trust policy can let the principal in.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
        """
        states = self.targets.keys_of(role, keys_mentioned((self.trust_layer(role),)))
        trust = decide_trust(self.trusts[role], policies, context.varied(states), self.actions)
        own = self._decide_assuming(policies, policies.layers, role, context)
        if Ternary.TRUE is trust.denied or own.verdict is Verdict.DENIED:
            return Decision(Verdict.DENIED, (), (*own.denies, *trust.denies))
        ways = [_joined(own, trust, trust.admitting(*Admission))]
        if by_name := trust.admitting(Admission.ROLE):
            granted = self._granted(policies, role, context, within_boundary=True)
            ways.append(_joined(granted, trust, by_name))
        if by_name := trust.admitting(Admission.USER):
            ways.append(_joined(self._granted_to_user(policies, role, context), trust, by_name))
        if direct := trust.admitting(Admission.DIRECT):
            granted = self._granted(policies, role, context, within_boundary=False)
            ways.append(_joined(granted, trust, direct))
        return best_decision(ways)

    def trust_layer(self, role: str) -> PolicyLayer:
        """The role's trust policy as a layer of its own."""
        return PolicyLayer("trust policy", (self.trusts[role],))

    def _granted_to_user(
        self, policies: PrincipalPolicies, role: str, context: Context
    ) -> Decision:
        """What a trust that names the user leaves to the policies over it.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html says that
        no boundary limits it, the page on the AssumeRole call that one does.
        """
        limited = self._granted(policies, role, context, within_boundary=True)
        if limited.verdict is Verdict.ALLOWED or not policies.has_boundary:
            return limited
        free = self._granted(policies, role, context, within_boundary=False)
        return make_conditional(free, "the boundary does not allow sts:AssumeRole")

    def _granted(
        self,
        policies: PrincipalPolicies,
        role: str,
        context: Context,
        *,
        within_boundary: bool,
    ) -> Decision:
        """What the policies over a principal leave of a role that its trust policy grants."""
        layers = self.granted_layers(policies, within_boundary=within_boundary)
        return replace(self._decide_assuming(policies, layers, role, context), allows=())

    def granted_layers(
        self, policies: PrincipalPolicies, *, within_boundary: bool
    ) -> tuple[PolicyLayer, ...]:
        """The principal's layers where a trust policy takes the place of its own Allows.

        Only what they deny counts then; without `within_boundary` so for its boundary, too.
        """
        every = self.store.cache.held(JsonNode(_EVERYTHING, Location("")), "trust policy")
        number = 1 if within_boundary or not policies.has_boundary else 2
        return tuple(
            replace(layer, held=(*layer.held, every)) if index < number else layer
            for index, layer in enumerate(policies.layers)
        )

    def _decide_assuming(
        self,
        policies: PrincipalPolicies,
        layers: tuple[PolicyLayer, ...],
        role: str,
        context: Context,
    ) -> Decision:
        evaluator = self.evaluator_for_policies(layers, context)
        here = evaluator.on(role)
        return _with_own_policies(policies, evaluator, here.decide_one(ASSUME, role), layers)


@dataclass(frozen=True, slots=True)
class _Question:
    """An action, the resource it is asked of, if any, and condition keys of the request."""

    action: str
    resource: str | None
    keys: Mapping[str, KeyState]


def _unless_certain(decision: Decision, truth: Ternary) -> Decision:
    """The decision, conditional where the user possibly can't come in that way."""
    return decision if truth is Ternary.TRUE else make_conditional(decision, OWN_DEVICE)


def _joined(own: Decision, trust: TrustDecision, admitting: tuple[TrustAllow, ...]) -> Decision:
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


def authorizer_for(account: Account, extra: Iterable[str] = ()) -> AccountAuthorizer:
    """The authorizer of the account. `extra` are actions that the action table may lack."""
    table = action_index((*documents_of_account(account), *extra))
    cache = DocumentCache(table)
    arns = [user.arn for user in account.users] + [group.arn for group in account.groups]
    arns += [role.arn for role in account.roles] + [policy.arn for policy in account.policies]
    store = policy_store(account, cache)
    guardrails = organization_layers(account, cache)
    trusts = {role.arn: trust for role in account.roles if (trust := trust_policy(role, cache))}
    return AccountAuthorizer(
        account=account,
        actions=table,
        targets=target_states(account, resource_index(arns, account.partition, account.id)),
        store=store,
        principals={each.arn: each for each in principal_policies(account, store, guardrails)},
        trusts=trusts,
        grants={arn: tuple(trust_grants(trust, table)) for arn, trust in trusts.items()},
    )


def _with_own_policies(
    policies: PrincipalPolicies,
    shared: PolicyEvaluator,
    decision: Decision,
    layers: tuple[PolicyLayer, ...] | None = None,
) -> Decision:
    """The decision with the principal's own policies named: the evaluator is shared."""
    mine = {
        id(theirs): mine
        for layer, shared_layer in zip(layers or policies.layers, shared.layers, strict=True)
        for mine, theirs in zip(layer.held, shared_layer.held, strict=True)
    }

    def placed(references: tuple[StatementRef, ...]) -> tuple[StatementRef, ...]:
        return tuple(
            StatementRef(mine.get(id(each.held), each.held), each.statement) for each in references
        )

    return replace(decision, allows=placed(decision.allows), denies=placed(decision.denies))
