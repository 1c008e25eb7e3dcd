"""In: blobs that commits brought in. Out: what is new in them, compared with what was there before.

`commit_range` calls it. A find is new where no parent's version has its value, or the line on which
it stands; of a pair both halves count once one of them is new. Where a blob stands for an object of
Git LFS that is here, the object was brought in with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import Path

from analyzer.files import Skipped, UnreadableFile, read_untrusted
from analyzer.forks import WorkerLost, run_forked
from analyzer.git.objects import StreamedObject
from analyzer.git.references import parse_pointer
from analyzer.git.revisions import BlobChange
from analyzer.git.sandbox import Sandbox, read_objects_with_git
from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.model import Occurrence, PlaceKind, Sighting, ValueKey
from analyzer.leaks.sources.content import LARGEST, failure, scan_content, scan_streamed, under_path
from analyzer.leaks.sources.lfs_objects import find_lfs_object, scan_lfs_object
from analyzer.leaks.sources.work import PartialScan, SearchTerms

_SHARE = 400
"""Objects that one process reads at a time."""
_MOST_RESTARTS = 100
LOST = "missing or damaged"
"""Why an object that git can't read was not."""


@dataclass(frozen=True, slots=True)
class _Version:
    """A blob: what is in it, and a digest of each line of interest."""

    sightings: tuple[Sighting, ...] = ()
    lines: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Share:
    """Blobs that one process scans; with `lines`, whether a blob has a line of these digests.

    Objects of Git LFS are in `git_dir`.
    """

    oids: tuple[str, ...]
    git_dir: Path
    lines: frozenset[bytes] | None = None


def find_new(  # noqa: PLR0913, PLR0917 - where from, what, for what, and where to
    git: Sandbox,
    git_dir: Path,
    changes: Sequence[BlobChange],
    terms: SearchTerms,
    jobs: int,
    scan: PartialScan,
) -> Iterator[tuple[BlobChange, tuple[Sighting, ...]]]:
    """Each change with what it brought in, if anything; what can't be read goes to `scan`.

    Every blob is read once, and once more where it is the earlier version of one with a find. A
    pointer whose object is not here stays in `scan.pointers`.
    """
    names = dict.fromkeys(each.oid for each in changes)
    versions = _scan_blobs(git, git_dir, [*names], None, terms, jobs, scan)
    found = [each for each in changes if each.oid in versions]
    earlier = dict.fromkeys(oid for each in found for oid in each.before)
    digests = frozenset(line for each in versions.values() for line in each.lines.values())
    # What can't be read of an earlier version makes more count as new, and is no gap.
    before = _scan_blobs(git, git_dir, [*earlier], digests, terms, jobs, PartialScan())
    for each in found:
        older = [before[oid] for oid in each.before if oid in before]
        if new := tuple(_only_new(versions[each.oid], older)):
            yield each, new


def _only_new(version: _Version, older: Sequence[_Version]) -> Iterator[Sighting]:
    values = {_value(each) for one in older for each in one.sightings}
    lines = {line for one in older for line in one.lines.values()}
    new = [
        each
        for each in version.sightings
        if _value(each) not in values
        or (
            not each.member and each.line in version.lines and version.lines[each.line] not in lines
        )
    ]
    pairs = {(each.key_id, each.digest) for each in new if each.key_id and each.digest}
    taken = set(new)
    return (
        each for each in version.sightings if each in taken or (each.key_id, each.digest) in pairs
    )


def _value(sighting: Sighting) -> tuple[ValueKey, str]:
    return sighting.value_key, sighting.member


def _scan_blobs(  # noqa: PLR0913, PLR0917 - what, for what, and where it goes
    git: Sandbox,
    git_dir: Path,
    oids: Sequence[str],
    lines: frozenset[bytes] | None,
    terms: SearchTerms,
    jobs: int,
    scan: PartialScan,
) -> dict[str, _Version]:
    """The blobs in which something was found; with `lines`, those that have one of these too."""
    parts = (tuple(oids[at : at + _SHARE]) for at in range(0, len(oids), _SHARE))
    shares = [_Share(part, git_dir, lines) for part in parts]
    versions: dict[str, _Version] = {}
    for number, result in run_forked(partial(_scan_share, git, terms), shares, jobs):
        if isinstance(result, WorkerLost):
            what = f"{len(shares[number].oids)} objects, {shares[number].oids[0]} among them"
            scan.skipped.append(Skipped(what, result.reason))
            continue
        scan.add(result[0])
        versions |= result[1]
    return versions


