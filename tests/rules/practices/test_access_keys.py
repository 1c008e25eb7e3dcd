"""Practice 3, first half: keys that nobody needs, keys grown old, keys that AWS found."""

from datetime import timedelta

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account, allow
from tests.rules.small_exports import SECOND, days

ANN = account().user("ann")
MINUTES = timedelta(minutes=1)
SETTLED = {Status.PASS, Status.NOT_APPLICABLE}


# key-older-than-90-days


def test_key_older_than_90_days_fails_a_day_past_the_limit():
    """An active key of 91 days is too old."""
    case = ANN.key(age=days(91))
    spot = f"{REPORT}:3:access_key_1_last_rotated"
    expected = [("user/ann", spot, "2026-07-02T00:00:00+00:00")]
    assert case.proof("key-older-than-90-days") == expected


def test_key_older_than_90_days_passes_at_the_limit():
    """A key of exactly 90 days is in order."""
    assert ANN.key(age=days(90)).status("key-older-than-90-days") is Status.PASS


def test_key_older_than_90_days_fails_for_either_slot():
    """The old key may stand in either slot: slots follow key IDs, not age."""
    case = ANN.key(age=10).key(age=100)
    [(_, spot, _)] = case.proof("key-older-than-90-days")
    assert spot == f"{REPORT}:3:access_key_2_last_rotated"


def test_key_older_than_90_days_does_not_concern_inactive_keys():
    """Live reports keep the date of an inactive key; it is no active one for that."""
    case = ANN.key(age=200, active=False)
    assert case.status("key-older-than-90-days") in SETTLED


def test_key_older_than_90_days_leaves_a_key_of_more_than_a_year_to_the_other_rule():
    """One key that is too old is one finding."""
    case = ANN.key(age=days(366))
    assert case.status("key-older-than-90-days") is not Status.FAIL
    assert case.status("key-older-than-one-year") is Status.FAIL


# key-older-than-one-year


def test_key_older_than_one_year_fails_a_day_past_the_limit():
    """An active key of a year and a day is stale."""
    case = ANN.key(age=days(366))
    spot = f"{REPORT}:3:access_key_1_last_rotated"
    expected = [("user/ann", spot, "2025-09-30T00:00:00+00:00")]
    assert case.proof("key-older-than-one-year") == expected


def test_key_older_than_one_year_passes_at_the_limit():
    """A key of exactly a year is the 90-day rule's finding, not this one's."""
    case = ANN.key(age=days(365))
    assert case.status("key-older-than-one-year") is Status.PASS
    assert case.status("key-older-than-90-days") is Status.FAIL


# key-created-at-user-creation


@pytest.mark.parametrize("later", [timedelta(), SECOND, 5 * MINUTES])
def test_key_created_at_user_creation_fails_within_five_minutes(later: timedelta):
    """A console user's key that came with the user; exports write it up to a second later."""
    case = account().user("ann", created=days(30)).password().key(age=days(30) - later)
    [(resource, spot, _)] = case.proof("key-created-at-user-creation")
    assert (resource, spot) == ("user/ann", f"{REPORT}:3:access_key_1_last_rotated")


def test_key_created_at_user_creation_passes_a_second_later():
    """After five minutes and a second, the key was made on request."""
    later = 5 * MINUTES + SECOND
    case = account().user("ann", created=days(30)).password().key(age=days(30) - later)
    assert case.status("key-created-at-user-creation") is Status.PASS


def test_key_created_at_user_creation_does_not_concern_users_without_a_password():
    """A program's user is made for its key."""
    case = account().user("bot", created=30).key(age=30)
    assert case.status("key-created-at-user-creation") is Status.NOT_APPLICABLE


def test_key_created_at_user_creation_does_not_concern_inactive_keys():
    """A key that was switched off does no harm any more."""
    case = account().user("ann", created=30).password().key(age=30, active=False)
    assert case.status("key-created-at-user-creation") in SETTLED


