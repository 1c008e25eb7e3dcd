"""In: a text and replacements for parts of it. Out: the new text, and where its lines were.

Every decoder gives edits, so that what surrounds a value (a name before it, the other half of a
key) stays where it was.
"""

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from analyzer.leaks.decode.runs import alphabet, ascii_of, find_runs

Edit: TypeAlias = tuple[int, int, str]
"""Start and end in the text, and what replaces that part."""
Breaks: TypeAlias = tuple[tuple[int, int], ...]
"""Offset in a text and number of the line of the outer text that begins there, ascending."""

# What key material is made of before and after any escape is undone.
_MATERIAL = alphabet((string.ascii_letters + string.digits + "+/=_-%\\&#;").encode())
_LEAST = 16


@dataclass(frozen=True, slots=True)
class EditedText:
    """A text after its edits; `places` are start and end of each replacement in it."""

    text: str
    places: tuple[tuple[int, int], ...]
    changes_lines: bool


def apply_edits(text: str, edits: Sequence[Edit]) -> EditedText:
    """The text with all edits done; they ascend and don't overlap."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    at = length = 0
    changes_lines = False
    for start, end, new in edits:
        parts += (text[at:start], new)
        length += start - at
        places.append((length, length + len(new)))
        length += len(new)
        at = end
        changes_lines = changes_lines or "\n" in new or "\n" in text[start:end]
    parts.append(text[at:])
    return EditedText("".join(parts), tuple(places), changes_lines)


def shift_line_starts(
    breaks: Breaks, edits: Sequence[Edit], places: Sequence[tuple[int, int]]
) -> Breaks:
    """Where the lines begin once the edits are done.

    A line that began inside a replaced part begins with what replaced it, at the same share of it.
    """
    shifted: dict[int, int] = {}
    index, shift = 0, 0
    for offset, line in breaks:
        while index < len(edits) and edits[index][1] <= offset:
            shift = places[index][1] - edits[index][1]
            index += 1
        at = offset + shift
        if index < len(edits) and edits[index][0] < offset:
            (start, end, _), (begin, stop) = edits[index], places[index]
            at = begin + (offset - start) * (stop - begin) // (end - start)
        shifted[at] = line
    return tuple(shifted.items())


def line_starts(text: str, line: int) -> Breaks:
    """Where the lines of a text begin whose first line is number `line`."""
    return ((0, line), *_later_starts(text, line))


def _later_starts(text: str, line: int) -> Iterator[tuple[int, int]]:
    at = text.find("\n")
    while at >= 0:
        line += 1
        yield at + 1, line
        at = text.find("\n", at + 1)


def affects_key_material(edited: EditedText) -> bool:
    """Whether an edit made, lengthened or freed a run of characters long enough for a key.

    Other edits can't show a credential that did not show before.
    """
    runs = find_runs(ascii_of(edited.text), _MATERIAL, _LEAST)
    start = end = -1
    for begin, stop in edited.places:
        while end < begin:
            start, end = next(runs, (-1, -1))
            if end < 0:
                return False
        if start <= stop:
            return True
    return False
