"""In: paths of repositories, folders and files. Out: one LeakScan over all of them.

Nothing is written below the paths, nothing there is run, and no network is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from analyzer.leaks.model import (
    Credential,
    CredentialKind,
    LeakScan,
    Occurrence,
    PlaceKind,
    place_sightings,
)
from analyzer.leaks.options import STANDARD_INPUT, Detectors, ScanOptions, display_names
from analyzer.leaks.results import SourceResult
from analyzer.leaks.scheduler import scan_indexes, scan_sources
from analyzer.leaks.sources.content import scan_content
from analyzer.leaks.sources.work import PartialScan, SearchTerms, Source

_PLAIN_ONLY = Skipped(
    "messages, names, archives, and encoded texts",
    "the plugins of detect-secrets look at plain files and blobs; our detectors look at all",
    is_gap=False,
)
_ACCOUNT_BESIDE = frozenset({CredentialKind.REGISTRY_TOKEN, CredentialKind.CONSOLE_PASSWORD})
"""Credentials that do not have their account in them: it is that of a host or a link near them."""


def scan(paths: Iterable[Path], options: ScanOptions | None = None) -> LeakScan:
    """Every credential in files and in git objects, once each, whether or not a ref leads there.

    The order of the paths makes no difference. Raises EvidenceError, before anything is read, for
    a path that is neither a file nor a folder, and ConfigurationError for a baseline that can't be
    read. Whatever else can't be read is in the coverage.
    """
    options = options or ScanOptions()
    names = display_names(paths)
    for root in names:
        _require_existing(root)
    results = _scan_roots(names, options)
    placed = drop_work_tree_copies([each for result in results for each in result.scan.sightings])
    leaks = LeakScan(
        merge_sightings(placed),
        tuple(result.coverage() for result in results),
        unique_ids=merge_unique_ids(placed),
    )
    if not leaks.credentials and options.baseline is None:
        return leaks
    from analyzer.leaks.suppression.apply import apply_suppressions
    from analyzer.leaks.suppression.redact import redact

    leaks = replace(leaks, credentials=tuple(_set_accounts_aside(leaks.credentials, options)))
    roots = {name: root for root, name in names.items()}
    return redact(apply_suppressions(leaks, roots, options.baseline))


def _scan_roots(names: dict[Path, str], options: ScanOptions) -> Sequence[SourceResult]:
    """The result of each path in their order, then of each further git directory, then of a pipe.

    What was unpacked for it is gone afterwards.
    """
    with ExitStack() as stack:
        unpacked = {root: stack.enter_context(_unpack_root(root, options)) for root in names}
        sources = [Source(name, unpacked[root][0]) for root, name in names.items()]
        scratch_dir = Path(stack.enter_context(TemporaryDirectory(prefix="credaudit-")))
        terms = stack.enter_context(_search_terms(options))
        scan_all = scan_indexes if options.staged else scan_sources
        results = scan_all(sources, terms, options, scratch_dir)
        if options.standard_input is not None:
            results.append(_scan_standard_input(options.standard_input, terms))
    for result, (_, skipped) in zip(results, unpacked.values(), strict=False):
        result.scan.skipped += skipped
    for result in results if terms.plugins else ():
        result.scan.skipped.append(_PLAIN_ONLY)
    return results


def _unpack_root(
    root: Path, options: ScanOptions
) -> AbstractContextManager[tuple[Path, tuple[Skipped, ...]]]:
    """The folder to scan for a path, and what of a bundle or an archive could not be unpacked."""
    if options.staged or not root.is_file():  # An archive has no index to commit from.
        return nullcontext((root, ()))
    from analyzer.leaks.sources.unpack import unpack

    return unpack(root)


@contextmanager
def _search_terms(options: ScanOptions) -> Iterator[SearchTerms]:
    """Loads the plugins of detect-secrets only if wanted: their import takes longer than a scan."""
    unique_ids = frozenset(each.encode() for each in options.unique_ids)
    if options.detectors is Detectors.AWS:
        yield SearchTerms(None, unique_ids)
        return
    from analyzer.leaks.detect_secrets import load_plugins  # slow to load

    with load_plugins() as plugins:
        yield SearchTerms(plugins, unique_ids)


def _set_accounts_aside(
    credentials: Iterable[Credential], options: ScanOptions
) -> Iterator[Credential]:
    """The credentials, those of decoys and of documentation's accounts set aside.

    An account that only stands beside a token is no reason: people write one from documentation
    there to hide their own.
    """
    for each in credentials:
        reason = None
        if each.account in options.decoys:
            reason = f"a decoy: account {each.account} was named as one whose keys are traps"
        elif each.account in options.examples and each.kind not in _ACCOUNT_BESIDE:
            reason = f"an example: account {each.account} is one of documentation, and nobody's"
        yield replace(each, set_aside=each.set_aside or reason)


def _scan_standard_input(data: bytes, terms: SearchTerms) -> SourceResult:
    """The result for what came through a pipe, as for one file."""
    result = scan_content(terms, STANDARD_INPUT, data)
    place = Occurrence(STANDARD_INPUT, "", 0, PlaceKind.STANDARD_INPUT)
    skipped = [replace(each, what=each.what or STANDARD_INPUT) for each in result.skipped]
    scan = PartialScan(
        sightings=[*place_sightings(result.sightings, place)],
        skipped=skipped,
        objects=1,
        size=len(data),
        containers=result.containers,
    )
    return SourceResult(STANDARD_INPUT, scan)


def _require_existing(root: Path) -> None:
    """Raises EvidenceError unless the path is a file or a folder."""
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
