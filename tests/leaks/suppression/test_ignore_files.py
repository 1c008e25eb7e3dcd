"""Comments and ignore files: what they say, of which place, and what they can't say."""

from pathlib import Path

import pytest

from analyzer.leaks.detect.inline_allow import ALLOWED, inline_allows
from analyzer.leaks.model import CredentialKind, Occurrence, PlaceKind
from analyzer.leaks.suppression.ignore_files import path_doubt, read_ignore_file

COMMIT = "0123456789" * 4


def place(path="a.py", line=3, commit=COMMIT):
    """A place in the history."""
    return Occurrence("repo", path, line, PlaceKind.HISTORY, commit=commit)


def covered(text, kind=CredentialKind.LONG_TERM_KEY, root=Path("/nonexistent/shop"), **where):
    """Whether any line of a .gitleaksignore at `root` speaks of the place."""
    return any(each.covers(kind, place(**where)) for each in read_ignore_file(text.encode(), root))


@pytest.mark.parametrize(
    "comment",
    [
        "# gitleaks:allow",
        "// betterleaks:allow",
        "# trufflehog:ignore",
        "# kingfisher:ignore",
        "# kingfisher:allow",
        "# pragma: allowlist secret",
        "<!-- pragma: whitelist secret -->",
        "# pragma:allowlist-secret",
        "# ggignore",
        "// secretlint-disable-line",
        "# noqa: S105",
        "# noqa: E501, S106",
        "# nosec B107",
    ],
)
def test_a_comment_that_speaks_of_secrets_allows_its_line(comment):
    """And the reason names it, as it was written."""
    found = inline_allows(f"a\nkey = 1  {comment}\nb\n".encode(), [1, 2, 3])
    assert list(found) == [2]
    assert found[2].startswith(f"{ALLOWED}: ")
    assert found[2].removeprefix(f"{ALLOWED}: ") in comment


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa: E501",
        "# nosec",
        "# nosec B602",
        "# NOSONAR",
        "# type: ignore",
        "# eslint-disable-line",
        "pragma once",
        "# gitleaks:allowed-not",
    ],
)
def test_a_comment_about_something_else_allows_nothing(comment):
    """Who silenced a linter did not speak of the key."""
    assert inline_allows(f"key = 1  {comment}\n".encode(), [1]) == {}


@pytest.mark.parametrize("start", ["#", "//", "/* ", "--", "<!-- ", "  # ", "'"])
def test_a_comment_about_the_next_line_allows_that_line_alone(start):
    """Not its own, and not the one after."""
    text = f"{start} pragma: allowlist nextline secret\nkey\nkey\n".encode()
    assert list(inline_allows(text, [1, 2, 3])) == [2]


def test_nothing_may_stand_before_a_comment_about_the_next_line():
    """A line with a second key and that comment would hide both."""
    text = b"key = 'x'  # pragma: allowlist nextline secret\nkey\n"
    assert inline_allows(text, [1, 2]) == {}


def test_a_line_that_does_not_exist_is_allowed_by_nothing():
    """The last line has no next one."""
    assert inline_allows(b"# gitleaks:allow", [0, 1, 2, 99]).keys() == {1}


def test_a_large_text_without_comments_costs_a_glance():
    """Most files have none; they are not cut into lines."""
    assert inline_allows(b"x" * 10_000_000, [1]) == {}


