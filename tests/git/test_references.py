"""In: .gitmodules and pointers of Git LFS. Out: what they stand for, nothing for other content."""

import pytest

from analyzer.git.references import LfsPointer, parse_modules, parse_pointer

OID = "0123456789abcdef" * 4
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 12345\n"


@pytest.mark.parametrize(
    "text",
    [
        POINTER,
        POINTER.removesuffix("\n"),
        POINTER.replace("git-lfs.", "hawser."),
        POINTER.replace("oid", f"ext-0-x sha256:{OID}\noid"),
    ],
)
def test_a_pointer_is_read(text):
    """In the form of the specification, of its forerunner, and with extensions."""
    assert parse_pointer(text.encode()) == LfsPointer(OID, 12345)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version 1\n",
        POINTER.replace("sha256", "md5"),
        POINTER.replace(OID, OID[:-1]),
        POINTER.replace("12345", "many"),
        " " + POINTER,
        POINTER.replace("oid", "x" * 1000 + "\noid"),
    ],
)
def test_no_other_text_is_a_pointer(text):
    """Neither a longer one, which git would not take for a pointer either."""
    assert parse_pointer(text.encode()) is None


def test_a_text_that_is_nearly_a_pointer_takes_no_time():
    """A thousand lines could be tried in many ways."""
    assert parse_pointer(POINTER.split("oid", maxsplit=1)[0].encode() + b"\n" * 900) is None


def test_submodules_are_read_as_git_does():
    """Quotes, comments and other sections; the last of two settings counts."""
    text = b"""# modules
[core]
\tpath = no
[submodule "a"]
\tpath = libs/a/  # a comment
\turl = https://example.com/a.git
[Submodule "b \\"quoted\\""]
    URL = "ssh://git@example.com/b;c.git" ; a comment
    path = "b # c"
[submodule "d"]
\turl = https://example.com/d.git
[submodule "e"]
\tpath = x
\tpath = e
garbage
"""
    assert parse_modules(text) == {
        b"libs/a": "https://example.com/a.git",
        b"b # c": "ssh://example.com/b;c.git",
        b"e": "",
    }


def test_the_password_in_an_address_is_not_told():
    """The list of what was not searched is no place for it."""
    text = b'[submodule "a"]\n\tpath = a\n\turl = https://kim:swordfish@example.com/a.git\n'
    assert parse_modules(text) == {b"a": "https://example.com/a.git"}