# two-active-keys


def test_two_active_keys_fails_for_two():
    """Both slots hold an active key."""
    case = ANN.key(age=50).key(age=60)
    expected = [("user/ann", f"{REPORT}:3:access_key_1_active", "true")]
    assert case.proof("two-active-keys") == expected


def test_two_active_keys_passes_for_one_active_and_one_inactive():
    """An inactive key with its date is not active."""
    assert ANN.key().key(active=False).status("two-active-keys") is Status.PASS


def test_two_active_keys_names_the_older_key_first_in_whatever_slot():
    """Slots follow key IDs: slot 2 is not the newer key."""
    [finding] = ANN.key(age=10).key(age=200).judged("two-active-keys").findings
    assert finding.facts["first"] < finding.facts["second"]


# key-rotation-stalled


def test_key_rotation_stalled_fails_where_the_old_key_is_still_used():
    """A new key was made, and the old one goes on; here it stands in the second slot."""
    case = ANN.key(age=20, last_used=None).key(age=200, last_used=1)
    spot = f"{REPORT}:3:access_key_2_last_rotated"
    expected = [("user/ann", spot, "2026-03-15T00:00:00+00:00")]
    assert case.proof("key-rotation-stalled") == expected


def test_key_rotation_stalled_fails_where_only_the_new_key_is_used():
    """The change is done, and nobody switched the old key off."""
    assert ANN.key(age=200, last_used=None).key(age=20, last_used=1).proof("key-rotation-stalled")


def test_key_rotation_stalled_fails_a_day_past_the_overlap():
    """The new key is eight whole days old, however old the other one is."""
    for older in (200, 9):
        case = ANN.key(age=days(older)).key(age=days(8))
        assert case.proof("key-rotation-stalled")


@pytest.mark.parametrize("newer", [0.1, days(7), days(8) - SECOND], ids=["hours", "7", "almost 8"])
@pytest.mark.parametrize("older", [90, 900], ids=["90 days", "900 days"])
def test_key_rotation_stalled_passes_within_the_overlap(older, newer):
    """A rotation has a week, whatever the age of the key that it replaces."""
    case = ANN.key(age=older).key(age=newer)
    assert case.status("key-rotation-stalled") is Status.PASS


def test_key_rotation_stalled_fails_for_an_old_key_used_seven_days_ago():
    """Used within seven days of the report includes the seventh day."""
    case = ANN.key(age=200, last_used=days(7)).key(age=20, last_used=None)
    assert case.proof("key-rotation-stalled")


def test_key_rotation_stalled_passes_where_neither_key_is_in_use():
    """Two forgotten keys are no rotation; other rules find them."""
    case = ANN.key(age=200, last_used=days(8)).key(age=20, last_used=None)
    assert case.status("key-rotation-stalled") is Status.PASS


def test_key_rotation_stalled_does_not_concern_one_active_key():
    """The old key was switched off, so the rotation came to its end."""
    case = ANN.key(age=200, active=False).key(age=20)
    assert case.status("key-rotation-stalled") in SETTLED


# key-outlived-password-changes


def test_key_outlived_password_changes_fails_where_only_the_password_changed():
    """The password changed more than 90 days after the key was made, and the key stayed."""
    case = ANN.password(changed=days(109)).key(age=days(200))
    spot = f"{REPORT}:3:access_key_1_last_rotated"
    expected = [("user/ann", spot, "2026-03-15T00:00:00+00:00")]
    assert case.proof("key-outlived-password-changes") == expected


def test_key_outlived_password_changes_passes_at_the_limit():
    """Exactly 90 days between the two are in order."""
    case = ANN.password(changed=days(110)).key(age=days(200))
    assert case.status("key-outlived-password-changes") is Status.PASS


