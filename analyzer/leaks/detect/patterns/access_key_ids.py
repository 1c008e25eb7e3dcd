"""In: a text. Out: candidates for key IDs: of users, sessions and bearer tokens, and doubtful ones.

Unique IDs of the same shape that name a user, a role or the like are left out.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.confirmations import (
    confirm_begun_id,
    confirm_beside,
    confirm_id,
)
from analyzer.leaks.detect.prefilter_terms import Expression, Form, Literal
from analyzer.leaks.detect.spelled_out import spelled_out
from analyzer.leaks.key_id import account_in_unique_id, placeholder_reason
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

BEFORE = (
    r"(?:(?<![A-Z0-9])|(?<=[%=][0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2})|(?<=\\x[0-9A-Fa-f]{2})"
    r"|(?<=\\[0-7]{3})|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\U[0-9A-Fa-f]{8}))"
)
"""Neither a capital nor a digit, but for those of an escape: %3D, =3D, \\x3d, \\075, \\u003d."""

SHAPE = rb"(?:A[KSB]IA|L[KS]IA|A3T[A-Z0-9])[A-Z2-7]{8}"
"""What is in any text that holds a key ID, and hardly in any other."""

# A search that begins with two letters is ten times as fast as one that looks back at every letter;
# an ID begins two letters before them, or with them.
_BEGINNINGS = (
    (2, lazy_regex(r"IA(?=[A-Z2-7]{16})")),
    (0, lazy_regex(r"A3T(?=[A-Z0-9][A-Z2-7]{16})")),
)
_ID = lazy_regex(BEFORE + r"((?:A[KSB]|L[KS])IA|A3T[A-Z0-9])[A-Z2-7]{16}(?![A-Z0-9])")
# The piece before, with whatever stands between two that are joined.
_confirm_piece = confirm_beside(rb"(?:[A\"'`]|[0-9A-Fa-f]{2})[KS]\\{0,7}[\"'`]", 700, 0)
_FAR = 64
_RUN = lazy_regex(rf"[A-Za-z0-9+/]{{{_FAR}}}")
_KINDS = {
    "AKIA": CredentialKind.LONG_TERM_KEY,
    "ASIA": CredentialKind.TEMPORARY_KEY,
    "ABIA": CredentialKind.BEARER_ID,
    # LocalStack writes L for A, so that its keys are not taken for real ones.
    "LKIA": CredentialKind.LONG_TERM_KEY,
    "LSIA": CredentialKind.TEMPORARY_KEY,
}


def find(text: str) -> Iterator[Candidate]:
    """Every key ID, with its account where it carries one."""
    for match in _iter_ids(text):
        value, prefix = match[0], match[1]
        doubt, claims = _read(value, prefix)
        yield Candidate(
            _KINDS.get(prefix, CredentialKind.DUBIOUS_ID),
            CredentialPart.ID,
            match.start(),
            match.end(),
            value,
            doubt=doubt or _doubt_of_place(text, *match.span()),
            claims=claims,
        )


def _iter_ids(text: str) -> Iterator[re.Match[str]]:
    for before, beginning in _BEGINNINGS:
        for begin in beginning.finditer(text):
            start = begin.start() - before
            if start >= 0 and (match := _ID.match(text, start)):
                yield match


@lru_cache(4096)
def _read(value: str, prefix: str) -> tuple[str | None, ClaimedFacts]:
    """Why it is doubted, and what it says; remembered, as a history has each ID many times."""
    return _doubt(value, prefix), ClaimedFacts(account=account_in_unique_id(value))


def _doubt(value: str, prefix: str) -> str | None:
    """Why this is likely no live key, by its prefix or its body; None if nothing says so."""
    if prefix.startswith("L"):
        return "made up: LocalStack issues such key IDs, AWS does not"
    if prefix.startswith("A3T"):
        return "dubious: AWS documents no key IDs that begin with A3T"
    return placeholder_reason(value)


def _doubt_of_place(text: str, start: int, end: int) -> str | None:
    """Whether a run of Base64 goes on for long on either side: in that of a font chance writes IDs.

    Tables of small numbers are Base64 of A, B, I and few others.
    """
    is_within = _RUN.match(text, end) and _RUN.match(text, max(0, start - _FAR), start)
    return "a piece of Base64: the run goes on on either side" if is_within else None


PATTERNS = (
    Pattern(
        kinds=frozenset({*_KINDS.values(), CredentialKind.DUBIOUS_ID}),
        triggers=(SHAPE,),
        prefilter=(
            *(Literal(prefix, ~Form.PLAIN) for prefix in (b"AKIA", b"ASIA")),
            *(Expression(prefix, confirm=confirm_begun_id) for prefix in (b"AKIA", b"ASIA")),
            # These are short, and stand in many a word: an expression finds them in plain text.
            *(Literal(prefix, Form.UTF_16) for prefix in (b"ABIA", b"A3T", b"LKIA", b"LSIA")),
            Expression(rb"(?:ABIA|A3T[A-Z0-9]|L[KS]IA)[A-Z2-7]{4}", confirm=confirm_id),
            # A prefix in two pieces, as in "AK" + "IA…".
            Expression(rb"AKI[\"'`]"),
            Expression(rb"ASI[\"'`]"),
            Expression(rb"[\"'`][KS]IA[A-Z2-7]{4}"),
            Expression(rb"[\"'`]IA[A-Z2-7]{6}", confirm=_confirm_piece),
            *spelled_out(),
        ),
        find=find,
    ),
)
