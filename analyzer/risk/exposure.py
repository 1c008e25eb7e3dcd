"""In: a leaked credential. Out: how much of it is exposed, since when, and whether it has expired.

Dates are those of commits. Nobody has to tell git the truth, so they are hints, never proof.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from analyzer.leaks.model import Credential, CredentialKind, LeakScan

LONGEST_SESSION = timedelta(hours=36)
"""No temporary credential outlives this (AWS STS API Reference, "GetSessionToken")."""

EARLIEST_RUN = datetime(2026, 11, 29, tzinfo=UTC)
"""This version was not there before, so whatever ended by then has ended whenever it is run.

An old day here sets less aside than it could; a day to come would set aside what still works.
"""

_SIGNED_REQUESTS = frozenset(
    {
        CredentialKind.PRESIGNED_URL,
        CredentialKind.EKS_TOKEN,
        CredentialKind.BEDROCK_SHORT_KEY,
        CredentialKind.CLAUDE_SHORT_KEY,
    }
)


class ExposureLevel(StrEnum):
    """How much of a credential is exposed, and to whom, from the most to the least."""

    OPEN = "secret"  # where everyone with a copy finds it
    HIDDEN = "secret, in no branch or tag"
    ID = "key ID alone"
    DOUBTFUL = "most likely no live credential"


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much is exposed; `first` and `last` sighting are None where none is dated."""

    level: ExposureLevel
    first: datetime | None
    last: datetime | None


def exposure_of(credential: Credential, *, is_real: bool = False) -> Exposure:
    """How much of it is exposed, and when its first and last place were committed.

    With `is_real` an export names it: then nothing about it is doubtful, however it looks.
    """
    dates = sorted(each.date for each in credential.occurrences if each.date is not None)
    return Exposure(
        _exposure(credential, is_real=is_real),
        dates[0] if dates else None,
        dates[-1] if dates else None,
    )


def latest_date(leaks: LeakScan) -> datetime | None:
    """The latest date in the scanned histories: by then, what expired earlier had expired.

    The clock is no witness: the same repository must give the same report.
    """
    found = (exposure_of(each).last for each in leaks.credentials)
    return max((each for each in found if each is not None), default=None)


def set_expired_requests_aside(leaks: LeakScan) -> LeakScan:
    """The scan with each signed request set aside whose time has certainly passed.

    Its signature covers that time, so nobody can have changed it. The dates of commits can be
    wrong, and the clock is no witness; that it is later than when this was written is certain.
    """
    credentials = (
        replace(each, set_aside=f"expired: it ended at {each.claims.expires:%Y-%m-%dT%H:%M:%SZ}")
        if each.kind in _SIGNED_REQUESTS
        and not each.set_aside
        and each.claims.expires
        and each.claims.expires <= EARLIEST_RUN
        else each
        for each in leaks.credentials
    )
    return replace(leaks, credentials=tuple(credentials))


def has_expired(credential: Credential, as_of: datetime) -> bool:
    """True if its own end has passed, or the longest one of its kind since its first sighting."""
    if credential.claims.expires:
        return credential.claims.expires <= as_of
    if not credential.kind.is_temporary:
        return False
    seen = exposure_of(credential).first
    return seen is not None and as_of - seen >= LONGEST_SESSION


def _exposure(credential: Credential, *, is_real: bool) -> ExposureLevel:
    if credential.set_aside is not None and not is_real:
        return ExposureLevel.DOUBTFUL
    if credential.secret_digest is None:
        return ExposureLevel.ID
    return (
        ExposureLevel.OPEN
        if any(each.reachable for each in credential.occurrences)
        else ExposureLevel.HIDDEN
    )
