"""In: a folder of a work tree. Out: what the next commit there would bring in.

Whoever commits has git itself read this repository, so here, and only here, its git directory and
the objects that it borrows may lie anywhere. Git has no part in the reading.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analyzer.files import Skipped, UnreadableFile, file_type, printable_name, read_untrusted
from analyzer.git.git_dir import object_dirs, read_head, resolve_gitfile
from analyzer.git.history import build_history
from analyzer.git.lookup import read_object, tree_reader
from analyzer.git.object_store import ObjectStore
from analyzer.git.objects import verify_object_id
from analyzer.git.safe_open import DamagedObject
from analyzer.git.staging_index import LARGEST_INDEX, IndexEntry, object_id_size, read_index
from analyzer.git.trees import entries_at_paths
from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import Occurrence, PlaceKind, place_sightings
from analyzer.leaks.sources.content import (
    SearchTerms,
    failure,
    scan_content,
    scan_in_pieces,
    under_path,
)
from analyzer.leaks.sources.repository import index_packs
from analyzer.leaks.sources.work import PartialScan

_SUBMODULE = 0o160000
_FOLDER = 0o040000
_LARGEST_CONFIG = 1 << 20
_SHA256 = re.compile(rb"^\s*objectformat\s*=\s*\"?sha256\b", re.MULTILINE | re.IGNORECASE)
_NO_REPOSITORY = "there is no repository here or above"
_ELSEWHERE = "GIT_INDEX_FILE names an index outside of this repository's git directory"
_LOST = "its staged content is missing or damaged"
_SPARSE = "a folder of a sparse index, not as HEAD has it: its files are not known"


@dataclass(frozen=True, slots=True)
class _Checkout:
    """A work tree: its top, its own git directory, and that which holds objects and refs."""

    top: Path
    git_dir: Path
    common: Path


def scan_staged(
    name: str, folder: Path, index: Path | None, room: Path, terms: SearchTerms
) -> PartialScan:
    """What the index holds and HEAD does not, as a commit would bring it in.

    The whole repository counts, wherever in its work tree `folder` is. `index` is the index that
    git is about to commit, where that is not the usual one. Raises Unread where there is no index
    that can be read.
    """
    checkout = _open_checkout(folder)
    data = _read_index(checkout, index)
    stores, _ = object_dirs(checkout.common, Path(checkout.common.anchor))
    _, store, unmade = index_packs(stores, room)
    head = read_head(checkout.git_dir, checkout.common)
    listed = [*read_index(data, object_id_size(data) or _width(checkout, head))]
    taken = PartialScan()
    for each in _changed_entries(store, head, listed):
        if each.mode == _FOLDER:
            taken.skipped.append(Skipped(printable_name(each.path), _SPARSE))
        elif each.mode != _SUBMODULE and not verify_object_id(each.oid, "blob", b""):
            _scan_entry(taken, store, each, name, terms)
    # A pack that could not be read matters where something was lost, and not by itself.
    taken.skipped += unmade if taken.skipped else ()
    return taken


def _open_checkout(folder: Path) -> _Checkout:
    """The work tree that a folder stands in, as git finds it."""
    if not folder.is_dir():
        raise UnreadableFile("not a folder: only a work tree has an index")
    here = folder.resolve()
    for top in (here, *here.parents):
        pointer = top / ".git"
        # Git passes over a folder of that name that is no git directory.
        if file_type(pointer / "HEAD") is not None:
            git_dir = pointer.resolve()
        elif pointer.is_file():
            git_dir = resolve_gitfile(pointer.resolve(), Path(top.anchor))
        else:
            continue
        return _Checkout(top, git_dir, _common_dir(git_dir))
    raise UnreadableFile(_NO_REPOSITORY)


def _common_dir(git_dir: Path) -> Path:
    """Where a linked work tree has its objects and refs; any other has them in its own place."""
    if file_type(git_dir / "commondir") is None:
        return git_dir
    named = read_untrusted(git_dir / "commondir", _LARGEST_CONFIG).rstrip(b"\n")
    return (git_dir / os.fsdecode(named)).resolve()


def _read_index(checkout: _Checkout, given: Path | None) -> bytes:
    """The bytes of the index; the one that was given has to be this repository's."""
    path = checkout.git_dir / "index"
    if given is not None:
        # Git starts a hook at the top, and takes the name from there.
        path = checkout.top / given
        path = path.parent.resolve() / path.name
        if not path.is_relative_to(checkout.git_dir):
            raise UnreadableFile(_ELSEWHERE)
    return read_untrusted(path, LARGEST_INDEX)


def _width(checkout: _Checkout, head: str | None) -> int:
    """How many bytes an object id has, where the index does not tell."""
    if head is not None:
        return len(head) // 2
    try:
        config = read_untrusted(checkout.common / "config", _LARGEST_CONFIG)
    except UnreadableFile:
        config = b""
    return 32 if _SHA256.search(config) else 20


def _changed_entries(
    store: ObjectStore, head: str | None, listed: Sequence[IndexEntry]
) -> Iterator[IndexEntry]:
    """The entries that are not as HEAD has them: all of them where HEAD can't be read."""
    commit = read_object(store, head) if head else None
    commits = build_history([commit], ()).commits if isinstance(commit, tuple) else {}
    known: dict[bytes, str] = {}
    for each in commits.values():
        known = entries_at_paths(each.tree, [_path(entry) for entry in listed], tree_reader(store))
    return (each for each in listed if known.get(_path(each)) != each.oid)


def _path(entry: IndexEntry) -> bytes:
    return entry.path.rstrip(b"/")


def _scan_entry(
    taken: PartialScan, store: ObjectStore, entry: IndexEntry, name: str, terms: SearchTerms
) -> None:
    """Adds what the content of one entry holds, and its name."""
    path = printable_name(entry.path)
    try:
        found, length = _content(store, entry.oid, path, terms)
        named = scan_bytes(entry.path, terms.unique_ids)
    except UnreadableFile as fault:
        taken.skipped.append(Skipped(path, fault.reason, fault.size))
        return
    except Exception as fault:  # noqa: BLE001 - one file's misfortune lets no other one through
        taken.skipped.append(failure(path, fault))
        return
    taken.objects, taken.size = taken.objects + 1, taken.size + length
    taken.containers += found.containers
    where = Occurrence(name, path, 0, PlaceKind.INDEX, entry.oid)
    taken.sightings += place_sightings(found.sightings, where)
    taken.sightings += place_sightings(named.sightings, replace(where, where=PlaceKind.TREE_ENTRY))
    taken.skipped += (under_path(path, part) for part in found.skipped)


def _content(
    store: ObjectStore, oid: str, path: str, terms: SearchTerms
) -> tuple[ContentResult, int]:
    """What a staged object holds, and its length; raises Unread where it can't be read."""
    body = read_object(store, oid)
    if body is None:
        raise UnreadableFile(_LOST)
    if isinstance(body, tuple):
        return scan_content(terms, path, body[2]), len(body[2])
    try:
        found, length, _ = scan_in_pieces(terms, body)
    except DamagedObject as fault:
        raise UnreadableFile(_LOST, body.size) from fault
    return found, length
