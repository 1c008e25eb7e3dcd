"""What has to stand near something rare is searched for there only, and each place once."""

import re

import pytest

from analyzer.leaks.detect.neighbours import find_words, iter_near, surroundings

TEXT = "a....a" + "." * 40 + "a" + "." * 9


def spans(reach: int) -> list[tuple[int, int]]:
    """The surroundings of every "a" in TEXT."""
    return list(surroundings(list(re.finditer("a", TEXT)), reach, len(TEXT)))


@pytest.mark.parametrize(
    ("reach", "expected"),
    [(0, [(0, 1), (5, 6), (46, 47)]), (3, [(0, 9), (43, 50)]), (30, [(0, len(TEXT))])],
)
def test_surroundings_that_touch_are_one(reach, expected):
    """And they end with the text."""
    assert spans(reach) == expected


def test_nothing_has_no_surroundings():
    """So nothing is searched for there."""
    assert list(surroundings([], 100, 1000)) == []


def test_a_pattern_is_searched_for_near_others_only():
    """Once, however many others are near."""
    text = "key key" + " " * 90 + "key" + " " * 90 + "key a"
    near = iter_near(re.compile("key"), text, list(re.finditer("a", text)), 10)
    assert [match.start() for match in near] == [text.rindex("key")]
    both = iter_near(re.compile("a"), text, list(re.finditer("key", text)), 10)
    assert len(list(both)) == 1


def test_words_are_found_whatever_their_case_and_what_stands_before_them():
    """Where in the text they are, not where in its bytes."""
    text = "İé\u2028 SECRET key é Secret"
    found = find_words(text, re.compile(rb"secret"), re.compile(rb"key"))
    assert [text[match.start() : match.end()] for match in found] == ["SECRET", "key", "Secret"]
