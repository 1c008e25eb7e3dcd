"""In: a path that may hold a git directory. Out: its object folders and its refs, as data.

Git itself is not run on them: whoever wrote these files may be an attacker. Nothing outside of the
given root is read.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from analyzer.files import (
    OBJECTS,
    Skipped,
    UnreadableFile,
    file_type,
    is_git_directory,
    printable_name,
    read_untrusted,
)

_REF = 4 * 1024
_LIST = 64 * 1024 * 1024
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SYMBOLIC = "ref: "
_POINTER = b"gitdir:"
_LINKED = "a linked work tree: its history is in the repository that it belongs to"
_BORROWS = "it borrows objects from outside of the given path: those are not read"
_REFTABLE = "its refs are in the reftable format, which is not read: what is reachable is unknown"


@dataclass(frozen=True, slots=True)
class Refs:
    """The object id of each ref by its name, that of HEAD, and the refs that can't be used."""

    targets: dict[str, str]
    head: str | None
    skipped: tuple[Skipped, ...]


def missing_history_reason(folder: Path, root: Path) -> str | None:
    """Why the history of the repository at `folder` can't be found inside of `root`.

    None where it is found there, or where there is no repository.
    """
    git_dir, kind = folder / ".git", file_type(folder / ".git")
    try:
        if kind == stat.S_IFREG:
            return _missing_part(resolve_gitfile(git_dir, root), root)
        if kind not in {None, stat.S_IFDIR}:
            return ".git is neither a folder nor a file"
        if kind and file_type(git_dir / OBJECTS) != stat.S_IFDIR:
            return "objects in the git directory is not a folder"
    except UnreadableFile as fault:
        return None if _is_moved_along(folder, root) else fault.reason
    return None


def find_repository_above(folder: Path) -> str | None:
    """The way up from a folder to the repository that it is a part of; None where it is in none.

    None as well for the top of a repository, and for a git directory itself.
    """
    here = folder.resolve()
    if file_type(here / ".git") is not None or is_git_directory(here):
        return None
    for steps, above in enumerate(here.parents, 1):
        if file_type(above / ".git") is not None or is_git_directory(above):
            return "/".join([".."] * steps)
    return None


def _is_moved_along(folder: Path, root: Path) -> bool:
    """Whether a linked work tree lies in its own repository, and both were moved together.

    Its pointer then still names the place where the repository was before.
    """
    for above in folder.parents:
        if not above.is_relative_to(root):
            break
        git_dir = above / ".git"
        if file_type(git_dir) != stat.S_IFDIR:
            continue
        end = os.fsencode(f"/{folder.relative_to(above)}/.git")
        for linked in list_linked_work_trees(git_dir):
            with suppress(UnreadableFile):
                if read_untrusted(linked / "gitdir", _REF).rstrip(b"\n").endswith(end):
                    return True
    return False


def _missing_part(git_dir: Path, root: Path) -> str | None:
    """Why the folder that a .git file points to is no git directory; None where it is one."""
    if file_type(git_dir / "commondir") is None:
        return None if is_git_directory(git_dir) else ".git points to what is no git directory"
    try:
        named = read_untrusted(git_dir / "commondir", _REF).rstrip(b"\n")
        common = _inside(git_dir / os.fsdecode(named), root, _LINKED)
    except UnreadableFile:
        return _LINKED
    return None if is_git_directory(common) else _LINKED


def find_object_dirs(git_dir: Path, root: Path) -> tuple[tuple[Path, ...], tuple[Skipped, ...]]:
    """The object folders of a git directory, its own first, and the alternates that are refused.

    An alternate is refused unless it lies inside of `root`, however its path is spelled.
    """
    waiting, allowed, skipped = [git_dir / "objects"], [git_dir / "objects"], []
    while waiting:
        store = waiting.pop()
        alternates = store / "info" / "alternates"
        if file_type(alternates) is None:
            continue
        try:
            lines = read_untrusted(alternates, _LIST).split(b"\n")
        except UnreadableFile as fault:
            skipped.append(Skipped("history", f"objects/info/alternates: {fault.reason}"))
            continue
        for line in lines:
            if not line or line.startswith(b"#"):
                continue
            try:
                other = _resolve_alternate(store, line, root)
            except UnreadableFile as fault:
                skipped.append(Skipped("history", fault.reason))
                continue
            if other not in allowed:
                allowed.append(other)
                waiting.append(other)
    return tuple(allowed), tuple(dict.fromkeys(skipped))


