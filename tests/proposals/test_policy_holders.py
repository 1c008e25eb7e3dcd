"""Who holds which policy, and which of them nobody can change."""

import pytest

from analyzer.proposals.policy_holders import held_policies
from tests.builders import account, allow

SHARED = "arn:aws:iam::111122223333:policy/shared"


def held(case):
    """The account's policies by their labels."""
    return {each.label: each for each in held_policies(case.account())}


def test_a_managed_policy_is_one_for_all_who_hold_it():
    """Directly or through a group."""
    case = account().user("ann").attached(SHARED).user("bob").group("dev")
    case = case.empty_group("ops").attached(SHARED).user("eve").group("ops")
    case = case.policy("shared", allow("s3:*"), attachments=2)
    found = held(case)["shared"]
    assert [each.noun for each in found.entities] == ["user ann", "group ops"]
    assert [each.rpartition("/")[2] for each in found.holders] == ["ann", "eve"]
    assert found.reason == ""


def test_inline_policies_and_those_of_aws_stand_by_themselves():
    """Each grant of them can be changed alone."""
    case = account().user("ann").may("s3:*").attached("AdministratorAccess")
    case = case.user("bob").attached("AdministratorAccess")
    assert set(held(case)) == {
        "inline p0 of user ann",
        "AdministratorAccess of user ann",
        "AdministratorAccess of user bob",
    }


def test_a_group_without_members_gives_nothing_to_anybody():
    """Its policies are left out."""
    assert held(account().empty_group("dev").may("s3:*")) == {}


@pytest.mark.parametrize(
    ("case", "label", "reason"),
    [
        (
            account().role("x", path="/aws-service-role/", service="x.amazonaws.com").may("s3:*"),
            "inline p0 of role x",
            "service-linked",
        ),
        (
            account().role("AWSReservedSSO_x", path="/aws-reserved/sso.amazonaws.com/").may("s3:*"),
            "inline p0 of role AWSReservedSSO_x",
            "Identity Center",
        ),
        (
            account().user("ann").attached(SHARED).policy("shared", allow("s3:*"), attachments=2),
            "shared",
            "attached to more than the export shows",
        ),
        (
            account().user("ann").attached(SHARED).policy("shared", allow("s3:*"), boundaries=1),
            "shared",
            "boundary",
        ),
        (
            account().user("ann").attached(SHARED).boundary(SHARED).policy("shared", allow("s3:*")),
            "shared",
            "boundary",
        ),
        (
            account().user("ann").may("s3:*").member(GroupList=["nowhere"]),
            "inline p0 of user ann",
            "does not tell all that it holds",
        ),
        (account().user("ann").attached(SHARED), "shared", "text is not in the export"),
        (account().user("ann").attached("Made-up"), "Made-up of user ann", "text is not"),
    ],
)
def test_what_nobody_can_change_or_judge_says_why(case, label, reason):
    """AWS's own, what others may hold, and what has no text."""
    assert reason in held(case)[label].reason


def test_details_that_lack_a_part_may_hide_a_holder():
    """Of a managed policy; an inline one has no other."""
    case = account().user("ann").attached(SHARED).may("s3:*").policy("shared", allow("s3:*"))
    found = held(case.page(IsTruncated=True))
    assert "lack a part" in found["shared"].reason
    assert found["inline p0 of user ann"].reason == ""


def test_a_quarantine_is_no_grant():
    """AWS attached it, and it only denies."""
    assert held(account().user("ann").attached("AWSCompromisedKeyQuarantineV3")) == {}
