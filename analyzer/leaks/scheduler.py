"""In: sources. Out: what was found in each and in every git directory below them.

Four steps, each on as many processes as are wanted: files, which lead to git directories; the
objects of these; the ranges of large files; the commits that introduced what the objects hold.
`scan` calls it; each work item goes to `sources.worker`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
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
from analyzer.forks import WorkerLost, run_forked, usable_cpus
from analyzer.git.elsewhere import find_repository_above
from analyzer.git.object_store import iter_unindexed_files
from analyzer.git.objects import UnreadableObject
from analyzer.leaks.attribution.introduced_by import Attribution
from analyzer.leaks.budgets import list_uncovered, queue_uncovered, with_allowances
from analyzer.leaks.completion import attribute, list_never_fetched, retry_unreadable
from analyzer.leaks.exclusions import Exclusions, parse_exclusions
from analyzer.leaks.model import ValueKey
from analyzer.leaks.narrowing import (
    leave_out_copies,
    leave_out_messages,
    leave_out_paths,
    leave_out_unread,
)
from analyzer.leaks.options import Progress, ScanOptions
from analyzer.leaks.results import OpenedRepository, Outcome, SourceResult, load_packs, save_packs
from analyzer.leaks.sources.folders import scan_single_file
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
    split_further,
)
from analyzer.leaks.sources.worker import run_item

_PART_OF_REPOSITORY = "this is a folder of the repository in {above}: scan that for its history"
_FEW_ITEMS = 12
"""Work items that are done before a second process would have begun."""
_MOST_PASSES = 4
"""How often a store's objects are gone over, as long as its budget lasts."""

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
    opened = [each for each in tried if isinstance(each, OpenedRepository)]
    items = [item for number, each in enumerate(opened) for item in _queue_objects(number, each)]
    left, progress = _scan_objects(schedule, opened, items, progress)
    _scan_ranges(schedule, [*results, *(each.result for each in opened)], progress)
    attributions: dict[SourceResult, Attribution] = {}
    for each, allowance in zip(opened, left, strict=True):
        retry_unreadable(each, schedule.terms, options.git_seconds, allowance)
        attributions[each.result] = attribute(
            each, schedule.jobs, options.git_seconds, is_narrowed=bool(options.exclude)
        )
    paths = [path for _, path, _ in git_dirs]
    list_never_fetched(results, opened, paths, schedule.exclusions)
    unopened = [each for each in tried if isinstance(each, SourceResult)]
    inner = [each for each in (*(one.result for one in opened), *unopened) if each not in results]
    _leave_out(schedule, [*results, *inner], attributions)
    return [*results, *inner]


def _leave_out(
    schedule: _Schedule,
    results: Sequence[SourceResult],
    attributions: Mapping[SourceResult, Attribution],
) -> None:
    """Takes what the caller asked to leave out from the results."""
    messages: set[ValueKey] = set()
    for each in results:
        attribution = attributions.get(each, Attribution())
        leave_out_paths(each, schedule.exclusions, knows_paths=attribution.knows_paths)
        if attribution.knows_paths:
            leave_out_unread(each, schedule.exclusions, attribution.paths)
        if each in attributions and not schedule.options.messages:
            messages |= leave_out_messages(each, attribution.note_commits)
    for each in results:
        leave_out_copies(each, frozenset(messages))


def _report_progress(options: ScanOptions, progress: Progress) -> Progress:
    if options.on_progress and progress.total:
        options.on_progress(progress)
    return progress


def _queue_folders(schedule: _Schedule, results: Sequence[SourceResult]) -> Iterator[FolderWork]:
    """The work on the files of all sources; a source that is a single file is scanned at once."""
    given = [each.root for each in schedule.sources]
    for number, source in enumerate(schedule.sources):
        if source.root.is_file():
            path = str(source.root.resolve())
            entry = DirectoryEntry(path, source.name, EntryType.FILE, in_git=False)
            results[number].scan.add(scan_single_file(source.name, entry, schedule.terms))
        else:
            if schedule.options.history and (above := find_repository_above(source.root, given)):
                reason = _PART_OF_REPOSITORY.format(above=above)
                results[number].scan.skipped.append(Skipped("history", reason, is_gap=False))
            yield from split_folder(number, source.root, schedule.exclusions)


