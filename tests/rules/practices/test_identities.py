"""Practice 8: one identity per person, federation as the next step."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account
from tests.rules.small_exports import SECOND, days

ANN = account().user("ann")
PERSON = ANN.password()
TWO_REGIONS = "concurrent-use-from-two-regions"
SSO_ROLE = "AWSReservedSSO_Admin_0123456789abcdef"


# shared-looking-user-name


@pytest.mark.parametrize(
    "name",
    ["admin", "Administrator", "team-dev", "shared_ops", "test", "support", "guest", "ops-team"],
)
def test_shared_looking_user_name_fails_for_words_of_a_function_or_a_crowd(name: str):
    """Nothing in the name tells a person."""
    case = account().user(name).password()
    assert case.proof("shared-looking-user-name") == [(f"user/{name}", f"{REPORT}:3:user", name)]


@pytest.mark.parametrize("name", ["ann", "ann.admin", "admin-john.smith", "test.miller@corp.com"])
def test_shared_looking_user_name_passes_where_a_person_is_named(name: str):
    """A person's token makes the name a person's."""
    case = account().user(name).password()
    assert case.status("shared-looking-user-name") is Status.PASS


def test_shared_looking_user_name_does_not_concern_users_without_a_password():
    """A program may be called what it likes."""
    case = account().user("backup").key()
    assert case.status("shared-looking-user-name") is Status.NOT_APPLICABLE


def test_shared_looking_user_name_lists_the_words_it_met():
    """A guess must show what it rests on."""
    [finding] = account().user("team-dev").password().judged("shared-looking-user-name").findings
    assert finding.facts["tokens"] == "team"


# concurrent-use-from-two-regions


def used(first: float, second: object, regions: tuple[str, str] = ("eu-west-1", "us-east-1")):
    """Ann with two active keys, last used so long ago and in those regions."""
    one = ANN.key(age=60, last_used=first, region=regions[0])
    return one.key(age=50, last_used=second, region=regions[1])


def test_concurrent_use_from_two_regions_fails_within_a_day():
    """Two active keys, a day apart at most, in two regions."""
    spot = f"{REPORT}:3:access_key_1_last_used_region"
    assert used(1, days(2)).proof(TWO_REGIONS) == [("user/ann", spot, "eu-west-1")]


def test_concurrent_use_from_two_regions_passes_a_second_later():
    """A day and a second apart."""
    assert used(1, days(2) + SECOND).status(TWO_REGIONS) is Status.PASS


@pytest.mark.parametrize(
    "regions",
    [("eu-west-1", "eu-west-1"), ("N/A", "eu-west-1"), ("eu-west-1", "N/A"), ("N/A", "N/A")],
)
def test_concurrent_use_from_two_regions_passes_for_one_region_or_none(regions: tuple[str, str]):
    """N/A stands for a global service and is no region."""
    assert used(1, 1, regions).status(TWO_REGIONS) is Status.PASS


def test_concurrent_use_from_two_regions_passes_where_a_key_was_never_used():
    """One use is no pair."""
    assert used(1, None).status(TWO_REGIONS) is Status.PASS


def test_concurrent_use_from_two_regions_does_not_concern_one_active_key():
    """The uses of an inactive key are past."""
    case = ANN.key(region="eu-west-1").key(region="us-east-1", active=False)
    assert case.status(TWO_REGIONS) in {Status.PASS, Status.NOT_APPLICABLE}


# user-owner-unknown


def test_user_owner_unknown_fails_without_an_owner_tag():
    """Tags there are, but none says who answers for the user."""
    case = ANN.tag("colour", "green")
    expected = [
        ("user/ann", f"{DETAILS}:/UserDetailList/0/Tags", [{"Key": "colour", "Value": "green"}])
    ]
    assert case.proof("user-owner-unknown") == expected


def test_user_owner_unknown_fails_without_any_tags():
    """The API leaves the member out where there are none; the place must exist all the same."""
    [(resource, spot, _)] = ANN.proof("user-owner-unknown")
    assert resource == "user/ann"
    assert spot.startswith(f"{DETAILS}:/UserDetailList/0")


@pytest.mark.parametrize("tag", ["owner", "Owner", "team", "EMAIL"])
def test_user_owner_unknown_passes_with_an_owner_tag(tag: str):
    """Tag keys are compared without regard to letter case."""
    assert ANN.tag(tag, "ann@example.com").status("user-owner-unknown") is Status.PASS


def test_user_owner_unknown_goes_by_the_tags_of_the_settings():
    """The list of accepted keys is the account owner's."""
    case = ANN.tag("steward").limits(owner_tags=("steward",))
    assert case.status("user-owner-unknown") is Status.PASS


