"""Patterns of stars and question marks."""

import fnmatch
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.globs import (
    LITERAL_MARK,
    LITERAL_STAR,
    NOTHING,
    covers,
    example_of_both,
    literal,
    matches,
    overlap,
)

IN_BOTH = st.text(alphabet="a*?", max_size=5)
TEXTS = st.text(alphabet="ab", max_size=6)
PATTERNS = st.text(alphabet="ab*?", max_size=6)


@given(PATTERNS, TEXTS)
def test_it_matches_as_the_shell_does(pattern, text):
    """The library's own matcher says the same."""
    assert matches(pattern, text) == fnmatch.fnmatchcase(text, pattern)


@given(PATTERNS, PATTERNS, TEXTS)
def test_what_covers_matches_all_that_the_other_matches(wide, narrow, text):
    """And what overlaps by an example is never said to be apart."""
    if covers(wide, narrow) and matches(narrow, text):
        assert matches(wide, text)
    if matches(wide, text) and matches(narrow, text):
        assert overlap(wide, narrow)


@given(IN_BOTH, IN_BOTH)
def test_an_overlap_has_an_example(one, other):
    """And what is apart has none, of any length that could tell."""
    texts = ("".join(each) for size in range(7) for each in itertools.product("ax", repeat=size))
    assert overlap(one, other) == any(matches(one, each) and matches(other, each) for each in texts)


@given(PATTERNS, PATTERNS)
def test_what_two_patterns_have_in_common_is_matched_by_both(one, other):
    """There is such a text just where they overlap, and the filler stands where both are open."""
    found = example_of_both(one, other, "~~")
    assert (found is not None) == overlap(one, other)
    if found is not None:
        assert matches(one, found)
        assert matches(other, found)
        is_filled = "~~" in found or ("?" in one + other and "~" in found)
        assert is_filled or "*" not in one or "*" not in other or found.strip("~")


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("*", "user/*", "user/~~"),
        ("user/*", "*", "user/~~"),
        ("*prod*", "user/*", "user/~~prod~~"),
        ("user/ann", "*/*", "user/ann"),
        ("user/ann", "role/*", None),
        (f"*{LITERAL_STAR}", "user/*", "user/~~*"),
        (NOTHING, "*", None),
    ],
)
def test_the_text_in_common_is_plain_and_unheard_of(one, other, found):
    """Where a pattern leaves a name open, no policy is likely to have that one."""
    assert example_of_both(one, other, "~~") == found


@given(st.text(alphabet="ab*?", max_size=6), TEXTS)
def test_a_literal_matches_itself_alone(name, text):
    """A user called `*` is one user."""
    assert matches(literal(name), name)
    assert matches(literal(name), text) == (name == text)


def test_literal_wildcards_are_no_wildcards():
    """The marks stand for the characters themselves."""
    assert matches(f"a{LITERAL_STAR}", "a*")
    assert not matches(f"a{LITERAL_STAR}", "ab")
    assert not matches(LITERAL_MARK, "b")


def test_nothing_matches_nothing():
    """A variable that the request lacks makes the statement speak of no resource."""
    assert not matches(f"*{NOTHING}*", "a")
    assert not overlap("*", NOTHING)
    assert covers("a", NOTHING)


@pytest.mark.parametrize("pattern", ["*a" * 500, "?*" * 500, "*" * 3000 + "b"])
def test_no_pattern_backtracks(pattern):
    """Patterns that take a regular expression for ever come to an end."""
    assert matches(pattern, "a" * 3000) == pattern.endswith(("a", "*", "?"))
    covers(pattern, "a*" * 500)
    overlap(pattern, "a*" * 200)
