"""In: a text. Out: candidates for registry tokens: ECR in a Docker configuration, CodeArtifact.

Both are JSON that says when it expires; the host beside them names account and region.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.prefilter_terms import TOKEN_PREFIX, Expression, Form, Literal
from analyzer.leaks.detect.values import (
    BASE64,
    BEFORE,
    decode_base64_text,
    time_from_epoch,
    unescape,
)
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

# Base64 of `AWS:eyJwYXls…`, as Docker keeps name and password, and the password by itself.
_DOCKER = lazy_regex(rf"{BEFORE}QVdTOmV5Snd{BASE64}{{60,16384}}")
_PASSWORD = lazy_regex(rf"{BEFORE}eyJwYXlsb2FkIjoi{BASE64}{{60,16384}}")
_ARTIFACT = lazy_regex(r"(?<![A-Za-z0-9+/_-])eyJ2ZXIiOjEsImlzdSI6[A-Za-z0-9_.-]{60,8192}+")
_NAMED = lazy_regex(
    r"\.d\.codeartifact\.[a-z0-9-]{4,24}\.amazonaws\.com[^\s\"']{0,200}?:_(?:authToken|password)"
    r"[ \t]{0,2}=[ \t]{0,2}[\"']?([A-Za-z0-9_.+/=-]{60,8192}+)",
)
_ECR_HOST = lazy_regex(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]{4,24})\.amazonaws")
_ARTIFACT_HOST = lazy_regex(r"-(\d{12})\.d\.codeartifact\.([a-z0-9-]{4,24})\.amazonaws")
_REACH = 300
_EXPIRATION = lazy_regex(r"\"expiration\"\s?:\s?(\d{9,11})")
_ARTIFACT_END = lazy_regex(r"\"exp\"\s?:\s?(\d{9,11})")


def find(text: str) -> Iterator[Candidate]:
    """Every token, with account and region out of the host that it is for."""
    for match in _DOCKER.finditer(text):
        password = (decode_base64_text(unescape(match[0])) or "").removeprefix("AWS:")
        yield from _ecr_token(text, match, password)
    for match in _PASSWORD.finditer(text):
        yield from _ecr_token(text, match, unescape(match[0]))
    for match in _ARTIFACT.finditer(text):
        yield _codeartifact_token(text, match, 0)
    for match in _NAMED.finditer(text):
        if not match[1].startswith("eyJ2ZXIi"):
            yield _codeartifact_token(text, match, 1)


def _ecr_token(text: str, match: re.Match[str], password: str) -> Iterator[Candidate]:
    """A password for ECR, the same with and without a user name; nothing for other JSON."""
    inside = decode_base64_text(password) or ""
    if '"datakey"' in inside:
        account, region = _account_and_region(_ECR_HOST, text, *match.span())
        yield Candidate(
            CredentialKind.REGISTRY_TOKEN,
            CredentialPart.WHOLE,
            match.start(),
            match.end(),
            password.rstrip("="),
            claims=ClaimedFacts(account, None, region, "ecr", _expiry(_EXPIRATION.search(inside))),
        )


def _codeartifact_token(text: str, match: re.Match[str], group: int) -> Candidate:
    """A token for CodeArtifact, whose first part says when it expires."""
    ends = _ARTIFACT_END.search(decode_base64_text(match[group].partition(".")[0]) or "")
    account, region = _account_and_region(_ARTIFACT_HOST, text, *match.span(group))
    facts = ClaimedFacts(account, None, region, "codeartifact", _expiry(ends))
    return Candidate(
        CredentialKind.REGISTRY_TOKEN,
        CredentialPart.WHOLE,
        match.start(group),
        match.end(group),
        match[group],
        claims=facts,
    )


def _account_and_region(
    pattern: re.Pattern[str], text: str, start: int, end: int
) -> tuple[str | None, str | None]:
    """Account and region of the nearest host before the token, or after it."""
    before = [*pattern.finditer(text, max(0, start - _REACH), start)]
    host = before[-1] if before else pattern.search(text, end, end + _REACH)
    return (host[1], host[2]) if host else (None, None)


def _expiry(ends: re.Match[str] | None) -> datetime | None:
    return time_from_epoch(ends[1]) if ends else None


PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.REGISTRY_TOKEN}),
        triggers=(
            rb"QVdTOmV5Snd|eyJwYXlsb2FkIjoi|eyJ2ZXIiOjEsImlzdSI6",
            rb"\.d\.codeartifact\.",
        ),
        prefilter=(
            Literal(b"QVdTOmV5Snd", TOKEN_PREFIX),
            Literal(b"eyJwYXlsb2FkIjoi", TOKEN_PREFIX),
            Literal(b"eyJ2ZXIiOjEsImlzdSI6", TOKEN_PREFIX),
            Literal(b":_authToken", Form.UTF_16),
            Literal(b":_password", Form.UTF_16),
            Expression(rb":_(?:authToken|password)[ \t]{0,2}="),
        ),
        find=find,
    ),
)
