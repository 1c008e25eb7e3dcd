"""In: a leaked credential, its exposure and its owner. Out: whether it still works, and the cells.

A decision table: of each kind of credential the first row whose question is answered yes decides.
Nothing is called dead for want of evidence: what no export shows is unknown, and unknown counts as
active. The questions are properties of `KeyEvidence`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analyzer.evidence.artifacts import Location
from analyzer.leaks.model import Credential, CredentialKind
from analyzer.risk.exposure import Exposure
from analyzer.risk.key_evidence import KeyEvidence, gather_evidence
from analyzer.risk.owner import Owner


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
    """The status, the reason as a sentence without its full stop, and the cells that show it.

    `ended_at` is when it stopped working; None where it may still work, or where no export tells.
    Where `is_certain` is False, the status is likely, and not to be relied on.
    """

    status: KeyStatus
    reason: str
    locations: tuple[Location, ...] = ()
    ended_at: datetime | None = None
    is_certain: bool = True

    @property
    def is_dead(self) -> bool:
        """True if it certainly opens nothing any more."""
        return self.is_certain and self.status not in (KeyStatus.ACTIVE, KeyStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One row of the table: if `holds`, the credential has this status for this reason.

    `cells` are what shows it, `ended_at` when it stopped working. An empty `reason` is the owner's.
    """

    holds: Callable[[KeyEvidence], bool]
    status: KeyStatus
    reason: str
    cells: Callable[[KeyEvidence], tuple[Location, ...]] = lambda _: ()
    ended_at: Callable[[KeyEvidence], datetime | None] = lambda _: None
    is_certain: bool = True

    def finding(self, evidence: KeyEvidence) -> StatusFinding:
        """What the row says of a credential for which it holds."""
        return StatusFinding(
            self.status,
            self.reason or evidence.owner.reason,
            self.cells(evidence),
            self.ended_at(evidence),
            self.is_certain,
        )


def _always(_: KeyEvidence) -> bool:
    return True


def _switched_off_cells(evidence: KeyEvidence) -> tuple[Location, ...]:
    slot = evidence.slot_switched_off
    return (*evidence.listed_cells, *((slot.location("last_rotated"),) if slot else ()))


def _switched_off_at(evidence: KeyEvidence) -> datetime | None:
    slot = evidence.slot_switched_off
    return slot.created if slot and isinstance(slot.created, datetime) else None


def _newer_key_cells(evidence: KeyEvidence) -> tuple[Location, ...]:
    key = evidence.owners_newer_key
    return (key.location("last_rotated"),) if key else ()


def _has_password(evidence: KeyEvidence) -> bool:
    row = evidence.password_row
    return row is not None and row.password_enabled is True


def _has_no_password(evidence: KeyEvidence) -> bool:
    row = evidence.password_row
    return row is not None and row.password_enabled is False


EXPIRY_ROWS = (
    StatusRow(
        lambda it: it.has_expired,
        KeyStatus.EXPIRED,
        "it ran out before the report",
        ended_at=lambda it: it.expiry,
    ),
)
"""Asked first, of every kind."""

KEY_ROWS = (
    # Its own entry in list-access-keys
    StatusRow(
        lambda it: it.is_listed_active,
        KeyStatus.ACTIVE,
        "list-access-keys says Active",
        lambda it: it.listed_cells,
    ),
    StatusRow(
        lambda it: it.is_listed_inactive and it.newer_report_shows_it_active,
        KeyStatus.UNKNOWN,
        "list-access-keys says Inactive, but its user has a key that is on and may be it",
        lambda it: it.listed_cells,
    ),
    StatusRow(
        lambda it: it.is_listed_inactive,
        KeyStatus.INACTIVE,
        "list-access-keys says Inactive",
        _switched_off_cells,
        _switched_off_at,
    ),
    StatusRow(
        lambda it: it.listed_key is not None,
        KeyStatus.UNKNOWN,
        "the listed status can't be read",
        lambda it: it.listed_cells,
    ),
    # No list names it: what must be known before anything can be said
    StatusRow(
        lambda it: it.account is None,
        KeyStatus.UNKNOWN,
        "nothing tells its account, or no export of it was handed in",
    ),
    StatusRow(lambda it: it.has_no_possible_owner, KeyStatus.UNKNOWN, ""),
    StatusRow(
        lambda it: it.report_may_predate_it and it.is_undated,
        KeyStatus.UNKNOWN,
        "nothing dates the leak, so the key may be newer than the exports",
    ),
    StatusRow(
        lambda it: it.report_may_predate_it,
        KeyStatus.UNKNOWN,
        "nothing shows that it is older, so the key may be newer than the exports",
    ),
    StatusRow(
        lambda it: it.rows is None,
        KeyStatus.UNKNOWN,
        "nothing shows that the credential report lists everyone",
    ),
    # The lists name every key there is
    StatusRow(
        lambda it: it.is_missing_from_whole_lists and it.owners_newer_key is not None,
        KeyStatus.ROTATED,
        "list-access-keys names a newer key of its owner, and this one no more",
        _newer_key_cells,
    ),
    StatusRow(
        lambda it: it.is_missing_from_whole_lists,
        KeyStatus.DELETED,
        "list-access-keys names every key that there is, and not this one",
        lambda it: it.row_cells,
    ),
    # Without whole lists: what holds for every key of whoever could own it
    StatusRow(
        lambda it: not it.slots,
        KeyStatus.DELETED,
        "nobody who could own it has an access key",
        lambda it: it.row_cells,
    ),
    StatusRow(
        lambda it: it.every_slot_is_inactive,
        KeyStatus.INACTIVE,
        "every key of whoever could own it is inactive",
        lambda it: it.slot_cells("active"),
    ),
    StatusRow(
        lambda it: it.every_slot_is_newer,
        KeyStatus.ROTATED,
        "every key that could be it is newer than the leak; a list of keys would make it certain",
        lambda it: it.slot_cells("last_rotated"),
        is_certain=False,
    ),
    StatusRow(
        _always,
        KeyStatus.UNKNOWN,
        "no list of keys names it, and a key that is on may be it",
        lambda it: it.active_cells,
    ),
)
"""Access keys, and what is made of one: a bare secret, an SMTP password."""

