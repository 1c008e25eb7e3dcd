"""In: paths of repositories, folders and files. Out: one LeakScan over all of them.

Nothing is written below the paths, nothing there is run, and no network is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.errors import EvidenceError
from analyzer.files import Skipped
from analyzer.leaks.attribution.merge import (
    drop_work_tree_copies,
    merge_sightings,
    merge_unique_ids,
)
from analyzer.leaks.model import Credential, LeakScan, Occurrence, PlaceKind, place_sightings
from analyzer.leaks.options import STANDARD_INPUT, Detectors, ScanOptions, display_names
from analyzer.leaks.scheduler import Scheduler, SourceResult
from analyzer.leaks.sources.content import SearchTerms, scan_content
from analyzer.leaks.sources.work import PartialScan, Source

_PLAIN_ONLY = Skipped(
    "messages, names, archives, and texts in a coat",
    "the plugins of detect-secrets look at plain files and blobs; our detectors look at all",
    is_gap=False,
)


def scan(paths: Iterable[Path], options: ScanOptions | None = None) -> LeakScan:
    """Every credential in files and in git's objects, one entry each, whoever still refers to them.

    The order of the paths makes no difference. Raises EvidenceError, before anything is read, for
    a path that is neither a file nor a folder; what can't be read later is in the coverage.
    """
    options = options or ScanOptions()
    names = display_names(paths)
    for root in names:
        _must_exist(root)
    with ExitStack() as lasting:
        unpacked = {root: lasting.enter_context(_unpack_root(root, options)) for root in names}
        sources = [Source(name, unpacked[root][0]) for root, name in names.items()]
        room = Path(lasting.enter_context(TemporaryDirectory(prefix="credaudit-")))
        terms = lasting.enter_context(_search_terms(options))
        rounds = Scheduler(sources, options, room, terms)
        taken = rounds.run_staged() if options.staged else rounds.run()
        if options.standard_input is not None:
            taken.append(_scan_standard_input(options.standard_input, terms))
    for each, (_, skipped) in zip(taken, unpacked.values(), strict=False):
        each.scan.skipped += skipped
    for each in taken if terms.plugins else ():
        each.scan.skipped.append(_PLAIN_ONLY)
    spots = drop_work_tree_copies([spot for each in taken for spot in each.scan.sightings])
    found = LeakScan(
        merge_sightings(spots),
        tuple(each.coverage() for each in taken),
        unique_ids=merge_unique_ids(spots),
    )
    if not found.credentials and options.baseline is None:
        return found
    from analyzer.leaks.suppression.apply import apply_suppressions
    from analyzer.leaks.suppression.redact import redact

    found = replace(found, credentials=tuple(_put_together(found.credentials, options.decoys)))
    roots = {name: root for root, name in names.items()}
    return redact(apply_suppressions(found, roots, options.baseline))


def _unpack_root(
    root: Path, options: ScanOptions
) -> AbstractContextManager[tuple[Path, tuple[Skipped, ...]]]:
    """Where to read, and what of a bundle or an archive could not be unpacked."""
    if options.staged or not root.is_file():  # Nobody commits in an archive.
        return nullcontext((root, ()))
    from analyzer.leaks.sources.unpack import unpacked

    return unpacked(root)


@contextmanager
def _search_terms(options: ScanOptions) -> Iterator[SearchTerms]:
    """With the plugins of detect-secrets only if wanted: their import takes longer than a scan."""
    unique_ids = frozenset(each.encode() for each in options.unique_ids)
    if options.detectors is Detectors.AWS:
        yield SearchTerms(None, unique_ids)
        return
    from analyzer.leaks.detect_secrets import load_plugins  # slow to load

    with load_plugins() as others:
        yield SearchTerms(others, unique_ids)


def _put_together(found: Iterable[Credential], decoys: frozenset[str]) -> Iterator[Credential]:
    """The credentials, with those of the accounts named set aside."""
    for each in found:
        reason = f"a decoy: account {each.account} was named as one whose keys are traps"
        is_decoy = each.account in decoys and each.set_aside is None
        yield replace(each, set_aside=reason) if is_decoy else each


def _scan_standard_input(data: bytes, terms: SearchTerms) -> SourceResult:
    """What came through a pipe, looked at as one file."""
    found = scan_content(terms, STANDARD_INPUT, data)
    place = Occurrence(STANDARD_INPUT, "", 0, PlaceKind.STANDARD_INPUT)
    skipped = [replace(each, what=each.what or STANDARD_INPUT) for each in found.skipped]
    read = PartialScan(
        sightings=[*place_sightings(found.sightings, place)],
        skipped=skipped,
        objects=1,
        size=len(data),
        containers=found.containers,
    )
    return SourceResult(STANDARD_INPUT, read)


def _must_exist(root: Path) -> None:
    try:
        if root.is_dir() or root.is_file():
            return
    except OSError:
        pass
    raise EvidenceError(
        "there is no such file or folder",
        where=str(root),
        remedy="Name a repository, a folder or a file that exists",
    )
