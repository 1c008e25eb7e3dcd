"""Accounts for proposals, and what is proposed for them."""

from analyzer.config import Limits
from analyzer.proposals.groups import GroupProposal, propose_groups
from analyzer.proposals.rights import RightsOfPeople, rights_of_people
from tests.builders import AccountBuilder

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def people_of(case: AccountBuilder, **limits: object) -> RightsOfPeople:
    """The people of the account that is built."""
    return rights_of_people(case.account(), Limits(**limits))


def proposed(case: AccountBuilder) -> GroupProposal:
    """The groups that are proposed for it."""
    return propose_groups(people_of(case))


def joining(proposal: GroupProposal) -> dict[str, tuple[str, ...]]:
    """Who would join which group."""
    return {each.name: each.joining for each in proposal.groups}
