"""In: a user's row of the credential report. Out: ReportEntry, with key IDs where certain."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from analyzer.evidence.cells import MaybeBool, MaybeTime, MissingValue
from analyzer.evidence.credential_report import ReportRow
from analyzer.inventory.listed_keys import SAME_KEY_SECONDS, settle_slots
from analyzer.inventory.model import AccessKey, Certificate, ListedKey, ReportEntry


def report_entry(
    row: ReportRow,
    listed: tuple[ListedKey, ...] | None = None,
    stated: Mapping[str, datetime] | None = None,
) -> ReportEntry:
    """The row as an entry; `listed` are the user's keys by list-access-keys, None without a list.

    `stated` is when a file was made, by its id, where a file says so.
    """
    keys = _drop_ambiguous_ids(tuple(_iter_keys(row, listed or ())))
    return ReportEntry(
        row=row.location,
        created=row.time("user_creation_time"),
        password_enabled=row.boolean("password_enabled"),
        password_last_used=row.time("password_last_used"),
        password_last_changed=row.time("password_last_changed"),
        password_next_rotation=row.time("password_next_rotation"),
        mfa_active=row.boolean("mfa_active"),
        keys=keys if listed is None else settle_slots(keys, listed, stated or {}),
        certificates=tuple(_iter_certificates(row)),
        more_credentials=row.text("additional_credentials_info"),
    )


def _iter_keys(row: ReportRow, listed: tuple[ListedKey, ...]) -> Iterator[AccessKey]:
    """The slots that hold a key: any but those that say N/A throughout."""
    for slot in (1, 2):
        active = row.boolean(f"access_key_{slot}_active")
        created = row.time(f"access_key_{slot}_last_rotated")
        last_used = row.time(f"access_key_{slot}_last_used_date")
        # The guide says N/A for the date of an inactive key; what was used was there.
        if active is not False or {created, last_used} != {MissingValue.ABSENT}:
            yield AccessKey(
                slot=slot,
                active=active,
                created=created,
                last_used=last_used,
                last_region=row.text(f"access_key_{slot}_last_used_region"),
                last_service=row.text(f"access_key_{slot}_last_used_service"),
                row=row.location,
                key_id=_match_key_id(created, active, listed),
            )


def _drop_ambiguous_ids(keys: tuple[AccessKey, ...]) -> tuple[AccessKey, ...]:
    """The keys, without an ID that would fit more than one of them."""
    uses = Counter(key.key_id for key in keys)
    return tuple(replace(key, key_id=None) if uses[key.key_id] > 1 else key for key in keys)


def _match_key_id(
    created: MaybeTime, active: MaybeBool, listed: tuple[ListedKey, ...]
) -> str | None:
    """The one listed key that was made when the slot's was and has its status, or None."""
    matches = [
        key
        for key in listed
        if isinstance(active, bool)
        and key.active is active
        and isinstance(key.created, datetime)
        and isinstance(created, datetime)
        and abs((key.created - created).total_seconds()) <= SAME_KEY_SECONDS
    ]
    return matches[0].key_id if len(matches) == 1 else None


def _iter_certificates(row: ReportRow) -> Iterator[Certificate]:
    for slot in (1, 2):
        active = row.boolean(f"cert_{slot}_active")
        created = row.time(f"cert_{slot}_last_rotated")
        if active is not False or created is not MissingValue.ABSENT:
            yield Certificate(slot, active, created, row.location)
