"""In: a path that may hold a git directory. Out: its object folders and its refs, as data.

Git itself is not run on them: whoever wrote these files may be an attacker. Nothing outside of the
given root is read.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.files import (
    Skipped,
    UnreadableFile,
    file_type,
    printable_name,
    read_untrusted,
)

_REF = 4 * 1024
_LIST = 64 * 1024 * 1024
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SYMBOLIC = "ref: "
_POINTER = b"gitdir:"
_BORROWS = "it borrows objects from outside of the given path: those are not read"
_MOST_ALTERNATES = 1000
"""Folders that one object folder may name; git follows few."""
_SCAN_BOTH = "scan a folder that has both"
_REFTABLE = "its refs are in the reftable format, which is not read: what is reachable is unknown"


@dataclass(frozen=True, slots=True)
class Refs:
    """The object id of each ref by its name, that of HEAD, and the refs that can't be used.

    `symbolic` has the ids that symbolic refs lead to: they are further names of refs in `targets`.
    """

    targets: dict[str, str]
    head: str | None
    skipped: tuple[Skipped, ...]
    symbolic: dict[str, str] = field(default_factory=dict)


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
            lines = dict.fromkeys(read_untrusted(alternates, _LIST).split(b"\n"))
        except UnreadableFile as fault:
            skipped.append(Skipped("history", f"objects/info/alternates: {fault.reason}"))
            continue
        named = [line for line in lines if line and not line.startswith(b"#")]
        if len(named) > _MOST_ALTERNATES:
            reason = f"it names more than {_MOST_ALTERNATES} folders: the others are not read"
            skipped.append(Skipped("history", f"objects/info/alternates: {reason}"))
        for line in named[:_MOST_ALTERNATES]:
            try:
                other = _resolve_alternate(store, line, root)
            except UnreadableFile as fault:
                owner = line.strip(b'"').removesuffix(b"/objects").removesuffix(b"/.git")
                reason = f"{fault.reason}; they are in {printable_name(owner)}: {_SCAN_BOTH}"
                skipped.append(Skipped("history", reason))
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
    symbolic = {
        name: target.removeprefix(_SYMBOLIC).strip()
        for name, target in named.items()
        if target.startswith(_SYMBOLIC)
    }
    named = {name: oid for name, oid in named.items() if name not in symbolic}
    tips = {name: oid for name, oid in sorted(named.items()) if _OBJECT_ID.fullmatch(oid)}
    skipped += [Skipped(name, "a ref that names no object") for name in sorted({*named} - {*tips})]
    return Refs(
        tips,
        tips.get(head.removeprefix(_SYMBOLIC), tips.get("HEAD")),
        tuple(skipped),
        {name: tips[target] for name, target in symbolic.items() if target in tips},
    )


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
    target = pointer.parent / os.fsdecode(read_gitfile(pointer))
    return _inside(target, root, ".git points out of the given path")


def read_gitfile(pointer: Path) -> bytes:
    """The path that a .git file names, as it stands; raises UnreadableFile where it names none."""
    content = read_untrusted(pointer, _REF)
    if not content.startswith(_POINTER):
        raise UnreadableFile(".git is a file that points nowhere")
    return content.removeprefix(_POINTER).strip()


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


def is_inside(target: Path, root: Path) -> bool:
    """Whether a folder is there and lies inside of `root`, wherever links lead."""
    try:
        resolved = target.resolve(strict=True)
        return resolved.is_dir() and resolved.is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def _inside(target: Path, root: Path, complaint: str) -> Path:
    """The target, its links resolved; raises UnreadableFile unless it is a folder in `root`."""
    if not is_inside(target, root):
        raise UnreadableFile(complaint)
    return target.resolve()


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
