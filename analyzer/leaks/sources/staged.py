"""In: a folder of a work tree. Out: a PartialScan of what `git commit` would commit there.

`part_scans` calls it for the hook that runs before a commit. Git is not run for it, but to index
packs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from analyzer.files import Skipped, UnreadableFile, printable_name, read_untrusted
from analyzer.forks import WorkerLost, run_apart
from analyzer.git.git_dir import read_head
from analyzer.git.history import build_history
from analyzer.git.lookup import contains, read_object, tree_reader
from analyzer.git.object_store import ObjectStore
from analyzer.git.objects import verify_object_id
from analyzer.git.references import LfsPointer, parse_pointer
from analyzer.git.safe_open import DamagedObject
from analyzer.git.staging_index import LARGEST_INDEX, IndexEntry, object_id_size, read_index
from analyzer.git.trees import entries_at_paths
from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.exclusions import LeftOut, parse_exclusions
from analyzer.leaks.model import Occurrence, PlaceKind, place_sightings
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.sources.checkout import (
    LARGEST_SETTING,
    Checkout,
    list_object_dirs,
    open_checkout,
)
from analyzer.leaks.sources.content import (
    failure,
    scan_content,
    scan_streamed,
    under_path,
)
from analyzer.leaks.sources.lfs_objects import (
    find_lfs_object,
    lfs_object_elsewhere,
    scan_lfs_object,
)
from analyzer.leaks.sources.missing_objects import NOT_FETCHED
from analyzer.leaks.sources.repository import index_packs, is_partial
from analyzer.leaks.sources.work import MakeFolder, PartialScan, SearchTerms

_SUBMODULE_MODE = 0o160000
_FOLDER_MODE = 0o040000
_USES_SHA256 = re.compile(rb"^\s*objectformat\s*=\s*\"?sha256\b", re.MULTILINE | re.IGNORECASE)
_FOREIGN_INDEX = "GIT_INDEX_FILE names an index outside of this repository's git directory"
_LOST = "its staged content is missing or damaged"
_NOT_STAGED = "not in the index of this repository: `git add` it, or scan it without --staged"
_SPARSE = "a folder of a sparse index, not as HEAD has it: its files are not known"


def scan_staged(
    name: str, folder: Path, options: ScanOptions, scratch: MakeFolder, terms: SearchTerms
) -> PartialScan:
    """Scans the content and the names that the index holds and HEAD does not.

    The whole repository counts, wherever in its work tree `folder` is. Of the files that the
    options name, the index counts, whether or not HEAD has the same. Raises UnreadableFile where
    there is no index that can be read, and OSError where a folder can't be.
    """
    checkout = open_checkout(folder)
    data = _read_index(checkout, options.index)
    stores, store, not_indexed = index_packs(list_object_dirs(checkout), scratch)
    lacks_objects = is_partial(stores)
    head = read_head(checkout.git_dir, checkout.common)
    entries = [*read_index(data, object_id_size(data) or _object_id_size(checkout, head))]
    exclusions = parse_exclusions(options.exclude)

    def scan_wanted() -> PartialScan:
        scan = PartialScan()
        named = _paths_in_index(scan, checkout, entries, options.named_files)
        for each in _wanted_entries(store, head, entries, named):
            if pattern := exclusions.match(printable_name(_path(each))):
                scan.left_out[pattern, LeftOut.CHANGE] += 1
            elif each.mode == _FOLDER_MODE:
                scan.skipped.append(Skipped(printable_name(each.path), _SPARSE))
            elif each.mode == _SUBMODULE_MODE or verify_object_id(each.oid, "blob", b""):
                continue
            elif lacks_objects and not contains(store, each.oid):
                scan.skipped.append(Skipped(printable_name(each.path), NOT_FETCHED))
            else:
                _scan_entry(scan, store, each, name, terms)
        _scan_lfs_objects(scan, checkout.common, name, terms)
        return scan

    scan = run_apart(scan_wanted) if store.is_mapped else scan_wanted()
    if isinstance(scan, WorkerLost):
        raise UnreadableFile(scan.reason)
    # A pack that could not be read matters only where staged content could not be, either.
    scan.skipped += not_indexed if scan.skipped else ()
    return scan


def _read_index(checkout: Checkout, index: Path | None) -> bytes:
    """The bytes of the index. Raises UnreadableFile for one that is not this repository's."""
    path = checkout.git_dir / "index"
    if index is not None:
        # Git starts a hook in the top folder, and names the index from there.
        path = checkout.top / index
        path = path.parent.resolve() / path.name
        if not path.is_relative_to(checkout.git_dir):
            raise UnreadableFile(_FOREIGN_INDEX)
    return read_untrusted(path, LARGEST_INDEX)


