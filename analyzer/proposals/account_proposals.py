"""In: a judged account. Out: all that is proposed for it, as far as the evaluator agrees.

What it takes time to prove is proven for some hundreds of principals, where most can go first;
`credaudit propose` tells the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.config import Limits
from analyzer.evidence.export_kinds import ExportKind
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.proposals.groups import ProposedGroup, propose_groups
from analyzer.proposals.policies import PolicyProposal, ProposedPolicy, propose_policies
from analyzer.proposals.policy_remedies import policy_remedies
from analyzer.proposals.regrouped import rights_changed_by
from analyzer.proposals.rights import rights_of_people
from analyzer.proposals.role_reach import reaches_more
from analyzer.proposals.roles import ProposedRole, propose_roles
from analyzer.proposals.trimmed_account import faults_of, without_faults
from analyzer.proposals.workloads import Remote
from analyzer.risk.assessment import LeakAssessment
from analyzer.rules.finding import Result

_WITNESSES = frozenset(
    {ExportKind.LAST_ACCESSED, ExportKind.FINDING_DETAILS, ExportKind.CLOUDTRAIL_EVENTS}
)
_MOST_PRINCIPALS = 300


@dataclass(frozen=True, slots=True)
class AccountProposals:
    """What would be enough. `remedies` are texts of policies by the fingerprint of a finding.

    `omitted` counts the policies and roles that were not proven here.
    """

    policies: tuple[ProposedPolicy, ...]
    groups: tuple[ProposedGroup, ...]
    roles: tuple[ProposedRole, ...]
    remedies: Mapping[str, str]
    omitted: int


def propose_all(
    authorizer: AccountAuthorizer,
    limits: Limits,
    leaks: tuple[LeakAssessment, ...],
    results: tuple[Result, ...],
    remotes: Mapping[str, Remote],
) -> AccountProposals:
    """Policies, groups and roles; what the evaluator finds fault with is left out.

    `remotes` are those of the repositories that were searched, by the name of each in `leaks`.
    """
    policies, beyond = _sound_policies(authorizer, limits)
    proposed = propose_roles(authorizer.account, limits, leaks, remotes).roles
    roles = _sound_roles(authorizer, proposed[:_MOST_PRINCIPALS])
    return AccountProposals(
        policies=policies,
        groups=_sound_groups(authorizer, limits),
        roles=roles,
        remedies=policy_remedies(policies, (each for one in results for each in one.findings)),
        omitted=beyond + len(proposed[_MOST_PRINCIPALS:]),
    )


def _sound_policies(
    authorizer: AccountAuthorizer, limits: Limits
) -> tuple[tuple[ProposedPolicy, ...], int]:
    """Those that were tried and are right, in their order, and how many were not tried."""
    if not _WITNESSES & authorizer.account.available_exports:
        return (), 0
    proposal = propose_policies(authorizer.account, limits, authorizer=authorizer)
    numbers = range(len(proposal.policies))
    by_gain = sorted(numbers, key=lambda each: _remaining(proposal.policies[each]))
    chosen: list[int] = []
    holders: set[str] = set()
    for number in by_gain:
        added = holders.union(proposal.policies[number].held.holders)
        if len(added) <= _MOST_PRINCIPALS:
            chosen.append(number)
            holders = added
    tried = tuple(proposal.policies[each] for each in sorted(chosen))
    some = PolicyProposal(tried, (), (), proposal.uses)
    sound = without_faults(some, faults_of(authorizer, some)).policies if tried else ()
    return sound, len(proposal.policies) - len(tried)


def _remaining(policy: ProposedPolicy) -> int:
    """Less for a policy from which more can go."""
    return policy.after - policy.before


def _sound_groups(authorizer: AccountAuthorizer, limits: Limits) -> tuple[ProposedGroup, ...]:
    """The groups; none where somebody's rights would change."""
    proposal = propose_groups(rights_of_people(authorizer.account, limits))
    return () if rights_changed_by(authorizer, proposal) else proposal.groups


def _sound_roles(
    authorizer: AccountAuthorizer, roles: tuple[ProposedRole, ...]
) -> tuple[ProposedRole, ...]:
    """The roles that reach no more than the keys that they replace."""
    more = reaches_more(authorizer.account, roles) if roles else {}
    return tuple(each for each in roles if not more[each.name])
