"""In: a leaked credential and the audited accounts. Out: its owner, or the candidates.

Exact only where a file says so. Everything else is a list of candidates, each with its reasons.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import ROOT_USER, AccessKey, Account, ReportEntry, User
from analyzer.leaks.model import Credential, Occurrence
from analyzer.risk.account_match import AccountRelation, AuditScope
from analyzer.risk.exposure import Exposure, ExposureLevel
from analyzer.risk.owner_candidates import CandidateCache, OwnerCandidate


class Certainty(StrEnum):
    """How well the owner is known."""

    EXACT = "exact"
    INFERRED = "inferred"  # candidates, and nobody more than that
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose credential it is. `reason` is a sentence without its full stop, `locations` show it.

    `user` is None unless the certainty is exact; `in_account` is None where the inventory lacks a
    user of that name. Exact without `is_in_export` means that the repository names the user; as
    whoever writes there can write any name, the candidates stand beside it, and nothing that makes
    the leak look better rests on it. `excluded` counts the users whom the dates rule out.
    `is_doubted`: most likely no live credential, so nobody was looked for.
    """

    certainty: Certainty
    reason: str
    account: Account | None = None
    user: str | None = None
    in_account: User | None = None
    locations: tuple[Location | Occurrence, ...] = ()
    candidates: tuple[OwnerCandidate, ...] = ()
    excluded: int = 0
    is_in_export: bool = False
    is_doubted: bool = False

    @property
    def is_root(self) -> bool:
        """True for the root user, to whom everything is allowed."""
        return self.user == ROOT_USER

    @property
    def row(self) -> ReportEntry | None:
        """The owner's row of the credential report; None where there is none."""
        if self.is_root:
            return self.account.root if self.account else None
        return self.in_account.report_entry if self.in_account else None

    def slot(self, key_id: str | None) -> AccessKey | None:
        """The owner's slot that holds the key of that ID, where an export names its key."""
        keys = self.row.keys if self.row else ()
        return next((key for key in keys if key.key_id == key_id), None)


def find_owner(
    credential: Credential,
    seen: Exposure,
    belongs: AccountRelation,
    within: AuditScope,
    rankings: CandidateCache,
) -> Owner:
    """The owner by an export, else by what the leak claims, else by elimination."""
    account = within.by_key.get(credential.key_id or "")
    if account is not None:
        named = _by_export(credential, account, within)
        if named is not None:
            return named
    elif seen.level is ExposureLevel.DOUBTFUL:
        why = "nobody was looked for: it is most likely not live"
        return Owner(Certainty.UNKNOWN, why, is_doubted=True)
    elif belongs not in (AccountRelation.OWN, AccountRelation.UNKNOWN):
        return Owner(Certainty.UNKNOWN, "its account is not part of the audit")
    rest = _by_elimination(credential, seen, within, rankings)
    if account is not None:
        why = "the exports name different users for it"
        return replace(rest, reason=why, account=account, is_in_export=True)
    return _by_itself(credential, within, rest) or rest


def _by_export(credential: Credential, account: Account, within: AuditScope) -> Owner | None:
    """None where the exports contradict each other."""
    listed = [each for each in account.listed_keys if each.key_id == credential.key_id]
    asked = [each for each in account.keys_last_used if each.key_id == credential.key_id]
    names = {each.user for each in listed} | {each.user for each in asked}
    if len(names) > 1:
        return None
    (name,) = names
    command = "list-access-keys" if listed else "get-access-key-last-used"
    locations = [each.location for each in listed] + [each.location for each in asked]
    return Owner(
        Certainty.EXACT,
        f"{command} names the key and its user",
        account,
        name,
        within.users.get((account.id, name)),
        tuple(locations),
        is_in_export=True,
    )


def _by_itself(credential: Credential, within: AuditScope, rest: Owner) -> Owner | None:
    """The owner that the credential or its file names; its account is in the credential."""
    name, account = credential.claims.user, within.accounts.get(credential.account or "")
    if name is None or account is None:
        return None
    found = within.users.get((account.id, name))
    if found is None and credential.kind.is_of_access_key and account.users:
        return None  # a name beside a key can be anything's; one in the credential is a user's
    reason = "the credential itself, or the file that it stands in, names its user"
    if found is None:
        reason += ", whom the account's exports do not list"
    return replace(
        rest,
        certainty=Certainty.EXACT,
        reason=reason,
        account=account,
        user=name,
        in_account=found,
        locations=credential.occurrences[:1],
    )


def _by_elimination(
    credential: Credential,
    seen: Exposure,
    within: AuditScope,
    rankings: CandidateCache,
) -> Owner:
    own = within.accounts.get(credential.account or "")
    asked = (own,) if own is not None else tuple(within.accounts.values())
    is_listed = credential.key_id in within.by_key
    found = rankings.of(credential, seen, asked, is_listed=is_listed)
    if found is None:
        why = "more keys that nobody lists were found than can be ranked, so all users remain"
        return Owner(Certainty.UNKNOWN, why, own)
    if not found:
        return Owner(Certainty.UNKNOWN, "no account was audited that it could be of", own)
    people = sum(len(each.users) + 1 for each in asked)
    reason = "no export names the key; these could own it by the dates, likeliest first"
    excluded = people - len(found)
    return Owner(Certainty.INFERRED, reason, own, candidates=found, excluded=excluded)
