"""In: an account. Out: the effective permissions of each principal, and the roles it can assume.

Everything here rests on the authorization details alone: session policies, resource policies other
than trust, and whatever the organization forbids beyond the files at hand stay out of sight.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from analyzer.inventory.model import Account, Group, Role, User
from analyzer.policy.actions import ActionIndex, action_index
from analyzer.policy.arns import ResourceIndex, resource_index
from analyzer.policy.bound_statements import evaluate_statement
from analyzer.policy.conditions import (
    ConditionResult,
    Context,
    KeyState,
    Ternary,
)
from analyzer.policy.documents import DocumentCache, PolicyInstance, Statement
from analyzer.policy.evaluator import PolicyEvaluator, evaluator_for
from analyzer.policy.layers import Decision, PolicyLayer, StatementRef, Verdict, keys_mentioned
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
from analyzer.policy.resource_search import decide_any_account
from analyzer.policy.trust_policies import (
    ASSUME,
    PrincipalType,
    TrustGrant,
    names_role,
    principals_in,
    trust_grants,
    trust_policy,
)

_ORDER = list(Verdict)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AccountAuthorizer:
    """The effective permissions of one account. Evaluators are made on first use and kept."""

    account: Account
    actions: ActionIndex
    resources: ResourceIndex
    store: PolicyStore
    principals: Mapping[str, PrincipalPolicies]
    trusts: Mapping[str, PolicyInstance]
    grants: Mapping[str, tuple[TrustGrant, ...]]
    evaluators: dict[tuple[object, ...], PolicyEvaluator] = field(default_factory=dict)
    contexts: dict[tuple[str, EntryPoint], Context] = field(default_factory=dict)

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
        states = tuple((key, context.of(key)) for key in sorted(keys_mentioned(layers)))
        signature = (tuple(documents), states)
        if signature not in self.evaluators:
            self.evaluators[signature] = evaluator_for(
                self.actions, self.resources, layers, context
            )
        return self.evaluators[signature]

    def all_evaluators(self, policies: PrincipalPolicies) -> tuple[PolicyEvaluator, ...]:
        """One evaluator for each entry point that the principal has, each once."""
        evaluators = (
            self.evaluator(policies, entry_point)
            for entry_point in entry_points_of(policies.principal)
        )
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
        """The evaluator of the group's policies alone, for a member who has shown MFA.

        A guard that denies without MFA holds nobody back for long: members enrol a device.
        """
        member = User("", "")
        context = request_context(self.account, member, EntryPoint.ANY)
        context = context.with_keys({"aws:multifactorauthpresent": ("true",)})
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
        if resource in self.trusts and resource is not None and action.lower() == ASSUME.lower():
            return self.may_assume(policies, resource, entry_point, keys)
        evaluators = (
            [self.evaluator(policies, entry_point)]
            if entry_point
            else self.all_evaluators(policies)
        )
        asked = (
            _decide_with(each.with_context(keys or {}), action, resource) for each in evaluators
        )
        return _best_decision(
            _with_own_policies(policies, *each) for each in zip(evaluators, asked, strict=True)
        )

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
        entry_points = [entry_point] if entry_point else entry_points_of(policies.principal)
        return _best_decision(
            self._assumes(policies, role, each, keys or {}) for each in entry_points
        )

    def _assumes(
        self,
        policies: PrincipalPolicies,
        role: str,
        entry_point: EntryPoint,
        keys: Mapping[str, KeyState],
    ) -> Decision:
        trust = self.trusts.get(role)
        if trust is None:
            return Decision(Verdict.CONDITIONAL, reasons=("trust policy unknown",))
        context = self.context(policies, entry_point).with_keys(dict(keys))
        base = self.evaluator(policies, entry_point)
        by_policies = _with_own_policies(
            policies, base, base.with_context(keys).decide(ASSUME, role)
        )
        by_trust = _decide_trust(trust, policies, context, self.actions)
        if Verdict.DENIED in (by_policies.verdict, by_trust.verdict):
            return Decision(Verdict.DENIED, (), (*by_policies.denies, *by_trust.denies))
        if by_trust.verdict is Verdict.NONE:
            return Decision(Verdict.NONE)
        allows, reasons = (
            (*by_trust.allows, *by_policies.allows),
            {*by_trust.reasons, *by_policies.reasons},
        )
        verdict = max(by_policies.verdict, by_trust.verdict, key=_ORDER.index)
        if by_policies.verdict is Verdict.NONE and by_trust.is_by_name:
            verdict, why = self._without_own_allow(policies, entry_point, role)
            reasons |= why
            verdict = max(verdict, by_trust.verdict, key=_ORDER.index)
        if verdict is Verdict.NONE:
            return Decision(verdict)
        return Decision(verdict, allows, by_policies.denies, tuple(sorted(reasons)))

    def _without_own_allow(
        self, policies: PrincipalPolicies, entry_point: EntryPoint, role: str
    ) -> tuple[Verdict, set[str]]:
        """A trust that names the principal needs no Allow of its own, but boundary and SCPs hold.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html: a boundary
        cuts what a resource policy gives to a role; of users AWS's pages disagree.
        """
        caps = tuple(each for each in policies.layers[1:])
        if not caps:
            return Verdict.ALLOWED, set()
        verdict = (
            self.evaluator_for_policies(caps, self.context(policies, entry_point))
            .decide(ASSUME, role)
            .verdict
        )
        if (
            verdict is Verdict.NONE
            and isinstance(policies.principal, User)
            and policies.has_boundary
        ):
            guards = policies.layers[2:]
            rest = (
                self.evaluator_for_policies(guards, self.context(policies, entry_point))
                if guards
                else None
            )
            if rest is None or rest.decide(ASSUME, role).verdict is Verdict.ALLOWED:
                return Verdict.CONDITIONAL, {"the boundary does not allow sts:AssumeRole"}
        return verdict, set() if verdict is Verdict.ALLOWED else {"a boundary or guardrail"}


@dataclass(frozen=True, slots=True)
class _TrustDecision:
    """What a trust policy says of one principal of the same account."""

    verdict: Verdict
    is_by_name: bool = False
    allows: tuple[StatementRef, ...] = ()
    denies: tuple[StatementRef, ...] = ()
    reasons: tuple[str, ...] = ()


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
        resources=resource_index(arns, account.partition, account.id),
        store=store,
        principals={each.arn: each for each in principal_policies(account, store, guardrails)},
        trusts=trusts,
        grants={arn: tuple(trust_grants(trust, table)) for arn, trust in trusts.items()},
    )


def _decide_with(evaluator: PolicyEvaluator, action: str, resource: str | None) -> Decision:
    return (
        decide_any_account(evaluator, action)
        if resource is None
        else evaluator.decide(action, resource)
    )


def _with_own_policies(
    policies: PrincipalPolicies, shared: PolicyEvaluator, decision: Decision
) -> Decision:
    """The decision with the principal's own policies named: the evaluator is shared."""
    mine = {
        id(theirs): mine
        for layer, shared_layer in zip(policies.layers, shared.layers, strict=True)
        for mine, theirs in zip(layer.held, shared_layer.held, strict=True)
    }

    def placed(references: tuple[StatementRef, ...]) -> tuple[StatementRef, ...]:
        return tuple(
            StatementRef(mine.get(id(each.held), each.held), each.statement) for each in references
        )

    return replace(decision, allows=placed(decision.allows), denies=placed(decision.denies))


