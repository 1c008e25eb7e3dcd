"""In: the candidates of all layers of one file. Out: sightings: paired, and without any value."""

import hashlib
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from analyzer.leaks.detect.inner_parts import without_inner_parts
from analyzer.leaks.detect.pairing import (
    Pair,
    PlacedCandidate,
    is_placeholder,
    pair_by_distance,
    pair_by_proof,
    sort_key,
)
from analyzer.leaks.detect.proofs import proven_pairs
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart, Sighting

__all__ = ["PlacedCandidate", "to_sightings"]

_DIGEST = 16
_LONG = CredentialKind.LONG_TERM_KEY
_KEYS = frozenset(
    {CredentialKind.LONG_TERM_KEY, CredentialKind.TEMPORARY_KEY, CredentialKind.DUBIOUS_ID},
)


def to_sightings(placed: Sequence[PlacedCandidate], member: str = "") -> tuple[Sighting, ...]:
    """What is in the file, in its order; each value as a digest, each key ID with its secret.

    A nameless run without a key ID is dropped. What several layers show on one line counts once, in
    the plainest of them.
    """
    places = without_inner_parts(_deduplicate(placed))
    pairs = list(_make_pairs(places))
    of_keys = {
        pair.key: pair
        for pair in reversed(pairs)
        if pair.other.candidate.part is CredentialPart.SECRET
    }
    of_others = {pair.other: pair for pair in reversed(pairs)}
    sightings = []
    for place in places:
        if place.candidate.part is CredentialPart.ID:
            sightings.append(_key_sighting(place, of_keys.get(place), member))
        elif place.candidate.stands_alone or place in of_others:
            sightings.append(_other_sighting(place, of_others.get(place), member))
    return tuple(dict.fromkeys(sightings))


def _deduplicate(placed: Sequence[PlacedCandidate]) -> list[PlacedCandidate]:
    """Every value once a line: rather where it is named, then in the plainest layer.

    What comes before an escape in a token, or the first of several literals, is none by itself.
    """
    best = plainest_places(placed)
    joined = defaultdict[tuple[int, CredentialKind], list[str]](list)
    for place in best:
        if place.candidate.part is CredentialPart.WHOLE and place.encoding:
            insort(joined[place.line, place.candidate.kind], place.candidate.value)
    return sorted((each for each in best if not _begins_longer_token(each, joined)), key=sort_key)


def plainest_places(placed: Sequence[PlacedCandidate]) -> list[PlacedCandidate]:
    """Every value once a line: rather where it is named, then in the plainest layer.

    Of parts of a file it can be asked first: the plainest of all is the plainest of its part.
    """
    best: dict[tuple[int, str], PlacedCandidate] = {}
    for place in sorted(placed, key=_preference):
        best.setdefault((place.line, place.candidate.value), place)
    return list(best.values())


def _begins_longer_token(
    place: PlacedCandidate, joined: Mapping[tuple[int, CredentialKind], list[str]]
) -> bool:
    """Whether a longer token of those decoded on its line begins with this one."""
    longer = joined.get((place.line, place.candidate.kind), ())
    at = bisect_right(longer, place.candidate.value)
    return at < len(longer) and longer[at].startswith(place.candidate.value)


def _preference(place: PlacedCandidate) -> tuple[object, ...]:
    candidate = place.candidate
    is_general = candidate.kind in {CredentialKind.PRESIGNED_URL, CredentialKind.SECRET}
    return (
        not candidate.stands_alone,
        is_general,
        place.encoding.count(",") + bool(place.encoding),
        *sort_key(place),
    )


def _make_pairs(places: Sequence[PlacedCandidate]) -> Iterator[Pair]:
    """Every pair: SMTP passwords and session tokens by distance, proven secrets, other secrets."""
    ids = [
        place
        for place in places
        if place.candidate.part is CredentialPart.ID and place.candidate.kind in _KEYS
    ]
    secrets = [place for place in places if place.candidate.kind is CredentialKind.SECRET]
    tokens = [place for place in places if place.candidate.kind is CredentialKind.SESSION_TOKEN]
    passwords = [place for place in places if place.candidate.kind is CredentialKind.SMTP_PASSWORD]
    smtp_pairs = list(
        pair_by_distance([key for key in ids if key.candidate.kind is _LONG], passwords)
    )
    yield from smtp_pairs
    yield from pair_by_distance([key for key in ids if key.candidate.kind is not _LONG], tokens)
    for (key_id, secret), proven in proven_pairs(places, ids, secrets, smtp_pairs).items():
        own = [key for key in ids if key.candidate.value == key_id]
        its = [other for other in secrets if other.candidate.value == secret]
        ids = [key for key in ids if key.candidate.value != key_id]
        secrets = [other for other in secrets if other.candidate.value != secret]
        if own and its:
            yield from pair_by_proof(own, its, proven)
    yield from pair_by_distance(ids, secrets)


def _key_sighting(place: PlacedCandidate, pair: Pair | None, member: str) -> Sighting:
    """A key ID's sighting, with its secret's digest."""
    candidate = place.candidate
    return Sighting(
        candidate.kind,
        place.line,
        CredentialPart.ID,
        candidate.value,
        secret_digest(pair.other.candidate.value) if pair else None,
        pair.reason if pair else None,
        candidate.doubt,
        place.encoding,
        member,
        _pair_claims(candidate.claims, pair),
    )


def _other_sighting(place: PlacedCandidate, pair: Pair | None, member: str) -> Sighting:
    """The sighting of a secret or a token, with the key ID that it goes with.

    A nameless secret is as doubtful as its key ID, and one of a decoy is a decoy.
    """
    candidate = place.candidate
    doubt = candidate.doubt
    if pair and not doubt and not (candidate.stands_alone and is_placeholder(pair.key.candidate)):
        doubt = pair.key.candidate.doubt
    return Sighting(
        pair.key.candidate.kind
        if pair and candidate.part is CredentialPart.SECRET
        else candidate.kind,
        place.line,
        candidate.part,
        pair.key.candidate.value if pair else candidate.key_id,
        secret_digest(candidate.value),
        pair.reason if pair else None,
        doubt,
        place.encoding,
        member,
        _pair_claims(candidate.claims, pair),
    )


def _pair_claims(facts: ClaimedFacts, pair: Pair | None) -> ClaimedFacts:
    """What the candidate says by itself, with the proof if there is one."""
    return replace(facts, proven=pair.proven) if pair and pair.proven else facts


def secret_digest(value: str) -> str:
    """The start of the SHA-256: two values differ in it, and it reveals neither."""
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:_DIGEST]
