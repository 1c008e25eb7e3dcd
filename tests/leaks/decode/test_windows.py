"""The parts of a content around offsets: all of them, whole tokens, the same in each version."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.decode.windows import windows
from tests.hypothesis_profiles import examples

LINES = [f"line {number}: {'x' * (number * 7 % 60)}\n".encode() for number in range(8_000)]
DENSE = b"".join(LINES)


def parts(data, step=200):
    """The parts of a content that has something every so many bytes."""
    return [data[begin:end] for begin, end in windows(data, range(0, len(data), step))]


@given(st.lists(st.integers(0, len(DENSE) - 1), min_size=1, max_size=30))
@examples(2)
def test_every_offset_is_in_a_part_with_what_is_around_it(offsets):
    """Two kilobytes on either side are in the same part, wherever parts meet."""
    found = list(windows(DENSE, offsets))
    for offset in offsets:
        low, high = max(0, offset - 1000), min(len(DENSE), offset + 1000)
        assert any(begin <= low and high <= end for begin, end in found)


def test_parts_of_a_dense_text_are_short_and_share_little():
    """A text full of hits is read about one and a half times, in parts of some kilobytes."""
    found = parts(DENSE)
    assert max(map(len, found)) < 24 << 10
    assert sum(map(len, found)) < 1.8 * len(DENSE)


@pytest.mark.parametrize("at", [0, 1_000, 3_999, 7_990])
def test_two_versions_of_a_file_have_nearly_all_parts_in_common(at):
    """One line more, anywhere, changes the parts around it and no other."""
    newer = b"".join([*LINES[:at], b"one line more\n", *LINES[at:]])
    assert len(set(parts(newer)) - set(parts(DENSE))) <= 3


def test_no_token_is_cut_in_two():
    """Of words of six thousand characters each stands whole in some part."""
    chance = random.Random(5)  # noqa: S311 - to fill a text
    words = ["".join(chance.choices("abcdefghij", k=6_000)) for _ in range(30)]
    found = parts(" ".join(words).encode())
    assert all(any(word.encode() in part for part in found) for word in words)


def test_one_endless_token_is_cut_all_the_same():
    """Parts stay short, so that the time is that of its length."""
    found = parts(b"A" * (1 << 20))
    assert max(map(len, found)) < 160 << 10
    assert sum(map(len, found)) < 2 * (1 << 20)


def test_without_offsets_all_of_the_content_is_one_part():
    """What is encoded from end to end is not cut."""
    assert list(windows(DENSE, ())) == [(0, len(DENSE))]
