"""In: an opened store and what is wanted of it. Out: objects by their id, or by their kind."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from analyzer.git.loose_objects import iter_loose
from analyzer.git.object_store import LooseObjects, ObjectStore
from analyzer.git.objects import KINDS, GitObject, StreamedObject, UnreadableObject
from analyzer.git.pack_layout import PackLayout
from analyzer.git.pack_reader import iter_pack, rebuild_object

if TYPE_CHECKING:
    from analyzer.git.columns import Column

_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def read_object(store: ObjectStore, oid: str) -> GitObject | StreamedObject | None:
    """The object of that id, None where it is not there or can't be read.

    Costs as much as the objects that it is made of.
    """
    for part in store.parts if _OID.fullmatch(oid) else ():
        found = _loose(part, oid) if isinstance(part, LooseObjects) else _packed(part, oid)
        for each in found:
            if isinstance(each, tuple) and each[0] == oid:
                return each
            if isinstance(each, StreamedObject) and each.oid == oid:
                return each
    return None


def tree_reader(store: ObjectStore) -> Callable[[str], bytes | None]:
    """Reads the content of a tree by its id; None where it is not there or no tree."""

    def body(oid: str) -> bytes | None:
        found = read_object(store, oid)
        return found[2] if isinstance(found, tuple) and found[1] == "tree" else None

    return body


def contains(store: ObjectStore, oid: str) -> bool:
    """Whether the store lists an object of that id; whether it can be read is another question."""
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
    """The ids of all objects, for whoever has many to look up; takes 100 bytes and more an id."""
    return frozenset(oid for part in store.parts for oid in _oids(part))


def iter_objects_of_type(
    store: ObjectStore, kinds: Collection[str]
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """All objects of these kinds; of packed ones no others are unpacked."""
    wanted = {KINDS.index(kind) for kind in kinds}
    for part in store.parts:
        if isinstance(part, LooseObjects):
            for each in iter_loose(part.objects, part.names):
                if isinstance(each, UnreadableObject) or _kind(each) in kinds:
                    yield each
        else:
            for first, last in _runs(part, wanted):
                yield from iter_pack(part, first, last)


def _runs(part: PackLayout, wanted: Collection[int]) -> Iterator[tuple[int, int]]:
    """The ranges of rows that have objects of the wanted kinds; a chain is of one kind."""
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


def _loose(part: LooseObjects, oid: str) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    name = f"{oid[:2]}/{oid[2:]}"
    return iter_loose(part.objects, [name] if _is_listed(part.names, name) else [])


def _packed(part: PackLayout, oid: str) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """The object, after those that it is made of."""
    position = part.index.find(bytes.fromhex(oid))
    if position < 0:
        return iter(())
    place = _row_of(part.columns.names, part.index.first + position * part.index.step)
    if place is None:
        return iter(())
    return rebuild_object(part, place)


def _row_of(names: Column, name: int) -> int | None:
    """The row of the object whose ID lies at that place of the index; None for none."""
    if hasattr(names, "nonzero"):
        found = (names == name).nonzero()[0]  # type: ignore[union-attr]
        return int(found[0]) if len(found) else None
    try:
        return names.index(name)
    except ValueError:
        return None


def _is_listed(names: tuple[str, ...], name: str) -> bool:
    place = bisect_left(names, name)
    return place < len(names) and names[place] == name


def _kind(each: GitObject | StreamedObject) -> str:
    return each.kind if isinstance(each, StreamedObject) else each[1]
