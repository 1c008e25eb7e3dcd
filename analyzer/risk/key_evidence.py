"""In: a leaked credential, its exposure and its owner. Out: what the exports show of it.

Each property answers one question that a row of the decision table in `key_status` asks. None of
them guesses: what no export shows is False, None or empty, and the table makes *unknown* of it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import AccessKey, Account, ListedKey, ReportEntry
from analyzer.leaks.model import Credential
from analyzer.risk.exposure import LONGEST_SESSION, Exposure, has_expired
from analyzer.risk.freshness import captured_at, may_predate
from analyzer.risk.owner import Certainty, Owner
from analyzer.risk.owner_candidates import SKEW, slot_can_hold

_SHOWN = 5
"""How many cells are named where very many say the same."""


@dataclass(frozen=True, slots=True)
class KeyEvidence:
    """One leaked credential beside the exports.

    `as_of` is a time that has certainly come. `listed_key` is the entry of list-access-keys that
    has its key ID. `rows` are the report's rows of everyone who could own it; None where one may be
    missing, and where its own entry makes them needless.
    """

    credential: Credential
    exposure: Exposure
    owner: Owner
    as_of: datetime | None
    listed_key: ListedKey | None
    rows: tuple[ReportEntry, ...] | None

    # What the credential says of itself

    @property
    def has_expired(self) -> bool:
        """True if its own end, or that of the longest session, lies before `as_of`."""
        return self.as_of is not None and has_expired(self.credential, self.as_of)

    @property
    def expiry(self) -> datetime | None:
        """The end it names, or that of the longest session from its first sighting on."""
        first = self.exposure.first
        return self.credential.claims.expires or (first and first + LONGEST_SESSION)

    # Its own entry in list-access-keys

    @property
    def listed_cells(self) -> tuple[Location, ...]:
        """Where the list has it, and the report's slot of the same key."""
        if self.listed_key is None:
            return ()
        slot = self.owner.slot(self.listed_key.key_id)
        return (self.listed_key.location, *((slot.location("active"),) if slot else ()))

    @property
    def is_listed_active(self) -> bool:
        """True if the list says Active."""
        return self.listed_key is not None and self.listed_key.active is True

    @property
    def is_listed_inactive(self) -> bool:
        """True if the list says Inactive."""
        return self.listed_key is not None and self.listed_key.active is False

    @property
    def newer_report_shows_it_active(self) -> bool:
        """True if a report that may be newer than the list has an active key that may be it."""
        if self.listed_key is None or self.owner.slot(self.listed_key.key_id) is not None:
            return False  # a slot that is known to be its own has the same status as the list
        slots = self.owner.row.keys if self.owner.row else ()
        if not any(slot.active is not False and slot.key_id is None for slot in slots):
            return False
        account = self.owner.account
        when = captured_at(account, ExportKind.CREDENTIAL_REPORT) if account else None
        return account is None or may_predate(account, ExportKind.ACCESS_KEYS, when)

    @property
    def slot_switched_off(self) -> AccessKey | None:
        """Its slot, if that was changed after the key was made: then it was switched off."""
        slots = [key for key in self._own_slots if key.active is False]
        if len(slots) != 1 or self.listed_key is None or not isinstance(slots[0].created, datetime):
            return None
        made = self.listed_key.created
        is_later = isinstance(made, datetime) and slots[0].created > made + SKEW
        return slots[0] if is_later else None

    # A key that no list names

    @property
    def account(self) -> Account | None:
        """The account it belongs to, where its exports were handed in."""
        return self.owner.account

    @property
    def has_no_possible_owner(self) -> bool:
        """True if nobody in the account is known to be its owner, or a candidate."""
        return self.owner.certainty is Certainty.UNKNOWN

    @property
    def report_may_predate_it(self) -> bool:
        """True unless the credential report is certainly newer than the last sighting."""
        return self._may_predate(ExportKind.CREDENTIAL_REPORT)

    @property
    def is_undated(self) -> bool:
        """True if no commit dates the leak."""
        return self.exposure.last is None

    @property
    def row_cells(self) -> tuple[Location, ...]:
        """The rows of whoever could own it."""
        return tuple(row.row for row in (self.rows or ())[:_SHOWN])

    @property
    def slots(self) -> tuple[AccessKey, ...]:
        """The keys of whoever could own it."""
        return tuple(key for row in self.rows or () for key in row.keys)

    @property
    def is_missing_from_whole_lists(self) -> bool:
        """True if list-access-keys names every key that there is, and not this one."""
        if self.owner.is_in_export or self.credential.key_id is None or self.account is None:
            return False
        return self.rows is not None and self._lists_name_every_key(self.rows, self.account)

    @property
    def owners_newer_key(self) -> AccessKey | None:
        """A key that its owner made after the first sighting."""
        first = self.exposure.first
        for key in self._own_slots:
            if first and isinstance(key.made, datetime) and key.made > first:
                return key
        return None

    @property
    def every_slot_is_inactive(self) -> bool:
        """True if no key of whoever could own it is active."""
        return all(key.active is False for key in self.slots)

    @property
    def every_slot_is_newer(self) -> bool:
        """True if every key of whoever could own it was made or changed after the last sighting."""
        last = self.exposure.last
        return last is not None and all(
            isinstance(key.created, datetime) and key.created > last + SKEW for key in self.slots
        )

    def slot_cells(self, column: str) -> tuple[Location, ...]:
        """That column of the first of these keys."""
        return tuple(key.location(column) for key in self.slots[:_SHOWN])

    @property
    def active_cells(self) -> tuple[Location, ...]:
        """The active keys that can be it; where none can, any that are active."""
        active = [key for key in self.slots if key.active is not False]
        can_be = (key for key in active if slot_can_hold(key, self.credential, self.exposure))
        shown = tuple(islice(can_be, _SHOWN)) or active[:_SHOWN]
        return tuple(key.location("active") for key in shown)

    # A console password

    @property
    def password_row(self) -> ReportEntry | None:
        """The report's row of the user whose password it is."""
        return self.owner.row if self.account is not None else None

    @property
    def password_changed(self) -> datetime | None:
        """When the user's password was last changed."""
        row = self.password_row
        changed = row.password_last_changed if row else None
        return changed if isinstance(changed, datetime) else None

    @property
    def password_was_changed_since(self) -> bool:
        """True if that was after the last sighting."""
        last, changed = self.exposure.last, self.password_changed
        return last is not None and changed is not None and changed > last + SKEW

    def password_cell(self, column: str) -> tuple[Location, ...]:
        """That column of the user's row."""
        return (self.password_row.row.at(column),) if self.password_row else ()

    # A credential of one service

    @property
    def service_entries(self) -> tuple[JsonNode, ...]:
        """The entries of list-service-specific-credentials that are of its user."""
        if self.account is None:
            return ()
        kind = ExportKind.SERVICE_SPECIFIC_CREDENTIALS
        return tuple(
            entry
            for node in self.account.documents_of_kind(kind)
            for entry in node.each("ServiceSpecificCredentials")
            if entry.text("UserName") == self.owner.user
        )

    @property
    def service_list_may_predate_it(self) -> bool:
        """True unless that list is certainly newer than the last sighting."""
        return self._may_predate(ExportKind.SERVICE_SPECIFIC_CREDENTIALS)

    @property
    def service_cells(self) -> tuple[Location, ...]:
        """The status of each of these entries."""
        return tuple(entry.location_of("Status") for entry in self.service_entries)

    # Helpers of the above

    @property
    def _own_slots(self) -> tuple[AccessKey, ...]:
        return self.owner.row.keys if self.owner.row else ()

    def _may_predate(self, kind: ExportKind) -> bool:
        return self.account is None or may_predate(self.account, kind, self.exposure.last)

    def _lists_name_every_key(self, rows: tuple[ReportEntry, ...], account: Account) -> bool:
        """True if each slot of these rows has its own entry in a list; lists omit root's keys.

        By its creation a slot tells which entry is its own. Otherwise the entries are counted, and
        then the lists must be newer than the leak: an old one names keys that are gone by now.
        """
        if all(key.key_id is not None for row in rows for key in row.keys):
            return ExportKind.ACCESS_KEYS in account.available_exports
        if self._may_predate(ExportKind.ACCESS_KEYS):
            return False
        listed = Counter(key.user for key in account.listed_keys)
        names = {id(row): user.name for user, row in account.users_in_report()}
        return all(listed[names.get(id(row), "")] == len(row.keys) for row in rows)


