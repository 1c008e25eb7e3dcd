"""In: a vetted git directory. Out: what its reachable history holds, with commit, author and date.

Four passes: commits and tags; blobs; who brought in the blobs that hold something; HEAD's tree.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analyzer.leaks.credentials import Occurrence, Skipped, Where
from analyzer.leaks.detector import Sighting, sightings, spots_at
from analyzer.leaks.files import LARGEST, Event, Looked, Unread, readable
from analyzer.leaks.gitdir import read_refs, read_shallow
from analyzer.leaks.gitprocess import (
    Git,
    GitObject,
    graft,
    quarantine,
    read_objects,
    running,
    tokens,
)

_SECONDS = 600.0
_MOST_ROUNDS = 1000
_MOST_PATHS = 1000
_MOST_FOLDERS = 200
_TREE = re.compile(rb"tree ([0-9a-f]+)$", re.MULTILINE)
_PARENT = re.compile(rb"^parent ([0-9a-f]+)$", re.MULTILINE)
_TARGET = re.compile(rb"object ([0-9a-f]+)\ntype (\w+)\ntag (.*)$", re.MULTILINE)
_AUTHOR = re.compile(rb"^(?:author|tagger) (.*?)(?: \d+ [-+]\d+)?$", re.MULTILINE)
_DATE = re.compile(rb"^(?:committer|tagger) .* (\d+) [-+]\d+$", re.MULTILINE)
_RAW_ID = {40: rb"(.{20})", 64: rb"(.{32})"}


@dataclass(frozen=True, slots=True)
class _Commit:
    tree: str
    parents: tuple[str, ...]
    author: str
    date: datetime | None


@dataclass(frozen=True, slots=True)
class _Graph:
    """The commits that could be read, what tags name besides commits, and what could not be read.

    `cut` are the commits of which a parent could not be read.
    """

    commits: dict[str, _Commit]
    leaves: tuple[str, ...]
    missing: frozenset[str]
    cut: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Listing:
    """All objects below the commits by one of their names, missing ones, and the commits' order."""

    names: dict[str, bytes]
    missing: frozenset[str]
    newest_first: tuple[str, ...]


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
    if not refs.tips:
        return
    id_length = len(next(iter(refs.tips.values())))
    with quarantine(git_dir / "objects", id_length, seconds) as git:
        graph = yield from _graph(git, repository, refs.tips.values())
        yield from _gaps(graph, refs.tips, read_shallow(git_dir))
        listing = yield from _listing(git, graph)
        hits = yield from _hits(git, listing.names)
        if not hits:
            return
        places = yield from _origins(git, graph, listing, hits)
        head = graph.commits.get(refs.head or "")
        paths = {path for found in places.values() for path in found}
        standing = _standing(git, head.tree, paths) if head else {}
        for oid, found in hits.items():
            for path, commit in (places[oid] or {listing.names[oid]: ""}).items():
                place = Occurrence(
                    repository,
                    readable(path),
                    0,
                    Where.HISTORY,
                    object=oid,
                    commit=commit or None,
                    author=graph.commits[commit].author if commit else None,
                    date=graph.commits[commit].date if commit else None,
                    in_head=standing.get(path) == oid,
                )
                yield from spots_at(found, place)


def _graph(git: Git, repository: str, tips: Iterable[str]) -> Generator[Event, None, _Graph]:
    """Follows tags and parents, whatever is missing on the way, and reads the messages."""
    commits: dict[str, _Commit] = {}
    leaves: list[str] = []
    missing: set[str] = set()
    seen: set[str] = set()
    frontier = sorted(set(tips))
    for _ in range(_MOST_ROUNDS):
        if not frontier:
            break
        graft(git, _cut(commits, missing))
        fresh = [oid for oid in dict.fromkeys((*frontier, *_listed(git, frontier)))
                 if oid not in seen]  # fmt: skip
        seen.update(fresh)
        following: list[str] = []
        for item in read_objects(git, fresh, frozenset({"commit", "tag"})):
            commit = _commit(item)
            target = _TARGET.match(item.body or b"") if item.kind == "tag" else None
            if item.kind in {"tree", "blob"}:
                leaves.append(item.oid)
            elif commit:
                commits[item.oid] = commit
                following += commit.parents
            elif target:
                following.append(target[1].decode())
            else:
                missing.add(item.oid)
            yield from _message(repository, item)
        frontier = [oid for oid in dict.fromkeys(following) if oid not in seen]
    if frontier:
        yield Skipped("history", f"damaged in more than {_MOST_ROUNDS} places: not all was read")
    cut = _cut(commits, missing)
    graft(git, cut)
    return _Graph(commits, tuple(leaves), frozenset(missing), cut)


