"""In: sources. Out: what was found in each and in every git directory below them.

Four steps, each on as many processes as are wanted: files, which lead to git directories; the
objects of these; the ranges of large files; the commits that introduced what the objects hold.
`scan` calls it; each work item goes to `sources.worker`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from analyzer.files import (
    OBJECTS,
    DirectoryEntry,
    EntryType,
    Skipped,
    UnreadableFile,
    printable_name,
)
from analyzer.forks import run_forked, usable_cpus
from analyzer.git.git_dir import find_repository_above
from analyzer.git.object_store import iter_unindexed_files
from analyzer.git.objects import UnreadableObject
from analyzer.leaks.attribution.introduced_by import Attribution, attribute_hits
from analyzer.leaks.exclusions import Exclusions, parse_exclusions
from analyzer.leaks.model import PlaceKind, ValueKey
from analyzer.leaks.narrowing import leave_out_copies, leave_out_messages, leave_out_paths
from analyzer.leaks.options import Progress, ScanOptions
from analyzer.leaks.results import CachedPacks, Outcome, SourceResult, load_packs, save_packs
from analyzer.leaks.sources.folders import scan_single_file
from analyzer.leaks.sources.git_fallback import retry_with_git
from analyzer.leaks.sources.missing_objects import missing_objects
from analyzer.leaks.sources.repository import open_repository, to_skipped
from analyzer.leaks.sources.work import (
    FileRange,
    FolderWork,
    ObjectsWork,
    PartialScan,
    Repository,
    SearchTerms,
    Source,
    WorkContext,
    split_folder,
)
from analyzer.leaks.sources.worker import run_item

_PART_OF_REPOSITORY = "this is a folder of the repository in {above}: scan that for its history"
_FEW_ITEMS = 12
"""Work items that are done before a second process would have begun."""
_IN_MESSAGES = frozenset(
    {PlaceKind.COMMIT_MESSAGE, PlaceKind.COMMIT_HEADER, PlaceKind.TAG_MESSAGE, PlaceKind.TAG_HEADER}
)

_Item = TypeVar("_Item", FolderWork, FileRange, ObjectsWork)


@dataclass(frozen=True, slots=True)
class _Schedule:
    """What is to be scanned, and how; nothing here changes while it is."""

    sources: tuple[Source, ...]
    terms: SearchTerms
    options: ScanOptions
    scratch_dir: Path

    @property
    def jobs(self) -> int:
        return self.options.jobs or usable_cpus()

    @property
    def exclusions(self) -> Exclusions:
        return parse_exclusions(self.options.exclude)


@dataclass(frozen=True, slots=True)
class _OpenedRepository:
    """A git directory that could be opened, what is found in it, and what the cache has of it."""

    repository: Repository
    result: SourceResult
    packs: CachedPacks


def scan_sources(
    sources: Sequence[Source], terms: SearchTerms, options: ScanOptions, scratch_dir: Path
) -> list[SourceResult]:
    """Scans everything in the sources.

    Gives a result for each source, in their order, then one for each git directory in them that is
    not a source itself; those that could not be opened come last. `scratch_dir` is a folder of our
    own, for as long as the scan takes.
    """
    schedule = _Schedule(tuple(sources), terms, options, scratch_dir)
    results = [SourceResult(source.name) for source in sources]
    folders = list(_queue_folders(schedule, results))
    git_dirs, progress = _scan_folders(schedule, results, folders)
    tried = [_open(schedule, results, *each) for each in git_dirs] if options.history else []
    opened = [each for each in tried if isinstance(each, _OpenedRepository)]
    items = [item for number, each in enumerate(opened) for item in _queue_objects(number, each)]
    progress = _scan_objects(schedule, opened, items, progress)
    _scan_ranges(schedule, [*results, *(each.result for each in opened)], progress)
    attributions = {each.result: _attribute(schedule, each) for each in opened}
    unopened = [each for each in tried if isinstance(each, SourceResult)]
    inner = [each for each in (*(one.result for one in opened), *unopened) if each not in results]
    messages: set[ValueKey] = set()
    for each in (*results, *inner):
        attribution = attributions.get(each, Attribution())
        leave_out_paths(each, schedule.exclusions, knows_paths=attribution.knows_paths)
        if each in attributions and not options.messages:
            messages |= leave_out_messages(each, attribution.note_commits)
    for each in (*results, *inner):
        leave_out_copies(each, frozenset(messages))
    return [*results, *inner]


def _report_progress(options: ScanOptions, progress: Progress) -> Progress:
    if options.on_progress and progress.total:
        options.on_progress(progress)
    return progress


def _queue_folders(schedule: _Schedule, results: Sequence[SourceResult]) -> Iterator[FolderWork]:
    """The work on the files of all sources; a source that is a single file is scanned at once."""
    for number, source in enumerate(schedule.sources):
        if source.root.is_file():
            path = str(source.root.resolve())
            entry = DirectoryEntry(path, source.name, EntryType.FILE, in_git=False)
            results[number].scan.add(scan_single_file(source.name, entry, schedule.terms))
        else:
            above = find_repository_above(source.root) if schedule.options.history else None
            if above:
                reason = _PART_OF_REPOSITORY.format(above=above)
                results[number].scan.skipped.append(Skipped("history", reason, is_gap=False))
            yield from split_folder(number, source.root, schedule.exclusions)


def _run(
    schedule: _Schedule,
    items: Sequence[_Item],
    repositories: Sequence[Repository],
    progress: Progress,
    few: int = _FEW_ITEMS,
) -> tuple[list[tuple[_Item, Outcome]], Progress]:
    """Each work item with its outcome, in the order of the items, whichever was done first.

    `progress` is how far the scan was before; how far it is then comes back.
    """
    history = schedule.options.history
    context = WorkContext(
        schedule.sources, repositories, schedule.terms, history, schedule.exclusions
    )
    jobs = schedule.jobs if len(items) > few else 1
    outcomes: dict[int, Outcome] = {}
    progress = progress._replace(total=progress.total + len(items))
    if items and progress.done:
        _report_progress(schedule.options, progress)
    for number, outcome in run_forked(partial(run_item, context), items, jobs):
        outcomes[number] = outcome
        progress = _report_progress(schedule.options, _advance(progress, outcome))
    return [(item, outcomes[number]) for number, item in enumerate(items)], progress


def _advance(progress: Progress, outcome: Outcome) -> Progress:
    objects, size = (outcome.objects, outcome.size) if isinstance(outcome, PartialScan) else (0, 0)
    return progress._replace(
        done=progress.done + 1, objects=progress.objects + objects, size=progress.size + size
    )


def _scan_folders(
    schedule: _Schedule, results: Sequence[SourceResult], items: Sequence[FolderWork]
) -> tuple[list[tuple[int, Path, str]], Progress]:
    """Scans files; gives the git directories among them, by the number of the source and path.

    Also how far the scan is then.
    """
    git_dirs: set[tuple[int, Path, str]] = set()
    outcomes, progress = _run(schedule, items, (), Progress())
    for item, outcome in outcomes:
        results[item.source].add(outcome, item.prefix or ".")
        if isinstance(outcome, PartialScan):
            git_dirs |= {(item.source, path, name) for path, name in outcome.git_dirs}
    return sorted(git_dirs), progress


def _open(
    schedule: _Schedule, results: Sequence[SourceResult], number: int, path: Path, name: str
) -> _OpenedRepository | SourceResult:
    """Opens a git directory of a source; gives only a result, with the reason, where it can't.

    Files among its objects that are in no pack are scanned at once.
    """
    source = schedule.sources[number]
    work_tree = name.removesuffix(".git").rstrip("/")
    result = (
        SourceResult(f"{source.name}/{work_tree}", folder=work_tree)
        if work_tree
        else results[number]
    )
    try:
        repository, skipped = open_repository(
            number, result.name, path, source.root, schedule.scratch_dir
        )
    except (UnreadableFile, OSError) as fault:
        reason = (
            fault.reason if isinstance(fault, UnreadableFile) else os.strerror(fault.errno or 0)
        )
        result.scan.skipped.append(Skipped("history", f"can't be opened: {reason}"))
        return result
    result.scan.skipped += skipped
    without_plugins = replace(schedule.terms, plugins=None)
    for each in iter_unindexed_files(repository.store, path / OBJECTS):
        if isinstance(each, UnreadableObject):
            result.scan.skipped.append(to_skipped(each))
            continue
        shown = "/".join(filter(None, (name, OBJECTS, printable_name(each))))
        file = os.fspath(path / OBJECTS / each)
        entry = DirectoryEntry(file, shown, EntryType.FILE, in_git=True)
        result.scan.add(scan_single_file(source.name, entry, without_plugins))
    packs = load_packs(repository, schedule.options)
    for scan in packs.scans.values():
        result.scan.add(scan)
    return _OpenedRepository(repository, result, packs)


def _queue_objects(number: int, opened: _OpenedRepository) -> Iterator[ObjectsWork]:
    """The work on a repository's objects, but for packs whose result the cache has."""
    for work_range in opened.repository.store.work_ranges():
        if work_range.part not in opened.packs.scans:
            yield ObjectsWork(number, work_range)


