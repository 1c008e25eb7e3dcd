"""Practice 3, second half: credentials that stand in repositories."""

import pytest

from analyzer.leaks.model import CredentialKind
from analyzer.rules.finding import Status
from tests.builders import account, key_id
from tests.risk.leaked import answered

OTHER = "444455556666"
KEY = key_id("111122223333", 1)
UNLISTED = key_id("111122223333", 2)
FOREIGN = key_id(OTHER, 3)
LEAKED = account().user("ann").leak(KEY, account="111122223333")
SPOT = "app.git:settings.py:3"
RULES = ("active", "inactive", "owner-unknown", "owner-match-unavailable", "other-account")


def resource(key: str | None) -> str:
    """How a leaked credential is named where no ARN of a user can be."""
    return f"leaked-key/{key}"


# leaked-key-active


def test_leaked_key_active_fails_for_a_key_listed_as_active():
    """The scanner found the ID of a key that list-access-keys calls active."""
    case = LEAKED.listed_key(KEY)
    assert case.proof("leaked-key-active") == [(resource(KEY), SPOT, None)]


def test_leaked_key_active_names_owner_and_listing():
    """The finding says whose key it is and where the list says so."""
    case = LEAKED.listed_key(KEY)
    [finding] = case.judged("leaked-key-active").findings
    assert finding.facts["user"] == "ann"
    _, listed = case.value_at(finding.locations[-1])
    assert listed["AccessKeyId"] == KEY


def test_leaked_key_active_passes_for_an_inactive_key():
    """An inactive key is the next rule's finding."""
    case = LEAKED.listed_key(KEY, status="Inactive")
    assert case.status("leaked-key-active") is Status.PASS


def test_leaked_key_active_is_not_assessed_where_the_status_is_unreadable():
    """A leaked key whose status nobody knows is not safe."""
    case = LEAKED.listed_key(KEY, status="Suspended")
    assert case.status("leaked-key-active") is Status.NOT_ASSESSED


# leaked-key-inactive


def test_leaked_key_inactive_fails_for_a_key_listed_as_inactive():
    """An inactive key can be switched on again; it is to be deleted."""
    case = LEAKED.listed_key(KEY, status="Inactive")
    assert case.proof("leaked-key-inactive") == [(resource(KEY), SPOT, None)]


def test_leaked_key_inactive_passes_for_an_active_key():
    """An active key is the graver rule's finding, and one finding is enough."""
    assert LEAKED.listed_key(KEY).status("leaked-key-inactive") is Status.PASS


def test_leaked_key_inactive_is_not_assessed_where_the_status_is_unreadable():
    """A status that can't be read may well be Inactive."""
    case = LEAKED.listed_key(KEY, status="Suspended")
    assert case.status("leaked-key-inactive") is Status.NOT_ASSESSED


# leaked-key-owner-unknown


def test_leaked_key_owner_unknown_fails_for_a_key_of_the_account_that_no_list_names():
    """Deleted, root's, or an incomplete list: never reported as safe."""
    case = LEAKED.leak(UNLISTED, account="111122223333").listed_key(KEY)
    assert case.proof("leaked-key-owner-unknown") == [(resource(UNLISTED), SPOT, None)]


@pytest.mark.parametrize("seen", [400, None])
def test_a_key_that_whole_lists_no_longer_name_is_told_for_the_record(seen: int | None):
    """Where the leak is older than the lists; an undated one may be newer, and may work."""
    case = account().root().user("ann").key(age=300).listed_key(KEY)
    case = case.leak(UNLISTED, account="111122223333", seen=seen)
    [finding] = case.judged("leaked-key-owner-unknown").findings
    assert finding.variant == ("gone" if seen else "")


def test_leaked_key_owner_unknown_passes_for_a_listed_key():
    """Every key that was found can be traced to its user."""
    assert LEAKED.listed_key(KEY).status("leaked-key-owner-unknown") is Status.PASS


def test_leaked_key_owner_unknown_fails_for_a_key_id_of_the_old_format():
    """An ID that tells no account may belong to this one."""
    case = account().user("ann").listed_key(KEY).leak("AKIAI" + "A2" * 7 + "B")
    assert case.status("leaked-key-owner-unknown") is Status.FAIL


# leaked-key-owner-match-unavailable


def test_leaked_key_owner_match_unavailable_fails_without_a_list_of_keys():
    """The report has no key IDs: without list-access-keys nothing can be matched."""
    expected = [(resource(KEY), SPOT, None)]
    assert LEAKED.proof("leaked-key-owner-match-unavailable") == expected


