"""In: the .git of a work tree. Out: why its history is not in the given paths, and what to hand in.

A linked work tree, a submodule, `repo` of Android and `git-new-workdir` all keep the history in
another folder, which a file or a symbolic link names. Nothing outside of the given paths is read.
"""

import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from analyzer.files import (
    OBJECTS,
    UnreadableFile,
    file_type,
    is_git_directory,
    printable_name,
    read_untrusted,
)
from analyzer.git.git_dir import is_inside, list_linked_work_trees, read_gitfile

_REF = 4 * 1024
_GIT = ".git"
# A linked work tree has its own folder in the git directory, and so has a submodule.
_OWNER = re.compile(r"(.+?)(?:/\.git)?(?:/(?:worktrees|modules)/.+|/objects)?/*", re.DOTALL)


def missing_history_reason(folder: Path, given: Sequence[Path]) -> str | None:
    """Why the history of the repository at `folder` is in none of the given paths.

    None where it is, or where there is no repository. The first of the paths is the one that the
    folder is in.
    """
    git_dir, kind = folder / _GIT, file_type(folder / _GIT)
    try:
        if kind == stat.S_IFREG:
            return _reason_of_pointer(git_dir, given)
        if kind == stat.S_IFLNK:
            return _reason_of_link(git_dir, given)
        if kind not in {None, stat.S_IFDIR}:
            return ".git is neither a folder nor a file"
        if kind and file_type(git_dir / OBJECTS) == stat.S_IFLNK:
            return _reason_of_link(git_dir / OBJECTS, given)
        if kind and file_type(git_dir / OBJECTS) != stat.S_IFDIR:
            return "objects in the git directory is not a folder"
    except UnreadableFile as fault:
        return fault.reason
    return None


def find_repository_above(folder: Path, given: Sequence[Path]) -> str | None:
    """The way up from a folder to the repository that it is a part of; None where it is in none.

    None as well for the top of a repository, for a git directory itself, and where the repository
    is in one of the given paths.
    """
    here = folder.resolve()
    if file_type(here / _GIT) is not None or is_git_directory(here):
        return None
    for steps, above in enumerate(here.parents, 1):
        if file_type(above / _GIT) is not None or is_git_directory(above):
            is_given = any(is_inside(above, each) for each in given)
            return None if is_given else "/".join([".."] * steps)
    return None


def _reason_of_pointer(pointer: Path, given: Sequence[Path]) -> str | None:
    """Why what a .git file leads to is not read; None where it is."""
    named = read_gitfile(pointer)
    git_dir = pointer.parent / os.fsdecode(named)
    if not any(is_inside(git_dir, each) for each in given):
        if _is_moved_along(pointer.parent, given[0]):
            return None
        return f".git points out of the given path: {_advise(named)}"
    if file_type(git_dir / "commondir") is None:
        return None if is_git_directory(git_dir) else ".git points to what is no git directory"
    shared = read_untrusted(git_dir / "commondir", _REF).rstrip(b"\n")
    common = git_dir / os.fsdecode(shared)
    if any(is_inside(common, each) for each in given) and is_git_directory(common.resolve()):
        return None
    return f"a linked work tree: {_advise(named)}"


def _reason_of_link(link: Path, given: Sequence[Path]) -> str | None:
    """Why what .git, or the objects in it, is linked to is not read; None where it is."""
    try:
        named = os.fsencode(link.readlink())
    except OSError as fault:
        return f"{link.name} is a symbolic link: {os.strerror(fault.errno or 0)}"
    store = link if link.name == OBJECTS else link / OBJECTS
    # The git directory that has the objects is met by itself, wherever it lies in a given path.
    if any(is_inside(store, each) for each in given) and is_git_directory(store.resolve().parent):
        return None
    return f"{link.name} is a symbolic link, which is not followed: {_advise(named)}"


def _advise(named: bytes) -> str:
    """What to hand in, given the path by which a work tree names its git directory."""
    text = printable_name(named)
    found = _OWNER.fullmatch(text)
    owner = found[1] if found else text
    seen_from = "" if owner.startswith("/") else ", seen from there,"
    return f"its history is read if {owner}{seen_from} is scanned as well"


def _is_moved_along(folder: Path, root: Path) -> bool:
    """Whether a linked work tree lies in its own repository, and both were moved together.

    Its pointer then still names the place where the repository was before.
    """
    for above in folder.parents:
        if not above.is_relative_to(root):
            break
        git_dir = above / _GIT
        if file_type(git_dir) != stat.S_IFDIR:
            continue
        end = os.fsencode(f"/{folder.relative_to(above)}/.git")
        for linked in list_linked_work_trees(git_dir):
            with suppress(UnreadableFile):
                if read_untrusted(linked / "gitdir", _REF).rstrip(b"\n").endswith(end):
                    return True
    return False
