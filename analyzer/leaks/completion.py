"""In: repositories whose objects were all scanned. Out: their results, completed.

What only git can rebuild, who brought in what was found, and what is not here. To read a mapped
pack may end the process, so what reads one is done apart. `histories` calls it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from analyzer.files import Skipped
from analyzer.forks import WorkerLost, run_apart
from analyzer.git.allowance import Allowance
from analyzer.leaks.attribution.introduced_by import (
    Attribution,
    attribute_hits,
    place_without_commits,
)
from analyzer.leaks.exclusions import Exclusions, LeftOutCounts, leave_out_elsewhere
from analyzer.leaks.model import PlaceKind
from analyzer.leaks.narrowing import list_unread_objects
from analyzer.leaks.opened import OpenedRepository
from analyzer.leaks.results import SourceResult
from analyzer.leaks.sources.git_fallback import retry_with_git
from analyzer.leaks.sources.missing_objects import missing_objects
from analyzer.leaks.sources.never_fetched import (
    IsLeftOut,
    missing_lfs_files,
    missing_lfs_objects,
    missing_submodules,
)
from analyzer.leaks.sources.repository import to_skipped
from analyzer.leaks.sources.work import PartialScan, Repository, SearchTerms

_IN_MESSAGES = frozenset(
    {PlaceKind.COMMIT_MESSAGE, PlaceKind.COMMIT_HEADER, PlaceKind.TAG_MESSAGE, PlaceKind.TAG_HEADER}
)

_Result = TypeVar("_Result")


def retry_unreadable(
    opened: OpenedRepository, terms: SearchTerms, seconds: float, allowance: int
) -> None:
    """Adds what git can still read of unreadable objects, up to so many bytes."""
    repository, unreadable = opened.repository, opened.result.scan.unreadable
    if not unreadable:
        return
    retry = partial(retry_with_git, repository, terms, unreadable, seconds, Allowance(allowance))
    retried = _run_apart(repository, retry)
    lost = PartialScan(skipped=[*map(to_skipped, unreadable)])
    opened.result.scan.add(lost if isinstance(retried, WorkerLost) else retried)


def attribute(
    opened: OpenedRepository, jobs: int, seconds: float, *, is_narrowed: bool = False
) -> Attribution:
    """Replaces a repository's hits by sightings, each with the commit that introduced it.

    Adds what the repository lacks. The attribution, whose sightings these are, comes back. It has
    the paths of what could not be read as well, with `is_narrowed` or where git is asked anyway.
    """
    repository, scan = opened.repository, opened.result.scan
    _add_skipped(
        opened, "objects that are missing", partial(missing_objects, repository, scan.missing)
    )
    in_messages = [each for each in scan.sightings if each.occurrence.where in _IN_MESSAGES]
    unread = list_unread_objects(scan.skipped) if is_narrowed or scan.hits else ()
    hits = [*scan.hits, *((oid, "blob", ()) for oid in unread)]
    if not hits and not in_messages:
        return Attribution()
    placed = _run_apart(
        repository, partial(attribute_hits, repository, hits, in_messages, jobs, seconds)
    )
    if isinstance(placed, WorkerLost):
        placed = place_without_commits(repository, scan.hits, in_messages, placed.reason)
    others = [each for each in scan.sightings if each.occurrence.where not in _IN_MESSAGES]
    scan.sightings = [*others, *placed.sightings]
    scan.skipped += placed.skipped
    return placed


def list_never_fetched(
    results: Sequence[SourceResult],
    opened: Sequence[OpenedRepository],
    git_dirs: Collection[Path],
    exclusions: Exclusions,
) -> None:
    """Adds the submodules and the objects of Git LFS that are in none of the git directories.

    Those at paths that the caller left out are counted instead.
    """
    repositories = [each.repository for each in opened]
    in_blobs = {pointer for each in opened for pointer in each.result.scan.pointers.values()}
    for result in results:
        files = {
            name: pointer
            for name, pointer in result.scan.pointer_files.items()
            if pointer not in in_blobs
        }
        result.scan.skipped += missing_lfs_files(files, git_dirs)
    for each in opened:
        scan, repository = each.result.scan, each.repository
        if scan.gitlinks:
            find = partial(missing_submodules, repository, scan.gitlinks, repositories)
            _add_elsewhere(each, "submodules", find, exclusions)
        if scan.pointers:
            find = partial(missing_lfs_objects, repository, scan.pointers, git_dirs)
            _add_elsewhere(each, "objects of Git LFS", find, exclusions)


def _add_elsewhere(
    opened: OpenedRepository,
    what: str,
    find: Callable[[IsLeftOut], Iterator[Skipped]],
    exclusions: Exclusions,
) -> None:
    counts: LeftOutCounts = Counter()
    is_left_out = partial(leave_out_elsewhere, counts, exclusions, opened.result.folder)
    # What another process counts is in what it gives back.
    found = _run_apart(opened.repository, lambda: ([*find(is_left_out)], counts))
    if isinstance(found, WorkerLost):
        found = [Skipped(what, found.reason)], counts
    opened.result.scan.skipped += found[0]
    opened.result.scan.left_out.update(found[1])


def _add_skipped(
    opened: OpenedRepository, what: str, find: Callable[[], Iterator[Skipped]]
) -> None:
    """Adds what is not here, or that this could not be found out."""
    found = _run_apart(opened.repository, lambda: [*find()])
    if isinstance(found, WorkerLost):
        found = [Skipped(what, found.reason)]
    opened.result.scan.skipped += found


def _run_apart(repository: Repository, work: Callable[[], _Result]) -> _Result | WorkerLost:
    """The result of work on a repository, in a process of its own where the work may end it."""
    return run_apart(work) if repository.store.is_mapped else work()
