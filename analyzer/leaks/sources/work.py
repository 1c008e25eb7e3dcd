"""In: nothing; these are the nouns of the work. Out: Source, Repository, kinds of work items.

`scheduler` queues files, which `worker` scans, and `histories` ranges of objects, which
`git_objects` scans. Each work item gives a PartialScan.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from analyzer.files import DirectoryEntry, EntryType, Skipped, walk_tree
from analyzer.leaks.exclusions import NO_EXCLUSIONS, Exclusions, LeftOutCounts
from analyzer.leaks.model import Occurrence, PlacedSighting, Sighting

if TYPE_CHECKING:  # most folders have no history, and no time to load what reads one
    from analyzer.git.object_store import ObjectStore, WorkRange
    from analyzer.git.objects import UnreadableObject
    from analyzer.git.references import LfsPointer
    from analyzer.leaks.detect_secrets import DetectSecretsPlugins

_ENOUGH_ITEMS = 256
"""Folders that keep all processes busy to the end."""
_FEW_FILES, _FEW_BYTES = 256, 1 << 20
"""Names, and their bytes, for which to load twice what looks closer takes longer than it saves."""

MakeFolder: TypeAlias = Callable[[], Path]
"""Gives a folder of our own, the same each time."""
Hit: TypeAlias = tuple[str, str, tuple[Sighting, ...]]
"""An object in which something was found: its id, its kind, and what was found."""


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What content is searched for beside the patterns of credentials, which always count.

    `plugins` are those of detect-secrets; None: they are not used. `unique_ids` are unique IDs of
    the inventory, as bytes.
    """

    plugins: DetectSecretsPlugins | None = None
    unique_ids: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """One path that was handed in: its name in the report, and where it is read.

    `is_unpacked` where that is a folder of our own, with what an archive or a bundle held.
    """

    name: str
    root: Path
    is_unpacked: bool = False


