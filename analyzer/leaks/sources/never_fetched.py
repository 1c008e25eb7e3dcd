"""In: what stands for content that is kept elsewhere. Out: what of that is not here, as coverage.

Submodules and objects of Git LFS are in other repositories and stores until somebody fetches them.
That they are not here is no gap, as with a shallow clone; that they were not searched
must be told, unless the caller left their paths out. `folders` calls it for work trees without a
history, `completion` for repositories.
"""

import hashlib
import os
import stat
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from analyzer.files import Skipped, UnreadableFile, file_type, open_untrusted, printable_name
from analyzer.git.git_dir import is_inside, read_refs
from analyzer.git.history import build_history
from analyzer.git.lookup import contains, read_object, tree_reader
from analyzer.git.references import LfsPointer, parse_modules
from analyzer.git.staging_index import read_index_paths
from analyzer.git.trees import entries_at_paths, paths_below
from analyzer.leaks.sources.work import Repository

_MODULES = b".gitmodules"
_MOST_LISTED = 100
"""Things of a kind that are listed one by one."""
_UPDATE = "`git submodule update --init` brings it"
_FETCH = "`git lfs fetch --all` brings it"
_CHUNK = 1 << 20

IsLeftOut: TypeAlias = Callable[[str], bool]
"""Whether the caller left out a path, from the top of the repository; it counts what it answers."""


def list_empty_submodules(
    file: Path, prefix: str, root: Path, content: bytes, is_left_out: IsLeftOut
) -> Iterator[Skipped]:
    """The submodules of a .gitmodules whose folders are missing or empty.

    `prefix` is the name of the folder that the file is in.
    """
    for path, url in parse_modules(content).items():
        name = printable_name(path)
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            continue
        if not _has_files(file.parent / os.fsdecode(path), root) and not is_left_out(name):
            yield _submodule(f"{prefix}/{name}" if prefix else name, "", url)


def _has_files(folder: Path, root: Path) -> bool:
    if not is_inside(folder, root) or file_type(folder) != stat.S_IFDIR:
        return False
    try:
        with os.scandir(folder) as listing:
            return any(True for _ in listing)
    except OSError:
        return True  # The walk over the files tells of a folder that can't be listed.


def missing_submodules(
    repository: Repository,
    gitlinks: Iterable[tuple[bytes, str]],
    opened: Sequence[Repository],
    is_left_out: IsLeftOut,
) -> Iterator[Skipped]:
    """The submodules of a repository of which no opened repository has the commit.

    `gitlinks` are those of all its trees. Those in the index or in HEAD come with their paths, what
    earlier commits have comes by name.
    """
    lost: defaultdict[str, set[bytes]] = defaultdict(set)
    for name, commit in gitlinks:
        if not any(contains(each.store, commit) for each in opened):
            lost[commit].add(name)
    if not lost:
        return
    urls = _read_modules(repository)
    current = _current_paths(repository, lost.keys())
    here = sorted((path, commit) for commit, paths in current.items() for path in paths)
    listed = [each for each in here if not is_left_out(printable_name(each[0]))]
    for path, commit in listed[:_MOST_LISTED]:
        yield _submodule(printable_name(path), commit, urls.get(path, ""))
    skipped = {*listed[_MOST_LISTED:]}
    told = {path.rpartition(b"/")[2] for path, commit in here if (path, commit) not in skipped}
    earlier: defaultdict[bytes, set[str]] = defaultdict(set)
    for commit, names in lost.items():
        for name in names - told:
            earlier[name].add(commit)
    by_name = {path.rpartition(b"/")[2]: url for path, url in urls.items()}
    for name, commits in sorted(earlier.items())[:_MOST_LISTED]:
        what = f"{printable_name(name)} in some commits"
        yield _submodule(what, min(commits), by_name.get(name, ""), len(commits))
    if (others := len(earlier) - _MOST_LISTED) > 0:
        yield Skipped(f"{others} more submodules", "they are not here", is_gap=False)


def _submodule(what: str, commit: str, url: str, commits: int = 1) -> Skipped:
    of = f", {url}" if url else ""
    which = f"its commit {commit} is" if commit else "it is"
    if commits > 1:
        which = f"{commits} commits of it, {commit} among them, are"
    return Skipped(what, f"a submodule{of}: {which} not here; {_UPDATE}", is_gap=False)


def _read_modules(repository: Repository) -> Mapping[bytes, str]:
    """The URL of each submodule by its path, as HEAD has it."""
    oid = next(iter(_paths_in_head(repository, [_MODULES]).values()), "")
    found = read_object(repository.store, oid)
    return parse_modules(found[2]) if isinstance(found, tuple) and found[1] == "blob" else {}


