"""In: a path that was handed in. Out: where to read, once a bundle or archive is unpacked.

What is unpacked goes into a folder of our own, which is gone afterwards.
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
    LINK,
    NO_FILES,
    TarStream,
    is_tar,
    read_tar_names,
)
from analyzer.archives.zip_reader import ENCRYPTED, ArchiveEntry, read_zip
from analyzer.files import OBJECTS, Skipped, UnreadableFile, open_untrusted
from analyzer.git.sandbox import run_git, sandbox

_BUNDLE = re.compile(rb"# v[23] git bundle\n")
# Beside refs/… and HEAD there are the HEADs of linked work trees: worktrees/side/HEAD.
_REF = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) ([^\0\n]+)\n")
_PREREQUISITE = re.compile(rb"-([0-9a-f]{40}|[0-9a-f]{64})(?: [^\n]*)?\n")
_LONGEST_LINE = 64 * 1024
_MOST_LINES = 1_000_000
_SECONDS = 600.0
_COPIED = 1 << 20
_LARGEST = 8 << 30
_LEAST, _RATIO = 64 << 20, 64
"""Bytes that may be unpacked of any archive, and of each of its bytes, to see what is in it."""
_MOST_FILES = 500_000
_LONGEST_NAME, _MOST_FOLDERS = 4096, 10_000
"""Limits of what is kept about an archive; longer names can't be unpacked anyway."""
_TOO_LARGE = (
    f"it unpacks to more than {_LARGEST} bytes or {_MOST_FILES} files: the rest is not read"
)
_NEEDS = "the bundle builds on commits that it does not hold"
_FILE = "0"
Named: TypeAlias = tuple[str, ArchiveEntry]
"""Something in an archive, behind its kind as a tar archive tells it."""


@contextmanager
def unpacked(root: Path) -> Iterator[tuple[Path, tuple[Skipped, ...]]]:
    """The folder to read for a path, and what of it could not be unpacked.

    That is the path itself, but for a git bundle and for an archive that holds a git directory.
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
                skipped = tuple(_open_archive(file, folder))
        except UnreadableFile as fault:
            skipped = (Skipped(root.name, fault.reason, fault.size),)
        yield (folder if any(folder.iterdir()) else root), skipped


def _open_bundle(file: IO[bytes], home: Path) -> Iterator[Skipped]:
    """Makes a bare repository of a bundle: its refs as text, its pack with an index by git."""
    refs, needs = [], []
    file.readline()
    for _ in range(_MOST_LINES):
        line = file.readline(_LONGEST_LINE)
        if found := _REF.fullmatch(line):
            refs.append(found)
        elif found := _PREREQUISITE.fullmatch(line):
            needs.append(found[1].decode())
        elif not line.startswith(b"@"):
            break
    length = len(refs[0][1]) if refs else 40
    (home / "objects" / "pack").mkdir(parents=True)
    (home / "refs").mkdir()
    head = next((found[1] for found in refs if found[2] == b"HEAD"), b"ref: refs/heads/none")
    (home / "HEAD").write_bytes(head + b"\n")
    (home / "packed-refs").write_bytes(b"".join(found[0] for found in refs))
    if needs:
        (home / "shallow").write_text("".join(f"{oid}\n" for oid in needs))
        yield Skipped("history", f"{_NEEDS}: {needs[0]} and {len(needs) - 1} more")
    yield from _index(file, home, length)


def _index(file: IO[bytes], home: Path, length: int) -> Iterator[Skipped]:
    """Has git index the pack; where it can't, unpack object by object, as far as it goes."""
    start = file.tell()
    with sandbox((home / "objects",), length, _SECONDS) as git:
        for arguments in (("index-pack", "--stdin"), ("unpack-objects", "-r", "-q")):
            file.seek(start)
            try:
                with run_git(git, *arguments, content=iter(lambda: file.read(_COPIED), b"")):
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