def _scan_share(
    git: Sandbox, terms: SearchTerms, share: _Share
) -> tuple[PartialScan, dict[str, _Version]]:
    scan, versions = PartialScan(), dict[str, _Version]()
    for each in read_objects(git, share.oids, scan):
        version = _scan_version(each, terms, share, scan)
        if version.sightings or version.lines:
            versions[each.oid] = version
    return scan, versions


def read_objects(git: Sandbox, oids: Sequence[str], scan: PartialScan) -> Iterator[StreamedObject]:
    """The objects that git can read, one after the other; the others go to `scan` as gaps."""
    queue = [*oids]
    for _ in range(_MOST_RESTARTS):
        done = set()
        try:
            for oid, kind, size, chunks in read_objects_with_git(git, queue):
                done.add(oid)
                yield StreamedObject(oid, kind, size, chunks)
        except UnreadableFile:
            # Git gives up at an object that it can't read: go on behind that one.
            last = max((queue.index(oid) for oid in done), default=-1)
            lost = [oid for oid in queue[: last + 2] if oid not in done]
            queue = queue[last + 2 :]
        else:
            lost, queue = [oid for oid in queue if oid not in done], []
        scan.skipped += (Skipped(f"object {oid}", LOST) for oid in lost)
        if not queue:
            return
    scan.skipped += (Skipped(f"object {oid}", LOST) for oid in queue)


def _scan_version(
    blob: StreamedObject, terms: SearchTerms, share: _Share, scan: PartialScan
) -> _Version:
    try:
        if blob.size > LARGEST:
            result, length, _ = scan_streamed(terms, blob)
            _count(scan, blob.oid, result, length)
            return _Version(result.sightings)
        body = b"".join(blob.chunks)
        own = _scan_body(body, blob.oid, terms, share, scan)
        if (pointer := parse_pointer(body)) is None:
            return own
        if (file := find_lfs_object(share.git_dir, pointer)) is None:
            scan.pointers[blob.oid] = pointer
            return own
        if pointer.size > LARGEST:
            large = _scan_large_lfs_object(file, blob.oid, terms, scan)
            return _Version((*own.sightings, *large.sightings))
        behind = _scan_body(read_untrusted(file, LARGEST), blob.oid, terms, share, scan)
    except UnreadableFile:
        scan.skipped.append(Skipped(f"object {blob.oid}", LOST, blob.size))
        return _Version()
    except Exception as fault:  # noqa: BLE001 - a fault in one object must not cost the others
        scan.skipped.append(failure(f"object {blob.oid}", fault))
        return _Version()
    # Their lines have the same numbers: what the pointer's own text holds counts by its finds.
    return _Version((*own.sightings, *behind.sightings), behind.lines)


def _scan_body(
    body: bytes, oid: str, terms: SearchTerms, share: _Share, scan: PartialScan
) -> _Version:
    """What a content holds that is in memory, of a blob or of an object that it stands for."""
    result = scan_content(terms, oid, body)
    numbers = {each.line for each in result.sightings if not each.member}
    wanted = share.lines
    lines = dict(_digest_lines(body, numbers, wanted)) if numbers or wanted else {}
    _count(scan, oid, result, len(body))
    return _Version(result.sightings, lines)


def _count(scan: PartialScan, oid: str, result: ContentResult, length: int) -> None:
    scan.objects += 1
    scan.size += length
    scan.containers += result.containers
    scan.skipped += (under_path(f"object {oid}", each) for each in result.skipped)


def _scan_large_lfs_object(file: Path, oid: str, terms: SearchTerms, scan: PartialScan) -> _Version:
    """A version by its finds alone, as of any content too large for memory."""
    found = scan_lfs_object(file, Occurrence("", f"object {oid}", 0, PlaceKind.HISTORY), terms)
    sightings = tuple(each.sighting for each in found.sightings)
    found.sightings = []
    scan.add(found)
    return _Version(sightings)


def _digest_lines(
    body: bytes, numbers: Iterable[int], wanted: frozenset[bytes] | None
) -> Iterator[tuple[int, bytes]]:
    """The number and the digest of lines: those of these numbers, or all with a wanted digest."""
    lines = body.split(b"\n")
    if wanted is None:
        within = (number for number in numbers if 0 < number <= len(lines))
        yield from ((number, _digest(lines[number - 1])) for number in within)
        return
    for number, line in enumerate(lines, 1):
        digest = _digest(line)
        if digest in wanted:
            yield number, digest


def _digest(line: bytes) -> bytes:
    return blake2b(line.rstrip(b"\r"), digest_size=16).digest()
