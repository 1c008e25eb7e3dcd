"""In: a quarantine and the ids that refs name. Out: all commits, and what messages hold.

Whatever is missing or malformed on the way is stepped over, and told.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from analyzer.leaks.credentials import Occurrence, Skipped, Where
from analyzer.leaks.detector import sightings, spots_at
from analyzer.leaks.files import Event, Looked, Unread, readable
from analyzer.leaks.gitprocess import Git, GitObject, graft, read_objects, running

_MOST_ROUNDS = 1000
# As strict as git: on a commit that passes here but not there, git would give up.
_HEAD = re.compile(
    rb"tree ([0-9a-f]{40}|[0-9a-f]{64})\n((?:parent (?:[0-9a-f]{40}|[0-9a-f]{64})\n)*)(?!parent )",
)
_TARGET = re.compile(rb"object ([0-9a-f]+)\ntype (\w+)\ntag (.*)$", re.MULTILINE)
_AUTHOR = re.compile(rb"^(?:author|tagger) (.*?)(?: \d+ [-+]\d+)?$", re.MULTILINE)
_DATE = re.compile(rb"^(?:committer|tagger) .* (\d+) [-+]\d+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its tree, its parents, its author with address, and when it was made."""

    tree: str
    parents: tuple[str, ...]
    author: str
    date: datetime | None


@dataclass(frozen=True, slots=True)
class Graph:
    """The commits that could be read, what tags name besides commits, and what could not be read.

    `cut` are the commits of which a parent could not be read.
    """

    commits: dict[str, Commit]
    leaves: tuple[str, ...]
    missing: frozenset[str]
    cut: frozenset[str]


def read_graph(git: Git, repository: str, tips: Iterable[str]) -> Generator[Event, None, Graph]:
    """Follows tags and parents from the tips to the end, and tells what the messages hold."""
    commits: dict[str, Commit] = {}
    leaves: list[str] = []
    missing: set[str] = set()
    seen: set[str] = set()
    frontier = sorted(set(tips))
    for _ in range(_MOST_ROUNDS):
        if not frontier:
            break
        graft(git, without(commits, missing))
        listed = dict.fromkeys((*frontier, *listing(git, frontier)))
        fresh = [oid for oid in listed if oid not in seen]
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
    cut = without(commits, missing)
    return Graph(commits, tuple(leaves), frozenset(missing), cut)


def listing(git: Git, tips: Iterable[str], *how: str) -> list[str]:
    """The commits that git can list from the tips; it stops at the first one that is missing."""
    listed: list[str] = []
    try:
        with running(git, "rev-list", "--ignore-missing", *how, "--stdin", feed=tips) as output:
            listed.extend(line.decode().strip() for line in output)
    except Unread:
        # What stopped git turns up again as a commit that can't be read.
        return listed
    return listed


def without(commits: dict[str, Commit], parents: Iterable[str]) -> frozenset[str]:
    """The commits that git must take for first ones, since one of these is their parent."""
    gone = frozenset(parents)
    return frozenset(
        oid for oid, commit in commits.items() if gone and not gone.isdisjoint(commit.parents)
    )


def gaps(graph: Graph, tips: dict[str, str], shallow: frozenset[str]) -> Iterator[Skipped]:
    """What of the commits and tags could not be read, and why."""
    for name, oid in tips.items():
        if oid in graph.missing:
            yield Skipped(name, f"object {oid} is missing, damaged or too large")
    if ended := sorted(graph.cut & shallow):
        reason = "a shallow clone: `git fetch --unshallow` brings the rest"
        yield Skipped(f"history before {some(ended, 'commit')}", reason)
    if broken := sorted(graph.cut - shallow):
        reason = "a parent commit is missing, damaged or too large"
        yield Skipped(f"history before {some(broken, 'commit')}", reason)


def some(oids: list[str], noun: str) -> str:
    """One object by its id, several by their number and an example."""
    return f"{noun} {oids[0]}" if len(oids) == 1 else f"{len(oids)} {noun}s, {oids[0]} among them"


def _commit(item: GitObject) -> Commit | None:
    """The commit's headers, None where the object is none or is malformed."""
    head = _HEAD.match(item.body or b"")
    if item.kind != "commit" or head is None:
        return None
    parents = tuple(line.decode() for line in head[2].split()[1::2])
    return Commit(head[1].decode(), parents, *_signature(item.body or b""))


def _signature(body: bytes) -> tuple[str, datetime | None]:
    """Name and address of the author or tagger, and the date at which the object was made."""
    head = body.partition(b"\n\n")[0]
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