def _listed(git: Git, tips: list[str]) -> list[str]:
    """The commits that git can list from here; it stops at the first one that is missing."""
    listed: list[str] = []
    try:
        with running(git, "rev-list", "--ignore-missing", "--stdin", feed=tips) as output:
            listed.extend(line.decode().strip() for line in output)
    except Unread:
        # What stopped git turns up again as a commit that can't be read.
        return listed
    return listed


def _cut(commits: dict[str, _Commit], missing: Iterable[str]) -> frozenset[str]:
    """The commits that git must take for first ones, since a parent of theirs can't be read."""
    gone = frozenset(missing)
    return frozenset(
        oid for oid, commit in commits.items() if gone and not gone.isdisjoint(commit.parents)
    )


def _commit(item: GitObject) -> _Commit | None:
    """The commit's headers, None where the object is none or is malformed."""
    head = (item.body or b"").partition(b"\n\n")[0]
    tree = _TREE.match(head)
    if item.kind != "commit" or tree is None:
        return None
    parents = tuple(parent.decode() for parent in _PARENT.findall(head))
    return _Commit(tree[1].decode(), parents, *_signature(head))


def _signature(head: bytes) -> tuple[str, datetime | None]:
    """Name and address of the author or tagger, and the date at which the object was made."""
    author, stamp = _AUTHOR.search(head), _DATE.search(head)
    try:
        date = datetime.fromtimestamp(int(stamp[1]), UTC) if stamp else None
    except (OverflowError, ValueError, OSError):
        date = None
    return readable(author[1]) if author else "", date


def _message(repository: str, item: GitObject) -> Iterator[Event]:
    """What the message of a commit or tag holds."""
    if item.body is None:
        return
    yield Looked(item.size)
    head, _, message = item.body.partition(b"\n\n")
    found = sightings(message)
    if not found:
        return
    author, date = _signature(head)
    target = _TARGET.match(head)
    if target is None:
        path, where, commit = "", Where.COMMIT_MESSAGE, item.oid
    else:
        path, where = readable(target[3]), Where.TAG_MESSAGE
        commit = target[1].decode() if target[2] == b"commit" else ""
    place = Occurrence(repository, path, 0, where, item.oid, commit or None, author or None, date)
    yield from spots_at(found, place)


def _gaps(graph: _Graph, tips: dict[str, str], shallow: frozenset[str]) -> Iterator[Skipped]:
    """What of the commits and tags could not be read, and why."""
    for name, oid in tips.items():
        if oid in graph.missing:
            yield Skipped(name, f"object {oid} is missing, damaged or too large")
    if ended := sorted(graph.cut & shallow):
        reason = "a shallow clone: `git fetch --unshallow` brings the rest"
        yield Skipped(f"history before {_some(ended, 'commit')}", reason)
    if broken := sorted(graph.cut - shallow):
        reason = "a parent commit is missing, damaged or too large"
        yield Skipped(f"history before {_some(broken, 'commit')}", reason)


def _some(oids: list[str], noun: str) -> str:
    """One object by its id, several by their number and an example."""
    return f"{noun} {oids[0]}" if len(oids) == 1 else f"{len(oids)} {noun}s, {oids[0]} among them"


