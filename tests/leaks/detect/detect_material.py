"""In: texts. Out: what detecting says of them, in a form that is easy to compare."""

import base64
import hashlib
from collections.abc import Sequence

from analyzer.leaks.detect.blocks import blocks
from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.detect.sightings import PlacedCandidate, to_sightings
from analyzer.leaks.model import CredentialPart, Sighting

Pair = tuple[str | None, str | None]


def read(*layers: str) -> tuple[Sighting, ...]:
    """The sightings of a file whose layers are these texts, all beginning in line 1."""
    placed = [
        PlacedCandidate(
            candidate,
            1 + text.count("\n", 0, candidate.start),
            number,
            "encoding" if number else "",
            blocks(text, [candidate.start])[0],
        )
        for number, text in enumerate(layers)
        for candidate in find_candidates(text)
    ]
    return to_sightings(placed)


def ids(text: str) -> list[str | None]:
    """The key IDs found."""
    return [found.key_id for found in read(text) if found.part is CredentialPart.ID]


def secrets(*layers: str) -> list[str | None]:
    """The digests of the secrets found."""
    return [found.digest for found in read(*layers) if found.part is CredentialPart.SECRET]


def pairs(*layers: str) -> list[Pair]:
    """Each key ID with its secret."""
    return pairs_of(read(*layers))


def pairs_of(found: Sequence[Sighting]) -> list[Pair]:
    """Each key ID with its secret."""
    return [(each.key_id, each.digest) for each in found if each.part is CredentialPart.ID]


def whole(text: str) -> list[Sighting]:
    """The sightings of what needs no other half."""
    return [found for found in read(text) if found.part is CredentialPart.WHOLE]


def noise(n: int, size: int) -> bytes:
    """The n-th bytes that look drawn by chance."""
    blocks = (hashlib.sha256(f"noise {n} {at}".encode()).digest() for at in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def token(n: int, size: int) -> str:
    """The n-th text of letters and digits that looks drawn by chance."""
    return base64.b64encode(noise(n, size)).decode().replace("+", "x").replace("/", "y")[:size]
