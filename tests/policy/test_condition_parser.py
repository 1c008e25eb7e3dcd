"""Condition blocks to clauses: operators in any case, and what nobody can read."""

import pytest

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.condition_parser import clauses
from analyzer.policy.conditions import Ternary
from tests.policy.condition_truths import KEY, evaluate

UNKNOWN = Ternary.UNKNOWN


def parsed(condition):
    """Its clauses: quantifier, operator, whether the key may be missing, key and values."""
    found = clauses(JsonNode(condition, Location("E1", pointer="/Condition")))
    return [
        (each.quantifier, each.operator, each.if_exists, each.key, each.values) for each in found
    ]


@pytest.mark.parametrize(
    ("written", "quantifier", "operator", "if_exists"),
    [
        ("StringEquals", "", "StringEquals", False),
        ("stringequals", "", "StringEquals", False),
        ("StringNotLikeIfExists", "", "StringNotLike", True),
        ("NUMERICLESSTHANIFEXISTS", "", "NumericLessThan", True),
        ("ForAllValues:StringLike", "ForAllValues", "StringLike", False),
        ("foranyvalue:ArnNotLikeIfExists", "ForAnyValue", "ArnNotLike", True),
        ("Null", "", "Null", False),
    ],
)
def test_an_operator_is_read_in_any_case_with_all_that_belongs_to_it(
    written, quantifier, operator, if_exists
):
    """AWS takes every spelling."""
    assert parsed({written: {KEY: "a"}}) == [(quantifier, operator, if_exists, KEY, ("a",))]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ("a", ("a",)),
        (["a", "b"], ("a", "b")),
        (True, ("true",)),
        ([1, 2.5], ("1", "2.5")),
        ([], ()),
    ],
)
def test_values_of_every_json_type_become_texts(given, values):
    """As AWS compares them."""
    assert [each[-1] for each in parsed({"Bool": {KEY: given}})] == [values]


def test_each_operator_on_each_key_is_a_clause_that_knows_its_place():
    """A finding points at the line that decides."""
    condition = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    found = clauses(JsonNode(condition, Location("E1", pointer="/Condition")))
    assert [each.location.pointer for each in found] == [
        "/Condition/StringEquals/aws:a",
        "/Condition/StringEquals/aws:b",
        "/Condition/Bool/aws:c",
    ]


def test_no_condition_has_no_clauses():
    """A statement without one always applies."""
    assert clauses(None) == ()


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
    found = evaluate(condition, aws_test=("a",))
    assert found.truth is UNKNOWN
    assert found.reasons
