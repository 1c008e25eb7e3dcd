"""In: a git directory. Out: a Repository whose objects can be scanned, and what of it can't be.

`histories` opens each git directory that `folders` met, and queues the objects. `staged` uses
`index_packs` alone.
"""

import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from analyzer.files import Skipped, UnreadableFile, file_type, open_untrusted, printable_name
from analyzer.git.git_dir import Refs, find_object_dirs, read_refs, read_shallow
from analyzer.git.history import History, build_history
from analyzer.git.lookup import all_ids, iter_objects_of_type
from analyzer.git.object_store import ObjectStore, open_store
from analyzer.git.objects import UnreadableObject
from analyzer.git.sandbox import open_sandbox, run_git
from analyzer.leaks.sources.work import MakeFolder, Repository

MOST_CHECKED = 20_000
"""Objects up to which a repository that looks whole is checked for missing ones all the same."""

_INDEX_SECONDS = 600.0
_SHARES = "it has its history from another git directory, which is read only if it is in here too"


def open_repository(  # noqa: PLR0913, PLR0917 - where it lies, and what it needs
    source: int,
    name: str,
    git_dir: Path,
    root: Path,
    scratch: MakeFolder,
    sharers: tuple[Path, ...] = (),
) -> tuple[Repository, tuple[Skipped, ...]]:
    """Opens a git directory that lies in the source of that number, whose folder is `root`.

    Also gives what of its objects and refs can't be read. Packs without a usable index are copied
    to a folder of our own, which `scratch` makes, and indexed there. Raises UnreadableFile or
    OSError where nothing of it can be opened.
    """
    stores, refused = find_object_dirs(git_dir, root)
    stores, store, not_indexed = index_packs(stores, scratch)
    is_checked = (
        store.count <= MOST_CHECKED
        or bool(store.unreadable)
        or any(map(read_shallow, (git_dir, *sharers)))
        or is_partial(stores)
    )
    if file_type(git_dir / "commondir") is not None:
        refused += (Skipped("history", _SHARES),)
    refused += (*read_refs(git_dir).skipped, *not_indexed)
    skipped = (*refused, *map(to_skipped, store.unreadable))
    known = all_ids(store) if is_checked else frozenset()
    return Repository(name, source, git_dir, stores, store, is_checked, known, sharers), skipped


def is_partial(stores: Sequence[Path]) -> bool:
    """Whether these are the objects of a partial clone: a promisor keeps what they lack."""
    return any(path for folder in stores for path in folder.glob("pack/*.promisor"))


def index_packs(
    stores: tuple[Path, ...], scratch: MakeFolder
) -> tuple[tuple[Path, ...], ObjectStore, tuple[Skipped, ...]]:
    """Opens objects/ folders, with git indexing copies of the packs that have no usable index.

    Gives the folders, one more for the copies among them; the store of all; and the packs that
    could not be copied. A pack that git can't index stays unreadable in the store.
    """
    store = open_store(stores[0], stores[1:])
    if not store.unindexed:
        return stores, store, ()
    from tempfile import mkdtemp  # hardly a pack lacks its index

    not_copied: list[Skipped] = []
    indexed: list[Path] = []
    try:
        copies = Path(mkdtemp(dir=scratch())) / "objects"
        (copies / "pack").mkdir(parents=True)
    except OSError as fault:
        return stores, store, (Skipped("packs without an index", _reason_not_copied(fault)),)
    for number, pack in enumerate(store.unindexed):
        try:
            # Two stores may each have a pack of that name.
            if _index_copy(pack, copies / "pack" / f"{number}-{pack.name}"):
                indexed.append(pack)
        except UnreadableFile as fault:
            not_copied.append(Skipped(f"objects/pack/{pack.name}", _reason_not_copied(fault)))
    store = _open_with_copies(stores, copies, store.unindexed, indexed)
    return (*stores, copies), store, tuple(not_copied)


def read_all_refs(repository: Repository) -> Refs:
    """The refs of a repository, and those of each git directory that shares its objects.

    Its HEAD is its own; without one, that of the first of the others.
    """
    refs = read_refs(repository.git_dir)
    targets, head = {**refs.targets}, refs.head
    for git_dir in repository.sharers:
        other = read_refs(git_dir)
        head = head or other.head
        for name, oid in other.targets.items():
            # Several of them may each have a branch of that name, and be called the same.
            is_taken = targets.get(name, oid) != oid
            where = printable_name(os.path.relpath(git_dir, repository.git_dir.parent))
            targets[f"{name} of {where}" if is_taken else name] = oid
    return replace(refs, targets=targets, head=head)


def read_all_shallow(repository: Repository) -> frozenset[str]:
    """The commits at which a shallow clone was cut off, or one that shares its objects."""
    git_dirs = (repository.git_dir, *repository.sharers)
    return frozenset[str]().union(*map(read_shallow, git_dirs))


def read_history(repository: Repository, refs: Refs) -> History:
    """All commits and tags of a repository, and which of them its refs lead to."""
    objects = iter_objects_of_type(repository.store, {"commit", "tag"})
    return build_history(
        (each for each in objects if isinstance(each, tuple)), refs.targets.values()
    )


def to_skipped(each: UnreadableObject) -> Skipped:
    """An object or a file of the store that can't be read, as the coverage lists it."""
    if not each.oid and not each.where:
        return Skipped("history", f"objects: {each.reason}", each.size)
    what = f"object {each.oid}" if each.oid else f"objects/{each.where}"
    return Skipped(what, each.reason, each.size)


def _reason_not_copied(fault: UnreadableFile | OSError) -> str:
    reason = fault.reason if isinstance(fault, UnreadableFile) else os.strerror(fault.errno or 0)
    return f"can't be copied and indexed: {reason}"


def _open_with_copies(
    stores: tuple[Path, ...], copies: Path, unindexed: Sequence[Path], indexed: Collection[Path]
) -> ObjectStore:
    """The store with the indexed copies, in which the packs they replace are not unreadable."""
    store = open_store(stores[0], (*stores[1:], copies))
    # A name that a pack without a copy has as well stays listed.
    lost = {f"pack/{pack.name}" for pack in unindexed if pack not in indexed}
    replaced = {f"pack/{pack.name}" for pack in indexed} - lost
    unreadable = [each for each in store.unreadable if each.oid or each.where not in replaced]
    return replace(store, unreadable=tuple(unreadable), opened=store.opened.union(indexed))


def _index_copy(pack: Path, copy: Path) -> bool:
    """Whether git could index a copy of the pack. Raises UnreadableFile if no copy can be made."""
    try:
        _copy_pack(pack, copy)
        for length in (40, 64):
            with (
                suppress(UnreadableFile),
                open_sandbox((), length, _INDEX_SECONDS, copy.stat().st_size) as git,
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
    from shutil import copyfileobj  # likewise

    with (
        open_untrusted(pack) as (descriptor, _),
        os.fdopen(os.dup(descriptor), "rb") as file,
        copy.open("xb") as target,
    ):
        copyfileobj(file, target)
