"""In: a folder of the user's own. Out: the repository that it is in, as git would find it.

`staged` and `commit_range` call it. The user has git itself read this repository, so here, and only
here, the git directory and the objects that it borrows may lie outside of the folder.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from analyzer.files import (
    OBJECTS,
    UnreadableFile,
    file_type,
    is_git_directory,
    read_untrusted,
)
from analyzer.git.git_dir import find_object_dirs, resolve_gitfile

LARGEST_SETTING = 1 << 20
"""Bytes of the largest configuration file that is read."""
_NO_REPOSITORY = "there is no repository here or above"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A work tree: its top folder, its own git directory, and the one with objects and refs.

    The two differ for a linked work tree only. For a repository without a work tree, `top` is the
    git directory itself.
    """

    top: Path
    git_dir: Path
    common: Path


def open_checkout(folder: Path) -> Checkout:
    """The work tree that a folder is in. Raises UnreadableFile for none."""
    if not folder.is_dir():
        raise UnreadableFile("not a folder: a file has neither an index nor a history")
    folder = folder.resolve()
    for top in (folder, *folder.parents):
        dot_git = top / ".git"
        # Git passes over a folder of that name that is no git directory.
        if file_type(dot_git / "HEAD") is not None:
            git_dir = dot_git.resolve()
        elif dot_git.is_file():
            git_dir = resolve_gitfile(dot_git.resolve(), Path(top.anchor))
        else:
            continue
        return Checkout(top, git_dir, _common_dir(git_dir))
    raise UnreadableFile(_NO_REPOSITORY)


def find_repository(folder: Path) -> Checkout:
    """The repository that a folder is, or is in. Raises UnreadableFile for none."""
    resolved = folder.resolve()
    if resolved.is_dir() and is_git_directory(resolved):
        return Checkout(resolved, resolved, _common_dir(resolved))
    return open_checkout(folder)


def list_object_dirs(checkout: Checkout) -> tuple[Path, ...]:
    """The object folders that git reads there, its own first; `repo` of Android links that one."""
    store = (checkout.common / OBJECTS).resolve()
    owner = store.parent if store.name == OBJECTS else checkout.common
    return find_object_dirs(owner, Path(owner.anchor))[0]


def _common_dir(git_dir: Path) -> Path:
    """The git directory with objects and refs: for a linked work tree, that of the main one."""
    if file_type(git_dir / "refs") == stat.S_IFLNK:  # as `git-new-workdir` makes it
        return (git_dir / "refs").resolve().parent
    if file_type(git_dir / "commondir") is None:
        return git_dir
    named = read_untrusted(git_dir / "commondir", LARGEST_SETTING).rstrip(b"\n")
    return (git_dir / os.fsdecode(named)).resolve()
