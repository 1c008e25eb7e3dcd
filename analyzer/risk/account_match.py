"""In: a leaked credential and the audited accounts. Out: whose account it is of, and by what."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from analyzer.config import Limits
from analyzer.inventory.model import Account, User
from analyzer.inventory.unique_ids import unique_ids
from analyzer.leaks.key_id import CANARY_ACCOUNTS, account_of, why_demoted
from analyzer.leaks.model import Credential, Identifier, LeakScan

_PROOFS = 5
"""One would do; a repository can hold the IDs of everybody."""


class Belonging(StrEnum):
    """Whose account a credential is of."""

    OWN = "audited account"
    KNOWN = "known account"  # named in the configuration, and not part of this audit
    DECOY = "decoy"  # of a maker of canary tokens, or one that the configuration names
    FOREIGN = "other account"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Proof:
    """That a repository has to do with an audited account: an ID in it that only AWS gives out."""

    account: Account
    holder: str
    identifier: Identifier


@dataclass(frozen=True, slots=True)
class Audited:
    """The audited accounts by number and by the key IDs that their exports name, and their users.

    `users` are by account number and name.
    """

    accounts: Mapping[str, Account]
    by_key: Mapping[str, Account]
    users: Mapping[tuple[str, str], User]
    limits: Limits


def audited(accounts: Mapping[str, Account], limits: Limits | None = None) -> Audited:
    """The accounts with an index of their keys; a key that two of them name is the first one's."""
    found: dict[str, Account] = {}
    for account in accounts.values():
        for each in account.listed_keys:
            found.setdefault(each.key_id, account)
        for use in account.keys_last_used:
            found.setdefault(use.key_id, account)
    users = {(each.id, user.name): user for each in accounts.values() for user in each.users}
    return Audited(accounts, found, users, limits or Limits())


def belonging(credential: Credential, within: Audited) -> Belonging:
    """Whose account; a key that an export lists is that account's, whatever its ID says."""
    if credential.key_id in within.by_key or credential.account in within.accounts:
        return Belonging.OWN
    if credential.account is None:
        return Belonging.UNKNOWN
    if credential.account in CANARY_ACCOUNTS | within.limits.decoy_accounts:
        return Belonging.DECOY
    return (
        Belonging.KNOWN if credential.account in within.limits.own_accounts else Belonging.FOREIGN
    )


def is_real(credential: Credential, within: Audited) -> bool:
    """Whether it is certainly a key of an audited account, whatever mark somebody put beside it.

    An export names it; or its ID decodes to the account (by chance one in a million million) and
    does not itself look like an example.
    """
    if credential.key_id is None:
        return False
    if credential.key_id in within.by_key:
        return True
    is_own = account_of(credential.key_id) in within.accounts
    return is_own and why_demoted(credential.key_id) is None


def proofs(leaks: LeakScan, accounts: Mapping[str, Account]) -> Mapping[str, tuple[Proof, ...]]:
    """By repository: the unique IDs in it that are of something in an audited account."""
    holders = {
        lasting: (account, holder)
        for account in accounts.values()
        for lasting, holder in unique_ids(account).items()
    }
    found: dict[str, list[Proof]] = defaultdict(list)
    for each in leaks.identifiers:
        where = each.occurrence.repository
        if each.unique_id in holders and len(found[where]) < _PROOFS:
            found[where].append(Proof(*holders[each.unique_id], each))
    return {where: tuple(each) for where, each in found.items()}
