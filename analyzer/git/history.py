"""In: the commits of a store and the objects that hold something. Out: who brought these in, where.

Git compares the trees, in quarantine; everything else is worked out from the commits themselves.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from heapq import heapify, heappop, heappush

from analyzer.files import Skipped, UnreadableFile, printable_name
from analyzer.forks import WorkerLost, run_forked
from analyzer.git.sandbox import GitTimeoutError, Sandbox, read_nul_separated, run_git, set_shallow

MOST_PATHS = 1000
"""Paths of one object that are listed; an enemy's tree can give it a hundred million."""
_MOST_RESTARTS = 10
_MOST_OBJECTS = 5_000
_WHO = "who brought in what was found"
_LITTLE = 500
"""Commits that git has gone through before a second process would have begun."""
# As strict as git: on a commit that passes here but not there, git would give up.
_HEAD = re.compile(
    rb"tree ([0-9a-f]{40}|[0-9a-f]{64})\n((?:parent (?:[0-9a-f]{40}|[0-9a-f]{64})\n)*)(?!parent )"
    # As nearly every commit goes on; what goes on otherwise is searched line by line.
    rb"(?:author ([^\n]*)\ncommitter [^\n]* (\d{1,12}) [-+]\d+\n)?",
)
_TARGET = re.compile(rb"object ([0-9a-f]{40}|[0-9a-f]{64})\ntype (\w+)\ntag (.*)$", re.MULTILINE)
_AUTHOR = re.compile(rb"^(?:author|tagger) (.*)$", re.MULTILINE)
_STAMP = re.compile(rb" \d+ [-+]\d+\Z")
_DATE = re.compile(rb"^(?:committer|tagger) .* (\d{1,18}) [-+]\d+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its tree, its parents, its author with address, and when it was made.

    `made` counts seconds from 1970. Most commits are asked for neither, so both stay as they are.
    """

    tree: str
    parents: tuple[str, ...]
    signed: bytes
    committed: int | None

    def author(self) -> str:
        """Name and address of whoever wrote it, empty where it names nobody."""
        return printable_name(_STAMP.sub(b"", self.signed))

    def date(self) -> datetime | None:
        """When it was made, in UTC; None where it tells no date that there is."""
        return _parse_date(self.committed)


@dataclass(frozen=True, slots=True)
class Tag:
    """An annotated tag: what it names, and its own name."""

    target: str
    is_of_commit: bool
    name: str


@dataclass(frozen=True, slots=True)
class History:
    """The commits and tags of a store, and the ids of those commits that are malformed.

    `reachable` are the objects that a ref leads to through tags and parents: commits, tags, and
    what tags and refs name besides. `order` has the reachable commits before the others, and each
    behind its parents.
    """

    commits: Mapping[str, Commit]
    tags: Mapping[str, Tag]
    malformed: frozenset[str]
    reachable: frozenset[str]
    order: tuple[str, ...]

    def incomplete(self) -> frozenset[str]:
        """The commits of which a parent is not there, or is no commit."""
        known = self.commits.keys()
        return frozenset(
            oid for oid, commit in self.commits.items() if not known >= set(commit.parents)
        )


@dataclass(frozen=True, slots=True)
class Introductions:
    """For each object, the paths where it stood and the oldest commit that put it there.

    A merge counts where its content stands in none of its parents. An object that no commit has
    is not in `places`. `skipped` says what could not be found out.
    """

    places: Mapping[str, Mapping[bytes, str]] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()


def parse_identity(body: bytes) -> tuple[str, datetime | None]:
    """Name and address of the author or tagger, and the date at which the object was made."""
    author, made = _parse_signature(body)
    return printable_name(_STAMP.sub(b"", author)), _parse_date(made)


def _parse_signature(body: bytes) -> tuple[bytes, int | None]:
    """The line of the author or tagger, and the seconds at which the object was made."""
    head = body.partition(b"\n\n")[0]
    author, stamp = _AUTHOR.search(head), _DATE.search(head)
    return author[1] if author else b"", int(stamp[1]) if stamp else None


def _parse_date(made: int | None) -> datetime | None:
    try:
        return None if made is None else datetime.fromtimestamp(made, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def is_malformed(kind: str, body: bytes) -> bool:
    """Whether a commit or a tag is none that git would read."""
    return not (_HEAD if kind == "commit" else _TARGET).match(body)


def parse_tag(body: bytes) -> Tag | None:
    """An annotated tag, None where the content is none."""
    head = _TARGET.match(body)
    return Tag(head[1].decode(), head[2] == b"commit", printable_name(head[3])) if head else None


def build_history(bodies: Iterable[tuple[str, str, bytes]], tips: Iterable[str]) -> History:
    """The history that commits and tags, given by id, kind and body, make up."""
    commits: dict[str, Commit] = {}
    tags: dict[str, Tag] = {}
    malformed: set[str] = set()
    for oid, kind, body in bodies:
        if kind == "commit" and (head := _HEAD.match(body)):
            parents = tuple(head[2].decode().split()[1::2])
            signed = _parse_signature(body) if head[4] is None else (head[3], int(head[4]))
            commits[oid] = Commit(head[1].decode(), parents, *signed)
        elif kind == "tag" and (tag := parse_tag(body)):
            tags[oid] = tag
        else:
            malformed.add(oid)
    reached = _reachable(commits, tags, tips)
    # Sorting is stable: whoever can be reached comes first, and each half keeps its order.
    order = sorted(_oldest_first(commits), key=lambda oid: oid not in reached)
    return History(commits, tags, frozenset(malformed), reached, tuple(order))


def _reachable(
    commits: Mapping[str, Commit], tags: Mapping[str, Tag], tips: Iterable[str]
) -> frozenset[str]:
    waiting, seen = list(tips), set(tips)
    while waiting:
        oid = waiting.pop()
        commit, tag = commits.get(oid), tags.get(oid)
        following = commit.parents if commit else (tag.target,) if tag else ()
        for each in following:
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return frozenset(seen)


def _oldest_first(commits: Mapping[str, Commit]) -> Iterator[str]:
    """Parents before children, so that a false date makes no commit older than its parents.

    Of those whose parents are all done, the one with the oldest date follows.
    """
    children: dict[str, list[str]] = {}
    missing: dict[str, int] = {}
    for oid, commit in commits.items():
        parents = {parent for parent in commit.parents if parent in commits}
        missing[oid] = len(parents)
        for parent in parents:
            children.setdefault(parent, []).append(oid)
    dates = {
        oid: math.inf if each.committed is None else each.committed for oid, each in commits.items()
    }
    ready = [(dates[oid], oid) for oid, count in missing.items() if not count]
    heapify(ready)
    while ready:
        _, oid = heappop(ready)
        yield oid
        for child in children.get(oid, ()):
            missing[child] -= 1
            if not missing[child]:
                heappush(ready, (dates[child], child))


def find_introductions(
    git: Sandbox, history: History, objects: Sequence[str], jobs: int
) -> Introductions:
    """Who brought the objects in; blobs, or trees, of which the latter are named by their path.

    Takes time in proportion to the number of commits, but not longer than git may take.
    """
    set_shallow(git, history.incomplete())
    places: dict[str, dict[bytes, str]] = {}
    skipped: list[Skipped] = []
    numbers = range(len(history.order))
    for begin in range(0, len(objects), _MOST_OBJECTS):
        wanted = frozenset(objects[begin : begin + _MOST_OBJECTS])
        helpers = jobs if len(numbers) > _LITTLE else 1
        shares = [numbers[share::helpers] for share in range(helpers)]
        found: list[tuple[int, bytes, str]] = []
        for _, result in run_forked(
            partial(_introduced_in_share, git, history, wanted), shares, jobs
        ):
            if isinstance(result, WorkerLost):
                skipped.append(Skipped(_WHO, _describe_lost_worker(result), is_gap=False))
            else:
                found += result[0]
                skipped += result[1]
        for number, path, oid in sorted(found):
            paths = places.setdefault(oid, {})
            if len(paths) < MOST_PATHS:
                paths.setdefault(path, history.order[number])
    for oid, paths in sorted(places.items()):
        if len(paths) == MOST_PATHS:
            reason = f"stands at {MOST_PATHS} paths or more: not all listed"
            skipped.append(Skipped(f"object {oid}", reason, is_gap=False))
    return Introductions(places, tuple(dict.fromkeys(skipped)))


def _describe_lost_worker(lost: WorkerLost) -> str:
    return f"git's reader ended: {lost.fault}" if lost.fault else "git's reader was ended"


def _introduced_in_share(
    git: Sandbox, history: History, wanted: frozenset[str], share: Sequence[int]
) -> tuple[list[tuple[int, bytes, str]], list[Skipped]]:
    """Commit number, path and object for each change of the commits in one share."""
    waiting = list(share)
    found: list[tuple[int, bytes, str]] = []
    counts: dict[str, int] = {}
    faults: list[UnreadableFile] = []
    while waiting and len(faults) < _MOST_RESTARTS:
        done = 0
        try:
            feed = [history.order[number] for number in waiting]
            for path, oid in _iter_changes(git, feed, wanted):
                done += not oid
                # A bomb's paths are cut here, for they would fill the memory.
                if oid in wanted and counts.get(oid, 0) <= MOST_PATHS:
                    counts[oid] = counts.get(oid, 0) + 1
                    found.append((waiting[done - 1], path, oid))
        except UnreadableFile as fault:
            faults.append(fault)
            if isinstance(fault, GitTimeoutError):
                break
        # What git printed last is done; the next one is what it could not bear.
        waiting = waiting[done + 1 :]
    if not faults:
        return found, []
    reason = f"not known for {len(faults)} commits or more: {faults[-1].reason}"
    return found, [Skipped(_WHO, reason, is_gap=False)]


def _iter_changes(
    git: Sandbox, commits: Sequence[str], wanted: frozenset[str]
) -> Iterator[tuple[bytes, str]]:
    """An empty pair for each commit, and then each path with the object that it put there."""
    how = ("--stdin", "--always", "-r", "-t", "-c", "--root", "--raw", "-z", "--no-abbrev")
    objects = [f"--find-object={oid}" for oid in sorted(wanted)]
    with run_git(git, "diff-tree", *how, "--no-renames", *objects, feed=commits) as output:
        stream = read_nul_separated(output)
        for token in stream:
            if token.startswith(b":"):
                yield next(stream, b""), token.split()[-2].decode()
            else:
                yield b"", ""
