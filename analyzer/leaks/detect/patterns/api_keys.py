"""In: a text. Out: candidates for long-term API keys, which open a service to their holder.

After four capitals they are Base64 of `user-at-account:secret`: that tells them from chance, and
names their owner offline.
"""

from collections.abc import Iterator

from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.confirmations import confirm_service_key
from analyzer.leaks.detect.prefilter_terms import Expression, Form, Literal
from analyzer.leaks.detect.randomness import is_patterned
from analyzer.leaks.detect.values import BASE64, BEFORE, PADDING, decode_base64_text, unescape
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

# ABSK or AEAA, then the Base64: ABSKYW5uLWF0LTExMTEyMjIyMzMzMzo…
_KEY = lazy_regex(rf"{BEFORE}(ABSK|AEAA)({BASE64}{{40,1024}}){PADDING}")
_OWNER = lazy_regex(r"([\w+=,.@-]{1,80})-at-(\d{12}):([\x20-\x7e]{8,})")
_SUFFIX = lazy_regex(r"\+\d{1,3}\Z")
_KINDS = {
    "ABSK": (CredentialKind.BEDROCK_KEY, "bedrock"),
    "AEAA": (CredentialKind.CLAUDE_KEY, "aws-external-anthropic"),
}


def find(text: str) -> Iterator[Candidate]:
    """Every such key, with the user and the account that it was made for."""
    for match in _KEY.finditer(text):
        inside = decode_base64_text(unescape(match[2])) or ""
        owner = _OWNER.match(inside)
        if owner:
            kind, service = _KINDS[match[1]]
            yield Candidate(
                kind,
                CredentialPart.WHOLE,
                match.start(),
                match.end(),
                unescape(match[0]).rstrip("="),
                doubt=_doubt(inside, owner[3]),
                claims=ClaimedFacts(
                    account=owner[2], user=_SUFFIX.sub("", owner[1]), service=service
                ),
            )


def _doubt(inside: str, secret: str) -> str | None:
    """Why this was likely never issued; None if nothing says so."""
    if "EXAMPLE" in inside:
        return EXAMPLE
    if is_patterned(secret):
        return "a placeholder: the secret in it is a sequence or a repetition"
    return None


PATTERNS = (
    Pattern(
        kinds=frozenset(kind for kind, _ in _KINDS.values()),
        triggers=(rb"(?:ABSK|AEAA)[A-Za-z0-9+/_%\\-]{8}",),
        prefilter=(
            Literal(b"ABSK", Form.BASE64 | Form.UTF_16),
            Literal(b"AEAA", Form.UTF_16),
            Expression(rb"ABSK[A-Za-z0-9+/_%\\-]{40}", confirm=confirm_service_key),
            Expression(rb"AEAA[A-Za-z0-9+/_%\\-]{40}", confirm=confirm_service_key),
        ),
        find=find,
    ),
)
