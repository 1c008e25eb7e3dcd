"""In: paths of repositories, folders and files. Out: one LeakScan over all of them.

Nothing is written below the paths, nothing there is run, and no network is used.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path

from analyzer.errors import EvidenceError
from analyzer.files import Skipped, path_fault, printable_name
from analyzer.leaks.attribution.merge import (
    drop_work_tree_copies,
    merge_sightings,
    merge_unique_ids,
)
from analyzer.leaks.exclusions import Exclusions, LeftOut, describe_unmet, parse_exclusions
from analyzer.leaks.model import Credential, CredentialKind, LeakScan
from analyzer.leaks.narrowing import leave_out_messages, leave_out_paths
from analyzer.leaks.options import STANDARD_INPUT, Detectors, ScanOptions, display_names
from analyzer.leaks.part_scans import scan_indexes, scan_messages, scan_ranges
from analyzer.leaks.results import SourceResult
from analyzer.leaks.scheduler import scan_sources
from analyzer.leaks.sources.work import MakeFolder, PartialScan, SearchTerms, Source

_PLAIN_ONLY = Skipped(
    "messages, names, archives, and encoded texts",
    "the plugins of detect-secrets look at plain files and blobs; our detectors look at all",
    is_gap=False,
)
_ACCOUNT_BESIDE = frozenset({CredentialKind.REGISTRY_TOKEN, CredentialKind.CONSOLE_PASSWORD})
"""Credentials that do not have their account in them: it is that of a host or a link near them."""


_NAME_ANOTHER = "Name a repository, a folder or a file that exists"


def scan(paths: Iterable[Path], options: ScanOptions | None = None) -> LeakScan:
    """Every credential in files and in git objects, once each, whether or not a ref leads there.

    The order of the paths makes no difference. Raises EvidenceError, before anything is read, for
    a path that is neither a file nor a folder, and ConfigurationError for a baseline that can't be
    read. Whatever else can't be read is in the coverage.
    """
    options = options or ScanOptions()
    roots = set(paths)
    for root in sorted(roots):
        _require_readable(root)
    if options.staged and any(root.is_dir() for root in roots):
        options = replace(options, named_files=tuple(sorted(r for r in roots if not r.is_dir())))
        roots -= set(options.named_files)
    names = display_names(roots)
    exclusions = parse_exclusions(options.exclude)
    results = _scan_roots(names, options, exclusions)
    met = {pattern for result in results for pattern, _ in result.scan.left_out}
    for result in results[:1]:
        result.scan.skipped += describe_unmet(exclusions, met)
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
    places = {name: root for root, name in names.items()}
    return redact(apply_suppressions(leaks, places, options.baseline))


def _scan_roots(
    names: dict[Path, str], options: ScanOptions, exclusions: Exclusions
) -> Sequence[SourceResult]:
    """The result of each path in their order, then of each further git directory, then of a pipe.

    Named files that are left out come behind the other paths. What was unpacked is gone afterwards.
    """
    left_out = {
        root: pattern
        for root in names
        if root.is_file() and (pattern := exclusions.match(_path_from_here(root)))
    }
    skipped_files = [
        SourceResult(
            names[root], PartialScan(left_out=Counter([(pattern, LeftOut.FILE)])), is_left_out=True
        )
        for root, pattern in left_out.items()
    ]
    names = {root: name for root, name in names.items() if root not in left_out}
    with ExitStack() as stack:
        unpacked = {root: stack.enter_context(_unpack_root(root, options)) for root in names}
        sources = [
            Source(name, unpacked[root][0], is_unpacked=unpacked[root][0] != root)
            for root, name in names.items()
        ]
        scratch = stack.enter_context(_scratch_folder())
        terms = stack.enter_context(_search_terms(options))
        scan_all = _scan_function(options)
        results = scan_all(sources, terms, options, scratch)
        if options.standard_input is not None:
            results.append(_scan_standard_input(options, options.standard_input, terms))
    for result, (_, skipped) in zip(results, unpacked.values(), strict=False):
        result.scan.skipped += skipped
    results[len(names) : len(names)] = skipped_files
    for result in results if terms.plugins else ():
        result.scan.skipped.append(_PLAIN_ONLY)
    return results


@contextmanager
def _scratch_folder() -> Iterator[MakeFolder]:
    """What makes a folder of our own when it is first called; afterwards that is gone."""
    with ExitStack() as stack:

        @cache
        def make() -> Path:
            from tempfile import TemporaryDirectory  # hardly a scan needs it

            return Path(stack.enter_context(TemporaryDirectory(prefix="credaudit-")))

        yield make


def _scan_function(options: ScanOptions) -> Callable[..., list[SourceResult]]:
    if options.commit_message:
        return scan_messages
    if options.since is not None or options.pushed is not None:
        return scan_ranges
    return scan_indexes if options.staged else scan_sources


def _unpack_root(
    root: Path, options: ScanOptions
) -> AbstractContextManager[tuple[Path, tuple[Skipped, ...]]]:
    """The folder to scan for a path, and what of a bundle or an archive could not be unpacked."""
    if (
        options.staged or options.commit_message or not root.is_file()
    ):  # An archive has no index to commit from.
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
            reason = f"an example: account {each.account} is one of documentation or of an emulator"
        yield replace(each, set_aside=each.set_aside or reason)


def _scan_standard_input(options: ScanOptions, data: bytes, terms: SearchTerms) -> SourceResult:
    """The result for what came through a pipe, without what is to be left out of it."""
    from analyzer.leaks.sources.standard_input import scan_standard_input

    result = SourceResult(STANDARD_INPUT, scan_standard_input(data, terms))
    leave_out_paths(result, parse_exclusions(options.exclude), knows_paths=True)
    if not options.messages:
        leave_out_messages(result, frozenset())
    return result


def _path_from_here(root: Path) -> str:
    """The path of a file that was named: from the current folder, or only its name."""
    here, path = Path.cwd(), Path(os.path.abspath(root))  # noqa: PTH100 - no link is followed
    return printable_name(str(path.relative_to(here) if path.is_relative_to(here) else path.name))


def _require_readable(root: Path) -> None:
    """Raises EvidenceError, which says what stands there, unless it is a file or a folder."""
    if fault := path_fault(root):
        raise EvidenceError(fault, where=printable_name(str(root)), remedy=_NAME_ANOTHER)
