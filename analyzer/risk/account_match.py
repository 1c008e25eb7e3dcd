"""In: a leaked credential and the audited accounts. Out: which account it belongs to."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from analyzer.config import Limits
from analyzer.inventory.model import Account, User
from analyzer.inventory.unique_ids import unique_ids
from analyzer.leaks.key_id import CANARY_ACCOUNTS, decode_account, placeholder_reason
from analyzer.leaks.model import Credential, LeakScan, UniqueIdSighting

_PROOFS = 5
"""One would do; a repository can hold the IDs of everybody."""


class AccountRelation(StrEnum):
    """Which account a credential belongs to."""

    OWN = "audited account"
    KNOWN = "known account"  # named in the configuration, and not part of this audit
    DECOY = "decoy"  # of a maker of canary tokens, or one that the configuration names
    FOREIGN = "other account"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RepositoryLink:
    """A unique ID of an audited account, sighted in a repository, which links the two."""

    account: Account
    holder: str
    identifier: UniqueIdSighting


@dataclass(frozen=True, slots=True)
class AuditScope:
    """The audited accounts by number and by the key IDs that their exports name, and their users.

    `users` are by account number and name.
    """

    accounts: Mapping[str, Account]
    by_key: Mapping[str, Account]
    users: Mapping[tuple[str, str], User]
    limits: Limits


def audit_scope(accounts: Mapping[str, Account], limits: Limits | None = None) -> AuditScope:
    """The accounts with an index of their keys; a key that two of them name is the first one's."""
    found: dict[str, Account] = {}
    for account in accounts.values():
        for each in account.listed_keys:
            found.setdefault(each.key_id, account)
        for use in account.keys_last_used:
            found.setdefault(use.key_id, account)
    users = {(each.id, user.name): user for each in accounts.values() for user in each.users}
    return AuditScope(accounts, found, users, limits or Limits())


def account_relation(credential: Credential, within: AuditScope) -> AccountRelation:
    """Which account; a key that an export lists is that account's, whatever its ID says."""
    if credential.key_id in within.by_key or credential.account in within.accounts:
        return AccountRelation.OWN
    if credential.account is None:
        return AccountRelation.UNKNOWN
    if credential.account in CANARY_ACCOUNTS | within.limits.decoy_accounts:
        return AccountRelation.DECOY
    return (
        AccountRelation.KNOWN
        if credential.account in within.limits.own_accounts
        else AccountRelation.FOREIGN
    )


def is_certain_key(credential: Credential, within: AuditScope) -> bool:
    """True if it is certainly a key of an audited account, whatever comment is beside it.

    An export names it; or its ID decodes to the account (by chance one in a million million) and
    does not itself look like an example.
    """
    if credential.key_id is None:
        return False
    if credential.key_id in within.by_key:
        return True
    is_own = decode_account(credential.key_id) in within.accounts
    return is_own and placeholder_reason(credential.key_id) is None


def repository_links(
    leaks: LeakScan, accounts: Mapping[str, Account]
) -> Mapping[str, tuple[RepositoryLink, ...]]:
    """The unique IDs of audited accounts that were sighted, by repository."""
    holders = {
        lasting: (account, holder)
        for account in accounts.values()
        for lasting, holder in unique_ids(account).items()
    }
    found: dict[str, list[RepositoryLink]] = defaultdict(list)
    for each in leaks.unique_ids:
        where = each.occurrence.repository
        if each.unique_id in holders and len(found[where]) < _PROOFS:
            found[where].append(RepositoryLink(*holders[each.unique_id], each))
    return {where: tuple(each) for where, each in found.items()}
