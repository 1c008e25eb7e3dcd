"""In: a LeakScan. Out: the same, with no secret left in a path, a name or an author.

Secrets leak in the names of files, branches and tags and in the headers of commits as well, and
reports name the place of a leak by these. `scan` calls it last.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.prefilter import candidate_offsets
from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.detect.sightings import secret_digest
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import CredentialPart, LeakScan, Occurrence, PlaceKind, ScanCoverage

_PLACES_IN_NAMES = frozenset(
    {
        PlaceKind.FILE_NAME,
        PlaceKind.LINK_TARGET,
        PlaceKind.TREE_ENTRY,
        PlaceKind.TAG_HEADER,
        PlaceKind.COMMIT_HEADER,
    }
)
# A secret that stands beside no name counts where its value is known; hashes have no capitals.
_RUN = lazy_regex(r"[A-Za-z0-9/+]{40,}")
_HIDDEN = "(a name that hides a credential)"


def redact(leaks: LeakScan) -> LeakScan:
    """The scan with every secret and token masked in the names, authors and reasons of its places.

    A key ID stays, as a key is identified by it. A name in which a secret is encoded is masked as
    a whole.
    """
    known = frozenset(each.secret_digest for each in leaks.credentials if each.secret_digest)
    # Paths share their folders: the prefilter is asked once for each text and each name in it.
    find_offsets = cache(lambda text: candidate_offsets(text.encode(errors="replace")))

    @cache
    def mask_name(name: str) -> str:
        offsets = find_offsets(name)
        return _HIDDEN if _hides_secret(name, offsets) else _mask(name, offsets, known)

    @cache
    def mask(text: str) -> str:
        # First as a whole, as a secret can contain a slash; then each name by itself, as a slash
        # can also be what separates a secret from the folder before it.
        names = _mask(text, find_offsets(text), known).split("/")
        masked = "/".join(map(mask_name, names))
        return _HIDDEN if _hides_secret(masked, find_offsets(masked)) else masked

    return replace(
        leaks,
        credentials=tuple(
            replace(
                each,
                occurrences=tuple(_redact_occurrence(place, mask) for place in each.occurrences),
            )
            for each in leaks.credentials
        ),
        unique_ids=tuple(
            replace(each, occurrence=_redact_occurrence(each.occurrence, mask))
            for each in leaks.unique_ids
        ),
        repositories=tuple(_redact_coverage(each, mask) for each in leaks.repositories),
        suppressions=tuple(replace(each, reason=mask(each.reason)) for each in leaks.suppressions),
    )


def _redact_occurrence(place: Occurrence, mask: Callable[[str], str]) -> Occurrence:
    if place.encoding and place.where in _PLACES_IN_NAMES:
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


def _hides_secret(name: str, offsets: list[int]) -> bool:
    """Whether a secret is encoded in it; whoever has the name has the secret."""
    found = scan_bytes(name.encode(errors="replace"), offsets=offsets).sightings
    return any(each.encoding and each.part is not CredentialPart.ID for each in found)


def _mask(text: str, offsets: list[int], known: Collection[str]) -> str:
    """The text with each secret replaced by the name of its kind.

    `offsets` are those of the prefilter. Most names have none, and what looks at them closely takes
    time to compile.
    """
    if not offsets and not _has_mixed_run(text):
        return text
    parts, end = [], 0
    for candidate in find_candidates(text):
        is_secret = candidate.stands_alone or secret_digest(candidate.value) in known
        if candidate.part is not CredentialPart.ID and is_secret and candidate.start >= end:
            parts += [text[end : candidate.start], f"[{candidate.kind.value}]"]
            end = candidate.end
    return "".join((*parts, text[end:]))


def _has_mixed_run(text: str) -> bool:
    """Whether it possibly holds a secret that was found elsewhere."""
    return any(run != run.lower() for run in _RUN.findall(text))
