"""Practice 2 and 3: keys and passwords of single services."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account
from tests.rules.small_exports import SECOND, days

ENDLESS, STALE = "service-api-key-no-expiry", "service-specific-credential-stale"
DORMANT, OVER = "ssh-public-key-active-dormant-user", "bedrock-key-user-over-privileged"
FILE = "service-specific-credentials.json:/ServiceSpecificCredentials/0"
ANN = account().user("ann")
CODE = "codecommit.amazonaws.com"
MADE = account().user("BedrockAPIKey-x1").attached("AmazonBedrockLimitedAccess")


# service-api-key-no-expiry


@pytest.mark.parametrize("service", ["bedrock.amazonaws.com", "logs.amazonaws.com"])
def test_an_api_key_without_an_end_fails(service: str):
    """It works until somebody deletes it."""
    [(resource, spot, _)] = ANN.service_credential(service=service).proof(ENDLESS)
    assert (resource, spot) == ("user/ann", FILE)


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        (days(-90), Status.PASS),
        (days(-90) - SECOND, Status.FAIL),
        (days(1), Status.PASS),
        ("soon", Status.NOT_ASSESSED),
    ],
)
def test_an_api_key_may_have_ninety_days_left(ends, status):
    """One that is past its end works no more, and a date that can't be read says nothing."""
    assert ANN.service_credential(ends=ends).status(ENDLESS) is status


def test_an_api_key_that_ends_late_is_told_with_its_day():
    """It is a case of its own, and as bad."""
    [finding] = ANN.service_credential(ends=-400).judged(ENDLESS).findings
    assert (finding.variant, finding.facts["left"]) == ("ends-late", 400)


@pytest.mark.parametrize("status", ["Inactive", "Expired"])
def test_a_dead_api_key_is_none(status: str):
    """Nor is a password of another service."""
    case = ANN.service_credential(status=status).service_credential("ACCAX2", service=CODE)
    assert case.status(ENDLESS) is Status.NOT_APPLICABLE


def test_a_key_of_a_service_to_come_is_known_by_its_alias():
    """Only API keys have one."""
    told = {"ServiceSpecificCredentialId": "A1", "UserName": "ann", "Status": "Active"}
    told |= {"ServiceName": "new.amazonaws.com", "ServiceCredentialAlias": "ann-at-1"}
    case = ANN.export("s.json", {"ServiceSpecificCredentials": [told]})
    assert case.status(ENDLESS) is Status.FAIL


def test_a_key_of_which_two_lists_differ_is_not_assessed():
    """Nobody knows which list is newer; two that agree are one finding."""
    case = ANN.service_credential()
    assert len(case.service_credential().judged(ENDLESS).findings) == 1
    assert case.service_credential(status="Inactive").status(ENDLESS) is Status.NOT_ASSESSED


def test_keys_of_one_user_are_found_each_by_itself():
    """Two keys, two findings."""
    case = ANN.service_credential("A1").service_credential("A2")
    assert len({each.fingerprint for each in case.judged(ENDLESS).findings}) == 2


# service-specific-credential-stale


@pytest.mark.parametrize(
    ("age", "status"),
    [(90, Status.PASS), (days(91), Status.FAIL), ("long ago", Status.NOT_ASSESSED)],
)
def test_a_password_for_one_service_is_stale_after_ninety_days(age, status):
    """As a key is."""
    assert ANN.service_credential(service=CODE, age=age).status(STALE) is status


@pytest.mark.parametrize(
    ("given", "status"), [("Inactive", Status.NOT_APPLICABLE), ("?", Status.NOT_ASSESSED)]
)
def test_a_stale_password_must_be_live(given: str, status: Status):
    """An unknown status is none."""
    case = ANN.service_credential(service=CODE, age=400, status=given)
    assert case.status(STALE) is status


def test_an_api_key_is_judged_by_its_end_alone():
    """Another check does that."""
    assert ANN.service_credential(age=400).status(STALE) is Status.NOT_APPLICABLE


# ssh-public-key-active-dormant-user