def _open_archive(file: IO[bytes], folder: Path) -> Iterator[Skipped]:
    """Unpacks an archive if it holds a git directory; its other files come along.

    One that holds none within what is listed is left to those who read any file: they say where
    they stop, which is earlier.
    """
    if not os.fstat(file.fileno()).st_size:
        return
    data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if not _holds_repository(_names_in_archive(data, min(_LEAST + _RATIO * len(data), _LARGEST))):
        return
    try:
        yield from _unpack(_names_in_archive(data, _LARGEST), folder)
    except DamagedError as fault:
        yield Skipped("archive", str(fault))


def _names_in_archive(data: memoryview, most: int) -> Iterator[Named]:
    """What has a name in a zip or tar archive, of which no more than `most` bytes are unpacked."""
    head = bytes(data[:BLOCK])
    program = compression_format(head)
    if program:
        yield from read_tar_names(TarStream(_decompressed_within(decompress(data, program), most)))
    elif is_tar(head):
        yield from read_tar_names(TarStream(data))
    elif ends_as_zip(data):
        yield from ((_FILE, entry) for entry in read_zip(data))


def _decompressed_within(content: Iterator[bytes], most: int) -> Iterator[bytes]:
    for piece in content:
        most -= len(piece)
        if most < 0:
            raise DamagedError(_TOO_LARGE)
        yield piece


def _holds_repository(names: Iterator[Named]) -> bool:
    """Whether some folder has what a git directory has; no more is kept than is compared."""
    heads: set[str] = set()
    stores: set[str] = set()
    with suppress(DamagedError):
        for _, entry in islice(names, _MOST_FILES):
            if entry.content == ENCRYPTED or len(entry.name) > _LONGEST_NAME:
                continue
            # Every object lies in a folder of the store: objects/pack/… or objects/1f/….
            folder, _, own = entry.name.rpartition("/")
            above, _, store = folder.rpartition("/")[0].rpartition("/")
            if own == "HEAD":
                heads.add(folder)
            if store == OBJECTS:
                stores.add(above)
            if (own == "HEAD" and folder in stores) or (store == OBJECTS and above in heads):
                return True
            if len(heads) + len(stores) > _MOST_FOLDERS:
                break
    return False


def _unpack(members: Iterator[Named], folder: Path) -> Iterator[Skipped]:
    """Writes files below the folder; names that lead out of it are left out.

    Links come last, and never lie on the way to another name: so nothing is written through one.
    """
    left, files = _LARGEST, _MOST_FILES
    links: list[tuple[PurePosixPath, str]] = []
    for kind, entry in members:
        if kind in NO_FILES and kind not in {LINK, HARD_LINK}:
            continue
        files -= 1
        if left <= 0 or files < 0:
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
            reason = _hard_link(folder, path, PurePosixPath(str(entry.content)))
        elif isinstance(entry.content, str):
            reason = entry.content
        else:
            written, reason = _write(entry.content, folder / path, left)
            left -= written
        if reason:
            yield Skipped(name, reason, entry.size, is_gap=reason != ENCRYPTED)
    yield from _make_links(links, folder.resolve())


def _escapes(path: PurePosixPath) -> bool:
    return path.is_absolute() or ".." in path.parts or "\0" in str(path)


def _write(content: Iterable[bytes] | memoryview, target: Path, most: int) -> tuple[int, str]:
    """Writes a file; how much of it was written, and why that is not all of it."""
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


def _hard_link(folder: Path, path: PurePosixPath, first: PurePosixPath) -> str:
    """Puts a file that was unpacked under a further name of it, or says why not."""
    try:
        if _escapes(first):
            return "a further name of what is not in the archive"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).hardlink_to(folder / first)
    except OSError as fault:
        return f"can't be unpacked: {os.strerror(fault.errno or 0)}"
    return ""


def _make_links(links: Sequence[tuple[PurePosixPath, str]], folder: Path) -> Iterator[Skipped]:
    """Puts links where they stood: they are never followed, but what they say is read."""
    for path, said in links:
        target = folder / path
        try:
            if target.parent.resolve() != target.parent:
                yield Skipped(str(path), "its name leads through a link: not read")
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(said)
        except (OSError, ValueError):
            yield Skipped(str(path), "a link that can't be unpacked")
