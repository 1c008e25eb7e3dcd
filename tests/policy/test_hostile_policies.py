"""Policies made to be slow, or to break the reader: each comes to an end, none is passed over."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

ANN = "arn:aws:iam::111122223333:user/ann"
LIMIT = "arn:aws:iam::111122223333:policy/limit"
LIVE = account().user("ann").key()
MANY = 100_000
"""Enough that whatever is not bounded takes minutes to hours."""


def nested(depth):
    """Lists in lists."""
    found = []
    for _ in range(depth):
        found = [found]
    return found


def asked(case, resource="arn:aws:s3:::bucket/x", action="s3:GetObject"):
    """The verdict, for it comes to one."""
    found = authorizer_for(case.account(), (action,))
    return found.decide(found.principals[ANN], action, resource, EntryPoint.LEAKED_KEY).verdict


@pytest.mark.parametrize(
    "text",
    [
        "*a" * MANY,
        "*?" + "a" * MANY,
        "?a*" * MANY,
        "${" * MANY,
        "${aws:username}" * MANY,
        ":" * MANY,
    ],
    ids=["stars", "mark", "mixed", "unclosed", "variables", "colons"],
)
def test_a_pattern_costs_no_more_than_its_length(text):
    """As an action, a resource and a condition's value."""
    when = {"StringLike": {"aws:username": text}}
    assert asked(LIVE.inline("p", allow(text))) is Verdict.NONE
    assert asked(LIVE.inline("p", allow("s3:*", on=f"arn:aws:s3:::{text}"))) is Verdict.NONE
    assert asked(LIVE.inline("p", allow("s3:*", when=when))) is Verdict.NONE


@pytest.mark.parametrize("part", ["a", "?", "a?"])
def test_a_long_pattern_and_a_long_name_cost_no_more_than_both(part):
    """A user's name in a forged export may be as long as the file."""
    on = "arn:aws:iam::111122223333:user/*" + part * (MANY // 4) + "b"
    name = "arn:aws:iam::111122223333:user/" + "a" * MANY
    assert asked(LIVE.inline("p", allow("iam:*", on=on)), name, "iam:GetUser") is Verdict.NONE


def test_many_long_patterns_in_two_layers_are_in_doubt_and_not_compared_for_ever():
    """More text than AWS stores for a policy: whether they meet is left open."""
    ours = [f"arn:aws:s3:::{'a*b?' * 500}{number}" for number in range(100)]
    theirs = allow("s3:*", on=[f"{each}x" for each in ours])
    case = LIVE.inline("p", allow("s3:*", on=ours)).boundary(LIMIT).policy("limit", theirs)
    assert asked(case, resource=None) is Verdict.CONDITIONAL


def test_a_huge_condition_is_judged():
    """A hundred thousand values, and thousands of keys that the asker may pick."""
    regions = [f"r{number}" for number in range(MANY)]
    when = {"StringEquals": {"aws:RequestedRegion": regions}}
    assert asked(LIVE.inline("p", allow("s3:*", when=when))) is Verdict.ALLOWED
    keys = {f"aws:RequestTag/k{number}": "x" for number in range(2000)}
    case = LIVE.inline("p", allow("ec2:*", when={"StringEquals": keys}), deny("iam:*"))
    made = asked(case, "arn:aws:ec2:eu-west-1:111122223333:volume/*", "ec2:CreateVolume")
    assert made is Verdict.CONDITIONAL


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:*", on=nested(900)),
        allow("s3:*", when={"StringEquals": {"aws:username": nested(900)}}),
        allow("s3:*", when={"StringEquals": [1, {"a": 2}], "Bool": None, "": {}}),
        allow("s3:*", when={"DateLessThan": {"aws:CurrentTime": "9" * 400}}),
        allow("s3:*", when={"IpAddress": {"aws:SourceIp": [True, 1, ""]}}),
        nested(900),
    ],
    ids=["resource", "value", "types", "date", "address", "statement"],
)
def test_what_is_no_policy_is_in_doubt(statement):
    """Neither a crash nor a grant, and never "no rights"."""
    assert asked(LIVE.inline("p", statement)) is Verdict.CONDITIONAL


def test_a_trust_policy_of_nested_lists_is_in_doubt_and_lets_nobody_in_for_sure():
    """Whom it names can't be read."""
    case = LIVE.role("app").trusts({"AWS": nested(90)}).may("*")
    assert (
        escalation_graph(case.account()).privileges[ANN].level is not PrivilegeLevel.ADMINISTRATOR
    )
    assert case.judged("role-trust-any-principal").status == "not-assessed"
