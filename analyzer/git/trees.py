"""In: the content of trees. Out: what they name, what stands below them, and what at a path."""

import re
from collections.abc import Callable, Iterable

_MOST_FOLDERS = 1000
_MOST_TREES = 100_000
_FOLDER = b"40000"
_ENTRY = {
    length: re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % (length // 2), re.DOTALL)
    for length in (40, 64)
}


def parse_tree(oid: str, body: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Mode, name and id, in bytes, of everything that a tree names; of nonsense, nothing."""
    shape = _ENTRY.get(len(oid))
    return shape.findall(body) if shape else []


def reachable_below(oids: Iterable[str], read: Callable[[str], bytes | None]) -> frozenset[str]:
    """Everything that stands below those of the objects that are trees, each tree read once."""
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
    """The object at each of the paths below a tree; only the folders on the way are read."""
    found: dict[bytes, str] = {}
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
            found[path] = oid
    return found
