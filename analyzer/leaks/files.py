"""In: a folder of unknown origin. Out: what its files hold, and what could not be read.

No symbolic link is followed and nothing but a regular file is opened.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from analyzer.leaks.credentials import Occurrence, Skipped, Where
from analyzer.leaks.detector import Spot, sightings, spots_at

LARGEST = 32 * 1024 * 1024
"""Bytes of the largest file or blob that is read."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One file or one object was read to its end."""

    size: int


Event: TypeAlias = Spot | Skipped | Looked
"""What reading a repository tells, piece by piece."""


class Unread(Exception):  # noqa: N818 - a state of affairs, turned into a `Skipped`
    """Something can't be read, or must not be; says why, and how large it is where known."""

    def __init__(self, reason: str, size: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.size = size


def readable(name: bytes | str) -> str:
    """A file's name as text; a byte that is no UTF-8 is written out as its number."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read_regular(path: Path, largest: int) -> bytes:
    """The content of a regular file; raises Unread for anything else and above `largest`.

    Waits for nobody, whatever stands at `path`: a pipe without a writer is refused at once.
    """
    # Between a look at the name and the opening, another thing can take its place; so the open
    # file is what gets looked at.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise Unread("not a regular file")
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Unread("not a regular file")
            data = file.read(largest + 1) if status.st_size <= largest else b""
    except OSError as fault:
        raise Unread(os.strerror(fault.errno or 0)) from fault
    if max(status.st_size, len(data)) > largest:
        raise Unread(f"larger than {largest} bytes", max(status.st_size, len(data)))
    return data


def look_at_file(repository: str, path: Path, name: str) -> Iterator[Event]:
    """What one file holds, under the name that it shall have in the report."""
    try:
        data = read_regular(path, LARGEST)
    except Unread as fault:
        yield Skipped(name, fault.reason, fault.size)
        return
    yield Looked(len(data))
    yield from spots_at(sightings(data), Occurrence(repository, name, 0, Where.WORK_TREE))


def look_at_tree(repository: str, root: Path, left_out: str) -> Iterator[Event]:
    """What all files below `root` hold, but for the root's entry that is called `left_out`.

    Untracked and ignored files count as any other. A repository inside is read as files only,
    and the events say so.
    """
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
        except OSError as fault:
            yield Skipped(_name(folder, root), os.strerror(fault.errno or 0))
            continue
        for entry in entries:
            path = Path(entry.path)
            name = _name(path, root)
            if folder == root and entry.name == left_out:
                continue
            if entry.name == ".git":
                yield Skipped(name, "a repository of its own: name its path to scan its history")
            elif entry.is_symlink():
                yield from _link(path, root, name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                yield from look_at_file(repository, path, name)


def _name(path: Path, root: Path) -> str:
    """The path below the root, with forward slashes."""
    return readable(path.relative_to(root).as_posix())


def _link(path: Path, root: Path, name: str) -> Iterator[Skipped]:
    """A link within the tree leads to what is read anyway; one that leaves it must be told of."""
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        yield Skipped(name, "a symbolic link out of the tree: not followed")