def test_leaked_key_owner_match_unavailable_passes_or_is_idle_with_a_list_of_keys():
    """With the list, the other rules judge."""
    status = LEAKED.listed_key(KEY).status("leaked-key-owner-match-unavailable")
    assert status in {Status.PASS, Status.NOT_APPLICABLE}


def test_the_rules_that_match_keys_are_not_assessed_without_a_list_of_keys():
    """They say which export closes the gap."""
    for rule in ("leaked-key-active", "leaked-key-inactive", "leaked-key-owner-unknown"):
        result = LEAKED.judged(rule)
        assert result.status is Status.NOT_ASSESSED
        assert "list-access-keys" in result.command


@pytest.mark.parametrize("beside", [None, UNLISTED], ids=["alone", "another key's list"])
def test_a_key_whose_user_an_inquiry_names_has_a_known_owner(beside):
    """get-access-key-last-used names the user, so no rule says that nobody knows them."""
    case = answered(LEAKED, "ann", KEY)
    case = case.listed_key(beside) if beside else case
    for rule in ("leaked-key-owner-unknown", "leaked-key-owner-match-unavailable"):
        assert case.status(rule) is not Status.FAIL
    assert answered(LEAKED, "ann", UNLISTED).status("leaked-key-owner-match-unavailable") is (
        Status.FAIL
    )


# leaked-service-api-key


def test_leaked_service_api_key_fails_and_names_its_user():
    """A key of Bedrock carries its user's name, and is in no list of access keys."""
    case = account().user("ann").leak(None, kind=CredentialKind.BEDROCK_KEY, user="ann")
    [finding] = case.judged("leaked-service-api-key").findings
    assert finding.facts["user"] == "ann"
    assert case.status("leaked-key-owner-match-unavailable") is Status.NOT_APPLICABLE


def test_leaked_service_api_key_passes_for_access_keys():
    """They have rules of their own, and one finding is enough."""
    assert LEAKED.status("leaked-service-api-key") is Status.PASS


# leaked-key-other-account


def test_leaked_key_other_account_fails_for_a_foreign_key():
    """The ID decodes to an account that was not handed in."""
    case = account().user("ann").leak(FOREIGN, account=OTHER)
    assert case.proof("leaked-key-other-account") == [(resource(FOREIGN), SPOT, None)]


def test_leaked_key_other_account_passes_or_is_idle_for_a_key_of_the_account():
    """A key of this account is no foreign one."""
    assert LEAKED.status("leaked-key-other-account") in {Status.PASS, Status.NOT_APPLICABLE}


def test_leaked_key_other_account_spares_the_accounts_declared_as_own():
    """A second account of the owner's, named in the settings, is not somebody else's."""
    case = account().user("ann").leak(FOREIGN, account=OTHER)
    case = case.limits(own_accounts=frozenset({OTHER}))
    assert case.status("leaked-key-other-account") is not Status.FAIL


# all of them


@pytest.mark.parametrize("rule", [f"leaked-key-{name}" for name in RULES])
def test_a_demoted_credential_is_no_finding(rule: str):
    """An example from documentation stands in the list of credentials, not among the findings."""
    case = account().user("ann").leak("AKIA" + "IOSFODNN7EXAMPLE", set_aside="an example")
    case = case.leak(FOREIGN, account=OTHER, set_aside="a decoy")
    assert case.status(rule) is not Status.FAIL


def test_a_mark_beside_a_key_of_the_account_makes_it_no_example():
    """Whoever wants a key to be passed over can write a comment; its ID tells whose it is."""
    case = account().user("ann").leak(KEY, account="111122223333", set_aside="a comment allows it")
    assert case.status("leaked-key-owner-match-unavailable") is Status.FAIL


@pytest.mark.parametrize("rule", [f"leaked-key-{name}" for name in RULES])
def test_without_a_scan_nothing_is_said_about_leaks(rule: str):
    """No repository was handed in: not requested, never a pass."""
    assert account().user("ann").listed_key(KEY).status(rule) is Status.NOT_REQUESTED


@pytest.mark.parametrize("rule", [f"leaked-key-{name}" for name in RULES])
def test_a_scan_that_found_nothing_is_no_finding(rule: str):
    """Repositories were scanned and hold no credential."""
    case = account().user("ann").listed_key(KEY).scanned()
    assert case.status(rule) in {Status.PASS, Status.NOT_APPLICABLE}


def test_a_leak_is_one_finding_in_all_rules_together():
    """One key of the account, in whatever state, is one finding."""
    for case in (
        LEAKED,
        LEAKED.listed_key(KEY),
        LEAKED.listed_key(KEY, status="Inactive"),
        LEAKED.listed_key(UNLISTED),
    ):
        results = case.judged_all()
        assert sum(results[f"leaked-key-{name}"].failed for name in RULES) == 1
