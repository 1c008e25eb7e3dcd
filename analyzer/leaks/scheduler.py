"""In: sources. Out: what was found in each and in every git directory below them.

Files come first, and lead to git directories; then the histories of these, the ranges of large
files, and what the caller asked to leave out. `scan` calls it; each work item goes to
`sources.worker`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from analyzer.files import DirectoryEntry, EntryType, Skipped
from analyzer.forks import WorkerLost
from analyzer.git.elsewhere import find_repository_above
from analyzer.leaks.model import ValueKey
from analyzer.leaks.narrowing import (
    leave_out_copies,
    leave_out_messages,
    leave_out_paths,
    leave_out_unread,
    name_unread,
)
from analyzer.leaks.options import Progress, ScanOptions
from analyzer.leaks.results import SourceResult
from analyzer.leaks.running import FEW_ITEMS, Schedule, run_items
from analyzer.leaks.sources.folders import scan_single_file
from analyzer.leaks.sources.work import (
    FolderWork,
    MakeFolder,
    PartialScan,
    SearchTerms,
    Source,
    WorkContext,
    hold_little,
    split_folder,
    split_further,
)
from analyzer.leaks.sources.worker import run_item

if TYPE_CHECKING:
    from analyzer.leaks.attribution.introduced_by import Attribution
    from analyzer.leaks.histories import GitDirectory

_PART_OF_REPOSITORY = "this is a folder of the repository in {above}: scan that for its history"


def scan_sources(
    sources: Sequence[Source], terms: SearchTerms, options: ScanOptions, scratch: MakeFolder
) -> list[SourceResult]:
    """Scans everything in the sources.

    Gives a result for each source, in their order, then one for each git directory in them that is
    not a source itself; those that could not be opened come last. `scratch` makes a folder of our
    own, for as long as the scan takes.
    """
    schedule = Schedule(tuple(sources), terms, options, scratch)
    context = WorkContext(schedule.sources, terms, options.history, schedule.exclusions)
    results = [SourceResult(source.name) for source in sources]
    folders = list(_queue_folders(schedule, results))
    git_dirs, progress = _scan_folders(schedule, context, results, folders)
    attributions: Mapping[SourceResult, Attribution] = {}
    everything = results
    if git_dirs or any(each.scan.pointer_files for each in results):
        # Only here: a folder without a history would notice the time that its modules take.
        from analyzer.leaks.histories import scan_histories

        histories = scan_histories(schedule, results, git_dirs, progress)
        everything = [*results, *histories.results]
        attributions, progress = histories.attributions, histories.progress
    _scan_ranges(schedule, context, everything, progress)
    _leave_out(schedule, everything, attributions)
    return everything


def _leave_out(
    schedule: Schedule,
    results: Sequence[SourceResult],
    attributions: Mapping[SourceResult, Attribution],
) -> None:
    """Takes what the caller asked to leave out from the results."""
    messages: set[ValueKey] = set()
    for each in results:
        attribution = attributions.get(each)
        knows_paths = attribution is None or attribution.knows_paths
        leave_out_paths(each, schedule.exclusions, knows_paths=knows_paths)
        if knows_paths:
            leave_out_unread(each, schedule.exclusions, attribution.paths if attribution else {})
            name_unread(each, attribution.paths if attribution else {})
        if attribution and not schedule.options.messages:
            messages |= leave_out_messages(each, attribution.note_commits)
    for each in results:
        leave_out_copies(each, frozenset(messages))


def _queue_folders(schedule: Schedule, results: Sequence[SourceResult]) -> Iterator[FolderWork]:
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


def _scan_folders(
    schedule: Schedule,
    context: WorkContext,
    results: Sequence[SourceResult],
    items: Sequence[FolderWork],
) -> tuple[list[GitDirectory], Progress]:
    """Scans files; gives the git directories among them, by the number of the source and path.

    Also how far the scan is then.
    """
    git_dirs: set[GitDirectory] = set()
    work = partial(run_item, context)
    waiting, has_lost, progress = [*items], False, Progress()
    few = len(items) if hold_little(items) else FEW_ITEMS
    while waiting:
        outcomes, progress = run_items(
            schedule, work, waiting, progress, few=few, is_risky=has_lost
        )
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


def _scan_ranges(
    schedule: Schedule, context: WorkContext, results: Sequence[SourceResult], progress: Progress
) -> None:
    """Scans the large files of all results, which were left for several processes to share."""
    owners = [result for result in results for _ in result.scan.ranges]
    items = [item for result in results for item in result.scan.ranges]
    outcomes, _ = run_items(schedule, partial(run_item, context), items, progress, few=1)
    for result, (item, outcome) in zip(owners, outcomes, strict=True):
        result.add(outcome, f"{item.place.path} from line {item.line}")
    for result in owners:
        # Ranges overlap, and what is in two of them was found twice.
        result.scan.sightings = [*dict.fromkeys(result.scan.sightings)]
        result.scan.ranges.clear()
