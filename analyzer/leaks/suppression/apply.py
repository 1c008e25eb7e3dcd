"""In: a scan, and what people marked as known or harmless. Out: the scan with that set aside.

Nothing is removed: what is allowed to stay keeps its entry, with the reason, and is listed among
the suppressions. `scan` calls it once credentials are merged.
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
_FALSE_ALARM = f"labelled a false alarm in {BASELINE_FILE}"
_SUPPRESSED_BY = {ALLOWED: "comment", LISTED: IGNORE_FILE, _FALSE_ALARM: BASELINE_FILE}
"""The beginning of a doubt that people stated, and where they did."""
_LARGEST = 16 * 1024 * 1024
"""Bytes of the largest ignore file or baseline; they are read whole."""


@dataclass(frozen=True, slots=True)
class _RepositoryMarks:
    """What the files at the root of a repository allow: places, by line, and SHA-1 of values."""

    ignored: Mapping[int, tuple[IgnoreEntry, ...]]
    harmless: frozenset[str]


_NO_MARKS = _RepositoryMarks({}, frozenset())


def apply_suppressions(
    leaks: LeakScan, roots: Mapping[str, Path], baseline: Path | None = None
) -> LeakScan:
    """The scan with everything set aside that a comment, an ignore file or a baseline allows.

    A repository's own files count for places in that repository alone; `roots` are the folders of
    the repositories, by name. A credential is set aside where there is a doubt about each of its
    places, or where `baseline`, the user's own, has it. Applied twice it gives the same. Raises
    ConfigurationError for a baseline that can't be read.
    """
    marks = {name: _read_marks(root) for name, root in sorted(roots.items())}
    known = _read_known(baseline)
    is_needed = known or any(each.harmless for each in marks.values())
    secrets = known_secrets(reread_secrets(leaks.credentials, roots)) if is_needed else {}
    credentials = [
        _suppress(each, baseline_names(each, secrets), marks) for each in leaks.credentials
    ]
    suppressions = {each for credential in credentials for each in _suppressions(credential)}
    if baseline and known:
        reason = f"known: it stands in the baseline {baseline.name}"
        in_baseline = {each.id for each in credentials if baseline_names(each, secrets) & known}
        credentials = [
            _set_aside(each, reason) if each.id in in_baseline else each for each in credentials
        ]
        suppressions |= {Suppression("baseline", each, reason) for each in in_baseline}
    suppressions |= set(leaks.suppressions)
    ordered = sorted(suppressions, key=lambda each: (each.credential, each.by, each.reason))
    return replace(leaks, credentials=tuple(credentials), suppressions=tuple(ordered))


def _suppress(
    credential: Credential, names: frozenset[str], marks: Mapping[str, _RepositoryMarks]
) -> Credential:
    """The credential with a doubt at each place that has one, set aside if all have.

    `names` are those under which a baseline may have the credential.
    """
    places = tuple(
        replace(
            each,
            doubt=each.doubt
            or _doubt(credential, each, names, marks.get(each.repository, _NO_MARKS)),
        )
        for each in credential.occurrences
    )
    marked = replace(credential, occurrences=places)
    doubts = sorted({each.doubt for each in places if each.doubt})
    if doubts and all(each.doubt for each in places):
        return _set_aside(marked, "; ".join(doubts))
    return marked


def _set_aside(credential: Credential, reason: str) -> Credential:
    """The credential set aside for that reason, unless it is for another one already."""
    return replace(credential, set_aside=credential.set_aside or reason)


def _doubt(
    credential: Credential, place: Occurrence, names: frozenset[str], marks: _RepositoryMarks
) -> str | None:
    """The reason against one place of a credential; None for most."""
    if any(each.covers(credential.kind, place) for each in marks.ignored.get(place.line, ())):
        return LISTED
    if names & marks.harmless:
        return _FALSE_ALARM
    return path_doubt(place.path)


def _suppressions(credential: Credential) -> Iterator[Suppression]:
    """What people stated about its places: each doubt once, with its first place and the number."""
    places: defaultdict[str, list[Occurrence]] = defaultdict(list)
    for each in credential.occurrences:
        if each.doubt:
            places[each.doubt].append(each)
    for doubt, doubted in places.items():
        by = next((name for start, name in _SUPPRESSED_BY.items() if doubt.startswith(start)), None)
        if by:
            first, others = doubted[0], len(doubted) - 1
            more = f" and {others} more" if others else ""
            where = f"{first.repository}:{first.path}:{first.line}"
            yield Suppression(by, credential.id, f"{doubt} ({where}{more})")


def _read_marks(root: Path) -> _RepositoryMarks:
    """The ignore file and the baseline of a repository; one that can't be read allows nothing."""
    by_line: defaultdict[int, list[IgnoreEntry]] = defaultdict(list)
    for each in read_ignore_file(_read_if_any(root / IGNORE_FILE), root):
        by_line[each.line].append(each)
    try:
        entries = read_baseline(_read_if_any(root / BASELINE_FILE))
    except ValueError:
        entries = ()
    harmless = frozenset(each.sha1 for each in entries if each.is_secret is False)
    return _RepositoryMarks({line: tuple(each) for line, each in by_line.items()}, harmless)


def _read_if_any(path: Path) -> bytes:
    try:
        return read_untrusted(path, _LARGEST)
    except UnreadableFile:
        return b""


def _read_known(baseline: Path | None) -> frozenset[str]:
    """The SHA-1 of every value in the user's baseline, whatever its label: all are known.

    A baseline that does not exist yet knows none. Raises ConfigurationError if it can't be read.
    """
    if baseline is None or not baseline.exists():
        return frozenset()
    try:
        entries = read_baseline(read_untrusted(baseline.resolve(), _LARGEST))
    except (UnreadableFile, ValueError) as fault:
        reason = fault.reason if isinstance(fault, UnreadableFile) else str(fault)
        raise ConfigurationError(reason, where=str(baseline)) from None
    return frozenset(each.sha1 for each in entries)
