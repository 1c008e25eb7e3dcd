"""In: a git directory. Out: its objects, ready to be walked, and what of them can't be."""

import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from analyzer.files import Skipped, UnreadableFile, file_type, open_untrusted
from analyzer.git.git_dir import object_dirs, read_refs, read_shallow
from analyzer.git.lookup import all_ids
from analyzer.git.object_store import ObjectStore, open_store
from analyzer.git.objects import UnreadableObject
from analyzer.git.sandbox import run_git, sandbox
from analyzer.leaks.sources.work import Repository

MOST_CHECKED = 20_000
"""Objects up to which a repository that looks whole is checked for missing ones all the same."""

_INDEX_SECONDS = 600.0
_SHARES = "it has its history from another git directory, which is read only if it is in here too"


def open_repository(
    source: int, name: str, git_dir: Path, root: Path, room: Path
) -> tuple[Repository, tuple[Skipped, ...]]:
    """A git directory's objects, ready to be walked, and what of them can't be.

    Packs without a usable index are copied to `room`, a folder of our own, and get one there.
    """
    stores, refused = object_dirs(git_dir, root)
    stores, store, unmade = index_packs(stores, room)
    is_checked = (
        store.count <= MOST_CHECKED
        or bool(store.unreadable)
        or bool(read_shallow(git_dir))
        or is_partial(stores)
    )
    if file_type(git_dir / "commondir") is not None:
        refused += (Skipped("history", _SHARES),)
    refused += (*read_refs(git_dir).skipped, *unmade)
    skipped = (*refused, *map(to_skipped, store.unreadable))
    known = all_ids(store) if is_checked else frozenset()
    return Repository(name, source, git_dir, stores, store, is_checked, known), skipped


def is_partial(stores: Sequence[Path]) -> bool:
    """Whether one of them says that another repository keeps what it lacks."""
    return any(path for folder in stores for path in folder.glob("pack/*.promisor"))


def index_packs(
    stores: tuple[Path, ...], room: Path
) -> tuple[tuple[Path, ...], ObjectStore, tuple[Skipped, ...]]:
    """The store of some object folders, with one more for the packs that had no usable index.

    What comes last are the packs for which none could be made, for a reason that is ours.
    """
    store = open_store(stores[0], stores[1:])
    if not store.unindexed:
        return stores, store, ()
    unmade: list[Skipped] = []
    indexed: list[Path] = []
    try:
        home = Path(tempfile.mkdtemp(dir=room)) / "objects"
        (home / "pack").mkdir(parents=True)
    except OSError as fault:
        return stores, store, (Skipped("packs without an index", _no_room(fault)),)
    for number, pack in enumerate(store.unindexed):
        try:
            # Two stores may each have a pack of that name.
            if _index_pack(pack, home / "pack" / f"{number}-{pack.name}"):
                indexed.append(pack)
        except UnreadableFile as fault:
            unmade.append(Skipped(f"objects/pack/{pack.name}", _no_room(fault)))
    return (*stores, home), _with_copies(stores, home, store.unindexed, indexed), tuple(unmade)


def _no_room(fault: UnreadableFile | OSError) -> str:
    said = fault.reason if isinstance(fault, UnreadableFile) else os.strerror(fault.errno or 0)
    return f"can't be copied and indexed: {said}"


def _with_copies(
    stores: tuple[Path, ...], home: Path, unindexed: Sequence[Path], indexed: Collection[Path]
) -> ObjectStore:
    """The store with the copies in `home`; it no longer complains of packs that have one."""
    store = open_store(stores[0], (*stores[1:], home))
    left = {f"pack/{pack.name}" for pack in unindexed if pack not in indexed}
    mended = {f"pack/{pack.name}" for pack in indexed} - left
    complaints = [each for each in store.unreadable if each.oid or each.where not in mended]
    return replace(store, unreadable=tuple(complaints), opened=store.opened.union(indexed))


def _index_pack(pack: Path, copy: Path) -> bool:
    """Whether git could make an index of a copy of the pack; raises Unread if there is no copy."""
    try:
        _copy_pack(pack, copy)
        for length in (40, 64):
            with (
                suppress(UnreadableFile),
                sandbox((), length, _INDEX_SECONDS) as git,
                run_git(git, "index-pack", "-o", str(copy.with_suffix(".idx")), str(copy)),
            ):
                pass
            if copy.with_suffix(".idx").exists():
                return True
    except UnreadableFile:
        copy.unlink(missing_ok=True)
        raise
    copy.unlink()
    return False


def _copy_pack(pack: Path, copy: Path) -> None:
    with (
        open_untrusted(pack) as (descriptor, _),
        os.fdopen(os.dup(descriptor), "rb") as file,
        copy.open("xb") as target,
    ):
        shutil.copyfileobj(file, target)


def to_skipped(each: UnreadableObject) -> Skipped:
    """What the walk can't read, as something left out."""
    if not each.oid and not each.where:
        return Skipped("history", f"objects: {each.reason}", each.size)
    what = f"object {each.oid}" if each.oid else f"objects/{each.where}"
    return Skipped(what, each.reason, each.size)
