"""In: text of any sort. Out: the proof that what is shown can't deceive."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.display import list_first, printable

ANYTHING = st.text(st.characters(blacklist_categories=()))
"""Surrogates and control characters too."""


@given(ANYTHING)
def test_what_is_shown_is_one_line_that_any_terminal_takes(text):
    """The result can be encoded, stands on one line and holds nothing hidden."""
    shown = printable(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert {unicodedata.category(letter)[0] for letter in shown} <= set("LMNPSZ")


@given(ANYTHING)
def test_what_is_visible_stays_as_it_is(text):
    """Showing twice is showing once."""
    assert printable(printable(text)) == printable(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_unchanged(text):
    """ASCII that prints is shown letter by letter."""
    assert printable(text) == text


@pytest.mark.parametrize("text", ["Jürgen", "日本語", "Ελένη", "naïve — “quoted”", "👩", ""])
def test_names_of_the_world_are_unchanged(text):
    """Letters, signs and spaces of any script are no threat."""
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a\\nb"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\u2028b", "a\\u2028b"),
        ("a\x85b", "a\\x85b"),
        ("a\ud800b", "a\\ud800b"),
        ("a\U000e0041b", "a\\U000e0041b"),
        ("é\n", "é\\n"),
    ],
)
def test_what_hides_is_shown_as_its_escape(text, shown):
    """Line breaks, escapes, reversal and halves of characters show what they are."""
    assert printable(text) == shown


def test_a_list_names_the_first_and_counts_the_others():
    """Nothing is counted where all fit; texts with commas of their own are parted by semicolons."""
    assert list_first(["a", "b"], 2) == "a, b"
    assert list_first(["a", "b", "c"], 2) == "a, b and 1 more"
    assert list_first(["a, b", "c", "d"], 1, ";") == "a, b; and 2 more"
    assert list_first([], 2) == ""
