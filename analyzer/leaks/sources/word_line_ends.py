"""In: the words on each line of a hunk of a diff by words. Out: which line ends only the old had.

`word_diffs` asks for each hunk. Git writes every end of a line of the new text, and of the old text
those between removed words; its other blanks it leaves out. So the new text can be put together
again, but for empty lines and lines of removed words alone: there the count in the head of the
hunk decides.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple, TypeAlias

KEPT, REMOVED, ADDED = b" ", b"-", b"+"
Word: TypeAlias = tuple[bytes, bytes]
"""Whether it was kept, removed or added; and its text."""
_Item: TypeAlias = int | None
"""The end of a line, by its index; None for a removed word."""


class _Doubt(IntEnum):
    """How soon an empty line is taken for a removed one; the last of several is the last.

    People part paragraphs by one. Behind a hunk, one may be no part of it.
    """

    EMPTY_BESIDE_CHANGED = 1
    EMPTY = 2
    EMPTY_BESIDE_REMOVED = 3
    FURTHER = 3
    EMPTY_AT_THE_END = 9


class _Ends(NamedTuple):
    """Ends of lines that are all of the new text, or all of the old text alone.

    `doubt` is 0 where the words tell; of the others the greatest is the first to be given up.
    """

    lines: Sequence[int]
    is_new: bool
    doubt: int = 0


def find_removed_ends(
    lines: Sequence[Sequence[Word]], new_count: int, *, tells_empty: bool
) -> list[bool]:
    """Whether the end of each line is of the old text alone, up to the end of the hunk.

    Of the new text are `new_count` ends, if the lines have as many. `tells_empty` says that an
    empty line that was kept has a word, so that one without was added or removed.
    """
    told: list[_Ends] = []
    certain, length = 0, len(lines)
    for ends in _judge(lines, tells_empty=tells_empty):
        if ends.is_new and not ends.doubt and certain == new_count:
            length = ends.lines[0]
            break
        certain += len(ends.lines) * (ends.is_new and not ends.doubt)
        told.append(ends)
    removed = [False] * length
    for ends in _settle(told, new_count):
        for at in ends.lines:
            removed[at] = not ends.is_new
    return removed


def _settle(told: Sequence[_Ends], new_count: int) -> Iterator[_Ends]:
    """All ends, with as many of the new text as there are to be."""
    excess = sum(len(ends.lines) for ends in told if ends.is_new) - new_count
    doubted = [ends for ends in told if ends.doubt and ends.is_new == (excess > 0)]
    excess = abs(excess)
    # Where not even all of them would do, the text breaks off, and nothing speaks against them.
    if excess > sum(len(ends.lines) for ends in doubted):
        excess = 0
    changed: set[int] = set()
    for ends in sorted(doubted, key=lambda each: -each.doubt):
        if len(ends.lines) <= excess:
            excess -= len(ends.lines)
            changed.add(ends.lines[0])
    for ends in told:
        yield ends._replace(is_new=ends.is_new != (ends.doubt > 0 and ends.lines[0] in changed))


class _Stretch(NamedTuple):
    """What is between two words of the new text.

    The end of the line of the first word, ends of empty lines before the removed words, ends
    between these, and ends behind them.
    """

    own: Sequence[int]
    before: Sequence[int]
    inner: Sequence[_Item]
    behind: Sequence[int]
    is_last: bool
    joins_first: bool
    """Whether the line of the first word changed; `joins_next` that of the next word."""
    joins_next: bool


def _judge(lines: Sequence[Sequence[Word]], *, tells_empty: bool) -> Iterator[_Ends]:
    """The ends of all lines, in order where they are certain."""
    judge = _judge_told if tells_empty else _judge_untold
    items: list[_Item] = []
    is_changed = [any(mark != KEPT for mark, _ in words) for words in lines]
    first: int | None = None
    for at, words in enumerate(lines):
        for mark, text in words:
            if mark == REMOVED:
                items.append(None)
            # Behind removed words this is the end of a line, in a text whose ends all have one.
            elif (mark, text) != (KEPT, b"\r"):
                yield from judge(_split(items, is_changed, first, at))
                items, first = [], at
        items.append(at)
    yield from judge(_split(items, is_changed, first, None))


def _split(
    items: Sequence[_Item], is_changed: Sequence[bool], first: int | None, following: int | None
) -> _Stretch:
    """The parts of a stretch; `first` and `following` are the lines of the words around it."""
    words = [at for at, item in enumerate(items) if item is None]
    begin, end = (words[0], words[-1]) if words else (len(items), len(items))
    before = [item for item in items[:begin] if item is not None]
    own = before[:1] if first is not None else []
    return _Stretch(
        own,
        before[len(own) :],
        items[begin:end],
        [item for item in items[end:] if item is not None],
        following is None,
        first is not None and is_changed[first],
        following is not None and is_changed[following],
    )


def _judge_told(stretch: _Stretch) -> Iterator[_Ends]:
    """Where an empty line that was kept is told: the ends are of one text, or of both.

    Git compares the words of lines that changed and stand together. Where a line beside them
    changed as well, the ends are of both texts, and of the old alone only those between its words.
    """
    yield from _new_ends(stretch.own)
    yield _Ends([item for item in stretch.inner if item is not None], is_new=False)
    if stretch.joins_first or stretch.joins_next:
        yield from _new_ends([*stretch.before, *stretch.behind])
    elif either := [*stretch.before, *stretch.behind]:
        yield _Ends(either, is_new=not stretch.behind, doubt=_Doubt.EMPTY)


def _judge_untold(stretch: _Stretch) -> Iterator[_Ends]:
    """Where any empty line may be one that was kept: each is judged by itself."""
    yield from _new_ends(stretch.own)
    has_removed = bool(stretch.inner or stretch.behind)
    if has_removed:
        empty = _Doubt.EMPTY_BESIDE_REMOVED
    elif stretch.is_last:
        empty = _Doubt.EMPTY_AT_THE_END
    else:
        is_beside = stretch.joins_first or stretch.joins_next
        empty = _Doubt.EMPTY_BESIDE_CHANGED if is_beside else _Doubt.EMPTY
    for count, at in enumerate(stretch.before):
        is_further = count > 0 or len(stretch.behind) > 1
        yield _Ends([at], is_new=True, doubt=empty + _Doubt.FURTHER * is_further)
    for at, item in enumerate(stretch.inner):
        if item is not None:
            is_empty = stretch.inner[at - 1] is not None
            is_told = not is_empty and stretch.inner[at + 1 : at + 2] in ([], [None])
            yield _Ends([item], is_new=False, doubt=0 if is_told else 1 + is_empty)
    own, further = stretch.behind[:1], stretch.behind[1:]
    if (stretch.joins_first and not stretch.before) or (stretch.joins_next and not further):
        yield from _new_ends(own)
    elif own:
        yield _Ends(own, is_new=False, doubt=1)
    for count, at in enumerate(further):
        doubt = _Doubt.EMPTY_BESIDE_REMOVED + _Doubt.FURTHER * (count > 0)
        yield _Ends([at], is_new=True, doubt=_Doubt.EMPTY_AT_THE_END if stretch.is_last else doubt)


def _new_ends(lines: Sequence[int]) -> Iterator[_Ends]:
    """One for each, since the hunk may end before any."""
    for at in lines:
        yield _Ends([at], is_new=True)