@pytest.mark.parametrize(("used", "status"), [(91, Status.FAIL), (90, Status.PASS)])
def test_an_ssh_key_of_a_user_who_is_idle_fails(used: int, status: Status):
    """A sign-in counts, and the use of any access key."""
    case = ANN.password(last_used=200).key(last_used=used, active=False).ssh_key()
    assert case.status(DORMANT) is status


def test_an_ssh_key_of_a_user_who_never_did_anything_counts_from_its_making():
    """A user of yesterday is not dormant."""
    [(resource, spot, value)] = ANN.ssh_key().proof(DORMANT)
    assert (resource, spot, value) == (
        "user/ann",
        "ssh-keys.json:/SSHPublicKeys/0/Status",
        "Active",
    )
    assert account().user("new", created=2).ssh_key().status(DORMANT) is Status.PASS


def test_an_ssh_key_is_not_assessed_where_it_or_its_user_is_unknown():
    """A status that AWS does not have, a use that can't be read, a user without a row."""
    assert ANN.ssh_key(status="?").status(DORMANT) is Status.NOT_ASSESSED
    case = ANN.key(last_used=200).ssh_key().cell("ann", "access_key_1_last_used_date", "?")
    assert case.status(DORMANT) is Status.NOT_ASSESSED
    key = {"UserName": "gone", "SSHPublicKeyId": "A1", "Status": "Active"}
    stranger = account().export("s.json", {"SSHPublicKeys": [key]})
    assert stranger.status(DORMANT) is Status.NOT_ASSESSED


def test_a_user_whom_no_list_of_ssh_keys_covers_is_not_assessed():
    """An empty answer covers one user, by name where the collect script saved it."""
    case = ANN.password().ssh_key(status="Inactive").user("bob")
    assert case.status(DORMANT) is Status.NOT_ASSESSED
    empty = {"SSHPublicKeys": []}
    assert case.export("b.json", empty).status(DORMANT) is Status.NOT_APPLICABLE
    named = case.export("b.json", empty | {"credaudit_user": "bob"})
    assert named.status(DORMANT) is Status.NOT_APPLICABLE
    other = case.export("b.json", empty | {"credaudit_user": "ann"})
    assert other.status(DORMANT) is Status.NOT_ASSESSED


def test_an_emergency_user_is_meant_to_be_idle():
    """It was declared."""
    case = ANN.ssh_key().limits(break_glass=frozenset({"ann"}))
    assert case.status(DORMANT) is Status.PASS


# bedrock-key-user-over-privileged


def test_the_user_of_an_api_key_passes_with_what_the_console_gave_it():
    """Or with less; other users are not concerned."""
    assert MADE.status(OVER) is Status.PASS
    assert account().user("BedrockAPIKey-x2").status(OVER) is Status.PASS
    assert ANN.attached("AdministratorAccess").status(OVER) is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("case", "more"),
    [
        (MADE.attached("AmazonS3FullAccess"), "policy AmazonS3FullAccess"),
        (MADE.inline("own"), "policy own"),
        (MADE.group("dev"), "group dev"),
        (MADE.key(), "1 active key"),
        (MADE.inline("own").password(), "password, policy own"),
        (
            account().user("BedrockAPIKey-x1").attached(
                "arn:aws:iam::111122223333:policy/AmazonBedrockLimitedAccess"
            ).policy("AmazonBedrockLimitedAccess"),
            "policy AmazonBedrockLimitedAccess",
        ),
    ],
    ids=["policy", "inline", "group", "key", "both", "namesake"],
)  # fmt: skip
def test_the_user_of_an_api_key_fails_with_anything_more(case, more: str):
    """A policy, a group, another way in; a policy of AWS's name may hold anything."""
    [finding] = case.judged(OVER).findings
    assert finding.facts["more"] == more


def test_the_user_of_an_api_key_is_not_assessed_where_its_ways_in_are_unknown():
    """No row, or one that can't be read."""
    assert (
        MADE.cell("BedrockAPIKey-x1", "password_enabled", "?").status(OVER) is Status.NOT_ASSESSED
    )
    assert MADE.without("credential-report.json").status(OVER) is Status.NOT_ASSESSED
