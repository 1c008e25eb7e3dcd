"""In: a text. Out: candidates for seeds of virtual MFA devices, which make all of their codes.

Sources: "VirtualMFADevice" of the IAM API reference (Base32 of RFC 3548, and the address in the QR
code); the console shows a seed as 64 characters.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.confirmations import confirm_assigned
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.neighbours import Matches, nearest
from analyzer.leaks.detect.prefilter_terms import REACH, TOKEN_PREFIX, Expression, Form, Literal
from analyzer.leaks.detect.randomness import entropy
from analyzer.leaks.detect.values import decode_base64_text, unescape
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_KIND = CredentialKind("mfa-seed")
# otpauth://totp/Amazon%20Web%20Services:ann@111122223333?secret=…&issuer=Amazon%20Web%20Services
_ADDRESS = lazy_regex(
    r"otpauth://(?P<sort>[th]otp)/(?P<label>[^\n?\"'<>]{1,300})\?(?P<query>[^\s\"'<>]{1,800})"
)
_SECRET = lazy_regex(r"(?:\A|[&;]|\\u0026)secret=([A-Za-z2-7]{16,128})")
_ISSUER = lazy_regex(r"(?:[&;]|\\u0026|\A)issuer=([^&\\;]{1,100})")
_OF_AWS = lazy_regex(r"amazon|(?<![a-z])aws(?![a-z])", re.IGNORECASE)
_OWNER = lazy_regex(r"([\w+=,.@-]{1,128})@(\d{12})\Z")
# "Base32StringSeed": "…"; in answers of the API it is in Base64 once more.
_FIELD = lazy_regex(
    r"(?i:base_?32_?string_?seed)[^A-Za-z0-9\n]{1,12}(?:b\\?[\"'])?([A-Za-z0-9+/]{32,128}={0,2})"
)
_SEED = lazy_regex(r"[A-Z2-7]{32,128}")
_BARE = lazy_regex(r"(?<![A-Za-z0-9+/_-])[A-Z2-7]{64}(?![A-Za-z0-9+/=_-])")
_RUN, _SAMPLED = lazy_regex(rb"[A-Z2-7]{64}"), lazy_regex(rb"[A-Z2-7]{4}")
_WORDS = lazy_regex(
    r"mfa|totp|(?<![a-z])otp|2fa|seed|authenticator|base.?32|oathtool|one.?time|two.?factor",
    re.IGNORECASE,
)
_BEFORE, _AFTER = 200, 100
_DEVICE = lazy_regex(r"arn:aws[a-z-]{0,8}:iam::(\d{12}):mfa/([\w+=,.@/-]{1,200})")
_REACH = 600
_LENGTH = 64
_LEAST_ENTROPY = 3.5


def find(text: str) -> Iterator[Candidate]:
    """Every seed in an address for authenticator apps, by its field, or beside words of MFA."""
    devices = list(_DEVICE.finditer(text))
    addresses = list(_ADDRESS.finditer(text))
    for match in addresses:
        yield from _find_in_address(match)
    for match in _FIELD.finditer(text):
        inside = decode_base64_text(match[1]) or ""
        seed = inside if _SEED.fullmatch(inside) else match[1]
        if _SEED.fullmatch(seed):
            yield _candidate(*match.span(1), seed, _facts_beside(devices, match))
    for match in _BARE.finditer(text):
        around = text[max(0, match.start() - _BEFORE) : match.start()]
        around += " " + text[match.end() : match.end() + _AFTER]
        is_in_address = nearest(addresses, *match.span(), 0) is not None
        if _WORDS.search(around) and not is_in_address:
            yield _candidate(*match.span(), match[0], _facts_beside(devices, match))


def _find_in_address(match: re.Match[str]) -> Iterator[Candidate]:
    """The seed in an address, if the address is one of AWS."""
    query, label = match["query"], unescape(match["label"])
    secret, issuer = _SECRET.search(query), _ISSUER.search(query)
    owner = _OWNER.search(label.rpartition(":")[2])
    told = f"{label} {unescape(issuer[1]) if issuer else ''}"
    is_bare = secret is not None and issuer is None and len(secret[1]) == _LENGTH
    is_of_aws = bool(owner or is_bare or _OF_AWS.search(told))
    if secret and is_of_aws and match["sort"] == "totp":
        facts = ClaimedFacts(
            account=owner[2] if owner else None,
            service="iam",
            issuer=unescape(issuer[1]) if issuer else None,
            subject=owner[1] if owner else label,
        )
        start, end = (match.start("query") + at for at in secret.span(1))
        yield _candidate(start, end, secret[1].upper(), facts)


def _facts_beside(devices: Matches, match: re.Match[str]) -> ClaimedFacts:
    """Account and device of the nearest serial number."""
    device = nearest(devices, *match.span(), _REACH)
    if device is None:
        return ClaimedFacts(service="iam")
    return ClaimedFacts(account=device[1], service="iam", subject=device[0])


def _candidate(start: int, end: int, seed: str, facts: ClaimedFacts) -> Candidate:
    doubt = value_doubt(seed, facts.account)
    if not doubt and (entropy(seed) < _LEAST_ENTROPY or seed.isalpha()):
        doubt = "a placeholder: the value is written, not drawn"
    return Candidate(_KIND, CredentialPart.WHOLE, start, end, seed, doubt=doubt, claims=facts)


def _confirm_run(data: bytes, end: int) -> bool:
    """Whether a bare seed is near a word; as many bytes as characters of any width can have."""
    near = data[max(0, end - REACH) : end + REACH]
    # Of a run of sixty-four characters each sixteenth is asked first: mostly that is all.
    return _SAMPLED.search(near[::16]) is not None and _RUN.search(near) is not None


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(
            rb"otpauth://",
            rb"(?i:base_?32_?string_?seed)",
            rb"(?:^|[^A-Za-z0-9+/_-])[A-Z2-7]{64}(?:[^A-Za-z0-9+/=_-]|\z)",
        ),
        prefilter=(
            Literal(b"otpauth", TOKEN_PREFIX),
            *(
                Literal(each, Form.UTF_16, ignore_case=True)
                for each in (b"StringSeed", b"String_Seed")
            ),
            Expression(
                rb"base_?32_?string_?seed",
                ignore_case=True,
                confirm=confirm_assigned(rb"[A-Za-z0-9+/]{32}"),
            ),
            # A run alone would have every byte looked at; the words are rare.
            Expression(
                rb"mfa|otp|2fa|seed|authenticator|base.?32|oathtool|one.?time|two.?factor",
                ignore_case=True,
                confirm=_confirm_run,
            ),
        ),
        find=find,
    ),
)
