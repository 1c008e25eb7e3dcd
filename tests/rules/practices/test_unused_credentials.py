"""Practices 3 and 6: credentials that nobody uses."""

from datetime import timedelta

import pytest

from analyzer.config import Profile
from analyzer.rules.finding import Status
from tests.builders import REPORT, account
from tests.rules.small_exports import SECOND, days

ANN = account().user("ann")
SETTLED = {Status.PASS, Status.NOT_APPLICABLE}
EIGHT_HOURS = timedelta(hours=8)


# key-never-used


def test_key_never_used_fails_for_a_key_without_any_use():
    """N/A in the date of use, days after the key was made."""
    case = ANN.key(age=10, last_used=None)
    spot = f"{REPORT}:3:access_key_1_last_used_date"
    assert case.proof("key-never-used") == [("user/ann", spot, "N/A")]


def test_key_never_used_fails_a_day_past_the_first_day():
    """The report lags behind, so a key has one day; the second is one too many."""
    assert ANN.key(age=days(2), last_used=None).status("key-never-used") is Status.FAIL


def test_key_never_used_passes_on_the_first_day():
    """A key of exactly one day may have been used since the report learnt of it."""
    assert ANN.key(age=days(1), last_used=None).status("key-never-used") is Status.PASS


def test_key_never_used_passes_for_a_used_key():
    """A date of use is a use."""
    assert ANN.key(age=10, last_used=9).status("key-never-used") is Status.PASS


def test_key_never_used_passes_where_a_global_service_left_no_region():
    """N/A as the region of a use, as for S3, does not mean that there was none."""
    case = ANN.key(age=10, last_used=9, region="N/A")
    assert case.status("key-never-used") is Status.PASS


@pytest.mark.parametrize("age", [days(45), days(45) + 3600 * SECOND, days(46) - SECOND, days(46)])
def test_a_key_without_any_use_is_one_finding(age: timedelta):
    """From 45 days on, the rule on unused keys takes over from the one on never used keys."""
    results = ANN.key(age=age, last_used=None).judged_all()
    found = [
        rule
        for rule in ("key-never-used", "key-unused-45-days")
        if results[rule].status is Status.FAIL
    ]
    assert found == ["key-unused-45-days" if age >= days(46) else "key-never-used"]


# key-unused-45-days


def test_key_unused_45_days_fails_a_day_past_the_limit():
    """The last use lies 46 days back."""
    case = ANN.key(age=80, last_used=days(46))
    spot = f"{REPORT}:3:access_key_1_last_used_date"
    expected = [("user/ann", spot, "2026-08-16T00:00:00+00:00")]
    assert case.proof("key-unused-45-days") == expected


def test_key_unused_45_days_passes_at_the_limit():
    """The last use lies exactly 45 days back."""
    assert ANN.key(age=80, last_used=days(45)).status("key-unused-45-days") is Status.PASS


def test_key_unused_45_days_fails_for_an_old_key_that_was_never_used():
    """Where there was no use, idleness counts from the key's creation."""
    case = ANN.key(age=days(46), last_used=None)
    spot = f"{REPORT}:3:access_key_1_last_used_date"
    assert case.proof("key-unused-45-days") == [("user/ann", spot, "N/A")]


def test_key_unused_45_days_passes_where_a_global_service_left_no_region():
    """N/A as region and service of a use does not mean that there was none."""
    case = ANN.key(age=80, last_used=1, region="N/A", service="N/A")
    assert case.status("key-unused-45-days") is Status.PASS


def test_key_unused_45_days_does_not_concern_inactive_keys():
    """An inactive key is unused on purpose."""
    assert ANN.key(age=80, last_used=70, active=False).status("key-unused-45-days") in SETTLED


def test_key_unused_45_days_judges_each_slot_by_itself():
    """A key in use does not excuse the other one."""
    case = ANN.key(age=80, last_used=1).key(age=80, last_used=60)
    [(_, spot, _)] = case.proof("key-unused-45-days")
    assert spot == f"{REPORT}:3:access_key_2_last_used_date"


# credentials-unused-90-days


def test_credentials_unused_90_days_fails_a_day_past_the_limit():
    """Neither password nor key was used for 91 days."""
    last = days(91)
    case = ANN.password(changed=400, last_used=last).key(age=400, last_used=200)
    spot = f"{REPORT}:3:password_last_used"
    expected = [("user/ann", spot, "2026-07-02T00:00:00+00:00")]
    assert case.proof("credentials-unused-90-days") == expected


