"""In: texts. Out: the proof that a run of an alphabet is found as an expression would find it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.decode.runs import alphabet, ascii_of, find_runs

TEXTS = st.text(st.sampled_from("ab-\n\u00e9\U0001f511"), max_size=60)


@given(TEXTS, st.integers(1, 5))
def test_runs_are_those_of_an_expression(text, least):
    """Start and end of each, in the text and not in its bytes."""
    expected = [match.span() for match in re.finditer(rf"[ab]{{{least},}}", text)]
    assert list(find_runs(ascii_of(text), alphabet(b"ab"), least)) == expected
