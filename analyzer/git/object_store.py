"""In: objects/ folders. Out: all objects in them, in pieces of work that processes can share."""

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzer.git.loose_objects import is_loose, iter_loose, iter_loose_commit_ids, list_loose_names
from analyzer.git.objects import KINDS, GitObject, StreamedObject, UnreadableObject
from analyzer.git.pack_index import parse_index
from analyzer.git.pack_layout import PackLayout, build_layout
from analyzer.git.pack_reader import iter_pack
from analyzer.git.safe_open import DamagedObject, list_folder, map_file, open_folder

_WORK = 2_000_000
_LOOSE = 500


@dataclass(frozen=True, slots=True)
class LooseObjects:
    """The loose objects of one objects/ folder."""

    objects: Path
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)


@dataclass(frozen=True, slots=True)
class WorkRange:
    """A piece of work: the objects of one part of the store from one place to another."""

    part: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """What objects/ folders hold. Forked processes share it; it can't be pickled, its units can.

    `unreadable` are objects and files that the walk will not come to; one without an ID and a place
    is a whole objects/ folder. `unindexed` are packs without a usable index, whose objects are in
    no count: `git index-pack` can make one. `opened` are the packs and indexes that objects are
    read from.
    """

    parts: tuple[PackLayout | LooseObjects, ...]
    unreadable: tuple[UnreadableObject, ...]
    unindexed: tuple[Path, ...]
    opened: frozenset[Path]

    @property
    def count(self) -> int:
        """How many objects the units have; one that is stored twice counts twice."""
        return sum(part.count for part in self.parts)

    def kinds(self) -> Mapping[str, int]:
        """How many packed objects there are of each kind; what is loose tells no kind unread."""
        kinds: Counter[str] = Counter()
        for part in self.parts:
            if isinstance(part, PackLayout):
                content = part.columns.kinds.tobytes()
                kinds.update({KINDS[kind]: content.count(kind) for kind in range(1, len(KINDS))})
        return kinds

    def work_ranges(self) -> list[WorkRange]:
        """All work, in pieces that take about as long as each other; families are not torn."""
        return [
            unit for number, part in enumerate(self.parts) for unit in _split_part(number, part)
        ]

    def commits(self) -> Iterator[str]:
        """The ids of all commits. Of packed objects nothing is read for it, of loose the begin."""
        for part in self.parts:
            if isinstance(part, LooseObjects):
                yield from iter_loose_commit_ids(part.objects, part.names)
            else:
                table, width = part.index.table, part.index.width
                content = part.columns.kinds.tobytes()
                place = content.find(1)
                while place >= 0:
                    begin = part.columns.names[place]
                    yield table[begin : begin + width].hex()
                    place = content.find(1, place + 1)


def open_store(objects: Path, alternates: Iterable[Path] = ()) -> ObjectStore:
    """The store of an objects/ folder and of others that it borrows from.

    Nothing outside of these folders is read: which alternates may be, the caller knows.
    """
    parts: list[PackLayout | LooseObjects] = []
    unreadable: list[UnreadableObject] = []
    unindexed: list[Path] = []
    opened: set[Path] = set()
    for each in dict.fromkeys((objects, *alternates)):
        try:
            with open_folder(os.fspath(each)) as number:
                names, lost = list_loose_names(number)
                unreadable += lost
                parts += [LooseObjects(each, tuple(names))] if names else []
                for found in _open_packs(number):
                    if isinstance(found, str):
                        unindexed.append(each / found)
                    elif isinstance(found, UnreadableObject):
                        unreadable.append(found)
                    else:
                        parts.append(found)
                        unreadable += found.unreadable
                        opened |= {each / found.where, (each / found.where).with_suffix(".idx")}
        except DamagedObject as fault:
            unreadable.append(UnreadableObject("", "", fault.reason))
    return ObjectStore(tuple(parts), tuple(unreadable), tuple(unindexed), frozenset(opened))


def iter_objects(
    store: ObjectStore, unit: WorkRange
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """Each object of a unit once, as it is stored: nobody has checked that it is what its id says.

    An object that is stored twice therefore comes twice, in case the copies differ.
    """
    part = store.parts[unit.part]
    if isinstance(part, PackLayout):
        return iter_pack(part, unit.first, unit.last)
    return iter_loose(part.objects, part.names[unit.first : unit.last])


def _open_packs(store: int) -> Iterator[PackLayout | UnreadableObject | str]:
    """The packs of an open objects folder; of one without a usable index the path below it."""
    if not any(name == "pack" for name, _ in list_folder(store)):
        return
    try:
        with open_folder("pack", store) as number:
            for name, _ in list_folder(number):
                if name.endswith(".pack"):
                    yield from _open_pack(number, name)
    except DamagedObject as fault:
        yield UnreadableObject("", "pack", fault.reason)


def _open_pack(number: int, name: str) -> Iterator[PackLayout | UnreadableObject | str]:
    where = f"pack/{name}"
    try:
        pack = map_file(name, number)
    except DamagedObject as fault:
        yield UnreadableObject("", where, fault.reason)
        return
    try:
        yield build_layout(
            where, pack, parse_index(map_file(f"{name.removesuffix('.pack')}.idx", number))
        )
    except DamagedObject as fault:
        yield UnreadableObject("", where, f"no usable index: {fault.reason}", len(pack))
        yield where


def _split_part(number: int, part: PackLayout | LooseObjects) -> Iterator[WorkRange]:
    count = part.count
    if isinstance(part, LooseObjects):
        for first in range(0, count, _LOOSE):
            yield WorkRange(number, first, min(first + _LOOSE, count))
        return
    begin = 0
    chain_starts, cost = part.columns.chain_starts, part.columns.cumulative_cost
    while begin < len(chain_starts):
        first = int(chain_starts[begin])
        done = int(cost[first - 1]) if first else 0
        place = bisect_left(cost, done + _WORK)
        begin = bisect_left(chain_starts, place, begin + 1)
        yield WorkRange(
            number, first, int(chain_starts[begin]) if begin < len(chain_starts) else count
        )


def iter_unindexed_files(store: ObjectStore, objects: Path) -> Iterator[str | UnreadableObject]:
    """The path below objects/ of each file that holds no object; links and pipes are among them.

    No link is followed. A folder that can't be listed is told of.
    """
    folders = [""]
    while folders:
        below = folders.pop()
        try:
            with os.scandir(objects / below) as listing:
                found = sorted((each.name, each.is_dir(follow_symlinks=False)) for each in listing)
        except OSError as fault:
            yield UnreadableObject("", below, os.strerror(fault.errno or 0))
            continue
        for name, is_folder in found:
            path = os.path.join(below, name)  # noqa: PTH118 - text, to be told below objects/
            if is_folder:
                folders.append(path)
            elif not is_loose(path) and objects / path not in store.opened:
                yield path
