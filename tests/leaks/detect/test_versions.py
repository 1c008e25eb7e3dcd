"""Of a version only what is new is searched, and what comes out is what a search of all gives."""

import random
import re
import re._parser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.git.base_notes import CopiedRun
from analyzer.leaks.detect import versions
from analyzer.leaks.detect.prefilter import candidate_offsets, expressions
from analyzer.leaks.detect.prefilter_terms import REACH
from analyzer.leaks.detect.versions import offsets_in_version
from tests.hypothesis_profiles import examples
from tests.leaks.detect.detect_material import noise
from tests.leaks.leak_material import credentials_file, key_id, secret

SIZE = 40_000
LINES = b"".join(b"line %d of a text that holds nothing\n" % n for n in range(SIZE // 30))
SHAPES = [
    credentials_file(1).encode(),
    key_id(n=2).encode(),
    key_id(n=3).encode().replace(b"I", b"I\\\n+", 1),
    b"aws_secret_access_key = '" + secret(4).encode() + b"'\n",
    b"AWS secret:" + b" " * 110 + secret(5).encode(),
    b"secret_" + b"a" * 55 + b"=\r\n" + b" " * 118 + secret(6).encode() + b"\n",
    b"secret = '" + secret(7).encode()[:20] + b"' + '" + secret(7).encode()[20:] + b"'",
]
SHAPE_OR_TEXT = st.sampled_from(SHAPES) | st.integers(1, 4).map(lambda n: LINES[: n * 700])


def version_of(base: bytes, cuts: list[tuple[int, int, bytes]]) -> tuple[bytes, list[CopiedRun]]:
    """Parts of the base, each with something new before it; and which parts."""
    data, runs = b"", []
    for source, length, new in cuts:
        data += new
        kept = base[source : source + length]
        if kept:
            runs.append(CopiedRun(len(data), len(data) + len(kept), source))
        data += kept
    return data, runs


def text_with(*shapes: bytes) -> bytes:
    """A text with these at places far from each other and at both ends."""
    return LINES[:3000].join([b"", *shapes, b""]) + LINES


@examples(2)
@given(
    st.lists(st.sampled_from(SHAPES), max_size=6),
    st.lists(
        st.tuples(st.integers(0, 30_000), st.integers(0, SIZE), st.just(b"") | SHAPE_OR_TEXT),
        max_size=6,
    ),
)
def test_what_is_found_in_a_version_is_what_is_in_it(shapes, cuts):
    """Wherever a credential stood, is cut, is joined out of pieces or comes in new."""
    base = text_with(*shapes)
    data, runs = version_of(base, cuts)
    assert offsets_in_version(data, runs, candidate_offsets(base)) == candidate_offsets(data)


@pytest.mark.parametrize("width", range(0, 2 * REACH, 37))
@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_a_credential_is_found_however_far_from_a_cut_it_stands(shape, width):
    """Cut off, it is none; whole, it is one: on either side of where the version is new."""
    base = LINES + shape + LINES
    at = len(LINES)
    for end in (at + len(shape) + width, at + max(len(shape) - width, 0)):
        data, runs = version_of(base, [(0, end, b""), (end, len(base), b"new")])
        assert offsets_in_version(data, runs, candidate_offsets(base)) == candidate_offsets(data)


@pytest.mark.parametrize("more", range(24))
def test_what_is_no_credential_becomes_none_where_the_search_ends(more):
    """A long run is no secret, and only a piece of it would look like one; likewise an ID."""
    run = b"secret = " + noise(2, 600).hex().upper().encode()
    in_run = LINES + run + LINES
    ends_in_run = len(LINES) + len(b"secret = ") + 40 + more - 2 * REACH
    in_word = LINES + b"X" * 24 + key_id().encode() + LINES
    begins_in_word = len(LINES) + more + 2 * REACH
    for base, cut in ((in_run, ends_in_run), (in_word, begins_in_word)):
        data, runs = version_of(base, [(0, cut, b""), (cut, len(base), b"\n")])
        assert not candidate_offsets(data)
        assert not offsets_in_version(data, runs, [])


def test_a_version_may_begin_with_a_credential_that_was_none():
    """What stood before it is gone, so that it is no part of a longer word any more."""
    base = LINES + b"X" * 10 + key_id().encode() + LINES
    data, runs = version_of(base, [(len(LINES) + 10, len(base), b"")])
    assert not candidate_offsets(base)
    assert offsets_in_version(data, runs, []) == candidate_offsets(data) != []


def test_what_a_version_keeps_is_not_searched(monkeypatch):
    """Of a large file with a small change next to nothing is."""
    base = text_with(SHAPES[0]) + noise(1, 100_000).hex().encode()
    known = candidate_offsets(base)
    searched = []

    def search(part):
        searched.append(len(part))
        return list(known)

    monkeypatch.setattr(versions, "match_ends", search)
    monkeypatch.setattr(versions, "candidate_offsets", search)
    data, runs = version_of(base, [(0, 50_000, b""), (50_100, len(base), b"new")])
    offsets_in_version(data, runs, known)
    assert sum(searched) < 10 * REACH


def test_a_version_that_is_new_all_over_is_searched_at_once(monkeypatch):
    """Where the parts and their surroundings are half of it, one search is quicker than many."""
    base = text_with(SHAPES[0])
    cuts = [(at, 500, b"new") for at in range(0, 20_000, 1000)]
    data, runs = version_of(base, cuts)
    monkeypatch.setattr(versions, "match_ends", None)
    assert offsets_in_version(data, runs, candidate_offsets(base)) == candidate_offsets(data)


def test_a_version_in_wide_characters_is_searched_as_a_whole():
    """Whether each fourth byte is looked at is decided by how all of it begins."""
    base = LINES[:20_000] + "".join(SHAPE.decode() for SHAPE in SHAPES[:2]).encode("utf-32-le")
    base += LINES.decode().encode("utf-32-le")
    begin = 20_000
    data, runs = version_of(base, [(begin, len(base) - begin, b"")])
    found = offsets_in_version(data, runs, candidate_offsets(base))
    assert found == candidate_offsets(data)
    assert found


def test_no_expression_reaches_farther_than_is_looked_at_again():
    """A match and what stands on either side of it is within reach of its end."""
    for regex, _ in expressions():
        text = regex.decode("latin-1").replace(r"\z", r"\Z")
        assert re._parser.parse(text).getwidth()[1] < REACH, text  # noqa: SLF001 - no other way


CONFIRMED = sorted(
    {each for each in expressions().values() if each}, key=lambda each: each.__name__
)
PIECES = [
    *SHAPES, b"A", b"/", b"+", b"'", b"' + '", b"\x1b[0;31m", b"%2B", b"&amp;#x003d;3D", b"sha256=",
    b"abcdef0123456789" * 3, b"ABSK" + secret(1).encode() * 2, b" " * 30, b"\n",
]  # fmt: skip


@examples(4)
@given(
    st.sampled_from(CONFIRMED),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=30),
    st.integers(0, 2**32),
)
def test_no_match_is_confirmed_by_what_is_out_of_reach(confirm, pieces, seed):
    """The bytes within reach say as much as all of them."""
    data = b"".join(pieces)
    end = random.Random(seed).randint(min(50, len(data)), len(data))  # noqa: S311 - a place
    begin = max(end - REACH, 0)
    assert confirm(data, end) == confirm(data[begin : end + REACH], end - begin)