def _current_paths(repository: Repository, wanted: Collection[str]) -> dict[str, tuple[bytes, ...]]:
    """The paths of objects, or of commits of submodules, in the index; without one, in HEAD."""
    in_index = read_index_paths(repository.git_dir, len(next(iter(wanted))) // 2)
    found = {oid: in_index[oid] for oid in wanted if oid in in_index}
    if in_index:
        return found
    tree = _tree_of_head(repository)
    below = paths_below(tree, wanted, tree_reader(repository.store)) if tree else {}
    return {oid: (path,) for oid, path in below.items()}


def _paths_in_head(repository: Repository, paths: Iterable[bytes]) -> dict[bytes, str]:
    tree = _tree_of_head(repository)
    return entries_at_paths(tree, paths, tree_reader(repository.store)) if tree else {}


def _tree_of_head(repository: Repository) -> str | None:
    head = read_refs(repository.git_dir).head
    commit = read_object(repository.store, head) if head else None
    commits = build_history([commit], ()).commits if isinstance(commit, tuple) else {}
    return next((each.tree for each in commits.values()), None)


def missing_lfs_files(
    pointers: Mapping[str, LfsPointer], git_dirs: Collection[Path]
) -> Iterator[Skipped]:
    """The files of a work tree, by path, that stand for objects which no git directory has."""
    lost = {name: each for name, each in pointers.items() if not _is_kept(each, git_dirs)}
    yield from _list_lfs(lost)


def missing_lfs_objects(
    repository: Repository,
    pointers: Mapping[str, LfsPointer],
    git_dirs: Collection[Path],
    is_left_out: IsLeftOut,
) -> Iterator[Skipped]:
    """The same for blobs, by their ids: with a path where the index or HEAD has one.

    An object that lies in the work tree, at the path of its pointer, is searched there.
    """
    lost = {oid: each for oid, each in pointers.items() if not _is_kept(each, git_dirs)}
    if not lost:
        return
    current = _current_paths(repository, lost.keys())
    # A hostile index has a thousand pointers at the path of one large file, which is read once.
    digest_of = cache(partial(_digest_in_work_tree, repository))
    checked_in = {
        printable_name(path): lost[oid]
        for oid, paths in current.items()
        for path in paths
        if digest_of(path, lost[oid].size) != lost[oid].oid
        and not is_left_out(printable_name(path))
    }
    yield from _list_lfs(checked_in)
    earlier = [each for oid, each in lost.items() if oid not in current]
    yield from _sum_up(earlier, "in earlier commits")


def _list_lfs(lost: Mapping[str, LfsPointer]) -> Iterator[Skipped]:
    for name, each in sorted(lost.items())[:_MOST_LISTED]:
        yield describe_lfs_object(name, each)
    yield from _sum_up([each for _, each in sorted(lost.items())[_MOST_LISTED:]], "more")


def describe_lfs_object(name: str, pointer: LfsPointer) -> Skipped:
    """The line that tells of an object which is not here, given where its pointer stands."""
    reason = f"an object of Git LFS that is not here: sha256:{pointer.oid}; {_FETCH}"
    return Skipped(name, reason, pointer.size, is_gap=False)


def lfs_object_path(git_dir: Path, pointer: LfsPointer) -> Path:
    """Where Git LFS keeps an object in a git directory."""
    return git_dir / "lfs" / "objects" / pointer.oid[:2] / pointer.oid[2:4] / pointer.oid


def _sum_up(lost: Sequence[LfsPointer], where: str) -> Iterator[Skipped]:
    """One line for several objects, each of which counts once."""
    distinct = sorted({*lost})
    if distinct:
        what = f"{len(distinct)} object{'s' * (len(distinct) > 1)} of Git LFS {where}"
        reason = f"not here, sha256:{distinct[0].oid} among them; {_FETCH}"
        yield Skipped(what, reason, sum(each.size for each in distinct), is_gap=False)


def _is_kept(pointer: LfsPointer, git_dirs: Collection[Path]) -> bool:
    """Whether one of the git directories has the object, so that it is searched as a file of it."""
    if not pointer.size:
        return True
    return any(file_type(lfs_object_path(each, pointer)) == stat.S_IFREG for each in git_dirs)


def _digest_in_work_tree(repository: Repository, path: bytes, size: int) -> str | None:
    """SHA-256 of what the work tree has at that path; None where that is no file of the size."""
    if repository.git_dir.name != ".git":
        return None
    file = repository.git_dir.parent / os.fsdecode(path)
    try:
        if not is_inside(file.parent, repository.git_dir.parent):
            return None
        with open_untrusted(file) as (descriptor, found):
            if found != size:
                return None
            digest = hashlib.sha256()
            while piece := os.read(descriptor, _CHUNK):
                digest.update(piece)
    except UnreadableFile:
        return None
    return digest.hexdigest()
