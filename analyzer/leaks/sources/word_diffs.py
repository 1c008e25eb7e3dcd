"""In: the lines behind the head of a hunk. Out: those of a diff by words, as each side had them.

`diffs` asks for each hunk. `git diff` marks words as `[-removed-]{+added+}` (`--word-diff`), by
colour alone (`--color-words`), or on lines of their own, where ~ ends a line (`porcelain`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analyzer.leaks.sources.old_lines import WordLine, join_words, part_old_lines
from analyzer.leaks.sources.word_line_ends import ADDED, KEPT, REMOVED, Word, find_removed_ends

_OPENING = re.compile(rb"\[-|\{\+")
_CLOSING = {b"[-": re.compile(rb"-\](?=\s|\{\+|$)"), b"{+": re.compile(rb"\+\}(?=\s|$)")}
_SIDE = {b"[-": REMOVED, b"{+": ADDED}
_BRACKETS = {REMOVED: (b"[-", b"-]"), ADDED: (b"{+", b"+}")}
_COLOUR = re.compile(rb"\x1b\[([\d;]*)m|\x1b\[[\d;]*K")
_RED_OR_GREEN = re.compile(rb"(?:\d+;)*[39]([12])(?:;\d+)*")
_HEAD = re.compile(rb"@@+ -\d|diff --|(?:commit |From )[0-9a-f]{40}")
_MARKS = (KEPT, REMOVED, ADDED, b"\\")
_ENDS = (b"~", b"~\r")


@dataclass(frozen=True, slots=True)
class WordHunk:
    """A hunk of a diff by words: the lines of each side, and the index behind its last line."""

    old: list[WordLine]
    new: list[WordLine]
    end: int


class _Line(NamedTuple):
    """The words up to the end of a line, and the index of the input line that ends it."""

    at: int
    words: list[Word]


def read_word_hunk(
    plain: Sequence[bytes], raw: Sequence[bytes], begin: int, counts: tuple[int, int]
) -> WordHunk | None:
    """The hunk of a diff by words that has its first line at `begin`.

    `raw` are the same lines in colour; `counts` are how many the old and the new version have. None
    for the hunk of a diff by lines.
    """
    end = begin
    while end < len(plain) and not _HEAD.match(plain[end]):
        end += 1
    breaks_off = end == len(plain)
    # Behind the last line feed is no line.
    end -= breaks_off and end > begin and not plain[-1]
    body, coloured = plain[begin:end], raw[begin:end]
    # Another program may have put one before each line feed; the last line may be cut short.
    if all(line.endswith(b"\r") for line in body[:-1] if line):
        body, coloured = ([line.removesuffix(b"\r") for line in side] for side in (body, coloured))
    # First, since each word has a line, and the lines of a few words may be as many as are counted.
    tells_empty = _is_porcelain(body)
    if not tells_empty and _is_by_lines(plain, raw, begin, counts):
        return None
    if tells_empty:
        lines = [*_by_marks(body, breaks_off=breaks_off)]
    else:
        lines = _by_brackets_or_colours(body, coloured, breaks_off=breaks_off)
    if not (tells_empty or _has_words(lines) or _is_unmarked(body, counts[1])):
        return None
    removed = find_removed_ends([line.words for line in lines], counts[1], tells_empty=tells_empty)
    if not removed:
        return None
    old, new = _put_together(lines, removed, counts[0], tells_empty=tells_empty)
    return WordHunk(old, new, begin + lines[len(removed) - 1].at + 1)


def _is_by_lines(
    plain: Sequence[bytes], raw: Sequence[bytes], begin: int, counts: tuple[int, int]
) -> bool:
    """Whether lines with marks are as many as a hunk says, and one of them is a change.

    Also where the text ends before that, unless a line shows that it is by words.
    """
    old, new = counts
    is_changed = False
    at = begin
    # Behind the last line feed is no line.
    last = len(plain) - (not plain[-1])
    while at < last and (old > 0 or new > 0):
        mark = _mark_of(plain[at])
        if mark not in _MARKS:
            return False
        old -= mark in {KEPT, REMOVED}
        new -= mark in {KEPT, ADDED}
        is_changed |= mark in {REMOVED, ADDED}
        at += 1
    if not is_changed or not _has_colours_of_lines(plain[begin:at], raw[begin:at]):
        return False
    if old == new == 0:
        return True
    # What is new would be called removed, if it came behind a minus sign of the text itself.
    has_added_word = any(line[:1] == REMOVED and b"{+" in line for line in plain[begin:at])
    return min(old, new) >= 0 and not has_added_word


def _has_changed_lines(body: Sequence[bytes]) -> bool:
    marks = set(map(_mark_of, body))
    return marks.issubset(_MARKS) and bool(marks & {REMOVED, ADDED})


def _mark_of(line: bytes) -> bytes:
    """The mark of a line of a diff by lines; some programs take the blank off an empty one."""
    return line[:1].strip(b"\r") or KEPT


def _has_colours_of_lines(plain: Sequence[bytes], raw: Sequence[bytes]) -> bool:
    """Whether changed lines begin in colour and have none of the other side; or none has any."""
    if all(map(bytes.__eq__, plain, raw)):
        return True
    wrong = {REMOVED: ADDED, ADDED: REMOVED}
    for line, coloured in zip(plain, raw, strict=True):
        if line[:1] in wrong:
            words = _by_colours(coloured)
            if not _COLOUR.match(coloured) or any(mark == wrong[line[:1]] for mark, _ in words):
                return False
    return True


def _has_words(lines: Sequence[_Line]) -> bool:
    return any(mark != KEPT for line in lines for mark, _ in line.words)


def _is_unmarked(body: Sequence[bytes], new_count: int) -> bool:
    """Whether a hunk without a marked word, where blanks alone changed, is of a diff by words."""
    length = len(body)
    while length and not body[length - 1].strip():
        length -= 1
    signs = {line[:1] for line in body[:new_count]} & {REMOVED, ADDED}
    # Lists of YAML have minus signs; as a diff by lines, the hunk would have fewer new lines.
    is_whole = length <= new_count <= len(body)
    return ADDED not in signs and (is_whole or (not signs and new_count <= length))


def _is_porcelain(body: Sequence[bytes]) -> bool:
    """Whether a line says that a line ends, and each before the last such has a mark."""
    ends = [at for at, line in enumerate(body) if line in _ENDS]
    return bool(ends) and all(_is_marked(body, at) for at in range(ends[-1]))


def _is_marked(body: Sequence[bytes], at: int) -> bool:
    line = body[at]
    # Some programs take the blank off an empty line.
    is_bare = not line.strip(b"\r") and at + 1 < len(body) and body[at + 1] in _ENDS
    return line.startswith(_MARKS) or line in _ENDS or is_bare


def _by_marks(body: Sequence[bytes], *, breaks_off: bool) -> Iterator[_Line]:
    """The lines of a diff by words in the form for programs, up to what is no part of it."""
    words: list[Word] = []
    for at, line in enumerate(body):
        if line in _ENDS:
            yield _Line(at, words)
            words = []
        elif not _is_marked(body, at):
            breaks_off &= not any(body[at:])
            break
        elif not line.startswith(b"\\"):
            words.append((line[:1].strip(b"\r") or KEPT, line[1:]))
    if words and breaks_off:
        yield _Line(len(body) - 1, words)


def _by_brackets_or_colours(
    body: Sequence[bytes], raw: Sequence[bytes], *, breaks_off: bool
) -> list[_Line]:
    """The lines of a diff by words in a form for people; by colours where it has them."""
    if not all(map(bytes.__eq__, body, raw)):
        lines = [_Line(at, _by_colours(line)) for at, line in enumerate(raw)]
        # A diff by lines whose counts are wrong has colours as well, and a mark on each line.
        is_by_lines = _has_changed_lines(body) and _has_colours_of_lines(body, raw)
        if _has_words(lines) and not is_by_lines:
            return _without_brackets(lines)
    last = len(body) - 1 if breaks_off else -1
    return [_Line(at, _by_brackets(line, breaks_off=at == last)) for at, line in enumerate(body)]


def _by_brackets(line: bytes, *, breaks_off: bool) -> list[Word]:
    """The words of a line; what opens and does not close is kept text, unless the text ends."""
    words: list[Word] = []
    begin = at = 0
    never: set[bytes] = set()
    while opening := _OPENING.search(line, at):
        end = -1 if opening[0] in never else _find_closing(line, opening)
        if end < 0 and breaks_off:
            end = len(line)
        if end < 0:
            never.add(opening[0])
            at = opening.end()
            continue
        words += (
            (KEPT, line[begin : opening.start()]),
            (_SIDE[opening[0]], line[opening.end() : end]),
        )
        begin = at = end + 2
    words.append((KEPT, line[begin:]))
    return [each for each in words if each[1]]


def _find_closing(line: bytes, opening: re.Match[bytes]) -> int:
    """Where the words end that open there, -1 where they do not.

    That is before a blank, unless words are no words but what the user calls so.
    """
    closing = _CLOSING[opening[0]]
    following = _OPENING.search(line, opening.end())
    found = closing.search(line, opening.end(), following.end() if following else len(line))
    return found.start() if found else line.find(_BRACKETS[_SIDE[opening[0]]][1], opening.end())


def _by_colours(line: bytes) -> list[Word]:
    words: list[Word] = []
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


def _without_brackets(lines: list[_Line]) -> list[_Line]:
    """Coloured words without the marks around them, where each has them."""
    changed = [word for line in lines for word in line.words if word[0] != KEPT]
    if not all((text[:2], text[2:][-2:]) == _BRACKETS[mark] for mark, text in changed):
        return lines
    return [
        _Line(at, [(mark, text if mark == KEPT else text[2:-2]) for mark, text in words])
        for at, words in lines
    ]


def _put_together(
    lines: Sequence[_Line], removed: Sequence[bool], old_count: int, *, tells_empty: bool
) -> tuple[list[WordLine], list[WordLine]]:
    """The lines of the old text and of the new; `removed` are ends that only the old has."""
    old: list[list[Word]] = []
    new: list[WordLine] = []
    was: list[Word] = []
    is_now: list[Word] = []
    is_touched = False
    is_added = [not line.words for line in lines] if tells_empty else _find_added(lines)
    for (_, words), is_removed, is_new in zip(lines, removed, is_added, strict=False):
        was += (word for word in words if word[0] != ADDED)
        is_now += (word for word in words if word[0] != REMOVED)
        is_touched |= any(mark != KEPT for mark, _ in words)
        if is_removed:
            old.append(was)
            was = []
            continue
        is_kept = not is_touched and not is_new
        new.append(WordLine(join_words(is_now), is_kept))
        if is_kept or any(mark == REMOVED or text.strip() for mark, text in was):
            old.append(was)
        was, is_now, is_touched = [], [], False
    if is_now:
        new.append(WordLine(join_words(is_now), is_kept=False))
    return part_old_lines(old, old_count), new


def _find_added(lines: Sequence[_Line]) -> list[bool]:
    """Which lines are empty, with nothing but added lines on both sides."""
    marks = [{mark for mark, _ in line.words} for line in lines]
    return [
        not marks[at] and marks[max(at - 1, 0)] == {ADDED} and marks[at + 1 : at + 2] == [{ADDED}]
        for at in range(len(lines))
    ]
