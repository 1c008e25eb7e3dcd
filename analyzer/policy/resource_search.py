"""In: an evaluator and an action. Out: the best decision on any resource that could be there.

Nobody lists an account's buckets or functions in its IAM exports, so resources are tried out: of
each form on which the action works, samples of the patterns in the policies (`pattern_overlap`),
and of IAM's own resources those that the exports name.
"""

import itertools
from collections.abc import Iterator

from analyzer.policy.arns import arn_matches
from analyzer.policy.bound_statements import STAR, BoundStatement, references
from analyzer.policy.conditions import KeyKnowledge, KeyState
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layers import Decision, Verdict, best_decision, make_conditional
from analyzer.policy.pattern_overlap import (
    ANY_ACCOUNT,
    find_overlap,
    resource_patterns,
    sample_resources,
    try_limit,
)
from analyzer.policy.service_rules import KEY_POLICY, needs_key_policy, reserved_patterns
from analyzer.policy.target_states import OWNER

_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)


def decide_new_resource(evaluator: PolicyEvaluator, action: str, shape: str) -> Decision:
    """The decision on a resource of that shape that the account does not have yet."""
    cache = evaluator.new_resource_cache
    if (action, shape) not in cache:
        cache[action, shape] = best_decision(
            request.capped(_decide_new(request.evaluator, action, shape))
            for request in evaluator.requests(action)
        )
    return cache[action, shape]


def _decide_new(evaluator: PolicyEvaluator, action: str, shape: str) -> Decision:
    statements = evaluator.statements_on(action)
    tried = sample_resources(statements, shape, evaluator.resources)
    reserved = reserved_patterns(action, evaluator.actions)
    free = (each for each in tried if not any(arn_matches(no, each) for no in reserved))
    return evaluator.decide_best(statements, action, free)


def decide_own_account(evaluator: PolicyEvaluator, action: str) -> Decision:
    """The best decision on any resource of the account's own, however it is asked for.

    It is allowed if it is on some resource that can exist: of a form on which the action works, in
    the account and its partition, in any region. An action that works on several at once is
    allowed on one of each; where only some are, it is conditional.
    """
    cache = evaluator.own_account_cache
    if action not in cache:
        cache[action] = _decide_own_account(evaluator, action)
    return cache[action]


def _decide_own_account(evaluator: PolicyEvaluator, action: str) -> Decision:
    owner: dict[str, KeyState] = {OWNER: (evaluator.resources.account,)}
    best = best_decision(
        request.capped(_decide_own(request.evaluator.varied(owner), action))
        for request in evaluator.requests(action)
    )
    is_capped = needs_key_policy(action, None, evaluator.actions)
    return make_conditional(best, KEY_POLICY) if is_capped else best


def _decide_own(evaluator: PolicyEvaluator, action: str) -> Decision:
    if evaluator.actions.requires_wildcard(action):
        return evaluator.decide_best(evaluator.statements_on(action), action, [STAR])
    forms = evaluator.actions.resource_forms(action)
    shapes = resource_patterns(forms, evaluator.resources)
    return _decide_shapes(evaluator, action, shapes, together=forms.together)


def decide_any_account(evaluator: PolicyEvaluator, action: str) -> Decision:
    """The same on resources of any account; allowed in others alone makes it conditional.

    The other account must allow it, too. Nobody manages the IAM of another account.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """
    cache = evaluator.any_account_cache
    if action not in cache:
        cache[action] = _decide_any_account(evaluator, action)
    return cache[action]


def _decide_any_account(evaluator: PolicyEvaluator, action: str) -> Decision:
    own = decide_own_account(evaluator, action)
    if own.verdict in _ALLOWING or action.lower().startswith("iam:"):
        return own
    foreign = (each.evaluator.on_foreign_resources for each in evaluator.requests(action))
    other = best_decision(_decide_foreign(each, action) for each in foreign)
    if other.verdict not in _ALLOWING:
        return own
    return make_conditional(other, "policies of another account")


def _decide_foreign(evaluator: PolicyEvaluator, action: str) -> Decision:
    forms = evaluator.actions.resource_forms(action)
    shapes = resource_patterns(forms, evaluator.resources, ANY_ACCOUNT)
    elsewhere = evaluator.varied({OWNER: KeyKnowledge.FREE})
    return _decide_shapes(elsewhere, action, shapes, together=forms.together)


def _decide_shapes(
    evaluator: PolicyEvaluator, action: str, shapes: list[str], *, together: bool
) -> Decision:
    """The decision on a resource of each shape together, or else of the best of them."""
    statements = evaluator.statements_on(action)
    may_be_allowed = bool(statements) or any(layer.unknown for layer in evaluator.layers)
    if not may_be_allowed or not evaluator.can_call(action):
        return Decision(Verdict.NONE)
    decisions: list[Decision] = []
    for shape in shapes:
        decisions.append(_decide_shape(evaluator, statements, action, shape))
        if decisions[-1].verdict is Verdict.ALLOWED and not together:
            break
    if not decisions:
        return Decision(Verdict.NONE)
    best = best_decision(decisions)
    if not together or best.verdict not in _ALLOWING:
        return best
    return _join(decisions)


def _decide_shape(
    evaluator: PolicyEvaluator, statements: list[BoundStatement], action: str, shape: str
) -> Decision:
    """The best decision on a resource of one shape.

    Tried in this order: a sample of each pattern, a resource that the exports name, and samples of
    where patterns of different layers overlap. If none is allowed though the patterns do overlap,
    or are too many to tell, the decision is conditional.
    """
    samples = sample_resources(statements, shape)
    some = itertools.islice(samples, try_limit(statements))
    tried = itertools.chain(some, _exported_resource(evaluator, action, shape))
    best = evaluator.decide_best(statements, action, tried)
    if best.verdict in _ALLOWING:
        return best
    has_tried_all = next(samples, None) is None
    overlap = find_overlap(evaluator.layers, statements, action, shape)
    if overlap is not None and not overlap.is_possible and has_tried_all:
        return best
    between = overlap.witnesses(shape) if overlap is not None and has_tried_all else ()
    best_between = evaluator.decide_best(statements, action, between)
    if best_between.verdict in _ALLOWING:
        return best_between
    reasons = ("whether several patterns have a resource in common",)
    return Decision(Verdict.CONDITIONAL, references(statements), reasons=reasons)


def _exported_resource(evaluator: PolicyEvaluator, action: str, shape: str) -> Iterator[str]:
    """One resource of the exports that is certainly allowed, or else one that possibly is.

    No sample of a pattern need exist where an Allow and a Deny's NotResource cross.
    """
    if ":iam:" in shape:
        allowed, of_shape = evaluator.allowed_here(action), evaluator.resources.bits(shape)
        bits = (allowed.certain & of_shape) or (allowed.possible & of_shape)
        yield from itertools.islice(evaluator.resources.named(bits), 1)


def _join(decisions: list[Decision]) -> Decision:
    """The decision on a request that works on a resource of each shape at once."""
    worst = max((each.verdict for each in decisions), key=lambda each: each.rank)
    reasons = {reason for each in decisions for reason in each.reasons}
    if worst not in _ALLOWING:
        reasons.add("other resources that the action takes at once")
    return Decision(
        Verdict.ALLOWED if worst is Verdict.ALLOWED else Verdict.CONDITIONAL,
        tuple(dict.fromkeys(each for one in decisions for each in one.allows)),
        tuple(dict.fromkeys(each for one in decisions for each in one.denies)),
        tuple(sorted(reasons)),
    )
