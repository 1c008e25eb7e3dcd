"""In: objects that no commit introduced. Out: a path of each, from the trees that name it."""

import re
from collections.abc import Collection, Iterator

from analyzer.git.allowance import Allowance
from analyzer.git.lookup import iter_objects_of_type
from analyzer.git.object_store import ObjectStore
from analyzer.git.trees import parse_tree

_FEW = 30
"""Ids that are searched for in one pattern."""
_MOST_FOLDERS = 100
"""Levels of folders up to which a path is followed."""


def paths_from_trees(store: ObjectStore, oids: frozenset[str]) -> dict[str, bytes]:
    """One path of each object that some tree names, whatever leads to that tree.

    Of several paths it is the one through most folders, and of these the first in order. All trees
    are read once for each level of folders, and only one path for each folder is kept.
    """
    paths: dict[str, bytes] = {}
    allowance = Allowance(store.budget)
    # Each tree of this level with the objects below it, and their paths from there.
    level = {oid: {oid: b""} for oid in oids}
    for _ in range(_MOST_FOLDERS):
        if not level:
            break
        above: dict[str, dict[str, bytes]] = {}
        for tree, name, oid in _entries_naming(store, level, allowance):
            for target, below in level[oid].items():
                path = name + b"/" + below if below else name
                known = above.setdefault(tree, {})
                known[target] = min(known.get(target, path), path)
        for known in above.values():
            paths |= {oid: _prefer(paths.get(oid), path) for oid, path in known.items()}
        # A tree comes up again where another object, or a longer path, leads through it.
        level = above
    return paths


def _prefer(known: bytes | None, path: bytes) -> bytes:
    """The path through more folders; a later level never has a shorter one than is known."""
    if known is None or known.count(b"/") != path.count(b"/"):
        return path
    return min(known, path)


def _entries_naming(
    store: ObjectStore, oids: Collection[str], allowance: Allowance
) -> Iterator[tuple[str, bytes, str]]:
    """Every tree entry that names one of the objects: the tree, the name in it, the object."""
    # A pattern of many ids is tried id by id at every byte: to read all entries is quicker then.
    few = sorted(oids) if len(oids) <= _FEW else ()
    raw_ids = re.compile(b"|".join(re.escape(bytes.fromhex(oid)) for oid in few))
    for each in iter_objects_of_type(store, {"tree"}, allowance):
        if isinstance(each, tuple) and raw_ids.search(each[2]):
            for _mode, name, raw in parse_tree(each[0], each[2]):
                if raw.hex() in oids:
                    yield each[0], name, raw.hex()
