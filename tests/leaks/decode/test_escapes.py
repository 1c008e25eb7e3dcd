"""In: texts with escapes. Out: the proof that each is found where it begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.decode.escapes import unescape_edits

ESCAPES = {
    "%2B": "+",
    "%2B%2f": "+/",
    "%u002b": "+",
    r"\x2b": "+",
    r"\x2b\x2F": "+/",
    r"\u002b": "+",
    r"\uu002b": "+",
    r"\U0000002b": "+",
    r"\u{2b}": "+",
    r"\x{2b}": "+",
    r"\053": "+",
    r"\53\057": "+/",
    r"\0": "\0",
    **{f"\\{letter}": each for letter, each in zip("abefnrtv", "\a\b\x1b\f\n\r\t\v", strict=True)},
    **{f"\\{each}": each for each in "\"'`/\\$"},
    "\\\n  ": "",
    "\\\r\n\t": "",
    "&#43;": "+",
    "&#x2B;": "+",
    "&#X2b;": "+",
    "&plus;": "+",
}
OTHERS = ("a", "\u20ac", "%", "%zz", "\\", "\\q", "&", "& b", "&none;", "\\u12", "&#;")


@pytest.mark.parametrize("escape", ESCAPES)
def test_each_escape_is_undone(escape):
    """Between characters of any width, at either end, and twice."""
    for before, after in (("", ""), ("\u20ac\U0001f511", "g"), ("x ", "\u20ac")):
        edits, _ = unescape_edits(f"{before}{escape}{after}g{escape}")
        second = len(before + escape + after) + 1
        assert edits == [
            (len(before), len(before + escape), ESCAPES[escape]),
            (second, second + len(escape), ESCAPES[escape]),
        ]


@given(st.lists(st.sampled_from([*ESCAPES, *OTHERS]), max_size=30))
def test_edits_ascend_and_do_not_overlap(pieces):
    """Also where a backslash stands before another: the first takes the second with it."""
    text = "".join(pieces)
    edits, _ = unescape_edits(text)
    at = 0
    for start, end, _ in edits:
        assert at <= start < end <= len(text)
        at = end


def test_of_backslashes_each_pair_is_one():
    """The letter behind two of them is not escaped."""
    assert unescape_edits(r"\\n\\\n")[0] == [(0, 2, "\\"), (3, 5, "\\"), (5, 7, "\n")]
