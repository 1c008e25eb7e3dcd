"""Practice 6: the account's password policy, its own or AWS's default."""

import pytest

from analyzer.config import Profile
from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from tests.builders import REPORT, account, the_catalogue

POLICY = "password-policy.json:/PasswordPolicy"
STRONG = account().password_policy()
ANN = account().user("ann")
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


@pytest.mark.parametrize("rule", [*(f"password-{name}" for name in RULES), "password-max-age"])
@pytest.mark.parametrize("profile", Profile)
def test_each_rule_on_strength_fails_by_default(rule: str, profile: Profile):
    """AWS Config calls the default policy non-compliant, whatever length a profile asks for."""
    case = account().user("ann").password().no_password_policy().limits(profile)
    if rule == "password-max-age" and profile is not Profile.PCI:
        assert case.status(rule) is Status.NOT_APPLICABLE
        return
    [(resource, spot, text)] = case.proof(rule)
    assert (resource, spot) == ("root", "password-policy.json:")
    assert "NoSuchEntity" in text


def test_a_missing_policy_costs_once():
    """One cause: the checks on it fail for the sake of the controls, and deduct nothing."""
    case = account().user("ann").password().no_password_policy().limits(password_age=90)
    results = case.judged_all()
    costing = {
        rule
        for rule, result in results.items()
        for each in result.findings
        if each.locations[0].evidence == results["password-reuse"].findings[0].locations[0].evidence
        and the_catalogue().entry_of(rule, each.variant).severity is not Severity.INFO
    }
    assert costing == {"password-policy-missing"}


def test_a_default_that_binds_nobody_costs_nothing_either():
    """The milder of the two cases counts, and its reason is told."""
    [finding] = account().no_password_policy().judged("password-reuse").findings
    told = the_catalogue().entry_of("password-reuse", finding.variant)
    assert told.severity is Severity.INFO
    assert told.why.startswith("No user of this account has a password")


def test_two_answers_that_contradict_each_other_are_no_default():
    """Where a policy was handed in, its own members are judged."""
    case = STRONG.answer("error.json", "GetAccountPasswordPolicy", "NoSuchEntity")
    assert case.status("password-reuse") is Status.PASS


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


# password-hard-expiry


def test_password_hard_expiry_fails_where_the_late_are_locked_out():
    """HardExpiry is true, and passwords do end."""
    case = account().password_policy(HardExpiry=True)
    assert case.proof("password-hard-expiry") == [("root", f"{POLICY}/HardExpiry", True)]


@pytest.mark.parametrize(
    "members", [{}, {"HardExpiry": False}, {"HardExpiry": True, "ExpirePasswords": False}]
)
def test_password_hard_expiry_passes_where_nobody_is_locked_out(members):
    """Without it, and where no password ends."""
    assert account().password_policy(**members).status("password-hard-expiry") is Status.PASS


@pytest.mark.parametrize("member", ["HardExpiry", "ExpirePasswords"])
def test_password_hard_expiry_is_not_assessed_where_it_is_unreadable(member: str):
    """Neither member decides by itself."""
    case = account().password_policy(**{"HardExpiry": True} | {member: "perhaps"})
    assert case.status("password-hard-expiry") is Status.NOT_ASSESSED


# password-self-change-blocked

BLOCKED = account().password_policy(AllowUsersToChangePassword=False).user("ann").password()
CHANGE = "iam:ChangePassword"


def test_password_self_change_blocked_fails_once_for_all_users():
    """One setting, one finding, with the rows of those whom no policy helps."""
    case = BLOCKED.user("bob").password().user("cy").password()
    case = case.may(CHANGE, on="arn:aws:iam::111122223333:user/${aws:username}")
    [(resource, spot, value)] = case.proof("password-self-change-blocked")
    assert (resource, spot) == ("root", f"{POLICY}/AllowUsersToChangePassword")
    assert value is False
    [finding] = case.judged("password-self-change-blocked").findings
    assert (finding.facts["users"], finding.facts["names"]) == (2, "ann, bob")


def test_password_self_change_blocked_passes_where_the_policy_lets_everyone():
    """The setting gives the right to all users."""
    case = account().password_policy(AllowUsersToChangePassword=True).user("ann").password()
    assert case.status("password-self-change-blocked") is Status.PASS


def test_password_self_change_blocked_passes_where_policies_give_the_right():
    """AWS's policy for it, or any other."""
    assert BLOCKED.may(CHANGE).status("password-self-change-blocked") is Status.PASS


def test_password_self_change_blocked_fails_where_a_policy_denies_it():
    """Whatever else allows it."""
    case = BLOCKED.may("*").may_not(CHANGE)
    assert case.status("password-self-change-blocked") is Status.FAIL


def test_password_self_change_blocked_is_not_assessed_where_rights_or_setting_are_unreadable():
    """Nobody is called blocked or free on a guess."""
    held = BLOCKED.attached("arn:aws:iam::111122223333:policy/lost").policy("lost")
    assert held.status("password-self-change-blocked") is Status.NOT_ASSESSED
    case = account().password_policy(AllowUsersToChangePassword="x").user("ann").password()
    assert case.status("password-self-change-blocked") is Status.NOT_ASSESSED


def test_password_self_change_blocked_concerns_users_with_a_password():
    """Programs have none to change."""
    case = account().password_policy(AllowUsersToChangePassword=False).user("bot").key()
    assert case.status("password-self-change-blocked") is Status.PASS


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
