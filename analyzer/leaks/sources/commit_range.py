"""In: a repository of the user's, and a range of its commits or what a push brings. Out: a scan.

Only what these commits brought in counts: their changes, the names and the messages. `scheduler`
calls it for `--since` and for the hook of a server. Git reads all objects, in a sandbox.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from analyzer.errors import ConfigurationError
from analyzer.files import Skipped, UnreadableFile, printable_name
from analyzer.git.git_dir import Refs, find_object_dirs, read_head, read_refs, read_shallow
from analyzer.git.history import parse_identity, parse_tag
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
    resolve_revision,
)
from analyzer.git.sandbox import Sandbox, open_sandbox, set_shallow
from analyzer.leaks.detect.detector import has_candidates, scan_bytes
from analyzer.leaks.exclusions import LeftOut, parse_exclusions
from analyzer.leaks.model import Occurrence, PlaceKind, place_sightings
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.sources.changed_blobs import find_new, read_objects
from analyzer.leaks.sources.checkout import Checkout, find_repository
from analyzer.leaks.sources.content import LARGEST
from analyzer.leaks.sources.git_objects import scan_small_object, scan_streamed_object
from analyzer.leaks.sources.work import PartialScan, SearchTerms

# Without a first commit, in a script most likely an empty variable, nothing would be looked at.
_RANGE = re.compile(r"(?P<first>.+?)(?P<dots>\.{2,3})(?P<last>.*)")
_TAGS = "refs/tags/"
_SHORT = 40
_MOST_TAGS = 100
"""Tags of tags that are followed."""
_MISSING = "pushed, and missing or damaged"
_FETCH_MORE = (
    "Name a commit, a branch or a tag that is there; in a shallow clone `git fetch --unshallow` "
    "brings older ones (in a workflow: fetch-depth: 0)"
)
_IS_SHALLOW = "a shallow clone, cut off within the range: `git fetch --unshallow` brings the rest"

_Signed: TypeAlias = dict[str, tuple[str, datetime | None]]
"""Author and date of each commit."""


@dataclass(frozen=True, slots=True)
class _Repository:
    """An opened repository: its name in the report, its refs, and git in a sandbox over it."""

    name: str
    checkout: Checkout
    refs: Refs
    shallow: frozenset[str]
    git: Sandbox
    options: ScanOptions
    terms: SearchTerms
    jobs: int


def scan_since(
    name: str, folder: Path, options: ScanOptions, terms: SearchTerms, jobs: int
) -> PartialScan:
    """Scans what the commits of `options.since` brought in: those that HEAD has and it has not.

    `A..B` are those that B has and A has not, `A...B` those that only one of them has. Raises
    ConfigurationError where there is no repository, or a name is no commit of it.
    """
    with _open(name, folder, options, terms, jobs) as repository:
        revisions = _parse_range(repository, options.since or "")
        return _scan_commits(repository, revisions, [])


def scan_pushed(
    name: str, folder: Path, options: ScanOptions, terms: SearchTerms, jobs: int
) -> PartialScan:
    """Scans what a push is about to bring in: what its refs lead to and no ref of now does.

    Also what it brings and no ref leads to. Objects in git's quarantine are read. Raises
    ConfigurationError where there is no repository.
    """
    new = list(dict.fromkeys(each.new for each in options.pushed or () if each.new))
    with _open(name, folder, options, terms, jobs) as repository:
        known = {each.old for each in options.pushed or ()} | {*repository.refs.targets.values()}
        revisions = [*new, *(f"^{oid}" for oid in sorted(known - {""}))]
        scan = _scan_commits(repository, revisions, new)
        scan.add(_scan_unreached(repository, revisions))
        return scan


@contextmanager
def _open(
    name: str, folder: Path, options: ScanOptions, terms: SearchTerms, jobs: int
) -> Iterator[_Repository]:
    try:
        checkout = find_repository(folder)
    except UnreadableFile as fault:
        raise ConfigurationError(
            fault.reason, where=str(folder), remedy="Name the folder of a repository"
        ) from None
    head = read_head(checkout.git_dir, checkout.common)
    refs = replace(read_refs(checkout.common), head=head)
    stores, _ = find_object_dirs(checkout.common, Path(checkout.common.anchor))
    added = (options.quarantine,) if options.quarantine else ()
    oids = [*refs.targets.values(), *(each.new or each.old for each in options.pushed or ())]
    length = len(max(oids, key=len, default="")) or _SHORT
    with open_sandbox((*added, *stores), length, options.git_seconds) as git:
        shallow = read_shallow(checkout.common)
        set_shallow(git, shallow)
        yield _Repository(name, checkout, refs, shallow, git, options, terms, jobs)


def _parse_range(repository: _Repository, text: str) -> list[str]:
    """The revisions for git of what was typed."""
    match = _RANGE.fullmatch(text)
    if not match:
        return [_require_commit(repository, "HEAD"), f"^{_require_commit(repository, text)}"]
    first, last = (_require_commit(repository, match[name] or "HEAD") for name in ("first", "last"))
    return [f"{first}...{last}"] if match["dots"] == "..." else [last, f"^{first}"]


def _require_commit(repository: _Repository, text: str) -> str:
    found = resolve_revision(repository.git, repository.checkout.git_dir, repository.refs, text)
    if found is None:
        raise ConfigurationError(
            f"{printable_name(text)!r} is no commit of {repository.name}",
            where="--since",
            remedy=_FETCH_MORE,
        )
    return found


def _scan_commits(
    repository: _Repository, revisions: Sequence[str], tips: Sequence[str]
) -> PartialScan:
    """Scans what the commits of the revisions changed and say; `tips` are objects to scan, too."""
    scan, git = PartialScan(), repository.git
    try:
        commits = list_commits(git, revisions)
        ends = [*_scan_tags(repository, scan, tips, None)]
        kinds = list_kinds(git, ends) if ends else {}
        scan.skipped += (Skipped(f"object {oid}", _MISSING) for oid in ends if oid not in kinds)
        changes = [
            *iter_changes(git, commits),
            *(each for oid in ends if kinds.get(oid) == "tree" for each in iter_tree(git, oid)),
            *(BlobChange("", b"", oid) for oid in ends if kinds.get(oid) == "blob"),
        ]
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


def _scan_messages(repository: _Repository, scan: PartialScan, oids: Sequence[str]) -> _Signed:
    """Adds what the messages and headers of commits hold; gives who made each, and when."""
    signed: _Signed = {}
    for each in read_objects(repository.git, oids, scan):
        body = _scan_written(repository, scan, each)
        signed[each.oid] = parse_identity(body)
    return signed


def _scan_written(repository: _Repository, scan: PartialScan, each: StreamedObject) -> bytes:
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
    repository: _Repository, scan: PartialScan, oids: Iterable[str], commits: frozenset[str] | None
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


def _scan_changes(
    repository: _Repository, scan: PartialScan, changes: Iterable[BlobChange], signed: _Signed
) -> None:
    """Adds what changes brought in, each at the first commit that did, and new names of files."""
    exclusions = parse_exclusions(repository.options.exclude)
    wanted: dict[tuple[bytes, str], BlobChange] = {}
    for each in changes:
        if pattern := exclusions.match(printable_name(each.path)):
            scan.left_out[pattern, LeftOut.CHANGE] += 1
        else:
            wanted.setdefault((each.path, each.oid), each)
    terms = repository.terms
    first_named: dict[bytes, BlobChange] = {}
    for each in wanted.values():
        if each.is_new_path and has_candidates(each.path, terms.unique_ids):
            first_named.setdefault(each.path, each)
    found = [*find_new(repository.git, [*wanted.values()], terms, repository.jobs, scan)]
    in_head = _paths_in_head(repository, [each.path for each, _ in found] + [*first_named])
    for each, sightings in found:
        place = _place(repository.name, each, signed, in_head)
        scan.sightings += place_sightings(sightings, place)
    for path, each in first_named.items():
        place = replace(_place(repository.name, each, signed, in_head), where=PlaceKind.TREE_ENTRY)
        scan.sightings += place_sightings(scan_bytes(path, terms.unique_ids).sightings, place)


def _paths_in_head(repository: _Repository, paths: Sequence[bytes]) -> dict[bytes, str]:
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


def _scan_unreached(repository: _Repository, revisions: Sequence[str]) -> PartialScan:
    """Scans what lies in git's quarantine and no pushed ref leads to, and was not there before."""
    scan, folder = PartialScan(), repository.options.quarantine
    if folder is None:
        return scan
    stores, _ = find_object_dirs(repository.checkout.common, Path(folder.anchor))
    try:
        brought = all_ids(open_store(folder)) - list_new_objects(repository.git, revisions)
        length = len(min(brought, default="")) or _SHORT
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
    _scan_changes(repository, scan, (BlobChange("", b"", oid) for oid in blobs), {})
    scan.sightings = [
        replace(each, occurrence=replace(each.occurrence, reachable=False))
        for each in scan.sightings
    ]
    return scan