PASSWORD_ROWS = (
    StatusRow(
        lambda it: it.password_row is None,
        KeyStatus.UNKNOWN,
        "no credential report tells of its user",
    ),
    StatusRow(
        lambda it: _has_no_password(it) and it.report_may_predate_it,
        KeyStatus.UNKNOWN,
        "the report may be older than the password",
        lambda it: it.password_cell("password_enabled"),
    ),
    StatusRow(
        _has_no_password,
        KeyStatus.DELETED,
        "its user has no password",
        lambda it: it.password_cell("password_enabled"),
    ),
    StatusRow(
        lambda it: it.password_was_changed_since,
        KeyStatus.ROTATED,
        "the password was changed since the leak",
        lambda it: it.password_cell("password_last_changed"),
        lambda it: it.password_changed,
    ),
    StatusRow(
        lambda it: _has_password(it) and not it.is_undated and it.password_changed is not None,
        KeyStatus.ACTIVE,
        "the password was not changed since the leak",
        lambda it: it.password_cell("password_last_changed"),
    ),
    StatusRow(
        _always,
        KeyStatus.UNKNOWN,
        "whether the password was changed can't be told",
        lambda it: it.password_cell("password_last_changed"),
    ),
)
"""Console passwords."""

SERVICE_ROWS = (
    StatusRow(
        lambda it: it.account is None or it.owner.user is None,
        KeyStatus.UNKNOWN,
        "nothing tells whose it is",
    ),
    StatusRow(
        lambda it: not it.service_entries,
        KeyStatus.UNKNOWN,
        "no list-service-specific-credentials of its user",
    ),
    StatusRow(
        lambda it: it.service_list_may_predate_it,
        KeyStatus.UNKNOWN,
        "the list may be older than the credential",
        lambda it: it.service_cells,
    ),
    StatusRow(
        lambda it: all(each.text("Status") == "Inactive" for each in it.service_entries),
        KeyStatus.INACTIVE,
        "every service credential of its user is inactive",
        lambda it: it.service_cells,
    ),
    StatusRow(
        _always,
        KeyStatus.UNKNOWN,
        "its user has an active credential for a service",
        lambda it: it.service_cells,
    ),
)
"""Service-specific credentials and API keys."""

OTHER_ROWS = (StatusRow(_always, KeyStatus.UNKNOWN, "no export tells of credentials of this kind"),)
"""Session tokens, private keys and the like."""


def key_status(
    credential: Credential,
    exposure: Exposure,
    owner: Owner,
    as_of: datetime | None,
) -> StatusFinding:
    """Whether the credential worked when the exports were made.

    `as_of` is a time that has certainly come: what runs out before it has expired.
    """
    evidence = gather_evidence(credential, exposure, owner, as_of)
    row = next(each for each in rows_for(credential.kind) if each.holds(evidence))
    return row.finding(evidence)


def rows_for(kind: CredentialKind) -> Iterator[StatusRow]:
    """The rows that decide about that kind, in their order; the last one always holds."""
    yield from EXPIRY_ROWS
    if kind.is_console_password:
        yield from PASSWORD_ROWS
    elif kind.is_service_specific:
        yield from SERVICE_ROWS
    elif kind.is_of_access_key:
        yield from KEY_ROWS
    else:
        yield from OTHER_ROWS
