"""In: an account. Out: the effective permissions of each principal, and the roles it can assume.

Everything here rests on the authorization details alone: session policies, resource policies other
than trust, and whatever the organization forbids beyond the files at hand stay out of sight.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from analyzer.inventory.model import Account, User
from analyzer.policy.account_evaluators import AccountEvaluators, name_own_policies
from analyzer.policy.actions import ActionIndex, action_index
from analyzer.policy.arns import ResourceIndex, resource_index
from analyzer.policy.conditions import Context, KeyState, Ternary
from analyzer.policy.documents import DocumentCache, PolicyInstance
from analyzer.policy.evaluator import PolicyEvaluator, states_given_by
from analyzer.policy.layers import (
    Decision,
    PolicyLayer,
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
    policy_store,
    principal_policies,
)
from analyzer.policy.request_context import NETWORK_KEYS, EntryPoint, entry_points_of
from analyzer.policy.resource_search import decide_any_account, decide_own_account
from analyzer.policy.role_assumption import assumptions
from analyzer.policy.service_rules import ASSUME, needs_no_permission
from analyzer.policy.target_states import target_states
from analyzer.policy.trust_policies import TrustGrant, trust_grants, trust_policy

_RANK = (Ternary.FALSE, Ternary.UNKNOWN, Ternary.TRUE).index
_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)
MFA_KEYS = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage"})
OWN_DEVICE = "enrolling an MFA device of its own"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AccountAuthorizer:
    """The effective permissions of one account.

    `trust_keys` are the condition keys that any trust policy mentions.
    """

    evaluators: AccountEvaluators
    principals: Mapping[str, PrincipalPolicies]
    trusts: Mapping[str, PolicyInstance]
    grants: Mapping[str, tuple[TrustGrant, ...]]
    trust_keys: frozenset[str]
    enrolments: dict[tuple[str, int], Ternary] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        """The account itself."""
        return self.evaluators.account

    @property
    def actions(self) -> ActionIndex:
        """Every action that AWS or a document of the account names."""
        return self.evaluators.actions

    @property
    def resources(self) -> ResourceIndex:
        """The account's own resources."""
        return self.evaluators.resources

    @property
    def store(self) -> PolicyStore:
        """The account's managed policies."""
        return self.evaluators.store

    def evaluator(self, policies: PrincipalPolicies, entry_point: EntryPoint) -> PolicyEvaluator:
        """The evaluator of the policies over the principal by that entry point."""
        return self.evaluators.evaluator(policies, entry_point)

    def entry_points(self, policies: PrincipalPolicies) -> Mapping[EntryPoint, Ternary]:
        """How the principal comes in: by its credentials, and as it can change them itself.

        Where its policies or some trust policy ask for MFA, a user who may enrol a device comes in
        with that, too. Where they ask for a network, a user differs from the thief of its key.
        """
        credentials = entry_points_of(policies.principal)
        found = dict.fromkeys(credentials, Ternary.TRUE)
        asked = self.trust_keys | self.evaluators.keys_mentioned_by(policies.layers)
        if EntryPoint.LEAKED_KEY in credentials and NETWORK_KEYS & asked:
            found[EntryPoint.OWN_KEY] = Ternary.TRUE
        enrolled = max((self.enrols_device(policies, each) for each in credentials), key=_RANK)
        return found if enrolled is Ternary.FALSE else {**found, EntryPoint.ENROLLED: enrolled}

    def enrols_device(self, policies: PrincipalPolicies, entry_point: EntryPoint) -> Ternary:
        """Whether the user can enrol an MFA device by that entry point, where it changes anything.

        It takes iam:EnableMFADevice on itself, and a device: an app, registered with
        iam:CreateVirtualMFADevice, or else a security key. A user has up to eight devices, so one
        more is possible for whoever has some.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
        """
        asked = self.trust_keys | self.evaluators.keys_mentioned_by(policies.layers)
        if not MFA_KEYS & asked or not isinstance(policies.principal, User):
            return Ternary.FALSE
        # Of a principal as it would be after a step, the policies are others.
        evaluator = self.evaluator(policies, entry_point)
        name = policies.arn, id(evaluator)
        if name not in self.enrolments:
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
        return name_own_policies(policies.layers, evaluator, decision)

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
        return best_decision(
            _unless_certain(self._assume_by(policies, each, role, keys or {}), truth)
            for each, truth in self._asked(policies, entry_point).items()
        )

    def assuming_context(
        self, policies: PrincipalPolicies, entry_point: EntryPoint, keys: Mapping[str, KeyState]
    ) -> Context:
        """The context of its requests for roles, with these keys asked for."""
        asked = self.trust_keys | self.evaluators.keys_mentioned_by(policies.layers)
        context = self.evaluators.context(policies, entry_point).with_keys(keys)
        return context.varied(dict(states_given_by(ASSUME, self.resources.partition, asked)))

    def _assume_by(
        self,
        policies: PrincipalPolicies,
        entry_point: EntryPoint,
        role: str,
        keys: Mapping[str, KeyState],
    ) -> Decision:
        """The decision by that entry point, in whatever circumstances suit the principal best."""
        context = self.assuming_context(policies, entry_point, keys)
        return best_decision(
            each.decide(self.trusts[role], role)
            for each in assumptions(self.evaluators, policies, context)
        )


@dataclass(frozen=True, slots=True)
class _Question:
    """An action, the resource it is asked of, if any, and condition keys of the request."""

    action: str
    resource: str | None
    keys: Mapping[str, KeyState]


def _unless_certain(decision: Decision, truth: Ternary) -> Decision:
    """The decision, conditional where the user possibly can't come in that way."""
    return decision if truth is Ternary.TRUE else make_conditional(decision, OWN_DEVICE)


def authorizer_for(account: Account, extra: Iterable[str] = ()) -> AccountAuthorizer:
    """The authorizer of the account. `extra` are actions that the action table may lack."""
    table = action_index((*documents_of_account(account), *extra))
    cache = DocumentCache(table)
    arns = [user.arn for user in account.users] + [group.arn for group in account.groups]
    arns += [role.arn for role in account.roles] + [policy.arn for policy in account.policies]
    arns += [profile for role in account.roles for profile in role.instance_profiles or ()]
    store = policy_store(account, cache)
    guardrails = organization_layers(account, cache)
    trusts = {role.arn: trust_policy(role, cache) for role in account.roles}
    resources = resource_index(arns, account.partition, account.id)
    return AccountAuthorizer(
        evaluators=AccountEvaluators(account, table, target_states(account, resources), store),
        principals={each.arn: each for each in principal_policies(account, store, guardrails)},
        trusts=trusts,
        trust_keys=keys_mentioned((PolicyLayer("trust policies", tuple(trusts.values())),)),
        grants={arn: tuple(trust_grants(trust, table)) for arn, trust in trusts.items()},
    )