# human-users-beside-federation


@pytest.mark.parametrize(
    "case", [PERSON.saml_provider(), PERSON.identity_center("ssoins-1")], ids=["saml", "center"]
)
def test_human_users_beside_federation_fails_for_a_console_user(case):
    """Federation is there, and ann still has a password in IAM."""
    expected = [("user/ann", f"{REPORT}:3:password_enabled", "true")]
    assert case.proof("human-users-beside-federation") == expected


def test_human_users_beside_federation_passes_or_is_idle_for_programs():
    """Users without a password are no people."""
    status = ANN.key().saml_provider().status("human-users-beside-federation")
    assert status in {Status.PASS, Status.NOT_APPLICABLE}


def test_human_users_beside_federation_spares_declared_break_glass_users():
    """A user for emergencies, named in the settings, keeps its password."""
    case = PERSON.saml_provider().limits(break_glass=frozenset({"ann"}))
    assert case.status("human-users-beside-federation") is not Status.FAIL


def test_a_provider_that_has_expired_is_no_federation():
    """Nobody signs in through it, so passwords are the only way in."""
    case = ANN.password().saml_provider(expired=1).role("app")
    assert case.status("human-users-beside-federation") is Status.NOT_APPLICABLE
    assert case.status("no-federation-configured") is Status.FAIL


def test_human_users_beside_federation_does_not_concern_accounts_without_federation():
    """Where nothing else is there, another rule speaks."""
    case = PERSON.no_providers().identity_center()
    assert case.status("human-users-beside-federation") is Status.NOT_APPLICABLE


# no-federation-configured


def test_no_federation_configured_fails_for_people_without_another_way():
    """Console users, and no provider, no Identity Center, no role of its."""
    case = PERSON.no_providers().identity_center()
    expected = [("root", f"{REPORT}:3:password_enabled", "true")]
    assert case.proof("no-federation-configured") == expected


@pytest.mark.parametrize(
    "case",
    [
        PERSON.saml_provider(),
        PERSON.no_providers().identity_center("ssoins-1"),
        PERSON.no_providers().export("sets.json", {"PermissionSets": ["arn:aws:sso:::ps-1"]}),
        PERSON.no_providers().role(SSO_ROLE, path="/aws-reserved/sso.amazonaws.com/"),
    ],
    ids=["saml", "center", "permission sets", "role"],
)
def test_no_federation_configured_passes_with_any_way(case):
    """One way in without a password of IAM's is enough."""
    assert case.status("no-federation-configured") is Status.PASS


def test_no_federation_configured_does_not_concern_accounts_without_people():
    """Without console users there is nobody to federate."""
    case = ANN.key().no_providers().identity_center()
    assert case.status("no-federation-configured") is Status.NOT_APPLICABLE


def test_no_federation_configured_is_not_assessed_without_the_report():
    """Only the report says whether people sign in with passwords."""
    case = PERSON.no_providers().without(REPORT).audited_at(0)
    assert case.status("no-federation-configured") is Status.NOT_ASSESSED


@pytest.mark.parametrize("service", ["iam", "organizations", "cloudfront", "route53"])
def test_concurrent_use_from_two_regions_passes_for_global_services(service: str):
    """They answer in us-east-1 alone, wherever the caller is."""
    one = ANN.key(age=60, last_used=1, region="eu-west-1")
    case = one.key(age=50, last_used=1, region="us-east-1", service=service)
    assert case.status(TWO_REGIONS) is Status.PASS
    regional = one.key(age=50, last_used=1, region="us-east-1", service="ec2")
    assert regional.status(TWO_REGIONS) is Status.FAIL


def test_roles_of_identity_center_prove_federation_in_both_checks():
    """No list of providers was handed in, and none is needed."""
    path = "/aws-reserved/sso.amazonaws.com/"
    case = ANN.password().role(SSO_ROLE, path=path)
    assert case.status("no-federation-configured") is Status.PASS
    [finding] = case.judged("human-users-beside-federation").findings
    assert finding.facts["provider"] == "IAM Identity Center"
    without = ANN.password()
    assert without.status("human-users-beside-federation") is Status.NOT_ASSESSED
