"""Each operator on one value, by what AWS says of it."""

import pytest

from analyzer.policy.conditions import Ternary
from tests.builders import allow
from tests.policy.condition_truths import truth_of
from tests.policy.verdicts import ALLOWED, ANN, IAM, LIVE, NONE, verdict_by

TRUE, FALSE = Ternary.TRUE, Ternary.FALSE


@pytest.mark.parametrize(
    ("operator", "is_met"), [("DateLessThan", False), ("DateGreaterThan", True)]
)
def test_dates_are_compared_with_the_report_time(operator, is_met):
    """No clock of the machine has a say."""
    when = {operator: {"aws:CurrentTime": f"{LIVE.now.year - 1}-01-01T00:00:00Z"}}
    assert verdict_by(allow("s3:*", when=when)) is (ALLOWED if is_met else NONE)
    later = LIVE.now.replace(year=LIVE.now.year + 1).isoformat()
    assert verdict_by(allow("s3:*", when={operator: {"aws:CurrentTime": later}})) is (
        NONE if is_met else ALLOWED
    )


@pytest.mark.parametrize(
    ("operator", "value", "verdict"),
    [
        ("StringLike", "ann", ALLOWED),
        ("StringLike", "an", NONE),
        ("StringLike", "a*", ALLOWED),
        ("StringEquals", "a*", NONE),
    ],
)
def test_string_like_without_wildcard_is_string_equals(operator, value, verdict):
    """Only StringLike knows wildcards."""
    assert verdict_by(allow("s3:*", when={operator: {"aws:username": value}})) is verdict


@pytest.mark.parametrize(
    ("value", "is_match"),
    [
        (ANN, True),
        ("arn:*:iam::*:user/*", True),
        ("arn:aws:iam::*:ann", False),
        ("arn:aws:iam::*user/ann", False),
        (f"{IAM}user/an", False),
    ],
)
@pytest.mark.parametrize("operator", ["ArnLike", "ArnEquals"])
def test_arn_operators_compare_six_fields(operator, value, is_match):
    """Both know wildcards, neither crosses a colon of the first five."""
    statement = allow("s3:*", when={operator: {"aws:PrincipalArn": value}})
    assert verdict_by(statement) is (ALLOWED if is_match else NONE)


@pytest.mark.parametrize(
    ("operator", "value", "hit", "miss"),
    [
        ("StringEquals", "a*", "a*", "ab"),
        ("StringEqualsIgnoreCase", "Ab", "aB", "ac"),
        ("StringLike", "a*?", "abc", "a"),
        ("StringLike", "plain", "plain", "plainer"),
        ("ArnLike", "arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/ab", "arn:aws:iam::1:x:role/ab"),
        ("ArnEquals", "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/ab", "role/ab"),
        ("Bool", True, "true", "false"),
        ("Bool", "FALSE", "false", "true"),
        ("NumericEquals", 3, "3.0", "4"),
        ("NumericLessThan", "300", "299", "300"),
        ("NumericLessThanEquals", "300", "300", "301"),
        ("NumericGreaterThan", "300", "301", "300"),
        ("NumericGreaterThanEquals", "300", "300", "299"),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "1767225601", "1767225600"),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", "198.51.100.1"),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", "203.0.113.9"),
        ("BinaryEquals", "QQ==", "QQ==", "QR=="),
    ],
)
def test_an_operator_holds_for_what_it_names(operator, value, hit, miss):
    """And fails for all else."""
    assert (truth_of(operator, value, hit), truth_of(operator, value, miss)) == (TRUE, FALSE)


@pytest.mark.parametrize(
    ("negated", "value", "hit", "miss"),
    [
        ("StringNotEquals", "a*", "a*", "ab"),
        ("StringNotEqualsIgnoreCase", "Ab", "aB", "ac"),
        ("StringNotLike", "a*?", "abc", "a"),
        ("ArnNotLike", "arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/ab", "arn:aws:iam::1:role/b"),
        ("ArnNotEquals", "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/ab", "role/ab"),
        ("NumericNotEquals", "3", "3.0", "4"),
        ("DateNotEquals", "2026-01-01T00:00:00Z", "1767225600", "1767225601"),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", "198.51.100.1"),
    ],
)
def test_a_negated_operator_fails_for_what_it_names(negated, value, hit, miss):
    """And holds for all else."""
    assert (truth_of(negated, value, hit), truth_of(negated, value, miss)) == (FALSE, TRUE)
