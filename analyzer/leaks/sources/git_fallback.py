"""In: objects that our own reader can't rebuild. Out: a PartialScan of those that git can.

`scheduler` calls it for what `git_objects` left as unreadable: deltas too large, mostly.
"""

from collections.abc import Sequence

from analyzer.files import UnreadableFile
from analyzer.git.objects import StreamedObject, UnreadableObject
from analyzer.git.sandbox import Sandbox, open_sandbox, read_objects_with_git
from analyzer.leaks.sources.git_objects import scan_streamed_object
from analyzer.leaks.sources.repository import to_skipped
from analyzer.leaks.sources.work import PartialScan, Repository, SearchTerms

_MOST_RESTARTS = 100


def retry_with_git(
    repository: Repository,
    terms: SearchTerms,
    unreadable: Sequence[UnreadableObject],
    seconds: float,
) -> PartialScan:
    """Scans what git can rebuild of some objects; git has so many seconds for each start.

    What git can't read either is skipped, for the reason that our own reader had.
    """
    scan = PartialScan()
    left = {each.oid: each for each in unreadable}
    try:
        with open_sandbox(repository.stores, len(unreadable[0].oid), seconds) as git:
            queue = [*left]
            for _ in range(_MOST_RESTARTS):
                done = _scan_with_git(git, terms, repository.name, queue, scan)
                left = {oid: each for oid, each in left.items() if oid not in done}
                # Git gives up at an object that it can't read: go on behind that one.
                last = max((queue.index(oid) for oid in done), default=-1)
                queue = queue[last + 2 :]
                if not queue:
                    break
    except UnreadableFile:
        pass  # Without a sandbox nothing is retried: each object has a reason of its own.
    scan.skipped += map(to_skipped, left.values())
    return scan


def _scan_with_git(
    git: Sandbox, terms: SearchTerms, repository: str, oids: Sequence[str], scan: PartialScan
) -> frozenset[str]:
    """Adds what objects hold, up to the first that git can't read; gives those it could."""
    done = set()
    try:
        for oid, kind, size, chunks in read_objects_with_git(git, oids):
            scan_streamed_object(scan, terms, repository, StreamedObject(oid, kind, size, chunks))
            done.add(oid)
    except UnreadableFile:
        return frozenset(done)
    return frozenset(done)
