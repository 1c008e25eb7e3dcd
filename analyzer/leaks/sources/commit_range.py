"""In: a repository of the user's, and a range of its commits or what a push brings. Out: a scan.

Only what these commits brought in counts: their changes, the names and the messages. `part_scans`
calls it for `--since` and for the hook of a server. Git reads all objects, in a sandbox.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from analyzer.files import Skipped, UnreadableFile, printable_name
from analyzer.git.history import MOST_PATHS, parse_identity, parse_tag
from analyzer.git.lookup import all_ids
from analyzer.git.object_store import open_store
from analyzer.git.objects import StreamedObject
from analyzer.git.revisions import (
    BlobChange,
    find_in_tree,
    iter_changes,
    iter_tree,
    list_commits,
    list_kinds,
    list_new_objects,
)
from analyzer.git.sandbox import open_sandbox
from analyzer.leaks.detect.detector import has_candidates, scan_bytes
from analyzer.leaks.exclusions import LeftOut, parse_exclusions
from analyzer.leaks.model import Occurrence, PlaceKind, place_sightings
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.sources.changed_blobs import LOST, find_new, read_objects
from analyzer.leaks.sources.checkout import list_object_dirs
from analyzer.leaks.sources.content import LARGEST, scan_name
from analyzer.leaks.sources.git_objects import scan_small_object, scan_streamed_object
from analyzer.leaks.sources.lfs_objects import lfs_object_elsewhere
from analyzer.leaks.sources.missing_objects import describe_never_fetched
from analyzer.leaks.sources.repository import is_partial
from analyzer.leaks.sources.revision_range import (
    SHORT_ID,
    RangeRepository,
    open_for_range,
    parse_range,
)
from analyzer.leaks.sources.work import PartialScan, SearchTerms, Source

_TAGS = "refs/tags/"
_MOST_TAGS = 100
"""Tags of tags that are followed."""
_MOST_CHANGES = 1_000_000
_TOO_MANY = f"the range has more than {_MOST_CHANGES:,} changed files: the rest is not read"
_MISSING = "pushed, and missing or damaged"
_IS_SHALLOW = "a shallow clone, cut off within the range: `git fetch --unshallow` brings the rest"

_Signed: TypeAlias = dict[str, tuple[str, datetime | None]]
"""Author and date of each commit."""


def scan_since(source: Source, options: ScanOptions, terms: SearchTerms, jobs: int) -> PartialScan:
    """Scans what the commits of `options.since` brought in: those that HEAD has and it has not.

    `A..B` are those that B has and A has not, `A...B` those that only one of them has. Raises
    ConfigurationError where there is no repository, or a name is no commit of it.
    """
    with open_for_range(source, options, terms, jobs) as repository:
        revisions = parse_range(repository, options.since or "")
        return _scan_commits(repository, revisions, [])


def scan_pushed(source: Source, options: ScanOptions, terms: SearchTerms, jobs: int) -> PartialScan:
    """Scans what a push is about to bring in: what its refs lead to and no ref of now does.

    Also what it brings and no ref leads to, and the names of new refs. Objects in git's
    quarantine are read. Raises ConfigurationError where there is no repository.
    """
    pushed = {each.name: each for each in options.pushed or ()}
    new = list(dict.fromkeys(each.new for each in pushed.values() if each.new))
    with open_for_range(source, options, terms, jobs) as repository:
        # In a post-receive hook the refs that were pushed have their new ids already.
        others = {oid for ref, oid in repository.refs.targets.items() if ref not in pushed}
        known = {each.old for each in pushed.values()} | others
        revisions = [*new, *(f"^{oid}" for oid in sorted(known - {""}))]
        scan = _scan_commits(repository, revisions, new)
        scan.add(_scan_unreached(repository, revisions))
        _scan_new_refs(repository, scan)
        return scan


def _scan_commits(
    repository: RangeRepository, revisions: Sequence[str], tips: Sequence[str]
) -> PartialScan:
    """Scans what the commits of the revisions changed and say; `tips` are objects to scan, too."""
    scan, git = PartialScan(), repository.git
    try:
        commits = list_commits(git, revisions)
        ends = [*_scan_tags(repository, scan, tips, None)]
        kinds = list_kinds(git, ends) if ends else {}
        scan.skipped += (Skipped(f"object {oid}", _MISSING) for oid in ends if oid not in kinds)
        trees = (oid for oid in ends if kinds.get(oid) == "tree")
        blobs = (BlobChange("", b"", oid) for oid in ends if kinds.get(oid) == "blob")
        changed = chain(
            iter_changes(git, commits),
            chain.from_iterable(iter_tree(git, oid) for oid in trees),
            blobs,
        )
        changes = _choose_changes(repository, scan, changed)
        named = {oid for name, oid in repository.refs.targets.items() if name.startswith(_TAGS)}
        deque(_scan_tags(repository, scan, named - {*tips}, frozenset(commits)), maxlen=0)
    except UnreadableFile as fault:
        scan.skipped.append(Skipped("history", f"the commits of the range: {fault.reason}"))
        return scan
    if cut := sorted(repository.shallow.intersection(commits)):
        scan.skipped.append(Skipped(f"history before commit {cut[0]}", _IS_SHALLOW))
    signed = _scan_messages(repository, scan, commits)
    _scan_changes(repository, scan, changes, signed)
    return scan


def _scan_messages(repository: RangeRepository, scan: PartialScan, oids: Sequence[str]) -> _Signed:
    """Adds what the messages and headers of commits hold; gives who made each, and when.

    Not of a commit at which the history breaks off: what seems to be its own may be older.
    """
    signed: _Signed = {}
    for each in read_objects(repository.git, oids, scan):
        body = _scan_written(repository, scan, each)
        if each.oid not in repository.shallow:
            signed[each.oid] = parse_identity(body)
    return signed


def _scan_written(repository: RangeRepository, scan: PartialScan, each: StreamedObject) -> bytes:
    """Adds what a commit or a tag holds; gives its content, empty where that is too large."""
    if each.size > LARGEST:
        scan_streamed_object(scan, repository.terms, repository.name, each)
        return b""
    body = b"".join(each.chunks)
    scan.objects += 1
    scan.size += len(body)
    if has_candidates(body, repository.terms.unique_ids):
        scan_small_object(scan, repository.terms, repository.name, (each.oid, each.kind, body))
    return body


def _scan_tags(
    repository: RangeRepository,
    scan: PartialScan,
    oids: Iterable[str],
    commits: frozenset[str] | None,
) -> Iterator[str]:
    """Adds what annotated tags say: those of `commits`, or all of them; gives what they are of."""
    waiting = sorted(oids)
    for _ in range(_MOST_TAGS):
        kinds = list_kinds(repository.git, waiting) if waiting else {}
        yield from (oid for oid in waiting if kinds.get(oid) != "tag")
        tags = [oid for oid in waiting if kinds.get(oid) == "tag"]
        waiting = []
        for each in read_objects(repository.git, tags, scan):
            body = b"".join(each.chunks) if each.size <= LARGEST else b""
            tag = parse_tag(body)
            if commits is not None and tag and tag.target not in commits:
                continue
            _scan_written(repository, scan, replace(each, chunks=iter((body,))) if body else each)
            waiting += [tag.target] if tag else []


def _choose_changes(
    repository: RangeRepository, scan: PartialScan, changes: Iterable[BlobChange]
) -> list[BlobChange]:
    """The changes without those to be left out, the first of each path with the same content.

    Beyond a number that only a hostile history has, the rest is a gap.
    """
    exclusions = parse_exclusions(repository.options.exclude)
    chosen: dict[tuple[bytes, str], BlobChange] = {}
    paths: Counter[str] = Counter()
    for each in changes:
        if pattern := exclusions.match(printable_name(each.path)):
            scan.left_out[pattern, LeftOut.CHANGE] += 1
        elif paths[each.oid] < MOST_PATHS and (each.path, each.oid) not in chosen:
            paths[each.oid] += 1
            chosen[each.path, each.oid] = each
            if len(chosen) >= _MOST_CHANGES:
                scan.skipped.append(Skipped("history", _TOO_MANY))
                break
    for oid, count in paths.items():
        if count >= MOST_PATHS:
            reason = f"stands at {MOST_PATHS} paths or more: not all listed"
            scan.skipped.append(Skipped(f"object {oid}", reason, is_gap=False))
    return [*chosen.values()]


def _scan_changes(
    repository: RangeRepository, scan: PartialScan, changes: Sequence[BlobChange], signed: _Signed
) -> None:
    """Adds what changes brought in, and new names of files."""
    terms = repository.terms
    first_named: dict[bytes, BlobChange] = {}
    for each in changes:
        if each.is_new_path and has_candidates(each.path, terms.unique_ids):
            first_named.setdefault(each.path, each)
    home, before = repository.checkout.common, len(scan.skipped)
    found = [*find_new(repository.git, home, changes, terms, repository.jobs, scan)]
    scan.skipped[before:] = _name_by_path(_sum_up(repository, scan.skipped[before:]), changes)
    for each in changes:
        if each.oid in scan.pointers and scan.pointers[each.oid].size:
            what = printable_name(each.path) or f"object {each.oid}"
            scan.skipped.append(lfs_object_elsewhere(what, scan.pointers[each.oid]))
    scan.pointers.clear()
    in_head = _paths_in_head(repository, [each.path for each, _ in found] + [*first_named])
    for each, sightings in found:
        place = _place(repository.name, each, signed, in_head)
        scan.sightings += place_sightings(sightings, place)
    for path, each in first_named.items():
        place = replace(_place(repository.name, each, signed, in_head), where=PlaceKind.TREE_ENTRY)
        scan.sightings += place_sightings(scan_bytes(path, terms.unique_ids).sightings, place)


def _sum_up(repository: RangeRepository, skipped: Sequence[Skipped]) -> list[Skipped]:
    """What could not be read, with what a partial clone never fetched as one gap."""
    lost = {each for each in skipped if each.reason == LOST and each.size is None}
    if not lost or not is_partial(list_object_dirs(repository.checkout)):
        return [*skipped]
    oids = sorted(each.what.removeprefix("object ") for each in lost)
    return [*(each for each in skipped if each not in lost), describe_never_fetched(oids)]


def _name_by_path(skipped: Iterable[Skipped], changes: Sequence[BlobChange]) -> Iterator[Skipped]:
    """What could not be read, with the first path that its object has in the range, if any."""
    paths = {f"object {each.oid}": printable_name(each.path) for each in reversed(changes)}
    for each in skipped:
        what, within, member = each.what.partition("!/")
        path = paths.get(what)
        name = f"{path}{within}{member}" if within else f"{path}, {what}"
        yield replace(each, what=name) if path else each


def _paths_in_head(repository: RangeRepository, paths: Sequence[bytes]) -> dict[bytes, str]:
    head = repository.refs.head
    named = sorted({path for path in paths if path})
    try:
        return find_in_tree(repository.git, head, named) if head and named else {}
    except UnreadableFile:
        return {}


def _place(
    name: str, change: BlobChange, signed: _Signed, in_head: Mapping[bytes, str]
) -> Occurrence:
    author, date = signed.get(change.commit, ("", None))
    return Occurrence(
        name,
        printable_name(change.path),
        0,
        PlaceKind.HISTORY,
        change.oid,
        change.commit or None,
        author or None,
        date,
        in_head=in_head.get(change.path) == change.oid,
    )


def _scan_new_refs(repository: RangeRepository, scan: PartialScan) -> None:
    """Adds what the names of branches and tags hold that are not there yet."""
    for each in repository.options.pushed or ():
        if each.new and not each.old:
            place = Occurrence(repository.name, each.name, 0, PlaceKind.GIT_DIRECTORY)
            scan_name(scan, repository.terms, each.name.encode(), place)


def _scan_unreached(repository: RangeRepository, revisions: Sequence[str]) -> PartialScan:
    """Scans what lies in git's quarantine and no pushed ref leads to, and was not there before."""
    scan, folder = PartialScan(), repository.options.quarantine
    if folder is None:
        return scan
    stores = list_object_dirs(repository.checkout)
    try:
        brought = all_ids(open_store(folder)) - list_new_objects(repository.git, revisions)
        length = len(min(brought, default="")) or SHORT_ID
        with open_sandbox(stores, length, repository.options.git_seconds) as before:
            # Git completes a pack with objects that were there: the bases of its deltas.
            brought -= list_kinds(before, sorted(brought)).keys()
        kinds = list_kinds(repository.git, sorted(brought))
    except UnreadableFile as fault:
        scan.skipped.append(Skipped("objects that no ref leads to", fault.reason))
        return scan
    others = sorted(oid for oid, kind in kinds.items() if kind != "blob")
    for each in read_objects(repository.git, others, scan):
        _scan_written(repository, scan, each)
    blobs = sorted(oid for oid, kind in kinds.items() if kind == "blob")
    _scan_changes(repository, scan, [BlobChange("", b"", oid) for oid in blobs], {})
    scan.sightings = [
        replace(each, occurrence=replace(each.occurrence, reachable=False))
        for each in scan.sightings
    ]
    return scan
