"""In: the names that a diff has for a file. Out: the path of the file."""

import re

from analyzer.files import printable_name

_PREFIXES = frozenset({b"ab", b"iw", b"ci", b"cw", b"oi", b"ow", b"ba", b"wi", b"ic", b"wc"})
_NOWHERE = b"/dev/null"
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
}


def path_in_head(line: bytes) -> str:
    """The path of a file by the line that begins its part of a diff by git."""
    names = line.removeprefix(b"diff --git ").rstrip(b"\r")
    middle = len(names) // 2
    old, new = names[:middle], names[middle + 1 :]
    if names[middle : middle + 1] != b" " or path_of(old, old) != path_of(old, new):
        # A file that was moved, of whose names either may have blanks.
        between = next((each for each in (b' "b/', b" b/") if each in names), b" ")
        old, new = _NOWHERE, between[1:] + names.rpartition(between)[2]
    return path_of(old, new)


def path_of(old: bytes, new: bytes) -> str:
    """The path of a file by its two names: the new one, or the old one of what was deleted."""
    before, after = _unquote(old), _unquote(new)
    known = after if after != _NOWHERE else before
    letters = before[:1] + after[:1]
    if _NOWHERE in {before, after}:
        is_marked = known[1:2] == b"/" and known[:1] in b"abciwo"
    else:
        is_marked = before[1:2] == after[1:2] == b"/" and letters in _PREFIXES
    return printable_name(known[2:] if is_marked else known)


def _unquote(name: bytes) -> bytes:
    """A name as git or diff writes it: quoted, or with a tab and a date behind it."""
    name = name.rstrip(b"\r")
    if not name.startswith(b'"'):
        return name.partition(b"\t")[0]
    return _ESCAPE.sub(_character, name[1:].rpartition(b'"')[0])


def _character(escape: re.Match[bytes]) -> bytes:
    if escape[1].isdigit():
        return bytes([int(escape[1], 8) & 255])
    return _ESCAPED.get(escape[1], escape[1])
