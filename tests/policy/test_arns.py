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
