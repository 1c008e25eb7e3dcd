"""In: places of key IDs, secrets, and what was made with secrets. Out: the pairs that are proven.

Whoever has a presigned URL of a key has that key's ID and something that only its secret makes.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from analyzer.leaks.detecting.evidence import mails_with, signed_by
from analyzer.leaks.detecting.matching import Match, Placed

MOST = 400
"""Tries for one file. Each costs some hundred hashes, so a hostile file is no great work."""


def proofs(
    places: Sequence[Placed],
    ids: Sequence[Placed],
    secrets: Sequence[Placed],
    mailing: Sequence[Match],
) -> dict[tuple[str, str], str]:
    """For each key ID and secret that are shown to be one key: how, in words.

    A key ID has one secret and a secret one key ID, so the first proof of either stands.
    """
    values = list(dict.fromkeys(place.mark.value for place in secrets))
    known = {key.mark.value for key in ids}
    found: dict[str, tuple[str, str]] = {}
    if values:
        tries = (*_requests(places, known, values), *_passwords(mailing, values))
        for key_id, secret, proven in tries:
            if secret not in {each for each, _ in found.values()}:
                found.setdefault(key_id, (secret, proven))
    return {(key_id, secret): proven for key_id, (secret, proven) in found.items()}


def _requests(
    places: Sequence[Placed], known: set[str], values: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Signed requests and the secrets that signed them."""
    signed = {
        (place.mark.key_id, place.mark.witness): place.line
        for place in reversed(places)
        if place.mark.witness and place.mark.key_id in known
    }
    for ((key_id, request), line), secret in islice(product(signed.items(), values), MOST):
        if signed_by(secret, request):
            yield (
                str(key_id),
                secret,
                f"the secret makes the signature of the request in line {line}",
            )


def _passwords(mailing: Sequence[Match], values: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """SMTP passwords beside their key IDs, and the secrets that they are made of."""
    for match, secret in islice(product(mailing, values), MOST):
        region = mails_with(secret, match.other.mark.value)
        if region:
            how = f"the secret makes the SES password in line {match.other.line}, for {region}"
            yield match.key.mark.value, secret, how
