"""In: a text. Out: candidates for secrets and refresh tokens of Login with Amazon.

With them a program reads and changes the orders of a seller (the Selling Partner API, SP-API), or
acts for whoever signed in. Sources: "Rotate your Application's LWA Credentials" and "Authorize
Applications" of the SP-API documentation.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.neighbours import Matches, nearest
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, TOKEN_PREFIX, Form, Literal
from analyzer.leaks.detect.randomness import mixes_character_classes
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_KIND = CredentialKind("login-with-amazon-secret")
_SECRET = lazy_regex(r"(?<![A-Za-z0-9])amzn1\.oa2-cs\.v1\.[0-9a-f]{64}(?![0-9A-Za-z])")
_REFRESH = lazy_regex(r"(?<![A-Za-z0-9])Atzr(?:\||%7[Cc]|\\u007[Cc])([A-Za-z0-9_-]{100,2048}+)")
# Older secrets are 64 digits beside the ID of their client.
_CLIENT = lazy_regex(r"amzn1\.application-oa2-client\.[0-9a-f]{32}")
_OLD = lazy_regex(
    r"(?i:client_?-?secret)[\"'\\\]]{0,4}[\s:=>,]{1,8}[\"'\\]{0,4}([0-9a-f]{64})(?![0-9A-Za-z])"
)
_SELLER = lazy_regex(r"sellingpartner|selling.partner|sp-?_?api|seller", re.IGNORECASE)
_REACH = 600


def find(text: str) -> Iterator[Candidate]:
    """Every secret and every refresh token; with the service, where it stands near."""
    sellers = list(_SELLER.finditer(text))
    clients = list(_CLIENT.finditer(text))
    for match in _SECRET.finditer(text):
        yield _candidate(match, 0, match[0], sellers)
    for match in _REFRESH.finditer(text):
        if mixes_character_classes(match[1]):
            yield _candidate(match, 0, f"Atzr|{match[1]}", sellers)
    for match in _OLD.finditer(text) if clients else ():
        if nearest(clients, *match.span(), _REACH):
            yield _candidate(match, 1, match[1], sellers)


def _candidate(match: re.Match[str], group: int, value: str, sellers: Matches) -> Candidate:
    is_of_seller = nearest(sellers, *match.span(), _REACH) is not None
    return Candidate(
        _KIND,
        CredentialPart.WHOLE,
        *match.span(group),
        value,
        doubt=value_doubt(value.rpartition(".")[2]),
        claims=ClaimedFacts(service="sp-api" if is_of_seller else None),
    )


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(
            rb"amzn1\.oa2-cs\.v1\.[0-9a-f]{64}",
            rb"Atzr(?:\||%7[Cc]|\\u007[Cc])[A-Za-z0-9_-]{100}",
            rb"amzn1\.application-oa2-client\.[0-9a-f]{32}",
        ),
        prefilter=(
            Literal(b"amzn1.oa2-cs.", TOKEN_PREFIX),
            Literal(b"amzn1.application-oa2-client.", FIELD_NAME),
            Literal(b"Atzr|", TOKEN_PREFIX),
            *(Literal(each, Form.PLAIN, ignore_case=True) for each in (b"Atzr%7c", b"Atzr\\u007c")),
        ),
        find=find,
    ),
)
