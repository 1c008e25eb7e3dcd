"""In: a leaked credential and its owner. Out: whether it still opens anything, by which cells.

Nothing is called dead for want of evidence: what no file shows is unknown, and unknown counts as
active.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice

from analyzer.evidence.artifacts import ExportKind, Location
from analyzer.inventory.model import AccessKey, Account, ListedKey, ReportEntry
from analyzer.leaks.model import Credential
from analyzer.risk.exposure import LONGEST_SESSION, Exposure, has_expired
from analyzer.risk.freshness import captured_at, may_predate
from analyzer.risk.owner import Certainty, Owner
from analyzer.risk.owner_candidates import SKEW, slot_can_hold

_SHOWN = 5
"""How many cells are named where very many say the same."""


class KeyStatus(StrEnum):
    """Whether a credential still opens anything."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    ROTATED = "rotated"
    DELETED = "deleted"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StatusFinding:
    """The verdict, a sentence without its full stop, and the cells that say so.

    `until` is when it stopped; None where it may still work, or where no file tells. `is_sure`
    False: likely, and not to be relied on.
    """

    status: KeyStatus
    reason: str
    locations: tuple[Location, ...] = ()
    ended_at: datetime | None = None
    is_certain: bool = True

    @property
    def is_dead(self) -> bool:
        """True if it surely opens nothing any more."""
        return self.is_certain and self.status not in (KeyStatus.ACTIVE, KeyStatus.UNKNOWN)


def key_status(
    credential: Credential,
    seen: Exposure,
    owner: Owner,
    as_of: datetime | None,
) -> StatusFinding:
    """Whether it lived when the exports were made. `as_of` is a time that is known to have come."""
    if as_of is not None and has_expired(credential, as_of):
        until = credential.claims.expires or (seen.first and seen.first + LONGEST_SESSION)
        return StatusFinding(KeyStatus.EXPIRED, "it ran out before the report", ended_at=until)
    if credential.kind.is_console_password:
        return _of_password(seen, owner)
    if credential.kind.is_service_specific:
        return _of_service(seen, owner)
    if not credential.kind.is_of_access_key:
        return StatusFinding(KeyStatus.UNKNOWN, "no export tells of credentials of this kind")
    listed = _listed(credential, owner)
    if listed is not None:
        return _of_listed(listed, owner)
    if owner.account is None:
        return StatusFinding(
            KeyStatus.UNKNOWN, "nothing tells its account, or no export of it was handed in"
        )
    return _of_unlisted(seen, owner, owner.account, credential)


def _listed(credential: Credential, owner: Owner) -> ListedKey | None:
    keys = owner.account.listed_keys if owner.is_in_export and owner.account else ()
    return next((key for key in keys if key.key_id == credential.key_id), None)


def _of_listed(listed: ListedKey, owner: Owner) -> StatusFinding:
    slot = owner.slot(listed.key_id)
    locations = (listed.location, *((slot.location("active"),) if slot else ()))
    if listed.active is True:
        return StatusFinding(KeyStatus.ACTIVE, "list-access-keys says Active", locations)
    if listed.active is False and _is_on(listed, owner):
        why = "list-access-keys says Inactive, but its user has a key that is on and may be it"
        return StatusFinding(KeyStatus.UNKNOWN, why, locations)
    if listed.active is False:
        off = _switched_off(listed, owner)
        why = "list-access-keys says Inactive"
        if off is None:
            return StatusFinding(KeyStatus.INACTIVE, why, locations)
        return StatusFinding(KeyStatus.INACTIVE, why, (*locations, off[1]), off[0])
    return StatusFinding(KeyStatus.UNKNOWN, "the listed status can't be read", locations)


def _is_on(listed: ListedKey, owner: Owner) -> bool:
    """Whether a report that may be newer than the list shows a key that is on and may be it."""
    keys = owner.row.keys if owner.row else ()
    if owner.slot(listed.key_id) is not None:
        return False  # that takes the same status in both
    if not any(key.active is not False and key.key_id is None for key in keys):
        return False
    account = owner.account
    when = captured_at(account, ExportKind.CREDENTIAL_REPORT) if account else None
    return account is None or may_predate(account, ExportKind.ACCESS_KEYS, when)


