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
    DirectoryEntry,
    EntryType,
    UnreadableFile,
    file_type,
    is_git_directory,
    read_untrusted,
    walk_tree,
)
from analyzer.git.git_dir import find_object_dirs, is_inside, resolve_gitfile

LARGEST_SETTING = 1 << 20
"""Bytes of the largest configuration file that is read."""
_NOT_UNPACKED = "no repository with a history of its own is in it"
_SEVERAL = "several repositories are in it"
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


def find_unpacked_repository(folder: Path) -> Checkout:
    """The one repository that was unpacked below a folder; those within it do not count.

    Raises UnreadableFile for none, for several, and for one whose history lies elsewhere.
    """
    folder = folder.resolve()
    homes = [
        Path(each.path)
        for each in walk_tree(folder, "", folder, in_git=False)
        if isinstance(each, DirectoryEntry) and each.type is EntryType.GIT
    ]
    tops = {home.parent if home.name == ".git" else home: home for home in homes}
    outer = [top for top in tops if not any(above in tops for above in top.parents)]
    if len(outer) != 1:
        raise UnreadableFile(_SEVERAL if outer else _NOT_UNPACKED)
    git_dir = tops[outer[0]]
    common = _common_dir(git_dir)
    if not is_inside(common, folder):
        raise UnreadableFile(_NOT_UNPACKED)
    return Checkout(outer[0], git_dir, common)


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
