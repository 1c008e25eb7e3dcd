"""In: the kept and removed words of each line of a hunk. Out: the lines of the old text.

`word_diffs` asks. Between a kept and a removed word git leaves out the blanks that the old text
had, and these may be the end of a line: how many were, the count in the head of the hunk says.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analyzer.leaks.sources.word_line_ends import KEPT, REMOVED, Word


class WordLine(NamedTuple):
    """A line of one side, and whether it is the same on the other."""

    text: bytes
    is_kept: bool


class _Gap(NamedTuple):
    """Where a line of the old text may have ended: before a word of a line; `doubt` that it did."""

    doubt: int
    line: int
    word: int


def join_words(words: Sequence[Word]) -> bytes:
    """Their text."""
    return b"".join(text for _, text in words)


def part_old_lines(lines: Sequence[Sequence[Word]], old_count: int) -> list[WordLine]:
    """The lines, parted where they most likely were to be `old_count`, if so many can be.

    Words between which a blank is missing have one. Of too many lines some without words are left
    out: they were added.
    """
    lines = _leave_out_empty(lines, len(lines) - old_count)
    missing = max(old_count - len(lines), 0)
    gaps = sorted(gap for at, words in enumerate(lines) for gap in _find_gaps(at, words))
    # Where all of them are too few, the text breaks off, and nothing speaks for any.
    ends = {(gap.line, gap.word) for gap in gaps[:missing]} if missing <= len(gaps) else set()
    parted: list[WordLine] = []
    for at, words in enumerate(lines):
        begin = 0
        for end in range(1, len(words) + 1):
            if end == len(words) or (at, end) in ends:
                parted.append(_old_line(words[begin:end]))
                begin = end
        if not words:
            parted.append(_old_line(words))
    return parted


def _leave_out_empty(lines: Sequence[Sequence[Word]], excess: int) -> Sequence[Sequence[Word]]:
    """First those that stand beside a change."""
    if excess <= 0:
        return lines
    is_kept = [all(mark == KEPT for mark, _ in words) for words in lines]
    empty = [at for at, words in enumerate(lines) if not words]
    empty.sort(key=lambda at: all(is_kept[max(at - 1, 0) : at + 2]))
    out = {*empty[:excess]}
    return [words for at, words in enumerate(lines) if at not in out]


def _find_gaps(line: int, words: Sequence[Word]) -> Iterator[_Gap]:
    for at in range(1, len(words)):
        (before, text), (after, following) = words[at - 1], words[at]
        if before == after or not text.strip() or not following.strip():
            continue
        is_glued = not text[-1:].isspace() and not following[:1].isspace()
        # A whole line that is gone stands alone behind the line before it, or before the next.
        if after == REMOVED and is_glued and at + 1 == len(words):
            doubt = 0
        elif before == REMOVED and at == 1:
            doubt = 1
        else:
            doubt = 2 if is_glued else 3
        yield _Gap(doubt, line, at)


def _old_line(words: Sequence[Word]) -> WordLine:
    parts: list[bytes] = []
    for at, (mark, text) in enumerate(words):
        before = words[at - 1] if at else (mark, b"")
        is_glued = before[0] != mark and before[1][-1:].strip() and text[:1].strip()
        parts += (b" ", text) if is_glued else (text,)
    return WordLine(b"".join(parts), all(mark == KEPT for mark, _ in words))