@dataclass(frozen=True, slots=True)
class Repository:
    """A git directory opened for scanning: its name in the report and its objects.

    `source` is the number of the source it lies in. `stores` are its objects/ folders. `sharers`
    are git directories that have the same objects by a link, and refs of their own. With
    `is_checked`, the links between its objects are followed to see which are missing; `known` then
    has the ids of all objects.
    """

    name: str
    source: int
    git_dir: Path
    stores: tuple[Path, ...]
    store: ObjectStore
    is_checked: bool
    known: frozenset[str] = frozenset()
    sharers: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderWork:
    """A folder to scan: with all that is below it, or, if not `deep`, only its own files.

    `source` is the number of the source, `prefix` the folder's path in it. `in_git` says that the
    folder lies in a git directory. Of the names in the folder only those in `only` count, if any.
    """

    source: int
    folder: Path
    prefix: str
    in_git: bool
    deep: bool
    only: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called where it is told that nothing came of it."""
        return self.only[0] if len(self.only) == 1 else self.prefix or "."


@dataclass(frozen=True, slots=True)
class ObjectsWork:
    """Some objects of a repository; `repository` is its number.

    `allowance` is what they may unpack to, as `git.allowance` counts; None: whatever they do.
    `rows`, where there are any, are those of the range that an earlier allowance did not cover.
    """

    repository: int
    work_range: WorkRange
    allowance: int | None = None
    rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FileRange:
    """The bytes from `begin` to `end` of a file too large for memory, which lies at `path`.

    Those from `before` on are shared with the range before; they begin in line `line`. `is_last`
    says that the file ends with it. `place` is the file's in the report.
    """

    place: Occurrence
    path: str
    before: int
    begin: int
    end: int
    line: int
    is_last: bool


FileWork: TypeAlias = FolderWork | FileRange


@dataclass(frozen=True, slots=True)
class WorkContext:
    """All sources, in which the numbers of folders count, and what is searched for.

    With `history` False only files are scanned, so a missing history is no gap. What `exclusions`
    name is not read.
    """

    sources: Sequence[Source]
    terms: SearchTerms
    history: bool = True
    exclusions: Exclusions = NO_EXCLUSIONS


@dataclass(slots=True)
class PartialScan:
    """What scanning a part of something gave: sightings, what was skipped, how much was read.

    `hits` are objects of which it is not yet known which commits introduced them. `unreadable` are
    objects that our own reader can't rebuild. `git_dirs` are the git directories among the files,
    with their names, `linked_stores` git directories with a link for their objects, each with the
    folder that it leads to. `ranges` are the parts of large files that are still to be scanned.
    `missing` are ids of objects that others name and the store lacks. `gitlinks` are the submodules
    in trees: name and commit. `pointers` stand for objects of Git LFS, by the id of the blob that
    is one; `pointer_files` do so by the name of the file. `left_out` counts what the caller's
    patterns left out.

    `uncovered` are the rows of a range of objects that its allowance did not cover, `spent` is what
    it used of that.
    """

    sightings: list[PlacedSighting] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unreadable: list[UnreadableObject] = field(default_factory=list)
    git_dirs: list[tuple[Path, str]] = field(default_factory=list)
    linked_stores: list[tuple[Path, Path]] = field(default_factory=list)
    ranges: list[FileRange] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    gitlinks: set[tuple[bytes, str]] = field(default_factory=set)
    pointers: dict[str, LfsPointer] = field(default_factory=dict)
    pointer_files: dict[str, LfsPointer] = field(default_factory=dict)
    objects: int = 0
    size: int = 0
    containers: int = 0
    left_out: LeftOutCounts = field(default_factory=Counter)
    uncovered: list[int] = field(default_factory=list)
    spent: int = 0

    def add(self, other: PartialScan) -> None:
        """Adds what scanning another part gave."""
        self.sightings += other.sightings
        self.hits += other.hits
        self.skipped += other.skipped
        self.unreadable += other.unreadable
        self.git_dirs += other.git_dirs
        self.linked_stores += other.linked_stores
        self.ranges += other.ranges
        self.missing |= other.missing
        self.gitlinks |= other.gitlinks
        self.pointers |= other.pointers
        self.pointer_files |= other.pointer_files
        self.objects += other.objects
        self.size += other.size
        self.containers += other.containers
        self.left_out.update(other.left_out)
        self.uncovered += other.uncovered
        self.spent += other.spent


def split_folder(
    source: int, root: Path, exclusions: Exclusions = NO_EXCLUSIONS
) -> Iterator[FolderWork]:
    """The work on a folder as items of which several processes can share.

    The upper folders come alone, each of those below them with its whole tree.
    """
    level = [FolderWork(source, root, "", in_git=False, deep=False)]
    while level and len(level) < _ENOUGH_ITEMS:
        below: list[FolderWork] = []
        for item in level:
            yield item
            listing = walk_tree(item.folder, item.prefix, root, in_git=item.in_git, deep=False)
            below += _subfolders(source, listing, exclusions)
        level = below
    for item in level:
        yield FolderWork(source, item.folder, item.prefix, in_git=item.in_git, deep=True)


def hold_little(items: Iterable[FolderWork]) -> bool:
    """Whether one process has scanned the folders before a second one is of any use."""
    files = size = 0
    for item in items:
        with suppress(OSError), os.scandir(item.folder) as listing:
            for entry in listing:
                files += 1
                size += entry.stat(follow_symlinks=False).st_size
                if item.deep or files > _FEW_FILES or size > _FEW_BYTES:
                    return False
    return True


def split_further(
    item: FolderWork, root: Path, exclusions: Exclusions = NO_EXCLUSIONS
) -> Iterator[FolderWork]:
    """The work on a folder as smaller items; none where it is down to one name.

    A process that ended at one file has so lost no other.
    """
    listing = [*walk_tree(item.folder, item.prefix, root, in_git=item.in_git, deep=False)]
    if item.deep:
        yield replace(item, deep=False)
        for each in _subfolders(item.source, listing, exclusions):
            yield replace(each, deep=True)
        return
    names = item.only or tuple(each.name for each in listing if isinstance(each, DirectoryEntry))
    middle = len(names) // 2
    for part in (names[:middle], names[middle:]):
        if part and part != item.only:
            yield replace(item, only=part)


def _subfolders(
    source: int, listing: Iterable[DirectoryEntry | Skipped], exclusions: Exclusions
) -> Iterator[FolderWork]:
    """The folders of a listing without those to be left out; in a git directory none is."""
    for entry in listing:
        if not isinstance(entry, DirectoryEntry) or entry.type is not EntryType.FOLDER:
            continue
        if entry.in_git or not exclusions.match_entry(entry.name, is_folder=True):
            yield FolderWork(source, Path(entry.path), entry.name, in_git=entry.in_git, deep=False)
