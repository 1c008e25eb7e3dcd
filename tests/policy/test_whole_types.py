"""Which resources of a statement are all of a type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.actions import action_index
from analyzer.policy.arns import arn_covers, arn_matches
from analyzer.policy.documents import DocumentCache
from analyzer.policy.whole_types import Reach, names_all_of_service, reach_of

OWN, OTHER = "111122223333", "444455556666"
CACHE = DocumentCache(action_index())
SECRETS = "arn:aws:secretsmanager:{region}:{account}:secret:"
SHAPES = {
    "iam:PassRole": "arn:aws:iam::{account}:role/{name}",
    "kms:Decrypt": "arn:aws:kms:{region}:{account}:key/{name}",
    "s3:GetObject": "arn:aws:s3:::{name}/{name}",
    "s3:PutBucketPolicy": "arn:aws:s3:::{name}",
    "secretsmanager:GetSecretValue": SECRETS + "{name}-a1B2c3",
    "dynamodb:Scan": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "ssm:GetParameter": "arn:aws:ssm:{region}:{account}:parameter/{name}",
    "ec2:ModifyImageAttribute": "arn:aws:ec2:{region}::image/{name}",
}  # fmt: skip
ACTIONS = st.sampled_from(sorted(SHAPES))
NAMES = st.text("abcXYZ019-_", min_size=8, max_size=24)
REGIONS = st.sampled_from(["eu-west-1", "us-gov-west-1", "ap-southeast-7"])


def reach(action, *patterns, key="Resource", account=OWN):
    """How far a statement on these resources reaches."""
    said = {"Effect": "Allow", "Action": action, key: list(patterns)}
    text = {"Version": "2012-10-17", "Statement": said}
    [statement] = CACHE.document(JsonNode(text, Location("E1"))).statements
    return reach_of(statement, action, "aws", account)


@pytest.mark.parametrize(
    ("action", "pattern"),
    [
        ("sts:AssumeRole", "*"),
        ("sts:AssumeRole", "arn:*"),
        ("sts:AssumeRole", "arn:aws:iam::*:role/*"),
        ("sts:AssumeRole", f"arn:aws:iam::{OWN}:role/*"),
        ("iam:PassRole", "arn:aws:iam::1111*:role/?*"),
        ("iam:PassRole", "arn:aws:iam::*"),
        ("iam:PassRole", "arn:aws:*:*:*:role/*"),
        ("kms:Decrypt", "arn:*:kms:*:*:key/*"),
        ("kms:Decrypt", f"arn:aws:kms:*:{OWN}:*"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:*"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:*-??????"),
        ("s3:GetObject", "arn:aws:s3:::*"),
        ("s3:GetObject", "arn:aws:s3:::*/*"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::*"),
        ("dynamodb:Scan", "arn:aws:dynamodb:*:*:table/*"),
        ("dynamodb:Scan", "arn:aws:dynamodb:*:*:table/*/index/*"),
    ],
)
def test_a_pattern_that_leaves_all_names_open_is_every_resource(action, pattern):
    """Whatever the account, the region and the spelling."""
    assert reach(action, pattern) == Reach()


@pytest.mark.parametrize(
    ("action", "pattern"),
    [
        ("sts:AssumeRole", f"arn:aws:iam::{OWN}:role/app-*"),
        ("sts:AssumeRole", "arn:aws:iam::*:role/service-role/*"),
        ("sts:AssumeRole", "arn:aws-cn:iam::*:role/*"),
        ("iam:PassRole", f"arn:aws:iam::{OTHER}:role/*"),
        ("iam:PassRole", "arn:aws:iam::*:user/*"),
        ("iam:PassRole", "arn:aws:iam::*:role/????????"),
        ("iam:PassRole", "arn:aws:iam::*:role/${aws:PrincipalTag/team}-*"),
        ("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}"),
        ("kms:Decrypt", "arn:aws:kms:*:*:alias/*"),
        ("s3:GetObject", "arn:aws:s3:::shop/*"),
        ("s3:GetObject", "arn:aws:s3:::*/public/*"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::*/*"),
        ("glue:PutResourcePolicy", "arn:aws:glue:*:*:catalog"),
        ("sts:GetSessionToken", "arn:aws:iam::*:user/*"),
        ("acme:Unheard", "arn:aws:acme:*:*:thing/*"),
    ],
)
def test_a_pattern_that_names_something_is_less(action, pattern):
    """A prefix, a path, a variable, a length, another type, another account or partition."""
    assert reach(action, pattern) is None


def test_the_bounds_of_a_pattern_are_told():
    """One region is one region, and other accounts' roles are theirs; the furthest speaks."""
    one = f"arn:aws:kms:eu-west-1:{OWN}:key/*"
    assert reach("kms:Decrypt", one).bounds == "region eu-west-1"
    assert reach("kms:Decrypt", one, "arn:aws:kms:*:*:key/*") == Reach()
    theirs = reach("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/*")
    assert theirs.bounds == f"account {OTHER}"
    assert reach("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/*", "*") == Reach()


