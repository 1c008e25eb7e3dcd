"""Practice 6: strong passwords, and first ones replaced."""

from datetime import timedelta

import pytest

from analyzer.config import Profile
from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account
from tests.rules.small_exports import SECOND, days

POLICY = "password-policy.json:/PasswordPolicy"
STRONG = account().password_policy()
ANN = account().user("ann", created=days(100))
MINUTES = timedelta(minutes=1)
RULES = ("min-length", "reuse", "uppercase", "lowercase", "symbol", "number")


# password-policy-missing


def test_password_policy_missing_fails_for_the_saved_error():
    """NoSuchEntity is AWS's word that there is none."""
    [(resource, spot, text)] = account().no_password_policy().proof("password-policy-missing")
    assert (resource, spot) == ("root", "password-policy.json:")
    assert "NoSuchEntity" in text


def test_password_policy_missing_passes_with_a_policy():
    """How strong it is, the other rules say."""
    case = account().password_policy(MinimumPasswordLength=6)
    assert case.status("password-policy-missing") is Status.PASS


@pytest.mark.parametrize("rule", ["password-policy-missing", *(f"password-{n}" for n in RULES)])
def test_rules_on_the_password_policy_are_not_assessed_without_the_file(rule: str):
    """A file that was not handed in is no proof that there is no policy."""
    result = account().judged(rule)
    assert result.status is Status.NOT_ASSESSED
    assert "get-account-password-policy" in result.command


@pytest.mark.parametrize("rule", [f"password-{name}" for name in RULES])
def test_no_rule_on_strength_passes_without_a_policy(rule: str):
    """AWS's default is nobody's strong policy."""
    assert account().no_password_policy().status(rule) is not Status.PASS


def test_another_error_than_no_such_entity_is_no_answer():
    """Who was refused the call has not seen that there is no policy."""
    case = account().answer("password-policy.json", "GetAccountPasswordPolicy", "AccessDenied")
    assert case.status("password-policy-missing") is Status.NOT_ASSESSED


# password-min-length


def test_password_min_length_fails_one_character_short():
    """CIS asks for 14."""
    case = account().password_policy(MinimumPasswordLength=13)
    expected = [("root", f"{POLICY}/MinimumPasswordLength", 13)]
    assert case.proof("password-min-length") == expected


def test_password_min_length_passes_at_the_limit():
    """Fourteen characters are enough."""
    assert STRONG.status("password-min-length") is Status.PASS


@pytest.mark.parametrize(
    ("profile", "enough"), [(Profile.CIS, 14), (Profile.PCI, 12), (Profile.FSBP, 8)]
)
def test_password_min_length_goes_by_the_profile(profile: Profile, enough: int):
    """No verdict mixes two profiles' thresholds."""
    at, below = (account().password_policy(MinimumPasswordLength=n) for n in (enough, enough - 1))
    assert at.limits(profile).status("password-min-length") is Status.PASS
    assert below.limits(profile).status("password-min-length") is Status.FAIL


@pytest.mark.parametrize("length", [None, "long", True])
def test_password_min_length_is_not_assessed_where_it_is_unreadable(length: object):
    """A length that is missing or is no number is none."""
    case = account().password_policy(MinimumPasswordLength=length)
    assert case.status("password-min-length") is Status.NOT_ASSESSED


# password-reuse


def test_password_reuse_fails_one_password_short():
    """CIS asks for 24 remembered passwords."""
    case = account().password_policy(PasswordReusePrevention=23)
    assert case.proof("password-reuse") == [("root", f"{POLICY}/PasswordReusePrevention", 23)]


def test_password_reuse_fails_where_the_member_is_absent():
    """The API leaves the member out where nothing is remembered."""
    case = account().password_policy(PasswordReusePrevention=None)
    assert case.status("password-reuse") is Status.FAIL


def test_password_reuse_passes_at_the_limit():
    """24 are enough."""
    assert STRONG.status("password-reuse") is Status.PASS


def test_password_reuse_goes_by_the_profile():
    """PCI asks for four."""
    case = account().password_policy(PasswordReusePrevention=4).limits(Profile.PCI)
    assert case.status("password-reuse") is Status.PASS
    case = account().password_policy(PasswordReusePrevention=3).limits(Profile.PCI)
    assert case.status("password-reuse") is Status.FAIL


def test_password_reuse_is_not_assessed_where_it_is_unreadable():
    """A value that is no number says nothing."""
    case = account().password_policy(PasswordReusePrevention="many")
    assert case.status("password-reuse") is Status.NOT_ASSESSED


