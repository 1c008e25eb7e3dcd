"""In: an account. Out: the effective permissions of each principal, and the roles it can assume.

Everything here rests on the authorization details alone: session policies, resource policies other
than trust, and whatever the organization forbids beyond the files at hand stay out of sight.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from analyzer.inventory.model import Account, User
from analyzer.policy.account_evaluators import AccountEvaluators, name_own_policies
from analyzer.policy.actions import ActionIndex, action_index
from analyzer.policy.arns import ResourceIndex, resource_index
from analyzer.policy.conditions import (
    Context,
    KeyState,
    Ternary,
    all_of,
    evaluate_conditions,
)
from analyzer.policy.documents import DocumentCache, PolicyInstance, Statement
from analyzer.policy.evaluator import PolicyEvaluator, states_given_by
from analyzer.policy.layers import (
    Decision,
    PolicyLayer,
    Verdict,
    best_decision,
    keys_mentioned,
    make_conditional,
)
from analyzer.policy.lint.surroundings import Surroundings
from analyzer.policy.organization_policies import organization_layers
from analyzer.policy.principals import (
    PolicyStore,
    PrincipalPolicies,
    documents_of_account,
    policy_store,
    principal_policies,
)
from analyzer.policy.request_context import (
    NETWORK_KEYS,
    SESSION_KEYS,
    EntryPoint,
    entry_points_of,
)
from analyzer.policy.resource_search import decide_any_account, decide_own_account
from analyzer.policy.role_assumption import assumptions
from analyzer.policy.service_rules import ASSUME, needs_no_permission
from analyzer.policy.session_tags import takes_session_tags
from analyzer.policy.target_states import target_states
from analyzer.policy.trust_policies import TrustGrant, trust_grants, trust_policy

_RANK = (Ternary.FALSE, Ternary.UNKNOWN, Ternary.TRUE).index
_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)
MFA_KEYS = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage"})
MADE_BY: Mapping[EntryPoint, str] = MappingProxyType(
    {
        EntryPoint.ENROLLED: "enrolling an MFA device of its own",
        EntryPoint.NEW_KEY: "making an access key of its own",
        EntryPoint.NEW_PASSWORD: "setting a password of its own",
    }
)
"""What a user does first, to come in that way."""
_MAKES_KEY, _FREES_SLOT = "iam:CreateAccessKey", "iam:DeleteAccessKey"
_MAKES_PASSWORD = "iam:CreateLoginProfile"  # noqa: S105 - an action, not a secret
_MOST_KEYS = 2
NO_PERMISSION = "needs no permission"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AccountAuthorizer:
    """The effective permissions of one account.

    `trust_keys` are the condition keys that any trust policy mentions, `around` what lints of its
    policies know beside these.
    """

    evaluators: AccountEvaluators
    principals: Mapping[str, PrincipalPolicies]
    trusts: Mapping[str, PolicyInstance]
    grants: Mapping[str, tuple[TrustGrant, ...]]
    trust_keys: frozenset[str]
    around: Surroundings
    enrolments: dict[tuple[str, int], Ternary] = field(default_factory=dict)
    gains: dict[tuple[object, ...], bool] = field(default_factory=dict)

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

        Where policies ask for a network, a user differs from the thief of its key.
        """
        credentials = entry_points_of(policies.principal)
        found = dict.fromkeys(credentials, Ternary.TRUE)
        asked = self.trust_keys | self.evaluators.keys_mentioned_by(policies.layers)
        if EntryPoint.LEAKED_KEY in credentials and NETWORK_KEYS & asked:
            found[EntryPoint.OWN_KEY] = Ternary.TRUE
        for each in credentials:
            for made, truth in self.entry_points_from(policies, each).items():
                found[made] = max(found.get(made, Ternary.FALSE), truth, key=_RANK)
        return found

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
        """That entry point, and what whoever comes in by it alone can make of it.

        Of a key a session, of a key a password, of a password a key, and of each a session with
        an MFA device; as far as the user's policies or some trust policy tell them apart.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
        """
        found = {entry_point: Ternary.TRUE}
        asked = self.trust_keys | self.evaluators.keys_mentioned_by(policies.layers)
        if not SESSION_KEYS & asked or not isinstance(policies.principal, User):
            return found
        found |= {
            other: truth
            for other, truth in self._credentials_made(policies, policies.principal, entry_point)
            if truth is not Ternary.FALSE and self._gains(policies, entry_point, other)
        }
        enrolled = max(
            (all_of((truth, self.enrols_device(policies, each))) for each, truth in found.items()),
            key=_RANK,
        )
        return found if enrolled is Ternary.FALSE else {**found, EntryPoint.ENROLLED: enrolled}

    def _credentials_made(
        self, policies: PrincipalPolicies, user: User, entry_point: EntryPoint
    ) -> Iterator[tuple[EntryPoint, Ternary]]:
        """What the user can make of that credential, whether or not it gains by it.

        sts:GetSessionToken takes no permission, and nobody can deny it. A user has two access keys
        at most, and with a device signs in with that alone.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        """
        report = user.report_entry
        if report is None:
            return
        evaluator = self.evaluator(policies, entry_point)
        if entry_point is EntryPoint.LEAKED_KEY:
            yield EntryPoint.SESSION, Ternary.TRUE
            if report.password_enabled is False and report.mfa_active is False:
                yield EntryPoint.NEW_PASSWORD, _is_allowed(evaluator, policies, _MAKES_PASSWORD)
        if entry_point is EntryPoint.CONSOLE and not _has_live_key(user):
            needed = (_MAKES_KEY, _FREES_SLOT)[: 2 if len(report.keys) >= _MOST_KEYS else 1]
            yield EntryPoint.NEW_KEY, all_of(_is_allowed(evaluator, policies, a) for a in needed)

    def _gains(self, policies: PrincipalPolicies, one: EntryPoint, other: EntryPoint) -> bool:
        """Whether some statement, of its policies or of trusts, lets the other entry point more.

        Only clauses on the keys that tell sessions apart are looked at.
        """
        contexts = [self.evaluators.context(policies, each) for each in (one, other)]
        keys = sorted(SESSION_KEYS)
        states = tuple(each.told_apart_by(keys)[0] for each in contexts)
        # The evaluators keep the layers, so that no others get their ID.
        of_policies = id(policies.layers), states
        for name, held in ((states, self.trusts.values()), (of_policies, _held(policies))):
            if name not in self.gains:
                documents = {id(each.document): each.document for each in held}
                self.gains[name] = any(
                    _lets_more(statement, *contexts)
                    for document in documents.values()
                    for statement in document.statements
                    if SESSION_KEYS.intersection(statement.mentions)
                )
        return self.gains[states] or self.gains[of_policies]

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
            return Decision(Verdict.ALLOWED, reasons=(NO_PERMISSION,))
        if resource in self.trusts and resource is not None and action.lower() == ASSUME.lower():
            return self.may_assume(policies, resource, entry_point, keys)
        asked = _Question(action, resource, keys or {})
        return best_decision(
            _unless_certain(
                self._decide_by(self.evaluator(policies, each), policies, asked), each, truth
            )
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
            _unless_certain(self._assume_by(policies, each, role, keys or {}), each, truth)
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


def _unless_certain(decision: Decision, entry_point: EntryPoint, truth: Ternary) -> Decision:
    """The decision, conditional where the user possibly can't come in that way."""
    if truth is Ternary.TRUE:
        return decision
    return make_conditional(decision, MADE_BY[entry_point])


def _is_allowed(evaluator: PolicyEvaluator, policies: PrincipalPolicies, action: str) -> Ternary:
    """Whether the user may do that to itself."""
    verdict = evaluator.decide(action, policies.arn).verdict
    if verdict is Verdict.ALLOWED:
        return Ternary.TRUE
    return Ternary.UNKNOWN if verdict is Verdict.CONDITIONAL else Ternary.FALSE


def _held(policies: PrincipalPolicies) -> Iterator[PolicyInstance]:
    return (held for layer in policies.layers for held in layer.held)


def _has_live_key(user: User) -> bool:
    return EntryPoint.LEAKED_KEY in entry_points_of(user)


def _lets_more(statement: Statement, one: Context, other: Context) -> bool:
    """Whether the clauses on keys of sessions let the other context more than the one."""
    clauses = tuple(each for each in statement.clauses if each.key.lower() in SESSION_KEYS)
    before, after = (
        _RANK(
            evaluate_conditions(
                clauses, each, allows=statement.allows, has_variables=statement.has_variables
            ).truth
        )
        for each in (one, other)
    )
    return (statement.allows and after > before) or (statement.denies and after < before)


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
        around=Surroundings(table, account.as_of, account.partition, _principal_tags(account)),
    )


def _principal_tags(account: Account) -> frozenset[str] | None:
    """The keys, in lower case, of the tags that principals have; None where sessions bring more."""
    if any(takes_session_tags(role) for role in account.roles):
        return None
    held = [details for _, details in account.users_in_details()]
    held += [role.details for role in account.roles]
    return frozenset(key.lower() for details in held for key in details.tags)
