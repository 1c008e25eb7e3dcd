"""A user that may rename itself gets what policies tie to other names and paths."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

IAM = "arn:aws:iam::111122223333:"
ANN = f"{IAM}user/ann"
RENAMES = allow("iam:UpdateUser")
CONDITIONAL, INDIRECT, LIMITED = (
    PrivilegeLevel.CONDITIONAL,
    PrivilegeLevel.INDIRECT,
    PrivilegeLevel.LIMITED,
)
NOBODY_ELSE = account()
OF_ROOT = {"StringEquals": {"aws:username": "root-admin"}}
OF_TEAM = {"ArnLike": {"aws:PrincipalArn": f"{IAM}user/team/*"}}


def level(*statements, case=NOBODY_ELSE):
    """How far ann gets with these statements in that account."""
    found = escalation_graph(case.user("ann").key().inline("p", *statements).account())
    return found.privileges[ANN].level


@pytest.mark.parametrize(
    "tied",
    [
        allow("iam:PutUserPolicy", on=f"{IAM}user/team/*"),
        allow("iam:PutUserPolicy", on=f"{IAM}user/boss-*"),
        allow("*", when=OF_ROOT),
        allow("*", when={"StringLike": {"aws:username": "root-*"}}),
        allow("*", when=OF_TEAM),
        allow("iam:PutUserPolicy", when={"StringNotEquals": {"aws:username": "ann"}}),
    ],
)
def test_rights_tied_to_a_name_are_had_by_whoever_takes_the_name(tied):
    """Its policies stay with it, says AWS.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
    """
    assert level(tied) is LIMITED
    assert level(tied, RENAMES) is CONDITIONAL


@pytest.mark.parametrize(
    ("renaming", "expected"),
    [
        (allow("iam:UpdateUser", on=[ANN, f"{IAM}user/team/*"]), CONDITIONAL),
        (allow("iam:UpdateUser", on=f"{IAM}user/*ann"), CONDITIONAL),
        (allow("iam:UpdateUser", on=ANN), LIMITED),
        (allow("iam:UpdateUser", on=f"{IAM}user/team/*"), LIMITED),
        (allow("iam:UpdateUser", on=f"{IAM}user/bob"), LIMITED),
    ],
)
def test_it_takes_the_right_on_both_names(renaming, expected):
    """On the one that it has, and on the one that it gets."""
    assert level(allow("iam:PutUserPolicy", on=f"{IAM}user/team/*"), renaming) is expected


@pytest.mark.parametrize("taken", ["root-admin", "ROOT-admin"])
def test_a_name_that_is_taken_can_not_be_had(taken):
    """Case makes no difference."""
    assert level(allow("*", when=OF_ROOT), RENAMES, case=account().user(taken)) is LIMITED
    assert level(allow("*", when=OF_ROOT), RENAMES, case=account().user("else")) is CONDITIONAL


def test_a_deny_on_ones_own_name_is_left_behind():
    """What names the user in a resource does not follow it."""
    put, no = allow("iam:PutUserPolicy"), deny("iam:PutUserPolicy", on=ANN)
    assert level(put, no) is LIMITED
    assert level(put, no, RENAMES) is CONDITIONAL
    assert level(put, deny("iam:PutUserPolicy"), RENAMES) is LIMITED


def test_a_pattern_with_the_name_in_it_reaches_others():
    """A user called prod is let into the roles of prod."""
    case = account().role("prod-strong").trusts({"AWS": f"{IAM}root"}).may("*")
    own = allow("sts:AssumeRole", on="arn:aws:iam::*:role/${aws:username}-*")
    assert level(own, case=case) is LIMITED
    assert level(own, RENAMES, case=case) is CONDITIONAL
    assert level(own, RENAMES, case=case.user("prod")) is LIMITED


def test_a_trust_policy_that_tests_the_arn_sees_the_new_one():
    """One that names the user as principal keeps to it."""
    case = account().role("strong").trusts({"AWS": f"{IAM}root"}, when=OF_TEAM).may("*")
    assumes = allow("sts:AssumeRole")
    assert level(assumes, case=case) is LIMITED
    assert level(assumes, RENAMES, case=case) is CONDITIONAL


def test_the_boundary_and_tags_stay_with_whoever_is_renamed():
    """A condition on them is decided as before."""
    on = f"{IAM}user/team/*"
    for kind, value in (("iam:ResourceTag/team", "red"), ("aws:ResourceTag/team", "red")):
        case = account().user("ann").tag("team", "red").key()
        right = allow("iam:PutUserPolicy", on=on, when={"StringEquals": {kind: value}})
        wrong = allow("iam:PutUserPolicy", on=on, when={"StringEquals": {kind: "blue"}})
        found = escalation_graph(case.inline("p", right, RENAMES).account())
        assert found.privileges[ANN].level is CONDITIONAL
        found = escalation_graph(case.inline("p", wrong, RENAMES).account())
        assert found.privileges[ANN].level is LIMITED
