"""Practice 6: first passwords replaced, and none past its day."""

from datetime import timedelta

import pytest

from analyzer.config import Profile
from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account
from tests.rules.small_exports import SECOND, days

ANN = account().user("ann", created=days(100))
MINUTES = timedelta(minutes=1)


# initial-password-still-in-use


@pytest.mark.parametrize("later", [timedelta(), SECOND, 5 * MINUTES])
def test_initial_password_still_in_use_fails_within_five_minutes(later: timedelta):
    """A password set with the user, written up to a second later, and used."""
    case = ANN.password(changed=days(100) - later, last_used=2)
    [(resource, spot, value)] = case.proof("initial-password-still-in-use")
    assert (resource, spot) == ("user/ann", f"{REPORT}:3:password_last_changed")
    assert value == ANN.when(days(100) - later)


def test_initial_password_still_in_use_passes_a_second_later():
    """A change after five minutes and a second is the user's own."""
    case = ANN.password(changed=days(100) - 5 * MINUTES - SECOND, last_used=2)
    assert case.status("initial-password-still-in-use") is Status.PASS


@pytest.mark.parametrize("used", [None, "N/A"])
def test_initial_password_still_in_use_does_not_concern_unused_passwords(used: str | None):
    """Nobody has signed in with it, so it is another rule's."""
    case = ANN.password(changed=days(100), last_used=used)
    assert case.status("initial-password-still-in-use") is not Status.FAIL


def test_initial_password_still_in_use_does_not_concern_users_without_a_password():
    """Programs' users have none."""
    assert ANN.key().status("initial-password-still-in-use") is Status.NOT_APPLICABLE


# initial-password-never-used


def test_initial_password_never_used_fails_a_day_past_the_limit():
    """Set 15 days ago, and nobody has signed in."""
    case = ANN.password(changed=days(15), last_used=None)
    spot = f"{REPORT}:3:password_last_used"
    assert case.proof("initial-password-never-used") == [("user/ann", spot, "no_information")]


def test_initial_password_never_used_passes_at_the_limit():
    """Exactly 14 days are in order."""
    case = ANN.password(changed=days(14), last_used=None)
    assert case.status("initial-password-never-used") is Status.PASS


def test_initial_password_never_used_passes_for_a_used_password():
    """One sign-in is enough."""
    case = ANN.password(changed=90, last_used=80)
    assert case.status("initial-password-never-used") is Status.PASS


def test_initial_password_never_used_does_not_concern_users_without_a_password():
    """Old files carry no_information on rows without a password too."""
    case = ANN.cell("ann", "password_last_used", "no_information")
    assert case.status("initial-password-never-used") is Status.NOT_APPLICABLE


# reset-not-required-at-first-use


def test_reset_not_required_at_first_use_fails_for_a_first_password_that_may_stay():
    """No reset is asked for, and the password is the first one."""
    case = ANN.password(changed=days(100)).login_profile(reset=False)
    spot = "login-profiles.json:/LoginProfile/PasswordResetRequired"
    assert case.proof("reset-not-required-at-first-use") == [("user/ann", spot, False)]


def test_reset_not_required_at_first_use_finds_the_right_answer_among_several():
    """Answers of several users stand back to back in one file."""
    case = ANN.password(changed=days(100)).login_profile(reset=True)
    case = case.user("bob", created=days(100)).password(changed=days(100))
    case = case.login_profile(reset=False)
    spot = "login-profiles.json:/1/LoginProfile/PasswordResetRequired"
    assert case.proof("reset-not-required-at-first-use") == [("user/bob", spot, False)]


def test_reset_not_required_at_first_use_passes_where_a_reset_is_required():
    """The next sign-in asks for a new password."""
    case = ANN.password(changed=days(100)).login_profile(reset=True)
    assert case.status("reset-not-required-at-first-use") is Status.PASS


def test_reset_not_required_at_first_use_passes_for_a_changed_password():
    """The first password is gone."""
    case = ANN.password(changed=3).login_profile(reset=False)
    assert case.status("reset-not-required-at-first-use") is Status.PASS


def test_reset_not_required_at_first_use_is_not_assessed_for_a_user_without_an_answer():
    """The export covers somebody else."""
    case = ANN.login_profile(reset=True).user("bob", created=100).password(changed=100)
    assert case.status("reset-not-required-at-first-use") is Status.NOT_ASSESSED


@pytest.mark.parametrize("reset", [None, "perhaps"])
def test_reset_not_required_at_first_use_is_not_assessed_where_it_is_unreadable(reset: object):
    """A member that is missing or is no truth value says nothing."""
    case = ANN.password(changed=days(100)).login_profile(reset=reset)
    assert case.status("reset-not-required-at-first-use") is Status.NOT_ASSESSED


def test_rules_on_first_passwords_need_no_authorization_details():
    """The credential report is enough for them."""
    case = ANN.password(changed=days(100)).without(DETAILS)
    assert case.status("initial-password-still-in-use") is Status.FAIL


