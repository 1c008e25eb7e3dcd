"""In: a token as it is shown, and what is known of it. Out: the candidate that it is by itself."""

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.values import unescape
from analyzer.leaks.model import ClaimedFacts, CredentialPart


def whole_token(kind: CredentialKind, start: int, shown: str, facts: ClaimedFacts) -> Candidate:
    """A credential that is one value and has no name, its escapes undone, doubted by it alone."""
    value = unescape(shown)
    return Candidate(
        kind,
        CredentialPart.WHOLE,
        start,
        start + len(shown),
        value,
        doubt=value_doubt(value),
        claims=facts,
    )