def test_notresource_is_every_resource_of_a_type_that_it_leaves_alone():
    """What it leaves out may be of another type; where it may be of this one, it is not every."""
    assert reach("kms:Decrypt", "arn:aws:s3:::b", key="NotResource") == Reach()
    assert reach("kms:Decrypt", "arn:aws:kms:*:*:key/1234*", key="NotResource") is None
    assert reach("kms:Decrypt", "arn:aws:*:*:*:k*", key="NotResource") is None
    assert reach("s3:GetObject", "*", key="NotResource") is None


def test_all_of_a_service_is_every_type_of_it():
    """One type of the service is not all of it."""
    assert names_all_of_service("arn:aws:s3:::*", "s3", "aws", OWN)
    assert names_all_of_service(f"arn:aws:sqs:*:{OWN}:*", "sqs", "aws", OWN)
    assert not names_all_of_service("arn:aws:s3:::b*", "s3", "aws", OWN)
    assert not names_all_of_service("arn:aws:kms:*:*:key/*", "kms", "aws", OWN)
    assert not names_all_of_service("arn:aws:sqs:eu-west-1:*:*", "sqs", "aws", OWN)


@st.composite
def patterns_of(draw, action):
    """An ARN of the action's resources with names and fields opened here and there."""
    arn = SHAPES[action].format(
        account=draw(st.sampled_from([OWN, "*", "????????????", OTHER])),
        region=draw(st.one_of(REGIONS, st.just("*"), st.just("eu-*"))),
        name=draw(st.one_of(st.just("*"), st.just("?*"), st.just("**"), NAMES)),
    )
    return draw(st.sampled_from([arn, arn[: arn.rindex(":")] + ":*", arn.replace("-a1B2c3", "")]))


@given(st.data(), ACTIONS, NAMES, REGIONS)
def test_what_names_every_resource_covers_each_of_them(data, action, name, region):
    """Law: any resource of the type, of any name and region, is one of the pattern's."""
    pattern = data.draw(patterns_of(action))
    if reach(action, pattern) == Reach():
        arn = SHAPES[action].format(account=OWN, region=region, name=name)
        assert arn_matches(pattern, arn)


@given(st.data(), ACTIONS)
def test_what_is_wider_names_every_resource_too(data, action):
    """Law: a pattern that covers one that names every resource names every resource."""
    wide, narrow = data.draw(patterns_of(action)), data.draw(patterns_of(action))
    if reach(action, narrow) == Reach() and arn_covers(wide, narrow):
        assert reach(action, wide) == Reach()


@given(ACTIONS, NAMES, st.integers(0, 7), st.booleans())
def test_whoever_keeps_a_letter_of_a_name_names_less(action, name, at, is_after):
    """Law: a pattern with a letter of a name in it is never every resource."""
    part = f"*{name[at]}" if is_after else f"{name[at]}*"
    pattern = SHAPES[action].format(account="*", region="*", name=part)
    # The hyphen before the last six characters of a secret's ARN is no letter of its name.
    if name[at] != "-" or action != "secretsmanager:GetSecretValue":
        assert reach(action, pattern) is None
