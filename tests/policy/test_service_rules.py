"""What AWS decides beside anybody's policies."""

import pytest

from tests.builders import account
from tests.policy.verdicts import ALLOWED, ANN, IAM, LIVE, NONE, verdict_in

LINKED = f"{IAM}role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_x"
LIMIT = f"{IAM}policy/limit"
BOUNDARY_IS_LIMIT = {"StringEquals": {"iam:PermissionsBoundary": LIMIT}}


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("iam:PassRole", ALLOWED),
        ("iam:DeleteServiceLinkedRole", ALLOWED),
        ("iam:UpdateRoleDescription", ALLOWED),
        ("iam:GetRole", ALLOWED),
        ("iam:AttachRolePolicy", NONE),
        ("iam:UpdateAssumeRolePolicy", NONE),
        ("iam:DeleteRole", NONE),
    ],
)
def test_a_role_of_a_service_is_given_to_it_and_deleted_and_never_changed(action, verdict):
    """Whoever hands a group of instances its own service-linked role passes it."""
    assert verdict_in(LIVE.may("*"), action, LINKED) is verdict
    assert verdict_in(LIVE, action, LINKED) is NONE


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("iam:PutUserPolicy", ALLOWED),
        ("iam:DetachUserPolicy", ALLOWED),
        ("iam:CreateAccessKey", NONE),
        ("iam:GetUser", NONE),
        ("iam:UpdateLoginProfile", NONE),
    ],
)
def test_only_some_requests_carry_the_boundary_of_their_target(action, verdict):
    """Where a request lacks the key, a condition on it does not hold."""
    case = account().user("bob").boundary(LIMIT).policy("limit").user("ann").key()
    case = case.may("iam:*", when=BOUNDARY_IS_LIMIT)
    assert verdict_in(case, action, f"{IAM}user/bob") is verdict
    assert verdict_in(case, action, ANN) is NONE
