"""In: matches in a text, and a place in it. Out: the matches that are nearest to the place.

What is rare is searched for first, and what has to stand near it in its surroundings only.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from analyzer.leaks.decode.runs import ascii_of

Matches = Sequence[re.Match[str]]
"""Matches of one expression in one text, in order, none of them within another."""

_EACH_SIDE = 4


def neighbours(matches: Matches, start: int, end: int, reach: int) -> list[re.Match[str]]:
    """Up to four on either side that are no more than `reach` characters away, nearest first.

    Of two that are as far away the one before comes first. Takes time that depends on the number
    of matches by its logarithm only.
    """
    at = bisect_left(matches, start, key=lambda match: match.start())
    near = [*matches[max(0, at - _EACH_SIDE) : at][::-1], *matches[at : at + _EACH_SIDE]]
    return sorted(
        (each for each in near if _gap(each, start, end) <= reach),
        key=lambda match: _gap(match, start, end),
    )


def nearest(matches: Matches, start: int, end: int, reach: int) -> re.Match[str] | None:
    """The first of these neighbours; None if there is none."""
    return next(iter(neighbours(matches, start, end, reach)), None)


def _gap(match: re.Match[str], start: int, end: int) -> int:
    return max(match.start() - end, start - match.end(), 0)


def iter_near(
    pattern: re.Pattern[str], text: str, matches: Sequence[re.Match[Any]], reach: int
) -> Iterator[re.Match[str]]:
    """The matches of a pattern in the surroundings of others, ascending."""
    for begin, end in surroundings(matches, reach, len(text)):
        yield from pattern.finditer(text, begin, end)


def find_words(text: str, *patterns: re.Pattern[bytes]) -> list[re.Match[bytes]]:
    """The matches of patterns in small letters, whatever the case in the text, ascending.

    A pattern that begins with a word is searched for much faster so than with its case ignored.
    """
    lower = ascii_of(text).lower()
    found = [match for pattern in patterns for match in pattern.finditer(lower)]
    return sorted(found, key=lambda match: match.start())


def surroundings(
    matches: Sequence[re.Match[Any]], reach: int, size: int
) -> Iterator[tuple[int, int]]:
    """Begin and end of what is within `reach` of any match in a text of that size.

    They ascend, and none overlaps another: what is searched there is searched once.
    """
    begin = end = 0
    for match in matches:
        first = max(match.start() - reach, 0)
        if end and first > end:
            yield begin, end
        if not end or first > end:
            begin = first
        end = min(match.end() + reach, size)
    if end:
        yield begin, end
