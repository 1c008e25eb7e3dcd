"""In: the outcomes of work items. Out: a SourceResult for each source and each git directory.

`scheduler` adds up here what its workers give, and keeps the results of packs for the next scan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from analyzer.files import Skipped
from analyzer.forks import WorkerLost, run_apart
from analyzer.git.pack_layout import PackLayout
from analyzer.leaks.exclusions import describe_left_out
from analyzer.leaks.model import ScanCoverage
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.sources.pack_cache import cache_key, load, save
from analyzer.leaks.sources.work import ObjectsWork, PartialScan, Repository

Outcome: TypeAlias = PartialScan | WorkerLost
"""What running a work item gave: a scan, or nothing, as its process ended."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceResult:
    """All that was scanned of one source or one git directory, under its name in the report.

    `folder` is the path of its work tree in the source, empty for the source itself.
    `is_left_out` says that one of the caller's patterns left out the whole of it.
    """

    name: str
    scan: PartialScan = field(default_factory=PartialScan)
    folder: str = ""
    is_left_out: bool = False

    def add(self, outcome: Outcome, what: str) -> None:
        """Adds the outcome of a work item; if nothing came back, `what` was skipped."""
        if isinstance(outcome, WorkerLost):
            self.scan.skipped.append(Skipped(what, outcome.reason))
        else:
            self.scan.add(outcome)

    def coverage(self) -> ScanCoverage:
        """How much was read, and what was skipped, sorted and each once."""
        scan = self.scan
        listed = {*scan.skipped, *describe_left_out(scan.left_out)}
        skipped = sorted(listed, key=lambda each: (each.what, each.reason))
        return ScanCoverage(
            self.name,
            scan.objects,
            scan.size,
            scan.containers,
            tuple(skipped),
            self.is_left_out,
        )


@dataclass(frozen=True, slots=True)
class CachedPacks:
    """What earlier scans left of a repository's packs, by the number of the pack in its store.

    `scans` are the results of packs that need no scan. `keys` are the names under which the results
    of the others are to be kept; packs that are not to be kept are in neither.
    """

    scans: Mapping[int, PartialScan] = field(default_factory=dict)
    keys: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedRepository:
    """A git directory that could be opened, what is found in it, and what the cache has of it."""

    repository: Repository
    result: SourceResult
    packs: CachedPacks


def load_packs(repository: Repository, options: ScanOptions) -> CachedPacks:
    """Looks up a repository's packs in the cache, if the options name one.

    A repository that is checked for missing objects is always scanned whole: it is small, or
    damaged.
    """
    if options.cache is None or repository.is_checked:
        return CachedPacks()
    scans: dict[int, PartialScan] = {}
    keys: dict[int, str] = {}
    for number, part in enumerate(repository.store.parts):
        if isinstance(part, PackLayout):
            key = _find_key(part, options)
            if key is None:
                continue
            if scan := load(options.cache, key, repository.name):
                scans[number] = scan
            else:
                keys[number] = key
    return CachedPacks(scans, keys)


def _find_key(part: PackLayout, options: ScanOptions) -> str | None:
    """The name under which the result of a pack is kept; None where it can't be read through."""
    find = partial(cache_key, part, options.detectors, options.unique_ids)
    key = run_apart(find) if part.is_mapped else find()
    return None if isinstance(key, WorkerLost) else key


def save_packs(
    folder: Path, packs: Sequence[CachedPacks], outcomes: Iterable[tuple[ObjectsWork, Outcome]]
) -> None:
    """Keeps the result of each pack that has a key and was scanned to its end.

    `packs` has an entry for each repository, in the order in which work items number them. A cache
    that can't be written to is no error.
    """
    by_pack: defaultdict[tuple[int, int], list[Outcome]] = defaultdict(list)
    for item, outcome in outcomes:
        by_pack[item.repository, item.work_range.part].append(outcome)
    for repository, cached in enumerate(packs):
        for number, key in cached.keys.items():
            if (scan := _merge_whole(by_pack[repository, number])) is not None:
                with suppress(OSError):
                    save(folder, key, scan)


def _merge_whole(outcomes: Iterable[Outcome]) -> PartialScan | None:
    """The outcomes as one scan; None where something of the pack was not read."""
    merged = PartialScan()
    for outcome in outcomes:
        if isinstance(outcome, WorkerLost) or outcome.unreadable or outcome.uncovered:
            return None
        merged.add(outcome)
    return merged
