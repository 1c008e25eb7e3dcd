"""In: a text. Out: candidates for personal access tokens of CodeCatalyst.

A token is its person's in all spaces and projects. Sources: "CreateAccessToken" of the
CodeCatalyst API reference, and its user guide on cloning with such a token.
"""

from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, Literal
from analyzer.leaks.detect.randomness import entropy
from analyzer.leaks.detect.values import parse_amz_date, unescape
from analyzer.leaks.detect.whole_tokens import whole_token
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts

_KIND = CredentialKind("codecatalyst-token")
# https://ann:…@git.us-west-2.codecatalyst.aws/v1/space/project/repository
_ADDRESS = lazy_regex(
    r"https://([^\s:@/\"'<>]{1,100}):([^\s:@/\"'<>]{20,1024})@git\.([a-z0-9-]{4,24})\.codecatalyst\.aws"
)
# machine git.us-west-2.codecatalyst.aws login ann password …
_MACHINE = lazy_regex(
    r"machine\s{1,8}git\.([a-z0-9-]{4,24})\.codecatalyst\.aws\s{1,8}login\s{1,8}(\S{1,100})"
    r"\s{1,8}password\s{1,8}(\S{20,1024})"
)
_OBJECT = lazy_regex(r"\{[^{}]{40,8192}+\}")
_SECRET = lazy_regex(r"\"secret\\?\"\s{0,4}:\s{0,4}\\?\"([^\"\\\s]{20,4000}+)")
_END = lazy_regex(r"\"expiresTime\\?\"\s{0,4}:\s{0,4}\\?\"([^\"\\]{8,40})")
_LEAST_ENTROPY = 3.0


def find(text: str) -> Iterator[Candidate]:
    """Every token in an address of a repository, in .netrc, and in the answer to its creation."""
    for match in _ADDRESS.finditer(text):
        facts = ClaimedFacts(user=unescape(match[1]), region=match[3], service="codecatalyst")
        yield from _read(match.start(2), match[2], facts)
    for match in _MACHINE.finditer(text):
        facts = ClaimedFacts(user=match[2], region=match[1], service="codecatalyst")
        yield from _read(match.start(3), match[3], facts)
    for match in _OBJECT.finditer(text) if "accessTokenId" in text else ():
        secret, end = _SECRET.search(match[0]), _END.search(match[0])
        if secret and "accessTokenId" in match[0]:
            facts = ClaimedFacts(
                service="codecatalyst", expires=parse_amz_date(end[1]) if end else None
            )
            yield from _read(match.start() + secret.start(1), secret[1], facts)


def _read(start: int, shown: str, facts: ClaimedFacts) -> Iterator[Candidate]:
    """The token, unless it is a word or a variable."""
    value = unescape(shown)
    if entropy(value) > _LEAST_ENTROPY and any(map(str.isdigit, value)) and value.isascii():
        yield whole_token(_KIND, start, shown, facts)


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(rb"\.codecatalyst\.aws", rb"accessTokenId"),
        prefilter=(
            Literal(b".codecatalyst.aws", FIELD_NAME),
            Literal(b"accessTokenId", FIELD_NAME),
        ),
        find=find,
    ),
)
