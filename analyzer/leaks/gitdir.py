"""In: a path that may hold a git directory. Out: its object stores, vetted, and its refs, as data.

Git itself has no part in this: whoever wrote these files may be an enemy.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.leaks.credentials import Skipped
from analyzer.leaks.files import Unread, kind_of, read_regular, readable

_REF = 4 * 1024
_LIST = 64 * 1024 * 1024
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SYMBOLIC = "ref: "
_POINTER = b"gitdir:"
_BORROWS = "it borrows objects from outside of the given path: those are not read"
_REFTABLE = "its refs are in the reftable format, which is not read: what is reachable is unknown"


@dataclass(frozen=True, slots=True)
class Refs:
    """Object ids by ref name, that of HEAD, and the refs that can't be used."""

    tips: dict[str, str]
    head: str | None
    skipped: tuple[Skipped, ...]


def pointed_elsewhere(root: Path) -> Skipped | None:
    """What keeps the history of the repository at `root` from being found inside of it.

    None where it lies there, or where there is no repository.
    """
    git_dir, kind = root / ".git", kind_of(root / ".git")
    try:
        if kind == stat.S_IFREG:
            target = _pointed_at(root, git_dir)
            if kind_of(target / "commondir") is not None:
                reason = "a linked work tree: its history is in the repository that it belongs to"
                return Skipped("history", reason)
        elif kind not in {None, stat.S_IFDIR}:
            return Skipped("history", ".git is neither a folder nor a file")
        elif kind and kind_of(git_dir / "objects") != stat.S_IFDIR:
            return Skipped("history", "objects in the git directory is not a folder")
    except Unread as fault:
        return Skipped("history", fault.reason, fault.size)
    return None


def stores_of(git_dir: Path, root: Path) -> tuple[tuple[Path, ...], tuple[Skipped, ...]]:
    """The object folders of a git directory, its own first; and those it must not borrow from.

    An alternate counts where it lies inside of `root`, however it is spelled.
    """
    waiting, found, skipped = [git_dir / "objects"], [git_dir / "objects"], []
    while waiting:
        store = waiting.pop()
        alternates = store / "info" / "alternates"
        if kind_of(alternates) is None:
            continue
        try:
            lines = read_regular(alternates, _LIST).split(b"\n")
        except Unread as fault:
            skipped.append(Skipped("history", f"objects/info/alternates: {fault.reason}"))
            continue
        for line in lines:
            if not line or line.startswith(b"#"):
                continue
            try:
                other = _alternate(store, line, root)
            except Unread as fault:
                skipped.append(Skipped("history", fault.reason))
                continue
            if other not in found:
                found.append(other)
                waiting.append(other)
    return tuple(found), tuple(dict.fromkeys(skipped))


def read_refs(git_dir: Path) -> Refs:
    """Everything that HEAD, packed-refs, the files below refs/ and linked work trees name."""
    named: dict[str, str] = {}
    skipped: list[Skipped] = []
    if kind_of(git_dir / "reftable") is not None:
        skipped.append(Skipped("history", _REFTABLE))
    for name, path in [("packed-refs", git_dir / "packed-refs"), *_loose(git_dir)]:
        try:
            text = _text(path, _LIST if name == "packed-refs" else _REF)
        except Unread as fault:
            if name != "packed-refs" or kind_of(path) is not None:
                skipped.append(Skipped(name, fault.reason, fault.size))
            continue
        named |= _packed(text) if name == "packed-refs" else {name: text.strip()}
    head = named.get("HEAD", "")
    # A symbolic ref names another one, which is in the list by itself.
    named = {name: oid for name, oid in named.items() if not oid.startswith(_SYMBOLIC)}
    tips = {name: oid for name, oid in sorted(named.items()) if _OBJECT_ID.fullmatch(oid)}
    skipped += [Skipped(name, "a ref that names no object") for name in sorted({*named} - {*tips})]
    return Refs(tips, tips.get(head.removeprefix(_SYMBOLIC), tips.get("HEAD")), tuple(skipped))


def read_shallow(git_dir: Path) -> frozenset[str]:
    """The commits at which a shallow clone was cut off."""
    try:
        return frozenset(_text(git_dir / "shallow", _LIST).split())
    except Unread:
        return frozenset()


def _text(path: Path, largest: int) -> str:
    return readable(read_regular(path, largest))


def _pointed_at(root: Path, pointer: Path) -> Path:
    """The folder that a .git file names, if it lies inside of `root`."""
    content = read_regular(pointer, _REF)
    if not content.startswith(_POINTER):
        raise Unread(".git is a file that points nowhere")
    target = root / os.fsdecode(content.removeprefix(_POINTER).strip())
    return _inside(target, root, ".git points out of the given path")


def _alternate(store: Path, line: bytes, root: Path) -> Path:
    """The object folder that a line of alternates names, if it lies inside of `root`."""
    # Git unquotes what is quoted; and some versions of it take `..` out of the text, others
    # follow the links first.
    named = Path(os.path.realpath(store), os.fsdecode(line))
    other = _inside(named, root, _BORROWS)
    tidied = _inside(Path(os.path.normpath(named)), root, _BORROWS)
    if line.startswith(b'"') or tidied != other:
        raise Unread(_BORROWS)
    return other


def _inside(target: Path, root: Path, complaint: str) -> Path:
    """The target with all links resolved; raises Unread unless it is a folder inside of `root`."""
    try:
        resolved = target.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as fault:
        raise Unread(complaint) from fault
    if not resolved.is_dir() or not resolved.is_relative_to(root.resolve()):
        raise Unread(complaint)
    return resolved


def _loose(git_dir: Path) -> Iterator[tuple[str, Path]]:
    """HEAD, those of linked work trees, and the files below refs/.

    A folder that is a link is an entry as well, and not entered.
    """
    yield "HEAD", git_dir / "HEAD"
    if kind_of(git_dir / "refs") != stat.S_IFDIR:
        yield "refs", git_dir / "refs"
        return
    for folder, names, files in os.walk(git_dir / "refs"):
        for name in sorted(files + [name for name in names if Path(folder, name).is_symlink()]):
            path = Path(folder, name)
            yield readable(path.relative_to(git_dir).as_posix()), path
    if kind_of(git_dir / "worktrees") == stat.S_IFDIR:
        for folder in sorted(path.name for path in (git_dir / "worktrees").iterdir()):
            path = git_dir / "worktrees" / folder / "HEAD"
            if kind_of(path.parent) == stat.S_IFDIR and kind_of(path) is not None:
                yield readable(path.relative_to(git_dir).as_posix()), path


def _packed(text: str) -> dict[str, str]:
    """The refs of a packed-refs file, without its header and its peeled tags."""
    lines = (line.partition(" ") for line in text.split("\n") if line[:1] not in "#^")
    return {name: oid for oid, _, name in lines if name}