def test_credentials_unused_90_days_passes_at_the_limit():
    """The last act lies exactly 90 days back."""
    case = ANN.password(changed=400, last_used=days(90))
    assert case.status("credentials-unused-90-days") is Status.PASS


def test_credentials_unused_90_days_passes_for_a_user_who_works_with_the_key():
    """The latest of all uses counts: the password may rest while the key works."""
    case = ANN.password(changed=400, last_used=300).key(age=400, last_used=1)
    assert case.status("credentials-unused-90-days") is Status.PASS


def test_credentials_unused_90_days_fails_for_a_user_who_never_did_anything():
    """no_information and N/A are no uses: an old user with a password is idle."""
    case = ANN.password(changed=400, last_used=None)
    assert case.proof("credentials-unused-90-days")


def test_credentials_unused_90_days_passes_for_a_user_made_last_week():
    """A new user has not had the time to be idle."""
    case = account().user("eve", created=7).password(changed=7, last_used=None)
    assert case.status("credentials-unused-90-days") is Status.PASS


def test_credentials_unused_90_days_does_not_concern_users_who_cannot_get_in():
    """Nothing is enabled, so nothing is to be removed."""
    case = ANN.key(age=400, last_used=300, active=False)
    assert case.status("credentials-unused-90-days") is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("profile", "age", "variant"),
    [
        (Profile.CIS, 3, ""),
        (Profile.CIS, 44, ""),
        (Profile.FSBP, 44, ""),
        (Profile.FSBP, 45, "idle-for-cis"),
        (Profile.FSBP, 90, "idle-for-cis"),
    ],
)
def test_key_never_used_cites_cis_from_day_45(profile: Profile, age: int, variant: str):
    """A key that is replaced each week is nothing that CIS asks for."""
    case = ANN.key(age=age, last_used=None).limits(profile)
    [finding] = case.judged("key-never-used").findings
    assert finding.variant == variant


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        ("key-older-than-90-days", ANN.key(age=days(90) + EIGHT_HOURS)),
        ("key-older-than-one-year", ANN.key(age=days(365) + EIGHT_HOURS)),
        ("key-unused-45-days", ANN.key(age=80, last_used=days(45) + EIGHT_HOURS)),
        ("credentials-unused-90-days", ANN.key(age=95, last_used=days(90) + EIGHT_HOURS)),
    ],
)
def test_limits_count_whole_days(rule: str, case):
    """90 days and eight hours are 90 days, and the sentence would say so."""
    assert case.status(rule) in SETTLED


@pytest.mark.parametrize(
    ("profile", "limit"), [(Profile.CIS, 45), (Profile.PCI, 90), (Profile.FSBP, 90)]
)
def test_password_unused_fails_by_the_profile(profile: Profile, limit: int):
    """The key is in use all the time; the password rests a day longer than the profile allows."""
    case = ANN.password(last_used=limit + 1).key(last_used=1).limits(profile)
    spot = f"{REPORT}:3:password_last_used"
    assert case.proof("password-unused") == [("user/ann", spot, ANN.when(limit + 1))]
    assert case.status("key-unused-45-days") is Status.PASS
    at_limit = ANN.password(last_used=days(limit + 1) - SECOND).limits(profile)
    assert at_limit.status("password-unused") is Status.PASS


def test_password_unused_passes_for_a_password_in_use():
    """And it asks nothing of users without one, nor of one that was never used."""
    assert ANN.password().status("password-unused") is Status.PASS
    assert ANN.key(last_used=80).status("password-unused") is Status.NOT_APPLICABLE
    waiting = ANN.password(changed=80, last_used=None)
    assert waiting.status("password-unused") is Status.NOT_APPLICABLE
    assert waiting.status("initial-password-never-used") is Status.FAIL


@pytest.mark.parametrize("made", ["ann", "arn:aws:iam::111122223333:user/ann"])
def test_idle_credentials_of_a_declared_break_glass_user_are_as_they_should_be(made: str):
    """An emergency user rests; it is declared by its name or its ARN."""
    idle = ANN.password(changed=100, last_used=95).key(age=95, last_used=None)
    waiting = ANN.password(changed=100, last_used=None).attached("AdministratorAccess")
    rules = ("password-unused", "credentials-unused-90-days", "key-unused-45-days")
    declared = frozenset({made})
    for case, names in ((idle, rules), (waiting, ("initial-password-never-used",))):
        for rule in names:
            assert case.status(rule) is Status.FAIL, rule
            assert case.limits(break_glass=declared).status(rule) is Status.PASS, rule
            others = frozenset({"bob"})
            assert case.limits(break_glass=others).status(rule) is Status.FAIL, rule