@pytest.mark.parametrize("piece", [b"noqa:" + b"A," * 50, b"nosec" + b": " * 50, b"pragma: "])
def test_hostile_comments_take_linear_time(piece):
    """A megabyte of beginnings of comments is read at once."""
    assert inline_allows(piece * (1_000_000 // len(piece)), [1]) == {}


@pytest.mark.parametrize("path", ["package-lock.json", "a/b/yarn.lock", "go.sum", "x/Cargo.lock"])
def test_a_lock_file_is_in_doubt(path):
    """By its whole name, wherever it lies."""
    assert path_doubt(path)


@pytest.mark.parametrize("path", ["package.json", "my-package-lock.json", "yarn.lock/a", ""])
def test_other_files_are_not(path):
    """A name that ends alike is another name."""
    assert path_doubt(path) is None


def test_a_fingerprint_names_commit_path_rule_and_line():
    """All four must agree."""
    text = f"{COMMIT}:a.py:aws-access-token:3\n"
    assert covered(text)
    assert not covered(text, line=4)
    assert not covered(text, path="b.py")
    assert not covered(text, commit="f" * 40)
    assert not covered(text, commit=None)


def test_a_fingerprint_without_a_commit_holds_for_all_of_them():
    """As gitleaks has it for scans of folders."""
    assert covered("a.py:aws-access-token:3")
    assert covered("a.py:aws-access-token:3", commit=None)


def test_a_fingerprint_speaks_of_its_rule_alone():
    """What was said of another kind of secret on that line was not said of the key."""
    assert not covered("a.py:slack-bot-token:3")
    assert not covered("a.py:private-key:3")
    assert covered("a.py:generic-api-key:3")
    assert covered("a.py:aws-access-key:3")
    assert covered("a.py:private-key:3", kind=CredentialKind.SIGNING_KEY)
    assert covered("a.py:slack-bot-token:3", kind=CredentialKind.OTHER)


def test_paths_with_colons_and_paths_in_archives_are_understood():
    """Gitleaks writes `a.zip!b.txt` where the report has `a.zip!/b.txt`."""
    assert covered("c:/a.py:aws-access-token:3", path="c:/a.py")
    assert covered("a.zip!b.txt:aws-access-token:3", path="a.zip!/b.txt")


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "# a.py:aws-access-token:3", "a.py:3", "nonsense", "a.py:aws:", "\xff" * 20,
     ":" * 100_000, "a:" * 50_000 + "3" * 30],
)  # fmt: skip
def test_what_is_no_fingerprint_says_nothing(text):
    """Comments, damage and hostility included."""
    assert not covered(text)


@pytest.mark.parametrize(
    "written",
    ["./src/a.py", ".\\src\\a.py", "src\\a.py", "././/src/a.py", "/home/me/shop/src/a.py",
     "C:\\work\\shop\\src\\a.py", "c:/work/shop/src/a.py", "\\work\\shop\\src\\a.py"],
)  # fmt: skip
def test_a_path_may_be_written_as_the_other_tool_was_called(written):
    """From here, with backslashes, or absolute through the folder of the repository."""
    assert covered(f"{written}:aws-access-token:3\n", path="src/a.py")
    assert not covered(f"{written}:aws-access-token:3\n", path="a.py")
    assert not covered(f"{written}:aws-access-token:3\n", path="b/src/a.py")


def test_an_absolute_path_means_the_longest_end_that_is_there(tmp_path):
    """A container has the repository under another name; a shorter end is another file."""
    (tmp_path / "deep").mkdir()
    for name in ("a.py", "deep/a.py"):
        (tmp_path / name).write_text("")
    line = "/src/deep/a.py:aws-access-token:3\n"
    assert covered(line, root=tmp_path, path="deep/a.py")
    assert not covered(line, root=tmp_path, path="a.py")
    assert covered("/src/a.py:aws-access-token:3\n", root=tmp_path, path="a.py")
    assert not covered("/src/../a.py:aws-access-token:3\n", root=tmp_path, path="a.py")
    assert not covered("/elsewhere/b.py:aws-access-token:3\n", root=tmp_path, path="b.py")


def test_a_file_that_is_gone_is_not_another_one_of_its_name(tmp_path):
    """The folder of the repository stands in the path, so what follows it is all that is meant."""
    shop = tmp_path / "shop"
    (shop / "shop").mkdir(parents=True)
    for name in ("a.py", "shop/b.py"):
        (shop / name).write_text("")
    for home in ("/home/me/shop", "C:\\work\\shop", "/shop"):
        line = f"{home}/deep/a.py:aws-access-token:3\n"
        assert covered(line, root=shop, path="deep/a.py")
        assert not covered(line, root=shop, path="a.py")
    assert covered("/home/shop/shop/a.py:aws-access-token:3\n", root=shop, path="a.py")
    assert covered("/home/shop/shop/b.py:aws-access-token:3\n", root=shop, path="shop/b.py")


def test_a_name_with_a_backslash_in_it_is_still_itself():
    """It is a plain character on most systems."""
    assert covered("a\\b.py:aws-access-token:3\n", path="a\\b.py")
