"""In: the marks of all layers of one file. Out: sightings, put together, without any value."""

import hashlib
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from analyzer.leaks.decode.concatenation import CONCATENATION
from analyzer.leaks.detect.pairing import (
    Match,
    Placed,
    is_made_up,
    matches,
    position,
    proven_matches,
)
from analyzer.leaks.detect.proofs import proofs
from analyzer.leaks.model import CredentialKind, Facts, Half, Sighting

__all__ = ["Placed", "sightings"]

_DIGEST = 16
_LONG = CredentialKind.LONG_TERM_KEY
_KEYS = frozenset(
    {CredentialKind.LONG_TERM_KEY, CredentialKind.TEMPORARY_KEY, CredentialKind.DUBIOUS_ID},
)


def sightings(placed: Sequence[Placed], member: str = "") -> tuple[Sighting, ...]:
    """What stands in the file, in its order; each value as a digest, each half with its other.

    A nameless run that no key ID claims is dropped. What several layers show on one line counts
    once, in the plainest of them.
    """
    places = _once(placed)
    found = list(_matches(places))
    of_keys = {
        match.key: match for match in reversed(found) if match.other.mark.half is Half.SECRET
    }
    of_others = {match.other: match for match in reversed(found)}
    seen = []
    for place in places:
        if place.mark.half is Half.ID:
            seen.append(_of_key(place, of_keys.get(place), member))
        elif place.mark.certain or place in of_others:
            seen.append(_of_other(place, of_others.get(place), member))
    return tuple(dict.fromkeys(seen))


def _once(placed: Sequence[Placed]) -> list[Placed]:
    """Every value once a line: where it is named sooner than not, then in the plainest layer.

    The first literal of several that make a token is none by itself.
    """
    best: dict[tuple[int, str], Placed] = {}
    for place in sorted(placed, key=_preference):
        best.setdefault((place.line, place.mark.value), place)
    joined = defaultdict[tuple[int, CredentialKind], list[str]](list)
    for place in best.values():
        if place.mark.half is Half.WHOLE and CONCATENATION in place.coat:
            insort(joined[place.line, place.mark.kind], place.mark.value)
    return sorted((each for each in best.values() if not _is_a_piece(each, joined)), key=position)


def _is_a_piece(place: Placed, joined: Mapping[tuple[int, CredentialKind], list[str]]) -> bool:
    """Whether a longer token of those joined on its line begins with this one."""
    longer = joined.get((place.line, place.mark.kind), ())
    at = bisect_right(longer, place.mark.value)
    return at < len(longer) and longer[at].startswith(place.mark.value)


def _preference(place: Placed) -> tuple[object, ...]:
    mark = place.mark
    general = mark.kind in {CredentialKind.PRESIGNED_URL, CredentialKind.SECRET}
    return (not mark.certain, general, place.coat.count(",") + bool(place.coat), *position(place))


def _matches(places: Sequence[Placed]) -> Iterator[Match]:
    """Every pair: proven ones first, then secrets, session tokens and passwords by nearness."""
    ids = [place for place in places if place.mark.half is Half.ID and place.mark.kind in _KEYS]
    secrets = [place for place in places if place.mark.kind is CredentialKind.SECRET]
    tokens = [place for place in places if place.mark.kind is CredentialKind.SESSION_TOKEN]
    passwords = [place for place in places if place.mark.kind is CredentialKind.SMTP_PASSWORD]
    mailing = list(matches([key for key in ids if key.mark.kind is _LONG], passwords))
    yield from mailing
    yield from matches([key for key in ids if key.mark.kind is not _LONG], tokens)
    for (key_id, secret), proven in proofs(places, ids, secrets, mailing).items():
        own = [key for key in ids if key.mark.value == key_id]
        its = [other for other in secrets if other.mark.value == secret]
        ids = [key for key in ids if key.mark.value != key_id]
        secrets = [other for other in secrets if other.mark.value != secret]
        if own and its:
            yield from proven_matches(own, its, proven)
    yield from matches(ids, secrets)


def _of_key(place: Placed, match: Match | None, member: str) -> Sighting:
    """A key ID's sighting, with its secret's digest."""
    mark = place.mark
    return Sighting(
        mark.kind,
        place.line,
        Half.ID,
        mark.value,
        digest_of(match.other.mark.value) if match else None,
        match.reason if match else None,
        mark.doubt,
        place.coat,
        member,
        _facts(mark.facts, match),
    )


def _of_other(place: Placed, match: Match | None, member: str) -> Sighting:
    """The sighting of a secret or a token, with the key ID that it goes with.

    A secret that counts for its ID alone is as doubtful as that ID, and one of a decoy is a decoy.
    """
    mark = place.mark
    doubt = mark.doubt
    if match and not doubt and not (mark.certain and is_made_up(match.key.mark)):
        doubt = match.key.mark.doubt
    return Sighting(
        match.key.mark.kind if match and mark.half is Half.SECRET else mark.kind,
        place.line,
        mark.half,
        match.key.mark.value if match else mark.key_id,
        digest_of(mark.value),
        match.reason if match else None,
        doubt,
        place.coat,
        member,
        _facts(mark.facts, match),
    )


def _facts(facts: Facts, match: Match | None) -> Facts:
    """What the place says by itself, with the proof if there is one."""
    return replace(facts, proven=match.proven) if match and match.proven else facts


def digest_of(value: str) -> str:
    """The start of the SHA-256, which tells two values apart and gives none away."""
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:_DIGEST]
