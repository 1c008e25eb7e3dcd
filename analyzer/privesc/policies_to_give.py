"""In: an evaluator and the account's facts. Out: the policies that a request can give somebody.

Those are what AWS maintains, what the account has, and what the actor rewrites or writes anew.
"""

from collections.abc import Iterator

from analyzer.evidence.artifacts import Location
from analyzer.globs import matches
from analyzer.policy.arns import sample_arn
from analyzer.policy.conditions import Ternary, all_of
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import Verdict
from analyzer.policy.pattern_overlap import sample_resources
from analyzer.privesc.account_facts import AccountFacts
from analyzer.privesc.giving_policies import gives_rights

POLICY = "iam:policyarn"


def policies_to_give(
    evaluator: PolicyEvaluator, facts: AccountFacts, key: str, *, is_new: bool = True
) -> Iterator[tuple[str, bool]]:
    """Policies with which a request gives any right, and whether each certainly does.

    Those that AWS maintains, the account's own, and what the actor can write itself: of all
    that the conditions on that key do not tell apart, one. What an own policy that gives some
    rights leads to is followed (`changes.attachments`), but for a principal that `is_new`.
    """
    if key not in evaluator.keys:
        yield _managed(facts, "AdministratorAccess"), True
        return
    compared = evaluator.texts_compared_with(key)
    seen: dict[tuple[bool, ...], bool] = {}
    for arn, is_certain in _candidates(evaluator, facts, key, compared, is_new=is_new):
        alike = tuple(matches(text, arn) for text in compared)
        if not seen.get(alike, False) and (is_certain or alike not in seen):
            seen[alike] = is_certain
            yield arn, is_certain


def accepting_a_version(
    evaluator: PolicyEvaluator, facts: AccountFacts, policies: ResourceSet
) -> ResourceSet:
    """Without the right to delete a version, a policy that has five takes no new one."""
    full = facts.at_version_limit
    if not full & policies.possible:
        return policies
    deletable = evaluator.allowed_resources("iam:DeletePolicyVersion")
    return ResourceSet(
        policies.certain & (~full | deletable.certain),
        policies.possible & (~full | deletable.possible),
    )


def _candidates(
    evaluator: PolicyEvaluator,
    facts: AccountFacts,
    key: str,
    compared: tuple[str, ...],
    *,
    is_new: bool,
) -> Iterator[tuple[str, bool]]:
    resources = facts.authorizer.resources
    yield _managed(facts, "AdministratorAccess"), True
    if key == POLICY:
        # Whoever holds it gives itself the rest.
        yield _managed(facts, "IAMFullAccess"), True
        for arn, is_certain in facts.giving_policies:
            if is_new or is_certain or arn in facts.unread_policies:
                yield arn, is_certain
    else:
        yield from facts.open_policies
    yield from ((arn, False) for arn in facts.missing_policies)
    switched = evaluator.allowed_resources("iam:SetDefaultPolicyVersion")
    for arn, is_certain in facts.older_giving:
        if switched.possible & resources.bit(arn):
            is_switched = bool(switched.certain & resources.bit(arn))
            yield arn, is_certain and is_switched and key == POLICY
    rewritten = accepting_a_version(
        evaluator, facts, evaluator.allowed_resources("iam:CreatePolicyVersion")
    )
    for arn in resources.named(rewritten.possible):
        yield arn, bool(rewritten.certain & resources.bit(arn))
    yield from _policies_to_write(evaluator, facts, compared)
    yield from _policies_of_aws(facts, compared)


def _policies_of_aws(facts: AccountFacts, compared: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """One of the hundreds that AWS maintains, some of which give out rights, for each text."""
    store = facts.authorizer.store
    named = (sample_arn(text, _managed(facts, "*")) for text in compared)
    for arn in (*filter(None, named), _managed(facts, "credaudit-any")):
        held = store.managed(arn, Location(""))
        truth = gives_rights(held.document if held else None, facts.authorizer.actions)
        if truth is not Ternary.FALSE:
            yield arn, False


def _policies_to_write(
    evaluator: PolicyEvaluator, facts: AccountFacts, compared: tuple[str, ...]
) -> Iterator[tuple[str, bool]]:
    """Policies that the actor can make: one under each name that a condition or Allow tells.

    A name that is taken is free once the policy that has it is deleted.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html (EntityAlreadyExists)
    """
    account = facts.authorizer.account
    shape = f"arn:{account.partition}:iam::{account.id}:policy/*"
    statements = evaluator.statements_on("iam:CreatePolicy")
    named = (sample_arn(text, shape) for text in compared)
    for arn in (*filter(None, named), *sample_resources(statements, shape)):
        truth = _is_allowed(evaluator, "iam:CreatePolicy", arn)
        if truth is not Ternary.FALSE and (owner := facts.owner_of_name(arn)) is not None:
            truth = all_of((truth, _is_removable(evaluator, facts, owner)))
        if truth is not Ternary.FALSE:
            yield arn, truth is Ternary.TRUE


def _is_removable(evaluator: PolicyEvaluator, facts: AccountFacts, policy: str) -> Ternary:
    """Whether the policy can be deleted: with all its versions, once nobody holds it any more.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
    """
    held, taken_off = facts.authorizer.store.policies.get(policy), facts.freeing_calls
    calls = [(policy, "iam:DeletePolicy"), *taken_off.get(policy, ())]
    if held is not None and held.older:
        calls.append((policy, "iam:DeletePolicyVersion"))
    truth = all_of(_is_allowed(evaluator, action, on) for on, action in calls)
    # Whoever takes it off somebody may lose by it what the rest takes.
    return all_of((truth, Ternary.UNKNOWN)) if policy in taken_off else truth


def _is_allowed(evaluator: PolicyEvaluator, action: str, resource: str) -> Ternary:
    match evaluator.decide(action, resource).verdict:
        case Verdict.ALLOWED:
            return Ternary.TRUE
        case Verdict.CONDITIONAL:
            return Ternary.UNKNOWN
        case _:
            return Ternary.FALSE


def _managed(facts: AccountFacts, name: str) -> str:
    return f"arn:{facts.authorizer.account.partition}:iam::aws:policy/{name}"
