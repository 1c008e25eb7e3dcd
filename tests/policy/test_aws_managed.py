"""AWS managed policies whose text the export lacks: a few are known, all others are not."""

import pytest

from analyzer.evidence.artifacts import Location
from analyzer.policy.actions import action_index
from analyzer.policy.aws_managed import aws_managed_policy
from analyzer.policy.documents import DocumentCache
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    IAM,
    LIVE,
    NONE,
    verdict_in,
)


@pytest.mark.parametrize(
    ("name", "iam", "read", "write"),
    [
        ("AdministratorAccess", ALLOWED, ALLOWED, ALLOWED),
        ("IAMFullAccess", ALLOWED, NONE, NONE),
        ("PowerUserAccess", NONE, ALLOWED, ALLOWED),
        ("AWSDenyAll", DENIED, DENIED, DENIED),
        ("ReadOnlyAccess", NONE, CONDITIONAL, NONE),
        ("SecurityAudit", NONE, CONDITIONAL, NONE),
        ("AmazonS3FullAccess", CONDITIONAL, CONDITIONAL, CONDITIONAL),
    ],
)
def test_what_a_policy_allows_whose_text_is_missing(name, iam, read, write):
    """Certain where everybody knows it, possible where only its kind is known or nothing is."""
    ann = LIVE.attached(name)
    assert verdict_in(ann, "iam:CreateUser", f"{IAM}user/new") is iam
    assert verdict_in(ann, "s3:GetObject") is read
    assert verdict_in(ann, "s3:PutObject") is write


@pytest.mark.parametrize(
    ("name", "action", "verdict"),
    [
        ("PowerUserAccess", "organizations:DescribeOrganization", ALLOWED),
        ("PowerUserAccess", "iam:DeleteServiceLinkedRole", ALLOWED),
        ("PowerUserAccess", "account:ListRegions", ALLOWED),
        ("PowerUserAccess", "organizations:ListRoots", NONE),
        ("IAMFullAccess", "organizations:ListRoots", ALLOWED),
        ("IAMFullAccess", "organizations:LeaveOrganization", NONE),
    ],
)
def test_a_known_policy_allows_what_its_present_version_does(name, action, verdict):
    """As AWS's reference has it in 2026-11, the few reads of the organization among it."""
    assert verdict_in(LIVE.attached(name), action, None) is verdict


def test_the_text_in_the_export_counts_more_than_what_everybody_knows():
    """Older accounts may hold another version."""
    arn = "arn:aws:iam::aws:policy/PowerUserAccess"
    listed = LIVE.attached("PowerUserAccess").policy("PowerUserAccess").member(Arn=arn)
    text = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    assert verdict_in(listed.version(text, default=True), "iam:GetUser", ANN) is ALLOWED


@pytest.mark.parametrize(
    ("arn", "is_known"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", True),
        ("arn:aws-cn:iam::aws:policy/AdministratorAccess", True),
        ("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", True),
        (f"{IAM}policy/AdministratorAccess", False),
        ("arn:aws:iam::aws:policy/AmazonEC2FullAccess", False),
    ],
)
def test_only_a_policy_of_aws_is_known_by_its_name(arn, is_known):
    """A customer may give any name to a policy of its own."""
    found = aws_managed_policy(arn, Location("E1"), DocumentCache(action_index()))
    assert (found is not None) is is_known
