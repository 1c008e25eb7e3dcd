"""In: objects/ folders. Out: all objects in them, in work ranges that processes can share."""

import os
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

from analyzer.forks import WorkerLost, run_forked
from analyzer.git.allowance import LEAST, RATIO, Allowance
from analyzer.git.base_notes import BaseNotes
from analyzer.git.loose_objects import iter_loose, list_loose_names
from analyzer.git.objects import KINDS, GitObject, StreamedObject, UnreadableObject
from analyzer.git.pack_index import PackIndex, parse_index
from analyzer.git.pack_layout import MANY, OBJECT_COST, PackColumns, PackLayout, build_layout
from analyzer.git.pack_reader import iter_pack
from analyzer.git.safe_open import DamagedObject, list_folder, map_file, open_folder

_RANGE_COST = 2_000_000
"""What the packed objects of a work range cost, in the unit of `PackColumns.cumulative_cost`."""
_BLOCK = 4096
"""Bytes that a small file takes up on most disks."""
_RANGE_LOOSE = 500
"""Loose objects in a work range."""


@dataclass(frozen=True, slots=True)
class LooseObjects:
    """The loose objects of one objects/ folder; `size` is what their files take up, in bytes."""

    objects: Path
    names: tuple[str, ...]
    size: int

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)


@dataclass(frozen=True, slots=True)
class WorkRange:
    """What one process does at a time: objects `first` to `last`, without `last`, of `part`.

    `part` is the index of a part of the store.
    """

    part: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """What objects/ folders hold, each pack and the loose objects of each folder being a part.

    Forked processes share it; it can't be pickled, its work ranges can. `unreadable` are objects
    and files that no work range has; one without an id and a place is a whole objects/ folder.
    `unindexed` are packs without a usable index, whose objects are not counted: `git index-pack`
    can make one. `opened` are the packs and indexes that objects are read from.
    """

    parts: tuple[PackLayout | LooseObjects, ...]
    unreadable: tuple[UnreadableObject, ...]
    unindexed: tuple[Path, ...]
    opened: frozenset[Path]

    @property
    def is_mapped(self) -> bool:
        """Whether to read it may end the process: where a mapped file is cut off, say."""
        return any(isinstance(each, PackLayout) and each.is_mapped for each in self.parts)

    @property
    def count(self) -> int:
        """How many objects the work ranges have; one that is stored twice counts twice."""
        return sum(part.count for part in self.parts)

    @property
    def budget(self) -> int:
        """Bytes that all of it may unpack to, beyond the free ones of each object."""
        stored = sum(
            len(each.pack) if isinstance(each, PackLayout) else each.size for each in self.parts
        )
        return LEAST + RATIO * stored

    def stored_size(self, part: int, row: int) -> int:
        """Bytes that the object of that row, or the loose one of that number, takes up."""
        holder = self.parts[part]
        if isinstance(holder, PackLayout):
            return int(holder.columns.ends[row]) - int(holder.columns.starts[row])
        try:
            return (holder.objects / holder.names[row]).lstat().st_size
        except OSError:
            return 0

    def object_id(self, part: int, row: int) -> str:
        """The id, in hex, of the object of that row, or of the loose one of that number."""
        holder = self.parts[part]
        if isinstance(holder, LooseObjects):
            return holder.names[row].replace("/", "")
        begin = int(holder.columns.names[row])
        return holder.index.table[begin : begin + holder.index.width].hex()

    def place(self, part: int) -> str:
        """The name of the file that is that part; of the folder, for loose objects."""
        holder = self.parts[part]
        return f"objects/{holder.where}" if isinstance(holder, PackLayout) else "objects"

    def kinds(self) -> Mapping[str, int]:
        """How many packed objects there are of each kind; a loose one has to be read to tell."""
        kinds: Counter[str] = Counter()
        for part in self.parts:
            if isinstance(part, PackLayout):
                content = part.columns.kinds.tobytes()
                kinds.update({KINDS[kind]: content.count(kind) for kind in range(1, len(KINDS))})
        return kinds

    def work_ranges(self) -> list[WorkRange]:
        """Ranges that take about equally long and have every object once; no chain is split."""
        return [
            work_range
            for number, part in enumerate(self.parts)
            for work_range in _split_part(number, part)
        ]

    def cost(self, work_range: WorkRange) -> int:
        """What a range costs to read, in bytes."""
        part = self.parts[work_range.part]
        if isinstance(part, LooseObjects):
            return (work_range.last - work_range.first) * (OBJECT_COST + _BLOCK)
        cost, first = part.columns.cumulative_cost, work_range.first
        return int(cost[work_range.last - 1]) - (int(cost[first - 1]) if first else 0)


