"""No bytes break anything; and what a text says is found, however it was encoded."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from analyzer.archives.budget import Budget
from analyzer.archives.members import Member, UnopenedMember, is_archive, iter_members
from analyzer.leaks.decode.layers import decoded_texts
from tests.hypothesis_profiles import examples
from tests.leaks.decode.encoded_material import (
    CHARACTER_SETS,
    KEY,
    PAIR,
    SECRET,
    TEXT_ENCODINGS,
    found,
    in_halves,
)

CALM: dict[str, Any] = {
    "derandomize": True,
    "suppress_health_check": [HealthCheck.too_slow],
    "database": None,
}

# What encoded texts consist of, so that random bytes come close to them.
SNIPPETS = [
    *(encoding(PAIR).encode() for encoding in TEXT_ENCODINGS.values()),
    *(encoding(PAIR) for encoding in CHARACTER_SETS.values()),
    b"\\", b"\\\\u00", b"%", b"%u", b"&#", b"&#x", b'" + "', b"'.'", b"\n", b"\r\n", b"\0", b"=",
    b"# ", b"join", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"ustar", b"\x1f\x8b\x08",
    b"x\x9c", b"BZh91AY&SY", b"\xfd7zXZ\0", b"(\xb5/\xfd", b"\xff\xfe", b"\xfe\xff", KEY.encode(),
]  # fmt: skip
anything = st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(SNIPPETS)), max_size=12).map(
    b"".join
)


@given(
    encodings=st.lists(st.sampled_from([*TEXT_ENCODINGS]), min_size=1, max_size=3),
    charset=st.sampled_from([*CHARACTER_SETS]),
    before=st.sampled_from(["", "x\n", "# a comment\n\n", "k: v\n" * 30]),
)
@examples(1.5, **CALM)
def test_what_was_encoded_up_to_three_times_is_found(encodings, charset, before):
    """In any order, in any character set, behind any text."""
    text = PAIR
    for encoding in encodings:
        text = TEXT_ENCODINGS[encoding](text)
    data = CHARACTER_SETS[charset](f"{before}data: {text}\n")
    shown = [layer.text for layer in found(data)]
    assert any(KEY in each and SECRET in each for each in shown)


@given(encodings=st.lists(st.sampled_from([*TEXT_ENCODINGS]), max_size=2))
@examples(0.6, **CALM)
def test_literals_in_halves_are_found_beneath_other_encodings(encodings):
    """The halves are joined once the encodings over them are removed."""
    text = in_halves(PAIR)
    for encoding in encodings:
        text = TEXT_ENCODINGS[encoding](text)
    assert any(KEY in layer.text for layer in found(text))


@given(data=anything, spots=st.lists(st.integers(0, 400), max_size=4))
@examples(3, **CALM)
def test_no_bytes_break_the_layers(data, spots):
    """Every line that a layer names is one of the text, and lines ascend."""
    spots = [spot for spot in spots if spot < len(data)]
    shown = found(data, spots)
    assert shown or not data
    for layer in shown:
        lines = [layer.line_at(at) for at in range(len(layer.text) + 1)]
        assert lines == sorted(lines)
        assert 1 <= lines[0] <= lines[-1] <= data.count(b"\n") + 1
        layer.text.encode()


@given(data=anything)
@examples(3, **CALM)
def test_no_bytes_break_the_archives(data):
    """Neither what begins like an archive, nor what does not."""
    is_archive(data)
    members = iter_members(data, Budget.for_size(len(data)))
    assert all(isinstance(each, Member | UnopenedMember) for each in members)


@given(data=anything, produced=st.integers(0, 2000), pieces=st.integers(0, 20))
@examples(1.5, **CALM)
def test_no_bytes_cost_more_than_the_budget(data, produced, pieces):
    """What is given out was charged before, and what was left out has a reason."""
    budget = Budget(bytes_left=produced, edits_left=pieces, layers_left=5)
    given_out = list(decoded_texts(data, budget))
    assert sum(len(layer.text) for layer in given_out) <= produced
    assert len(given_out) <= 5
    assert budget.bytes_left >= 0
    assert budget.edits_left >= 0
    assert given_out or budget.exceeded or not data


@pytest.mark.parametrize(
    "tight", [{"bytes_left": 500}, {"edits_left": 0}, {"layers_left": 1}, {"rounds": 0}]
)
def test_whatever_runs_out_says_so(tight):
    """Each limit has its own sentence."""
    text = "x = " + TEXT_ENCODINGS["base64"](PAIR * 4) + TEXT_ENCODINGS["\\u"](PAIR)
    budget = Budget(**tight)
    assert not [layer for layer in decoded_texts(text.encode(), budget) if KEY in layer.text]
    assert budget.exceeded
