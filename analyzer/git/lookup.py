"""In: an opened store, and an id or kinds. Out: the object of that id, or all of these kinds."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from analyzer.git.allowance import FREE, OVER_BUDGET, Allowance
from analyzer.git.loose_objects import iter_loose
from analyzer.git.object_store import LooseObjects, ObjectStore
from analyzer.git.objects import KINDS, LARGEST_BODY, GitObject, StreamedObject, UnreadableObject
from analyzer.git.pack_layout import PackLayout
from analyzer.git.pack_reader import iter_pack, rebuild_object

if TYPE_CHECKING:
    from analyzer.git.columns import Column

_LONGEST_CHAIN = 64 * LARGEST_BODY
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_Rows: TypeAlias = Mapping[int, int]
"""Rows of a pack, by where in the index the ids of their objects lie."""


def read_object(
    store: ObjectStore, oid: str, allowance: Allowance | None = None
) -> GitObject | StreamedObject | None:
    """The object of that id, None where it is not in the store or can't be read.

    Takes as long as to read the delta chain down to it; no more is unpacked than `allowance` has,
    by default `_LONGEST_CHAIN` bytes. Where that was too little, nothing is left of it.
    """
    allowance = Allowance(_LONGEST_CHAIN) if allowance is None else allowance
    return _read(store, oid, allowance, [None] * len(store.parts))


def read_many(
    store: ObjectStore, oids: Collection[str], allowance: Allowance
) -> Iterator[tuple[str, GitObject | StreamedObject | None]]:
    """Each id with its object, as `read_object` has it; None for all once `allowance` is used up.

    The places of all in a pack are looked up at once: to search for each takes time in proportion
    to the objects of the pack.
    """
    rows = [_rows_of(part, oids) for part in store.parts]
    for oid in oids:
        yield oid, _read(store, oid, allowance, rows) if allowance.left >= 0 else None


def _read(
    store: ObjectStore, oid: str, allowance: Allowance, rows: Sequence[_Rows | None]
) -> GitObject | StreamedObject | None:
    for part, known in zip(store.parts, rows, strict=True) if _OID.fullmatch(oid) else ():
        for each in _find_in_part(part, oid, allowance, known):
            if isinstance(each, tuple):
                allowance.charge_all(len(each[2]))
            if isinstance(each, tuple) and each[0] == oid:
                return each
            if isinstance(each, StreamedObject) and each.oid == oid:
                return each
            if isinstance(each, UnreadableObject) and each.reason == OVER_BUDGET:
                allowance.charge_all(allowance.left + 1)
            if allowance.left < 0:
                return None
    return None


def tree_reader(store: ObjectStore) -> Callable[[str], bytes | None]:
    """A function that gives the content of a tree by its id, None where that is no tree.

    All that it reads is within one allowance: trees may share a delta chain of any length, each at
    its end. Beyond that it gives None.
    """
    allowance = Allowance(_LONGEST_CHAIN + store.budget)

    def read_tree(oid: str) -> bytes | None:
        each = read_object(store, oid, allowance) if allowance.left >= 0 else None
        return each[2] if isinstance(each, tuple) and each[1] == "tree" else None

    return read_tree


def contains(store: ObjectStore, oid: str) -> bool:
    """Whether the store lists an object of that id, whether or not it can be read."""
    if not _OID.fullmatch(oid):
        return False
    name, raw = f"{oid[:2]}/{oid[2:]}", bytes.fromhex(oid)
    return any(
        _is_listed(part.names, name)
        if isinstance(part, LooseObjects)
        else part.index.find(raw) >= 0
        for part in store.parts
    )


def all_ids(store: ObjectStore) -> frozenset[str]:
    """The ids of all objects that the store lists; takes 100 bytes or more of memory for each."""
    return frozenset(oid for part in store.parts for oid in _oids(part))


def iter_objects_of_type(
    store: ObjectStore, kinds: Collection[str], allowance: Allowance | None = None
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """All objects of these kinds, and those unreadable; of packed ones no others are unpacked.

    No more is unpacked than `allowance` covers, by default the store's own budget: what is beyond
    that is unreadable.
    """
    allowance = Allowance(store.budget) if allowance is None else allowance
    wanted = {KINDS.index(kind) for kind in kinds}
    for part in store.parts:
        if isinstance(part, LooseObjects):
            for each in iter_loose(part.objects, part.names):
                if isinstance(each, UnreadableObject) or _kind(each) in kinds:
                    yield each
        else:
            for first, last in _ranges_of_kinds(part, wanted):
                for each in iter_pack(part, first, last, allowance):
                    if isinstance(each, tuple) and len(each[2]) > FREE:
                        yield _count(each, part.where, allowance)
                    else:
                        yield each


def _count(each: GitObject, where: str, allowance: Allowance) -> GitObject | UnreadableObject:
    """The object, if the allowance, to which it is charged, covers it."""
    size = len(each[2])
    if not allowance.covers(0, size):
        return UnreadableObject(each[0], where, OVER_BUDGET, size)
    allowance.charge(0, size)
    return each


def _ranges_of_kinds(part: PackLayout, wanted: Collection[int]) -> Iterator[tuple[int, int]]:
    """The ranges of rows with objects of the wanted kinds; none splits a chain: it has one kind."""
    place = 0
    for kind, run in groupby(part.columns.kinds.tobytes()):
        length = sum(1 for _ in run)
        if kind in wanted:
            yield place, place + length
        place += length


def _oids(part: PackLayout | LooseObjects) -> Iterator[str]:
    if isinstance(part, LooseObjects):
        yield from (name.replace("/", "") for name in part.names)
    else:
        yield from map(part.index.oid, range(part.index.count))


def _find_in_part(
    part: PackLayout | LooseObjects, oid: str, allowance: Allowance, known: _Rows | None
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """The object, after those that it is built on; nothing where the part does not list it."""
    if isinstance(part, LooseObjects):
        name = f"{oid[:2]}/{oid[2:]}"
        return iter_loose(part.objects, [name] if _is_listed(part.names, name) else [])
    name_at = _place_of(part, oid)
    if name_at is None:
        return iter(())
    row = _row_of(part.columns.names, name_at) if known is None else known.get(name_at)
    return iter(()) if row is None else rebuild_object(part, row, allowance)


def _place_of(part: PackLayout, oid: str) -> int | None:
    """Where in the index the id lies; None where it does not."""
    position = part.index.find(bytes.fromhex(oid))
    return None if position < 0 else part.index.first + position * part.index.step


def _row_of(names: Column, name: int) -> int | None:
    """The row of the object whose id lies at that place of the index; None for none."""
    if not isinstance(names, array):
        rows = (names == name).nonzero()[0]
        return int(rows[0]) if len(rows) else None
    try:
        return names.index(name)
    except ValueError:
        return None


def _rows_of(part: PackLayout | LooseObjects, oids: Collection[str]) -> _Rows | None:
    """The rows of those of the objects that a pack has, by the places of their ids."""
    if isinstance(part, LooseObjects):
        return None
    wanted = {_place_of(part, oid) for oid in oids if _OID.fullmatch(oid)}
    names = part.columns.names
    if isinstance(names, array):
        return {name: row for row, name in enumerate(names) if name in wanted}
    import numpy as np

    rows = np.isin(names, [each for each in wanted if each is not None]).nonzero()[0]
    return dict(zip(names[rows].tolist(), rows.tolist(), strict=True))


def _is_listed(names: tuple[str, ...], name: str) -> bool:
    place = bisect_left(names, name)
    return place < len(names) and names[place] == name


def _kind(each: GitObject | StreamedObject) -> str:
    return each.kind if isinstance(each, StreamedObject) else each[1]
