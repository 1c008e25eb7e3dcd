"""In: a leaked key and an account. Out: who may hold it, by elimination, likeliest first.

The credential report has no key IDs, so it can only rule out: who was made after the key was seen
can't own it. What speaks for somebody is a hint with a weight, and no hint rules anybody out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.evidence.artifacts import Place
from analyzer.identity import AccessKey, Account, Credentials, User
from analyzer.leaks.credentials import Credential
from analyzer.risk.appearance import Appearance

SKEW = timedelta(days=1)
"""How far the clock of whoever committed may be off."""
ROOT = "<root_account>"
"""What the credential report calls the root user."""
_FRESH = timedelta(days=7)
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3  # letters; a name of two is a part of too many words
_QUARANTINE = "AWSCompromisedKeyQuarantine"
_WEIGHTS = {
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
class Hint:
    """One thing that speaks for a candidate, or for none of its keys being the one."""

    weight: int
    reason: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may own the key. `holds_it` False: none of the keys it has now can be this one."""

    account: str
    user: str
    arn: str
    hints: tuple[Hint, ...]
    slots: tuple[AccessKey, ...]
    holds_it: bool

    @property
    def score(self) -> int:
        """The sum of the weights; it ranks, and is no probability."""
        return sum(each.weight for each in self.hints)


def candidates(credential: Credential, seen: Appearance, account: Account) -> tuple[Candidate, ...]:
    """Everyone in the account who can own the key, root included, likeliest first."""
    found = [
        _candidate(credential, seen, account, user)
        for user in account.users
        if not was_made_later(user, seen)
    ]
    if account.root is not None:
        found.append(_root(credential, seen, account, account.root))
    found.sort(key=lambda each: (-each.score, not each.holds_it, each.arn))
    return tuple(found)


def was_made_later(user: User, seen: Appearance) -> bool:
    """True if the user did not exist when the key was first seen."""
    made = user.created
    return seen.first is not None and isinstance(made, datetime) and made > seen.first + SKEW


def may_be(key: AccessKey, credential: Credential, seen: Appearance) -> bool:
    """Whether the slot can hold the key: not another one by its ID, nor made after the first sight.

    `last_rotated` moves when the status changes, too, so a newer slot is unlikely, not ruled out;
    who asks for certainty looks at list-access-keys.
    """
    if key.key_id is not None:
        return key.key_id == credential.key_id
    if seen.first is None or not isinstance(key.created, datetime):
        return True
    return key.created <= seen.first + SKEW


def _candidate(credential: Credential, seen: Appearance, account: Account, user: User) -> Candidate:
    keys = user.credentials.keys if user.credentials else ()
    slots = tuple(key for key in keys if may_be(key, credential, seen))
    hints = (
        *_hints_of_slots(user.credentials, slots, credential, seen),
        *_hints_of_name(user, credential),
        *_hints_of_details(user, credential),
    )
    holds_it = bool(slots) or user.credentials is None
    return Candidate(account.id, user.name, user.arn, hints, slots, holds_it)


def _root(
    credential: Credential, seen: Appearance, account: Account, row: Credentials
) -> Candidate:
    slots = tuple(key for key in row.keys if may_be(key, credential, seen))
    hints = tuple(_hints_of_slots(row, slots, credential, seen))
    return Candidate(account.id, ROOT, account.root_arn, hints, slots, bool(slots))


def _hints_of_slots(
    row: Credentials | None,
    slots: tuple[AccessKey, ...],
    credential: Credential,
    seen: Appearance,
) -> Iterator[Hint]:
    if row is None:
        yield Hint(0, "the credential report does not list this user")
        return
    if not slots:
        why = "each of its keys is newer or another one" if row.keys else "it has no access key now"
        yield Hint(0, why, row.keys[0].place("last_rotated") if row.keys else row.row)
        return
    best = max(slots, key=lambda key: sum(each.weight for each in _of_slot(key, credential, seen)))
    yield from _of_slot(best, credential, seen)


def _of_slot(key: AccessKey, credential: Credential, seen: Appearance) -> Iterator[Hint]:
    """What the cells of one slot say for it."""
    made, used = key.created, key.last_used
    if seen.first is not None and isinstance(made, datetime):
        where = key.place("last_rotated")
        when = f"key {key.slot} is from {made:%Y-%m-%d}, before the leak of {seen.first:%Y-%m-%d}"
        yield Hint(_WEIGHTS["slot"], when, where)
        if seen.first - made <= _FRESH:
            yield Hint(_WEIGHTS["fresh"], "made within a week before the leak", where)
    if key.active is True:
        yield Hint(_WEIGHTS["active"], f"key {key.slot} is active", key.place("active"))
    if seen.first is not None and isinstance(used, datetime) and used >= seen.first - SKEW:
        when = f"key {key.slot} was used on {used:%Y-%m-%d}, since the leak"
        yield Hint(_WEIGHTS["used"], when, key.place("last_used_date"))
    facts = credential.facts
    if facts.region and facts.region == key.last_region:
        where = key.place("last_used_region")
        yield Hint(_WEIGHTS["region"], f"last used in {key.last_region}, as the leak says", where)
    if facts.service and facts.service == key.last_service:
        where = key.place("last_used_service")
        yield Hint(_WEIGHTS["region"], f"last used for {key.last_service}, as the leak says", where)


def _hints_of_name(user: User, credential: Credential) -> Iterator[Hint]:
    """Whether commits or paths speak of the user by name."""
    words = _words(user.name)
    whole = "".join(words)
    if len(whole) < _SHORTEST:
        return
    for author in dict.fromkeys(each.author for each in credential.occurrences if each.author):
        name, _, address = author.partition("<")
        mailbox = address.partition("@")[0]
        if whole in ("".join(_words(name)), "".join(_words(mailbox))) or (
            address.rstrip(">").lower() == user.name.lower()
        ):
            yield Hint(_WEIGHTS["author"], f"the author of a commit is {author}")
            break
    for each in credential.occurrences:
        if _is_within(words, _words(each.path)):
            yield Hint(_WEIGHTS["path"], f"the path {each.path} names the user")
            break


def _hints_of_details(user: User, credential: Credential) -> Iterator[Hint]:
    if user.details is None:
        return
    addresses = {
        each.author.partition("<")[2].rstrip(">").lower()
        for each in credential.occurrences
        if each.author and "@" in each.author
    }
    for name, value in sorted(user.details.tags.items()):
        if value.lower() in addresses:
            where = user.details.tags_place
            yield Hint(_WEIGHTS["tag"], f"the tag {name} is a commit's author, {value}", where)
            break
    for grant in user.details.attached:
        if grant.aws_name.startswith(_QUARANTINE):
            why = "AWS has quarantined the user for an exposed key"
            yield Hint(_WEIGHTS["quarantine"], why, grant.place)
            break


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _is_within(words: list[str], others: list[str]) -> bool:
    """True if these words stand in the others, one behind the other."""
    size = len(words)
    return any(others[at : at + size] == words for at in range(len(others) - size + 1))
