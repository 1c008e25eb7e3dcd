"""In: what is granted and denied on which ARNs. Out: whether some resource is left to work on."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import EntryPoint
from tests.builders import account, allow, deny

NUMBER = "111122223333"
OTHER = "444455556666"
IAM = f"arn:aws:iam::{NUMBER}:"
ANN = f"{IAM}user/ann"
FUNCTIONS = f"arn:aws:lambda:eu-west-1:{NUMBER}:function:*"
CREATE = "lambda:CreateFunction"
ALLOWED, CONDITIONAL, NONE, DENIED = (
    Verdict.ALLOWED,
    Verdict.CONDITIONAL,
    Verdict.NONE,
    Verdict.DENIED,
)


def asked(action, *statements, boundary=None):
    """The decision for Ann, who has these statements, on whatever resource suits best."""
    case = account().user("ann").key().inline("p", *statements)
    if boundary:
        case = case.boundary(f"{IAM}policy/limit").policy("limit", *boundary)
    held = authorizer_for(case.account(), [action])
    return held.decide(held.principals[ANN], action, None, EntryPoint.LEAKED_KEY)


def on(action, *resources):
    """The verdict where the action is allowed on these."""
    return asked(action, *(allow(action, on=each) for each in resources)).verdict


@pytest.mark.parametrize(
    ("resource", "verdict"),
    [
        ("*", ALLOWED),
        ("arn:aws:lambda:*:*:*", ALLOWED),
        (FUNCTIONS, ALLOWED),
        (f"arn:aws:lambda:*:{NUMBER}:function:web", ALLOWED),
        ("arn:aws:lambda:eu-*:*:function:web-*", ALLOWED),
        ("arn:*:lambda:us-gov-?ast-1:*:function:*", ALLOWED),
        ("arn:aws:lambda:*", ALLOWED),
        (f"arn:aws:lambda:eu-west-1:{NUMBER}:layer:*", NONE),
        ("arn:aws:lambda:*:*:event-source-mapping:*", NONE),
        ("arn:aws:lambda:::function:*", NONE),
        ("arn:aws:s3:::function:*", NONE),
        ("arn:aws-cn:lambda:*:*:function:*", NONE),
        ("arn:aws-us-gov:lambda:*:*:function:*", NONE),
        (f"arn:aws:lambda:*:{OTHER}:function:*", CONDITIONAL),
    ],
)
def test_a_grant_counts_if_it_meets_the_form_of_the_action(resource, verdict):
    """Real regions and accounts do; another type, service or partition does not."""
    assert on(CREATE, resource) is verdict


@pytest.mark.parametrize(
    ("action", "resource", "verdict"),
    [
        ("s3:PutObject", "arn:aws:s3:::b/*", ALLOWED),
        ("s3:PutObject", "arn:aws:s3:::b/in/x.txt", ALLOWED),
        ("s3:PutObject", "arn:aws:s3:::b*", ALLOWED),
        ("s3:PutObject", "arn:aws:s3:::b", NONE),
        ("s3:ListBucket", "arn:aws:s3:::b", ALLOWED),
        ("s3:ListBucket", "arn:aws:s3:::b/*", NONE),
        ("s3:PutObject", "arn:aws-us-gov:s3:::b/*", NONE),
        ("iam:CreateSAMLProvider", f"{IAM}user/*", NONE),
        ("iam:CreateSAMLProvider", f"{IAM}*/corp", ALLOWED),
        ("foo:NewAction", f"arn:aws:foo:eu-west-1:{NUMBER}:thing/x", ALLOWED),
        ("foo:NewAction", "arn:aws:foo:::thing/x", ALLOWED),
        ("foo:NewAction", "arn:aws:bar:::thing/x", NONE),
        ("ec2:DescribeInstances", f"arn:aws:ec2:eu-west-1:{NUMBER}:instance/*", NONE),
    ],
)
def test_buckets_objects_and_what_aws_does_not_list(action, resource, verdict):
    """Empty fields stay empty, a bucket is no object, and an unheard-of action has any resource."""
    assert on(action, resource) is verdict


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_each_partition_is_its_own(partition):
    """In an account of that partition its ARNs count, and those of others do not."""
    for named, verdict in ((partition, ALLOWED), ("aws", NONE), ("*", ALLOWED)):
        resource = f"arn:{named}:lambda:*:{NUMBER}:function:*"
        case = (
            account(partition=partition).user("ann").key().inline("p", allow(CREATE, on=resource))
        )
        held = authorizer_for(case.account())
        (policies,) = held.principals.values()
        assert held.decide(policies, CREATE, None, EntryPoint.LEAKED_KEY).verdict is verdict


@pytest.mark.parametrize(
    ("denied", "verdict"),
    [
        (["*"], DENIED),
        (["arn:aws:lambda:*:*:*"], DENIED),
        (["arn:aws:lambda:*:*:function:*"], DENIED),
        (["arn:aws:lambda:*-*-?:????????????:function:*"], DENIED),
        (["arn:aws:lambda:us-*:*:*"], ALLOWED),
        (["arn:aws:lambda:*:*:layer:*"], ALLOWED),
        ([f"arn:aws:lambda:*:{NUMBER}:function:prod-*"], ALLOWED),
    ],
)
def test_a_deny_closes_an_action_if_it_covers_all_of_its_resources(denied, verdict):
    """What it leaves is enough, whether the grant is wide or narrow."""
    assert asked(CREATE, allow(CREATE), deny(CREATE, on=denied)).verdict is verdict
    decision = asked(CREATE, allow(CREATE, on=FUNCTIONS), deny(CREATE, on=denied))
    assert (decision.verdict is ALLOWED) == (verdict is ALLOWED)
    assert decision.verdict is not CONDITIONAL


def test_a_deny_of_just_what_is_granted_closes_it():
    """Under a boundary that allows everything, too."""
    for boundary in (None, [allow("*")]):
        decision = asked(
            CREATE, allow(CREATE, on=FUNCTIONS), deny(CREATE, on=FUNCTIONS), boundary=boundary
        )
        assert decision.verdict in (NONE, DENIED)


def test_conditions_stay_conditional():
    """A witness under a condition that nobody can tell is no certain one."""
    when = {"StringEquals": {"corp:Odd": "x"}}
    assert asked(CREATE, allow(CREATE, on=FUNCTIONS, when=when)).verdict is CONDITIONAL
    decision = asked(CREATE, allow(CREATE, on=FUNCTIONS), deny(CREATE, when=when))
    assert decision.verdict is CONDITIONAL


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [
        (FUNCTIONS, ALLOWED),
        (f"arn:aws:lambda:*:{NUMBER}:function:web-1", ALLOWED),
        (f"arn:aws:lambda:us-east-1:{NUMBER}:function:*", NONE),
        (f"arn:aws:lambda:*:{NUMBER}:function:*-1", ALLOWED),
        ("arn:aws:lambda:*:*:function:api-*", NONE),
    ],
)
def test_two_layers_must_meet_in_one_resource(limit, verdict):
    """The region may come from one pattern and the name from another, or from both."""
    granted = allow(CREATE, on=f"arn:aws:lambda:eu-west-1:{NUMBER}:function:web-*")
    decision = asked(CREATE, granted, boundary=[allow(CREATE, on=limit)])
    assert decision.verdict is verdict


def test_what_two_layers_have_in_common_may_be_denied():
    """Then nobody knows whether the Deny covers all of it."""
    granted = allow(CREATE, on="arn:aws:lambda:*:*:function:web-*")
    limit = [allow(CREATE, on="arn:aws:lambda:*:*:function:*-1")]
    barred = deny(CREATE, on="arn:aws:lambda:*:*:function:w*1")
    decision = asked(CREATE, granted, barred, boundary=limit)
    assert decision.verdict is CONDITIONAL
    assert decision.reasons == ("whether several patterns have a resource in common",)


@pytest.mark.parametrize(
    ("spared", "verdict"),
    [
        ("arn:aws:s3:::elsewhere/x", NONE),
        ("arn:aws:s3:::logs-public/x", ALLOWED),
        ("arn:aws:s3:::${aws:PrincipalTag/none}/x", CONDITIONAL),
    ],
)
def test_a_deny_by_exception_in_doubt_closes_nothing(spared, verdict):
    """What two layers have in common is left possibly, beside what the Deny spares."""
    but = {"Effect": "Deny", "Action": "*", "NotResource": spared}
    read = allow("s3:GetObject", on="arn:aws:s3:::logs-*")
    common = allow("s3:GetObject", on="arn:aws:s3:::*-public/*")
    assert asked("s3:GetObject", read, boundary=[common, but]).verdict is verdict
    in_doubt = but | {"Condition": {"StringEquals": {"corp:Unheard": "x"}}}
    doubted = asked("s3:GetObject", read, boundary=[common, in_doubt]).verdict
    assert doubted is (ALLOWED if verdict is ALLOWED else CONDITIONAL)
