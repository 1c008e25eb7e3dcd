"""In: the candidates of all layers of one file. Out: the same without what is a part of another.

A token that is a signed request names its key and holds its session token: it is one credential
with these. And forty characters of a token are no secret, however the token is broken into lines.
"""

from collections.abc import Sequence

from analyzer.leaks.detect.pairing import PlacedCandidate
from analyzer.leaks.detect.values import unescape
from analyzer.leaks.model import CredentialKind, CredentialPart

_LENGTH = 40
"""Characters of a secret access key."""
_REQUESTS = frozenset(
    {CredentialKind.BEDROCK_SHORT_KEY, CredentialKind.CLAUDE_SHORT_KEY, CredentialKind.EKS_TOKEN}
)
"""Tokens that are Base64 of a signed request."""


def without_inner_parts(places: Sequence[PlacedCandidate]) -> list[PlacedCandidate]:
    """The candidates in their order; takes time linear in the length of all values."""
    known = _parts_of_requests(places) | _pieces_of_tokens(places)
    return [place for place in places if (place.line, place.candidate.value) not in known]


def _parts_of_requests(places: Sequence[PlacedCandidate]) -> set[tuple[int, str]]:
    """Line and value of key IDs and session tokens that show once a token there is decoded."""
    requests: dict[int, list[PlacedCandidate]] = {}
    for place in places:
        if place.candidate.kind in _REQUESTS:
            requests.setdefault(place.line, []).append(place)
    parts: set[tuple[int, str]] = set()
    for place in places if requests else ():
        outer = [each for each in requests.get(place.line, ()) if each.encoding != place.encoding]
        value = place.candidate.value
        if place.candidate.part is CredentialPart.ID:
            is_part = any(each.candidate.key_id == value for each in outer)
        else:
            is_part = place.candidate.kind is CredentialKind.SESSION_TOKEN and any(
                value in unescape(each.candidate.signed_text) for each in outer[:_MOST]
            )
        if is_part:
            parts.add((place.line, value))
    return parts


_MOST = 8
"""Tokens on one line whose requests are searched, so that a line of nothing else costs little."""


def _pieces_of_tokens(places: Sequence[PlacedCandidate]) -> set[tuple[int, str]]:
    """Line and value of nameless runs that are a piece of a token of the same file."""
    bare = [place for place in places if not place.candidate.stands_alone]
    tokens = {
        place.candidate.value
        for place in places
        if place.candidate.part is CredentialPart.WHOLE and len(place.candidate.value) > _LENGTH
    }
    if not bare or not tokens:
        return set()
    pieces = {
        token[at : at + _LENGTH] for token in tokens for at in range(len(token) - _LENGTH + 1)
    }
    return {
        (place.line, place.candidate.value) for place in bare if place.candidate.value in pieces
    }
