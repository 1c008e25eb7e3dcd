"""In: what is proposed for each account. Out: the section of the report document that tells it."""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import Account
from analyzer.proposals.account_proposals import AccountProposals
from analyzer.proposals.role_steps import known_providers
from analyzer.writers.proposals.groups import group_as_json
from analyzer.writers.proposals.policies import policy_as_json
from analyzer.writers.proposals.roles import role_as_json


def proposals_section(
    proposed: Sequence[tuple[Account, AccountProposals | None]],
) -> dict[str, Any]:
    """Policies, groups and roles of all accounts; None: one without the exports for it."""
    known = [(account, found) for account, found in proposed if found is not None]
    return {
        "policies": [
            {"account": account.id, **policy_as_json(each, account, _place)}
            for account, found in known
            for each in found.policies
        ],
        "groups": [
            {"account": account.id, **group_as_json(each)}
            for account, found in known
            for each in found.groups
        ],
        "roles": [
            {"account": account.id, **role_as_json(each, [], known_providers(account))}
            for account, found in known
            for each in found.roles
        ],
        "omitted": sum(found.omitted for _, found in known),
    }


def _place(location: Location) -> Mapping[str, str]:
    return {"evidence": location.evidence, "pointer": location.pointer or ""}
