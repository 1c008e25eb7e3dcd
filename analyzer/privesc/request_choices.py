"""In: an evaluator, a path and one of its actions. Out: the condition keys that a request carries.

What the path leaves open, such as the policy that is attached, the actor chooses: each choice that
makes a difference is one set of keys.
"""

from collections.abc import Iterator

from analyzer.policy.conditions import KeyKnowledge, KeyState
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.service_rules import PASS_ROLE
from analyzer.policy.target_states import BOUNDARY
from analyzer.privesc.account_facts import AccountFacts
from analyzer.privesc.catalogue import EscalationPath, Requirement
from analyzer.privesc.policies_to_give import POLICY, policies_to_give

_SERVICE = "iam:passedtoservice"


def request_choices(
    evaluator: PolicyEvaluator,
    facts: AccountFacts,
    path: EscalationPath,
    requirement: Requirement,
    policy: str | None = None,
) -> Iterator[tuple[dict[str, KeyState], bool]]:
    """The condition keys of the request, for each choice that the actor has.

    With each whether the choice certainly serves the path. `policy`: what the path attaches is
    that one.
    """
    names = " ".join(requirement.any_of)
    keys: dict[str, KeyState] = {}
    if PASS_ROLE in requirement.any_of and path.passed_to:
        keys[_SERVICE] = (path.passed_to,)
    if "iam:Attach" in names and policy is not None:
        yield {**keys, POLICY: (policy,)}, True
    elif "iam:Attach" in names:
        for arn, is_certain in policies_to_give(evaluator, facts, POLICY, is_new=False):
            yield {**keys, POLICY: (arn,)}, is_certain
    elif "PermissionsBoundary" in names and "iam:Put" in names:
        for arn, is_certain in policies_to_give(evaluator, facts, BOUNDARY):
            yield {**keys, BOUNDARY: (arn,)}, is_certain
    else:
        yield keys, True


def boundary_choices(
    evaluator: PolicyEvaluator, facts: AccountFacts
) -> Iterator[tuple[KeyState, bool]]:
    """The boundaries with which a new principal can be made, and whether each keeps nothing back.

    The first is none at all.
    """
    yield KeyKnowledge.ABSENT, True
    for arn, is_certain in policies_to_give(evaluator, facts, BOUNDARY):
        yield (arn,), is_certain
