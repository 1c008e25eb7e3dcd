"""In: objects that our own reader can't rebuild. Out: a PartialScan of those that git can.

`completion` calls it for what `git_objects` left as unreadable: deltas too large, mostly.
"""

from collections.abc import Sequence
from dataclasses import replace

from analyzer.files import UnreadableFile
from analyzer.git.allowance import OVER_BUDGET, Allowance
from analyzer.git.objects import StreamedObject, UnreadableObject
from analyzer.git.sandbox import Sandbox, open_sandbox, read_objects_with_git, run_git
from analyzer.leaks.sources.git_objects import scan_streamed_object
from analyzer.leaks.sources.repository import to_skipped
from analyzer.leaks.sources.work import PartialScan, Repository, SearchTerms

_MOST_RESTARTS = 100


def retry_with_git(
    repository: Repository,
    terms: SearchTerms,
    unreadable: Sequence[UnreadableObject],
    seconds: float,
    allowance: Allowance,
) -> PartialScan:
    """Scans what git can rebuild of some objects; git has so many seconds for each start.

    What git can't read either is skipped, for the reason that our own reader had; and what is
    larger than `allowance` covers, for that reason.
    """
    scan = PartialScan()
    left = {each.oid: each for each in unreadable}
    try:
        with open_sandbox(repository.stores, len(unreadable[0].oid), seconds) as git:
            for oid, size in _sizes(git, [*left]).items():
                if not allowance.covers(0, size):
                    left[oid] = replace(left[oid], reason=OVER_BUDGET, size=size)
                else:
                    allowance.charge(0, size)
            queue = [oid for oid, each in left.items() if each.reason != OVER_BUDGET]
            for _ in range(_MOST_RESTARTS):
                if not queue or allowance.left < 0:
                    break
                done = _scan_with_git(git, terms, repository.name, queue, scan, allowance)
                left = {oid: each for oid, each in left.items() if oid not in done}
                # Git gives up at an object that it can't read: go on behind that one.
                last = max((at for at, oid in enumerate(queue) if oid in done), default=-1)
                queue = queue[last + 1 :] if allowance.left < 0 else queue[last + 2 :]
            if allowance.left < 0:
                left |= {oid: replace(left[oid], reason=OVER_BUDGET) for oid in queue}
    except UnreadableFile:
        pass  # Without a sandbox nothing is retried: each object has a reason of its own.
    scan.skipped += map(to_skipped, left.values())
    return scan


def _sizes(git: Sandbox, oids: Sequence[str]) -> dict[str, int]:
    """The size of each object of which git can tell it, without unpacking it."""
    sizes: dict[str, int] = {}
    try:
        with run_git(
            git, "cat-file", "--batch-check=%(objectname) %(objectsize)", feed=oids
        ) as out:
            for line in out:
                oid, _, size = line.decode("ascii", "replace").strip().partition(" ")
                if size.isdigit():
                    sizes[oid] = int(size)
    except UnreadableFile:
        pass  # The others are tried: git is stopped when that takes too long.
    return {oid: sizes[oid] for oid in oids if oid in sizes}


def _scan_with_git(  # noqa: PLR0913, PLR0917 - where from, what for, and where to
    git: Sandbox,
    terms: SearchTerms,
    repository: str,
    oids: Sequence[str],
    scan: PartialScan,
    allowance: Allowance,
) -> frozenset[str]:
    """Adds what objects hold, up to the first that git can't read; gives those it could.

    Charges what that costs beyond their size, and ends where it was too much.
    """
    done = set()
    try:
        for oid, kind, size, chunks in read_objects_with_git(git, oids):
            streamed = StreamedObject(oid, kind, size, chunks)
            cost = scan_streamed_object(scan, terms, repository, streamed)
            allowance.charge(0, size + cost, counted=size)
            done.add(oid)
            if allowance.left < 0:
                break
    except UnreadableFile:
        pass
    return frozenset(done)
