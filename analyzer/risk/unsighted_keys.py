"""In: an account and the leaks. Out: its active keys that no scanned repository held.

That nobody saw a key is no proof that it is safe: only what was scanned was looked at.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime
from analyzer.inventory.model import ROOT_USER, Account, ReportEntry
from analyzer.leaks.model import LeakScan


@dataclass(frozen=True, slots=True)
class UnsightedKey:
    """An active key, or one whose status can't be read, that no scanned repository held.

    `key_id` None: the exports don't name it, so it could not be looked for at all.
    """

    user: str
    key_id: str | None
    slot: int | None
    created: MaybeTime
    location: Location

    @property
    def could_be_looked_for(self) -> bool:
        """False where only the slot is known: a leaked key may be this one."""
        return self.key_id is not None


def unsighted_keys(account: Account, leaks: LeakScan) -> tuple[UnsightedKey, ...]:
    """Every such key of the account: those that could not be looked for first, then by user."""
    seen = {each.key_id for each in leaks.credentials if each.key_id}
    found = [*_of_slots(account, seen), *_of_lists(account, seen)]
    found.sort(
        key=lambda each: (each.could_be_looked_for, each.user, each.slot or 0, each.key_id or "")
    )
    return tuple(found)


def _of_slots(account: Account, seen: set[str]) -> Iterator[UnsightedKey]:
    named = Counter(key.user for key in account.listed_keys)
    for user, row in _rows(account):
        # Where the list has an entry for each slot, it names them, though not which is which.
        is_listed = named[user] >= len(row.keys)
        for key in row.keys:
            is_left = key.key_id not in seen and not (key.key_id is None and is_listed)
            if key.active is not False and is_left:
                yield UnsightedKey(user, key.key_id, key.slot, key.created, key.location("active"))


def _of_lists(account: Account, seen: set[str]) -> Iterator[UnsightedKey]:
    """Listed keys that are in no slot: of users whom the report lacks, or not told apart."""
    told = seen.union(key.key_id for _, row in _rows(account) for key in row.keys if key.key_id)
    for key in account.listed_keys:
        if key.active is not False and key.key_id not in told:
            yield UnsightedKey(key.user, key.key_id, None, key.created, key.location)


def _rows(account: Account) -> Iterator[tuple[str, ReportEntry]]:
    if account.root is not None:
        yield ROOT_USER, account.root
    for user, row in account.users_in_report():
        yield user.name, row


def age_in_days(key: UnsightedKey, account: Account) -> int | None:
    """How old it is at the time of the report; None where that can't be told.

    A list of keys can be made hours after the report, and name a key that is newer: 0 days.
    """
    made = key.created
    return max(0, account.days_since(made)) if isinstance(made, datetime) else None