def _switched_off(listed: ListedKey, owner: Owner) -> tuple[datetime, Location] | None:
    """When its slot was last changed, if that was after it was made: then its status changed."""
    row = owner.row
    slots = [key for key in row.keys if key.active is False] if row else []
    if len(slots) != 1 or not isinstance(slots[0].created, datetime):
        return None
    is_later = isinstance(listed.created, datetime) and slots[0].created > listed.created + SKEW
    return (slots[0].created, slots[0].location("last_rotated")) if is_later else None


def _of_unlisted(
    seen: Exposure, owner: Owner, account: Account, credential: Credential
) -> StatusFinding:
    """A key that no list names: gone, where a whole report is newer and a list names each slot."""
    if owner.certainty is Certainty.UNKNOWN:
        return StatusFinding(KeyStatus.UNKNOWN, owner.reason)
    if may_predate(account, ExportKind.CREDENTIAL_REPORT, seen.last):
        why = "nothing dates the leak" if seen.last is None else "nothing shows that it is older"
        return StatusFinding(KeyStatus.UNKNOWN, f"{why}, so the key may be newer than the exports")
    rows = _rows(owner, account)
    if rows is None:
        return StatusFinding(
            KeyStatus.UNKNOWN, "nothing shows that the credential report lists everyone"
        )
    is_listable = not owner.is_in_export and credential.key_id is not None
    if is_listable and _lists_every_key(rows, seen, account):
        return _gone(rows, seen, owner)
    return _by_slots(rows, seen, credential)


def _gone(rows: tuple[ReportEntry, ...], seen: Exposure, owner: Owner) -> StatusFinding:
    """The lists name every key, and not this one; whoever owned it may have a newer one."""
    row = owner.row
    for key in row.keys if row else ():
        if seen.first and isinstance(key.created, datetime) and key.created > seen.first:
            why = "list-access-keys names a newer key of its owner, and this one no more"
            return StatusFinding(KeyStatus.ROTATED, why, (key.location("last_rotated"),))
    why = "list-access-keys names every key that there is, and not this one"
    return StatusFinding(KeyStatus.DELETED, why, tuple(row.row for row in rows[:_SHOWN]))


def _by_slots(
    rows: tuple[ReportEntry, ...], seen: Exposure, credential: Credential
) -> StatusFinding:
    """Without a list: what holds for every key that whoever could own it has."""
    slots = [key for row in rows for key in row.keys]
    if not slots:
        why = "nobody who could own it has an access key"
        return StatusFinding(KeyStatus.DELETED, why, tuple(row.row for row in rows[:_SHOWN]))
    if all(key.active is False for key in slots):
        locations = tuple(key.location("active") for key in slots[:_SHOWN])
        why = "every key of whoever could own it is inactive"
        return StatusFinding(KeyStatus.INACTIVE, why, locations)
    if all(_is_newer(key, seen.last) for key in slots):
        locations = tuple(key.location("last_rotated") for key in slots[:_SHOWN])
        why = "every key that could be it is newer than the leak; a list of keys would make it sure"
        return StatusFinding(KeyStatus.ROTATED, why, locations, is_certain=False)
    on = [key for key in slots if key.active is not False]
    possible = tuple(islice((key for key in on if slot_can_hold(key, credential, seen)), _SHOWN))
    locations = tuple(key.location("active") for key in possible or on[:_SHOWN])
    return StatusFinding(
        KeyStatus.UNKNOWN, "no list of keys names it, and a key that is on may be it", locations
    )


def _is_newer(key: AccessKey, moment: datetime | None) -> bool:
    return moment is not None and isinstance(key.created, datetime) and key.created > moment + SKEW


