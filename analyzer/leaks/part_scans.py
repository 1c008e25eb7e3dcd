"""In: sources, and the one part of them that the caller asked for. Out: what was found in it.

The part is the index, what commits or a push bring in, or a message; `scheduler` scans the whole.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from analyzer.files import Skipped, UnreadableFile
from analyzer.forks import usable_cpus
from analyzer.leaks.exclusions import parse_exclusions
from analyzer.leaks.narrowing import leave_out_messages, leave_out_paths
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.results import SourceResult
from analyzer.leaks.sources.work import MakeFolder, PartialScan, SearchTerms, Source


def scan_indexes(
    sources: Sequence[Source], terms: SearchTerms, options: ScanOptions, scratch: MakeFolder
) -> list[SourceResult]:
    """Scans only what the index of each source holds and its HEAD does not; one result each."""
    from analyzer.leaks.sources.staged import scan_staged

    results = [SourceResult(source.name) for source in sources]
    for source, result in zip(sources, results, strict=True):
        try:
            staged = scan_staged(source.name, source.root, options, scratch, terms)
        except UnreadableFile as fault:
            result.scan.skipped.append(Skipped("index", fault.reason, fault.size))
        except OSError as fault:
            result.scan.skipped.append(Skipped("index", os.strerror(fault.errno or 0)))
        else:
            result.scan.add(staged)
        leave_out_paths(result, parse_exclusions(options.exclude), knows_paths=True)
    return results


def scan_ranges(
    sources: Sequence[Source],
    terms: SearchTerms,
    options: ScanOptions,
    scratch: MakeFolder,  # noqa: ARG001 - as for the other two
) -> list[SourceResult]:
    """Scans only what commits of each source brought in, or a push is about to; one result each.

    Raises ConfigurationError for a source without a repository, and for an unknown revision.
    """
    from analyzer.leaks.sources.commit_range import scan_pushed, scan_since

    scan_range = scan_since if options.pushed is None else scan_pushed
    jobs = options.jobs or usable_cpus()
    results = []
    for source in sources:
        try:
            scan = scan_range(source, options, terms, jobs)
        except UnreadableFile as fault:
            scan = PartialScan(skipped=[Skipped("history", fault.reason)])
        results.append(SourceResult(source.name, scan))
    for each in results:
        leave_out_paths(each, parse_exclusions(options.exclude), knows_paths=True)
        if not options.messages:
            leave_out_messages(each, frozenset())
    return results


def scan_messages(
    sources: Sequence[Source], terms: SearchTerms, _options: ScanOptions, _scratch: MakeFolder
) -> list[SourceResult]:
    """Scans each source, a file, as the message of a commit; one result each."""
    from analyzer.leaks.sources.commit_message import scan_commit_message

    results = []
    for source in sources:
        try:
            scan = scan_commit_message(source.name, source.root, terms)
        except UnreadableFile as fault:
            scan = PartialScan(skipped=[Skipped("message", fault.reason, fault.size)])
        results.append(SourceResult(source.name, scan))
    return results
