"""In: nothing; these are the nouns of the work. Out: Source, Repository, Subtree, Objects, Read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from analyzer.files import DirectoryEntry, EntryType, Skipped, walk_tree
from analyzer.git.object_store import ObjectStore, WorkRange
from analyzer.git.objects import UnreadableObject
from analyzer.leaks.model import PlacedSighting, Sighting

_ENOUGH = 256
"""Folders that keep all processes busy to the end."""


@dataclass(frozen=True, slots=True)
class Source:
    """One path that was handed in: what it is called, and where it lies."""

    name: str
    root: Path


@dataclass(frozen=True, slots=True)
class Repository:
    """A git directory: what it is called, the source it lies in, and its objects.

    `is_checked` says that the links between its objects are followed, to see which are missing;
    then `known` are the ids of all objects.
    """

    name: str
    source: int
    git_dir: Path
    stores: tuple[Path, ...]
    store: ObjectStore
    is_checked: bool
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FolderWork:
    """A folder with all that is below it, or, where `deep` is False, with its own files alone."""

    source: int
    folder: Path
    prefix: str
    in_git: bool
    deep: bool


@dataclass(frozen=True, slots=True)
class ObjectsWork:
    """Some objects of a repository."""

    repository: int
    work_range: WorkRange

    @property
    def part(self) -> tuple[int, int]:
        """The repository, and the part of its store."""
        return self.repository, self.work_range.part


WorkItem: TypeAlias = FolderWork | ObjectsWork


@dataclass(slots=True)
class PartialScan:
    """What reading one piece brought: things found, things left out, and how much was read.

    `hits` are objects that hold something, by id and kind; who brought them in is not known yet.
    `unread` are objects that our own walk can't rebuild. `git` are git directories that were met.
    `missing` are ids that are named and not there.
    """

    sightings: list[PlacedSighting] = field(default_factory=list)
    hits: list[tuple[str, str, tuple[Sighting, ...]]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unread: list[UnreadableObject] = field(default_factory=list)
    git: list[tuple[Path, str]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    objects: int = 0
    size: int = 0
    containers: int = 0

    def add(self, other: "PartialScan") -> None:
        """Takes in what another piece brought."""
        self.sightings += other.sightings
        self.hits += other.hits
        self.skipped += other.skipped
        self.unread += other.unread
        self.git += other.git
        self.missing |= other.missing
        self.objects += other.objects
        self.size += other.size
        self.containers += other.containers


def split_folder(number: int, root: Path) -> Iterator[FolderWork]:
    """A folder in enough pieces: the upper ones alone, then, with all below, what they hold."""
    waiting = [FolderWork(number, root, "", in_git=False, deep=False)]
    while waiting and len(waiting) < _ENOUGH:
        following: list[FolderWork] = []
        for each in waiting:
            yield each
            listing = walk_tree(each.folder, each.prefix, root, in_git=each.in_git, deep=False)
            following += _below(number, listing)
        waiting = following
    for each in waiting:
        yield FolderWork(number, each.folder, each.prefix, in_git=each.in_git, deep=True)


def _below(number: int, listing: Iterable[DirectoryEntry | Skipped]) -> Iterator[FolderWork]:
    for entry in listing:
        if isinstance(entry, DirectoryEntry) and entry.type is EntryType.FOLDER:
            yield FolderWork(number, Path(entry.path), entry.name, in_git=entry.in_git, deep=False)
