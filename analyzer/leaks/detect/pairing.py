"""In: places of key IDs and of secrets or tokens. Out: which belongs to which, and why.

Nearest first, and each place is in one pair. Distance is counted in lines; another block or another
layer adds to it.
"""

from bisect import bisect, bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.leaks.detect.candidate import Candidate

REACH = 64
"""Lines between a key ID and its secret, at most."""

NAMELESS_REACH = 7
"""The same for a secret without a name, or of doubt.

In the histories of seven public repositories all pairs of this sort within three lines were right,
and all those beyond seven were not.
"""

_NEAR = 16
"""Lines beyond which a named secret belongs to an ID only if nothing else stands between the two:
of the pairs there in the same histories the right ones had nothing between them."""

_OTHER_BLOCK = 6
_OTHER_LAYER = 2
_NAMELESS = 4
_SHOWN = 60
# Neighbours looked at on either side of an ID, so that a text full of keys costs linear time.
_NEIGHBOURS = 4


@dataclass(frozen=True, slots=True)
class PlacedCandidate:
    """A candidate, its line in the file, and the layer of text in which it was found.

    `block` is the number of its object, section or paragraph. `before` counts the characters that
    the file has before the text in which the candidate has its offsets.
    """

    candidate: Candidate
    line: int
    layer: int = 0
    encoding: str = ""
    block: int = 0
    before: int = 0

    def shifted(self, offset: int, lines: int, layers: int) -> "PlacedCandidate":
        """The same in a text that has so much before the one in which it was found.

        The first layer is that of all such texts: offsets and blocks in it can be compared.
        """
        line = self.line + lines
        if self.layer:
            return PlacedCandidate(
                self.candidate, line, self.layer + layers, self.encoding, self.block
            )
        block = self.block + offset
        return PlacedCandidate(self.candidate, line, 0, self.encoding, block, self.before + offset)

    @property
    def start(self) -> int:
        """The offset at which it begins, in all texts of its layer."""
        return self.before + self.candidate.start


@dataclass(frozen=True, slots=True)
class Pair:
    """A key ID's place and that of its secret or token, with the reason in words.

    `proven` says how it was computed that the two belong together; None where it was not.
    """

    key: PlacedCandidate
    other: PlacedCandidate
    reason: str
    proven: str | None = None


def sort_key(place: PlacedCandidate) -> tuple[int, int, int]:
    """The order of places: by line, and by offset where layers agree."""
    return place.line, place.layer, place.start


def pair_by_distance(
    ids: Sequence[PlacedCandidate], others: Sequence[PlacedCandidate]
) -> Iterator[Pair]:
    """Pairs of an ID and a secret or token, the nearest first, no place in two of them.

    An ID that has a named secret at one of its places takes no nameless one at another.
    """
    secret_first = _begins_with_a_secret(ids, others)
    options = sorted(
        _iter_options(ids, others, secret_first=secret_first), key=lambda option: option[0]
    )
    taken: set[PlacedCandidate] = set()
    has_named_secret: set[str] = set()
    for _, key, other in options:
        if key in taken or other in taken:
            continue
        if not other.candidate.stands_alone and key.candidate.value in has_named_secret:
            continue
        taken |= {key, other}
        if other.candidate.stands_alone:
            has_named_secret.add(key.candidate.value)
        yield Pair(key, other, _reason(key, other))


def _begins_with_a_secret(
    ids: Sequence[PlacedCandidate], others: Sequence[PlacedCandidate]
) -> bool:
    """Whether this text puts secrets before IDs: it begins with a secret and ends with an ID.

    People write the ID first, so in doubt this is False.
    """
    if not ids or not others:
        return False
    first, last = min(map(sort_key, ids)), max(map(sort_key, ids))
    return min(map(sort_key, others)) < first and max(map(sort_key, others)) < last


