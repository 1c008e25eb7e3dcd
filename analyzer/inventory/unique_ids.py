"""In: an Account. Out: the unique IDs that AWS gave what is in it.

Nothing outside of the account has one of them, and a namesake made later has another one.
"""

from collections.abc import Iterator

from analyzer.evidence.artifacts import Kind
from analyzer.identity import Account


def unique_ids(account: Account) -> frozenset[str]:
    """The IDs of its users, groups, roles, instance profiles and own managed policies."""
    known = {details.lasting_id for _, details in account.detailed()}
    known |= {group.details.lasting_id for group in account.groups}
    known |= {role.details.lasting_id for role in account.roles}
    return frozenset(filter(None, known.union(_policies(account), _instance_profiles(account))))


def _policies(account: Account) -> Iterator[str | None]:
    """Policies that AWS maintains are left out: their IDs are the same in every account."""
    for page in account.nodes(Kind.AUTHORIZATION_DETAILS):
        for entry in page.each("Policies"):
            if f":iam::{account.id}:" in (entry.text("Arn") or ""):
                yield entry.text("PolicyId")


def _instance_profiles(account: Account) -> Iterator[str | None]:
    for page in account.nodes(Kind.AUTHORIZATION_DETAILS):
        for role in page.each("RoleDetailList"):
            for entry in role.each("InstanceProfileList"):
                yield entry.text("InstanceProfileId")
