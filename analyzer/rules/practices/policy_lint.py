"""In: the policies that the account wrote, and those over it. Out: what in them has no effect.

AWS's own policies are not looked at: the account can't change them.
"""

from collections.abc import Callable, Iterable, Iterator

from analyzer.display import list_first
from analyzer.policy.arns import is_everything
from analyzer.policy.documents import Effect, PolicyInstance, Statement
from analyzer.policy.lint.faults import Fault, FaultKind, Meaning
from analyzer.policy.lint.policies import policy_faults, trust_policy_faults
from analyzer.policy.organization_policies import service_control_policies
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Fail, Outcome, Pass, account_resource, as_variant, fail
from analyzer.rules.privilege_queries import (
    AccountPolicy,
    account_policies,
    outcome_unless_found,
    unreadable_reason,
)
from analyzer.rules.wide_statements import find_everything

_TOLD = 4
"""Faults that a sentence names; the places hold them all."""


def guard_without_effect(graph: EscalationGraph) -> Iterator[Outcome]:
    """A Deny matches nothing, or less than it names."""

    def is_lost(_: AccountPolicy, fault: Fault, statement: Statement | None) -> bool:
        is_guard = statement is not None and statement.effect is Effect.DENY
        return is_guard and fault.meaning in (Meaning.NEVER, Meaning.PART)

    def judged(policy: AccountPolicy, found: list[Fault]) -> Fail:
        whole = [each for each in found if each.meaning is Meaning.NEVER]
        outcome = _fail(policy, whole or found)
        return outcome if whole else as_variant("in-part", outcome)

    yield from _check(graph, is_lost, judged, Effect.DENY)


def condition_without_effect(graph: EscalationGraph) -> Iterator[Outcome]:
    """A condition of an Allow holds for every request, or for all that lack the key.

    Where nothing else restricts every action on everything, the checks of full rights tell it.
    """
    whole_iam = graph.authorizer.actions.bits("iam:*")

    def is_empty(policy: AccountPolicy, fault: Fault, statement: Statement | None) -> bool:
        if statement is None or statement.effect is not Effect.ALLOW or not fault.restricts_nobody:
            return False
        return _is_cap(policy) or not _is_told_as_full_rights(graph, statement)

    def judged(policy: AccountPolicy, found: list[Fault]) -> Fail:
        statements = policy.instance.document.statements if policy.instance else ()
        wide = [
            each
            for each in found
            if each.statement is not None
            and _gives_all(statements[each.statement], whole_iam)
            and not _is_cap(policy)
        ]
        outcome = _fail(policy, wide or found)
        return outcome if wide else as_variant("limited", outcome)

    yield from _check(graph, is_empty, judged, Effect.ALLOW)


def policy_without_effect(graph: EscalationGraph) -> Iterator[Outcome]:
    """An Allow grants nothing, or IAM's grammar does not allow what stands there."""
    for policy in _policies(graph):
        held = policy.instance
        if held is None:
            yield from outcome_unless_found(policy)
            continue
        yield _useless(policy, policy_faults(held.document, graph.authorizer.around), "malformed")
    for role in graph.authorizer.account.roles:
        trust = graph.authorizer.trusts[role.arn]
        if role.is_service_linked or role.is_identity_center or role.trust is None:
            continue
        name = f"the trust policy of role {role.name}"
        mine = Resource(role.arn, f"{role.stable_id}/trust")
        policy = AccountPolicy(name, mine, trust, trust.location, 1, is_inline=True)
        faults = trust_policy_faults(trust.document, graph.authorizer.around)
        yield _useless(policy, faults, "malformed", "trust")


def _useless(
    policy: AccountPolicy, faults: Iterable[Fault], malformed: str, useless: str = ""
) -> Outcome:
    """Whether an Allow of the policy grants nothing, or else whether it is malformed."""
    assert policy.instance is not None  # noqa: S101 - whoever calls has looked
    by_index = _by_index(policy.instance)
    found = list(faults)
    idle = [
        each
        for each in found
        if each.meaning is Meaning.NEVER and _grants(by_index.get(each.statement), each)
    ]
    refused = [each for each in found if each.meaning is Meaning.REFUSED]
    if idle:
        return as_variant(useless, _fail(policy, idle))
    return as_variant(malformed, _fail(policy, refused)) if refused else Pass()


def _grants(statement: Statement | None, fault: Fault) -> bool:
    if statement is None:
        return fault.kind is FaultKind.NO_STATEMENT
    return statement.effect is Effect.ALLOW


def _check(
    graph: EscalationGraph,
    counts: Callable[[AccountPolicy, Fault, Statement | None], bool],
    judged: Callable[[AccountPolicy, list[Fault]], Fail],
    effect: Effect,
) -> Iterator[Outcome]:
    """One outcome for each policy with a statement of that effect, or one that can't be read."""
    for policy in _policies(graph):
        held = policy.instance
        if held is not None:
            by_index = _by_index(held)
            faults = policy_faults(held.document, graph.authorizer.around)
            found = [each for each in faults if counts(policy, each, by_index.get(each.statement))]
            if found:
                yield judged(policy, found)
                continue
        statements = held.document.statements if held is not None else ()
        if unreadable_reason(policy) or any(each.effect is effect for each in statements):
            yield from outcome_unless_found(policy)


def _by_index(held: PolicyInstance) -> dict[int | None, Statement]:
    return {each.index: each for each in held.document.statements}


def _policies(graph: EscalationGraph) -> Iterator[AccountPolicy]:
    """The account's own policies, and the service control policies that may stand over it."""
    yield from account_policies(graph)
    account, cache = graph.authorizer.account, graph.authorizer.store.cache
    for held in service_control_policies(account, cache):
        mine = account_resource(account, f"scp/{held.name}")
        name = f"service control policy {held.name}"
        yield AccountPolicy(name, mine, held, held.location, 1, is_inline=False, is_cap=True)


def _is_cap(policy: AccountPolicy) -> bool:
    """True for a policy that gives nobody anything by itself."""
    return policy.is_cap or policy.is_boundary_only


def _gives_all(statement: Statement, whole_iam: int) -> bool:
    """True if the statement makes whoever holds it administrator, but for its conditions."""
    is_wide = not statement.excludes_resources and any(map(is_everything, statement.resources))
    return is_wide and statement.actions & whole_iam == whole_iam


def _is_told_as_full_rights(graph: EscalationGraph, statement: Statement) -> bool:
    """True if `customer_policy_full_admin_attached` or one of its like names the statement."""
    return any(find_everything(graph)(statement))


def _fail(policy: AccountPolicy, found: list[Fault]) -> Fail:
    """The finding: each place once, and the first faults in words."""
    assert policy.instance is not None  # noqa: S101 - there is no fault without a text
    places = dict.fromkeys(policy.instance.location_at(each.pointer) for each in found)
    told = list(dict.fromkeys(_describe(each) for each in found))
    return fail(policy.resource, *places, policy=policy.name, faults=list_first(told, _TOLD, ";"))


def _describe(fault: Fault) -> str:
    code = fault.issue_code
    where = "" if fault.statement is None else f"statement {fault.statement + 1}: "
    return f"{where}{fault.explanation}" + (f" ({code})" if code else "")
