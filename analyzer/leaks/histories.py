"""In: git directories among files. Out: what their objects hold, and which commits brought it in.

Each is opened, its objects are scanned on as many processes as are wanted, and then completed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from analyzer.files import (
    OBJECTS,
    DirectoryEntry,
    EntryType,
    Skipped,
    UnreadableFile,
    printable_name,
)
from analyzer.git.objects import UnreadableObject
from analyzer.git.unindexed_files import iter_unindexed_files
from analyzer.leaks.attribution.introduced_by import Attribution
from analyzer.leaks.budgets import list_uncovered, queue_uncovered, with_allowances
from analyzer.leaks.completion import attribute, list_never_fetched, retry_unreadable
from analyzer.leaks.opened import OpenedRepository, load_packs, save_packs
from analyzer.leaks.options import Progress
from analyzer.leaks.results import Outcome, SourceResult
from analyzer.leaks.running import Schedule, run_items
from analyzer.leaks.sources.folders import scan_single_file
from analyzer.leaks.sources.git_objects import scan_objects
from analyzer.leaks.sources.repository import open_repository, to_skipped
from analyzer.leaks.sources.work import ObjectsWork, PartialScan, Repository, SearchTerms

GitDirectory: TypeAlias = tuple[int, Path, str]
"""The number of the source that it lies in, where it lies, and its name in the report."""
_FEW_RANGES = 2
"""Ranges of objects that are scanned before a second process would have begun."""
_MOST_PASSES = 4
"""How often a store's objects are gone over, as long as its budget lasts."""


@dataclass(frozen=True, slots=True)
class Histories:
    """What is in the git directories.

    `results` are those of the ones that are no source themselves; those that could not be opened
    come last. `attributions` are by the result that they are of; `progress` is how far the scan is.
    """

    results: Sequence[SourceResult]
    attributions: Mapping[SourceResult, Attribution]
    progress: Progress


def scan_histories(
    schedule: Schedule,
    results: Sequence[SourceResult],
    git_dirs: Sequence[GitDirectory],
    progress: Progress,
) -> Histories:
    """Scans the histories, if that is wanted, and lists what is in none of the directories.

    `results` are those of the sources; what is in a git directory that is one itself is added.
    """
    has_history = schedule.options.history
    tried = [_open(schedule, results, *each) for each in git_dirs] if has_history else []
    opened = [each for each in tried if isinstance(each, OpenedRepository)]
    items = [item for number, each in enumerate(opened) for item in _queue_objects(number, each)]
    left, progress = _scan_objects(schedule, opened, items, progress)
    attributions: dict[SourceResult, Attribution] = {}
    seconds = schedule.options.git_seconds
    for each, allowance in zip(opened, left, strict=True):
        retry_unreadable(each, schedule.terms, seconds, allowance)
        attributions[each.result] = attribute(
            each, schedule.jobs, seconds, is_narrowed=bool(schedule.options.exclude)
        )
    paths = [path for _, path, _ in git_dirs]
    list_never_fetched(results, opened, paths, schedule.exclusions)
    unopened = [each for each in tried if isinstance(each, SourceResult)]
    found = (*(each.result for each in opened), *unopened)
    return Histories([each for each in found if each not in results], attributions, progress)


def _open(
    schedule: Schedule, results: Sequence[SourceResult], number: int, path: Path, name: str
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
            number, result.name, path, source.root, schedule.scratch, sharers
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


def _find_sharers(results: Sequence[SourceResult], git_dir: Path) -> tuple[Path, ...]:
    """The git directories in all sources whose objects are a link to those of this one."""
    store = (git_dir / OBJECTS).resolve()
    linked = (each for result in results for each in result.scan.linked_stores)
    return tuple(sorted({sharer for sharer, target in linked if target == store}))


def _queue_objects(number: int, opened: OpenedRepository) -> list[ObjectsWork]:
    """The work on a repository's objects, but for packs whose result the cache has.

    The longest comes first, so that in the end no process waits for another.
    """
    store = opened.repository.store
    ranges = sorted(store.work_ranges(), key=store.cost, reverse=True)
    items = [ObjectsWork(number, each) for each in ranges if each.part not in opened.packs.scans]
    return with_allowances(opened.repository, items)


def _scan_objects(
    schedule: Schedule,
    opened: Sequence[OpenedRepository],
    items: Sequence[ObjectsWork],
    progress: Progress,
) -> tuple[list[int], Progress]:
    """Scans objects; gives for each repository what of its budget is left, and the progress."""
    repositories = [each.repository for each in opened]
    left = [each.store.budget for each in repositories]
    outcomes: list[tuple[ObjectsWork, Outcome]] = []
    work = partial(_scan_item, repositories, schedule.terms)
    is_risky = any(each.store.is_mapped for each in repositories)
    for _ in range(_MOST_PASSES):
        latest, progress = run_items(
            schedule, work, items, progress, few=_FEW_RANGES, is_risky=is_risky
        )
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


def _scan_item(
    repositories: Sequence[Repository], terms: SearchTerms, item: ObjectsWork
) -> PartialScan:
    return scan_objects(repositories[item.repository], item, terms)
