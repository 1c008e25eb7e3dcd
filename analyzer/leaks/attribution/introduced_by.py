"""In: a repository and the hits in its objects. Out: sightings at their paths, with the commits.

`completion` calls it once all objects of a repository are scanned. A hit is an object id with what
the object holds; a commit and a path make it an occurrence.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from analyzer.files import Skipped, UnreadableFile, printable_name
from analyzer.git.git_dir import Refs
from analyzer.git.history import (
    WHO,
    History,
    Introductions,
    find_introductions,
    reachable_from,
)
from analyzer.git.lookup import tree_reader
from analyzer.git.sandbox import open_sandbox
from analyzer.git.staging_index import read_index_paths
from analyzer.git.trees import entries_at_paths, reachable_below
from analyzer.leaks.attribution.merge import first_tree_entries
from analyzer.leaks.attribution.object_paths import paths_from_trees
from analyzer.leaks.model import Occurrence, PlacedSighting, PlaceKind, Sighting, place_sightings
from analyzer.leaks.sources.repository import read_all_refs, read_history
from analyzer.leaks.sources.work import Hit, Repository

_TAG_PLACES = (PlaceKind.TAG_MESSAGE, PlaceKind.TAG_HEADER)
_NOTES = "refs/notes/"
_IN_INDEX = "the index"
"""Instead of a commit, for an object that only the index names."""
_MOST_TAGS = 100
"""Tags of tags that are followed."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The sightings of a repository at their places, and what of these could not be found out.

    `note_commits` are the commits that hold git notes. `paths` are those of each object that some
    commit has.
    """

    sightings: tuple[PlacedSighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    note_commits: frozenset[str] = frozenset()
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def knows_paths(self) -> bool:
        """Whether git could tell all paths of whatever a commit has."""
        return all(each.what != WHO for each in self.skipped)


def attribute_hits(
    repository: Repository,
    hits: Sequence[Hit],
    message_sightings: Sequence[PlacedSighting],
    jobs: int,
    seconds: float,
) -> Attribution:
    """The hits at every path they ever had, each with the oldest commit that introduced it there.

    What is first seen where the history breaks off has that commit, and neither author nor date:
    it may be older, and another's.
    `message_sightings`, those in commits and tags, come back with `reachable` set, as do the hits.
    Git compares the trees in `jobs` processes and has `seconds` for it; what is not known by then
    has a path and no commit.
    """
    refs = read_all_refs(repository)
    history = read_history(repository, refs)
    read_tree = tree_reader(repository.store)
    wanted = sorted({oid for oid, _, _ in hits})
    introductions, skipped = _find_introductions(repository, history, wanted, jobs, seconds)
    places = _with_top_folders(introductions.places, history, frozenset(wanted))
    without_commit = frozenset(wanted) - places.keys()
    reachable = history.reachable
    if without_commit:
        reachable |= _reachable_without_commits(repository, history)
    commits_by_path = {**_paths_without_commits(repository, without_commit), **places}
    head, boundary = history.commits.get(refs.head or ""), history.boundary(refs.targets)
    paths = sorted({path for commits in commits_by_path.values() for path in commits})
    in_head = {**entries_at_paths(head.tree, paths, read_tree), b"": head.tree} if head else {}
    placed = chain.from_iterable(
        place_sightings(sightings, place)
        if kind == "blob"
        else (_place_tree_entry(each, place) for each in sightings)
        for oid, kind, sightings in hits
        for place in _occurrences(
            repository.name, history, boundary, oid, commits_by_path[oid], in_head
        )
    )
    order = {oid: number for number, oid in enumerate(history.order)}
    in_messages = (_with_tagged_commit(each, history) for each in message_sightings)
    everything = chain(first_tree_entries(placed, order), in_messages)
    return Attribution(
        tuple(_with_reachability(each, reachable) for each in everything),
        (*skipped, *introductions.skipped),
        reachable_from(history.commits, history.tags, _note_tips(refs)),
        {oid: tuple(map(printable_name, at)) for oid, at in places.items()},
    )


def place_without_commits(
    repository: Repository,
    hits: Sequence[Hit],
    message_sightings: Sequence[PlacedSighting],
    reason: str,
) -> Attribution:
    """The hits at no path and by nobody, as nothing more is known, for a reason that is a gap."""
    placed = chain.from_iterable(
        place_sightings(sightings, Occurrence(repository.name, "", 0, PlaceKind.HISTORY, oid))
        for oid, _, sightings in hits
    )
    return Attribution((*placed, *message_sightings), (Skipped(WHO, reason),))


def _note_tips(refs: Refs) -> list[str]:
    return [oid for name, oid in refs.targets.items() if name.startswith(_NOTES)]


def _find_introductions(
    repository: Repository, history: History, wanted: Sequence[str], jobs: int, seconds: float
) -> tuple[Introductions, tuple[Skipped, ...]]:
    """The commits that introduced objects, as far as git tells; none, with the reason, if not."""
    if not history.order or not wanted:
        return Introductions(), ()
    try:
        with open_sandbox(repository.stores, len(wanted[0]), seconds) as git:
            return find_introductions(git, history, wanted, jobs), ()
    except UnreadableFile as fault:
        return Introductions(), (Skipped(WHO, fault.reason, is_gap=False),)


def _with_top_folders(
    places: Mapping[str, Mapping[bytes, str]], history: History, wanted: frozenset[str]
) -> dict[str, Mapping[bytes, str]]:
    """The places, with the oldest commit of which an object is the top folder, at an empty path.

    No tree names that folder, so git's comparison of trees does not list it.
    """
    with_tops = {**places}
    for oid in reversed(history.order):
        if (tree := history.commits[oid].tree) in wanted:
            with_tops[tree] = {**places.get(tree, {}), b"": oid}
    return with_tops


def _paths_without_commits(
    repository: Repository, oids: frozenset[str]
) -> dict[str, Mapping[bytes, str]]:
    """Paths of objects that no commit has: one in a tree that names it, or those in the index.

    In the place of a commit each path has an empty text or `_IN_INDEX`. An object that nothing
    names has an empty path.
    """
    if not oids:
        return {}
    in_trees = paths_from_trees(repository.store, oids)
    in_index: dict[str, tuple[bytes, ...]] = {}
    for git_dir in (repository.git_dir, *repository.sharers):
        in_index = {**read_index_paths(git_dir, len(min(oids)) // 2), **in_index}
    return {
        oid: {in_trees[oid]: ""}
        if oid in in_trees
        else dict.fromkeys(in_index.get(oid, ()), _IN_INDEX) or {b"": ""}
        for oid in oids
    }


def _reachable_without_commits(repository: Repository, history: History) -> frozenset[str]:
    """All objects below trees that a ref or a tag names without a commit."""
    trees = history.reachable - history.commits.keys() - history.tags.keys()
    return reachable_below(sorted(trees), tree_reader(repository.store))


def _occurrences(  # noqa: PLR0913, PLR0917 - what an object's places depend on
    repository: str,
    history: History,
    boundary: Container[str],
    oid: str,
    commits: Mapping[bytes, str],
    in_head: Mapping[bytes, str],
) -> Iterator[Occurrence]:
    """Every place of an object, given the commit for each of its paths."""
    for path, commit in sorted(commits.items()):
        known = commit in history.commits
        origin = None if commit in boundary else history.commits.get(commit)
        yield Occurrence(
            repository,
            printable_name(path),
            0,
            PlaceKind.INDEX if commit == _IN_INDEX else PlaceKind.HISTORY,
            oid,
            commit if known else None,
            (origin.author() or None) if origin else None,
            origin.date() if origin else None,
            in_head=in_head.get(path) == oid,
        )


def _place_tree_entry(sighting: Sighting, folder: Occurrence) -> PlacedSighting:
    """A sighting in a name, at that name in the folder: `member` is the name."""
    path = f"{folder.path}/{sighting.member}" if folder.path else sighting.member
    place = replace(
        folder, path=path, line=1, where=PlaceKind.TREE_ENTRY, encoding=sighting.encoding
    )
    return PlacedSighting(sighting, place)


def _with_tagged_commit(placed: PlacedSighting, history: History) -> PlacedSighting:
    """A sighting in a tag of a tag with the commit at the end of the chain."""
    tag = history.tags.get(placed.occurrence.object or "")
    for _ in range(_MOST_TAGS):
        if tag is None or tag.target in history.commits:
            break
        tag = history.tags.get(tag.target)
    if tag is None or tag.target not in history.commits:
        return placed
    return replace(placed, occurrence=replace(placed.occurrence, commit=tag.target))


def _with_reachability(placed: PlacedSighting, reachable: Container[str | None]) -> PlacedSighting:
    """A sighting with `reachable` False where no ref leads to its object or its commit."""
    place = placed.occurrence
    # A deleted tag can name a commit that is still reachable: for a tag only the tag itself counts.
    leading = {place.object} if place.where in _TAG_PLACES else {place.object, place.commit}
    is_reachable = place.in_head or any(oid in reachable for oid in leading)
    if is_reachable == place.reachable:  # Most are.
        return placed
    return replace(placed, occurrence=replace(place, reachable=is_reachable))
