"""In: a text. Out: candidates with a prefix of their own: keys for AppSync, tokens for MWS."""

import re
from collections.abc import Iterator

from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.prefilter_terms import TOKEN_PREFIX, Expression, Form, Literal
from analyzer.leaks.detect.randomness import entropy, is_patterned
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

# A search for a word is much faster where what comes before it is asked after it.
_MWS = lazy_regex(
    r"amzn\.mws\.(?<![A-Za-z0-9]amzn\.mws\.)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_APPSYNC = lazy_regex(r"da2-(?<![A-Za-z0-9-]da2-)[a-z0-9]{26}(?![A-Za-z0-9])")
_LEAST_ENTROPY = 3.2
_LEAST_CHANGES = 5


def find(text: str) -> Iterator[Candidate]:
    """Every token for the Marketplace Web Service, and every key for AppSync."""
    for match in _MWS.finditer(text):
        # Amazon closed the service for good on 31 March 2024.
        ended = "historic: the service that took such tokens has ended"
        yield _candidate(CredentialKind.MWS_TOKEN, match, ended, None)
    for match in _APPSYNC.finditer(text):
        body = match[0][4:]
        doubt = None
        if (
            is_patterned(body)
            or entropy(body) < _LEAST_ENTROPY
            or _alternations(body) < _LEAST_CHANGES
        ):
            doubt = "a placeholder: the value is a sequence, a repetition or words"
        yield _candidate(CredentialKind.APPSYNC_KEY, match, doubt, "appsync")


def _candidate(
    kind: CredentialKind, match: re.Match[str], doubt: str | None, service: str | None
) -> Candidate:
    facts = ClaimedFacts(service=service)
    return Candidate(
        kind, CredentialPart.WHOLE, match.start(), match.end(), match[0], doubt=doubt, claims=facts
    )


def _alternations(body: str) -> int:
    """How often letters and digits alternate."""
    return len(re.findall(r"(?<=\d)[a-z]|(?<=[a-z])\d", body))


PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.MWS_TOKEN, CredentialKind.APPSYNC_KEY}),
        triggers=(rb"amzn\.mws\.[0-9a-f]{8}", rb"da2-[a-z0-9]{26}"),
        prefilter=(
            Literal(b"amzn.mws.", TOKEN_PREFIX),
            Literal(b"da2-", Form.UTF_16),
            Expression(rb"da2-[a-z0-9]{26}"),
        ),
        find=find,
    ),
)
