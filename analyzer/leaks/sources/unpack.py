"""In: a path that was handed in. Out: the folder to scan, once a bundle or archive is unpacked.

`scan` calls it for each path that is a file. What is unpacked goes into a folder of our own, which
is removed afterwards.
"""

import mmap
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias

from analyzer.archives.decompress import DamagedError, compression_format, decompress
from analyzer.archives.signatures import BLOCK, ends_as_zip
from analyzer.archives.tar_reader import (
    HARD_LINK,
    HEADERS,
    LINK,
    NO_FILES,
    TarStream,
    is_tar,
    read_tar_names,
)
from analyzer.archives.zip_reader import ENCRYPTED, ArchiveEntry, read_zip
from analyzer.files import OBJECTS, Skipped, UnreadableFile, open_untrusted
from analyzer.forks import WorkerLost, run_apart
from analyzer.git.sandbox import open_sandbox, run_git

_BUNDLE = re.compile(rb"# v[23] git bundle\n")
# Beside refs/… and HEAD there are the HEADs of linked work trees: worktrees/side/HEAD.
_REF = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) ([^\0\n]+)\n")
_PREREQUISITE = re.compile(rb"-([0-9a-f]{40}|[0-9a-f]{64})(?: [^\n]*)?\n")
_LONGEST_LINE = 64 * 1024
_MOST_LINES = 1_000_000
_INDEX_SECONDS = 600.0
_CHUNK = 1 << 20
_SMALL = 64 << 10
"""Bytes of an archive that is read, and not mapped."""
_LARGEST = 8 << 30
"""Bytes that are unpacked of an archive at most."""
_LISTED, _RATIO = 64 << 20, 64
"""Bytes that are decompressed of any archive, and more for each of its own, to list its names."""
_MOST_FILES = 500_000
_LONGEST_NAME, _MOST_FOLDERS = 4096, 10_000
"""Limits of what is kept in memory of an archive; a longer name can't be unpacked anyway."""
_TOO_LARGE = (
    f"it unpacks to more than {_LARGEST} bytes or {_MOST_FILES} files: the rest is not read"
)
_NEEDS = "the bundle builds on commits that it does not hold"
_HIDDEN = "content of what is called a folder, a link or a device: not read"
_FILE, _NAMES = "0", "D"
_TypedEntry: TypeAlias = tuple[str, ArchiveEntry]
"""The type flag of an entry, as in a tar archive, and the entry."""


@contextmanager
def unpack(root: Path) -> Iterator[tuple[Path, tuple[Skipped, ...]]]:
    """The folder to scan for a path, and what of it could not be unpacked.

    The path itself is given unless it is a git bundle, or an archive that holds a git directory:
    these are unpacked for as long as the block runs. What can't be is in the second value.
    """
    if not root.is_file():
        yield root, ()
        return
    with tempfile.TemporaryDirectory(prefix="credaudit-") as name:
        folder = Path(name)
        try:
            with (
                open_untrusted(root.resolve()) as (descriptor, _),
                os.fdopen(os.dup(descriptor), "rb") as file,
            ):
                if _BUNDLE.match(file.read(32)):
                    file.seek(0)
                    skipped = tuple(_open_bundle(file, folder / "bundle"))
                    yield folder / "bundle", skipped
                    return
                skipped = _open_archive(file, folder)
        except UnreadableFile as fault:
            skipped = (Skipped(root.name, fault.reason, fault.size),)
        yield (folder if any(folder.iterdir()) else root), skipped


def _open_bundle(file: IO[bytes], home: Path) -> Iterator[Skipped]:
    """Makes a bare repository of a bundle: its refs as text, its pack with an index by git."""
    refs, prerequisites = [], []
    file.readline()
    for _ in range(_MOST_LINES):
        line = file.readline(_LONGEST_LINE)
        if match := _REF.fullmatch(line):
            refs.append(match)
        elif match := _PREREQUISITE.fullmatch(line):
            prerequisites.append(match[1].decode())
        elif not line.startswith(b"@"):
            break
    length = len(refs[0][1]) if refs else 40
    (home / "objects" / "pack").mkdir(parents=True)
    (home / "refs").mkdir()
    head = next((ref[1] for ref in refs if ref[2] == b"HEAD"), b"ref: refs/heads/none")
    (home / "HEAD").write_bytes(head + b"\n")
    (home / "packed-refs").write_bytes(b"".join(ref[0] for ref in refs))
    if prerequisites:
        (home / "shallow").write_text("".join(f"{oid}\n" for oid in prerequisites))
        others = len(prerequisites) - 1
        yield Skipped("history", f"{_NEEDS}: {prerequisites[0]} and {others} more")
    yield from _index_bundle(file, home, length)


def _index_bundle(file: IO[bytes], home: Path, length: int) -> Iterator[Skipped]:
    """Has git index the pack of a bundle, or else unpack as many of its objects as it can."""
    start = file.tell()
    size = os.fstat(file.fileno()).st_size
    with open_sandbox((home / "objects",), length, _INDEX_SECONDS, size) as git:
        for arguments in (("index-pack", "--stdin"), ("unpack-objects", "-r", "-q")):
            file.seek(start)
            try:
                with run_git(git, *arguments, content=iter(lambda: file.read(_CHUNK), b"")):
                    pass
            except UnreadableFile as fault:
                if arguments[0] == "unpack-objects":
                    yield Skipped("objects in the bundle", fault.reason)
                continue
            break
        (git.folder / "objects").rename(home / "unpacked")
    (home / "objects" / "pack").rmdir()
    (home / "objects").rmdir()
    (home / "unpacked").rename(home / "objects")


