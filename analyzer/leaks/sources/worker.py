"""In: a piece of work. Out: what its files or objects hold, and what of them could not be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.files import DirectoryEntry, EntryType, Skipped, UnreadableFile, open_seen, walk_tree
from analyzer.git.git_dir import missing_history_reason
from analyzer.git.history import is_malformed
from analyzer.git.object_store import iter_objects
from analyzer.git.objects import GitObject, UnreadableObject
from analyzer.leaks.detect.candidate import NOTHING, ContentResult
from analyzer.leaks.detect.detector import has_candidates
from analyzer.leaks.model import Occurrence, PlaceKind
from analyzer.leaks.sources.content import (
    CHUNK,
    LARGEST,
    SearchTerms,
    add_result,
    failure,
    scan_content,
    scan_in_chunks,
    scan_name,
)
from analyzer.leaks.sources.git_objects import scan_blob, scan_small_object, scan_streamed_object
from analyzer.leaks.sources.work import (
    FolderWork,
    ObjectsWork,
    PartialScan,
    Repository,
    Source,
    WorkItem,
)

_GIT = ".git"
_BUFFER = 1 << 20
_BATCH = 256 << 10
"""Bytes of small objects that are searched in one go."""
_MALFORMED = "malformed: what it leads to is not known"
# What a tree names by 20 or 32 raw bytes, but for submodules: their commits stand elsewhere.
_BELOW = {
    2 * length: re.compile(
        rb"160000 [^\0]+\0.{%d}|[0-7]+ [^\0]+\0(.{%d})" % (length, length), re.DOTALL
    )
    for length in (20, 32)
}
_NAMED = re.compile(rb"(?:^tree|^parent|^object) ([0-9a-f]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WorkContext:
    """Everything that is read, and what is looked for in it.

    `history` False: only files are read, so nobody misses the history of a repository.
    """

    sources: Sequence[Source]
    repositories: Sequence[Repository]
    terms: SearchTerms
    history: bool = True


def run_item(ground: WorkContext, piece: WorkItem) -> PartialScan:
    """What one piece holds. Reads on past whatever can't be read, and says what that was."""
    if isinstance(piece, ObjectsWork):
        return _scan_objects(ground, piece)
    return _scan_folder(ground, piece)


def _scan_folder(ground: WorkContext, piece: FolderWork) -> PartialScan:
    read, source = PartialScan(), ground.sources[piece.source]
    buffer = bytearray(_BUFFER)
    names: list[tuple[str, PlaceKind]] = []
    listing = walk_tree(
        piece.folder, piece.prefix, source.root, in_git=piece.in_git, deep=piece.deep
    )
    for entry in listing:
        if isinstance(entry, Skipped):
            read.skipped.append(entry)
            continue
        if entry.type is EntryType.GIT:
            read.git.append((Path(entry.path), entry.name))
            continue
        if ground.history and entry.name.rpartition("/")[2] == _GIT:
            _check_history(read, source, entry)
        names.append((entry.name, PlaceKind.GIT_DIRECTORY if entry.in_git else PlaceKind.FILE_NAME))
        if entry.type is EntryType.FILE:
            scan_file(read, source.name, entry, buffer, ground.terms)
        elif entry.type is EntryType.LINK:
            _scan_link_target(read, ground.terms, source.name, entry)
    _scan_names(read, ground.terms, source.name, names)
    return read


def _check_history(read: PartialScan, source: Source, entry: DirectoryEntry) -> None:
    """Says so where a work tree has its history outside of what is read."""
    if why := missing_history_reason(Path(entry.path).parent, source.root):
        folder = entry.name.rpartition("/")[0]
        read.skipped.append(Skipped(f"history of {folder}" if folder else "history", why))


def scan_file(
    read: PartialScan, repository: str, entry: DirectoryEntry, buffer: bytearray, terms: SearchTerms
) -> None:
    """Adds what one file holds; `buffer` is used again for every small one."""
    try:
        descriptor, size = open_seen(entry.path)
        try:
            found, length = _scan_open_file(descriptor, size, buffer, terms, entry.name)
        finally:
            os.close(descriptor)
    except UnreadableFile as fault:
        read.skipped.append(Skipped(entry.name, fault.reason, fault.size))
        return
    except OSError as fault:
        read.skipped.append(Skipped(entry.name, os.strerror(fault.errno or 0)))
        return
    except Exception as fault:  # noqa: BLE001 - one file's misfortune is no other's
        read.skipped.append(failure(entry.name, fault))
        return
    read.objects += 1
    read.size += length
    if found is not NOTHING:
        where = PlaceKind.GIT_DIRECTORY if entry.in_git else PlaceKind.WORK_TREE
        add_result(read, found, Occurrence(repository, entry.name, 0, where))


