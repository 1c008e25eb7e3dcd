"""In: places of key IDs and of other halves. Out: which belongs to which, and why.

Nearest first, and each half is given away once. How near two are is told in lines; what stands in
two blocks, or in two layers, is further apart than its lines say.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.leaks.detect.candidate import Mark

REACH = 64
"""Lines between two halves of one key, at most."""

_OTHER_BLOCK = 6
_OTHER_LAYER = 2
_NAMELESS = 4
_SHOWN = 60
# Neighbours looked at on either side of an ID, so that a text full of keys costs linear time.
_NEIGHBOURS = 4


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark, the line of the file on which it stands, and the layer of text it was read in."""

    mark: Mark
    line: int
    layer: int = 0
    coat: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A key ID's place and that of its other half, with the reason in words.

    `proven` says how it was worked out that the two belong together, None where it was not.
    """

    key: Placed
    other: Placed
    reason: str
    proven: str | None = None


def position(place: Placed) -> tuple[int, int, int]:
    """The order of places: by line, and by offset where layers agree."""
    return place.line, place.layer, place.mark.start


def matches(ids: Sequence[Placed], others: Sequence[Placed]) -> Iterator[Match]:
    """Pairs of an ID and another half, the nearest first, no half in two of them.

    An ID that has got a named half at one of its places claims no nameless one at another.
    """
    secret_first = _begins_with_the_other(ids, others)
    options = sorted(_options(ids, others, secret_first=secret_first), key=lambda option: option[0])
    given: set[Placed] = set()
    served: set[str] = set()
    for _, key, other in options:
        if key in given or other in given:
            continue
        if not other.mark.certain and key.mark.value in served:
            continue
        given |= {key, other}
        if other.mark.certain:
            served.add(key.mark.value)
        yield Match(key, other, _reason(key, other))


def _begins_with_the_other(ids: Sequence[Placed], others: Sequence[Placed]) -> bool:
    """Whether this text puts the secret before its ID: it begins with one and ends with the other.

    People write the ID first, so that is what holds in doubt.
    """
    if not ids or not others:
        return False
    first, last = min(map(position, ids)), max(map(position, ids))
    return min(map(position, others)) < first and max(map(position, others)) < last


def _options(
    ids: Sequence[Placed], others: Sequence[Placed], *, secret_first: bool
) -> Iterator[tuple[tuple[int, ...], Placed, Placed]]:
    """Each ID with its neighbours within reach, and how far they are."""
    for group in ([o for o in others if o.mark.certain], [o for o in others if not o.mark.certain]):
        ordered = sorted(group, key=position)
        positions = [position(other) for other in ordered]
        for key in ids:
            at = bisect(positions, position(key))
            for other in ordered[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]:
                if abs(other.line - key.line) <= REACH and _may_belong(key.mark, other.mark):
                    yield _distance(key, other, secret_first=secret_first), key, other


def is_made_up(key: Mark) -> bool:
    """Whether an ID is out of the documentation or a placeholder; a decoy is a real key."""
    return key.doubt is not None and not key.doubt.startswith("a decoy")


def _may_belong(key: Mark, other: Mark) -> bool:
    """Whether the two can be one key: a live secret is not hidden behind a made-up ID.

    What names its account goes with no key of another one.
    """
    if other.facts.account and key.facts.account and other.facts.account != key.facts.account:
        return False
    return not (is_made_up(key) and other.certain and not other.doubt)


def proven_matches(ids: Sequence[Placed], others: Sequence[Placed], proven: str) -> Iterator[Match]:
    """Every place of an ID and every place of its proven other half, each with the nearest."""
    for key in ids:
        nearest = min(others, key=lambda other: _distance(key, other, secret_first=False))
        yield Match(key, nearest, _reason(key, nearest), proven)
    for other in others:
        nearest = min(ids, key=lambda key: _distance(key, other, secret_first=False))
        yield Match(nearest, other, _reason(nearest, other), proven)


def _distance(key: Placed, other: Placed, *, secret_first: bool) -> tuple[int, ...]:
    gap = abs(other.line - key.line)
    gap += 0 if other.mark.certain and not other.mark.doubt else _NAMELESS
    characters = 0
    if key.layer != other.layer:
        gap += _OTHER_LAYER
    else:
        characters = abs(other.mark.start - key.mark.start)
        gap += 0 if key.mark.block == other.mark.block else _OTHER_BLOCK
    against_the_order = (position(other) < position(key)) != secret_first
    return gap, int(against_the_order), characters, *position(key), *position(other)


def _reason(key: Placed, other: Placed) -> str:
    """How the two stand to each other."""
    gap = other.line - key.line
    if gap == 0:
        where = "on the line of the key ID"
    else:
        lines = f"{abs(gap)} line{'s' if abs(gap) > 1 else ''}"
        where = f"{lines} {'below' if gap > 0 else 'above'} the key ID"
    if key.layer == other.layer and key.mark.block == other.mark.block and key.mark.block:
        where += ", in the same block"
    name = other.mark.name if other.mark.name and len(other.mark.name) <= _SHOWN else ""
    return f"{where}, named {name}" if name else f"{where}, without a name"
