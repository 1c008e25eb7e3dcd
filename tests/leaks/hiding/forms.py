"""In: the repository with a pair in every place. Out: the forms in which it is handed over."""

import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.leaks.hiding.model import Holder
from tests.leaks.hiding.objects import Hidden
from tests.leaks.hiding.places import copy_without_git


@dataclass(frozen=True, slots=True)
class Form:
    """How a repository is handed over, and which holders of a pair come along."""

    make: Callable[[Hidden, Path], Path]
    holders: frozenset[Holder]
    also: frozenset[str] = frozenset()


def mirror(hidden: Hidden, folder: Path) -> Path:
    """A bare copy by way of git's protocol, which brings what refs lead to."""
    target = folder / "mirror.git"
    hidden.repo.git("clone", "-q", "--mirror", f"file://{hidden.repo.path}", str(target))
    return target


def bundle(hidden: Hidden, folder: Path) -> Path:
    """All refs, and what they lead to, in one file."""
    target = folder / "all.bundle"
    hidden.repo.git("bundle", "create", "-q", str(target), "--all")
    return target


def packed_folder(hidden: Hidden, folder: Path) -> Path:
    """The folder as it is, in a compressed archive."""
    target = folder / "everything.tar.gz"
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        archive.add(hidden.repo.path, "everything")
    return target


def files_alone(hidden: Hidden, folder: Path) -> Path:
    """The work tree without its history."""
    return copy_without_git(hidden, folder / "files")


SHARED = frozenset({Holder.HEAD, Holder.REF, Holder.REF_NAME})
FORMS = {
    "mirror": Form(mirror, SHARED),
    # Git counts the HEAD of each work tree to "all".
    "bundle": Form(bundle, SHARED, frozenset({"HEAD of a linked worktree"})),
    "archive": Form(packed_folder, frozenset(Holder)),
    "folder": Form(files_alone, frozenset({Holder.HEAD, Holder.FILE})),
}
