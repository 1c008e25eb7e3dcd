"""In: a vetted git directory. Out: what its reachable history holds, with commit, author and date.

Four passes: commits and tags; trees and blobs; who brought in what was found; what HEAD has of it.
"""

import math
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.leaks.credentials import Occurrence, Skipped, Where
from analyzer.leaks.detector import Sighting, sightings, spots_at
from analyzer.leaks.files import LARGEST, Event, Looked, Unread, readable
from analyzer.leaks.gitdir import Refs, read_refs, read_shallow
from analyzer.leaks.gitprocess import Git, Late, graft, quarantine, read_objects, running, tokens
from analyzer.leaks.graph import Graph, gaps, listing, read_graph, some, without

_SECONDS = 600.0
_MOST_PATHS = 1000
_MOST_FOLDERS = 1000
_MOST_RESTARTS = 10
_SUBMODULE = b"160000"
_ENTRY = {
    length: re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % (length // 2), re.DOTALL)
    for length in (40, 64)
}


@dataclass(frozen=True, slots=True)
class _Content:
    """The blobs that hold something; a folder of every object, with its name there; lost trees.

    A folder and a name instead of a path, as an enemy's paths can be endless.
    """

    hits: dict[str, tuple[Sighting, ...]] = field(default_factory=dict)
    stands_in: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    lost_trees: set[str] = field(default_factory=set)

    def path(self, oid: str) -> bytes:
        """One path of an object, empty for what only a tag names."""
        names: list[bytes] = []
        while oid:
            oid, name = self.stands_in[oid]
            names.append(name)
        return b"/".join(reversed(names[:-1]))


def look_at_history(
    repository: str,
    git_dir: Path,
    seconds: float = _SECONDS,
) -> Iterator[Event]:
    """What all blobs, commit messages and tag messages that a ref or HEAD leads to hold.

    Reads on past what is missing or damaged and says so. Raises Unread where git can't go on.
    """
    refs = read_refs(git_dir)
    yield from refs.skipped
    # A repository has ids of one length only; but who would say which refs are the false ones?
    for length in sorted({len(oid) for oid in refs.tips.values()}):
        tips = {name: oid for name, oid in refs.tips.items() if len(oid) == length}
        with quarantine(git_dir / "objects", length, seconds) as git:
            graph = yield from read_graph(git, repository, tips.values())
            yield from gaps(graph, tips, read_shallow(git_dir))
            yield from _look_at_content(git, repository, graph, refs)


def _look_at_content(git: Git, repository: str, graph: Graph, refs: Refs) -> Iterator[Event]:
    """What all blobs hold, at every path where they ever stood."""
    content = _Content()
    yield from _read_content(git, graph, content)
    if not content.hits:
        return
    places = yield from _origins(git, graph, content)
    head = graph.commits.get(refs.head or "")
    paths = {path for found in places.values() for path in found}
    standing = _standing(git, head.tree, paths) if head else {}
    for oid, found in places.items():
        for path, commit in found.items():
            origin = graph.commits.get(commit)
            place = Occurrence(
                repository,
                readable(path),
                0,
                Where.HISTORY,
                object=oid,
                commit=commit or None,
                author=origin.author if origin else None,
                date=origin.date if origin else None,
                in_head=standing.get(path) == oid,
            )
            yield from spots_at(content.hits[oid], place)


def _read_content(git: Git, graph: Graph, content: _Content) -> Iterator[Event]:
    """Reads every tree and every blob once, from the roots down, and fills `content`."""
    roots = (*(commit.tree for commit in graph.commits.values()), *graph.leaves)
    level = list(dict.fromkeys(roots))
    content.stands_in.update((oid, ("", b"")) for oid in level)
    missing: list[str] = []
    for _ in range(_MOST_FOLDERS):
        below: list[str] = []
        for item in read_objects(git, level, frozenset({"tree", "blob"})):
            if item.size > LARGEST:
                what = f"{readable(content.path(item.oid))} (object {item.oid})"
                yield Skipped(what, f"larger than {LARGEST} bytes", item.size)
            elif item.body is None:
                missing.append(item.oid)
            elif item.kind == "tree":
                below += _entries(item.oid, item.body, content.stands_in)
            else:
                yield Looked(item.size)
                if found := sightings(item.body):
                    content.hits[item.oid] = found
            if item.kind != "blob" and item.body is None:
                content.lost_trees.add(item.oid)
        level = below
    if missing:
        reason = "missing or damaged; a partial clone lacks what was never fetched"
        yield Skipped(some(sorted(missing), "object"), reason)
    if level:
        yield Skipped(some(sorted(level), "object"), f"below more than {_MOST_FOLDERS} folders")


def _entries(tree: str, body: bytes, stands_in: dict[str, tuple[str, bytes]]) -> Iterator[str]:
    """The objects that a tree is the first to name; notes in `stands_in` that it does."""
    for mode, name, raw in _ENTRY[len(tree)].findall(body):
        oid = raw.hex()
        if mode != _SUBMODULE and oid not in stands_in:
            stands_in[oid] = (tree, name)
            yield oid


def _origins(
    git: Git,
    graph: Graph,
    content: _Content,
) -> Generator[Event, None, dict[str, dict[bytes, str]]]:
    """For each blob its paths, with the oldest commit that put it there, "" where none is known.

    A merge counts where its content stands in none of its parents.
    """
    places: dict[str, dict[bytes, str]] = {oid: {} for oid in content.hits}
    bare = {oid for oid, commit in graph.commits.items() if commit.tree in content.lost_trees}
    graft(git, graph.cut | without(graph.commits, bare))
    waiting = [oid for oid in _oldest_first(git, graph) if oid not in bare]
    faults: list[Unread] = []
    while waiting and len(faults) < _MOST_RESTARTS:
        done = 0
        try:
            for commit, path, oid in _changes(git, waiting):
                done += not path
                if path and oid in places and len(places[oid]) < _MOST_PATHS:
                    places[oid].setdefault(path, commit)
        except Unread as fault:
            faults.append(fault)
            if isinstance(fault, Late):
                break
        # What git printed last is done; the next one is what it could not bear.
        waiting = waiting[done + 1 :]
    if faults:
        reason = f"not known for {len(faults)} commits or more: {faults[-1].reason}"
        yield Skipped("who brought in what was found", reason)
    for oid, found in places.items():
        if len(found) == _MOST_PATHS:
            yield Skipped(f"object {oid}", f"stands at {_MOST_PATHS} paths or more: not all listed")
    return {oid: found or {content.path(oid): ""} for oid, found in places.items()}


def _oldest_first(git: Git, graph: Graph) -> list[str]:
    """Parents before children, so that a false date makes no commit older than its parents.

    Where git can't make such an order, the dates decide.
    """
    listed = listing(git, graph.commits, "--date-order")
    if len(listed) == len(graph.commits):
        return listed[::-1]
    dates = {oid: commit.date.timestamp() if commit.date else math.inf
             for oid, commit in graph.commits.items()}  # fmt: skip
    return sorted(dates, key=lambda oid: (dates[oid], oid))


def _changes(git: Git, commits: list[str]) -> Iterator[tuple[str, bytes, str]]:
    """Each commit, without a path, and then each path with the blob that it put there."""
    how = ("--stdin", "--always", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev")
    with running(git, "diff-tree", *how, feed=commits) as output:
        commit, stream = "", tokens(output)
        for token in stream:
            if token.startswith(b":"):
                yield commit, next(stream, b""), token.split()[-2].decode()
            else:
                commit = token.decode()
                yield commit, b"", ""


def _standing(git: Git, tree: str, paths: Iterable[bytes]) -> dict[bytes, str]:
    """The object at each of the paths below a tree; level by level, so only their folders count."""
    found: dict[bytes, str] = {}
    waiting = [(tree, path.split(b"/"), path) for path in sorted(paths)
               if path.count(b"/") < _MOST_FOLDERS]  # fmt: skip
    while waiting:
        level = dict.fromkeys(oid for oid, _, _ in waiting)
        folders = {
            item.oid: {
                name: raw.hex() for _, name, raw in _ENTRY[len(item.oid)].findall(item.body or b"")
            }
            for item in read_objects(git, level, frozenset({"tree"}))
        }
        below = [(folders[oid].get(steps[0], ""), steps[1:], path) for oid, steps, path in waiting]
        found |= {path: oid for oid, steps, path in below if oid and not steps}
        waiting = [step for step in below if step[0] and step[1]]
    return found
