"""What of a credential is exposed, since when, and whether it has run out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analyzer.leaks.model import ClaimedFacts, CredentialKind, LeakScan
from analyzer.risk.exposure import (
    EARLIEST_RUN,
    LONGEST_SESSION,
    ExposureLevel,
    exposure_of,
    has_expired,
    latest_date,
    set_expired_requests_aside,
)
from tests.risk.leaked import at, leak, seen, spot

SECOND = timedelta(seconds=1)
IN_NO_BRANCH = spot(100, reachable=False)


@pytest.mark.parametrize(
    ("credential", "exposure"),
    [
        (leak(spot(100)), ExposureLevel.OPEN),
        (leak(IN_NO_BRANCH), ExposureLevel.HIDDEN),
        (leak(IN_NO_BRANCH, IN_NO_BRANCH), ExposureLevel.HIDDEN),
        (leak(IN_NO_BRANCH, spot(100)), ExposureLevel.OPEN),
        (leak(spot(100), secret_digest=None), ExposureLevel.ID),
        (leak(IN_NO_BRANCH, secret_digest=None), ExposureLevel.ID),
        (leak(spot(100), set_aside="an example"), ExposureLevel.DOUBTFUL),
        (leak(spot(100), set_aside="an example", secret_digest=None), ExposureLevel.DOUBTFUL),
    ],
)
def test_the_most_exposed_place_counts(credential, exposure):
    """A secret is open as soon as one branch leads to it; an ID alone is no secret."""
    assert exposure_of(credential).level is exposure


def test_what_an_export_names_is_not_doubtful():
    """However much it looks like an example: AWS knows it."""
    doubtful = leak(spot(100), set_aside="an example")
    assert exposure_of(doubtful, is_real=True).level is ExposureLevel.OPEN
    bare = leak(spot(100), set_aside="an example", secret_digest=None)
    assert exposure_of(bare, is_real=True).level is ExposureLevel.ID


def test_the_dates_are_those_of_the_first_and_the_last_place():
    """In whatever order the places stand; those without a date say nothing."""
    found = exposure_of(seen(40, None, 90, 60))
    assert (found.first, found.last) == (at(90), at(40))


def test_without_a_date_nobody_knows_when():
    """A file of the work tree has none."""
    found = exposure_of(seen(None))
    assert (found.first, found.last) == (None, None)


def test_the_latest_date_is_of_any_credential():
    """By then, what expired earlier had expired."""
    assert latest_date(LeakScan((seen(90, 60), seen(70), seen(None)))) == at(60)
    assert latest_date(LeakScan((seen(None),))) is None
    assert latest_date(LeakScan()) is None


@pytest.mark.parametrize("kind", sorted(CredentialKind))
def test_only_what_is_temporary_runs_out_by_itself(kind):
    """After the longest session that AWS gives, whatever the credential says."""
    old, end = seen(100, kind=kind), at(100) + LONGEST_SESSION
    assert has_expired(old, end) is kind.is_temporary
    assert not has_expired(old, end - SECOND)
    assert not has_expired(seen(None, kind=kind), end)


def test_a_stated_end_counts_to_the_second():
    """It goes before what its kind lets one expect, earlier or later."""
    for kind in (CredentialKind.PRESIGNED_URL, CredentialKind.SESSION_TOKEN):
        told = seen(100, kind=kind, claims=ClaimedFacts(expires=at(93)))
        assert has_expired(told, at(93))
        assert not has_expired(told, at(93) - SECOND)


@pytest.mark.parametrize(
    ("kind", "late", "is_aside"),
    [
        (CredentialKind.PRESIGNED_URL, 0, True),
        (CredentialKind.PRESIGNED_URL, 1, False),
        (CredentialKind.EKS_TOKEN, 0, True),
        (CredentialKind.BEDROCK_SHORT_KEY, 0, True),
        (CredentialKind.TEMPORARY_KEY, 0, False),
    ],
)
def test_a_signed_request_that_ended_is_set_aside_with_its_end(kind, late, is_aside):
    """What it says itself is signed; what stands beside a key can be written by anybody."""
    ends = EARLIEST_RUN + timedelta(seconds=late)
    found = replace(seen(90, kind=kind), claims=ClaimedFacts(expires=ends))
    (told,) = set_expired_requests_aside(LeakScan((found,))).credentials
    assert bool(told.set_aside) is is_aside
    assert not is_aside or "expired: it ended at 2026-11-29T00:00:00Z" in told.set_aside
    assert replace(told, set_aside=None) == found


def test_no_day_to_come_is_taken_for_past():
    """Who moves the day of a version ahead would set aside what still works."""
    assert datetime.now(UTC) >= EARLIEST_RUN


def test_a_request_without_an_end_is_not_expired():
    """Unknown is not safe."""
    found = seen(90, kind=CredentialKind.PRESIGNED_URL)
    assert set_expired_requests_aside(LeakScan((found,))).credentials == (found,)