def _open_archive(file: IO[bytes], folder: Path) -> tuple[Skipped, ...]:
    """Unpacks an archive if it holds a git directory, with its other files.

    Any other archive is scanned like any file that contains files, within a smaller budget. A large
    one is mapped, in a process of its own: whoever cuts the file off meanwhile ends that.
    """
    size = os.fstat(file.fileno()).st_size
    if size <= _SMALL:
        file.seek(0)
        return tuple(_unpack_repository(memoryview(file.read(size)), folder))

    def unpack_mapped() -> tuple[Skipped, ...]:
        data = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        return tuple(_unpack_repository(memoryview(data), folder))

    skipped = run_apart(unpack_mapped)
    return (Skipped("archive", skipped.reason),) if isinstance(skipped, WorkerLost) else skipped


def _unpack_repository(data: memoryview, folder: Path) -> Iterator[Skipped]:
    """Unpacks the archive of these bytes, unless no git directory is in it."""
    if not _holds_repository(_archive_entries(data, min(_LISTED + _RATIO * len(data), _LARGEST))):
        return
    homes: list[PurePosixPath] = []
    try:
        yield from _unpack(_archive_entries(data, _LARGEST), folder, homes)
    except DamagedError as fault:
        yield Skipped("archive", str(fault))
    _add_folders_of_refs(folder, homes)


def _archive_entries(data: memoryview, most: int) -> Iterator[_TypedEntry]:
    """The entries of a zip or tar archive, of which at most `most` bytes are decompressed."""
    head = bytes(data[:BLOCK])
    program = compression_format(head)
    if program:
        yield from read_tar_names(TarStream(_limit(decompress(data, program), most)))
    elif is_tar(head):
        yield from read_tar_names(TarStream(data))
    elif ends_as_zip(data):
        yield from ((_FILE, entry) for entry in read_zip(data))


def _limit(content: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The content. Raises DamagedError behind so many bytes."""
    for piece in content:
        most -= len(piece)
        if most < 0:
            raise DamagedError(_TOO_LARGE)
        yield piece


def _holds_repository(entries: Iterator[_TypedEntry]) -> bool:
    """Whether some folder has both HEAD and objects, as a git directory has."""
    heads: set[str] = set()
    stores: set[str] = set()
    with suppress(DamagedError):
        for _, entry in islice(entries, _MOST_FILES):
            if entry.content == ENCRYPTED or len(entry.name) > _LONGEST_NAME:
                continue
            # Every object lies in a folder of the store: objects/pack/… or objects/1f/….
            folder, _, name = entry.name.rpartition("/")
            above, _, store = folder.rpartition("/")[0].rpartition("/")
            if name == "HEAD":
                heads.add(folder)
            if store == OBJECTS:
                stores.add(above)
            if (name == "HEAD" and folder in stores) or (store == OBJECTS and above in heads):
                return True
            if len(heads) + len(stores) > _MOST_FOLDERS:
                break
    return False


def _add_folders_of_refs(folder: Path, homes: Iterable[PurePosixPath]) -> None:
    """Makes the folder that a git directory has for its refs, where all of them are packed.

    It is empty then, and empty folders are not unpacked; without it git knows no repository.
    """
    for home in homes:
        if (folder / home / OBJECTS).is_dir():
            with suppress(OSError):  # such as for a file of that name
                (folder / home / "refs").mkdir()


def _unpack(
    entries: Iterator[_TypedEntry], folder: Path, homes: list[PurePosixPath]
) -> Iterator[Skipped]:
    """Writes an archive's files below the folder; names that lead out of it are skipped.

    Symbolic links are made last, so that nothing is written through one. Where a file is called
    HEAD, `homes` gets its folder.
    """
    bytes_left, files_left = _LARGEST, _MOST_FILES
    links: list[tuple[PurePosixPath, str]] = []
    for kind, entry in entries:
        yield from _hidden_content(kind, entry)
        if (kind in NO_FILES or kind in HEADERS) and kind not in {LINK, HARD_LINK}:
            continue
        files_left -= 1
        if bytes_left <= 0 or files_left < 0:
            yield Skipped("archive", _TOO_LARGE)
            return
        name = entry.name[:_LONGEST_NAME]
        path = PurePosixPath(name)
        if _escapes(path):
            yield Skipped(name, "its name leads out of the archive: not read")
            continue
        reason = ""
        if kind == LINK:
            links.append((path, str(entry.content)[:_LONGEST_NAME]))
        elif kind == HARD_LINK:
            reason = _make_hard_link(folder, path, PurePosixPath(str(entry.content)))
        elif isinstance(entry.content, str):
            reason = entry.content
        else:
            written, reason = _write_file(entry.content, folder / path, bytes_left)
            bytes_left -= written
            if path.name == "HEAD":
                homes.append(path.parent)
        if reason:
            yield Skipped(name, reason, entry.size, is_gap=reason != ENCRYPTED)
    yield from _make_links(links, folder.resolve())


def _hidden_content(kind: str, entry: ArchiveEntry) -> Iterator[Skipped]:
    """What carries content and is no file. A list of names is what GNU tar writes for a folder."""
    if kind in NO_FILES and entry.size:
        yield Skipped(entry.name[:_LONGEST_NAME], _HIDDEN, entry.size, is_gap=kind != _NAMES)


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
                    return most, _TOO_LARGE
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
