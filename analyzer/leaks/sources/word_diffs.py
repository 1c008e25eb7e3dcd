"""In: the lines behind the head of a hunk. Out: those of a diff by words, as each side had them.

`diffs` asks for each hunk. `git diff` marks words as `[-removed-]{+added+}` (`--word-diff`), by
colour alone (`--color-words`), or on lines of their own, where ~ ends a line (`porcelain`).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

KEPT, REMOVED, ADDED = b" ", b"-", b"+"
_Word: TypeAlias = tuple[bytes, bytes]
"""Whether it was kept, removed or added; and its text."""
_OPENING = re.compile(rb"\[-|\{\+")
_CLOSING = {b"[-": b"-]", b"{+": b"+}"}
_SIDE = {b"[-": REMOVED, b"{+": ADDED}
_COLOUR = re.compile(rb"\x1b\[([\d;]*)m|\x1b\[[\d;]*K")
_RED_OR_GREEN = re.compile(rb"(?:\d+;)*[39]([12])(?:;\d+)*")
_HEAD = re.compile(rb"@@+ -\d|diff --|(?:commit |From )[0-9a-f]{40}")
_MARKS = (KEPT, REMOVED, ADDED, b"\\")
_END = b"~"


class WordLine(NamedTuple):
    """A line as it was and as it is now; None on the side that does not have it."""

    old: bytes | None
    new: bytes | None


def read_word_hunk(
    plain: Sequence[bytes], raw: Sequence[bytes], begin: int, counts: tuple[int, int]
) -> list[tuple[int, WordLine]] | None:
    """The lines of a diff by words from `begin` on, each with the index of its last input line.

    `raw` are the same lines in colour; `counts` are how many the old and the new version have. None
    for the hunk of a diff by lines, and for one without a marked word.
    """
    if _is_by_lines(plain, begin, counts):
        return None
    end = begin
    while end < len(plain) and not _HEAD.match(plain[end]):
        end += 1
    body, most = plain[begin:end], begin + sum(counts)
    if _END in body and all(line.startswith(_MARKS) or line == _END for line in body if line):
        lines = [*_by_marks(body)]
    else:
        lines = [*enumerate(map(_by_brackets, plain[begin : min(end, most)]))]
        # A diff by lines whose counts are wrong has colours as well, and a mark on each line.
        if not _has_words(lines) and not _has_changed_lines(body):
            lines = [*enumerate(map(_by_colours, raw[begin : min(end, most)]))]
    return [(begin + at, line) for at, line in _take(lines, counts)] if _has_words(lines) else None


def _has_words(lines: Sequence[tuple[int, list[_Word]]]) -> bool:
    return any(mark != KEPT for _, line in lines for mark, _ in line)


def _has_changed_lines(body: Sequence[bytes]) -> bool:
    marks = {line[:1].strip(b"\r") or KEPT for line in body}
    return marks.issubset(_MARKS) and bool(marks & {REMOVED, ADDED})


def _is_by_lines(lines: Sequence[bytes], begin: int, counts: tuple[int, int]) -> bool:
    """Whether lines with marks are as many as a hunk says, and one of them is a change.

    Also where the text ends before that.
    """
    old, new = counts
    is_changed = False
    for at in range(begin, len(lines)):
        if old <= 0 and new <= 0:
            break
        mark = lines[at][:1].strip(b"\r") or KEPT
        if mark not in _MARKS:
            return False
        old -= mark in {KEPT, REMOVED}
        new -= mark in {KEPT, ADDED}
        is_changed |= mark in {REMOVED, ADDED}
    return is_changed and (old == new == 0 or max(old, new) > 0)


def _take(
    words: Sequence[tuple[int, list[_Word]]], counts: tuple[int, int]
) -> Iterator[tuple[int, WordLine]]:
    """The lines up to the end of the hunk, by its counts."""
    old, new = counts
    for at, line in words:
        if old <= 0 and new <= 0:
            return
        sides = {mark for mark, text in line if mark != KEPT or text.strip()} or {KEPT}
        was = b"".join(text for mark, text in line if mark != ADDED)
        is_now = b"".join(text for mark, text in line if mark != REMOVED)
        found = WordLine(None if sides == {ADDED} else was, None if sides == {REMOVED} else is_now)
        old -= found.old is not None
        new -= found.new is not None
        yield at, found


def _by_brackets(line: bytes) -> list[_Word]:
    """The words of a line; what opens and does not close is text that was kept."""
    words: list[_Word] = []
    begin = at = 0
    never: set[bytes] = set()
    while opening := _OPENING.search(line, at):
        closing = _CLOSING[opening[0]]
        end = -1 if closing in never else line.find(closing, opening.end())
        if end < 0:
            never.add(closing)
            at = opening.end()
            continue
        words += (
            (KEPT, line[begin : opening.start()]),
            (_SIDE[opening[0]], line[opening.end() : end]),
        )
        begin = at = end + len(closing)
    return [*words, (KEPT, line[begin:])]


def _by_colours(line: bytes) -> list[_Word]:
    words: list[_Word] = []
    begin, side = 0, KEPT
    for code in _COLOUR.finditer(line):
        words.append((side, line[begin : code.start()]))
        begin = code.end()
        side = _side_of(code[1]) if code[1] is not None else side
    words.append((side, line[begin:]))
    return [each for each in words if each[1]]


def _side_of(code: bytes) -> bytes:
    """The side of which git writes words in a colour; any other colour is of what was kept."""
    found = _RED_OR_GREEN.fullmatch(code)
    return (REMOVED if found[1] == b"1" else ADDED) if found else KEPT


def _by_marks(lines: Sequence[bytes]) -> Iterator[tuple[int, list[_Word]]]:
    words: list[_Word] = []
    for at, line in enumerate(chain(lines, (_END,))):
        if line != _END:
            words.append((line[:1], line[1:]))
        elif words or at < len(lines):
            yield at, [each for each in words if each[0] != b"\\"]
            words = []