def _scan_open_file(
    descriptor: int, size: int, buffer: bytearray, terms: SearchTerms, name: str
) -> tuple[ContentResult, int]:
    """What an open file holds, and how long it is, whatever `size` was."""
    if size < len(buffer):
        length = os.readv(descriptor, [buffer])
        if length < len(buffer):
            return scan_content(terms, name, memoryview(buffer)[:length]), length
        os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        data = file.read(LARGEST + 1)
        if len(data) <= LARGEST:
            return scan_content(terms, name, data), len(data)
        return _scan_large_file(terms, descriptor, data, iter(lambda: file.read(CHUNK), b""))


def _scan_large_file(
    terms: SearchTerms, descriptor: int, head: bytes, following: Iterator[bytes]
) -> tuple[ContentResult, int]:
    """What a file holds that is too large for memory; of an archive, its files too."""
    from analyzer.leaks.detect.deep_scan import merge_results, scan_archive_file

    within = scan_archive_file(descriptor, terms.unique_ids)
    plain, length = scan_in_chunks(terms, head, following, is_opened=within is not None)
    return merge_results(within, plain) if within else plain, length


def _scan_link_target(
    read: PartialScan, terms: SearchTerms, repository: str, entry: DirectoryEntry
) -> None:
    """Adds what the text of a link holds; where it leads nobody goes."""
    try:
        target = os.fsencode(Path(entry.path).readlink())
    except OSError as fault:
        read.skipped.append(Skipped(entry.name, os.strerror(fault.errno or 0)))
        return
    if has_candidates(target, terms.unique_ids):
        place = Occurrence(repository, entry.name, 0, PlaceKind.LINK_TARGET)
        scan_name(read, terms, target, place)


def _scan_names(
    read: PartialScan, terms: SearchTerms, repository: str, names: Sequence[tuple[str, PlaceKind]]
) -> None:
    """Adds what names hold: all at once, and one by one only where that shows something."""
    if not has_candidates("\n".join(name for name, _ in names).encode(), terms.unique_ids):
        return
    for name, where in names:
        own = name.rpartition("/")[2]
        scan_name(read, terms, own.encode(), Occurrence(repository, name, 0, where))


def _scan_objects(ground: WorkContext, piece: ObjectsWork) -> PartialScan:
    read, repository = PartialScan(), ground.repositories[piece.repository]
    waiting: list[GitObject] = []
    held = 0
    for each in iter_objects(repository.store, piece.work_range):
        if isinstance(each, tuple):
            oid, kind, body = each
            read.objects += 1
            read.size += len(body)
            if kind == "blob":
                scan_blob(read, ground.terms, oid, body)
                continue
            waiting.append(each)
            held += len(body)
            if held >= _BATCH:
                _scan_small_objects(read, ground.terms, repository, waiting)
                waiting, held = [], 0
        elif isinstance(each, UnreadableObject):
            read.unread.append(each)
        else:
            scan_streamed_object(read, ground.terms, repository.name, each)
    _scan_small_objects(read, ground.terms, repository, waiting)
    return read


def _scan_small_objects(
    read: PartialScan, terms: SearchTerms, repository: Repository, objects: Sequence[GitObject]
) -> None:
    """Adds what trees, commits and tags hold: small as they are, they are looked at in one go."""
    is_worth_it = has_candidates(b"\n".join(body for _, _, body in objects), terms.unique_ids)
    for each in objects:
        oid, kind, body = each
        if is_worth_it and has_candidates(body, terms.unique_ids):
            scan_small_object(read, terms, repository.name, each)
        if repository.is_checked:
            read.missing.update(_record_malformed(repository, oid, kind, body))
            if kind != "tree" and is_malformed(kind, body):
                read.skipped.append(Skipped(f"{kind} {oid}", _MALFORMED, len(body)))


def _record_malformed(repository: Repository, oid: str, kind: str, body: bytes) -> Iterator[str]:
    """The objects that this one names and the store does not list."""
    if kind == "tree":
        named = {raw.hex() for raw in _BELOW[len(oid)].findall(body)} - {""}
    else:
        named = {match.decode() for match in _NAMED.findall(body.partition(b"\n\n")[0])}
    return (each for each in named - repository.known if len(each) == len(oid))
