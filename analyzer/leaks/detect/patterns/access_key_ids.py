"""In: a text. Out: marks of key IDs: of users, of sessions, of bearer tokens, and doubtful ones.

What is as long and begins with A but names a user, a role or a credential's entry is left alone.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.key_id import account_in_unique_id, placeholder_reason
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

BEFORE = (
    r"(?:(?<![A-Z0-9])|(?<=[%=][0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2})|(?<=\\x[0-9A-Fa-f]{2})"
    r"|(?<=\\[0-7]{3})|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\U[0-9A-Fa-f]{8}))"
)
"""Neither a capital nor a digit, but for those of an escape: %3D, =3D, \\x3d, \\075, \\u003d."""

# A plain search for these is ten times as fast as one that looks back at every letter.
_BEGIN = re.compile(r"[AL][KSB3][IT]")
_ID = re.compile(BEFORE + r"((?:A[KSB]|L[KS])IA|A3T[A-Z0-9])[A-Z2-7]{16}(?![A-Z0-9])")
_KINDS = {
    "AKIA": CredentialKind.LONG_TERM_KEY,
    "ASIA": CredentialKind.TEMPORARY_KEY,
    "ABIA": CredentialKind.BEARER_ID,
    # LocalStack puts an L in place of the A, so that nobody takes its keys for real ones.
    "LKIA": CredentialKind.LONG_TERM_KEY,
    "LSIA": CredentialKind.TEMPORARY_KEY,
}


def find(text: str) -> Iterator[Candidate]:
    """Every key ID, with its account where it carries one."""
    for begin in _BEGIN.finditer(text):
        match = _ID.match(text, begin.start())
        if match is None:
            continue
        value, prefix = match[0], match[1]
        yield Candidate(
            _KINDS.get(prefix, CredentialKind.DUBIOUS_ID),
            CredentialPart.ID,
            match.start(),
            match.end(),
            value,
            doubt=_doubt(value, prefix),
            claims=ClaimedFacts(account=account_in_unique_id(value)),
        )


def _doubt(value: str, prefix: str) -> str | None:
    """What speaks against a live key, by its prefix or by its body."""
    if prefix.startswith("L"):
        return "made up: LocalStack issues such key IDs, AWS does not"
    if prefix.startswith("A3T"):
        return "dubious: AWS documents no key IDs that begin with A3T"
    return placeholder_reason(value)


FAMILY = Pattern(("akia", "asia", "abia", "a3t", "lkia", "lsia"), find)
