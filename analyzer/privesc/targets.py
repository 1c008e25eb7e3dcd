"""In: the account's facts and a principal. Out: the real resources that a requirement can mean."""

from analyzer.inventory.model import is_aws_managed_policy
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.principals import PrincipalPolicies
from analyzer.privesc.account_facts import NOBODY, AccountFacts
from analyzer.privesc.catalogue import EscalationPath, Requirement, Target

_OTHER_ROLES = frozenset(
    {Target.OTHER_ROLE, Target.SAME_ROLE, Target.ROLE_WITH_POLICY, Target.POLICY_OF_OTHER}
)


def targets_of(
    facts: AccountFacts,
    policies: PrincipalPolicies,
    path: EscalationPath,
    requirement: Requirement,
) -> ResourceSet | None:
    """The real targets of that sort for the principal; None where any resource will do.

    Which roles it can assume is not asked here.
    """
    own = facts.authorizer.resources.bit(policies.arn)
    match requirement.target:
        case Target.SELF_USER | Target.SELF_ROLE:
            return _sure(own)
        case Target.OTHER_USER | Target.SAME_USER:
            return _sure(facts.users & ~own)
        case target if target in _OTHER_ROLES:
            return _sure(facts.roles & ~own)
        case Target.ROLE:
            return facts.services.get(path.role_trusts or "", NOBODY)
        case Target.OWN_GROUP | Target.GROUP as target:
            mine, others = _groups(facts, policies)
            return _sure(mine if target is Target.OWN_GROUP else others)
        case Target.POLICY_OF_ANYONE:
            return facts.own_policies
        case Target.POLICY_OF_SELF:
            return _sure(_own_policies(facts, policies))
        case Target.OWN_BOUNDARY:
            return _sure(_own_boundary(facts, policies))
        case _:
            return None


def _sure(bits: int) -> ResourceSet:
    return ResourceSet(bits, bits)


def _groups(facts: AccountFacts, policies: PrincipalPolicies) -> tuple[int, int]:
    """The groups that the principal is in, and all others, as bits."""
    mine = others = 0
    for name in policies.details.groups:
        mine |= facts.groups.get(name, 0)
    for group in facts.groups.values():
        others |= group
    return mine, others & ~mine


def _own_policies(facts: AccountFacts, policies: PrincipalPolicies) -> int:
    found = 0
    for policy in policies.identity.held:
        if policy.arn is not None and not is_aws_managed_policy(policy.arn):
            found |= facts.authorizer.resources.bit(policy.arn)
    return found


def _own_boundary(facts: AccountFacts, policies: PrincipalPolicies) -> int:
    """The policy that is the principal's boundary, if the account owns it."""
    boundary = policies.details.boundary or ""
    bit = facts.authorizer.resources.bit(boundary)
    return 0 if is_aws_managed_policy(boundary) else bit
