"""In: patterns of `*` and `?`, as policies have them. Out: what they match, at a bounded price.

No pattern makes any of them backtrack. Matching takes time in line with the text; where `?` is in
play, a step for each character on as many bits as the pattern is long.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from functools import lru_cache

LITERAL_STAR = "\U0010fffe"
"""Stands in a pattern for a `*` that means itself."""
LITERAL_MARK = "\U0010ffff"
"""Stands in a pattern for a `?` that means itself."""
NOTHING = "\U000ffffe"
"""A pattern with this in it matches nothing."""
_LITERALS = str.maketrans({"*": LITERAL_STAR, "?": LITERAL_MARK})
_STARS = re.compile(r"\*+")
_MOST_MASKS = 256
_ODD = "~"
"""For a character that nobody is likely to have named."""


def literal(text: str) -> str:
    """A pattern that matches exactly this text."""
    return text.translate(_LITERALS)


def matches(pattern: str, text: str) -> bool:
    """True if the text is one that the case-sensitive pattern stands for."""
    return NOTHING not in pattern and _fits(pattern, literal(text))


def covers(wide: str, narrow: str) -> bool:
    """True if each text of the narrow pattern is one of the wide pattern.

    False may also mean that this can't be seen from the two patterns alone.
    """
    if NOTHING in narrow:
        return True
    return NOTHING not in wide and _fits(wide, narrow)


def example_of_both(one: str, other: str, filler: str) -> str | None:
    """A text that both patterns match, None where there is none; `filler` where both leave it open.

    It costs no more than `overlap`.
    """
    if NOTHING in one or NOTHING in other:
        return None
    if not _is_wild(other):
        return _plain(other) if matches(one, _plain(other)) else None
    if one and not one.strip("*"):
        return _plain(_STARS.sub("*", other).replace("*", filler).replace("?", _ODD))
    other = _STARS.sub("*", other)
    rows = list(_rows(one, other))
    return (
        _plain("".join(_back(one, other, rows, filler))[::-1]) if rows[-1] >> len(other) else None
    )


def overlap(one: str, other: str) -> bool:
    """True if some text may be matched by both; false only where there is certainly none."""
    if NOTHING in one or NOTHING in other:
        return False
    other = _STARS.sub("*", other)
    (last,) = deque(_rows(one, other), maxlen=1)
    return bool(last >> len(other))


def _fits(pattern: str, text: str) -> bool:
    """Each part between stars at the first place where it fits; the outer two hold to the ends.

    A star in the text, which is then a pattern itself, is met by a star alone.
    """
    first, *others = pattern.split("*")
    if not others:
        return len(first) == len(text) and _begins(first, text, 0)
    *between, last = others
    end = len(text) - len(last)
    if end < len(first) or not (_begins(first, text, 0) and _begins(last, text, end)):
        return False
    at = len(first)
    for part in between:
        found = _found(part, text, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _begins(part: str, text: str, at: int) -> bool:
    if "?" not in part:
        return text.startswith(part, at)
    there = text[at : at + len(part)]
    return all(a == b or (a == "?" and b != "*") for a, b in zip(part, there, strict=True))


def _found(part: str, text: str, start: int, end: int) -> int:
    """Where the part, `?` standing for any character, first fits between the two; -1 if nowhere."""
    if "?" not in part or start + len(part) > end:
        return text.find(part, start, end)
    places, whole = _places(part, "?"), 1 << (len(part) - 1)
    alive = 0  # bit i: the part's first i + 1 characters fit what ends here
    for index in range(start, end):
        alive = ((alive << 1) | 1) & (places(text[index]) if text[index] != "*" else 0)
        if alive & whole:
            return index + 1 - len(part)
    return -1


def _rows(one: str, other: str) -> Iterator[int]:
    """Bit j of row i: some text fits the first i characters of `one` and the first j of `other`.

    No row comes after an empty one; `other` has no two stars in a row.
    """
    everywhere = (1 << (len(other) + 1)) - 1
    places = _places(other, "?*")
    stars = _places(other, "")("*")
    row = 1 | (1 & stars) << 1
    yield row
    for mine in one:
        if mine == "*":
            row = everywhere & -(row & -row)
        else:
            fits = row & (everywhere if mine == "?" else places(mine))
            row = everywhere & ((fits | (row >> 1 & stars)) << 1)
            row |= (row & stars) << 1
        yield row
        if not row:
            return


def _back(one: str, other: str, rows: list[int], filler: str) -> Iterator[str]:
    """The common text from its end on, each piece turned round."""
    i, j = len(one), len(other)
    while i or j:
        mine, theirs = one[i - 1 : i], other[j - 1 : j]
        if mine == theirs == "*":
            yield filler[::-1]
        if theirs == "*" and (rows[i] >> (j - 1)) & 1:
            j -= 1
        elif mine == "*" and i and (rows[i - 1] >> j) & 1:
            i -= 1
        elif theirs == "*":
            yield _ODD if mine == "?" else mine
            i -= 1
        elif mine == "*":
            yield _ODD if theirs == "?" else theirs
            j -= 1
        else:
            yield _ODD if mine == theirs == "?" else theirs if mine == "?" else mine
            i, j = i - 1, j - 1


def _is_wild(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _plain(text: str) -> str:
    return text.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")


def _places(pattern: str, wild: str) -> Callable[[str], int]:
    """Where the pattern takes a character, as bits: where it stands, or one of the wild ones."""
    found: dict[str, list[int]] = defaultdict(list)
    for index, each in enumerate(pattern):
        found[each].append(index)

    @lru_cache(maxsize=_MOST_MASKS)
    def of(character: str) -> int:
        bits = bytearray(len(pattern) // 8 + 1)
        for each in {character, *wild}:
            for index in found.get(each, ()):
                bits[index >> 3] |= 1 << (index & 7)
        return int.from_bytes(bits, "little")

    return of
