"""Which resources a pattern covers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.policy.arns import (
    arn_covers,
    arn_matches,
    arns_overlap,
    is_everything,
    resource_index,
    sample_arn,
)
from tests.builders import allow
from tests.policy.verdicts import ALLOWED, LIMIT, NONE, verdict_by

ANN = "arn:aws:iam::111122223333:user/team/ann"
FIELD = st.sampled_from(["*", "iam", "s3", "111122223333", "", "a?"])
LAST = st.sampled_from(["*", "user/*", "user/ann", "role/a?", "*/ann", "user/team/*", "b/c:d"])
PATTERNS = st.builds(lambda a, b, c, d: f"arn:aws:{a}:{b}:{c}:{d}", FIELD, FIELD, FIELD, LAST)


@pytest.mark.parametrize(
    ("pattern", "is_covered"),
    [
        ("*", True),
        ("arn:aws:iam::*:user/*", True),
        ("arn:*:iam::111122223333:user/*/ann", True),
        ("arn:aws:iam::111122223333:*", True),
        ("arn:aws:iam:*:*:user/team/an?", True),
        ("arn:aws:iam::111122223333:user/ann", False),
        ("arn:aws:iam::111122223333:USER/*", False),
        ("arn:aws:*:user/*", False),
        ("arn:aws:iam", True),
        ("arn:aws", True),
        ("arn:aws:s3*", False),
        ("arn:aws:iam::aws:*", False),
    ],
)
def test_arns_are_compared_field_by_field(pattern, is_covered):
    """A star stays in its field, but for the last one; case counts. Missing fields are stars."""
    assert (is_everything(pattern) or arn_matches(pattern, ANN)) == is_covered


@pytest.mark.parametrize("pattern", ["*", "**", "***", "arn:aws:*:*:*:*", "arn:*:*:*:*:**"])
def test_everything_has_several_spellings(pattern):
    """All of them count."""
    assert is_everything(pattern)


@pytest.mark.parametrize("pattern", ["", "?", "arn:aws:s3:::*", "*a", "arn:aws:iam::*:*"])
def test_less_is_not_everything(pattern):
    """However wide."""
    assert not is_everything(pattern)


@given(st.lists(PATTERNS, max_size=12), PATTERNS)
def test_the_bits_are_those_of_one_by_one(arns, pattern):
    """Looking a pattern up by its prefix finds what trying every ARN finds."""
    plain = [each.replace("*", "x").replace("?", "y") for each in arns]
    known = resource_index(plain)
    assert set(known.named(known.bits(pattern))) == {
        each for each in plain if arn_matches(pattern, each)
    }


@given(PATTERNS)
def test_an_example_is_covered(pattern):
    """The witness is one that the pattern covers, and of the shape asked for, if there is any."""
    shape = "arn:aws:iam::111122223333:user/*"
    found = sample_arn(pattern, shape)
    assert (found is not None) == arns_overlap(pattern, shape)
    if found is not None:
        assert arn_matches(pattern, found)
        assert arn_matches(shape, found)


@pytest.mark.parametrize(
    ("pattern", "shape", "expected"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::*/*", "arn:aws:s3:::b/~~~~~~~~"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::*", None),
        ("arn:aws:s3:::b", "arn:aws:s3:::*", "arn:aws:s3:::b"),
        ("arn:*:s3:*:*:b", "arn:aws-cn:s3:::*", "arn:aws-cn:s3:::b"),
        ("arn:aws:s3:eu-west-1::b", "arn:aws:s3:::*", None),
        ("arn:aws:s3:::b", "arn:aws-us-gov:s3:::*", None),
    ],
)
def test_an_example_keeps_to_empty_fields_partition_and_kind(pattern, shape, expected):
    """Buckets have neither region nor account, and no slash in their names."""
    assert sample_arn(pattern, shape) == expected


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("*", "arn:aws:s3:::b", True),
        ("arn:aws:s3:::b", "*", False),
        ("arn:aws:lambda:*:*:function:*", "arn:aws:lambda:*:111122223333:function:*", True),
        ("arn:aws:lambda:eu-*:*:*", "arn:aws:lambda:*:111122223333:function:*", False),
    ],
)
def test_a_pattern_that_covers_another_covers_each_field(wide, narrow, expected):
    """So a Deny of the wide one leaves nothing of the narrow one."""
    assert arn_covers(wide, narrow) is expected


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("*", True),
        ("**", True),
        ("arn:aws:s3:::bucket/*", True),
        ("arn:aws:s3:::*", True),
        ("arn:aws:s3:::*photo", True),
        ("arn:aws:s3:::bucket/ann/phot?", True),
        ("arn:*:s3:*:*:bucket/*", True),
        ("arn:aws:s?:::*", True),
        ("arn:aws:s3:::Bucket/*", False),
        ("arn:aws:S3:::bucket/*", False),
        ("arn:aws:s3:::bucket", False),
        ("arn:aws:s3:::bucket/photo", False),
        ("arn:aws-cn:s3:::bucket/*", False),
        ("arn:aws:*:bucket/*:*:*", False),
    ],
)
def test_resources_match_field_by_field_and_keep_their_case(pattern, is_match):
    """Only in the last field does a wildcard reach over slashes and colons."""
    assert verdict_by(allow("s3:*", on=pattern)) is (ALLOWED if is_match else NONE)


def test_a_wildcard_in_a_field_does_not_eat_the_next_one():
    """The account's field is no part of the resource's name."""
    on = "arn:aws:iam::444455556666:role/x:111122223333:user/ann"
    assert (
        verdict_by(allow("iam:*", on="arn:aws:iam::*:user/ann"), action="iam:GetUser", on=on)
        is NONE
    )


def test_the_last_field_reaches_over_colons():
    """Log groups and queues have more than six fields."""
    on = "arn:aws:logs:eu-west-1:111122223333:log-group:a:log-stream:b"
    assert verdict_by(allow("*", on="arn:aws:logs:*:*:log-group:*b"), on=on) is ALLOWED


@pytest.mark.parametrize("pattern", ["arn:aws:s3", "arn:aws:s3:*", "arn:aws"])
def test_an_arn_with_missing_fields_stands_for_all_of_them(pattern):
    """In identity policies AWS puts a `*` into each missing field.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    assert verdict_by(allow("s3:*", on=pattern)) is ALLOWED


def test_policies_of_aws_are_not_those_of_the_account():
    """A pattern for AWS's covers no customer-managed policy."""
    found = allow("iam:CreatePolicyVersion", on="arn:aws:iam::aws:policy/*")
    assert verdict_by(found, action="iam:CreatePolicyVersion", on=LIMIT) is NONE