def _rows(owner: Owner, account: Account) -> tuple[ReportEntry, ...] | None:
    """The report's rows of everyone who could own it; None where one may be missing."""
    if owner.is_in_export and owner.user is not None:
        row = owner.row
        return (row,) if row is not None else None
    if account.root is None or not _is_confirmed(account):
        return None
    return (account.root, *(row for _, row in account.users_in_report()))


def _is_confirmed(account: Account) -> bool:
    """True if the authorization details list exactly the users whom the credential report lists.

    A report that lacks a row looks like one of a smaller account; a second export tells them apart.
    """
    if (
        not {ExportKind.CREDENTIAL_REPORT, ExportKind.AUTHORIZATION_DETAILS}
        <= account.available_exports
    ):
        return False
    is_whole = account.report_is_complete and account.details_are_complete
    return is_whole and all(user.report_entry and user.details for user in account.users)


def _lists_every_key(rows: tuple[ReportEntry, ...], seen: Exposure, account: Account) -> bool:
    """True if each slot of these rows has its own entry in a list; lists don't name root's keys.

    By its creation a slot tells which entry is its own. Otherwise the entries are counted, and
    then the lists must be newer than the leak: an old one names keys that are gone by now.
    """
    if all(key.key_id is not None for row in rows for key in row.keys):
        return ExportKind.ACCESS_KEYS in account.available_exports
    if may_predate(account, ExportKind.ACCESS_KEYS, seen.last):
        return False
    listed = Counter(key.user for key in account.listed_keys)
    names = {id(row): user.name for user, row in account.users_in_report()}
    return all(listed[names.get(id(row), "")] == len(row.keys) for row in rows)


def _of_password(seen: Exposure, owner: Owner) -> StatusFinding:
    row = owner.row
    if row is None or owner.account is None:
        return StatusFinding(KeyStatus.UNKNOWN, "no credential report tells of its user")
    if row.password_enabled is False:
        is_set = (row.row.at("password_enabled"),)
        if may_predate(owner.account, ExportKind.CREDENTIAL_REPORT, seen.last):
            return StatusFinding(
                KeyStatus.UNKNOWN, "the report may be older than the password", is_set
            )
        return StatusFinding(KeyStatus.DELETED, "its user has no password", is_set)
    changed, where = row.password_last_changed, row.row.at("password_last_changed")
    if seen.last is not None and isinstance(changed, datetime) and changed > seen.last + SKEW:
        return StatusFinding(
            KeyStatus.ROTATED, "the password was changed since the leak", (where,), changed
        )
    if row.password_enabled is True and seen.last is not None and isinstance(changed, datetime):
        return StatusFinding(
            KeyStatus.ACTIVE, "the password was not changed since the leak", (where,)
        )
    return StatusFinding(
        KeyStatus.UNKNOWN, "whether the password was changed can't be told", (where,)
    )


def _of_service(seen: Exposure, owner: Owner) -> StatusFinding:
    """By list-service-specific-credentials, which tells a user's credentials by service."""
    if owner.account is None or owner.user is None:
        return StatusFinding(KeyStatus.UNKNOWN, "nothing tells whose it is")
    entries = [
        entry
        for node in owner.account.documents_of_kind(ExportKind.SERVICE_SPECIFIC_CREDENTIALS)
        for entry in node.each("ServiceSpecificCredentials")
        if entry.text("UserName") == owner.user
    ]
    if not entries:
        return StatusFinding(KeyStatus.UNKNOWN, "no list-service-specific-credentials of its user")
    locations = tuple(entry.location_of("Status") for entry in entries)
    if may_predate(owner.account, ExportKind.SERVICE_SPECIFIC_CREDENTIALS, seen.last):
        return StatusFinding(
            KeyStatus.UNKNOWN, "the list may be older than the credential", locations
        )
    if all(entry.text("Status") == "Inactive" for entry in entries):
        return StatusFinding(
            KeyStatus.INACTIVE, "every service credential of its user is inactive", locations
        )
    return StatusFinding(
        KeyStatus.UNKNOWN, "its user has an active credential for a service", locations
    )