def _best_decision(decisions: Iterable[Decision]) -> Decision:
    """The best of the decisions: a principal chooses its entry point."""
    return min(decisions, key=lambda each: _ORDER.index(each.verdict))


def _decide_trust(
    trust: PolicyInstance, policies: PrincipalPolicies, context: Context, table: ActionIndex
) -> _TrustDecision:
    """What the trust policy decides on the principal; one of a service-linked role names none."""
    assume = table.bit(ASSUME)
    allows: list[tuple[Statement, ConditionResult, bool]] = []
    denies: list[tuple[Statement, ConditionResult]] = []
    for statement in trust.document.statements:
        if not statement.actions & assume:
            continue
        match = _matches(statement, policies)
        if match is None:
            continue
        result = evaluate_statement(statement, context)
        if statement.allows and result.truth is not Ternary.FALSE:
            allows.append((statement, result, match))
        if statement.denies and result.truth is not Ternary.FALSE:
            denies.append((statement, result))
    return _weigh_trust(trust, allows, denies)


def _weigh_trust(
    trust: PolicyInstance,
    allows: list[tuple[Statement, ConditionResult, bool]],
    denies: list[tuple[Statement, ConditionResult]],
) -> _TrustDecision:
    against = tuple(StatementRef(trust, statement) for statement, _ in denies)
    if any(result.truth is Ternary.TRUE for _, result in denies):
        return _TrustDecision(Verdict.DENIED, denies=against)
    if not allows:
        return _TrustDecision(Verdict.NONE)
    # A certain statement comes before a conditional one, one that names the principal first.
    allows.sort(key=lambda each: (each[1].truth is not Ternary.TRUE, not each[2]))
    is_certain = allows[0][1].truth is Ternary.TRUE and not denies
    decisive = [each for each in allows if each[1].truth is allows[0][1].truth]
    reasons = {why for _, result, _ in decisive for why in result.reasons}
    reasons |= {why for _, result in denies for why in result.reasons}
    return _TrustDecision(
        Verdict.ALLOWED if is_certain else Verdict.CONDITIONAL,
        is_by_name=any(by_name for _, _, by_name in decisive),
        allows=tuple(StatementRef(trust, statement) for statement, _, _ in decisive),
        denies=against,
        reasons=tuple(sorted(reasons)) if not is_certain else (),
    )


def _matches(statement: Statement, policies: PrincipalPolicies) -> bool | None:
    """True: by name; False: through its account or everyone; None: the statement means others."""
    if statement.unread:
        return False
    matches = [
        match
        for kind, name, account in principals_in(statement)
        if (match := _is_meant(kind, name, account, policies)) is not None
    ]
    if statement.excludes_principals:
        # AWS: a Deny by exception also meets the exceptions that have a permissions boundary.
        is_meant = not matches or (statement.denies and policies.has_boundary)
        return False if is_meant else None
    return any(matches) if matches else None


def _is_meant(
    kind: PrincipalType, name: str, account: str | None, policies: PrincipalPolicies
) -> bool | None:
    if kind is PrincipalType.ANYONE:
        return False
    if kind is PrincipalType.ACCOUNT:
        return False if account == policies.arn.split(":")[4] else None
    if kind in (PrincipalType.USER, PrincipalType.ROLE):
        return True if name == policies.arn else None
    if kind is PrincipalType.SESSION and isinstance(policies.principal, Role):
        return True if names_role(name, policies.arn) else None
    return None
