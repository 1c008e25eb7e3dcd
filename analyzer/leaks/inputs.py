"""In: a path that was handed in. Out: where to read, once a bundle or archive is unpacked.

What is unpacked goes into a folder of our own, which is gone afterwards.
"""

import os
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from analyzer.leaks.credentials import Skipped
from analyzer.leaks.files import Unread, opened
from analyzer.leaks.gitprocess import quarantine, running

_BUNDLE = re.compile(rb"# v[23] git bundle\n")
# Beside refs/… and HEAD there are the HEADs of linked work trees: worktrees/side/HEAD.
_REF = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) ([^\0\n]+)\n")
_PREREQUISITE = re.compile(rb"-([0-9a-f]{40}|[0-9a-f]{64})(?: [^\n]*)?\n")
_LONGEST_LINE = 64 * 1024
_MOST_LINES = 1_000_000
_SECONDS = 600.0
_COPIED = 1 << 20
_LARGEST = 8 << 30
_MOST_FILES = 500_000
_TOO_LARGE = (
    f"it unpacks to more than {_LARGEST} bytes or {_MOST_FILES} files: the rest is not read"
)
_NEEDS = "the bundle builds on commits that it does not hold"
_ENDS = (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, zlib.error, ValueError,
         NotImplementedError, RuntimeError)  # fmt: skip


@contextmanager
def unfolded(root: Path) -> Iterator[tuple[Path, tuple[Skipped, ...]]]:
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
                opened(root.resolve()) as (descriptor, _),
                os.fdopen(os.dup(descriptor), "rb") as file,
            ):
                if _BUNDLE.match(file.read(32)):
                    file.seek(0)
                    skipped = tuple(_open_bundle(file, folder / "bundle"))
                    yield folder / "bundle", skipped
                    return
                skipped = tuple(_open_archive(file, folder))
        except Unread as fault:
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
    with quarantine((home / "objects",), length, _SECONDS) as git:
        for arguments in (("index-pack", "--stdin"), ("unpack-objects", "-r", "-q")):
            file.seek(start)
            try:
                with running(git, *arguments, content=iter(lambda: file.read(_COPIED), b"")):
                    pass
            except Unread as fault:
                if arguments[0] == "unpack-objects":
                    yield Skipped("objects in the bundle", fault.reason)
                continue
            break
        (git.folder / "objects").rename(home / "unpacked")
    (home / "objects" / "pack").rmdir()
    (home / "objects").rmdir()
    (home / "unpacked").rename(home / "objects")


def _open_archive(file: IO[bytes], folder: Path) -> Iterator[Skipped]:
    """Unpacks an archive if it holds a git directory; its other files come along."""
    for members in (_zip_members, _tar_members):
        file.seek(0)
        try:
            if not _holds_repository([name for name, _, _ in members(file)]):
                continue
            file.seek(0)
            yield from _unpack(members(file), folder)
        except _ENDS as fault:
            if any(folder.iterdir()):
                yield Skipped("archive", f"it breaks off: {type(fault).__name__}")
        return


def _holds_repository(names: list[str]) -> bool:
    """Whether some folder has what a git directory has."""
    folders = {name.rpartition("HEAD")[0] for name in names if PurePosixPath(name).name == "HEAD"}
    return any(name.startswith(f"{folder}objects/") for folder in folders for name in names)


Member = tuple[str, int, "IO[bytes] | str | None"]
"""Name, size, and what stands there: the content, or the target of a link."""


def _zip_members(file: IO[bytes]) -> Iterator[Member]:
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        for each in archive.infolist():
            if not each.is_dir() and not each.flag_bits & 1:
                with archive.open(each) as content:
                    yield each.filename, each.file_size, content


def _tar_members(file: IO[bytes]) -> Iterator[Member]:
    with tarfile.open(fileobj=file, mode="r:*") as archive:
        for each in archive:
            if each.isreg():
                yield each.name, each.size, archive.extractfile(each)
            elif each.issym():
                yield each.name, 0, each.linkname


def _unpack(members: Iterator[Member], folder: Path) -> Iterator[Skipped]:
    """Writes files below the folder; names that lead out of it are left out.

    Links come last, and never lie on the way to another name: so nothing is written through one.
    """
    left, files = _LARGEST, _MOST_FILES
    links: list[tuple[PurePosixPath, str]] = []
    for name, size, content in members:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or content is None:
            yield Skipped(name, "its name leads out of the archive: not read")
            continue
        left, files = left - size, files - 1
        if left < 0 or files < 0:
            yield Skipped("archive", _TOO_LARGE)
            return
        if isinstance(content, str):
            links.append((path, content))
            continue
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as copy:
                while (chunk := content.read(_COPIED)) and copy.tell() <= size:
                    copy.write(chunk)
        except OSError as fault:
            yield Skipped(name, f"can't be unpacked: {os.strerror(fault.errno or 0)}", size)
    yield from _lay_links(links, folder.resolve())


def _lay_links(links: Sequence[tuple[PurePosixPath, str]], folder: Path) -> Iterator[Skipped]:
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
