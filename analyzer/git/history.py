"""In: the commits of a store, and some objects. Out: which commit brought each in, at which path.

Git compares the trees, in a sandbox; everything else follows from the commits themselves.
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
"""Paths of one object that are listed; a hostile tree can give it a hundred million."""
_MOST_RESTARTS = 10
_MOST_OBJECTS = 5_000
WHO = "who brought in what was found"
"""What is skipped where git can't tell the commits of all that was found."""
_FEW_COMMITS = 500
"""Up to this many, git is done before a second process would have started."""
# As strict as git: at a commit that passed here but not there, git would stop.
_HEAD = re.compile(
    rb"tree ([0-9a-f]{40}|[0-9a-f]{64})\n((?:parent (?:[0-9a-f]{40}|[0-9a-f]{64})\n)*)(?!parent )"
    # Nearly every commit goes on so; in any other these lines are searched for.
    rb"(?:author ([^\n]*)\ncommitter [^\n]* (\d{1,12}) [-+]\d+\n)?",
)
_TARGET = re.compile(rb"object ([0-9a-f]{40}|[0-9a-f]{64})\ntype (\w+)\ntag (.*)$", re.MULTILINE)
_AUTHOR = re.compile(rb"^(?:author|tagger) (.*)$", re.MULTILINE)
_REPLACED = "refs/replace/"
_STAMP = re.compile(rb" \d+ [-+]\d+\Z")
_DATE = re.compile(rb"^(?:committer|tagger) .* (\d{1,18}) [-+]\d+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: the ids of its tree and its parents, who wrote it, and when it was made.

    `signed` is the author line as it stands; `committed` counts seconds from 1970, None where no
    date is stated. They are parsed when asked for, as most commits never are.
    """

    tree: str
    parents: tuple[str, ...]
    signed: bytes
    committed: int | None

    def author(self) -> str:
        """Name and address of whoever wrote it, empty where it names nobody."""
        return printable_name(_STAMP.sub(b"", self.signed))

    def date(self) -> datetime | None:
        """When it was made, in UTC; None where it states no possible date."""
        return _parse_date(self.committed)


@dataclass(frozen=True, slots=True)
class Tag:
    """An annotated tag: the id of what it names, whether that is a commit, and its own name."""

    target: str
    is_of_commit: bool
    name: str


@dataclass(frozen=True, slots=True)
class History:
    """The commits and tags of a store, and the ids of those commits that are malformed.

    `commits` and `tags` are by id. `reachable` are the objects that a ref leads to through tags and
    parents: commits, tags, and whatever else tags and refs name. `order` has the reachable commits
    before the others and, in each of the two groups, parents before children.
    """

    commits: Mapping[str, Commit]
    tags: Mapping[str, Tag]
    malformed: frozenset[str]
    reachable: frozenset[str]
    order: tuple[str, ...]

    def boundary(self, refs: Mapping[str, str]) -> frozenset[str]:
        """The commits that may have what they seem to bring in from commits that are not here.

        Those of which a parent is missing, as at the edge of a shallow clone; and those by which
        `git replace` puts an end to a history, given the refs by name.
        """
        ends = set()
        for name, oid in refs.items():
            _, is_replacement, replaced = name.rpartition(_REPLACED)
            after, before = self.commits.get(oid), self.commits.get(replaced)
            if is_replacement and after and not (before and {*before.parents} <= {*after.parents}):
                ends.add(oid)
        return self.incomplete() | ends

    def incomplete(self) -> frozenset[str]:
        """The commits of which a parent is missing, or is no commit."""
        known = self.commits.keys()
        return frozenset(
            oid for oid, commit in self.commits.items() if not known >= set(commit.parents)
        )


@dataclass(frozen=True, slots=True)
class Introductions:
    """For each object its paths, and for each path the oldest commit that put it there.

    A merge counts as bringing in only what none of its parents has. An object that is in no commit
    is not in `places`. `skipped` says what could not be found out, and why.
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
    """Whether git would refuse to read the body of a commit or a tag."""
    return not (_HEAD if kind == "commit" else _TARGET).match(body)


def parse_tag(body: bytes) -> Tag | None:
    """The annotated tag in the body of a tag object, None where the body is malformed."""
    head = _TARGET.match(body)
    return Tag(head[1].decode(), head[2] == b"commit", printable_name(head[3])) if head else None


def build_history(bodies: Iterable[tuple[str, str, bytes]], tips: Iterable[str]) -> History:
    """The history of commits and tags, each given as id, kind and body; `tips` are the ids of refs.

    A body that git would refuse goes to `malformed`.
    """
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
    reached = reachable_from(commits, tags, tips)
    # Sorting is stable: the reachable come first, and each half keeps its order.
    order = sorted(_oldest_first(commits), key=lambda oid: oid not in reached)
    return History(commits, tags, frozenset(malformed), reached, tuple(order))


def reachable_from(
    commits: Mapping[str, Commit], tags: Mapping[str, Tag], tips: Iterable[str]
) -> frozenset[str]:
    """The tips, and the commits, tags and other objects that tags and parents lead to from them."""
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
    """Parents before children, so that a false date can't put a commit before its parents.

    Among commits whose parents have all come, the one with the oldest date is next.
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
    """The commits that brought the objects in: blobs, or trees, which count at their path likewise.

    Takes time in proportion to the number of commits, and for each git command no more than the
    sandbox's `seconds`.
    """
    set_shallow(git, history.incomplete())
    places: dict[str, dict[bytes, str]] = {}
    skipped: list[Skipped] = []
    numbers = range(len(history.order))
    for begin in range(0, len(objects), _MOST_OBJECTS):
        wanted = frozenset(objects[begin : begin + _MOST_OBJECTS])
        helpers = jobs if len(numbers) > _FEW_COMMITS else 1
        shares = [numbers[share::helpers] for share in range(helpers)]
        found: list[tuple[int, bytes, str]] = []
        for _, result in run_forked(
            partial(_introduced_in_share, git, history, wanted), shares, jobs
        ):
            if isinstance(result, WorkerLost):
                skipped.append(Skipped(WHO, _describe_lost_worker(result), is_gap=False))
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
    """Commit number, path and object of each change in one share of commits; what was skipped."""
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
                # Paths are cut off here: those of a hostile tree would fill the memory.
                if oid in wanted and counts.get(oid, 0) <= MOST_PATHS:
                    counts[oid] = counts.get(oid, 0) + 1
                    found.append((waiting[done - 1], path, oid))
        except UnreadableFile as fault:
            faults.append(fault)
            if isinstance(fault, GitTimeoutError):
                break
        # Git is done with what it printed last; at the next commit it stopped.
        waiting = waiting[done + 1 :]
    if not faults:
        return found, []
    reason = f"not known for {len(faults)} commits or more: {faults[-1].reason}"
    return found, [Skipped(WHO, reason, is_gap=False)]


def _iter_changes(
    git: Sandbox, commits: Sequence[str], wanted: frozenset[str]
) -> Iterator[tuple[bytes, str]]:
    """An empty pair for each commit, and then each path with the object that it put there."""
    options = ("--stdin", "--always", "-r", "-t", "-c", "--root", "--raw", "-z", "--no-abbrev")
    objects = [f"--find-object={oid}" for oid in sorted(wanted)]
    with run_git(git, "diff-tree", *options, "--no-renames", *objects, feed=commits) as output:
        stream = read_nul_separated(output)
        for token in stream:
            if token.startswith(b":"):
                yield next(stream, b""), token.split()[-2].decode()
            else:
                yield b"", ""
