"""In: a leaked credential and the audited accounts. Out: its owner, or who may be it.

Exact only where a file says so. Everything else is a list of candidates, each with its reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from analyzer.evidence.artifacts import Place
from analyzer.identity import Account, User
from analyzer.leaks.credentials import Credential, CredentialKind, Occurrence
from analyzer.risk.appearance import Appearance, Exposure
from analyzer.risk.belonging import Audited, Belonging
from analyzer.risk.candidates import ROOT, Candidate, Rankings, rank


class Certainty(StrEnum):
    """How well the owner is known."""

    EXACT = "exact"
    INFERRED = "inferred"  # candidates, and nobody more than that
    UNKNOWN = "unknown"


_KEYS = frozenset({CredentialKind.LONG_TERM_KEY, CredentialKind.SECRET})


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose credential it is. `because` is a sentence without its full stop; `places` show it.

    `user` is None unless the certainty is exact; `in_account` is None where the inventory lacks a
    user of that name. `excluded` counts the users whom the dates rule out.
    """

    certainty: Certainty
    because: str
    account: Account | None = None
    user: str | None = None
    in_account: User | None = None
    places: tuple[Place | Occurrence, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    excluded: int = 0
    is_in_export: bool = False

    @property
    def is_root(self) -> bool:
        """True for the root user, who may do everything."""
        return self.user == ROOT


def owner(
    credential: Credential,
    seen: Appearance,
    belongs: Belonging,
    within: Audited,
    rankings: Rankings,
) -> Owner:
    """The owner by an export, else by the leak's own words, else by elimination."""
    if belongs not in (Belonging.OWN, Belonging.UNKNOWN):
        return Owner(Certainty.UNKNOWN, "its account is not part of the audit")
    named = _by_export(credential, within.by_key)
    if named is None and seen.exposure is Exposure.DOUBTFUL:
        return Owner(Certainty.UNKNOWN, "nobody was looked for: it is most likely not live")
    return (
        named
        or _by_itself(credential, within.accounts)
        or _by_elimination(credential, seen, within.accounts, rankings)
    )


def _by_export(credential: Credential, listing: Mapping[str, Account]) -> Owner | None:
    account = listing.get(credential.key_id or "")
    if account is None:
        return None
    listed = [each for each in account.listed_keys if each.key_id == credential.key_id]
    asked = [each for each in account.key_uses if each.key_id == credential.key_id]
    name = listed[0].user if listed else asked[0].user
    command = "list-access-keys" if listed else "get-access-key-last-used"
    places = [each.place for each in listed] + [each.place for each in asked]
    return Owner(
        Certainty.EXACT,
        f"{command} names the key and its user",
        account,
        name,
        _user(account, name),
        tuple(places),
        is_in_export=True,
    )


def _by_itself(credential: Credential, accounts: Mapping[str, Account]) -> Owner | None:
    """What is written in the credential, or beside it in the same file."""
    name = credential.facts.user
    if name is None:
        return None
    account = accounts.get(credential.account or "")
    if account is None:
        having = [each for each in accounts.values() if _user(each, name)]
        account = having[0] if len(having) == 1 else None
    if account is None:
        return None
    found = _user(account, name)
    if found is None and credential.kind in _KEYS and account.users:
        return None  # a name beside a key can be anything's; one in the credential is a user's
    because = "the credential itself, or the file that it stands in, names its user"
    if found is None:
        because += ", whom the account's exports do not list"
    where = credential.occurrences[:1]
    return Owner(Certainty.EXACT, because, account, name, found, where)


def _by_elimination(
    credential: Credential,
    seen: Appearance,
    accounts: Mapping[str, Account],
    rankings: Rankings,
) -> Owner:
    own = accounts.get(credential.account or "")
    asked = (own,) if own is not None else tuple(accounts.values())
    ranked = [rankings.of(credential, seen, account) for account in asked]
    if None in ranked:
        why = "more keys that nobody lists were found than can be ranked, so all users remain"
        return Owner(Certainty.UNKNOWN, why, own)
    found = ranked[0] if len(ranked) == 1 else None
    if found is None:
        found = tuple(sorted((each for several in ranked for each in several or ()), key=rank))
    people = sum(len(each.users) + 1 for each in asked)
    if not found:
        return Owner(Certainty.UNKNOWN, "no account was audited that it could be of", own)
    because = "no export names the key; these could own it by the dates, likeliest first"
    return Owner(
        Certainty.INFERRED,
        because,
        own,
        candidates=found,
        excluded=people - len(found),
    )


def _user(account: Account, name: str) -> User | None:
    return next((user for user in account.users if user.name == name), None)
