"""In: a repository. Out: the same with what the cache has of its packs, and what is to be kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from analyzer.forks import WorkerLost, run_apart
from analyzer.git.pack_layout import PackLayout
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.results import Outcome, SourceResult
from analyzer.leaks.sources.pack_cache import cache_key, load, save
from analyzer.leaks.sources.work import ObjectsWork, PartialScan, Repository


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
