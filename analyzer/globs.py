"""In: patterns of `*` and `?`, as policies have them. Out: what they match, at a bounded price.

No function costs more than the product of the two lengths; no pattern makes one backtrack further.
"""

LITERAL_STAR = "\U0010fffe"
"""Stands in a pattern for a `*` that means itself."""
LITERAL_MARK = "\U0010ffff"
"""Stands in a pattern for a `?` that means itself."""
NOTHING = "\U000ffffe"
"""A pattern with this in it matches nothing."""
_LITERALS = str.maketrans({"*": LITERAL_STAR, "?": LITERAL_MARK})
_MOST_STATES = 4_000_000


def literal(text: str) -> str:
    """A pattern that matches exactly this text."""
    return text.translate(_LITERALS)


def matches(pattern: str, text: str) -> bool:
    """True if the text is one that the case-sensitive pattern stands for."""
    return NOTHING not in pattern and _walk(pattern, literal(text), only_by_star="")


def covers(wide: str, narrow: str) -> bool:
    """True if each text of the narrow pattern is one of the wide pattern.

    False may also mean that this can't be seen from the two patterns alone.
    """
    if NOTHING in narrow:
        return True
    return NOTHING not in wide and _walk(wide, narrow, only_by_star="*")


def overlap(one: str, other: str) -> bool:
    """True if some text may be matched by both; false only where there is certainly none."""
    if NOTHING in one or NOTHING in other:
        return False
    if len(one) * len(other) > _MOST_STATES:
        return True
    return _meet(one, other)


def _walk(pattern: str, text: str, *, only_by_star: str) -> bool:
    """Two pointers: after a mismatch the last star takes one character more, no star before it."""
    at = read = 0
    star, resume = -1, 0
    while read < len(text):
        wanted = pattern[at] if at < len(pattern) else ""
        if wanted == "*":
            star, resume = at, read
            at += 1
        elif wanted and text[read] != only_by_star and wanted in ("?", text[read]):
            at += 1
            read += 1
        elif star >= 0:
            resume += 1
            at, read = star + 1, resume
        else:
            return False
    return all(each == "*" for each in pattern[at:])


def _meet(one: str, other: str) -> bool:
    """A row for each position in `one`, saying which positions in `other` it can stand beside."""
    row = [True] + [False] * len(other)
    for index, wanted in enumerate(other):
        row[index + 1] = row[index] and wanted == "*"
    for mine in one:
        below = [row[0] and mine == "*"]
        for index, theirs in enumerate(other):
            both = row[index] and (mine == theirs or mine in "*?" or theirs in "*?")
            skip = (theirs == "*" and below[index]) or (mine == "*" and row[index + 1])
            stay = (theirs == "*" and row[index + 1]) or (mine == "*" and below[index])
            below.append(both or skip or stay)
        row = below
    return row[-1]
