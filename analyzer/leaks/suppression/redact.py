"""In: a LeakScan. Out: the same, with no secret left in a path, a name or an author.

People lose secrets in the names of files, branches and tags and in the fields of commits as well,
and by such names the place of a leak is told.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache

from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.detect.sightings import secret_digest
from analyzer.leaks.model import CredentialPart, LeakScan, Occurrence, PlaceKind, ScanCoverage

_NAMES = frozenset(
    {
        PlaceKind.FILE_NAME,
        PlaceKind.LINK_TARGET,
        PlaceKind.TREE_ENTRY,
        PlaceKind.TAG_HEADER,
        PlaceKind.COMMIT_HEADER,
    }
)
_HIDDEN = "(a name that hides a credential)"


def redact(found: LeakScan) -> LeakScan:
    """The scan with every secret and token in what tells of a place masked.

    A key ID stays: a key is told by it. A name that shows its secret only once a coat is undone is
    masked as a whole.
    """
    known = frozenset(each.secret_digest for each in found.credentials if each.secret_digest)

    @cache
    def mask(text: str) -> str:
        # As a whole, for a slash can be part of a secret, and then each name by itself, for it can
        # be what parts a secret from the folder before it.
        return "/".join(_mask(part, known) for part in _mask(text, known).split("/"))

    return replace(
        found,
        credentials=tuple(
            replace(
                each,
                occurrences=tuple(_redact_occurrence(place, mask) for place in each.occurrences),
            )
            for each in found.credentials
        ),
        unique_ids=tuple(
            replace(each, occurrence=_redact_occurrence(each.occurrence, mask))
            for each in found.unique_ids
        ),
        repositories=tuple(_redact_coverage(each, mask) for each in found.repositories),
        suppressions=tuple(replace(each, reason=mask(each.reason)) for each in found.suppressions),
    )


def _redact_occurrence(place: Occurrence, mask: Callable[[str], str]) -> Occurrence:
    if place.encoding and place.where in _NAMES:
        return replace(place, path=_HIDDEN, author=_HIDDEN if place.author else None)
    author = mask(place.author) if place.author else None
    path, repository = mask(place.path), mask(place.repository)
    if (path, author, repository) == (place.path, place.author, place.repository):
        return place
    return replace(place, path=path, author=author, repository=repository)


def _redact_coverage(coverage: ScanCoverage, mask: Callable[[str], str]) -> ScanCoverage:
    skipped = tuple(
        replace(each, what=mask(each.what), reason=mask(each.reason)) for each in coverage.skipped
    )
    return replace(coverage, path=mask(coverage.path), skipped=skipped)


def _mask(text: str, known: Collection[str]) -> str:
    """The text with the kind of each secret in its place."""
    shown, rest = [], 0
    for candidate in find_candidates(text):
        is_secret = candidate.stands_alone or secret_digest(candidate.value) in known
        if candidate.part is not CredentialPart.ID and is_secret and candidate.start >= rest:
            shown += [text[rest : candidate.start], f"[{candidate.kind.value}]"]
            rest = candidate.end
    return "".join((*shown, text[rest:]))
