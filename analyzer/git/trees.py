"""In: the content of trees. Out: their entries, all ids below them, and the object at a path."""

import re
from collections.abc import Callable, Container, Iterable

_MOST_FOLDERS = 1000
_MOST_TREES = 100_000
_FOLDER = b"40000"
_GITLINK = b"160000"
_ENTRY = {
    length: re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % (length // 2), re.DOTALL)
    for length in (40, 64)
}


def parse_tree(oid: str, body: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Mode, name and id, in bytes, of each entry of a tree; what is no entry is passed over."""
    shape = _ENTRY.get(len(oid))
    return shape.findall(body) if shape else []


def gitlinks(oid: str, body: bytes) -> list[tuple[bytes, str]]:
    """The submodules in a tree: the name of each, and the commit that it is at."""
    if _GITLINK not in body:
        return []
    return [(name, raw.hex()) for mode, name, raw in parse_tree(oid, body) if mode == _GITLINK]


def paths_below(
    tree: str, wanted: Container[str], read: Callable[[str], bytes | None]
) -> dict[str, bytes]:
    """A path of each of the wanted objects that is below a tree; each tree is read once.

    `read` gives the content of a tree by its id. No more than a fixed number of trees are read.
    """
    waiting, seen, paths = [(tree, b"")], {tree}, dict[str, bytes]()
    for _ in range(_MOST_TREES):
        if not waiting:
            break
        oid, above = waiting.pop()
        for mode, name, raw in parse_tree(oid, read(oid) or b""):
            inner = raw.hex()
            if mode.lstrip(b"0") == _FOLDER and inner not in seen:
                seen.add(inner)
                waiting.append((inner, above + name + b"/"))
            elif inner in wanted:
                paths.setdefault(inner, above + name)
    return paths


def reachable_below(oids: Iterable[str], read: Callable[[str], bytes | None]) -> frozenset[str]:
    """The ids of everything below those of the objects that are trees; each tree is read once.

    `read` gives the content of a tree by its id, None for any other. No more than a fixed number of
    trees are read.
    """
    waiting, seen = [*oids], set[str]()
    for _ in range(_MOST_TREES):
        if not waiting:
            break
        oid = waiting.pop()
        for mode, _name, raw in parse_tree(oid, read(oid) or b""):
            inner = raw.hex()
            if mode.lstrip(b"0") == _FOLDER and inner not in seen:
                waiting.append(inner)
            seen.add(inner)
    return frozenset(seen)


def entries_at_paths(
    tree: str, paths: Iterable[bytes], read: Callable[[str], bytes | None]
) -> dict[bytes, str]:
    """The id of the object at each path below a tree; a path where none is does not come.

    `read` gives the content of a tree by its id; only the trees on the way are read.
    """
    entries: dict[bytes, str] = {}
    folders: dict[str, dict[bytes, str]] = {}
    for path in paths:
        steps = path.split(b"/")
        oid = tree if len(steps) <= _MOST_FOLDERS else ""
        for step in steps:
            if oid and oid not in folders:
                body = read(oid) or b""
                folders[oid] = {name: raw.hex() for _, name, raw in parse_tree(oid, body)}
            oid = folders[oid].get(step, "") if oid else ""
        if oid:
            entries[path] = oid
    return entries
