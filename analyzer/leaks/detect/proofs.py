"""In: secrets, and signatures and passwords made of secrets. Out: which were made of which, proven.

A signature that a secret reproduces was made with it: chance is out of the question.
Sources: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)" and "Signing
and authenticating REST requests" of the S3 API reference; "Obtaining Amazon SES SMTP credentials".
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from urllib.parse import quote, unquote

from analyzer.leaks.detect.pairing import Pair, PlacedCandidate
from analyzer.leaks.lazy_regex import lazy_regex

SES_REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "af-south-1", "ap-east-1", "ap-south-1",
    "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
    "ap-southeast-5", "ap-southeast-7", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1",
    "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1",
    "me-south-1", "mx-central-1", "sa-east-1", "us-gov-east-1", "us-gov-west-1", "cn-north-1",
    "cn-northwest-1",
)  # fmt: skip
"""Regions in which SES sends mail, and those in which it is expected to."""

_SCOPE_PARTS = 4
_SIGNATURE = "X-Amz-Signature="
_METHODS = ("GET", "PUT", "POST", "HEAD", "DELETE")
_NO_BODY = hashlib.sha256(b"").hexdigest()
_PAYLOADS = ("UNSIGNED-PAYLOAD", _NO_BODY)
_ADDRESS = lazy_regex(r"(?:https?://)?([A-Za-z0-9.:-]{4,300})(/[^?#]{0,4096})?\?([^#]{1,16384})")
_SUBRESOURCES = frozenset(
    {
        "acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber",
        "policy", "requestPayment", "response-cache-control", "response-content-disposition",
        "response-content-encoding", "response-content-language", "response-content-type",
        "response-expires", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning",
        "versions", "website",
    },
)  # fmt: skip


def verifies_signature(secret: str, request: str) -> bool:
    """Whether this secret signed the request, which has its signature in its query.

    True is certain. False is not: the address need not show a header that was signed.
    """
    address = _ADDRESS.search(request)
    # What is signed is ASCII; a text can have characters that UTF-8 can't encode.
    if address is None or not request.isascii():
        return False
    host, path, query = address[1], address[2] or "/", address[3]
    fields = [field.partition("=")[::2] for field in query.split("&")]
    known = {unquote(name): unquote(value) for name, value in fields}
    if "X-Amz-Signature" in known:
        digests = _signatures_4(secret, host, path, fields, known)
        return known["X-Amz-Signature"] in digests
    if "Signature" in known:
        digests = _signatures_2(secret, host, path, known)
        return known["Signature"] in digests
    return False


def smtp_region(secret: str, password: str) -> str | None:
    """The region for which this secret makes the SMTP password; None where it does for none.

    A password of the first version is good for all regions, given as "any region".
    """
    for region in SES_REGIONS:
        if smtp_password(secret, region) == password:
            return region
    old = b"\x02" + hmac.digest(secret.encode(), b"SendRawEmail", "sha256")
    return "any region" if base64.b64encode(old).decode() == password else None


def smtp_password(secret: str, region: str) -> str:
    """The password with which a key's owner sends mail in a region."""
    key = _derive_key(f"AWS4{secret}".encode(), "11111111", region, "ses", "aws4_request")
    return base64.b64encode(b"\x04" + _derive_key(key, "SendRawEmail")).decode()


def _derive_key(key: bytes, *words: str) -> bytes:
    for word in words:
        key = hmac.digest(key, word.encode(), "sha256")
    return key


def _signatures_4(
    secret: str, host: str, path: str, fields: list[tuple[str, ...]], known: dict[str, str]
) -> Iterator[str]:
    """The signatures of version 4 that the request can have: one for each possible reading."""
    scope = known.get("X-Amz-Credential", "").partition("/")[2]
    # The address does not show the value of any header but the host.
    if known.get("X-Amz-SignedHeaders") != "host" or scope.count("/") != _SCOPE_PARTS - 1:
        return
    key = _derive_key(f"AWS4{secret}".encode(), *scope.split("/"))
    for method, canonical, shown, payload in product(
        _METHODS,
        _signed_queries(fields),
        dict.fromkeys((path, quote(unquote(path), safe="/~"), quote(path, safe="/~"))),
        _PAYLOADS,
    ):
        request = f"{method}\n{shown}\n{canonical}\nhost:{host}\n\nhost\n{payload}"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{known.get('X-Amz-Date', '')}\n{scope}\n{digest}"
        yield _derive_key(key, text).hex()


