"""In: what a scan found, and what people marked as known or harmless. Out: the same, set aside.

Nothing is deleted: what somebody lets stay keeps its entry, with the reason, and is listed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from analyzer.errors import ConfigurationError
from analyzer.files import UnreadableFile, read_untrusted
from analyzer.leaks.detect.inline_allow import ALLOWED
from analyzer.leaks.model import Credential, LeakScan, Occurrence, Suppression
from analyzer.leaks.suppression.baseline import (
    baseline_names,
    known_secrets,
    read_baseline,
    reread_secrets,
)
from analyzer.leaks.suppression.ignore_files import (
    LISTED,
    IgnoreEntry,
    path_doubt,
    read_ignore_file,
)

IGNORE_FILE = ".gitleaksignore"
BASELINE_FILE = ".secrets.baseline"
_LABELLED = f"labelled a false alarm in {BASELINE_FILE}"
_BY = {ALLOWED: "comment", LISTED: IGNORE_FILE, _LABELLED: BASELINE_FILE}
_LARGEST = 16 * 1024 * 1024
"""Bytes of the largest ignore file or baseline; they are read whole."""


@dataclass(frozen=True, slots=True)
class _RepositoryMarks:
    """What the files at the root of one repository say: places, and SHA-1 of harmless values."""

    fingerprints: Mapping[int, tuple[IgnoreEntry, ...]]
    harmless: frozenset[str]


def apply_suppressions(
    found: LeakScan, roots: Mapping[str, Path], baseline: Path | None = None
) -> LeakScan:
    """The scan with everything set aside that a comment, an ignore file or a baseline lets stay.

    A repository's own files speak of places in that repository alone. A credential is demoted
    where every place of it is in doubt, or where `baseline`, the user's own, knows it. Applied
    twice it gives the same. Raises ConfigurationError for a baseline that can't be read.
    """
    marked = {name: _read_marks(root) for name, root in sorted(roots.items())}
    known = _read_known(baseline)
    needed = known or any(each.harmless for each in marked.values())
    secrets = known_secrets(reread_secrets(found.credentials, roots)) if needed else {}
    judged = [_suppress(each, baseline_names(each, secrets), marked) for each in found.credentials]
    listed = {mark for each in judged for mark in _suppressions(each)}
    if baseline and known:
        reason = f"known: it stands in the baseline {baseline.name}"
        named = {each.id for each in judged if baseline_names(each, secrets) & known}
        judged = [_set_aside(each, reason) if each.id in named else each for each in judged]
        listed |= {Suppression("baseline", name, reason) for name in named}
    listed |= set(found.suppressions)
    ordered = sorted(listed, key=lambda each: (each.credential, each.by, each.reason))
    return replace(found, credentials=tuple(judged), suppressions=tuple(ordered))


def _suppress(
    credential: Credential, names: frozenset[str], marked: Mapping[str, _RepositoryMarks]
) -> Credential:
    """The credential with what speaks against each of its places."""
    places = tuple(
        replace(each, doubt=each.doubt or _doubt(credential, each, names, marked))
        for each in credential.occurrences
    )
    judged = replace(credential, occurrences=places)
    doubts = sorted({each.doubt for each in places if each.doubt})
    if doubts and all(each.doubt for each in places):
        return _set_aside(judged, "; ".join(doubts))
    return judged


def _set_aside(credential: Credential, reason: str) -> Credential:
    return replace(credential, set_aside=credential.set_aside or reason)


def _doubt(
    credential: Credential,
    place: Occurrence,
    names: frozenset[str],
    marked: Mapping[str, _RepositoryMarks],
) -> str | None:
    said = marked.get(place.repository)
    if said:
        if any(
            each.covers(credential.kind, place) for each in said.fingerprints.get(place.line, ())
        ):
            return LISTED
        if names & said.harmless:
            return _LABELLED
    return path_doubt(place.path)


def _suppressions(credential: Credential) -> Iterator[Suppression]:
    """What people said of its places: once each, with the first place and how many there are."""
    places: defaultdict[str, list[Occurrence]] = defaultdict(list)
    for each in credential.occurrences:
        if each.doubt:
            places[each.doubt].append(each)
    for doubt, spots in places.items():
        by = next((name for words, name in _BY.items() if doubt.startswith(words)), None)
        if by:
            first, others = spots[0], len(spots) - 1
            more = f" and {others} more" if others else ""
            where = f"{first.repository}:{first.path}:{first.line}"
            yield Suppression(by, credential.id, f"{doubt} ({where}{more})")


def _read_marks(root: Path) -> _RepositoryMarks:
    """What lies at the root; a file that is missing or no such file says nothing."""
    by_line: defaultdict[int, list[IgnoreEntry]] = defaultdict(list)
    for each in read_ignore_file(_read_if_any(root / IGNORE_FILE)):
        by_line[each.line].append(each)
    try:
        labels = read_baseline(_read_if_any(root / BASELINE_FILE))
    except ValueError:
        labels = ()
    harmless = frozenset(each.sha1 for each in labels if each.is_secret is False)
    return _RepositoryMarks({line: tuple(found) for line, found in by_line.items()}, harmless)


def _read_if_any(path: Path) -> bytes:
    try:
        return read_untrusted(path, _LARGEST)
    except UnreadableFile:
        return b""


def _read_known(baseline: Path | None) -> frozenset[str]:
    """Every value that the user's baseline names, whatever it is labelled: it is no news."""
    if baseline is None or not baseline.exists():
        return frozenset()
    try:
        labels = read_baseline(read_untrusted(baseline.resolve(), _LARGEST))
    except (UnreadableFile, ValueError) as fault:
        reason = fault.reason if isinstance(fault, UnreadableFile) else str(fault)
        raise ConfigurationError(reason, where=str(baseline)) from None
    return frozenset(each.sha1 for each in labels)
