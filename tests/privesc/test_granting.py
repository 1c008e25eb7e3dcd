"""By what a principal gives rights to others, with the statements."""

import pytest

from analyzer.privesc.granting import giving_rights
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

BOB = "arn:aws:iam::111122223333:user/bob"
ANN = "arn:aws:iam::111122223333:user/ann"


def rights_of_ann(case):
    """What Ann can give, and how far she gets herself."""
    graph = escalation_graph(case.account())
    return giving_rights(graph.facts, graph.giving, ANN), graph.privileges[ANN].level


def test_a_certain_right_names_the_action_and_the_statement():
    """The second policy gives it, and nothing else does."""
    case = account().user("bob").user("ann").key().may("s3:*").may("iam:PutUserPolicy", on=BOB)
    [right], level = rights_of_ann(case)
    assert level is PrivilegeLevel.INDIRECT
    assert (right.action, right.is_certain, right.targets) == ("iam:PutUserPolicy", True, 1)
    assert [each.held.name for each in right.statements] == ["p1"]


def test_a_right_that_depends_on_something_says_on_what():
    """The address of her console sessions is in no export."""
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    case = account().user("bob").user("ann").password()
    [right], level = rights_of_ann(case.may("iam:AttachUserPolicy", on=BOB, when=office))
    assert level is PrivilegeLevel.INDIRECT
    assert not right.is_certain
    assert any("SourceIp" in why for why in right.reasons)


@pytest.mark.parametrize("action", ["iam:ListUsers", "s3:PutBucketPolicy", "iam:PutUserPolicy"])
def test_what_gives_nobody_rights_is_no_such_right(action: str):
    """Reading, resources that are no principals, and her own user alone."""
    case = account().user("bob").user("ann").key().inline("p", allow(action, on=ANN))
    rights, _ = rights_of_ann(case)
    assert rights == ()


def test_the_certain_rights_come_first():
    """One for sure, one under a condition."""
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    case = account().user("bob").user("ann").password()
    case = case.may("iam:AttachUserPolicy", on=BOB, when=office).may("iam:PutUserPolicy", on=BOB)
    rights, _ = rights_of_ann(case)
    assert [each.action for each in rights] == ["iam:PutUserPolicy", "iam:AttachUserPolicy"]


def test_only_who_can_hold_what_is_given_counts_as_another():
    """A policy for users is given to no role."""
    case = account().role("app").policy("mine", allow("s3:Get*")).user("ann").key()
    not_herself = deny("iam:AttachUserPolicy", on=ANN)
    rights, level = rights_of_ann(case.inline("p", allow("iam:AttachUserPolicy"), not_herself))
    assert (rights, level) == ((), PrivilegeLevel.LIMITED)
    rights, level = rights_of_ann(case.may("iam:AttachRolePolicy"))
    assert [each.targets for each in rights] == [1]
    assert level is PrivilegeLevel.INDIRECT


@pytest.mark.parametrize(
    "right",
    ["iam:DeleteUserPermissionsBoundary", "iam:DeleteUserPolicy", "iam:TagUser"],
)
def test_whom_the_details_lack_may_have_what_can_be_lifted(right):
    """Bob is in the credential report alone: nobody knows his boundary, his Denies or his tags."""
    case = account().user("bob").key().user("ann").key().may(right)
    case.details["UserDetailList"] = case.details["UserDetailList"][1:]
    found = escalation_graph(case.account()).privileges[f"arn:aws:iam::{case.number}:user/ann"]
    assert found.level is PrivilegeLevel.INDIRECT
    whole = account().user("bob").key().user("ann").key().may(right).account()
    (ann,) = (arn for arn in escalation_graph(whole).privileges if arn.endswith("/ann"))
    assert escalation_graph(whole).privileges[ann].level is PrivilegeLevel.LIMITED