def test_the_login_profiles_date_tells_a_first_password_of_later_days():
    """It was set ten minutes after the user, and never since."""
    case = ANN.password(changed=days(100) - 10 * MINUTES)
    case = case.login_profile(made=days(100) - 10 * MINUTES)
    assert case.status("initial-password-still-in-use") is Status.FAIL
    assert case.status("reset-not-required-at-first-use") is Status.FAIL


def test_the_login_profiles_date_tells_a_password_that_was_replaced_at_once():
    """The profile was made with the user, and the password changed three minutes later."""
    case = ANN.password(changed=days(100) - 3 * MINUTES).login_profile(made=days(100))
    assert case.status("initial-password-still-in-use") is Status.PASS
    assert case.status("reset-not-required-at-first-use") is Status.PASS


def test_a_login_profile_newer_than_the_report_is_not_guessed_at():
    """The password of the report is not the one that the profile speaks of."""
    case = ANN.password(changed=50).login_profile(made=20)
    result = case.judged("initial-password-still-in-use")
    assert result.status is Status.NOT_ASSESSED
    assert "login profile" in result.reason


@pytest.mark.parametrize(
    ("age", "variant"), [(15, ""), (44, ""), (45, "idle-for-cis"), (300, "idle-for-cis")]
)
def test_initial_password_never_used_cites_cis_from_day_45(age: int, variant: str):
    """Before that the advice is our own."""
    case = account().user("ann", created=400).password(changed=age, last_used=None)
    [finding] = case.judged("initial-password-never-used").findings
    assert finding.variant == variant


@pytest.mark.parametrize("rule", ["password-policy-missing", "password-min-length"])
def test_a_password_policy_that_binds_nobody_is_low(rule: str):
    """Bob has no password; with Ann's the same policy weighs what the rule weighs."""
    weak = account().password_policy(MinimumPasswordLength=6)
    case = weak if rule == "password-min-length" else account().no_password_policy()
    nobody = case.user("bob").key()
    [mild] = nobody.judged(rule).findings
    [full] = nobody.user("ann").password().judged(rule).findings
    [untold] = nobody.without(REPORT).judged(rule).findings
    [unread] = nobody.cell("bob", "password_enabled", "perhaps").judged(rule).findings
    assert [each.variant for each in (mild, full, untold, unread)] == ["binds-nobody", "", "", ""]


# password-older-than-90-days


def test_password_older_than_90_days_fails_a_day_past_the_limit():
    """PCI 8.3.9 speaks of passwords that are the only factor."""
    case = ANN.password(changed=91).limits(Profile.PCI)
    expected = [("user/ann", f"{REPORT}:3:password_last_changed", ANN.when(91))]
    assert case.proof("password-older-than-90-days") == expected


def test_password_older_than_90_days_passes_at_the_limit_and_with_mfa():
    """90 days are in order, and a second factor ends the need for changes."""
    rule = "password-older-than-90-days"
    assert ANN.password(changed=90).limits(Profile.PCI).status(rule) is Status.PASS
    assert ANN.password(changed=400).mfa().limits(Profile.PCI).status(rule) is Status.PASS


def test_password_older_than_90_days_does_not_concern_the_cis_profile():
    """It has asked for no changes since 1.2; nor does it concern users without a password."""
    rule = "password-older-than-90-days"
    assert ANN.password(changed=400).status(rule) is Status.NOT_APPLICABLE
    assert ANN.key().limits(Profile.PCI).status(rule) is Status.NOT_APPLICABLE


@pytest.mark.parametrize("column", ["password_enabled", "password_last_changed", "mfa_active"])
def test_password_older_than_90_days_is_not_assessed_where_a_cell_is_unreadable(column: str):
    """Each of the three decides."""
    case = ANN.password(changed=91).limits(Profile.PCI).cell("ann", column, "?")
    assert case.status("password-older-than-90-days") is Status.NOT_ASSESSED


# password-rotation-overdue

DUE = "password_next_rotation"


def test_password_rotation_overdue_fails_from_the_day_on():
    """The report names the day by which the policy wants a new password."""
    case = ANN.password().cell("ann", DUE, ANN.when(0))
    assert case.proof("password-rotation-overdue") == [
        ("user/ann", f"{REPORT}:3:{DUE}", ANN.when(0))
    ]


def test_password_rotation_overdue_passes_before_the_day():
    """A second is enough."""
    case = ANN.password().cell("ann", DUE, ANN.when(-SECOND))
    assert case.status("password-rotation-overdue") is Status.PASS


@pytest.mark.parametrize("text", ["N/A", "not_supported", "no_information"])
def test_password_rotation_overdue_does_not_concern_passwords_without_an_end(text: str):
    """The report has no day for them."""
    case = ANN.password().cell("ann", DUE, text)
    assert case.status("password-rotation-overdue") is Status.NOT_APPLICABLE


@pytest.mark.parametrize("column", [DUE, "password_enabled"])
def test_password_rotation_overdue_is_not_assessed_where_a_cell_is_unreadable(column: str):
    """Neither the day nor the password is guessed."""
    case = ANN.password().cell("ann", DUE, ANN.when(3)).cell("ann", column, "?")
    assert case.status("password-rotation-overdue") is Status.NOT_ASSESSED