def _object_id_size(checkout: Checkout, head: str | None) -> int:
    """The bytes of an object id, where the index does not show it."""
    if head is not None:
        return len(head) // 2
    try:
        config = read_untrusted(checkout.common / "config", LARGEST_SETTING)
    except UnreadableFile:
        config = b""
    return 32 if _USES_SHA256.search(config) else 20


def _paths_in_index(
    scan: PartialScan, checkout: Checkout, entries: Sequence[IndexEntry], files: Sequence[Path]
) -> frozenset[bytes]:
    """The paths in the index of files that were named; what the index does not have is a gap."""
    if not files:
        return frozenset()
    known = {each.path for each in entries}
    top = os.fsencode(checkout.top) + b"/"
    named = set()
    for file in files:
        path = os.fsencode(file.parent.resolve() / file.name)
        if path.removeprefix(top) in known and path.startswith(top):
            named.add(path.removeprefix(top))
        else:
            scan.skipped.append(Skipped(printable_name(str(file)), _NOT_STAGED))
    return frozenset(named)


def _wanted_entries(
    store: ObjectStore, head: str | None, entries: Sequence[IndexEntry], named: Collection[bytes]
) -> Iterator[IndexEntry]:
    """The named entries, and those that differ from HEAD: all where HEAD can't be read."""
    commit = read_object(store, head) if head else None
    commits = build_history([commit], ()).commits if isinstance(commit, tuple) else {}
    in_head: dict[bytes, str] = {}
    for each in commits.values():
        paths = [_path(entry) for entry in entries]
        in_head = entries_at_paths(each.tree, paths, tree_reader(store))
    return (each for each in entries if each.path in named or in_head.get(_path(each)) != each.oid)


def _path(entry: IndexEntry) -> bytes:
    # A folder of a sparse index ends in a slash.
    return entry.path.rstrip(b"/")


def _scan_entry(
    scan: PartialScan, store: ObjectStore, entry: IndexEntry, repository: str, terms: SearchTerms
) -> None:
    """Adds what the content of one entry holds, and its path."""
    path = printable_name(entry.path)
    try:
        result, length, pointer = _scan_staged_object(store, entry.oid, path, terms)
        in_path = scan_bytes(entry.path, terms.unique_ids)
    except UnreadableFile as fault:
        scan.skipped.append(Skipped(path, fault.reason, fault.size))
        return
    except Exception as fault:  # noqa: BLE001 - a fault in one file must not let others through
        scan.skipped.append(failure(path, fault))
        return
    if pointer:
        scan.pointer_files[path] = pointer
    scan.objects += 1
    scan.size += length
    scan.containers += result.containers
    place = Occurrence(repository, path, 0, PlaceKind.INDEX, entry.oid)
    scan.sightings += place_sightings(result.sightings, place)
    name_place = replace(place, where=PlaceKind.TREE_ENTRY)
    scan.sightings += place_sightings(in_path.sightings, name_place)
    scan.skipped += (under_path(path, each) for each in result.skipped)


def _scan_lfs_objects(
    scan: PartialScan, git_dir: Path, repository: str, terms: SearchTerms
) -> None:
    """Adds what the objects hold that staged pointers of Git LFS stand for, as what is staged."""
    pointers = {**scan.pointer_files}
    scan.pointer_files.clear()
    for path, pointer in pointers.items():
        if file := find_lfs_object(git_dir, pointer):
            place = Occurrence(repository, path, 0, PlaceKind.INDEX)
            scan.add(scan_lfs_object(file, place, terms))
        elif pointer.size:
            scan.skipped.append(lfs_object_elsewhere(path, pointer))


def _scan_staged_object(
    store: ObjectStore, oid: str, path: str, terms: SearchTerms
) -> tuple[ContentResult, int, LfsPointer | None]:
    """What a staged object holds, its length, and the object of Git LFS that it stands for.

    Raises UnreadableFile if it can't be read.
    """
    body = read_object(store, oid)
    if body is None:
        raise UnreadableFile(_LOST)
    if isinstance(body, tuple):
        return scan_content(terms, path, body[2]), len(body[2]), parse_pointer(body[2])
    try:
        result, length, _ = scan_streamed(terms, body)
    except DamagedObject as fault:
        raise UnreadableFile(_LOST, body.size) from fault
    return result, length, None
