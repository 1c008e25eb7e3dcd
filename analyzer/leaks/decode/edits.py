"""In: a text and replacements for parts of it. Out: the new text, and what was where before.

Every decoder gives edits, so that what surrounds a value (a name before it, the other half of a
key) stays where it was.
"""

import string
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

from analyzer.leaks.decode.runs import alphabet, ascii_of, find_runs

Edit: TypeAlias = tuple[int, int, str]
"""Start and end in the text, and what replaces that part."""
# What key material is made of before and after any escape is undone.
_MATERIAL = alphabet((string.ascii_letters + string.digits + "+/=_-%\\&#;").encode())
_LEAST = 16


@dataclass(frozen=True, slots=True)
class EditedText:
    """A text after its edits; `places` are start and end of each replacement in it."""

    text: str
    edits: Sequence[Edit]
    places: tuple[tuple[int, int], ...]

    def offset_before(self, offset: int) -> int:
        """The last offset of the text before its edits that is not behind this one after them.

        What began inside a replaced part begins with what replaced it, at the same share of it.
        """
        index = bisect_right(self.places, offset, key=itemgetter(0)) - 1
        if index < 0:
            return offset
        (start, end, _), (begin, stop) = self.edits[index], self.places[index]
        if offset >= stop:
            return end + offset - stop
        length = end - start
        return start + min(((offset - begin + 1) * length - 1) // (stop - begin), length - 1)


def apply_edits(text: str, edits: Sequence[Edit]) -> EditedText:
    """The text with all edits done; they ascend and don't overlap."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    at = shift = 0
    for start, end, new in edits:
        parts += (text[at:start], new)
        begin = start + shift
        stop = begin + len(new)
        places.append((begin, stop))
        shift = stop - end
        at = end
    parts.append(text[at:])
    return EditedText("".join(parts), edits, tuple(places))


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
