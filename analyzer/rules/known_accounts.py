"""In: an account and the auditor's settings. Out: which accounts are not strangers to it."""

from dataclasses import dataclass

from analyzer.config import Limits
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, Role
from analyzer.policy.trust_policies import TrustGrant, is_restrictive
from analyzer.rules.outcomes import Unknown

_MADE_BY_AWS = frozenset(
    {
        "OrganizationAccountAccessRole",
        "AWSControlTowerExecution",
        "AWSCloudFormationStackSetExecutionRole",
    }
)
_MADE_BY_AWS_PREFIXES = ("aws-controltower-", "stacksets-exec-")
"""Roles that Organizations, Control Tower and StackSets make in each member account.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
https://docs.aws.amazon.com/controltower/latest/userguide/roles-how.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-enable-trusted-access.html
"""


@dataclass(frozen=True, slots=True)
class KnownAccounts:
    """The accounts of the organization and those that the auditor declared.

    `organizations` are the IDs of the own organization; `is_whole` is true where all its members
    are listed.
    """

    numbers: frozenset[str]
    organizations: frozenset[str]
    is_whole: bool

    def is_outside(self, grant: TrustGrant) -> bool:
        """True if the grant names another account that is not known.

        A condition that asks for the own organization keeps everybody else out.
        """
        if grant.account is None or grant.account in self.numbers:
            return False
        return not any(
            clause.key.lower() == "aws:principalorgid"
            and is_restrictive(clause)
            and set(clause.values) <= self.organizations
            for clause in grant.statement.clauses
        )

    def doubt(self, role: Role) -> Unknown | None:
        """Unknown for a role that AWS itself makes for the management account, as its name says.

        A name proves nothing: where the members are listed, a stranger is one whatever the name.
        """
        is_made_by_aws = role.name in _MADE_BY_AWS or role.name.startswith(_MADE_BY_AWS_PREFIXES)
        if self.is_whole or not is_made_by_aws:
            return None
        reason = (
            f"{role.name} is named like a role that AWS makes for the organization; whether the "
            "account that it trusts belongs to it, no export says"
        )
        return Unknown(reason, role.details.location, ("organization", "org_accounts"))


def known_accounts(account: Account, limits: Limits) -> KnownAccounts:
    """The account itself, the members and the management account, and `own_accounts`."""
    listed = {
        number
        for node in account.documents_of_kind(ExportKind.ORG_ACCOUNTS)
        for each in node.each("Accounts")
        if (number := each.text("Id"))
    }
    described = [
        organization
        for node in account.documents_of_kind(ExportKind.ORGANIZATION)
        if (organization := node.child("Organization")) is not None
    ]
    management = {number for each in described if (number := each.text("MasterAccountId"))}
    return KnownAccounts(
        numbers=limits.own_accounts | listed | management | {account.id},
        organizations=frozenset(name for each in described if (name := each.text("Id"))),
        is_whole=bool(listed),
    )
