"""In: an Account. Out: the unique IDs that AWS gave what is in it, and what each is the ID of.

Nothing outside of the account has one of them, and a namesake made later has another one.
"""

from collections.abc import Iterator, Mapping

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account


def unique_ids(account: Account) -> Mapping[str, str]:
    """By ID: "user ann", "role ci", "group dev", "policy own" or "instance profile ec2"."""
    held = (
        *((f"user {user.name}", details.unique_id) for user, details in account.users_in_details()),
        *((f"group {group.name}", group.details.unique_id) for group in account.groups),
        *((f"role {role.name}", role.details.unique_id) for role in account.roles),
        *_policies(account),
        *_instance_profiles(account),
    )
    return {lasting: whose for whose, lasting in held if lasting}


def _policies(account: Account) -> Iterator[tuple[str, str | None]]:
    """Policies that AWS maintains are left out: their IDs are the same in every account."""
    for page in account.documents_of_kind(ExportKind.AUTHORIZATION_DETAILS):
        for entry in page.each("Policies"):
            if f":iam::{account.id}:" in (entry.text("Arn") or ""):
                yield f"policy {entry.text('PolicyName') or ''}", entry.text("PolicyId")


def _instance_profiles(account: Account) -> Iterator[tuple[str, str | None]]:
    for page in account.documents_of_kind(ExportKind.AUTHORIZATION_DETAILS):
        for role in page.each("RoleDetailList"):
            for entry in role.each("InstanceProfileList"):
                name = entry.text("InstanceProfileName") or ""
                yield f"instance profile {name}", entry.text("InstanceProfileId")
