"""In: an Account. Out: the unique IDs of what is in it, each with what it identifies.

A unique ID belongs to one thing for ever: another of the same name, made later, has another ID.
"""

from collections.abc import Iterator, Mapping

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account


def unique_ids(account: Account) -> Mapping[str, str]:
    """By ID: "user ann", "role ci", "group dev", "policy own" or "instance profile ec2"."""
    owned = (
        *((f"user {user.name}", details.unique_id) for user, details in account.users_in_details()),
        *((f"group {group.name}", group.details.unique_id) for group in account.groups),
        *((f"role {role.name}", role.details.unique_id) for role in account.roles),
        *_policy_ids(account),
        *_instance_profile_ids(account),
    )
    return {unique_id: owner for owner, unique_id in owned if unique_id}


def _policy_ids(account: Account) -> Iterator[tuple[str, str | None]]:
    """Policies that AWS maintains are left out: their IDs are the same in every account."""
    for page in account.documents_of_kind(ExportKind.AUTHORIZATION_DETAILS):
        for entry in page.each("Policies"):
            if f":iam::{account.id}:" in (entry.text("Arn") or ""):
                yield f"policy {entry.text('PolicyName') or ''}", entry.text("PolicyId")


def _instance_profile_ids(account: Account) -> Iterator[tuple[str, str | None]]:
    for page in account.documents_of_kind(ExportKind.AUTHORIZATION_DETAILS):
        for role in page.each("RoleDetailList"):
            for entry in role.each("InstanceProfileList"):
                name = entry.text("InstanceProfileName") or ""
                yield f"instance profile {name}", entry.text("InstanceProfileId")