def _run(  # noqa: PLR0913 - what is to be done, and how
    schedule: _Schedule,
    items: Sequence[_Item],
    repositories: Sequence[Repository],
    progress: Progress,
    *,
    few: int = _FEW_ITEMS,
    is_risky: bool = False,
) -> tuple[list[tuple[_Item, Outcome]], Progress]:
    """Each work item with its outcome, in the order of the items, whichever was done first.

    `progress` is how far the scan was before; how far it is then comes back.
    """
    history = schedule.options.history
    context = WorkContext(
        schedule.sources, repositories, schedule.terms, history, schedule.exclusions
    )
    jobs = schedule.jobs if len(items) > few else 1
    is_risky |= any(each.store.is_mapped for each in repositories)
    outcomes: dict[int, Outcome] = {}
    progress = progress._replace(total=progress.total + len(items))
    if items and progress.done:
        _report_progress(schedule.options, progress)
    work = partial(run_item, context)
    for number, outcome in run_forked(work, items, jobs, is_risky=is_risky):
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
    waiting, has_lost, progress = [*items], False, Progress()
    while waiting:
        outcomes, progress = _run(schedule, waiting, (), progress, is_risky=has_lost)
        waiting = []
        for item, outcome in outcomes:
            if isinstance(outcome, WorkerLost) and outcome.signal:
                has_lost = True
                root = schedule.sources[item.source].root
                if parts := [*split_further(item, root, schedule.exclusions)]:
                    waiting += parts
                    continue
            results[item.source].add(outcome, item.name)
            if isinstance(outcome, PartialScan):
                git_dirs |= {(item.source, path, name) for path, name in outcome.git_dirs}
    return sorted(git_dirs), progress


def _find_sharers(results: Sequence[SourceResult], git_dir: Path) -> tuple[Path, ...]:
    """The git directories in all sources whose objects are a link to those of this one."""
    store = (git_dir / OBJECTS).resolve()
    linked = (each for result in results for each in result.scan.linked_stores)
    return tuple(sorted({sharer for sharer, target in linked if target == store}))


def _open(
    schedule: _Schedule, results: Sequence[SourceResult], number: int, path: Path, name: str
) -> OpenedRepository | SourceResult:
    """Opens a git directory of a source; gives only a result, with the reason, where it can't.

    Files among its objects that are in no pack are scanned at once.
    """
    source = schedule.sources[number]
    # A bare repository is its own folder: `x.git` may stand beside `x`.
    work_tree = "" if name == ".git" else name.removesuffix("/.git")
    result = (
        SourceResult(f"{source.name}/{work_tree}", folder=work_tree)
        if work_tree
        else results[number]
    )
    sharers = _find_sharers(results, path)
    try:
        repository, skipped = open_repository(
            number, result.name, path, source.root, schedule.scratch_dir, sharers
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
    return OpenedRepository(repository, result, packs)


def _queue_objects(number: int, opened: OpenedRepository) -> list[ObjectsWork]:
    """The work on a repository's objects, but for packs whose result the cache has."""
    ranges = opened.repository.store.work_ranges()
    items = [ObjectsWork(number, each) for each in ranges if each.part not in opened.packs.scans]
    return with_allowances(opened.repository, items)


def _scan_objects(
    schedule: _Schedule,
    opened: Sequence[OpenedRepository],
    items: Sequence[ObjectsWork],
    progress: Progress,
) -> tuple[list[int], Progress]:
    """Scans objects; gives for each repository what of its budget is left, and the progress."""
    repositories = [each.repository for each in opened]
    left = [each.store.budget for each in repositories]
    outcomes: list[tuple[ObjectsWork, Outcome]] = []
    for _ in range(_MOST_PASSES):
        latest, progress = _run(schedule, items, repositories, progress)
        outcomes += latest
        items = queue_uncovered(left, latest)
        if not items:
            break
    for item, outcome in outcomes:
        place = repositories[item.repository].store.place(item.work_range.part)
        opened[item.repository].result.add(outcome, f"some objects in {place}")
    for number, gap in list_uncovered(repositories, outcomes):
        opened[number].result.scan.skipped.append(gap)
    if schedule.options.cache is not None:
        save_packs(schedule.options.cache, [each.packs for each in opened], outcomes)
    return left, progress


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
