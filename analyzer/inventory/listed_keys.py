"""In: a user's slots in the credential report, and its list of keys. Out: the slots, each settled.

The report's last_rotated moves when a key is switched off or on; the list alone has the date at
which a key was made. Where both tell of the same keys, each slot takes its entry.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from analyzer.evidence.cells import MissingValue
from analyzer.inventory.model import AccessKey, ListedKey

SAME_KEY_SECONDS = 2
"""The two exports round the creation time by themselves."""


def settle_slots(
    keys: tuple[AccessKey, ...], listed: tuple[ListedKey, ...], stated: Mapping[str, datetime]
) -> tuple[AccessKey, ...]:
    """The keys in their order, each with its entry, or disputed where it can have none.

    `listed` is all that list-access-keys names of the user, `stated` when a file was made, by its
    id, where a file says so. A list without dates settles nothing and disputes nothing.
    """
    if any(each.created is MissingValue.ABSENT for each in listed):
        return keys
    found: dict[int, ListedKey | None] = {}
    free = list(listed)
    for key in keys:
        entry = next((each for each in free if _is_of_one_time(key, each)), None)
        if entry is not None:
            free.remove(entry)
            found[key.slot] = entry
    rest = [key for key in keys if key.slot not in found]
    found |= {key.slot: entry for key, entry in _pair(rest, free, stated)}
    return tuple(
        replace(key, listed=found[key.slot], is_disputed=found[key.slot] is None) for key in keys
    )


def _is_of_one_time(key: AccessKey, entry: ListedKey) -> bool:
    if not isinstance(key.created, datetime) or not isinstance(entry.created, datetime):
        return False
    return abs((key.created - entry.created).total_seconds()) <= SAME_KEY_SECONDS


def _pair(
    keys: list[AccessKey], entries: list[ListedKey], stated: Mapping[str, datetime]
) -> Iterator[tuple[AccessKey, ListedKey | None]]:
    """As many slots as entries are the same keys, the older slot the older one of its status."""

    def order(each: AccessKey | ListedKey) -> tuple[str, float]:
        made = each.created.timestamp() if isinstance(each.created, datetime) else 0
        return str(each.active), made

    sorted_keys, sorted_entries = sorted(keys, key=order), sorted(entries, key=order)
    is_told = len(keys) == len(entries) and (
        len(keys) == 1
        or [each.active for each in sorted_keys] == [each.active for each in sorted_entries]
    )
    if not is_told:
        yield from ((key, None) for key in keys)
        return
    for key, entry in zip(sorted_keys, sorted_entries, strict=True):
        yield key, entry if _can_be(key, entry, stated) else None


def _can_be(key: AccessKey, entry: ListedKey, stated: Mapping[str, datetime]) -> bool:
    """False for an entry that is newer than the slot, or a list older than the slot's last change.

    After such a list the key can have been deleted and another one made.
    """
    if not isinstance(entry.created, datetime):
        return False
    if not isinstance(key.created, datetime):
        return True
    listed_at = stated.get(entry.location.evidence)
    return entry.created <= key.created and (listed_at is None or key.created <= listed_at)