def read_refs(git_dir: Path) -> Refs:
    """All refs: of HEAD, packed-refs, the files below refs/ and the HEADs of linked work trees."""
    named: dict[str, str] = {}
    skipped: list[Skipped] = []
    if file_type(git_dir / "reftable") is not None:
        skipped.append(Skipped("history", _REFTABLE))
    for name, path in [("packed-refs", git_dir / "packed-refs"), *_read_loose_refs(git_dir)]:
        try:
            text = _read_text(path, _LIST if name == "packed-refs" else _REF)
        except UnreadableFile as fault:
            if name != "packed-refs" or file_type(path) is not None:
                skipped.append(Skipped(name, fault.reason, fault.size))
            continue
        named |= _parse_packed_refs(text) if name == "packed-refs" else {name: text.strip()}
    head = named.get("HEAD", "")
    # A symbolic ref names another one, which is in the list by itself.
    named = {name: oid for name, oid in named.items() if not oid.startswith(_SYMBOLIC)}
    tips = {name: oid for name, oid in sorted(named.items()) if _OBJECT_ID.fullmatch(oid)}
    skipped += [Skipped(name, "a ref that names no object") for name in sorted({*named} - {*tips})]
    return Refs(tips, tips.get(head.removeprefix(_SYMBOLIC), tips.get("HEAD")), tuple(skipped))


def read_head(git_dir: Path, common: Path) -> str | None:
    """The commit that HEAD of a git directory names, whose refs are in `common`; None for none."""
    try:
        target = _read_text(git_dir / "HEAD", _REF).strip()
    except UnreadableFile:
        return None
    if target.startswith(_SYMBOLIC):
        return read_refs(common).targets.get(target.removeprefix(_SYMBOLIC))
    return target if _OBJECT_ID.fullmatch(target) else None


def resolve_gitfile(pointer: Path, root: Path) -> Path:
    """The folder that a .git file names; raises UnreadableFile unless it lies inside of `root`."""
    content = read_untrusted(pointer, _REF)
    if not content.startswith(_POINTER):
        raise UnreadableFile(".git is a file that points nowhere")
    target = pointer.parent / os.fsdecode(content.removeprefix(_POINTER).strip())
    return _inside(target, root, ".git points out of the given path")


def read_shallow(git_dir: Path) -> frozenset[str]:
    """The ids of the commits at which a shallow clone was cut off; none where nothing is listed."""
    try:
        return frozenset(_read_text(git_dir / "shallow", _LIST).split())
    except UnreadableFile:
        return frozenset()


def _read_text(path: Path, largest: int) -> str:
    return printable_name(read_untrusted(path, largest))


def _resolve_alternate(store: Path, line: bytes, root: Path) -> Path:
    """The object folder that a line of alternates names, if it lies inside of `root`."""
    # Git versions differ: some resolve `..` in the text of the path, others follow links first. Git
    # also unquotes a quoted line. Only a line on which all of them agree is taken.
    named = Path(os.path.realpath(store), os.fsdecode(line))
    other = _inside(named, root, _BORROWS)
    tidied = _inside(Path(os.path.normpath(named)), root, _BORROWS)
    if line.startswith(b'"') or tidied != other:
        raise UnreadableFile(_BORROWS)
    return other


def _inside(target: Path, root: Path, complaint: str) -> Path:
    """The target, its links resolved; raises UnreadableFile unless it is a folder in `root`."""
    try:
        resolved = target.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as fault:
        raise UnreadableFile(complaint) from fault
    if not resolved.is_dir() or not resolved.is_relative_to(root.resolve()):
        raise UnreadableFile(complaint)
    return resolved


def _read_loose_refs(git_dir: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of HEAD, of each file below refs/, and of the HEADs of linked work trees.

    A folder below refs/ that is a symbolic link is given as if it were a file, and not entered.
    """
    yield "HEAD", git_dir / "HEAD"
    if file_type(git_dir / "refs") != stat.S_IFDIR:
        yield "refs", git_dir / "refs"
        return
    for folder, names, files in os.walk(git_dir / "refs"):
        for name in sorted(files + [name for name in names if Path(folder, name).is_symlink()]):
            path = Path(folder, name)
            yield printable_name(path.relative_to(git_dir).as_posix()), path
    for linked in list_linked_work_trees(git_dir):
        path = linked / "HEAD"
        if file_type(path) is not None:
            yield printable_name(path.relative_to(git_dir).as_posix()), path


def list_linked_work_trees(git_dir: Path) -> list[Path]:
    """The folders that a git directory keeps for linked work trees; symbolic links are left out."""
    home = git_dir / "worktrees"
    if file_type(home) != stat.S_IFDIR:
        return []
    try:
        return sorted(path for path in home.iterdir() if file_type(path) == stat.S_IFDIR)
    except OSError:
        return []  # The walk over the files reports a folder that can't be listed.


def _parse_packed_refs(text: str) -> dict[str, str]:
    """The refs of a packed-refs file, without its header and its peeled tags."""
    lines = (line.partition(" ") for line in text.split("\n") if line[:1] not in "#^")
    return {name: oid for oid, _, name in lines if name}
