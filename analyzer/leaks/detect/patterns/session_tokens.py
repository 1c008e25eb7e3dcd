"""In: a text. Out: candidates for session tokens, with the account and the region inside.

A token is protocol-buffer framing in Base64: its first field names who made it, which is why all
tokens of a generation begin alike.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.neighbours import find_words
from analyzer.leaks.detect.prefilter_terms import TOKEN_PREFIX, Expression, Form, Literal
from analyzer.leaks.detect.randomness import entropy, is_patterned, mixes_character_classes
from analyzer.leaks.detect.values import BASE64, BEFORE, PADDING, decode_base64_text, unescape
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

BEGINNINGS = ("IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "AQoDYXdz")
"""How the tokens of each generation begin."""

_TOKEN = lazy_regex(
    rf"{BEFORE}(?:{'|'.join(BEGINNINGS)}){BASE64}{{40,8192}}{PADDING}",
)
# A search for one word is ten times as fast as one for three, so what is before it comes after.
_LAST_WORD = lazy_regex(rb"token")
_NAMED = lazy_regex(
    r"(?i:token)"
    rf"[\"'\\]{{0,4}}[\s:=>,]{{1,8}}(?:<string>)?[\"'\\]{{0,4}}({BASE64}{{100,8192}}{PADDING})",
)
_NAME = lazy_regex(r"(?i:(?:aws[_-]?)?(?:session|security)[_-]?token)\Z")
_WORD, _LONGEST_NAME = len("token"), len("aws_security_")
_ACCOUNT = lazy_regex(r"(?<!\d)\d{12}(?!\d)")
_REGION = lazy_regex(r"(?<![a-z])[a-z]{2}(?:-[a-z]{3,10}){1,3}-\d(?![\d-])")
_SHORTEST = 200
_LEAST_ENTROPY = 4.5


def find(text: str) -> Iterator[Candidate]:
    """Every token: by how it begins, or by its name."""
    for match in _find_tokens(text):
        yield _candidate(match.start(), match.end(), match[0], "")
    for match in _find_named(text):
        name = _NAME.search(text, max(0, match.start() - _LONGEST_NAME), match.start() + _WORD)
        value = unescape(match[1])
        if (
            name is not None
            and not value.startswith(BEGINNINGS)
            and mixes_character_classes(value)
            and entropy(value) > _LEAST_ENTROPY
        ):
            yield _candidate(match.start(1), match.end(1), match[1], name[0])


def _find_named(text: str) -> Iterator[re.Match[str]]:
    lower = text.lower()
    is_named = "session" in lower or "security" in lower
    end = 0
    for word in find_words(text, _LAST_WORD) if is_named else ():
        if word.start() >= end and (match := _NAMED.match(text, word.start())):
            end = match.end()
            yield match


def _find_tokens(text: str) -> Iterator[re.Match[str]]:
    """What begins as tokens do; a plain search for that is the fastest."""
    starts: list[int] = []
    for beginning in BEGINNINGS:
        at = text.find(beginning)
        while at >= 0:
            starts.append(at)
            at = text.find(beginning, at + 1)
    for start in sorted(starts):
        if match := _TOKEN.match(text, start):
            yield match


def claims_of_token(token: str) -> ClaimedFacts:
    """The account and the region, which the token holds as plain text."""
    inside = decode_base64_text(token) or ""
    account, region = _ACCOUNT.search(inside), _REGION.search(inside)
    return ClaimedFacts(
        account=account[0] if account else None, region=region[0] if region else None
    )


def _candidate(start: int, end: int, shown: str, name: str) -> Candidate:
    value = unescape(shown)
    return Candidate(
        CredentialKind.SESSION_TOKEN,
        CredentialPart.WHOLE,
        start,
        end,
        value,
        name,
        doubt=_doubt(value),
        claims=claims_of_token(value),
    )


def _doubt(value: str) -> str | None:
    """Why this is likely no working token; None if nothing says so."""
    if "EXAMPLE" in value:
        return EXAMPLE
    if is_patterned(value[20:]):
        return "a placeholder: the value is a sequence or a repetition"
    if len(value) < _SHORTEST:
        return "cut short: no session token has so few characters"
    return None


PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.SESSION_TOKEN}),
        triggers=(
            "|".join(BEGINNINGS).encode(),
            (
                rb"(?i:(?:session|security)[_-]?token)[^A-Za-z0-9/+_%-]{1,40}(?:<string>)?[\"'\\]{0,4}"
                rb"[A-Za-z0-9/+_%\\-]{100}"
            ),
        ),
        prefilter=(
            *(Literal(each.encode(), TOKEN_PREFIX) for each in BEGINNINGS),
            *(
                Literal(first + between + b"token", Form.UTF_16, ignore_case=True)
                for first in (b"session", b"security")
                for between in (b"", b"-", b"_")
            ),
            Expression(
                rb"(?:session|security)[_-]?token[\s\S]{0,60}[A-Za-z0-9/+_%\\-]{100}",
                ignore_case=True,
            ),
        ),
        find=find,
    ),
)
