"""In: a path that may hold a repository. Out: its git directory, vetted, and its refs, as data.

Git itself has no part in this: whoever wrote these files may be an enemy.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.leaks.credentials import Skipped
from analyzer.leaks.files import Unread, read_regular, readable

_REF = 4 * 1024
_LIST = 64 * 1024 * 1024
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SYMBOLIC = "ref: "
_POINTER = b"gitdir:"
_BORROWS = "it borrows objects from outside of the given path"


@dataclass(frozen=True, slots=True)
class Refs:
    """Object ids by ref name, that of HEAD, and the refs that can't be used."""

    tips: dict[str, str]
    head: str | None
    skipped: tuple[Skipped, ...]


def _is_bare(root: Path) -> bool:
    """Whether a folder is itself a git directory."""
    kinds = [_kind(root / name) for name in ("HEAD", "objects", "refs")]
    return kinds == [stat.S_IFREG, stat.S_IFDIR, stat.S_IFDIR]


def git_dir_of(root: Path) -> Path | None:
    """The git directory of the repository at `root`, None where there is no repository.

    Raises Unread where it lies outside of `root`, or would make git read something outside.
    """
    git_dir, kind = root / ".git", _kind(root / ".git")
    if kind is None:
        if not _is_bare(root):
            return None
        git_dir = root
    elif kind == stat.S_IFREG:
        git_dir = _pointed_at(root, git_dir)
    elif kind != stat.S_IFDIR:
        raise Unread(".git is neither a folder nor a file")
    if _kind(git_dir / "commondir") is not None:
        raise Unread("a linked work tree: its history is in the repository that it belongs to")
    if _kind(git_dir / "reftable") is not None:
        raise Unread("its refs are kept in the reftable format, which is not supported")
    for name in ("objects", "refs"):
        if _kind(git_dir / name) != stat.S_IFDIR:
            raise Unread(f"{name} in the git directory is not a folder")
    _vet_objects(git_dir / "objects", root)
    return git_dir


def read_refs(git_dir: Path) -> Refs:
    """Everything that HEAD, packed-refs and the files below refs/ name."""
    named: dict[str, str] = {}
    skipped: list[Skipped] = []
    for name, path in [("packed-refs", git_dir / "packed-refs"), *_loose(git_dir)]:
        try:
            text = _text(path, _LIST if name == "packed-refs" else _REF)
        except Unread as fault:
            if name != "packed-refs" or _kind(path) is not None:
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


def _kind(path: Path) -> int | None:
    """The file type of what stands at a path, the link and not its target; None for nothing."""
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except OSError:
        return None


def _text(path: Path, largest: int) -> str:
    return readable(read_regular(path, largest))


def _pointed_at(root: Path, pointer: Path) -> Path:
    """The folder that a .git file names, if it lies inside of `root`."""
    content = read_regular(pointer, _REF)
    if not content.startswith(_POINTER):
        raise Unread(".git is a file that points nowhere")
    target = root / os.fsdecode(content.removeprefix(_POINTER).strip())
    return _inside(target, root, ".git points out of the given path")


def _inside(target: Path, root: Path, complaint: str) -> Path:
    """The target with all links resolved; raises Unread unless it is a folder inside of `root`."""
    try:
        resolved = target.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as fault:
        raise Unread(complaint) from fault
    if not resolved.is_dir() or not resolved.is_relative_to(root.resolve()):
        raise Unread(complaint)
    return resolved


def _vet_objects(objects: Path, root: Path) -> None:
    """Raises Unread if reading these objects would lead git out of the root or to a pipe."""
    waiting, vetted = [objects], {objects}
    while waiting:
        store = waiting.pop()
        for folder, names, files in os.walk(store):
            for name in (*names, *files):
                if _kind(Path(folder, name)) not in {stat.S_IFREG, stat.S_IFDIR}:
                    raise Unread("its object store holds links or special files")
        alternates = store / "info" / "alternates"
        if _kind(alternates) is None:
            continue
        for line in read_regular(alternates, _LIST).split(b"\n"):
            if not line or line.startswith(b"#"):
                continue
            # Git unquotes what is quoted; and some versions of it take `..` out of the text, others
            # follow the links first.
            named = Path(os.path.realpath(store), os.fsdecode(line))
            other = _inside(named, root, _BORROWS)
            tidied = _inside(Path(os.path.normpath(named)), root, _BORROWS)
            if line.startswith(b'"') or tidied != other:
                raise Unread(_BORROWS)
            if other not in vetted:
                vetted.add(other)
                waiting.append(other)


def _loose(git_dir: Path) -> Iterator[tuple[str, Path]]:
    """HEAD and the files below refs/; a folder that is a link is an entry as well, not entered."""
    yield "HEAD", git_dir / "HEAD"
    for folder, names, files in os.walk(git_dir / "refs"):
        for name in sorted(files + [name for name in names if Path(folder, name).is_symlink()]):
            path = Path(folder, name)
            yield readable(path.relative_to(git_dir).as_posix()), path


def _packed(text: str) -> dict[str, str]:
    """The refs of a packed-refs file, without its header and its peeled tags."""
    lines = (line.partition(" ") for line in text.split("\n") if line[:1] not in "#^")
    return {name: oid for oid, _, name in lines if name}
