"""In: a text. Out: candidates for private keys whose public key AWS has: CloudFront, X.509.

Private keys are used everywhere, so one counts only where something of AWS is near it.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.prefilter_terms import TOKEN_PREFIX, Expression, Form, Literal
from analyzer.leaks.key_id import account_in_unique_id
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

_PEM = lazy_regex(
    r"-----BEGIN (?P<sort>(?:RSA |EC |ENCRYPTED )?)PRIVATE KEY-----"
    r"(?P<body>(?:[A-Za-z0-9+/=\s\\\"',:>*#]|-(?!----)){100,16384})-----END ",
)
_CONTEXT = lazy_regex(
    r"(?P<key>APKA[A-Z2-7]{16,17})(?![A-Z0-9])|pk-[A-Z2-7]{32}\.pem|cert-[A-Z2-7]{32}\.pem"
    r"|(?i:key-?_?pair-?_?id|cloud_?-?front|ec2_private_key|ec2_cert|signing_?-?certificate)",
)
_FILE = lazy_regex(r"(?<![A-Za-z0-9])pk-(APKA[A-Z2-7]{16,17}|[A-Z2-7]{32})\.pem(?![A-Za-z0-9])")
_REACH = 600
_HEADER = lazy_regex(r"(?:Proc-Type|DEK-Info):[^\n\\]{0,80}")
_NO_BASE64 = lazy_regex(r"\\[ntr]|[^A-Za-z0-9+/=]")


def find(text: str) -> Iterator[Candidate]:
    """Private keys near something of AWS, and names of files that hold one."""
    for match in _PEM.finditer(text):
        before = list(_CONTEXT.finditer(text, max(0, match.start() - _REACH), match.start()))
        after = _CONTEXT.finditer(text, match.start(), match.end() + _REACH)
        near = [*before[::-1], *after]
        if near:
            yield _key_candidate(match, near)
    for match in _FILE.finditer(text):
        yield _file_candidate(match)


def _key_candidate(match: re.Match[str], near: list[re.Match[str]]) -> Candidate:
    """A private key; its value is the key itself, without line breaks and headers."""
    value = _NO_BASE64.sub("", _HEADER.sub("", match["body"]))
    key_id = next((each["key"] for each in near if each["key"]), None)
    doubt = EXAMPLE if "EXAMPLE" in value else None
    if match["sort"].startswith("ENCRYPTED") or "ENCRYPTED" in match["body"]:
        doubt = "encrypted: it opens nothing without its passphrase"
    return Candidate(
        CredentialKind.SIGNING_KEY,
        CredentialPart.WHOLE,
        match.start(),
        match.end(),
        value,
        doubt=doubt,
        claims=ClaimedFacts(account=account_in_unique_id(key_id) if key_id else None),
        key_id=key_id,
    )


def _file_candidate(match: re.Match[str]) -> Candidate:
    """The name of a file that AWS gives to a private key: such a file exists somewhere."""
    key_id = match[1]
    return Candidate(
        CredentialKind.SIGNING_KEY,
        CredentialPart.ID,
        match.start(1),
        match.end(1),
        key_id,
        doubt="only a name: a file that is called so holds a private key",
        claims=ClaimedFacts(account=account_in_unique_id(key_id)),
    )


PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.SIGNING_KEY}),
        keywords=("private key-----", "pk-"),
        prefilter=(
            Literal(b"pk-APKA", TOKEN_PREFIX),
            Literal(b"PRIVATE KEY-----", TOKEN_PREFIX),
            Literal(b"pk-", Form.UTF_16),
            Expression(rb"pk-[A-Z2-7]{32}\.pem"),
        ),
        find=find,
    ),
)
