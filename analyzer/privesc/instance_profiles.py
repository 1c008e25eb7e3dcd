"""In: an evaluator and the account's facts. Out: the roles that are, or can be put, in a profile.

A machine takes a role by an instance profile, and a profile holds one role. So a role that is in
none takes a profile of the actor's own making, one that the actor empties first, or one that is
empty already, which no export shows.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
"""

from dataclasses import dataclass

from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import Verdict
from analyzer.policy.pattern_overlap import sample_resources
from analyzer.policy.resource_search import decide_own_account
from analyzer.privesc.account_facts import EVERYTHING, AccountFacts
from analyzer.privesc.catalogue import EscalationPath, Precondition

_CREATE = "iam:CreateInstanceProfile"
_ADD = "iam:AddRoleToInstanceProfile"
_REMOVE = "iam:RemoveRoleFromInstanceProfile"


@dataclass(frozen=True, slots=True)
class _Filling:
    """The actions that put any role into a profile; none where that is not possible."""

    actions: tuple[str, ...]
    is_certain: bool


def roles_in_profiles(evaluator: PolicyEvaluator, facts: AccountFacts) -> ResourceSet:
    """The roles that are in an instance profile, or that whoever is evaluated can put into one."""
    filling = _filling(evaluator, facts)
    return ResourceSet(
        EVERYTHING.certain if filling.is_certain else facts.with_profile.certain,
        EVERYTHING.possible if filling.actions else facts.with_profile.possible,
    )


def actions_into_profile(
    evaluator: PolicyEvaluator, facts: AccountFacts, path: EscalationPath, role: str
) -> tuple[str, ...]:
    """What puts that role into an instance profile first, if the path needs it in one.

    Empty where it certainly is in one already.
    """
    is_there = facts.with_profile.certain & facts.authorizer.resources.bit(role)
    if Precondition.INSTANCE_PROFILE not in path.preconditions or is_there:
        return ()
    return _filling(evaluator, facts).actions


def _filling(evaluator: PolicyEvaluator, facts: AccountFacts) -> _Filling:
    adds = decide_own_account(evaluator, _ADD).verdict
    if adds not in (Verdict.ALLOWED, Verdict.CONDITIONAL):
        return _Filling((), is_certain=False)
    if _may_fill_a_new_one(evaluator):
        return _Filling((_CREATE, _ADD), is_certain=True)
    emptied, filled = (evaluator.allowed_resources(each).certain for each in (_REMOVE, _ADD))
    if emptied & filled & facts.profiles:
        return _Filling((_REMOVE, _ADD), is_certain=True)
    return _Filling((_ADD,), is_certain=False)


def _may_fill_a_new_one(evaluator: PolicyEvaluator) -> bool:
    """True if one profile, of a name that is not taken, may certainly be made and filled."""
    resources = evaluator.resources
    statements = [*evaluator.statements_on(_CREATE), *evaluator.statements_on(_ADD)]
    shape = f"arn:{resources.partition}:iam::{resources.account}:instance-profile/*"
    return any(
        all(evaluator.decide(each, profile).verdict is Verdict.ALLOWED for each in (_CREATE, _ADD))
        for profile in sample_resources(statements, shape, resources)
    )
