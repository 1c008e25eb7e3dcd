"""In: a path that was handed in. Out: the folder to scan, once a bundle or archive is unpacked.

`scan` calls it for each path that is a file. What is unpacked goes into a folder of our own, which
is removed afterwards.
"""

import mmap
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO

from analyzer.archives.bundle_reader import is_bundle
from analyzer.archives.comments import read_comments
from analyzer.archives.decompress import DamagedError, compression_format, decompress
from analyzer.archives.signatures import BLOCK, ends_as_zip
from analyzer.archives.tar_reader import TarStream, is_tar, read_tar_names
from analyzer.archives.zip_reader import ENCRYPTED, read_zip
from analyzer.files import OBJECTS, Skipped, UnreadableFile, open_untrusted
from analyzer.forks import WorkerLost, run_apart
from analyzer.leaks.sources.bundles import open_bundle
from analyzer.leaks.sources.unpacked_files import (
    LARGEST,
    LONGEST_NAME,
    MOST_FILES,
    TOO_LARGE,
    TypedEntry,
    write_entries,
)

_SMALL = 64 << 10
"""Bytes of an archive that is read, and not mapped."""
_LISTED, _RATIO = 64 << 20, 64
"""Bytes that are decompressed of any archive, and more for each of its own, to list its names."""
_MOST_FOLDERS = 10_000
"""Folders that are kept in memory of an archive."""
_HEAD = 32
"""Bytes by which a bundle is recognised."""
_FILE, _HEADER = "0", "g"
"""Kinds of entries, as in a tar archive."""


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
                if is_bundle(file.read(_HEAD)):
                    file.seek(0)
                    skipped = tuple(open_bundle(file, folder / "bundle"))
                    yield folder / "bundle", skipped
                    return
                skipped = _open_archive(file, folder)
        except UnreadableFile as fault:
            skipped = (Skipped(root.name, fault.reason, fault.size),)
        yield (folder if any(folder.iterdir()) else root), skipped


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
    if not _holds_repository(_archive_entries(data, min(_LISTED + _RATIO * len(data), LARGEST))):
        return
    homes: list[PurePosixPath] = []
    yield from write_entries(_with_comments(data, LARGEST), folder, homes)
    _add_folders_of_refs(folder, homes)


def _archive_entries(data: memoryview, most: int) -> Iterator[TypedEntry]:
    """The entries of a zip or tar archive, of which at most `most` bytes are decompressed."""
    head = bytes(data[:BLOCK])
    program = compression_format(head)
    if program:
        yield from read_tar_names(TarStream(_limit(decompress(data, program), most)))
    elif is_tar(head):
        yield from read_tar_names(TarStream(data))
    elif ends_as_zip(data):
        yield from ((_FILE, entry) for entry in read_zip(data))


def _with_comments(data: memoryview, most: int) -> Iterator[TypedEntry]:
    """The same, and before them what stands in headers of the archive, as such."""
    yield from ((_HEADER, entry) for entry in read_comments(data))
    yield from _archive_entries(data, most)


def _limit(content: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The content. Raises DamagedError behind so many bytes."""
    for piece in content:
        most -= len(piece)
        if most < 0:
            raise DamagedError(TOO_LARGE)
        yield piece


def _holds_repository(entries: Iterator[TypedEntry]) -> bool:
    """Whether some folder has both HEAD and objects, as a git directory has."""
    heads: set[str] = set()
    stores: set[str] = set()
    with suppress(DamagedError):
        for _, entry in islice(entries, MOST_FILES):
            if entry.content == ENCRYPTED or len(entry.name) > LONGEST_NAME:
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
