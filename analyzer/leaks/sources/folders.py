"""In: a folder, or one file. Out: a PartialScan of its files, names and links.

`worker` calls `scan_folder`, `scheduler` calls `scan_single_file`; both hand what a file contains
to `content`. Git directories that are met are listed for `scheduler` to open, and so are the ranges
of a file too large for memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from analyzer.files import DirectoryEntry, EntryType, Skipped, UnreadableFile, open_seen, walk_tree
from analyzer.git.git_dir import missing_history_reason
from analyzer.leaks.detect.candidate import NOTHING, ContentResult
from analyzer.leaks.detect.detector import has_candidates
from analyzer.leaks.exclusions import Exclusions, LeftOut
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
        leave_out=_count_left_out(scan, context.exclusions),
    ):
        if isinstance(entry, Skipped):
            scan.skipped.append(entry)
            continue
        if entry.type is EntryType.GIT:
            scan.git_dirs.append((Path(entry.path), entry.name))
            continue
        if context.history and entry.name.rpartition("/")[2] == _GIT:
            _check_history(scan, source, entry)
        names.append((entry.name, PlaceKind.GIT_DIRECTORY if entry.in_git else PlaceKind.FILE_NAME))
        if entry.type is EntryType.FILE:
            _scan_file(scan, source.name, entry, buffer, context.terms)
        elif entry.type is EntryType.LINK:
            _scan_link_target(scan, context.terms, source.name, entry)
    _scan_names(scan, context.terms, source.name, names)
    return scan


def scan_single_file(repository: str, entry: DirectoryEntry, terms: SearchTerms) -> PartialScan:
    """Scans the content of one file; its name is not scanned."""
    scan = PartialScan()
    # For one file no shared buffer is worth making: anything but an empty file is read whole.
    _scan_file(scan, repository, entry, bytearray(1), terms)
    return scan


def _count_left_out(
    scan: PartialScan, exclusions: Exclusions
) -> Callable[[str, bool], bool] | None:
    """Whether a name in a folder is to be left out, which is counted; None for no patterns."""
    if not exclusions.patterns:
        return None

    def leave_out(name: str, is_folder: bool) -> bool:
        pattern = exclusions.match_entry(name, is_folder=is_folder)
        if pattern:
            scan.left_out[pattern, LeftOut.FOLDER if is_folder else LeftOut.FILE] += 1
        return pattern is not None

    return leave_out


def _check_history(scan: PartialScan, source: Source, entry: DirectoryEntry) -> None:
    """Notes a work tree whose history lies outside of what is scanned."""
    if reason := missing_history_reason(Path(entry.path).parent, source.root):
        folder = entry.name.rpartition("/")[0]
        scan.skipped.append(Skipped(f"history of {folder}" if folder else "history", reason))


def _scan_file(
    scan: PartialScan, repository: str, entry: DirectoryEntry, buffer: bytearray, terms: SearchTerms
) -> None:
    """Adds what one file holds; a file smaller than `buffer` is read into it."""
    try:
        descriptor, size = open_seen(entry.path)
        try:
            result, length = _scan_open_file(descriptor, size, buffer, terms, entry.name)
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
    members = scan_archive_file(descriptor, terms.unique_ids)
    plugins = tuple(no_plugins(terms))
    if members is None:
        # It is left to be scanned in ranges.
        return ContentResult(skipped=plugins), size
    plain = scan_whole(descriptor, size, terms)
    return merge_results(members, replace(plain, skipped=plain.skipped + plugins)), size


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
