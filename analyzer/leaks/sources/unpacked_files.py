"""In: the entries of an archive. Out: its files in a folder of our own, and what is not there.

`unpack` calls it for an archive with a repository in it. Nothing is written outside of the folder,
whatever names and links say.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from analyzer.archives.decompress import DamagedError
from analyzer.archives.tar_reader import HARD_LINK, HEADERS, HIDDEN, LINK, NO_FILES
from analyzer.archives.zip_reader import ENCRYPTED, ArchiveEntry
from analyzer.files import Skipped

LARGEST = 8 << 30
"""Bytes that are unpacked of an archive at most."""
MOST_FILES = 500_000
LONGEST_NAME = 4096
"""Characters of a name that are kept in memory; a longer one can't be unpacked anyway."""
TOO_LARGE = f"it unpacks to more than {LARGEST} bytes or {MOST_FILES} files: the rest is not read"
TypedEntry: TypeAlias = tuple[str, ArchiveEntry]
"""The type flag of an entry, as in a tar archive, and the entry."""
_BESIDE = "beside the files of the archive"
"""The folder for what is no file: the content of a link, the comment of a header."""
_LONGEST_FLAT = 60
"""Characters of a name there: a file system takes 255 bytes."""


@dataclass(slots=True)
class _Unpacking:
    """Where an archive is unpacked to, what is still allowed, and what is made last.

    `homes` has the folders in which a file is called HEAD; `beside` counts what was no file.
    """

    folder: Path
    homes: list[PurePosixPath]
    bytes_left: int = LARGEST
    files_left: int = MOST_FILES
    beside: int = 0
    links: list[tuple[PurePosixPath, str]] = field(default_factory=list)


def write_entries(
    entries: Iterator[TypedEntry], folder: Path, homes: list[PurePosixPath]
) -> Iterator[Skipped]:
    """Writes an archive's files below the folder; names that lead out of it are skipped.

    Symbolic links are made last, so that nothing is written through one. Content of what is called
    a folder, a link or a device, and texts in headers, become files in a folder of their own. Where
    a file is called HEAD, `homes` gets its folder. Of an archive that breaks off, as much as there
    is.
    """
    unpacking = _Unpacking(folder, homes)
    try:
        yield from _write_files(unpacking, entries)
    except DamagedError as fault:
        yield Skipped("archive", str(fault))
    yield from _make_links(unpacking.links, folder.resolve())


def _write_files(unpacking: _Unpacking, entries: Iterator[TypedEntry]) -> Iterator[Skipped]:
    """Writes all but symbolic links."""
    for kind, entry in entries:
        if kind in NO_FILES and kind not in {LINK, HARD_LINK}:
            continue
        unpacking.files_left -= 1
        if unpacking.bytes_left <= 0 or unpacking.files_left < 0:
            yield Skipped("archive", TOO_LARGE)
            return
        name = entry.name[:LONGEST_NAME]
        if reason := _write_entry(unpacking, kind, entry, name):
            yield Skipped(name, reason, entry.size, is_gap=reason != ENCRYPTED)


def _write_entry(unpacking: _Unpacking, kind: str, entry: ArchiveEntry, name: str) -> str:
    """Writes one entry, or notes where a link leads; gives the reason if it can't."""
    path = PurePosixPath(name)
    if kind in {HIDDEN, *HEADERS}:
        unpacking.beside += 1
        # One name, so that no part of it makes a repository of the folder.
        flat = name.strip("/").replace("/", "!").replace("\0", "")[-_LONGEST_FLAT:]
        path = PurePosixPath(_BESIDE, f"{unpacking.beside} {flat}")
    elif _escapes(path):
        return "its name leads out of the archive: not read"
    if kind == LINK:
        unpacking.links.append((path, str(entry.content)[:LONGEST_NAME]))
        return ""
    if kind == HARD_LINK:
        return _make_hard_link(unpacking.folder, path, PurePosixPath(str(entry.content)))
    if isinstance(entry.content, str):
        return entry.content
    written, reason = _write_file(entry.content, unpacking.folder / path, unpacking.bytes_left)
    unpacking.bytes_left -= written
    if path.name == "HEAD":
        unpacking.homes.append(path.parent)
    return reason


def _escapes(path: PurePosixPath) -> bool:
    return path.is_absolute() or ".." in path.parts or "\0" in str(path)


def _write_file(content: Iterable[bytes] | memoryview, target: Path, most: int) -> tuple[int, str]:
    """Writes a file; gives how many bytes of it, and the reason if that is not all."""
    written = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as copy:
            for piece in (content,) if isinstance(content, memoryview) else content:
                if written + len(piece) > most:
                    return most, TOO_LARGE
                written += copy.write(piece)
    except OSError as fault:
        return written, f"can't be unpacked: {os.strerror(fault.errno or 0)}"
    except DamagedError as fault:
        return written, str(fault)
    return written, ""


def _make_hard_link(folder: Path, path: PurePosixPath, first: PurePosixPath) -> str:
    """Gives an unpacked file a further name; gives the reason if it can't."""
    try:
        if _escapes(first):
            return "a further name of what is not in the archive"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).hardlink_to(folder / first)
    except OSError as fault:
        return f"can't be unpacked: {os.strerror(fault.errno or 0)}"
    return ""


def _make_links(links: Sequence[tuple[PurePosixPath, str]], folder: Path) -> Iterator[Skipped]:
    """Makes symbolic links: none is followed, but the text of each is scanned."""
    for path, text in links:
        target = folder / path
        try:
            if target.parent.resolve() != target.parent:
                yield Skipped(str(path), "its name leads through a link: not read")
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(text)
        except (OSError, ValueError):
            yield Skipped(str(path), "a link that can't be unpacked")
