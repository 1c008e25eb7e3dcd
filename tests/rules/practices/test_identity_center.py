"""Practices 2, 5 and 8: permission sets of Identity Center."""

import json

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, account
from tests.rules.organization_exports import SET, assignment, permission_set, policies_of_set

OWN, OTHER = "111122223333", "444455556666"
ADMIN, DIRECT = "identity-center-admin-permission-set", "identity-center-direct-user-assignment"
ADMINISTRATOR = policies_of_set("AdministratorAccess")


def sets(*documents):
    """These answers on permission sets, and no more."""
    case = account()
    for each in documents:
        case = case.export("sets.json", each)
    return case


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("PT1H", Status.PASS),
        ("PT4H", Status.PASS),
        ("PT4H1M", Status.FAIL),
        ("PT240M1S", Status.FAIL),
        ("P1D", Status.FAIL),
        ("PT12H", Status.FAIL),
        ("12 hours", Status.NOT_ASSESSED),
        ("", Status.NOT_ASSESSED),
    ],
)
def test_a_session_of_an_administrator_lasts_four_hours_at_most(length, status):
    """However the length is written."""
    assert sets(permission_set(length), ADMINISTRATOR).status(ADMIN) is status


def test_the_limit_can_be_set():
    """In hours."""
    case = sets(permission_set("PT8H"), ADMINISTRATOR).limits(admin_session=8)
    assert case.status(ADMIN) is Status.PASS


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (policies_of_set("ReadOnlyAccess"), Status.PASS),
        (policies_of_set(), Status.PASS),
        (policies_of_set("AdministratorAccess", arn="arn:other"), Status.NOT_ASSESSED),
    ],
)
def test_only_full_rights_need_short_sessions(document, status):
    """What a set grants that no answer tells of, nobody knows."""
    assert sets(permission_set("PT12H"), document).status(ADMIN) is status


@pytest.mark.parametrize(("action", "status"), [("*", Status.FAIL), ("s3:*", Status.PASS)])
def test_an_inline_policy_can_give_full_rights(action, status):
    """As a text, which is how AWS answers."""
    text = json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
    inline = {"credaudit_permission_set": SET, "InlinePolicy": text}
    case = sets(permission_set("PT12H"), policies_of_set("ReadOnlyAccess"), inline)
    assert case.status(ADMIN) is status


def test_the_role_of_the_set_tells_what_it_grants():
    """Before its policies do: it has them all, and the evaluator read them."""
    path = "/aws-reserved/sso.amazonaws.com/"
    case = sets(permission_set("PT12H")).role("AWSReservedSSO_Admins_0a1b2c", path=path)
    assert case.may("*").status(ADMIN) is Status.FAIL
    assert case.may("s3:GetObject").status(ADMIN) is Status.PASS


def test_a_set_of_other_accounts_is_none_of_this_one():
    """Where an answer names its accounts."""
    elsewhere = {"credaudit_permission_set": SET, "AccountIds": [OTHER]}
    case = sets(permission_set("PT12H"), ADMINISTRATOR, elsewhere)
    assert case.status(ADMIN) is Status.NOT_APPLICABLE
    here = sets(permission_set("PT12H"), ADMINISTRATOR, elsewhere | {"AccountIds": [OTHER, OWN]})
    assert here.status(ADMIN) is Status.FAIL


def test_permission_sets_need_no_authorization_details():
    """Their own policies are enough."""
    case = sets(permission_set("PT12H"), ADMINISTRATOR).without(DETAILS)
    assert case.status(ADMIN) is Status.FAIL


@pytest.mark.parametrize(
    ("rule", "call"), [(ADMIN, "collect"), (DIRECT, "list-account-assignments")]
)
def test_only_where_identity_center_is_in_use_a_file_is_missing(rule, call):
    """A list of instances that names none says that there is nothing to ask."""
    result = account().identity_center("ssoins-1").judged(rule)
    assert result.status is Status.NOT_ASSESSED
    assert call in result.command
    assert account().identity_center().status(rule) is Status.NOT_APPLICABLE
    assert account().status(rule) is Status.NOT_ASSESSED


# identity-center-direct-user-assignment


def assigned(*documents):
    """These assignments."""
    case = account()
    for each in documents:
        case = case.export("assignments.json", each)
    return case


def test_an_assignment_to_a_person_is_found():
    """One finding for a set, with the number of people and the set's name."""
    people = [assignment(OWN, "USER", who) for who in ("p-1", "p-2")]
    case = assigned(*people, assignment(OWN, "GROUP")).export("sets.json", permission_set())
    [found] = case.judged(DIRECT).findings
    assert (found.facts["people"], found.facts["name"]) == (2, "Admins")
    assert len(found.locations) == 2


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (assignment(OWN, "GROUP"), Status.PASS),
        (assignment(OTHER, "USER"), Status.NOT_APPLICABLE),
        (assignment(OWN, "ROBOT"), Status.NOT_ASSESSED),
    ],
)
def test_groups_and_other_accounts_keep_the_rule(given, status):
    """What the principal is that can't be read, nobody knows."""
    assert assigned(given).status(DIRECT) is status