# password-uppercase, -lowercase, -symbol, -number


def test_password_uppercase_fails_where_it_is_not_required():
    """RequireUppercaseCharacters is false."""
    case = account().password_policy(RequireUppercaseCharacters=False)
    expected = [("root", f"{POLICY}/RequireUppercaseCharacters", False)]
    assert case.proof("password-uppercase") == expected


def test_password_uppercase_passes_where_it_is_required():
    """RequireUppercaseCharacters is true."""
    assert STRONG.status("password-uppercase") is Status.PASS


def test_password_lowercase_fails_where_it_is_not_required():
    """RequireLowercaseCharacters is false."""
    case = account().password_policy(RequireLowercaseCharacters=False)
    expected = [("root", f"{POLICY}/RequireLowercaseCharacters", False)]
    assert case.proof("password-lowercase") == expected


def test_password_lowercase_passes_where_it_is_required():
    """RequireLowercaseCharacters is true."""
    assert STRONG.status("password-lowercase") is Status.PASS


def test_password_symbol_fails_where_it_is_not_required():
    """RequireSymbols is false."""
    case = account().password_policy(RequireSymbols=False)
    assert case.proof("password-symbol") == [("root", f"{POLICY}/RequireSymbols", False)]


def test_password_symbol_passes_where_it_is_required():
    """RequireSymbols is true."""
    assert STRONG.status("password-symbol") is Status.PASS


def test_password_number_fails_where_it_is_not_required():
    """RequireNumbers is false."""
    case = account().password_policy(RequireNumbers=False)
    assert case.proof("password-number") == [("root", f"{POLICY}/RequireNumbers", False)]


def test_password_number_passes_where_it_is_required():
    """RequireNumbers is true."""
    assert STRONG.status("password-number") is Status.PASS


@pytest.mark.parametrize(
    ("rule", "member"),
    [
        ("password-uppercase", "RequireUppercaseCharacters"),
        ("password-lowercase", "RequireLowercaseCharacters"),
        ("password-symbol", "RequireSymbols"),
        ("password-number", "RequireNumbers"),
    ],
)
@pytest.mark.parametrize("value", [None, "perhaps", 7])
def test_a_required_kind_of_character_is_not_assessed_where_it_is_unreadable(
    rule: str, member: str, value: object
):
    """A member that is missing or is no truth value says nothing."""
    assert account().password_policy(**{member: value}).status(rule) is Status.NOT_ASSESSED


# password-max-age


def test_password_max_age_fails_a_day_past_the_limit():
    """The profile of Security Hub asks for 90 days."""
    case = account().password_policy(MaxPasswordAge=91).limits(password_age=90)
    assert case.proof("password-max-age") == [("root", f"{POLICY}/MaxPasswordAge", 91)]


def test_password_max_age_fails_where_passwords_never_expire():
    """ExpirePasswords is false, and the API then leaves the age out."""
    case = account().password_policy(ExpirePasswords=False, MaxPasswordAge=None)
    [(resource, _, _)] = case.limits(password_age=90).proof("password-max-age")
    assert resource == "root"


def test_password_max_age_passes_at_the_limit():
    """90 days are in order."""
    assert STRONG.limits(password_age=90).status("password-max-age") is Status.PASS


def test_password_max_age_does_not_concern_the_cis_profile():
    """CIS has asked for no expiry since 1.2."""
    case = account().password_policy(ExpirePasswords=False, MaxPasswordAge=None)
    assert case.status("password-max-age") is Status.NOT_APPLICABLE


def test_password_max_age_fails_under_pci_for_a_single_factor_login():
    """PCI 8.3.9 speaks of passwords that are the only factor."""
    case = ANN.password().password_policy(ExpirePasswords=False, MaxPasswordAge=91)
    assert case.limits(Profile.PCI).status("password-max-age") is Status.FAIL


def test_password_max_age_does_not_concern_pci_where_everyone_has_mfa():
    """Where every login takes a second factor, 8.3.9 asks for nothing."""
    case = ANN.password().mfa().password_policy(ExpirePasswords=False, MaxPasswordAge=91)
    assert case.limits(Profile.PCI).status("password-max-age") is Status.NOT_APPLICABLE


def test_password_max_age_is_not_assessed_under_pci_without_the_report():
    """Without the report nobody knows whether some login has a single factor."""
    case = account().role("app").password_policy(ExpirePasswords=False, MaxPasswordAge=None)
    case = case.without(REPORT).audited_at(0).limits(Profile.PCI)
    assert case.status("password-max-age") is Status.NOT_ASSESSED


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
