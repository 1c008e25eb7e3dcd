"""In: names in a folder that an attacker may have filled. Out: its regular files, open or mapped.

No symbolic link is followed, at any level below the folder, and no pipe is waited for. Open folders
and files are descriptors.
"""

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from analyzer.files import system_reason

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_REGULAR = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

SMALL = 1 << 20
"""Bytes of a file that is read as fast as it would be mapped."""


class DamagedObject(Exception):  # noqa: N818 - a state of affairs, turned into an `UnreadableObject`
    """Something in an object store can't be read; says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def open_folder(name: str, parent: int | None = None) -> Iterator[int]:
    """The descriptor of a folder; raises DamagedObject where there is none, or a symbolic link."""
    try:
        number = os.open(name, _DIRECTORY, dir_fd=parent)
    except (OSError, ValueError) as fault:
        raise DamagedObject(_describe(fault)) from fault
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def open_regular(name: str, parent: int) -> Iterator[tuple[int, int]]:
    """The descriptor of a regular file, and its size; raises DamagedObject for anything else."""
    try:
        # To open a device can have effects, so the name is checked first; and then the open file,
        # since the name may have come to mean another one.
        if not stat.S_ISREG(os.lstat(name, dir_fd=parent).st_mode):
            raise DamagedObject("not a regular file")
        number = os.open(name, _REGULAR, dir_fd=parent)
    except (OSError, ValueError) as fault:
        raise DamagedObject(_describe(fault)) from fault
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            raise DamagedObject("not a regular file")
        yield number, status.st_size
    finally:
        os.close(number)


def map_file(name: str, parent: int, largest_read: int = SMALL) -> mmap.mmap | bytes:
    """The content of a regular file; raises DamagedObject for anything else.

    One of up to `largest_read` bytes is read, a larger one mapped. Whoever reads what is mapped is
    killed by SIGBUS if the file is cut off meanwhile, or its disk fails: see `analyzer.forks`.
    """
    with open_regular(name, parent) as (number, size):
        try:
            if size <= largest_read:
                with os.fdopen(os.dup(number), "rb", buffering=0) as file:
                    return file.read(size + 1)[:size]
            return mmap.mmap(number, size, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as fault:
            raise DamagedObject(_describe(fault)) from fault


def list_folder(number: int) -> list[tuple[str, bool]]:
    """The names in an open folder, sorted, each with whether it is a folder, not a link to one."""
    try:
        with os.scandir(number) as listing:
            return sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in listing)
    except OSError as fault:
        raise DamagedObject(_describe(fault)) from fault


def _describe(fault: OSError | ValueError) -> str:
    """Why, without the path."""
    return system_reason(fault) if isinstance(fault, OSError) else "no usable name"
