"""In: old and new texts, and what git makes of them by words. Out: the lines that each side had."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.leaks.model import PlaceKind
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources.diffs import DiffPart, split_diff
from tests.leaks.leak_material import credentials_file, digest, key_id

ADDED, KEPT, REMOVED = PlaceKind.ADDED_LINE, PlaceKind.KEPT_LINE, PlaceKind.REMOVED_LINE
FORMS = ("--word-diff=porcelain", "--word-diff=plain", "--color-words", "--word-diff --color")
LINE = st.builds(
    lambda begin, words: " ".join([begin, *words]),
    st.sampled_from(["a", "b", "  a", "\tb", " - a"]),
    st.lists(st.sampled_from(["a", "b", "c", "-", "+", "~"]), max_size=2),
)
TEXT = st.lists(LINE, max_size=14)


def without_signs(lines, form):
    """A coloured line that begins with a sign is the same in a diff by lines."""
    return [line.translate({45: "x", 43: "y"}) for line in lines] if "color" in form else lines


def diff_of(folder, old, new, *options):
    """What git says of two texts."""
    for name, lines in (("old", old), ("new", new)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    return subprocess.run(
        ["git", "-c", "core.autocrlf=false", "diff", "--no-index", *options, "old", "new"],
        cwd=folder, capture_output=True, check=False,
    ).stdout  # fmt: skip


def lines_of(diff, *kinds):
    """The lines of a kind, by number."""
    return {
        number: line
        for part in split_diff(diff)
        if isinstance(part, DiffPart)
        for line, number, kind in zip(part.lines, part.numbers, part.kinds, strict=True)
        if number and kind in kinds
    }


@settings(max_examples=60, deadline=None)
@given(old=TEXT, new=TEXT, context=st.integers(0, 3), form=st.sampled_from(FORMS))
def test_the_new_text_has_the_lines_that_a_diff_by_lines_has(
    tmp_path_factory, old, new, context, form
):
    """Whatever moved, in each form; without empty lines a diff by words leaves nothing open."""
    old, new = without_signs(old, form), without_signs(new, form)
    folder = tmp_path_factory.mktemp("texts")
    by_lines = diff_of(folder, old, new, f"-U{context}")
    by_words = diff_of(folder, old, new, f"-U{context}", *form.split())
    assert lines_of(by_words, ADDED, KEPT) == lines_of(by_lines, ADDED, KEPT)


@settings(max_examples=60, deadline=None)
@given(
    old=st.lists(LINE | st.just(""), max_size=14),
    new=st.lists(LINE | st.just(""), max_size=14),
    form=st.sampled_from(FORMS),
)
def test_a_word_that_is_new_is_never_called_removed(tmp_path_factory, old, new, form):
    """Nor is it lost, where empty lines leave its number open."""
    new = [f"{line} new{at}" if line and at % 3 == 0 else line for at, line in enumerate(new)]
    old, new = without_signs(old, form), without_signs(new, form)
    folder = tmp_path_factory.mktemp("texts")
    by_words = diff_of(folder, old, new, *form.split())
    added, removed = lines_of(by_words, ADDED).values(), lines_of(by_words, REMOVED).values()
    words = b" ".join(added).split()
    assert [word for word in words if b"new" in word] == [
        line.split()[-1].encode() for line in new if "new" in line
    ]
    assert not any(b"new" in line for line in removed)


def piped(diff):
    """What is found in a diff: of each key ID its secret, path, line and kind of place."""
    result = scan([], ScanOptions(standard_input=diff))
    return {
        (c.key_id, c.secret_digest, o.path, o.line, o.where)
        for c in result.credentials
        for o in c.occurrences
    }


def test_a_text_whose_line_ends_were_changed_is_read_the_same(tmp_path):
    """Between git and us, a program put a carriage return before each line feed."""
    old = ["x", *credentials_file(1).splitlines(), "y"]
    new = ["x", "", *credentials_file(2).splitlines(), "y", "z"]
    for form in FORMS:
        diff = diff_of(tmp_path, old, new, *form.split())
        found = piped(diff)
        assert {(key, line, where) for key, _, _, line, where in found} == {
            (key_id(n=1), 3, REMOVED),
            (key_id(n=2), 4, ADDED),
        }
        assert piped(diff.replace(b"\n", b"\r\n")) == found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lost", [0, 1, 6])
def test_what_is_added_is_not_called_removed_where_the_text_breaks_off(tmp_path, form, lost):
    """Though each line of a list begins with a minus sign, as a removed one does."""
    old = ["list:", "- a: 1", "  b: 2", "- c: 3", "  d: 4", "- e: 5"]
    new = [*old[:2], f"- key: {key_id(n=1)}", *old[2:]]
    diff = diff_of(tmp_path, old, new, *form.split())
    end = diff.index(key_id(n=1).encode()) + len(key_id(n=1)) + 8 - lost
    assert {(key, line, where) for key, _, _, line, where in piped(diff[:end])} == {
        (key_id(n=1), 3, ADDED)
    }


def test_a_list_in_which_an_empty_line_is_new_stays_as_it_is(tmp_path):
    """Git marks no word there: a minus sign is the text's own."""
    old = ["- a", f"- {key_id(n=1)}", "- c"]
    for form in FORMS:
        diff = diff_of(tmp_path, old, [*old[:2], "", *old[2:]], *form.split())
        assert {(line, where) for *_, line, where in piped(diff)} == {(2, KEPT)}


def test_a_removed_line_is_parted_from_the_line_that_it_followed(tmp_path):
    """Git leaves out the end of the line between a word that was kept and one that was not."""
    old = ["one two", *credentials_file(1).split("\n")[1:3], "three", "four", "end"]
    new = ["one", "more", "two", "four", "three", "end"]
    for form in FORMS:
        diff = diff_of(tmp_path, old, new, *form.split())
        assert {(c[0], c[1], c[4]) for c in piped(diff)} == {(key_id(n=1), digest(1), REMOVED)}


def test_brackets_of_the_text_end_no_word(tmp_path):
    """A class of characters may end in a minus sign: the words go on to a blank."""
    old = [f"x = [a-z-]*{key_id(n=1)}", "end"]
    new = [f"x = [a-z-]+{key_id(n=2)}", "end"]
    diff = diff_of(tmp_path, old, new, "--word-diff")
    assert {(key, line, where) for key, _, _, line, where in piped(diff)} == {
        (key_id(n=1), 1, REMOVED),
        (key_id(n=2), 1, ADDED),
    }


@pytest.mark.parametrize("form", FORMS)
def test_of_two_empty_lines_the_one_beside_a_change_is_the_new_one(tmp_path, form):
    """A line alone between kept lines may go while another comes: counts cannot tell them apart."""
    old = ["a", "b", "# one x y", "c", "f", "", "d", "e"]
    new = ["a", "b", "", "# two x y", "three", "c", "f", "d", "e"]
    by_lines = lines_of(diff_of(tmp_path, old, new), ADDED)
    by_words = lines_of(diff_of(tmp_path, old, new, *form.split()), ADDED)
    assert by_words.items() <= by_lines.items()
    assert by_words[5] == b"three"
