"""In: a text. Out: the marks of all families, one for each value and place, in order."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields, replace

from analyzer.leaks.detect.blocks import blocks
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.patterns import (
    access_key_ids,
    api_keys,
    console_csv,
    key_id_owners,
    prefixed_keys,
    presigned_requests,
    private_keys,
    registry_tokens,
    secret_access_keys,
    service_credentials,
    session_tokens,
    signin_tokens,
)
from analyzer.leaks.model import ClaimedFacts, CredentialKind

__all__ = ["PATTERNS", "Candidate", "find_candidates"]

PATTERNS: tuple[Pattern, ...] = (
    access_key_ids.FAMILY,
    secret_access_keys.FAMILY,
    session_tokens.FAMILY,
    api_keys.FAMILY,
    presigned_requests.FAMILY,
    *service_credentials.FAMILIES,
    signin_tokens.FAMILY,
    registry_tokens.FAMILY,
    console_csv.FAMILY,
    key_id_owners.FAMILY,
    private_keys.FAMILY,
    prefixed_keys.FAMILY,
)


def find_candidates(text: str) -> list[Candidate]:
    """Every credential-shaped value in `text` with what it says by itself, in order of offset.

    Takes time linear in the text, whatever it holds.
    """
    small = text.lower()
    found: dict[tuple[int, int, CredentialKind], list[Candidate]] = defaultdict(list)
    for pattern in PATTERNS:
        if not pattern.keywords or any(anchor in small for anchor in pattern.keywords):
            for candidate in pattern.find(text):
                found[candidate.start, candidate.end, candidate.kind].append(candidate)
    merged = [_merge(same) for _, same in sorted(found.items(), key=lambda item: item[0])]
    numbers = blocks(text, [candidate.start for candidate in merged])
    return [
        replace(candidate, block=number) for candidate, number in zip(merged, numbers, strict=True)
    ]


def _merge(same: list[Candidate]) -> Candidate:
    """One mark out of those that several families made of the same value: all that they know."""
    if len(same) == 1:
        return same[0]
    best = max(same, key=lambda candidate: (candidate.stands_alone, bool(candidate.name)))
    return replace(best, claims=merge_claims(candidate.claims for candidate in same))


def merge_claims(known: Iterable[ClaimedFacts]) -> ClaimedFacts:
    """All that several facts say; the first that says something wins."""
    gathered: dict[str, object] = {}
    for facts in known:
        for field in fields(facts):
            if gathered.get(field.name) is None:
                gathered[field.name] = getattr(facts, field.name)
    return ClaimedFacts(**gathered)  # type: ignore[arg-type]