def _iter_options(
    ids: Sequence[PlacedCandidate], others: Sequence[PlacedCandidate], *, secret_first: bool
) -> Iterator[tuple[tuple[int, ...], PlacedCandidate, PlacedCandidate]]:
    """Each ID with its neighbours within reach, and how far they are away."""
    named = [o for o in others if o.candidate.stands_alone]
    crowd = sorted((*ids, *named), key=sort_key)
    places = [sort_key(each) for each in crowd]
    for group in (named, [o for o in others if not o.candidate.stands_alone]):
        ordered = sorted(group, key=sort_key)
        positions = [sort_key(other) for other in ordered]
        for key in ids:
            at = bisect(positions, sort_key(key))
            for other in ordered[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]:
                if not _can_belong(key.candidate, other.candidate):
                    continue
                gap = abs(other.line - key.line)
                is_near = gap <= (_NEAR if _is_sure(other.candidate) else NAMELESS_REACH)
                is_next = gap <= REACH and _is_sure(other.candidate)
                if is_near or (is_next and _are_neighbours(key, other, crowd, places)):
                    yield _distance(key, other, secret_first=secret_first), key, other


def _is_sure(other: Candidate) -> bool:
    """Whether a secret or a token says by its name or its form that it is one."""
    return other.stands_alone and not other.doubt


def _are_neighbours(
    key: PlacedCandidate,
    other: PlacedCandidate,
    crowd: Sequence[PlacedCandidate],
    places: Sequence[tuple[int, int, int]],
) -> bool:
    """Whether no other ID and no other named secret stands between the two."""
    first, last = sorted((sort_key(key), sort_key(other)))
    between = crowd[bisect(places, first) : bisect_left(places, last)]
    values = {key.candidate.value, other.candidate.value}
    return len(between) <= _NEIGHBOURS and all(each.candidate.value in values for each in between)


def is_placeholder(key: Candidate) -> bool:
    """Whether an ID is a documentation example or made up; a decoy is a real key."""
    return key.doubt is not None and not key.doubt.startswith("a decoy")


def _can_belong(key: Candidate, other: Candidate) -> bool:
    """Whether the two can be one key: a real secret doesn't go with a made-up ID.

    Nor does a token that names its account go with a key of another account.
    """
    if other.claims.account and key.claims.account and other.claims.account != key.claims.account:
        return False
    return not (is_placeholder(key) and other.stands_alone and not other.doubt)


def pair_by_proof(
    ids: Sequence[PlacedCandidate], others: Sequence[PlacedCandidate], proven: str
) -> Iterator[Pair]:
    """Every place of an ID and every place of its proven secret, each with the nearest."""
    for key in ids:
        nearest = min(others, key=lambda other: _distance(key, other, secret_first=False))
        yield Pair(key, nearest, _reason(key, nearest), proven)
    for other in others:
        nearest = min(ids, key=lambda key: _distance(key, other, secret_first=False))
        yield Pair(nearest, other, _reason(nearest, other), proven)


def _distance(
    key: PlacedCandidate, other: PlacedCandidate, *, secret_first: bool
) -> tuple[int, ...]:
    gap = abs(other.line - key.line)
    gap += 0 if _is_sure(other.candidate) else _NAMELESS
    characters = 0
    if key.layer != other.layer:
        gap += _OTHER_LAYER
    else:
        characters = abs(other.start - key.start)
        gap += 0 if key.block == other.block else _OTHER_BLOCK
    against_the_order = (sort_key(other) < sort_key(key)) != secret_first
    return gap, int(against_the_order), characters, *sort_key(key), *sort_key(other)


def _reason(key: PlacedCandidate, other: PlacedCandidate) -> str:
    """How far apart the two are, and the name of the secret."""
    gap = other.line - key.line
    if gap == 0:
        where = "on the line of the key ID"
    else:
        lines = f"{abs(gap)} line{'s' if abs(gap) > 1 else ''}"
        where = f"{lines} {'below' if gap > 0 else 'above'} the key ID"
    if key.layer == other.layer and key.block == other.block and key.block:
        where += ", in the same block"
    name = (
        other.candidate.name if other.candidate.name and len(other.candidate.name) <= _SHOWN else ""
    )
    return f"{where}, named {name}" if name else f"{where}, without a name"