def _scan_objects(
    schedule: _Schedule,
    opened: Sequence[_OpenedRepository],
    items: Sequence[ObjectsWork],
    progress: Progress,
) -> Progress:
    repositories = [each.repository for each in opened]
    outcomes, progress = _run(schedule, items, repositories, progress)
    for item, outcome in outcomes:
        opened[item.repository].result.add(outcome, "some objects")
    if schedule.options.cache is not None:
        save_packs(schedule.options.cache, [each.packs for each in opened], outcomes)
    return progress


def _scan_ranges(schedule: _Schedule, results: Sequence[SourceResult], progress: Progress) -> None:
    """Scans the large files of all results, which were left for several processes to share."""
    owners = [result for result in dict.fromkeys(results) for _ in result.scan.ranges]
    items = [item for result in dict.fromkeys(results) for item in result.scan.ranges]
    outcomes, _ = _run(schedule, items, (), progress, few=1)
    for result, (item, outcome) in zip(owners, outcomes, strict=True):
        result.add(outcome, f"{item.place.path} from line {item.line}")
    for result in owners:
        # Ranges overlap, and what is in two of them was found twice.
        result.scan.sightings = [*dict.fromkeys(result.scan.sightings)]
        result.scan.ranges.clear()


def _attribute(schedule: _Schedule, opened: _OpenedRepository) -> Attribution:
    """Replaces a repository's hits by sightings, each with the commit that introduced it.

    Adds what git can still read of unreadable objects, and what the repository lacks.
    """
    repository, scan = opened.repository, opened.result.scan
    seconds = schedule.options.git_seconds
    if scan.unreadable:
        scan.add(retry_with_git(repository, schedule.terms, scan.unreadable, seconds))
    scan.skipped += missing_objects(repository, frozenset(scan.missing))
    in_messages = [each for each in scan.sightings if each.occurrence.where in _IN_MESSAGES]
    if not scan.hits and not in_messages:
        return Attribution()
    placed = attribute_hits(repository, scan.hits, in_messages, schedule.jobs, seconds)
    others = [each for each in scan.sightings if each.occurrence.where not in _IN_MESSAGES]
    scan.sightings = [*others, *placed.sightings]
    scan.skipped += placed.skipped
    return placed
