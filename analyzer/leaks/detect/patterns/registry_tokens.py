"""In: a text. Out: marks of tokens for registries: ECR in a Docker configuration, CodeArtifact.

Both are JSON that says when it expires; the host beside them names account and region.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from analyzer.leaks.detect.candidate import Family, Mark
from analyzer.leaks.detect.values import BASE64, BEFORE, base64_text, epoch, unescaped
from analyzer.leaks.model import CredentialKind, Facts, Half

# Base64 of `AWS:eyJwYXls…`, as Docker keeps name and password, and the password by itself.
_DOCKER = re.compile(rf"{BEFORE}QVdTOmV5Snd(?:{BASE64}){{60,16384}}+")
_PASSWORD = re.compile(rf"{BEFORE}eyJwYXlsb2FkIjoi(?:{BASE64}){{60,16384}}+")
_ARTIFACT = re.compile(r"(?<![A-Za-z0-9+/_-])eyJ2ZXIiOjEsImlzdSI6[A-Za-z0-9_.-]{60,8192}+")
_NAMED = re.compile(
    r"\.d\.codeartifact\.[a-z0-9-]{4,24}\.amazonaws\.com[^\s\"']{0,200}?:_(?:authToken|password)"
    r"[ \t]{0,2}=[ \t]{0,2}[\"']?([A-Za-z0-9_.+/=-]{60,8192}+)",
)
_ECR_HOST = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]{4,24})\.amazonaws")
_ARTIFACT_HOST = re.compile(r"-(\d{12})\.d\.codeartifact\.([a-z0-9-]{4,24})\.amazonaws")
_REACH = 300
_EXPIRATION = re.compile(r"\"expiration\"\s?:\s?(\d{9,11})")
_ARTIFACT_END = re.compile(r"\"exp\"\s?:\s?(\d{9,11})")


def find(text: str) -> Iterator[Mark]:
    """Every token, with account and region out of the host that it is for."""
    for match in _DOCKER.finditer(text):
        password = (base64_text(unescaped(match[0])) or "").removeprefix("AWS:")
        yield from _of_ecr(text, match, password)
    for match in _PASSWORD.finditer(text):
        yield from _of_ecr(text, match, unescaped(match[0]))
    for match in _ARTIFACT.finditer(text):
        yield _of_codeartifact(text, match, 0)
    for match in _NAMED.finditer(text):
        if not match[1].startswith("eyJ2ZXIi"):
            yield _of_codeartifact(text, match, 1)


def _of_ecr(text: str, match: re.Match[str], password: str) -> Iterator[Mark]:
    """A password for ECR, the same in either coat; nothing where it is another JSON."""
    inside = base64_text(password) or ""
    if '"datakey"' in inside:
        account, region = _host(_ECR_HOST, text, *match.span())
        yield Mark(
            CredentialKind.REGISTRY_TOKEN,
            Half.WHOLE,
            match.start(),
            match.end(),
            password.rstrip("="),
            facts=Facts(account, None, region, "ecr", _time(_EXPIRATION.search(inside))),
        )


def _of_codeartifact(text: str, match: re.Match[str], group: int) -> Mark:
    """A token for CodeArtifact, whose first part says until when it holds."""
    ends = _ARTIFACT_END.search(base64_text(match[group].partition(".")[0]) or "")
    account, region = _host(_ARTIFACT_HOST, text, *match.span(group))
    facts = Facts(account, None, region, "codeartifact", _time(ends))
    return Mark(
        CredentialKind.REGISTRY_TOKEN,
        Half.WHOLE,
        match.start(group),
        match.end(group),
        match[group],
        facts=facts,
    )


def _host(
    pattern: re.Pattern[str], text: str, start: int, end: int
) -> tuple[str | None, str | None]:
    """Account and region of the nearest host before the token, or behind it."""
    before = [*pattern.finditer(text, max(0, start - _REACH), start)]
    host = before[-1] if before else pattern.search(text, end, end + _REACH)
    return (host[1], host[2]) if host else (None, None)


def _time(ends: re.Match[str] | None) -> datetime | None:
    return epoch(ends[1]) if ends else None


FAMILY = Family(
    ("qvdtomv5snd", "eyjwyxlsb2fkijoi", "eyj2zxiiojesimlzdsi6", ".d.codeartifact."), find
)
