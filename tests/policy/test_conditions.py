"""Conditions, by the rules for missing keys, several values, and keys that the asker picks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.globs import NOTHING, matches
from analyzer.policy.condition_parser import clauses
from analyzer.policy.conditions import (
    Context,
    KeyKnowledge,
    Ternary,
    evaluate_conditions,
    substitute_variables,
)

TRUE, FALSE, UNKNOWN = Ternary.TRUE, Ternary.FALSE, Ternary.UNKNOWN
KEY = "aws:test"


def judged(condition, *, allows=True, **states):
    """Whether the condition holds; `aws_test=("a",)` is the state of that key."""
    keys = {name.replace("_", ":", 1): state for name, state in states.items()}
    tests = clauses(JsonNode(condition, Location("E1")))
    return evaluate_conditions(tests, Context(keys), allows=allows, has_variables=True)


def holds(operator, value, *given_values, key=KEY):
    """Whether the operator holds for a request with these values of the key."""
    return judged({operator: {key: value}}, aws_test=given_values).truth


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
    """And its negation for all else."""
    assert (holds(operator, value, hit), holds(operator, value, miss)) == (TRUE, FALSE)
    for family in ("String", "Arn"):
        if operator.startswith(family):
            turned = operator.replace(family, f"{family}Not")
            assert (holds(turned, value, hit), holds(turned, value, miss)) == (FALSE, TRUE)


def test_values_are_alternatives_and_keys_and_operators_add_up():
    """OR within a key, AND between keys and operators; negated: none of the values."""
    assert holds("StringEquals", ["a", "b"], "b") is TRUE
    assert holds("StringNotEquals", ["a", "b"], "b") is FALSE
    both = {"StringEquals": {KEY: "a", "aws:other": "x"}}
    assert judged(both, aws_test=("a",), aws_other=("y",)).truth is FALSE
    assert judged(both, aws_test=("a",), aws_other=("x",)).truth is TRUE


@pytest.mark.parametrize(
    ("operator", "truth"),
    [
        ("StringEquals", FALSE),
        ("StringNotEquals", TRUE),
        ("StringEqualsIfExists", TRUE),
        ("Bool", FALSE),
        ("BoolIfExists", TRUE),
        ("ForAllValues:StringEquals", TRUE),
        ("ForAnyValue:StringEquals", FALSE),
        ("ForAnyValue:StringEqualsIfExists", FALSE),
        ("NotIpAddress", TRUE),
    ],
)
def test_a_missing_key(operator, truth):
    """Positive operators fail, negated ones hold, IfExists helps, ForAllValues is open."""
    assert judged({operator: {KEY: "true"}}, aws_test=KeyKnowledge.ABSENT).truth is truth


def test_null_asks_for_presence():
    """Whatever the value is."""
    assert judged({"Null": {KEY: "true"}}, aws_test=KeyKnowledge.ABSENT).truth is TRUE
    assert judged({"Null": {KEY: "true"}}, aws_test=("x",)).truth is FALSE
    assert judged({"Null": {KEY: False}}, aws_test=("x",)).truth is TRUE
    assert judged({"Null": {KEY: "true"}}, aws_test=KeyKnowledge.UNKNOWN).truth is UNKNOWN


def test_several_values_need_a_quantifier():
    """All of them, or any of them."""
    for quantifier, truth in (("ForAllValues", FALSE), ("ForAnyValue", TRUE)):
        operator = f"{quantifier}:StringEquals"
        assert judged({operator: {KEY: "a"}}, aws_test=("a", "b")).truth is truth


@pytest.mark.parametrize(
    "condition",
    [
        "nonsense",
        {"StringFoo": {KEY: "a"}},
        {"StringEquals": "a"},
        {"StringEquals": {KEY: {"a": 1}}},
        {"ForSomeValues:StringEquals": {KEY: "a"}},
        {"NumericEquals": {KEY: "three"}},
        {"IpAddress": {KEY: "somewhere"}},
        {"DateEquals": {KEY: "yesterday"}},
    ],
)
def test_what_cannot_be_read_is_unknown(condition):
    """Neither held nor failed, and it says why."""
    found = judged(condition, aws_test=("a",))
    assert found.truth is UNKNOWN
    assert found.reasons


def test_an_unknown_key_is_unknown():
    """And named as the policy writes it."""
    assert judged({"StringEquals": {"AWS:Odd": "a"}}).reasons == ("AWS:Odd",)


def test_an_address_of_anyone_s_choice_is_on_no_list():
    """But for lists of the whole internet."""
    anywhere = KeyKnowledge.ANY_ADDRESS
    office, world = {KEY: "203.0.113.0/24"}, {KEY: ["0.0.0.0/1", "128.0.0.0/1"]}
    assert judged({"IpAddress": office}, aws_test=anywhere).truth is FALSE
    assert judged({"NotIpAddress": office}, aws_test=anywhere).truth is TRUE
    assert judged({"IpAddress": world}, aws_test=anywhere).truth is TRUE


def test_the_asker_picks_what_suits_it():
    """An Allow that some value fulfils holds, a Deny that some value avoids does not."""
    region = {"StringEquals": {KEY: "eu-west-1"}}
    assert judged(region, aws_test=KeyKnowledge.FREE).truth is TRUE
    assert judged(region, allows=False, aws_test=KeyKnowledge.FREE).truth is FALSE
    assert judged(region, aws_test=KeyKnowledge.FREE).free == {KEY}


def test_a_key_with_several_values_may_meet_several_clauses():
    """A request may carry both tag keys, where one value could not be both."""
    both = {
        "ForAnyValue:StringEquals": {KEY: "red"},
        "ForAnyValue:StringEqualsIfExists": {KEY: "blue"},
    }
    assert judged(both, aws_test=KeyKnowledge.FREE).truth is TRUE
    none_else = {**both, "ForAllValues:StringEquals": {KEY: "red"}}
    assert judged(none_else, aws_test=KeyKnowledge.FREE).truth is FALSE


def test_a_star_is_a_value_where_the_operator_knows_no_patterns():
    """The asker may pick it like any other; with other clauses on the key it fits or does not."""
    starred = {"StringEquals": {KEY: "eu-*"}}
    assert judged(starred, aws_test=KeyKnowledge.FREE).truth is TRUE
    elsewhere = {**starred, "StringLike": {KEY: "us-*"}}
    assert judged(elsewhere, aws_test=KeyKnowledge.FREE).truth is not TRUE


def test_one_value_must_fulfil_all_clauses():
    """No region is two."""
    both = {"StringEquals": {KEY: "a"}, "StringLike": {KEY: "b*"}}
    assert judged(both, aws_test=KeyKnowledge.FREE).truth is not TRUE
    never = {"StringEquals": {KEY: "a"}, "StringNotEquals": {KEY: "a"}}
    assert judged(never, aws_test=KeyKnowledge.FREE).truth is FALSE


def test_variables_are_put_in_as_they_are():
    """A name with a star in it is no pattern; `${*}` is a star."""
    context = Context({"aws:username": ("a*",), "aws:gone": KeyKnowledge.ABSENT})

    def put(text):
        return substitute_variables(text, context, has_variables=True)

    pattern, certain = put("user/${aws:UserName}")
    assert certain
    assert matches(pattern, "user/a*")
    assert not matches(pattern, "user/ab")
    assert matches(put("${*}")[0], "*")
    assert not matches(put("${?}")[0], "a")
    assert put("${$}") == ("$", True)
    assert put("${aws:gone, 'x'}") == ("x", True)
    assert NOTHING in put("${aws:gone}")[0]
    assert put("${aws:whoknows}") == ("*", False)
    assert (
        substitute_variables("${aws:username}", context, has_variables=False)[0]
        == "${aws:username}"
    )


STATES = st.sampled_from([(), ("a",), ("b",), ("a", "b"), KeyKnowledge.ABSENT])
OPERATORS = st.sampled_from(
    ["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "Null",
     "ForAllValues:StringEquals", "ForAnyValue:StringLike"]
)  # fmt: skip
CONDITIONS = st.dictionaries(
    OPERATORS, st.dictionaries(st.sampled_from(["aws:test", "aws:other"]),
                               st.sampled_from(["a", "b", "*", "true", ["a", "b"]])), max_size=3,
)  # fmt: skip


@given(CONDITIONS, STATES, STATES)
def test_knowing_more_never_turns_a_verdict_round(condition, one, other):
    """What holds, or fails, while a key is unknown holds, or fails, whatever the key is."""
    blind = judged(condition, aws_test=one, aws_other=KeyKnowledge.UNKNOWN).truth
    seeing = judged(condition, aws_test=one, aws_other=other).truth
    assert blind in (UNKNOWN, seeing)


@given(CONDITIONS, STATES)
def test_a_choice_is_at_least_as_good_as_any_value(condition, state):
    """For an Allow and for a Deny."""
    some = judged(condition, aws_test=state, aws_other=KeyKnowledge.ABSENT).truth
    for allows, good in ((True, TRUE), (False, FALSE)):
        free = judged(
            condition, allows=allows, aws_test=KeyKnowledge.FREE, aws_other=KeyKnowledge.ABSENT
        ).truth
        if some is good and state != ("a", "b"):
            assert free in (good, UNKNOWN)
