"""In: a leaked key and an account. Out: who could own it, by elimination, likeliest first.

The credential report has no key IDs, so it can only rule out: who was made after the key was seen
can't own it. What speaks for somebody is a hint with a weight, and no hint rules anybody out.
"""

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import ROOT_USER, AccessKey, Account, ReportEntry, User
from analyzer.leaks.model import Credential
from analyzer.risk.exposure import Exposure
from analyzer.risk.freshness import may_predate

SKEW = timedelta(days=1)
"""How far the clock of a committer can be off."""
_FRESH = timedelta(days=7)
_WORD = re.compile(r"[^\W_]+")
_PATHS = 10  # of one word; a hostile repository has any number
_LONGEST = 200  # characters of a path that are looked at
_SHORTEST = 3  # letters; a name of two is a part of too many words
_WEIGHTS = {
    "named": 6,
    "tag": 5,
    "author": 4,
    "quarantine": 4,
    "path": 3,
    "slot": 3,
    "region": 2,
    "fresh": 1,
    "active": 1,
    "used": 1,
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One reason for a candidate, or against; `weight` is positive or negative."""

    weight: int
    reason: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class OwnerCandidate:
    """One who may own the key; `slots` are those that are old enough to hold it.

    `can_hold_it` False: none of its present keys can be this one. A newer slot can: its date moves
    with its status.
    """

    account: str
    user: str
    arn: str
    indicators: tuple[Indicator, ...]
    slots: tuple[AccessKey, ...]
    can_hold_it: bool

    @property
    def score(self) -> int:
        """The sum of the weights; it ranks, and is no probability."""
        return sum(each.weight for each in self.indicators)


@dataclass(frozen=True, slots=True)
class NamesNearby:
    """Who is named where a key stands: authors by name, mailbox and address, paths by word.

    `user` is whom the file itself names. Each path is split once, and only its end counts.
    """

    user: str | None
    authors: Mapping[str, str]
    paths: Mapping[str, tuple[tuple[str, list[str]], ...]]


@dataclass(slots=True)
class CandidateCache:
    """Who can own what, worked out once for all keys of which the same is known.

    Whoever plants a hundred thousand made-up key IDs gets no hundred thousand rankings: `left` is
    the number of users that may still be looked at, at a kilobyte each.
    """

    left: int = 200_000
    known: dict[Hashable, tuple[OwnerCandidate, ...]] = field(default_factory=dict)

    def of(
        self,
        credential: Credential,
        seen: Exposure,
        accounts: tuple[Account, ...],
        *,
        is_listed: bool = False,
    ) -> tuple[OwnerCandidate, ...] | None:
        """Everyone in these accounts who can own it; None where too many were asked for already.

        `is_listed`: an export names the key, so a slot can be known to be its own.
        """
        locations = frozenset((each.author, each.path) for each in credential.occurrences)
        numbers = tuple(account.id for account in accounts)
        named = credential.key_id if is_listed else credential.key_id is not None
        sort = named, credential.kind.is_console_password
        same = (numbers, seen.first, sort, replace(credential.claims, account=None), locations)
        if same not in self.known:
            self.left -= sum(len(account.users) for account in accounts)
            if self.left < 0:
                return None
            found = (rank_candidates(credential, seen, account) for account in accounts)
            self.known[same] = tuple(sorted(chain.from_iterable(found), key=sort_key))
        return self.known[same]


def rank_candidates(
    credential: Credential, seen: Exposure, account: Account
) -> tuple[OwnerCandidate, ...]:
    """Everyone in the account who can own the key, root included, likeliest first."""
    named = _names(credential)
    believed = _without_impossible_date(seen, account)
    found = [
        _candidate(credential, believed, account, user, named)
        for user in account.users
        if not created_after_leak(user, believed)
    ]
    found.append(_root(credential, believed, account))
    return tuple(sorted(found, key=sort_key))


def _without_impossible_date(seen: Exposure, account: Account) -> Exposure:
    """The exposure without a first date at which no user of today existed: a wrong clock."""
    if all(created_after_leak(user, seen) for user in account.users):
        return replace(seen, first=None)
    return seen


def sort_key(candidate: OwnerCandidate) -> tuple[int, bool, str]:
    """The key by which candidates sort, likeliest first."""
    return -candidate.score, not candidate.can_hold_it, candidate.arn


def created_after_leak(user: User, seen: Exposure) -> bool:
    """True if the user did not exist when the key was first seen."""
    made = user.created
    return seen.first is not None and isinstance(made, datetime) and made > seen.first + SKEW


def slot_can_hold(key: AccessKey, credential: Credential, seen: Exposure) -> bool:
    """True if the slot can hold the key: no other ID, and not made after the first sighting.

    `last_rotated` moves when the status changes, too, so a newer slot is unlikely, not ruled out;
    who asks for certainty looks at list-access-keys.
    """
    if is_different_key(key, credential):
        return False
    if key.key_id is not None and key.key_id == credential.key_id:
        return True
    if seen.first is None or not isinstance(key.created, datetime):
        return True
    return key.created <= seen.first + SKEW


def is_different_key(key: AccessKey, credential: Credential) -> bool:
    """Whether an export names the slot's key, and it is not this one."""
    return None not in (key.key_id, credential.key_id) and key.key_id != credential.key_id


def _candidate(
    credential: Credential, seen: Exposure, account: Account, user: User, named: NamesNearby
) -> OwnerCandidate:
    keys = user.report_entry.keys if user.report_entry else ()
    slots = tuple(key for key in keys if slot_can_hold(key, credential, seen))
    hints = (
        *_hints_of_slots(user.report_entry, slots, credential, seen),
        *_hints_of_name(user, named),
        *_hints_of_details(user, named),
    )
    holds_it = not _is_covered(account, seen) or _has_one(user.report_entry, credential)
    return OwnerCandidate(account.id, user.name, user.arn, hints, slots, holds_it)


def _root(credential: Credential, seen: Exposure, account: Account) -> OwnerCandidate:
    """Root, which every account has, whether the report lists it or not."""
    keys = account.root.keys if account.root else ()
    slots = tuple(key for key in keys if slot_can_hold(key, credential, seen))
    hints = tuple(_hints_of_slots(account.root, slots, credential, seen))
    holds_it = not _is_covered(account, seen) or _has_one(account.root, credential)
    return OwnerCandidate(account.id, ROOT_USER, account.root_arn, hints, slots, holds_it)


def _has_one(row: ReportEntry | None, credential: Credential) -> bool:
    """True if the user possibly has what leaked; a user without a row possibly has anything."""
    if row is None:
        return True
    if credential.kind.is_console_password:
        return row.password_enabled is not False
    return any(not is_different_key(key, credential) for key in row.keys)


def _is_covered(account: Account, seen: Exposure) -> bool:
    """Whether the credential report is of a time at which the key was there already."""
    return not may_predate(account, ExportKind.CREDENTIAL_REPORT, seen.first)


def _hints_of_slots(
    row: ReportEntry | None,
    slots: tuple[AccessKey, ...],
    credential: Credential,
    seen: Exposure,
) -> Iterator[Indicator]:
    if row is None:
        yield Indicator(0, "the credential report does not list this user")
        return
    if not slots:
        why = "each of its keys was changed since, or is another one"
        why = why if row.keys else "it has no access key in the credential report"
        yield Indicator(0, why, row.keys[0].location("last_rotated") if row.keys else row.row)
        return
    best = max(slots, key=lambda key: sum(each.weight for each in _of_slot(key, credential, seen)))
    yield from _of_slot(best, credential, seen)


def _of_slot(key: AccessKey, credential: Credential, seen: Exposure) -> Iterator[Indicator]:
    """The indicators in the cells of one slot."""
    made, used = key.created, key.last_used
    if seen.first is not None and isinstance(made, datetime):
        where = key.location("last_rotated")
        order = "before" if made <= seen.first else "within a day of"
        when = f"key {key.slot} is from {made:%Y-%m-%d}, {order} the leak of {seen.first:%Y-%m-%d}"
        yield Indicator(_WEIGHTS["slot"], when, where)
        if made <= seen.first <= made + _FRESH:
            yield Indicator(_WEIGHTS["fresh"], "made within a week before the leak", where)
    if key.active is True:
        yield Indicator(_WEIGHTS["active"], f"key {key.slot} is active", key.location("active"))
    if seen.first is not None and isinstance(used, datetime) and used >= seen.first - SKEW:
        when = f"key {key.slot} was used on {used:%Y-%m-%d}, since the leak"
        yield Indicator(_WEIGHTS["used"], when, key.location("last_used_date"))
    facts = credential.claims
    if facts.region and facts.region == key.last_region:
        where = key.location("last_used_region")
        yield Indicator(
            _WEIGHTS["region"], f"last used in {key.last_region}, as the leak says", where
        )
    if facts.service and facts.service == key.last_service:
        where = key.location("last_used_service")
        yield Indicator(
            _WEIGHTS["region"], f"last used for {key.last_service}, as the leak says", where
        )


def _names(credential: Credential) -> NamesNearby:
    authors: dict[str, str] = {}
    for author in sorted({each.author for each in credential.occurrences if each.author}):
        name, _, address = author.partition("<")
        address = address.rstrip("> ").lower()
        for key in (_joined(name), _joined(address.partition("@")[0]), address):
            authors.setdefault(key, author)
    paths: dict[str, tuple[tuple[str, list[str]], ...]] = {}
    for path in sorted({each.path for each in credential.occurrences}):
        end = path[-_LONGEST:]
        words = _words(end)
        for word in set(words):
            paths[word] = (*paths.get(word, ()), (end, words))[:_PATHS]
    return NamesNearby(credential.claims.user, authors, paths)


def _hints_of_name(user: User, named: NamesNearby) -> Iterator[Indicator]:
    """The indicators in authors and paths that have the user's name."""
    if named.user == user.name:
        yield Indicator(_WEIGHTS["named"], "the file that it stands in names the user")
    words = _words(user.name)
    if len("".join(words)) < _SHORTEST:
        return
    author = named.authors.get("".join(words)) or named.authors.get(user.name.lower())
    if author:
        yield Indicator(_WEIGHTS["author"], f"the author of a commit is {author}")
    for path, others in named.paths.get(words[0], ()):
        if _is_within(words, others):
            yield Indicator(_WEIGHTS["path"], f"the path {path} names the user")
            return


def _hints_of_details(user: User, named: NamesNearby) -> Iterator[Indicator]:
    if user.details is None:
        return
    for name, value in sorted(user.details.tags.items()):
        if "@" in value and value.lower() in named.authors:
            where = user.details.tags_location
            yield Indicator(_WEIGHTS["tag"], f"the tag {name} is a commit's author, {value}", where)
            break
    for grant in user.details.attached:
        if grant.is_quarantine:
            why = "AWS has quarantined the user for an exposed key"
            yield Indicator(_WEIGHTS["quarantine"], why, grant.location)
            break


def _joined(text: str) -> str:
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _is_within(words: list[str], others: list[str]) -> bool:
    """True if these words are among the others, one behind the other."""
    size = len(words)
    return any(others[at : at + size] == words for at in range(len(others) - size + 1))