def gather_evidence(
    credential: Credential, exposure: Exposure, owner: Owner, as_of: datetime | None
) -> KeyEvidence:
    """The evidence on that credential; searches the account's lists once."""
    listed = _find_listed_key(credential, owner)
    rows = _possible_owners_rows(owner) if credential.kind.is_of_access_key and not listed else None
    return KeyEvidence(credential, exposure, owner, as_of, listed, rows)


def _find_listed_key(credential: Credential, owner: Owner) -> ListedKey | None:
    keys = owner.account.listed_keys if owner.is_in_export and owner.account else ()
    return next((key for key in keys if key.key_id == credential.key_id), None)


def _possible_owners_rows(owner: Owner) -> tuple[ReportEntry, ...] | None:
    if owner.is_in_export and owner.user is not None:
        return (owner.row,) if owner.row is not None else None
    account = owner.account
    if account is None or account.root is None or not _lists_everyone(account):
        return None
    return (account.root, *(row for _, row in account.users_in_report()))


def _lists_everyone(account: Account) -> bool:
    """True if the authorization details list exactly the users whom the credential report lists.

    A report that lacks a row looks like one of a smaller account; a second export tells them apart.
    """
    both = {ExportKind.CREDENTIAL_REPORT, ExportKind.AUTHORIZATION_DETAILS}
    if not both <= account.available_exports:
        return False
    is_whole = account.report_is_complete and account.details_are_complete
    return is_whole and all(user.report_entry and user.details for user in account.users)
