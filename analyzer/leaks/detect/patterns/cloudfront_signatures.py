"""In: a text. Out: candidates for signed URLs and signed cookies of CloudFront.

Their holder has the content until they end. Sources: "Create a signed URL using a canned policy"
and "Use signed cookies" of the CloudFront developer guide.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, Literal
from analyzer.leaks.detect.randomness import mixes_character_classes
from analyzer.leaks.detect.values import decode_base64_text, time_from_epoch
from analyzer.leaks.key_id import account_in_unique_id
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_KIND = CredentialKind("cloudfront-signed-url")
# …?Expires=1767290400&Signature=…&Key-Pair-Id=K2…, or Policy=… in place of Expires=….
_SIGNATURE = lazy_regex(r"(?<=[?&;6])Signature=([A-Za-z0-9~_-]{90,1024}+)")
_KEY = lazy_regex(r"(?<=[?&;6])Key-Pair-Id=([A-Z0-9]{13,21})(?![A-Za-z0-9])")
_EXPIRES = lazy_regex(r"(?<=[?&;6])Expires=(\d{9,11})")
_POLICY = lazy_regex(r"(?<=[?&;6])Policy=([A-Za-z0-9~_-]{40,4096}+)")
_BREAK = lazy_regex(r"[\s\"'<>`|^]")
# CloudFront-Signature=…; in lists of cookies, name and value are members of their own.
_SET = r"[^A-Za-z0-9~]{1,40}(?:value[^A-Za-z0-9~]{1,12})?"
_COOKIE = lazy_regex(rf"CloudFront-Signature{_SET}([A-Za-z0-9~_-]{{90,1024}}+)")
_COOKIE_KEY = lazy_regex(rf"CloudFront-Key-Pair-Id{_SET}([A-Z0-9]{{13,21}})(?![A-Za-z0-9])")
_COOKIE_EXPIRES = lazy_regex(rf"CloudFront-Expires{_SET}(\d{{9,11}})")
_COOKIE_POLICY = lazy_regex(rf"CloudFront-Policy{_SET}([A-Za-z0-9~_-]{{40,4096}}+)")
_REACH = 3000
_END = lazy_regex(
    r"\"DateLessThan\"\s{0,4}:\s{0,4}\{\s{0,4}\"AWS:EpochTime\"\s{0,4}:\s{0,4}(\d{9,11})"
)
_ALPHABET = str.maketrans("-_~", "+=/")
_DOCUMENTED = "K2JCJMDEHXQW5F"


def find(text: str) -> Iterator[Candidate]:
    """Every signature that stands beside the ID of its key."""
    for match in _SIGNATURE.finditer(text):
        before = text[max(0, match.start() - _REACH) : match.start()]
        run = _BREAK.split(before)[-1] + _BREAK.split(text[match.start() : match.end() + _REACH])[0]
        yield from _read(match, run, (_KEY, _EXPIRES, _POLICY))
    for match in _COOKIE.finditer(text):
        around = text[max(0, match.start() - _REACH) : match.end() + _REACH]
        yield from _read(match, around, (_COOKIE_KEY, _COOKIE_EXPIRES, _COOKIE_POLICY))


def _read(
    match: re.Match[str], around: str, parts: tuple[re.Pattern[str], ...]
) -> Iterator[Candidate]:
    """The signature with its key and its end; nothing for what has no key."""
    key, expires, policy = (each.search(around) for each in parts)
    signature = match[1].rstrip("_")
    if key and mixes_character_classes(signature):
        is_documented = "EXAMPLE" in key[1] or key[1] == _DOCUMENTED
        yield Candidate(
            _KIND,
            CredentialPart.WHOLE,
            *match.span(1),
            signature,
            doubt=EXAMPLE if is_documented else value_doubt(signature),
            claims=ClaimedFacts(
                account=account_in_unique_id(key[1]),
                service="cloudfront",
                expires=_end_of_policy(policy[1]) if policy else _end(expires),
            ),
            key_id=key[1],
        )


def _end(expires: re.Match[str] | None) -> datetime | None:
    return time_from_epoch(expires[1]) if expires else None


def _end_of_policy(policy: str) -> datetime | None:
    """When a custom policy, Base64 in an alphabet of CloudFront's own, ends."""
    return _end(_END.search(decode_base64_text(policy.translate(_ALPHABET)) or ""))


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(rb"Key-Pair-Id=[A-Z0-9]{13}", rb"CloudFront-Signature"),
        prefilter=(
            Literal(b"Key-Pair-Id=", FIELD_NAME),
            Literal(b"CloudFront-Signature", FIELD_NAME),
        ),
        find=find,
    ),
)