def test_key_outlived_password_changes_passes_for_a_key_newer_than_the_password():
    """Whoever rotated the key last has nothing to make up for."""
    case = ANN.password(changed=400).key(age=100)
    assert case.status("key-outlived-password-changes") is Status.PASS


def test_key_outlived_password_changes_does_not_concern_users_without_a_password():
    """Where there is no password, none was changed."""
    case = ANN.key(age=200)
    assert case.status("key-outlived-password-changes") is Status.NOT_APPLICABLE


# quarantine-policy-attached


@pytest.mark.parametrize("version", ["", "V2", "V3"])
def test_quarantine_policy_attached_fails_for_each_version(version: str):
    """AWS attaches one of three policies to a user whose key it found in public."""
    name = f"AWSCompromisedKeyQuarantine{version}"
    [(resource, spot, value)] = ANN.attached(name).proof("quarantine-policy-attached")
    assert (resource, value["PolicyName"]) == ("user/ann", name)
    assert spot == f"{DETAILS}:/UserDetailList/0/AttachedManagedPolicies/0"


def test_quarantine_policy_attached_passes_without_it():
    """Other policies are no quarantine."""
    assert ANN.attached("ReadOnlyAccess").status("quarantine-policy-attached") is Status.PASS


def test_quarantine_policy_attached_passes_for_a_namesake_of_the_account():
    """A policy that the account itself calls so says nothing about a leaked key."""
    name = "AWSCompromisedKeyQuarantineV2"
    case = ANN.attached(ANN.arn(f"policy/{name}")).policy(name, allow("s3:GetObject"))
    assert case.status("quarantine-policy-attached") is Status.PASS


# signing-certificate-active


def test_signing_certificate_active_fails_for_an_active_one():
    """An active X.509 certificate signs SOAP-time requests."""
    expected = [("user/ann", f"{REPORT}:3:cert_1_active", "true")]
    assert ANN.certificate().proof("signing-certificate-active") == expected


def test_signing_certificate_active_fails_in_the_second_slot():
    """Reports list an inactive certificate first."""
    case = ANN.certificate(active=False).cell("ann", "cert_2_active", "true")
    case = case.cell("ann", "cert_2_last_rotated", "2026-01-01T00:00:00+00:00")
    expected = [("user/ann", f"{REPORT}:3:cert_2_active", "true")]
    assert case.proof("signing-certificate-active") == expected


def test_signing_certificate_active_fails_whatever_its_date_says():
    """Active is active: an unreadable date only leaves the age open."""
    case = ANN.certificate().cell("ann", "cert_1_last_rotated", "?")
    assert case.status("signing-certificate-active") is Status.FAIL


def test_signing_certificate_active_passes_without_one():
    """N/A in the date means that there is no certificate."""
    assert ANN.status("signing-certificate-active") is Status.PASS


def test_signing_certificate_active_does_not_concern_inactive_ones():
    """An inactive certificate keeps its date and lets nobody in."""
    assert ANN.certificate(active=False).status("signing-certificate-active") in SETTLED


# server-certificate-expired


def test_server_certificate_expired_fails_a_second_past_the_end():
    """The certificate ended a second before the report."""
    case = account().server_certificate("web", expired=SECOND)
    spot = "server-certificates.json:/ServerCertificateMetadataList/0/Expiration"
    expected = [("server-certificate/web", spot, "2026-09-30T23:59:59+00:00")]
    assert case.proof("server-certificate-expired") == expected


@pytest.mark.parametrize("expired", [0, -1])
def test_server_certificate_expired_passes_until_the_end(expired: int):
    """A certificate that ends at the report's very second has not ended before it."""
    case = account().server_certificate("web", expired=expired)
    assert case.status("server-certificate-expired") is Status.PASS


def test_server_certificate_expired_is_not_assessed_for_an_unreadable_date():
    """A certificate whose end can't be read may have ended."""
    case = account().server_certificate("web", expired="soon")
    assert case.status("server-certificate-expired") is Status.NOT_ASSESSED