def open_store(objects: Path, alternates: Iterable[Path] = ()) -> ObjectStore:
    """The store of an objects/ folder and of the alternates that it borrows from.

    Never raises, and reads nothing outside of these folders: the caller says which alternates are
    allowed.
    """
    parts: list[PackLayout | LooseObjects] = []
    unreadable: list[UnreadableObject] = []
    unindexed: list[Path] = []
    opened: set[Path] = set()
    for each in dict.fromkeys((objects, *alternates)):
        try:
            with open_folder(os.fspath(each)) as number:
                names, unlisted = list_loose_names(number)
                unreadable += unlisted
                size = sum(_size_on_disk(name, number) for name in names)
                parts += [LooseObjects(each, tuple(names), size)] if names else []
                for pack in _open_packs(number):
                    if isinstance(pack, str):
                        unindexed.append(each / pack)
                    elif isinstance(pack, UnreadableObject):
                        unreadable.append(pack)
                    else:
                        parts.append(pack)
                        unreadable += pack.unreadable
                        opened |= {each / pack.where, (each / pack.where).with_suffix(".idx")}
        except DamagedObject as fault:
            unreadable.append(UnreadableObject("", "", fault.reason))
    return ObjectStore(tuple(parts), tuple(unreadable), tuple(unindexed), frozenset(opened))


def _size_on_disk(name: str, folder: int) -> int:
    """Bytes that a file takes up, below an open folder."""
    try:
        size = os.lstat(name, dir_fd=folder).st_size
    except OSError:
        return _BLOCK
    return size + -size % _BLOCK


def share_budget(store: ObjectStore, ranges: Sequence[WorkRange]) -> list[int]:
    """The part of the store's budget that each range may use, by what the ranges cost."""
    costs = [store.cost(each) for each in ranges]
    return [store.budget * cost // sum(costs) for cost in costs]


def iter_objects(
    store: ObjectStore,
    work_range: WorkRange,
    allowance: Allowance | None = None,
    notes: BaseNotes | None = None,
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """Each object of a work range once, as it is stored; its id is not checked against its content.

    An object that is stored twice therefore comes twice, in case the copies differ. Rows of a pack,
    and names of loose objects, come in their order, one object for each. What a delta would make is
    left out, with OVER_BUDGET as the reason, where `allowance` does not cover it. `notes` are kept
    for the objects of a pack; loose ones have no base.
    """
    part = store.parts[work_range.part]
    if isinstance(part, PackLayout):
        return iter_pack(part, work_range.first, work_range.last, allowance, notes)
    return iter_loose(part.objects, part.names[work_range.first : work_range.last])


def _open_packs(store: int) -> Iterator[PackLayout | UnreadableObject | str]:
    """The packs of an open objects folder.

    Of a pack without a usable index: why, and its path below the folder.
    """
    if not any(name == "pack" for name, _ in list_folder(store)):
        return
    found: list[tuple[str, mmap | bytes, PackIndex]] = []
    try:
        with open_folder("pack", store) as number:
            for name, _ in list_folder(number):
                if name.endswith(".pack"):
                    yield from _open_pack(number, name, found)
    except DamagedObject as fault:
        yield UnreadableObject("", "pack", fault.reason)
    yield from _lay_out(found)


def _open_pack(
    number: int, name: str, found: list[tuple[str, mmap | bytes, PackIndex]]
) -> Iterator[UnreadableObject | str]:
    """Adds a pack and its index to `found`; where it can't, gives why, and what could be indexed.

    The index is read and not mapped: it is looked at in the process that nobody replaces.
    """
    where = f"pack/{name}"
    try:
        pack = map_file(name, number)
    except DamagedObject as fault:
        yield UnreadableObject("", where, fault.reason)
        return
    try:
        table = map_file(f"{name.removesuffix('.pack')}.idx", number, sys.maxsize)
        found.append((where, pack, parse_index(table)))
    except DamagedObject as fault:
        yield UnreadableObject("", where, f"no usable index: {fault.reason}", len(pack))
        yield where


def _lay_out(
    found: Sequence[tuple[str, mmap | bytes, PackIndex]],
) -> Iterator[PackLayout | UnreadableObject]:
    """The layout of each pack; of one that is mapped it is made by a process that may end."""

    def make_columns(
        each: tuple[str, mmap | bytes, PackIndex],
    ) -> tuple[PackColumns, tuple[UnreadableObject, ...]]:
        layout = build_layout(*each)
        return layout.columns, layout.unreadable

    if any(index.count >= MANY for _, _, index in found):
        import numpy  # noqa: F401, ICN001 - once, and not by each process
    is_mapped = any(isinstance(pack, mmap) for _, pack, _ in found)
    for number, result in run_forked(make_columns, found, 1, is_risky=is_mapped):
        where, pack, index = found[number]
        if isinstance(result, WorkerLost):
            yield UnreadableObject("", where, result.reason, len(pack))
        else:
            yield PackLayout(where, pack, index, *result)


def _split_part(number: int, part: PackLayout | LooseObjects) -> Iterator[WorkRange]:
    count = part.count
    if isinstance(part, LooseObjects):
        for first in range(0, count, _RANGE_LOOSE):
            yield WorkRange(number, first, min(first + _RANGE_LOOSE, count))
        return
    begin = 0
    chain_starts, cost = part.columns.chain_starts, part.columns.cumulative_cost
    while begin < len(chain_starts):
        first = int(chain_starts[begin])
        done = int(cost[first - 1]) if first else 0
        place = bisect_left(cost, done + _RANGE_COST)
        begin = bisect_left(chain_starts, place, begin + 1)
        yield WorkRange(
            number, first, int(chain_starts[begin]) if begin < len(chain_starts) else count
        )
