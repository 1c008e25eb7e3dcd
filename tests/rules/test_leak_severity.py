"""How bad a credential is by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from analyzer.leaks.model import (
    ClaimedFacts,
    Credential,
    CredentialKind,
    LeakScan,
    Occurrence,
    PlaceKind,
)
from analyzer.risk.exposure import LONGEST_SESSION, latest_date
from analyzer.rules.leak_severity import severity_of
from analyzer.rules.severity import Severity

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = SEEN + LONGEST_SESSION


def leak(kind=CredentialKind.LONG_TERM_KEY, date=SEEN, **more):
    """A credential with its secret, brought in at a date."""
    location = Occurrence("shop", "a", 1, PlaceKind.HISTORY, date=date)
    known = {"key_id": "ID", "account": None, "secret_digest": "0"} | more
    return Credential("cred-1", kind, occurrences=(location,), **known)


def test_a_long_term_key_with_its_secret_is_critical_and_its_id_alone_is_not():
    """An ID opens nothing."""
    assert severity_of(leak(), None) is Severity.CRITICAL
    assert severity_of(leak(secret_digest=None), None) is Severity.MEDIUM


def test_what_is_set_aside_weighs_nothing():
    """It stays in sight, for information."""
    assert severity_of(leak(set_aside="an example"), None) is Severity.INFO


@pytest.mark.parametrize(
    ("as_of", "severity"),
    [
        (None, Severity.HIGH),
        (SEEN, Severity.HIGH),
        (LATER - timedelta(seconds=1), Severity.HIGH),
        (LATER, Severity.LOW),
    ],
)
def test_a_temporary_key_has_expired_once_no_session_can_last_that_long(as_of, severity):
    """36 hours after it was seen it is dead, whoever made it."""
    assert severity_of(leak(CredentialKind.TEMPORARY_KEY), as_of) is severity


def test_a_commit_at_the_end_of_all_years_has_not_expired():
    """A date may be forged, and no year comes after the last."""
    last = datetime.max.replace(tzinfo=UTC)
    assert severity_of(leak(CredentialKind.TEMPORARY_KEY, date=last), last) is Severity.HIGH


def test_a_stated_end_goes_before_the_longest_one():
    """A presigned URL for a week works for a week."""
    end = SEEN + timedelta(days=7)
    url = leak(CredentialKind.PRESIGNED_URL, claims=ClaimedFacts(expires=end))
    assert severity_of(url, end - timedelta(seconds=1)) is Severity.MEDIUM
    assert severity_of(url, end) is Severity.LOW


def test_a_long_term_key_never_expires_by_itself():
    """However old the commit."""
    assert severity_of(leak(), SEEN + timedelta(days=3000)) is Severity.CRITICAL


def test_an_end_makes_nothing_worse():
    """What was low stays low."""
    short = leak(CredentialKind.TEMPORARY_KEY, secret_digest=None)
    assert severity_of(short, None) is severity_of(short, LATER) is Severity.LOW


def test_a_file_without_a_date_has_not_expired():
    """An upload of today may hold a key of today."""
    assert severity_of(leak(CredentialKind.TEMPORARY_KEY, date=None), LATER) is Severity.HIGH


def test_the_latest_commit_is_the_witness_of_time():
    """And not the clock, or the same repository would give two reports."""
    found = LeakScan((leak(), leak(date=LATER), leak(date=None)))
    assert latest_date(found) == LATER
    assert latest_date(LeakScan((leak(date=None),))) is None
