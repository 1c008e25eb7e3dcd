"""In: objects/ folders. Out: all objects in them, in pieces of work that processes can share."""

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzer.git.loose_objects import is_loose, loose_commits, loose_names, walk_loose
from analyzer.git.objects import KINDS, GitObject, Streamed, Unreadable
from analyzer.git.pack_index import parse
from analyzer.git.pack_layout import Layout, lay_out
from analyzer.git.pack_reader import walk_pack
from analyzer.git.safe_open import Damaged, entries, folder, mapped

_WORK = 2_000_000
_LOOSE = 500


@dataclass(frozen=True, slots=True)
class Loose:
    """The loose objects of one objects/ folder."""

    objects: Path
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of work: the objects of one part of the store from one place to another."""

    part: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Store:
    """What objects/ folders hold. Forked processes share it; it can't be pickled, its units can.

    `unreadable` are objects and files that the walk will not come to; one without an id and a place
    is a whole objects/ folder. `unindexed` are packs without
    a usable index, whose objects are in no count: `git index-pack` can make one. `opened` are the
    packs and indexes that objects are read from.
    """

    parts: tuple[Layout | Loose, ...]
    unreadable: tuple[Unreadable, ...]
    unindexed: tuple[Path, ...]
    opened: frozenset[Path]

    @property
    def count(self) -> int:
        """How many objects the units have; one that is stored twice counts twice."""
        return sum(_length(part) for part in self.parts)

    def kinds(self) -> Mapping[str, int]:
        """How many packed objects there are of each kind; what is loose tells no kind unread."""
        kinds: Counter[str] = Counter()
        for part in self.parts:
            if isinstance(part, Layout):
                content = part.kinds.tobytes()
                kinds.update({KINDS[kind]: content.count(kind) for kind in range(1, len(KINDS))})
        return kinds

    def units(self) -> list[Unit]:
        """All work, in pieces that take about as long as each other; families are not torn."""
        return [unit for number, part in enumerate(self.parts) for unit in _units(number, part)]

    def commits(self) -> Iterator[str]:
        """The ids of all commits. Of packed objects nothing is read for it, of loose the begin."""
        for part in self.parts:
            if isinstance(part, Loose):
                yield from loose_commits(part.objects, part.names)
            else:
                table, width = part.index.table, part.index.width
                content = part.kinds.tobytes()
                place = content.find(1)
                while place >= 0:
                    begin = part.names[place]
                    yield table[begin : begin + width].hex()
                    place = content.find(1, place + 1)


def open_store(objects: Path, alternates: Iterable[Path] = ()) -> Store:
    """The store of an objects/ folder and of others that it borrows from.

    Nothing outside of these folders is read: which alternates may be, the caller knows.
    """
    parts: list[Layout | Loose] = []
    unreadable: list[Unreadable] = []
    unindexed: list[Path] = []
    opened: set[Path] = set()
    for each in dict.fromkeys((objects, *alternates)):
        try:
            with folder(os.fspath(each)) as number:
                names, lost = loose_names(number)
                unreadable += lost
                parts += [Loose(each, tuple(names))] if names else []
                for found in _packs(number):
                    if isinstance(found, str):
                        unindexed.append(each / found)
                    elif isinstance(found, Unreadable):
                        unreadable.append(found)
                    else:
                        parts.append(found)
                        unreadable += found.unreadable
                        opened |= {each / found.where, (each / found.where).with_suffix(".idx")}
        except Damaged as fault:
            unreadable.append(Unreadable("", "", fault.reason))
    return Store(tuple(parts), tuple(unreadable), tuple(unindexed), frozenset(opened))


def walk(store: Store, unit: Unit) -> Iterator[GitObject | Streamed | Unreadable]:
    """Each object of a unit once, as it is stored: nobody has checked that it is what its id says.

    An object that is stored twice therefore comes twice, in case the copies differ.
    """
    part = store.parts[unit.part]
    if isinstance(part, Layout):
        return walk_pack(part, unit.first, unit.last)
    return walk_loose(part.objects, part.names[unit.first : unit.last])


def _packs(store: int) -> Iterator[Layout | Unreadable | str]:
    """The packs of an open objects folder; of one without a usable index the path below it."""
    if not any(name == "pack" for name, _ in entries(store)):
        return
    try:
        with folder("pack", store) as number:
            for name, _ in entries(number):
                if name.endswith(".pack"):
                    yield from _pack(number, name)
    except Damaged as fault:
        yield Unreadable("", "pack", fault.reason)


def _pack(number: int, name: str) -> Iterator[Layout | Unreadable | str]:
    where = f"pack/{name}"
    try:
        pack = mapped(name, number)
    except Damaged as fault:
        yield Unreadable("", where, fault.reason)
        return
    try:
        yield lay_out(where, pack, parse(mapped(f"{name.removesuffix('.pack')}.idx", number)))
    except Damaged as fault:
        yield Unreadable("", where, f"no usable index: {fault.reason}", len(pack))
        yield where


def _length(part: Layout | Loose) -> int:
    return len(part.names)


def _units(number: int, part: Layout | Loose) -> Iterator[Unit]:
    count = _length(part)
    if isinstance(part, Loose):
        for first in range(0, count, _LOOSE):
            yield Unit(number, first, min(first + _LOOSE, count))
        return
    begin, families, work = 0, part.families, part.work
    while begin < len(families):
        first = int(families[begin])
        done = int(work[first - 1]) if first else 0
        place = bisect_left(work, done + _WORK)
        begin = bisect_left(families, place, begin + 1)
        yield Unit(number, first, int(families[begin]) if begin < len(families) else count)


def strays(store: Store, objects: Path) -> Iterator[str | Unreadable]:
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
            yield Unreadable("", below, os.strerror(fault.errno or 0))
            continue
        for name, is_folder in found:
            path = os.path.join(below, name)  # noqa: PTH118 - text, to be told below objects/
            if is_folder:
                folders.append(path)
            elif not is_loose(path) and objects / path not in store.opened:
                yield path
