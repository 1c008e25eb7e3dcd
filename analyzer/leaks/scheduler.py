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
from analyzer.leaks.attribution.introduced_by import attributed, gaps, second_try
from analyzer.leaks.model import RepositoryCoverage, Where
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.sources.content import Lens
from analyzer.leaks.sources.pack_cache import name_of, recall, remember
from analyzer.leaks.sources.repository import left_out, open_repository
from analyzer.leaks.sources.staged import look_at_staged
from analyzer.leaks.sources.work import Objects, Piece, Read, Repository, Source, Subtree, subtrees
from analyzer.leaks.sources.worker import Ground, look, look_at_file

_LITTLE = 12
"""Pieces of work that are done before a second process would have begun."""
_SAID = frozenset({Where.COMMIT_MESSAGE, Where.COMMIT_HEADER, Where.TAG_MESSAGE, Where.TAG_HEADER})
_LOST = "the process that read it ended, for lack of memory perhaps"


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What was brought together about one source or one git directory."""

    name: str
    read: Read = field(default_factory=Read)

    def coverage(self) -> RepositoryCoverage:
        """What was read, and what was left out."""
        read = self.read
        skipped = sorted(set(read.skipped), key=lambda each: (each.what, each.reason))
        return RepositoryCoverage(
            self.name, read.objects, read.size, read.containers, tuple(skipped)
        )


class Rounds:
    """The work on some sources, as far as it has come."""

    def __init__(
        self, sources: Sequence[Source], options: ScanOptions, room: Path, lens: Lens
    ) -> None:
        self.sources = tuple(sources)
        self.of_sources = [Taken(source.name) for source in sources]
        self.repositories: list[Repository] = []
        self.of_repositories: list[Taken] = []
        self.unopened: list[Taken] = []
        self.options, self.lens, self.room = options, lens, room
        self.jobs = options.jobs or usable_cpus()
        self.names: dict[tuple[int, int], str] = {}
        self.fresh: dict[tuple[int, int], Read] = {}
        self.lost: set[tuple[int, int]] = set()

    def read_all(self) -> list[Taken]:
        """Reads everything there is. One entry for each source, then one for each git directory."""
        waiting = [piece for number in range(len(self.sources)) for piece in self._files(number)]
        done = 0
        while waiting:
            met = self._round(waiting)
            done += len(waiting)
            waiting = [
                piece for each in met if self.options.history for piece in self._opened(*each)
            ]
            if self.options.told:
                self.options.told(done, done + len(waiting))
        self._remember()
        for repository, taken in zip(self.repositories, self.of_repositories, strict=True):
            self._attribute(repository, taken)
        opened = [*self.of_repositories, *self.unopened]
        own = [each for each in opened if each not in self.of_sources]
        return [*self.of_sources, *own]

    def staged(self) -> list[Taken]:
        """Reads only what the index of each source holds and its HEAD does not."""
        for source, taken in zip(self.sources, self.of_sources, strict=True):
            try:
                taken.read.add(
                    look_at_staged(
                        source.name, source.root, self.options.index, self.room, self.lens
                    )
                )
            except UnreadableFile as fault:
                taken.read.skipped.append(Skipped("index", fault.reason, fault.size))
            except OSError as fault:
                taken.read.skipped.append(Skipped("index", os.strerror(fault.errno or 0)))
        return self.of_sources

    def _files(self, number: int) -> Iterator[Piece]:
        """The work on the files of a source; a single file is read at once."""
        source, taken = self.sources[number], self.of_sources[number]
        if source.root.is_file():
            entry = DirectoryEntry(
                str(source.root.resolve()), source.name, EntryType.FILE, in_git=False
            )
            taken.read.add(_file(source.name, entry, self.lens))
            return
        yield from subtrees(number, source.root)

    def _round(self, pieces: Sequence[Piece]) -> list[tuple[int, Path, str]]:
        """Does the pieces; returns the git directories that were met, with their source."""
        ground = Ground(self.sources, self.repositories, self.lens, self.options.history)
        jobs = self.jobs if len(pieces) > _LITTLE else 1
        results = dict(run_forked(partial(look, ground), pieces, jobs))
        met: set[tuple[int, Path, str]] = set()
        for number, piece in enumerate(pieces):
            result = results[number]
            if isinstance(piece, Subtree):
                taken, what = self.of_sources[piece.source], piece.prefix or "."
            else:
                taken, what = self.of_repositories[piece.repository], "some objects"
            if isinstance(result, WorkerLost):
                self.lost |= {piece.part} if isinstance(piece, Objects) else set()
                reason = f"could not be examined: {result.fault}" if result.fault else _LOST
                taken.read.skipped.append(Skipped(what, reason))
                continue
            taken.read.add(result)
            if isinstance(piece, Objects) and piece.part in self.fresh:
                self.fresh[piece.part].add(result)
            if isinstance(piece, Subtree):
                met |= {(piece.source, path, name) for path, name in result.git}
        return sorted(met)

    def _opened(self, number: int, path: Path, name: str) -> Iterator[Piece]:
        """The work that a git directory brings; files among its objects are read at once."""
        source = self.sources[number]
        inner = name.removesuffix(".git").rstrip("/")
        called = f"{source.name}/{inner}" if inner else source.name
        taken = self.of_sources[number] if called == source.name else Taken(called)
        try:
            repository, skipped = open_repository(number, called, path, source.root, self.room)
        except (UnreadableFile, OSError) as fault:
            why = (
                fault.reason if isinstance(fault, UnreadableFile) else os.strerror(fault.errno or 0)
            )
            taken.read.skipped.append(Skipped("history", f"can't be opened: {why}"))
            self.unopened += [taken]
            return
        taken.read.skipped += skipped
        for each in unindexed_files(repository.store, path / OBJECTS):
            if isinstance(each, UnreadableObject):
                taken.read.skipped.append(left_out(each))
                continue
            shown = "/".join(filter(None, (name, OBJECTS, printable_name(each))))
            entry = DirectoryEntry(
                os.fspath(path / OBJECTS / each), shown, EntryType.FILE, in_git=True
            )
            taken.read.add(_file(source.name, entry, replace(self.lens, others=None)))
        known = self._recall(repository, taken)
        for unit in repository.store.work_ranges():
            if unit.part not in known:
                yield Objects(len(self.repositories), unit)
        self.repositories.append(repository)
        self.of_repositories.append(taken)

    def _recall(self, repository: Repository, taken: Taken) -> set[int]:
        """Adds what is remembered of a repository's packs; returns which ones those are.

        A repository that is checked for missing objects is read whole: it is small, or damaged.
        """
        known: set[int] = set()
        if self.options.cache is None or repository.is_checked:
            return known
        for number, part in enumerate(repository.store.parts):
            if not isinstance(part, PackLayout):
                continue
            name = name_of(part, self.options.detectors, self.options.known_ids)
            if read := recall(self.options.cache, name, repository.name):
                taken.read.add(read)
                known.add(number)
            else:
                self.names[len(self.repositories), number] = name
                self.fresh[len(self.repositories), number] = Read()
        return known

    def _remember(self) -> None:
        """Keeps what was read of packs to their end."""
        for part, read in self.fresh.items():
            if self.options.cache and not read.unread and part not in self.lost:
                with suppress(OSError):  # A cache that can't be written to is no reason to stop.
                    remember(self.options.cache, self.names[part], read)

    def _attribute(self, repository: Repository, taken: Taken) -> None:
        """Finds out who brought in what was found in a repository, and what it lacks."""
        if taken.read.unread:
            seconds = self.options.git_seconds
            taken.read.add(second_try(repository, self.lens, taken.read.unread, seconds))
        taken.read.skipped += gaps(repository, frozenset(taken.read.missing))
        said = [spot for spot in taken.read.spots if spot.occurrence.where in _SAID]
        if taken.read.hits or said:
            hits, seconds = taken.read.hits, self.options.git_seconds
            found = attributed(repository, hits, said, self.jobs, seconds)
            rest = [spot for spot in taken.read.spots if spot.occurrence.where not in _SAID]
            taken.read.spots = [*rest, *found.spots]
            taken.read.skipped += found.skipped


def _file(repository: str, entry: DirectoryEntry, lens: Lens) -> Read:
    read = Read()
    look_at_file(read, repository, entry, bytearray(1), lens)
    return read
