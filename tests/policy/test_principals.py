"""Which policies each principal has over it."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.request_context import EntryPoint
from tests.builders import account, allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    IAM,
    LIMIT,
    LIVE,
    NONE,
    level_of,
    under_scps,
    verdict_in,
    with_boundary,
)


def test_identity_is_inline_attached_and_of_groups():
    """One Allow anywhere among them is enough, one Deny too much."""
    policy = f"{IAM}policy/shared"
    given = LIVE.attached(policy).policy("shared", allow("s3:*"))
    assert verdict_in(given) is ALLOWED
    group = account().empty_group("dev").may("s3:*").user("ann").key().group("dev")
    assert verdict_in(group) is ALLOWED
    assert verdict_in(group.may_not("s3:*")) is DENIED


def test_only_the_default_version_counts():
    """Older ones grant nothing as long as nobody makes them the default."""
    case = LIVE.attached(LIMIT).policy("limit", allow("iam:GetUser")).version(allow("s3:*"))
    assert verdict_in(case) is NONE


@pytest.mark.parametrize("limit", [LIMIT, f"{IAM}policy/nowhere"])
def test_a_boundary_without_text_makes_grants_conditional_and_nothing_more(limit):
    """The policy may be listed without versions, or not at all."""
    ann = LIVE.inline("p", allow("s3:*"), deny("s3:PutObject")).boundary(limit).policy("limit")
    assert verdict_in(ann) is CONDITIONAL
    assert verdict_in(ann, "s3:PutObject") is DENIED
    assert verdict_in(ann, "iam:GetUser", ANN) is NONE


def test_an_attached_policy_without_text_may_grant_and_deny():
    """Everything is conditional that is not denied."""
    ann = LIVE.inline("p", allow("s3:*"), deny("s3:PutObject")).attached(f"{IAM}policy/nowhere")
    assert verdict_in(ann) is CONDITIONAL
    assert verdict_in(ann, "iam:GetUser", ANN) is CONDITIONAL
    assert verdict_in(ann, "s3:PutObject") is DENIED


def test_a_service_linked_role_stands_under_no_boundary_and_no_scp():
    """AWS lets nobody cap it, and nobody edit it."""
    role = account().role("linked", path="/aws-service-role/x.amazonaws.com/").may("s3:*")
    who = f"{IAM}role/aws-service-role/x.amazonaws.com/linked"
    assert verdict_in(with_boundary(role, allow("iam:*")), by=(who, EntryPoint.ROLE)) is ALLOWED
    assert verdict_in(under_scps(role, (allow("iam:*"),)), by=(who, EntryPoint.ROLE)) is ALLOWED
    editing = role.may("*").user("ann").key().may("iam:UpdateAssumeRolePolicy")
    assert not level_of(editing).is_privileged


def test_root_is_outside_identity_policies():
    """No permit speaks of it."""
    assert f"{IAM}root" not in authorizer_for(LIVE.account()).principals
