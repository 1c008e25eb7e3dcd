"""Conditions, by the rules for missing keys, several values, and keys that the asker picks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.globs import NOTHING, matches
from analyzer.policy.conditions import (
    Context,
    KeyKnowledge,
    Ternary,
    substitute_variables,
)
from tests.builders import allow
from tests.policy.condition_truths import KEY, evaluate, truth_of
from tests.policy.verdicts import ALLOWED, CONDITIONAL, NONE, UNKNOWN_KEY, verdict_by

TRUE, FALSE, UNKNOWN = Ternary.TRUE, Ternary.FALSE, Ternary.UNKNOWN


def test_values_are_alternatives_and_keys_and_operators_add_up():
    """OR within a key, AND between keys and operators; negated: none of the values."""
    assert truth_of("StringEquals", ["a", "b"], "b") is TRUE
    assert truth_of("StringNotEquals", ["a", "b"], "b") is FALSE
    both = {"StringEquals": {KEY: "a", "aws:other": "x"}}
    assert evaluate(both, aws_test=("a",), aws_other=("y",)).truth is FALSE
    assert evaluate(both, aws_test=("a",), aws_other=("x",)).truth is TRUE


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
    assert evaluate({operator: {KEY: "true"}}, aws_test=KeyKnowledge.ABSENT).truth is truth


def test_null_asks_for_presence():
    """Whatever the value is."""
    assert evaluate({"Null": {KEY: "true"}}, aws_test=KeyKnowledge.ABSENT).truth is TRUE
    assert evaluate({"Null": {KEY: "true"}}, aws_test=("x",)).truth is FALSE
    assert evaluate({"Null": {KEY: False}}, aws_test=("x",)).truth is TRUE
    assert evaluate({"Null": {KEY: "true"}}, aws_test=KeyKnowledge.UNKNOWN).truth is UNKNOWN


def test_several_values_need_a_quantifier():
    """All of them, or any of them."""
    for quantifier, truth in (("ForAllValues", FALSE), ("ForAnyValue", TRUE)):
        operator = f"{quantifier}:StringEquals"
        assert evaluate({operator: {KEY: "a"}}, aws_test=("a", "b")).truth is truth


def test_an_unknown_key_is_unknown():
    """And named as the policy writes it."""
    assert evaluate({"StringEquals": {"AWS:Odd": "a"}}).reasons == ("AWS:Odd",)


def test_an_address_of_anyone_s_choice_is_on_no_list():
    """But for lists of the whole internet."""
    anywhere = KeyKnowledge.ANY_IPV4
    office, world = {KEY: "203.0.113.0/24"}, {KEY: ["0.0.0.0/1", "128.0.0.0/1"]}
    assert evaluate({"IpAddress": office}, aws_test=anywhere).truth is FALSE
    assert evaluate({"NotIpAddress": office}, aws_test=anywhere).truth is TRUE
    assert evaluate({"IpAddress": world}, aws_test=anywhere).truth is TRUE


def test_the_asker_picks_what_suits_it():
    """An Allow that some value fulfils holds, a Deny that some value avoids does not."""
    region = {"StringEquals": {KEY: "eu-west-1"}}
    assert evaluate(region, aws_test=KeyKnowledge.FREE).truth is TRUE
    assert evaluate(region, allows=False, aws_test=KeyKnowledge.FREE).truth is FALSE
    assert evaluate(region, aws_test=KeyKnowledge.FREE).free == {KEY}


def test_a_key_with_several_values_may_meet_several_clauses():
    """A request may carry both tag keys, where one value could not be both."""
    both = {
        "ForAnyValue:StringEquals": {KEY: "red"},
        "ForAnyValue:StringEqualsIfExists": {KEY: "blue"},
    }
    assert evaluate(both, aws_test=KeyKnowledge.FREE).truth is TRUE
    none_else = {**both, "ForAllValues:StringEquals": {KEY: "red"}}
    assert evaluate(none_else, aws_test=KeyKnowledge.FREE).truth is FALSE


def test_a_star_is_a_value_where_the_operator_knows_no_patterns():
    """The asker may pick it like any other; with other clauses on the key it fits or does not."""
    starred = {"StringEquals": {KEY: "eu-*"}}
    assert evaluate(starred, aws_test=KeyKnowledge.FREE).truth is TRUE
    elsewhere = {**starred, "StringLike": {KEY: "us-*"}}
    assert evaluate(elsewhere, aws_test=KeyKnowledge.FREE).truth is not TRUE


def test_one_value_must_fulfil_all_clauses():
    """No region is two."""
    both = {"StringEquals": {KEY: "a"}, "StringLike": {KEY: "b*"}}
    assert evaluate(both, aws_test=KeyKnowledge.FREE).truth is not TRUE
    never = {"StringEquals": {KEY: "a"}, "StringNotEquals": {KEY: "a"}}
    assert evaluate(never, aws_test=KeyKnowledge.FREE).truth is FALSE


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
    blind = evaluate(condition, aws_test=one, aws_other=KeyKnowledge.UNKNOWN).truth
    seeing = evaluate(condition, aws_test=one, aws_other=other).truth
    assert blind in (UNKNOWN, seeing)


@given(CONDITIONS, STATES)
def test_a_choice_is_at_least_as_good_as_any_value(condition, state):
    """For an Allow and for a Deny."""
    some = evaluate(condition, aws_test=state, aws_other=KeyKnowledge.ABSENT).truth
    for allows, good in ((True, TRUE), (False, FALSE)):
        free = evaluate(
            condition, allows=allows, aws_test=KeyKnowledge.FREE, aws_other=KeyKnowledge.ABSENT
        ).truth
        if some is good and state != ("a", "b"):
            assert free in (good, UNKNOWN)


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("ArnLike", False),
        ("Bool", False),
        ("NumericLessThan", False),
        ("DateLessThan", False),
        ("IpAddress", False),
        ("StringNotEquals", True),
        ("StringNotLike", True),
        ("ArnNotEquals", True),
        ("NumericNotEquals", True),
        ("DateNotEquals", True),
        ("NotIpAddress", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", False),
    ],
)
def test_what_an_allow_grants_where_the_key_is_missing(operator, holds):
    """Fails a positive operator, fulfils negated ones, `…IfExists` and ForAllValues."""
    statement = allow(
        "s3:*", when={operator: {UNKNOWN_KEY: "203.0.113.7" if "Ip" in operator else "1"}}
    )
    verdict = verdict_by(statement, keys={UNKNOWN_KEY: KeyKnowledge.ABSENT})
    assert verdict is (ALLOWED if holds else NONE)


@pytest.mark.parametrize(
    ("state", "wanted", "verdict"),
    [
        (KeyKnowledge.ABSENT, "true", ALLOWED),
        (KeyKnowledge.ABSENT, "false", NONE),
        (("x",), "true", NONE),
        (("x",), "false", ALLOWED),
        (KeyKnowledge.UNKNOWN, "true", CONDITIONAL),
        (KeyKnowledge.UNKNOWN, "false", CONDITIONAL),
    ],
)
def test_what_an_allow_grants_that_asks_for_presence(state, wanted, verdict):
    """True means that the key is not there."""
    assert (
        verdict_by(allow("s3:*", when={"Null": {UNKNOWN_KEY: wanted}}), keys={UNKNOWN_KEY: state})
        is verdict
    )


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ({"StringEquals": {UNKNOWN_KEY: ["y", "x"]}}, ALLOWED),
        ({"StringNotEquals": {UNKNOWN_KEY: ["y", "x"]}}, NONE),
        ({"StringEquals": {UNKNOWN_KEY: "x", "aws:username": "bob"}}, NONE),
        ({"StringEquals": {UNKNOWN_KEY: "x"}, "Bool": {"aws:SecureTransport": "false"}}, NONE),
        ({"StringEquals": {UNKNOWN_KEY: "x"}, "Bool": {"aws:SecureTransport": True}}, ALLOWED),
        ({"StringEquals": {UNKNOWN_KEY.upper(): "x"}}, ALLOWED),
        ({"StringEquals": {UNKNOWN_KEY: "X"}}, NONE),
        ({"StringEqualsIgnoreCase": {UNKNOWN_KEY: "X"}}, ALLOWED),
        ({"StringEquals": {UNKNOWN_KEY: "x", "corp:Other": "y"}}, CONDITIONAL),
        ({"StringEquals": {UNKNOWN_KEY: "y", "corp:Other": "y"}}, NONE),
        ({"StringResembles": {UNKNOWN_KEY: "x"}}, CONDITIONAL),
    ],
)
def test_operators_and_keys_are_and_values_are_or(when, verdict):
    """In three-valued logic: one false test outweighs any doubt."""
    assert verdict_by(allow("s3:*", when=when), keys={UNKNOWN_KEY: ("x",)}) is verdict


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists"])
def test_a_key_that_nobody_knows_is_unknown(operator):
    """Neither its value nor its presence can be told."""
    assert verdict_by(allow("s3:*", when={operator: {UNKNOWN_KEY: "x"}})) is CONDITIONAL


@pytest.mark.parametrize(
    ("operator", "values", "verdict"),
    [
        ("ForAllValues:StringEquals", ["a", "b", "c"], ALLOWED),
        ("ForAllValues:StringEquals", ["a"], NONE),
        ("ForAnyValue:StringEquals", ["a"], ALLOWED),
        ("ForAnyValue:StringEquals", ["c"], NONE),
        ("ForAnyValue:StringNotEquals", ["a"], ALLOWED),
        ("ForAllValues:StringNotEquals", ["a"], NONE),
    ],
)
def test_quantifiers_speak_of_each_value_or_of_any(operator, values, verdict):
    """For a key that has several values in one request."""
    keys = {"aws:TagKeys": ("a", "b")}
    assert verdict_by(allow("s3:*", when={operator: {"aws:TagKeys": values}}), keys=keys) is verdict


def test_for_all_values_on_a_missing_key_is_open():
    """An Allow that rests on it holds for whoever sends nothing; with Null it does not."""
    when = {"ForAllValues:StringEquals": {UNKNOWN_KEY: "x"}}
    assert verdict_by(allow("s3:*", when=when), keys={UNKNOWN_KEY: KeyKnowledge.ABSENT}) is ALLOWED
    both = when | {"Null": {UNKNOWN_KEY: "false"}}
    assert verdict_by(allow("s3:*", when=both), keys={UNKNOWN_KEY: KeyKnowledge.ABSENT}) is NONE


def test_string_like_without_wildcard_lists_its_value_like_string_equals():
    """No region is both, whichever operator asks for it."""
    region = {"aws:RequestedRegion": "eu-west-1"}
    both = {"StringEquals": region, "StringLike": {"aws:RequestedRegion": "us-east-1"}}
    assert verdict_by(allow("s3:*", when=both)) is NONE