def _listing(git: Git, graph: _Graph) -> Generator[Event, None, _Listing]:
    """Everything below the commits that git can list."""
    names: dict[str, bytes] = {}
    missing: set[str] = set()
    order: list[str] = []
    how = ("--objects", "--missing=print", "--date-order", "--stdin")
    try:
        with running(git, "rev-list", *how, feed=(*graph.commits, *graph.leaves)) as output:
            for line in output:
                text, _, name = line.rstrip(b"\n").partition(b" ")
                oid = text.decode()
                if oid.startswith("?"):
                    missing.add(oid[1:])
                elif oid in graph.commits:
                    order.append(oid)
                else:
                    names[oid] = name
    except Unread as fault:
        yield Skipped("objects of its history", f"not all could be listed: {fault.reason}")
    if missing:
        reason = "missing: a partial clone, or damage"
        yield Skipped(_some(sorted(missing), "object"), reason)
    return _Listing(names, frozenset(missing), tuple(order))


def _hits(
    git: Git,
    names: dict[str, bytes],
) -> Generator[Event, None, dict[str, tuple[Sighting, ...]]]:
    """The blobs that hold something, with what they hold."""
    hits = {}
    for item in read_objects(git, names, frozenset({"blob"})):
        if item.body is not None:
            yield Looked(item.size)
            if found := sightings(item.body):
                hits[item.oid] = found
        elif item.kind == "blob":
            reason = f"larger than {LARGEST} bytes" if item.size > LARGEST else "damaged"
            name = f"{readable(names[item.oid])} (object {item.oid})"
            yield Skipped(name, reason, item.size)
        elif item.kind != "tree":
            yield Skipped(f"object {item.oid}", "missing or damaged")
    return hits


def _origins(
    git: Git,
    graph: _Graph,
    listing: _Listing,
    hits: Iterable[str],
) -> Generator[Event, None, dict[str, dict[bytes, str]]]:
    """For each blob its paths, with the oldest commit that put it there.

    A merge counts where its content stands in none of its parents.
    """
    places: dict[str, dict[bytes, str]] = {oid: {} for oid in hits}
    treeless = {oid for oid, commit in graph.commits.items() if commit.tree in listing.missing}
    graft(git, graph.cut | _cut(graph.commits, treeless))
    oldest_first = [oid for oid in reversed(listing.newest_first) if oid not in treeless]
    how = ("--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "--no-renames")
    try:
        with running(git, "diff-tree", *how, feed=oldest_first) as output:
            commit, stream = "", tokens(output)
            for token in stream:
                if not token.startswith(b":"):
                    commit = token.decode()
                    continue
                path, oid = next(stream), token.split()[-2].decode()
                if oid in places and len(places[oid]) < _MOST_PATHS:
                    places[oid].setdefault(path, commit)
    except Unread as fault:
        yield Skipped("commits that brought in what was found", f"not all known: {fault.reason}")
    for oid, found in places.items():
        if len(found) == _MOST_PATHS:
            yield Skipped(f"object {oid}", f"stands at {_MOST_PATHS} paths or more: not all listed")
    return places


def _standing(git: Git, tree: str, paths: Iterable[bytes]) -> dict[bytes, str]:
    """The object at each of the paths below a tree; level by level, so only their folders count."""
    entry = re.compile(rb"[0-7]+ ([^\0]*)\0" + _RAW_ID[len(tree)], re.DOTALL)
    found: dict[bytes, str] = {}
    waiting = [(tree, path.split(b"/"), path) for path in sorted(paths)
               if path.count(b"/") < _MOST_FOLDERS]  # fmt: skip
    while waiting:
        level = dict.fromkeys(oid for oid, _, _ in waiting)
        folders = {item.oid: {name: oid.hex() for name, oid in entry.findall(item.body or b"")}
                   for item in read_objects(git, level, frozenset({"tree"}))}  # fmt: skip
        below = [(folders[oid].get(steps[0], ""), steps[1:], path) for oid, steps, path in waiting]
        found |= {path: oid for oid, steps, path in below if oid and not steps}
        waiting = [step for step in below if step[0] and step[1]]
    return found