def _signed_queries(fields: list[tuple[str, ...]]) -> list[str]:
    """What was possibly signed: all fields, or those before the signature.

    Programs that make tokens append a version or their name to what they signed.
    """
    shown = [
        f"{quote(unquote(name), safe='~')}={quote(unquote(value), safe='~')}"
        for name, value in fields
    ]
    at = next(number for number, each in enumerate(shown) if each.startswith(_SIGNATURE))
    options = (shown[:at] + shown[at + 1 :], shown[:at])
    return list(dict.fromkeys("&".join(sorted(each)) for each in options))


def _signatures_2(secret: str, host: str, path: str, known: dict[str, str]) -> Iterator[str]:
    """The signatures of version 2 that the request can have: its bucket is possibly in the host."""
    parts = [f"{name}={value}" if value else name for name, value in sorted(known.items())]
    chosen = [part for part in parts if part.partition("=")[0] in _SUBRESOURCES]
    resource = path + ("?" + "&".join(chosen) if chosen else "")
    token = known.get("x-amz-security-token")
    header = f"x-amz-security-token:{token}\n" if token else ""
    bucket = re.split(r"\.s3[.-]", host)[0]
    for method in _METHODS:
        for where in (f"/{bucket}{resource}", resource, f"/{host}{resource}"):
            text = f"{method}\n\n\n{known.get('Expires', '')}\n{header}{where}"
            digest = hmac.digest(secret.encode(), text.encode(), "sha1")
            yield base64.b64encode(digest).decode()


MOST_ATTEMPTS = 400
"""Attempts for one file; each costs some hundred hashes, so a hostile file costs little."""


def proven_pairs(
    places: Sequence[PlacedCandidate],
    ids: Sequence[PlacedCandidate],
    secrets: Sequence[PlacedCandidate],
    smtp_pairs: Sequence[Pair],
) -> dict[tuple[str, str], str]:
    """For each key ID and secret that are shown to be one key: how, in words.

    A key ID has one secret and a secret one key ID, so the first proof of either counts.
    """
    values = list(dict.fromkeys(place.candidate.value for place in secrets))
    known = {key.candidate.value for key in ids}
    found: dict[str, tuple[str, str]] = {}
    if values:
        attempts = (
            *_prove_by_requests(places, known, values),
            *_prove_by_passwords(smtp_pairs, values),
        )
        for key_id, secret, proven in attempts:
            if secret not in {each for each, _ in found.values()}:
                found.setdefault(key_id, (secret, proven))
    return {(key_id, secret): proven for key_id, (secret, proven) in found.items()}


def _prove_by_requests(
    places: Sequence[PlacedCandidate], known: set[str], values: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Signed requests and the secrets that signed them."""
    signed = {
        (place.candidate.key_id, place.candidate.signed_text): place.line
        for place in reversed(places)
        if place.candidate.signed_text and place.candidate.key_id in known
    }
    for ((key_id, request), line), secret in islice(product(signed.items(), values), MOST_ATTEMPTS):
        if verifies_signature(secret, request):
            yield (
                str(key_id),
                secret,
                f"the secret makes the signature of the request in line {line}",
            )


def _prove_by_passwords(
    smtp_pairs: Sequence[Pair], values: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """SMTP passwords beside their key IDs, and the secrets that they are made of."""
    for match, secret in islice(product(smtp_pairs, values), MOST_ATTEMPTS):
        region = smtp_region(secret, match.other.candidate.value)
        if region:
            how = f"the secret makes the SES password in line {match.other.line}, for {region}"
            yield match.key.candidate.value, secret, how
