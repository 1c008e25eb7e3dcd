"""In: a folder, or one file. Out: a PartialScan of its files, names and links.

`worker` calls `scan_folder`; `scan_single_file` is for a file that was handed in, one of git's that
is no object, and an object of Git LFS. Both hand what a file contains to `content`. Git directories
that are met are listed for `histories` to open, and the ranges of a file too large for memory for
`worker` to scan.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from analyzer.files import (
    OBJECTS,
    DirectoryEntry,
    EntryType,
    Skipped,
    UnreadableFile,
    file_type,
    is_git_directory,
    open_seen,
    read_untrusted,
    walk_tree,
)
from analyzer.forks import WorkerLost, run_apart
from analyzer.git.elsewhere import missing_history_reason
from analyzer.git.git_dir import is_inside
from analyzer.git.references import LARGEST_MODULES, LARGEST_POINTER, parse_pointer
from analyzer.leaks.detect.candidate import NOTHING, ContentResult
from analyzer.leaks.detect.detector import has_candidates
from analyzer.leaks.exclusions import Exclusions, LeftOut, leave_out_elsewhere
from analyzer.leaks.model import Occurrence, PlaceKind
from analyzer.leaks.sources.content import (
    LARGEST,
    add_result,
    failure,
    no_plugins,
    scan_content,
    scan_name,
)
from analyzer.leaks.sources.large_files import scan_whole, split_file
from analyzer.leaks.sources.work import FolderWork, PartialScan, SearchTerms, Source, WorkContext

_GIT = ".git"
_LINKED_STORE = "its objects are a symbolic link, not followed: scan what it leads to as well"
_MODULES = ".gitmodules"
_BUFFER = 1 << 20
"""Bytes of the buffer into which every smaller file is read."""


def scan_folder(context: WorkContext, item: FolderWork) -> PartialScan:
    """Scans the files of a folder and their names, and what symbolic links say."""
    scan, source = PartialScan(), context.sources[item.source]
    buffer = bytearray(_BUFFER)
    names: list[tuple[str, PlaceKind]] = []
    for entry in walk_tree(
        item.folder,
        item.prefix,
        source.root,
        in_git=item.in_git,
        deep=item.deep,
        leave_out=_count_left_out(scan, context.exclusions, item.only),
    ):
        if isinstance(entry, Skipped):
            scan.skipped.append(entry)
            continue
        if item.only and entry.name not in item.only:
            continue
        if entry.type is EntryType.GIT:
            scan.git_dirs.append((Path(entry.path), entry.name))
            continue
        if context.history and entry.name.rpartition("/")[2] == _GIT:
            given = (source.root, *(each.root for each in context.sources))
            _check_history(scan, given, entry)
        if entry.name.rpartition("/")[2] == _MODULES and entry.type is EntryType.FILE:
            _list_submodules(scan, context, source, entry)
        names.append((entry.name, PlaceKind.GIT_DIRECTORY if entry.in_git else PlaceKind.FILE_NAME))
        if entry.type is EntryType.FILE:
            _scan_file(scan, source.name, entry, buffer, context.terms)
        elif entry.type is EntryType.LINK:
            _scan_link_target(scan, context.terms, source.name, entry)
            if context.history and entry.name.rpartition("/")[2] == OBJECTS:
                _check_linked_store(scan, [source.root, *(s.root for s in context.sources)], entry)
    _scan_names(scan, context.terms, source.name, names)
    return scan


def scan_single_file(repository: str, entry: DirectoryEntry, terms: SearchTerms) -> PartialScan:
    """Scans the content of one file; its name is not scanned."""
    scan = PartialScan()
    # For one file no shared buffer is worth making: anything but an empty file is read whole.
    _scan_file(scan, repository, entry, bytearray(1), terms)
    return scan


def _count_left_out(
    scan: PartialScan, exclusions: Exclusions, only: Collection[str]
) -> Callable[[str, bool], bool] | None:
    """Whether a name in a folder is to be left out, which is counted; None for no patterns.

    Of names of which only some count, only these are counted.
    """
    if not exclusions.patterns:
        return None

    def leave_out(name: str, is_folder: bool) -> bool:
        pattern = exclusions.match_entry(name, is_folder=is_folder)
        if pattern and (not only or name in only):
            scan.left_out[pattern, LeftOut.FOLDER if is_folder else LeftOut.FILE] += 1
        return pattern is not None

    return leave_out


def _check_history(scan: PartialScan, given: Sequence[Path], entry: DirectoryEntry) -> None:
    """Notes a work tree whose history lies outside of what is scanned."""
    if reason := missing_history_reason(Path(entry.path).parent, given):
        folder = entry.name.rpartition("/")[0]
        scan.skipped.append(Skipped(f"history of {folder}" if folder else "history", reason))


def _check_linked_store(scan: PartialScan, given: Sequence[Path], entry: DirectoryEntry) -> None:
    """Notes a git directory whose objects are a link; a gap if these are in none of the paths.

    `_check_history` tells of the gap where it is that of a work tree. Objects in one of the paths
    are met there.
    """
    git_dir, store = Path(entry.path).parent, Path(os.path.realpath(entry.path))
    if file_type(git_dir / "HEAD") != stat.S_IFREG or file_type(git_dir / "refs") is None:
        return
    scan.linked_stores.append((git_dir, store))
    is_given = any(is_inside(store, each) for each in given) and is_git_directory(store.parent)
    if git_dir.name != _GIT and not is_given:
        folder = entry.name.rpartition("/")[0]
        scan.skipped.append(Skipped(f"history of {folder}" if folder else "history", _LINKED_STORE))


def _scan_file(
    scan: PartialScan, repository: str, entry: DirectoryEntry, buffer: bytearray, terms: SearchTerms
) -> None:
    """Adds what one file holds; a file smaller than `buffer` is read into it."""
    try:
        descriptor, size = open_seen(entry.path)
        try:
            result, length = _scan_open_file(descriptor, size, buffer, terms, entry.name)
            if length <= LARGEST_POINTER:
                _note_pointer(scan, descriptor, entry)
            if length > LARGEST and not result.containers:
                scan.ranges += split_file(descriptor, length, repository, entry)
        finally:
            os.close(descriptor)
    except UnreadableFile as fault:
        scan.skipped.append(Skipped(entry.name, fault.reason, fault.size))
        return
    except OSError as fault:
        scan.skipped.append(Skipped(entry.name, os.strerror(fault.errno or 0)))
        return
    except Exception as fault:  # noqa: BLE001 - a fault in one file must not cost the others
        scan.skipped.append(failure(entry.name, fault))
        return
    scan.objects += 1
    scan.size += length
    if result is not NOTHING:
        where = PlaceKind.GIT_DIRECTORY if entry.in_git else PlaceKind.WORK_TREE
        add_result(scan, result, Occurrence(repository, entry.name, 0, where))


def _list_submodules(
    scan: PartialScan, context: WorkContext, source: Source, entry: DirectoryEntry
) -> None:
    """Notes submodules that are not here, for a work tree of which no repository is opened."""
    from analyzer.leaks.sources.never_fetched import list_empty_submodules

    file = Path(entry.path)
    if context.history and file_type(file.parent / _GIT) is not None:
        return  # The repository knows better.
    with suppress(UnreadableFile):
        content = read_untrusted(file, LARGEST_MODULES)
        folder = entry.name.rpartition("/")[0]
        is_left_out = partial(leave_out_elsewhere, scan.left_out, context.exclusions, folder)
        scan.skipped += list_empty_submodules(file, folder, source.root, content, is_left_out)


def _note_pointer(scan: PartialScan, descriptor: int, entry: DirectoryEntry) -> None:
    """Notes a small file of a work tree that stands for an object of Git LFS."""
    if not entry.in_git and (pointer := parse_pointer(os.pread(descriptor, LARGEST_POINTER, 0))):
        scan.pointer_files[entry.name] = pointer


def _scan_open_file(
    descriptor: int, size: int, buffer: bytearray, terms: SearchTerms, name: str
) -> tuple[ContentResult, int]:
    """What an open file holds, and its length: `size` was true when it was opened."""
    if size < len(buffer):
        length = os.readv(descriptor, [buffer])
        if length < len(buffer):
            return scan_content(terms, name, memoryview(buffer)[:length]), length
        os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) <= LARGEST:
        return scan_content(terms, name, data), len(data)
    from analyzer.leaks.detect.deep_scan import merge_results, scan_archive_file

    size = max(os.fstat(descriptor).st_size, len(data))
    members = run_apart(partial(scan_archive_file, descriptor, terms.unique_ids))
    lost: tuple[Skipped, ...] = ()
    if isinstance(members, WorkerLost):
        lost, members = (Skipped("", members.reason),), None
        size = os.fstat(descriptor).st_size
    plugins = tuple(no_plugins(terms))
    if members is None and size > LARGEST:
        # It is left to be scanned in ranges.
        return ContentResult(skipped=lost + plugins), size
    plain = scan_whole(descriptor, size, terms)
    plain = replace(plain, skipped=lost + plain.skipped + plugins)
    return merge_results(members, plain) if members else plain, size


def _scan_link_target(
    scan: PartialScan, terms: SearchTerms, repository: str, entry: DirectoryEntry
) -> None:
    """Adds what the text of a link holds; the link is not followed."""
    try:
        target = os.fsencode(Path(entry.path).readlink())
    except OSError as fault:
        scan.skipped.append(Skipped(entry.name, os.strerror(fault.errno or 0)))
        return
    if has_candidates(target, terms.unique_ids):
        place = Occurrence(repository, entry.name, 0, PlaceKind.LINK_TARGET)
        scan_name(scan, terms, target, place)


def _scan_names(
    scan: PartialScan, terms: SearchTerms, repository: str, names: Sequence[tuple[str, PlaceKind]]
) -> None:
    """Adds what names hold: tested all at once, and scanned one by one only if that hits."""
    if not has_candidates("\n".join(name for name, _ in names).encode(), terms.unique_ids):
        return
    for name, where in names:
        last = name.rpartition("/")[2]
        scan_name(scan, terms, last.encode(), Occurrence(repository, name, 0, where))
