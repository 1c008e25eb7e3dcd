"""The layers of policies against one action on one resource."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.request_context import EntryPoint
from tests.builders import allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    IAM,
    LIVE,
    NONE,
    ROLE,
    UNKNOWN_KEY,
    verdict_by,
    verdict_in,
    with_boundary,
)


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ((), NONE),
        ((allow("s3:*"),), ALLOWED),
        ((allow("s3:*", when={"StringEquals": {UNKNOWN_KEY: "x"}}),), CONDITIONAL),
        ((allow("s3:*"), deny("s3:*")), DENIED),
        ((allow("s3:*"), deny("s3:*", when={"StringEquals": {UNKNOWN_KEY: "x"}})), CONDITIONAL),
        ((deny("s3:*", when={"StringEquals": {UNKNOWN_KEY: "x"}}),), NONE),
        ((deny("s3:*"),), DENIED),
        ((allow("s3:*"), allow("s3:*", when={"StringEquals": {UNKNOWN_KEY: "x"}})), ALLOWED),
    ],
)
def test_a_sure_deny_ends_it_and_a_doubtful_one_makes_doubt(statements, verdict):
    """No order of statements, no rounding up or down."""
    assert verdict_by(*statements, allow("iam:GetUser")) is verdict


@pytest.mark.parametrize(
    ("identity", "boundary", "verdict"),
    [
        ((allow("s3:*"),), (allow("*"),), ALLOWED),
        ((allow("s3:*"),), (allow("iam:*"),), NONE),
        ((), (allow("*"),), NONE),
        ((allow("s3:*"),), (allow("*"), deny("s3:*")), DENIED),
        ((deny("s3:*"),), (allow("*"),), DENIED),
        ((allow("s3:*"),), (allow("*", when={"StringEquals": {UNKNOWN_KEY: "x"}}),), CONDITIONAL),
    ],
)
def test_a_boundary_caps_and_never_grants(identity, boundary, verdict):
    """Both must allow."""
    assert (
        verdict_in(with_boundary(LIVE.inline("p", allow("ec2:*"), *identity), *boundary)) is verdict
    )


@pytest.mark.parametrize(
    ("service", "on", "verdict"),
    [
        ("ec2.amazonaws.com", ROLE, ALLOWED),
        ("lambda.amazonaws.com", ROLE, NONE),
        ("ec2.amazonaws.com", f"{IAM}role/other", NONE),
    ],
)
def test_a_role_is_passed_to_one_service(service, on, verdict):
    """PassRole is on the role's ARN, with the service as a condition key."""
    when = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    case = LIVE.may("iam:PassRole", on=ROLE, when=when).role("app")
    keys = {"iam:PassedToService": (service,)}
    assert verdict_in(case, "iam:PassRole", on, keys) is verdict


def test_iam_on_oneself_reaches_nobody_else():
    """Self-service, and no other user's credentials."""
    case = LIVE.may("iam:*", on=f"{IAM}user/${{aws:username}}").user("bob").key()
    found = authorizer_for(case.account())
    evaluator = found.evaluator(found.principals[ANN], EntryPoint.LEAKED_KEY)
    reached = evaluator.allowed_resources("iam:CreateAccessKey")
    assert list(found.resources.named(reached.certain)) == [ANN]
    assert reached.possible == reached.certain


def test_pass_role_on_everything_passes_to_every_service():
    """Without the condition any service will do."""
    case = LIVE.may("iam:PassRole").role("app")
    for service in ("ec2.amazonaws.com", "lambda.amazonaws.com"):
        keys = {"iam:PassedToService": (service,)}
        assert verdict_in(case, "iam:PassRole", ROLE, keys) is ALLOWED


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ((allow("*"),), ALLOWED),
        ((allow("*", on="**"),), ALLOWED),
        ((allow("*", on="arn:*:*:*:*:*"),), CONDITIONAL),
        ((allow("*"), deny("*", on="arn:*:*:*:*:*")), CONDITIONAL),
        ((allow("*", on="arn:aws:ec2:*:*:*"),), NONE),
    ],
)
def test_an_arn_of_stars_is_not_surely_a_request_without_a_resource(statements, verdict):
    """AWS wants a star there; whether it takes an ARN made of stars for one, no page says."""
    assert verdict_by(*statements, action="ec2:DescribeInstances", on="*") is verdict
    assert verdict_by(*statements, action="ec2:DescribeInstances", on=None) is verdict
