"""In: JSON and YAML texts. Out: the proof that documents come apart and nodes have locations."""

import json
from datetime import UTC, datetime

import pytest

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import EvidenceDefect, Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.json_documents import JsonNode, normalised_key, parse_json, parse_yaml

ROOT = Location("E1")


def node(value) -> JsonNode:
    """The one document of that value."""
    (found,) = parse_json(json.dumps(value), ROOT).nodes
    return found


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('{"a": 1}', [None]),
        ('{"a": 1} {"b": 2}', ["/0", "/1"]),
        ('[{"a": 1}, {"b": 2}]', ["/0", "/1"]),
        ('{"a": 1}\n[{"b": 2}, {"c": 3}]', ["/0", "/1/0", "/1/1"]),
        ("", []),
    ],
)
def test_documents_back_to_back_are_numbered(text, places):
    """A document alone needs no number; a list of pages counts on its own."""
    assert [each.location.pointer for each in parse_json(text, ROOT).nodes] == places


def test_a_text_that_breaks_off_keeps_what_came_before():
    """The first document is read and a note says so; broken from the start it is an error."""
    parsed = parse_json('{"a": 1} {"b"', ROOT)
    assert [each.value for each in parsed.nodes] == [{"a": 1}]
    assert [each.defect for each in parsed.notes] == [EvidenceDefect.TRUNCATED]
    with pytest.raises(EvidenceError, match="line 1, column 5"):
        parse_json('{"b"', ROOT)


@pytest.mark.parametrize("parse", [parse_json, parse_yaml], ids=["JSON", "YAML"])
def test_a_key_twice_is_refused(parse):
    """AWS writes no key twice, so the text was edited, and nobody knows which value was AWS's."""
    with pytest.raises(EvidenceError, match="'a' twice"):
        parse('{"a": 1, "a": 2}', ROOT)


@pytest.mark.parametrize("parse", [parse_json, parse_yaml], ids=["JSON", "YAML"])
def test_a_key_twice_costs_its_own_object_and_no_other(parse):
    """The object becomes a text that says why, a note tells it, and the rest is read."""
    parsed = parse('{"a": [{"b": 1, "b": 2}, {"c": 3}]}', ROOT)
    (found,) = parsed.nodes
    assert found.value == {"a": ["holds the key 'b' twice in one object", {"c": 3}]}
    (note,) = parsed.notes
    assert note.defect is EvidenceDefect.UNREADABLE
    assert "'b' twice in one object; what stands in it was not read" in note.text


@pytest.mark.parametrize("spelling", ["UserName", "userName", "user_name", "USERNAME"])
def test_a_key_is_found_in_any_spelling(spelling):
    """SDKs write one key in several ways, and the pointer has the one that is there."""
    found = node({spelling: "ann"})
    assert found.text("UserName") == "ann"
    assert found.has("UserName")
    assert found.location_of("UserName").pointer == f"/{spelling}"
    assert normalised_key(spelling) == "username"


def test_what_is_absent_or_null_is_nothing():
    """Neither has a value; only null is a member."""
    found = node({"a": None})
    assert (found.child("a"), found.child("b")) == (None, None)
    assert (found.has("a"), found.has("b")) == (True, False)
    assert (found.boolean("a"), found.time("b")) == (MissingValue.ABSENT, MissingValue.ABSENT)
    assert list(found.each("a")) == []
    assert found.location_of("b") == found.location


def test_a_value_of_another_type_is_not_taken_for_one():
    """Nothing is coerced: 1 is not true, true is not 1, and a list is no text."""
    found = node({"a": 1, "e": 1672628645, "b": True, "c": ["x"], "d": 1.5})
    assert (found.number("a"), found.number("b"), found.number("d")) == (1, None, None)
    assert (found.boolean("a"), found.boolean("b")) == (MissingValue.UNREADABLE, True)
    assert (found.text("a"), found.text("c")) == (None, None)
    assert (found.time("b"), found.time("c")) == (MissingValue.UNREADABLE,) * 2
    assert found.time("e") == datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.time("a") is MissingValue.UNREADABLE


def test_an_object_in_place_of_a_list_is_a_list_of_one():
    """So the AWS CLI's own documentation shows it."""
    assert [each.value for each in node({"a": {"b": 1}}).each("a")] == [{"b": 1}]


def test_a_pointer_escapes_what_a_pointer_is_made_of():
    """RFC 6901: ~ becomes ~0 and / becomes ~1."""
    assert node({"a/b~c": 1}).location_of("a/b~c").pointer == "/a~1b~0c"


def test_a_document_in_a_text_has_the_place_of_the_text():
    """There is nothing in the file that a longer pointer could lead to."""
    found = node({"Document": json.dumps({"Statement": [{"Sid": "x"}]})}).document("Document")
    (statement,) = found.each("Statement")
    assert statement.text("Sid") == "x"
    assert statement.location.pointer == "/Document"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &x [1]\nb: *x\n", "aliases"),
        ("a: !!int 1\n", "tags"),
        ("? [a]\n: 1\n", "keys that are no text"),
        ("[" * 200, "too many levels"),
        ("a: [", "is not valid YAML"),
    ],
)
def test_yaml_that_no_export_holds_is_refused(text, fault):
    """Before anything is built from it."""
    with pytest.raises(EvidenceError, match=fault):
        parse_yaml(text, ROOT)


def test_yaml_leaves_dates_as_text():
    """A policy's version is no date, and times are parsed as those of JSON are."""
    (found,) = parse_yaml("Version: 2012-10-17\nCreateDate: 2023-01-02T03:04:05Z\n", ROOT).nodes
    assert found.text("Version") == "2012-10-17"
    assert found.time("CreateDate") == datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)
