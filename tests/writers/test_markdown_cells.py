"""In: names that are Markdown. Out: the proof that they stay text, and a table stays a table."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.writers.markdown_cells import cell, code_cell, table


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("user/ann", "`user/ann`"),
        ("@ann #12", "`@ann #12`"),
        ("a|b", r"`a\|b`"),
        ("`x`", "`` `x` ``"),
        ("a``b", "``` a``b ```"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_name_stands_in_a_code_span(text, code):
    """There no mention calls anybody, and no tag or link takes effect."""
    assert code_cell(text) == code


def test_our_own_words_are_escaped():
    """A hyphen begins no list, and a star makes nothing bold."""
    assert cell("- a *b* <c>") == r"\- a \*b\* \<c\>"
    assert cell("1. on 2026-10-01") == r"1\. on 2026-10-01"


@given(st.text(min_size=1))
def test_no_name_breaks_its_row(name):
    """One line, its fence longer than any run inside, and no bar that ends the cell."""
    shown = code_cell(name)
    [_, _, row] = table(["Name"], [[shown]])
    assert "\n" not in row
    assert "\r" not in row
    assert not re.search(r"(?<!\\)\|", row[1:-1])
    if shown:
        fence = re.match("`+", shown)
        assert fence
        inside = shown[len(fence[0]) : -len(fence[0])]
        assert fence[0] not in re.findall("`+", inside)
