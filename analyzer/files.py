"""In: a folder of unknown origin. Out: its files, the git directories in it, and what is neither.

No symbolic link is followed and nothing but a regular file is opened.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

OBJECTS = "objects"
"""The folder of a git directory that holds its objects."""
NOT_READ = "which is not read"
"""How the reason ends for what is there, and neither a file nor a folder."""
_NOT_REGULAR = "not a regular file"
_LINK = "a symbolic link, which is not followed"
_SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a repository that was not looked at, why, and how many bytes it has.

    `is_gap` is False for what nobody could expect to be read: a link out of the tree, an archive
    that is encrypted, what a shallow clone never fetched. With a gap, a scan is incomplete.
    `is_wanted` is True for what the caller asked to leave out, or can't have here to bring in.
    """

    what: str
    reason: str
    size: int | None = None
    is_gap: bool = True
    is_wanted: bool = False


class UnreadableFile(Exception):  # noqa: N818 - a state of affairs, turned into a `Skipped`
    """Something can't be read, or must not be; says why, and how large it is where known."""

    def __init__(self, reason: str, size: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.size = size


class EntryType(StrEnum):
    """What stands at a name in a folder."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    GIT = "git directory"


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A name in the tree, "/" between folders, where it is, and whether in a git directory."""

    path: str
    name: str
    type: EntryType
    in_git: bool


def printable_name(name: bytes | str) -> str:
    """A file's name as text; a byte that is no UTF-8 is written out as its number."""
    if isinstance(name, str) and name.isascii():
        return name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def file_type(path: Path) -> int | None:
    """The file type of what stands at a path, the link and not its target; None for nothing."""
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except (OSError, ValueError):
        return None


def system_reason(fault: OSError) -> str:
    """The system's words for a fault, without the path.

    Its words for a link that we do not follow, "too many levels of symbolic links", would mislead.
    """
    return _LINK if fault.errno == errno.ELOOP else os.strerror(fault.errno or 0)


def path_fault(path: Path) -> str | None:
    """Why a path that was handed in can't be scanned; None for a file, a folder or a link to one.

    Nothing is opened: that can wait for ever, or change something.
    """
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except (OSError, ValueError) as fault:
        if isinstance(fault, PermissionError):
            return "can't be looked at: permission denied"
        if file_type(path) == stat.S_IFLNK:
            return "is a symbolic link that leads nowhere"
        return "there is no such file or folder"
    if kind in {stat.S_IFREG, stat.S_IFDIR}:
        return None
    return f"is {_SPECIAL.get(kind, 'neither a file nor a folder')}, {NOT_READ}"


@contextmanager
def open_untrusted(path: Path | str) -> Iterator[tuple[int, int]]:
    """The descriptor and the size of a regular file; raises UnreadableFile for anything else.

    Waits for nobody, whatever stands at `path`: a pipe without a writer is refused at once.
    """
    # Opening a device can have effects, so the name is looked at first.
    if file_type(Path(path)) not in {stat.S_IFREG, None}:
        raise UnreadableFile(_NOT_REGULAR)
    descriptor, size = open_seen(path)
    try:
        yield descriptor, size
    except OSError as fault:
        raise UnreadableFile(os.strerror(fault.errno or 0)) from fault
    finally:
        os.close(descriptor)


def open_seen(path: Path | str) -> tuple[int, int]:
    """The same for what a listing has just called a regular file; the caller closes it."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as fault:
        raise UnreadableFile(system_reason(fault)) from fault
    except ValueError as fault:
        raise UnreadableFile("its name can't be a file's") from fault
    # Another thing can have taken its place, so what is open is looked at again.
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnreadableFile(_NOT_REGULAR)
    return descriptor, status.st_size


def read_untrusted(path: Path | str, largest: int) -> bytes:
    """The content of a regular file; raises UnreadableFile for others and above `largest`."""
    with open_untrusted(path) as (descriptor, size):
        if size > largest:
            raise UnreadableFile(f"larger than {largest} bytes", size)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            data = file.read(largest + 1)
    if len(data) > largest:
        raise UnreadableFile(f"larger than {largest} bytes", len(data))
    return data


def walk_tree(  # noqa: C901, PLR0913 - where and how far; one case for each kind of entry
    folder: Path,
    prefix: str,
    root: Path,
    *,
    in_git: bool,
    deep: bool = True,
    leave_out: Callable[[str, bool], bool] | None = None,
) -> Iterator[DirectoryEntry | Skipped]:
    """Every name below `folder`, which is called `prefix`, in a fixed order.

    Untracked and ignored files count as any other. A git directory is told before the names in it;
    its objects are left out. Where `deep` is False, folders are told and not entered.
    `leave_out` is asked for each name outside of git directories, with whether it is a folder: what
    it answers with True is neither told nor entered.
    """
    folders = [(prefix, os.fspath(folder), in_git)]
    while folders:
        above, here, within = folders.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted(listing, key=_name)
        except OSError as fault:
            yield Skipped(above or ".", os.strerror(fault.errno or 0))
            continue
        is_git = any(entry.name == OBJECTS for entry in entries) and is_git_directory(Path(here))
        if is_git:
            yield DirectoryEntry(here, above, EntryType.GIT, in_git=True)
        for entry in entries:
            name = f"{above}/{printable_name(entry.name)}" if above else printable_name(entry.name)
            if (
                leave_out
                and not (within or is_git)
                and leave_out(name, entry.is_dir(follow_symlinks=False))
            ):
                continue
            if entry.is_symlink():
                yield DirectoryEntry(entry.path, name, EntryType.LINK, in_git=within or is_git)
                yield from _links_out_of_tree(entry.path, root, name)
            elif entry.is_file(follow_symlinks=False):
                yield DirectoryEntry(entry.path, name, EntryType.FILE, in_git=within or is_git)
            elif not entry.is_dir(follow_symlinks=False):
                yield Skipped(name, _NOT_REGULAR, is_gap=False)
            elif not (is_git and entry.name == OBJECTS):
                yield DirectoryEntry(entry.path, name, EntryType.FOLDER, in_git=within or is_git)
                if deep:
                    folders.append((name, entry.path, within or is_git))


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def is_git_directory(folder: Path) -> bool:
    """Whether a folder keeps objects as a git directory does, whole or damaged."""
    if file_type(folder / OBJECTS) != stat.S_IFDIR:
        return False
    if folder.name == ".git":
        return True
    return file_type(folder / "HEAD") == stat.S_IFREG and file_type(folder / "refs") == stat.S_IFDIR


def _links_out_of_tree(path: str, root: Path, name: str) -> Iterator[Skipped]:
    """A link within the tree leads to what is read anyway; one that leaves it must be told of."""
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        yield Skipped(name, "a symbolic link out of the tree: not followed", is_gap=False)
