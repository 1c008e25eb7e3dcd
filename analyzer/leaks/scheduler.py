"""In: what was handed in. Out: everything that is found there, round by round.

Files lead to git directories, these to objects, and what these hold to the question who brought
it in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from analyzer.files import (
    OBJECTS,
    DirectoryEntry,
    EntryType,
    Skipped,
    UnreadableFile,
    printable_name,
)
from analyzer.forks import WorkerLost, run_forked, usable_cpus
from analyzer.git.object_store import unindexed_files
from analyzer.git.objects import UnreadableObject
from analyzer.git.pack_layout import PackLayout
from analyzer.leaks.attribution.introduced_by import attribute_hits, missing_objects, retry_with_git
from analyzer.leaks.model import PlaceKind, ScanCoverage
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.sources.content import SearchTerms
from analyzer.leaks.sources.pack_cache import cache_key, load, save
from analyzer.leaks.sources.repository import open_repository, to_skipped
from analyzer.leaks.sources.staged import scan_staged
from analyzer.leaks.sources.work import (
    FolderWork,
    ObjectsWork,
    PartialScan,
    Repository,
    Source,
    WorkItem,
    split_folder,
)
from analyzer.leaks.sources.worker import WorkContext, run_item, scan_file

_LITTLE = 12
"""Pieces of work that are done before a second process would have begun."""
_SAID = frozenset(
    {PlaceKind.COMMIT_MESSAGE, PlaceKind.COMMIT_HEADER, PlaceKind.TAG_MESSAGE, PlaceKind.TAG_HEADER}
)
_LOST = "the process that read it ended, for lack of memory perhaps"


@dataclass(frozen=True, slots=True, eq=False)
class SourceResult:
    """What was brought together about one source or one git directory."""

    name: str
    scan: PartialScan = field(default_factory=PartialScan)

    def coverage(self) -> ScanCoverage:
        """What was read, and what was left out."""
        read = self.scan
        skipped = sorted(set(read.skipped), key=lambda each: (each.what, each.reason))
        return ScanCoverage(self.name, read.objects, read.size, read.containers, tuple(skipped))


class Scheduler:
    """The work on some sources, as far as it has come."""

    def __init__(
        self, sources: Sequence[Source], options: ScanOptions, room: Path, terms: SearchTerms
    ) -> None:
        self.sources = tuple(sources)
        self.of_sources = [SourceResult(source.name) for source in sources]
        self.repositories: list[Repository] = []
        self.of_repositories: list[SourceResult] = []
        self.unopened: list[SourceResult] = []
        self.options, self.terms, self.room = options, terms, room
        self.jobs = options.jobs or usable_cpus()
        self.names: dict[tuple[int, int], str] = {}
        self.fresh: dict[tuple[int, int], PartialScan] = {}
        self.lost: set[tuple[int, int]] = set()

    def run(self) -> list[SourceResult]:
        """Reads everything there is. One entry for each source, then one for each git directory."""
        waiting = [
            piece for number in range(len(self.sources)) for piece in self._queue_files(number)
        ]
        done = 0
        while waiting:
            met = self._run_batch(waiting)
            done += len(waiting)
            waiting = [piece for each in met if self.options.history for piece in self._open(*each)]
            if self.options.on_progress:
                self.options.on_progress(done, done + len(waiting))
        self._save_cached()
        for repository, taken in zip(self.repositories, self.of_repositories, strict=True):
            self._attribute(repository, taken)
        opened = [*self.of_repositories, *self.unopened]
        own = [each for each in opened if each not in self.of_sources]
        return [*self.of_sources, *own]

    def run_staged(self) -> list[SourceResult]:
        """Reads only what the index of each source holds and its HEAD does not."""
        for source, taken in zip(self.sources, self.of_sources, strict=True):
            try:
                taken.scan.add(
                    scan_staged(source.name, source.root, self.options.index, self.room, self.terms)
                )
            except UnreadableFile as fault:
                taken.scan.skipped.append(Skipped("index", fault.reason, fault.size))
            except OSError as fault:
                taken.scan.skipped.append(Skipped("index", os.strerror(fault.errno or 0)))
        return self.of_sources

    def _queue_files(self, number: int) -> Iterator[WorkItem]:
        """The work on the files of a source; a single file is read at once."""
        source, taken = self.sources[number], self.of_sources[number]
        if source.root.is_file():
            entry = DirectoryEntry(
                str(source.root.resolve()), source.name, EntryType.FILE, in_git=False
            )
            taken.scan.add(_file(source.name, entry, self.terms))
            return
        yield from split_folder(number, source.root)

    def _run_batch(self, pieces: Sequence[WorkItem]) -> list[tuple[int, Path, str]]:
        """Does the pieces; returns the git directories that were met, with their source."""
        ground = WorkContext(self.sources, self.repositories, self.terms, self.options.history)
        jobs = self.jobs if len(pieces) > _LITTLE else 1
        results = dict(run_forked(partial(run_item, ground), pieces, jobs))
        met: set[tuple[int, Path, str]] = set()
        for number, piece in enumerate(pieces):
            result = results[number]
            if isinstance(piece, FolderWork):
                taken, what = self.of_sources[piece.source], piece.prefix or "."
            else:
                taken, what = self.of_repositories[piece.repository], "some objects"
            if isinstance(result, WorkerLost):
                self.lost |= {piece.part} if isinstance(piece, ObjectsWork) else set()
                reason = f"could not be examined: {result.fault}" if result.fault else _LOST
                taken.scan.skipped.append(Skipped(what, reason))
                continue
            taken.scan.add(result)
            if isinstance(piece, ObjectsWork) and piece.part in self.fresh:
                self.fresh[piece.part].add(result)
            if isinstance(piece, FolderWork):
                met |= {(piece.source, path, name) for path, name in result.git}
        return sorted(met)

    def _open(self, number: int, path: Path, name: str) -> Iterator[WorkItem]:
        """The work that a git directory brings; files among its objects are read at once."""
        source = self.sources[number]
        inner = name.removesuffix(".git").rstrip("/")
        called = f"{source.name}/{inner}" if inner else source.name
        taken = self.of_sources[number] if called == source.name else SourceResult(called)
        try:
            repository, skipped = open_repository(number, called, path, source.root, self.room)
        except (UnreadableFile, OSError) as fault:
            why = (
                fault.reason if isinstance(fault, UnreadableFile) else os.strerror(fault.errno or 0)
            )
            taken.scan.skipped.append(Skipped("history", f"can't be opened: {why}"))
            self.unopened += [taken]
            return
        taken.scan.skipped += skipped
        for each in unindexed_files(repository.store, path / OBJECTS):
            if isinstance(each, UnreadableObject):
                taken.scan.skipped.append(to_skipped(each))
                continue
            shown = "/".join(filter(None, (name, OBJECTS, printable_name(each))))
            entry = DirectoryEntry(
                os.fspath(path / OBJECTS / each), shown, EntryType.FILE, in_git=True
            )
            taken.scan.add(_file(source.name, entry, replace(self.terms, plugins=None)))
        known = self._load_cached(repository, taken)
        for unit in repository.store.work_ranges():
            if unit.part not in known:
                yield ObjectsWork(len(self.repositories), unit)
        self.repositories.append(repository)
        self.of_repositories.append(taken)

    def _load_cached(self, repository: Repository, taken: SourceResult) -> set[int]:
        """Adds what is remembered of a repository's packs; returns which ones those are.

        A repository that is checked for missing objects is read whole: it is small, or damaged.
        """
        known: set[int] = set()
        if self.options.cache is None or repository.is_checked:
            return known
        for number, part in enumerate(repository.store.parts):
            if not isinstance(part, PackLayout):
                continue
            name = cache_key(part, self.options.detectors, self.options.unique_ids)
            if read := load(self.options.cache, name, repository.name):
                taken.scan.add(read)
                known.add(number)
            else:
                self.names[len(self.repositories), number] = name
                self.fresh[len(self.repositories), number] = PartialScan()
        return known

    def _save_cached(self) -> None:
        """Keeps what was read of packs to their end."""
        for part, read in self.fresh.items():
            if self.options.cache and not read.unread and part not in self.lost:
                with suppress(OSError):  # A cache that can't be written to is no reason to stop.
                    save(self.options.cache, self.names[part], read)

    def _attribute(self, repository: Repository, taken: SourceResult) -> None:
        """Finds out who brought in what was found in a repository, and what it lacks."""
        if taken.scan.unread:
            seconds = self.options.git_seconds
            taken.scan.add(retry_with_git(repository, self.terms, taken.scan.unread, seconds))
        taken.scan.skipped += missing_objects(repository, frozenset(taken.scan.missing))
        said = [spot for spot in taken.scan.sightings if spot.occurrence.where in _SAID]
        if taken.scan.hits or said:
            hits, seconds = taken.scan.hits, self.options.git_seconds
            found = attribute_hits(repository, hits, said, self.jobs, seconds)
            rest = [spot for spot in taken.scan.sightings if spot.occurrence.where not in _SAID]
            taken.scan.sightings = [*rest, *found.sightings]
            taken.scan.skipped += found.skipped


def _file(repository: str, entry: DirectoryEntry, terms: SearchTerms) -> PartialScan:
    read = PartialScan()
    scan_file(read, repository, entry, bytearray(1), terms)
    return read
