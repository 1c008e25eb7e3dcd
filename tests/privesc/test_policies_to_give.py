"""Which policies a request can give somebody: those that are there, and those that can be made."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

IAM = "arn:aws:iam::111122223333:"
ANN, MINE = f"{IAM}user/ann", f"{IAM}policy/mine"
LIVE = account().user("ann").key()
ATTACHES = allow("iam:AttachUserPolicy", on=ANN, when={"ArnEquals": {"iam:PolicyARN": MINE}})
MAKES = allow("iam:CreatePolicy")
DELETES = allow("iam:DeletePolicy")
DIRECT, CONDITIONAL, LIMITED = (
    PrivilegeLevel.DIRECT,
    PrivilegeLevel.CONDITIONAL,
    PrivilegeLevel.LIMITED,
)


def level(case):
    """How far ann gets."""
    return escalation_graph(case.account()).privileges[ANN].level


def test_a_policy_can_be_made_under_a_name_that_is_free():
    """Whatever else the account has."""
    case = LIVE.inline("p", ATTACHES, MAKES)
    assert level(case) is DIRECT
    assert level(case.policy("other", allow("s3:*"))) is DIRECT


@pytest.mark.parametrize("name", ["mine", "MINE", "team/mine"])
def test_a_policy_can_not_be_made_under_a_name_that_is_taken(name):
    """AWS lets one policy have a name, whatever its path and its case."""
    case = LIVE.inline("p", ATTACHES, MAKES).policy(name, allow("s3:*"))
    assert level(case) is LIMITED


def test_a_role_does_not_take_the_name_of_a_policy():
    """Nor does a user."""
    case = account().user("mine").role("mine").user("ann").key()
    assert level(case.inline("p", ATTACHES, MAKES)) is DIRECT


OWN_IS_MINE = {"StringEquals": {"iam:PermissionsBoundary": MINE}}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (account().user("bob").attached(MINE), CONDITIONAL),
        (account().user("bob").boundary(MINE), CONDITIONAL),
        (account().user("bob"), DIRECT),
    ],
)
def test_the_name_of_a_policy_without_text_is_taken(others, expected):
    """That somebody holds it shows that it is there, and nobody knows what it gives."""
    put = allow("iam:PutUserPermissionsBoundary", when=OWN_IS_MINE)
    case = others.user("ann").key().inline("p", allow("*")).boundary(f"{IAM}policy/cap")
    assert level(case.policy("cap", put, MAKES)) is expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((DELETES,), DIRECT),
        ((allow("iam:DeletePolicy", on=f"{IAM}policy/other"),), LIMITED),
        ((DELETES, deny("iam:DeletePolicy", on=MINE)), LIMITED),
    ],
)
def test_a_name_is_free_once_its_policy_is_deleted(more, expected):
    """If nobody holds that policy."""
    case = LIVE.inline("p", ATTACHES, MAKES, *more).policy("mine", allow("s3:*"))
    assert level(case) is expected


def test_a_policy_with_older_versions_goes_with_them():
    """AWS deletes no policy that has others than its default version."""
    case = account().policy("mine", allow("s3:*")).version(allow("ec2:*")).user("ann").key()
    case = case.inline("p", ATTACHES, MAKES, DELETES)
    assert level(case) is LIMITED
    assert level(case.may("iam:DeletePolicyVersion")) is DIRECT


@pytest.mark.parametrize(
    ("action", "expected"),
    [("iam:DetachUserPolicy", CONDITIONAL), ("iam:DetachRolePolicy", LIMITED)],
)
def test_a_policy_that_somebody_holds_is_deleted_once_it_is_taken_off(action, expected):
    """What that takes besides, nobody has worked out."""
    case = account().user("bob").attached(MINE).policy("mine", allow("s3:*")).user("ann").key()
    assert level(case.inline("p", ATTACHES, MAKES, DELETES, allow(action))) is expected


def test_a_boundary_that_is_there_can_not_be_made_anew():
    """The AWS guide's example of delegated administration rests on it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    put = allow("iam:PutUserPermissionsBoundary", when=OWN_IS_MINE)
    case = LIVE.inline("p", allow("*")).boundary(MINE)
    capped = case.policy("mine", allow("s3:*"), put, MAKES, deny("iam:DeletePolicy", on=MINE))
    assert level(capped) is LIMITED
    capped = case.policy("mine", allow("s3:*"), put, allow("iam:CreatePolicyVersion"))
    assert level(capped) is not LIMITED
