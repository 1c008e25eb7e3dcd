"""In: a git directory, then the objects in it that hold something. Out: who brought these in."""

import re
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from analyzer.files import Skipped, UnreadableFile, printable_name
from analyzer.git.git_dir import Refs, read_refs, read_shallow
from analyzer.git.history import History, Introductions, build_history, introducing_commits
from analyzer.git.lookup import objects_of_type, read_object, tree_reader
from analyzer.git.objects import StreamedObject, UnreadableObject
from analyzer.git.sandbox import Sandbox, read_objects_with_git, sandbox
from analyzer.git.staging_index import paths_in_index
from analyzer.git.trees import entries_at_paths, parse_tree, reachable_below
from analyzer.leaks.attribution.merge import first_tree_entry
from analyzer.leaks.model import Occurrence, PlacedSighting, PlaceKind, Sighting, place_sightings
from analyzer.leaks.sources.content import SearchTerms
from analyzer.leaks.sources.git_objects import scan_streamed_object
from analyzer.leaks.sources.repository import is_partial, to_skipped
from analyzer.leaks.sources.work import PartialScan, Repository

_TAGGED = (PlaceKind.TAG_MESSAGE, PlaceKind.TAG_HEADER)
_STAGED = "the index"
"""Stands in the place of a commit where the index alone has an object."""
_MOST_FOLDERS = 100
_MOST_TAGS = 100
_MOST_RESTARTS = 100

Hits = Sequence[tuple[str, str, tuple[Sighting, ...]]]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where the hits of a repository stand, and what could not be found out about them."""

    sightings: tuple[PlacedSighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def retry_with_git(
    repository: Repository, terms: SearchTerms, unread: Sequence[UnreadableObject], seconds: float
) -> PartialScan:
    """What git can rebuild of the objects that our own walk could not: deltas too large, mostly.

    What git can't read either is left out, for the reason that we had.
    """
    taken = PartialScan()
    reasons = {each.oid: each for each in unread}
    try:
        with sandbox(repository.stores, len(unread[0].oid), seconds) as git:
            waiting = [*reasons]
            for _ in range(_MOST_RESTARTS):
                read_now = _rebuild_with_git(git, terms, repository.name, waiting, taken)
                reasons = {oid: each for oid, each in reasons.items() if oid not in read_now}
                # What follows the last one that git read is what it gave up at.
                last = max((waiting.index(oid) for oid in read_now), default=-1)
                waiting = waiting[last + 2 :]
                if not waiting:
                    break
    except UnreadableFile:
        pass  # No place for a quarantine: each object has a reason of its own.
    taken.skipped += map(to_skipped, reasons.values())
    return taken


def _rebuild_with_git(
    git: Sandbox, terms: SearchTerms, repository: str, oids: Sequence[str], taken: PartialScan
) -> frozenset[str]:
    """The objects that git could read, up to the first that it gave up at."""
    done = set()
    try:
        for oid, kind, size, chunks in read_objects_with_git(git, oids):
            scan_streamed_object(taken, terms, repository, StreamedObject(oid, kind, size, chunks))
            done.add(oid)
    except UnreadableFile:
        return frozenset(done)
    return frozenset(done)


def attribute_hits(
    repository: Repository,
    hits: Hits,
    message_sightings: Sequence[PlacedSighting],
    jobs: int,
    seconds: float,
) -> Attribution:
    """The hits at every path where they ever stood, with the commit that brought each in.

    What was `said` in commits and tags is told apart by whether a ref leads there.
    """
    refs = read_refs(repository.git_dir)
    history = _history(repository, refs)
    wanted = sorted({oid for oid, _, _ in hits})
    found, skipped = _introductions(repository, history, wanted, jobs, seconds)
    lost = frozenset(wanted) - found.places.keys()
    reachable = history.reachable | (_ref_name_sightings(repository, history) if lost else set())
    alone = _alone(repository, lost)
    known = {**alone, **found.places}
    paths = {path for places in known.values() for path in places}
    head = history.commits.get(refs.head or "")
    in_head = (
        entries_at_paths(head.tree, sorted(paths), tree_reader(repository.store)) if head else {}
    )
    spots = chain.from_iterable(
        place_sightings(sightings, place)
        if kind == "blob"
        else (_named(each, place) for each in sightings)
        for oid, kind, sightings in hits
        for place in _places(repository.name, history, oid, known[oid], in_head)
    )
    order = {oid: number for number, oid in enumerate(history.order)}
    peeled = (_with_tag_target(spot, history) for spot in message_sightings)
    placed = (
        _with_reachability(spot, reachable)
        for spot in chain(first_tree_entry(spots, order), peeled)
    )
    return Attribution(tuple(placed), (*skipped, *found.skipped))


def _alone(repository: Repository, lost: frozenset[str]) -> dict[str, Mapping[bytes, str]]:
    """Paths of objects that no commit has: one of a tree that names it, or those of the index."""
    if not lost:
        return {}
    named = path_of_each(repository, lost)
    in_index = paths_in_index(repository.git_dir, len(min(lost)) // 2)
    found: dict[str, Mapping[bytes, str]] = {}
    for oid in lost:
        paths = () if oid in named else in_index.get(oid, ())
        found[oid] = dict.fromkeys(paths, _STAGED) or {named.get(oid, b""): ""}
    return found


def _ref_name_sightings(repository: Repository, history: History) -> frozenset[str]:
    """What stands below trees that refs and tags name without a commit."""
    tips = history.reachable - history.commits.keys() - history.tags.keys()
    return reachable_below(sorted(tips), tree_reader(repository.store))


def _with_tag_target(spot: PlacedSighting, history: History) -> PlacedSighting:
    """What a tag of a tag says belongs to the commit at the end."""
    tag = history.tags.get(spot.occurrence.object or "")
    for _ in range(_MOST_TAGS):
        if tag is None or tag.target in history.commits:
            break
        tag = history.tags.get(tag.target)
    if tag is None or tag.target not in history.commits:
        return spot
    return replace(spot, occurrence=replace(spot.occurrence, commit=tag.target))


def _with_reachability(spot: PlacedSighting, reachable: Container[str | None]) -> PlacedSighting:
    """The spot, unreachable where a ref leads neither to its object nor to its commit."""
    place = spot.occurrence
    # A tag that is lost may well name a commit that is not.
    leading = {place.object} if place.where in _TAGGED else {place.object, place.commit}
    is_there = place.in_head or any(oid in reachable for oid in leading)
    return replace(spot, occurrence=replace(place, reachable=is_there))


def missing_objects(repository: Repository, missing: frozenset[str]) -> Iterator[Skipped]:
    """What of a repository that was walked to the end is not there, as far as it was checked."""
    store, git_dir = repository.store, repository.git_dir
    refs = read_refs(git_dir)
    for name, oid in refs.targets.items():
        if read_object(store, oid) is None:
            yield Skipped(name, f"object {oid} is missing or damaged")
    shallow = read_shallow(git_dir)
    if not repository.is_checked or not missing:
        return
    history = _history(repository, refs)
    lost = {parent for commit in history.commits.values() for parent in commit.parents} & missing
    cut = {oid for oid, each in history.commits.items() if not lost.isdisjoint(each.parents)}
    if ended := sorted(cut & shallow):
        reason = "a shallow clone: `git fetch --unshallow` brings the rest"
        yield Skipped(f"history before {count_phrase(ended, 'commit')}", reason, is_gap=False)
    if broken := sorted(cut - shallow):
        yield Skipped(
            f"history before {count_phrase(broken, 'commit')}", "a parent commit is missing"
        )
    if rest := sorted(missing - lost):
        reason = "missing; a partial clone lacks what was never fetched"
        yield Skipped(
            count_phrase(rest, "object"), reason, is_gap=not is_partial(repository.stores)
        )


def count_phrase(oids: Sequence[str], noun: str) -> str:
    """One object by its id, several by their number and an example."""
    return f"{noun} {oids[0]}" if len(oids) == 1 else f"{len(oids)} {noun}s, {oids[0]} among them"


def _history(repository: Repository, refs: Refs) -> History:
    bodies = objects_of_type(repository.store, {"commit", "tag"})
    return build_history(
        (each for each in bodies if isinstance(each, tuple)), refs.targets.values()
    )


def _introductions(
    repository: Repository, history: History, wanted: Sequence[str], jobs: int, seconds: float
) -> tuple[Introductions, tuple[Skipped, ...]]:
    """The origins as far as git can tell them; without git, none, and the reason."""
    if not history.order or not wanted:
        return Introductions(), ()
    try:
        with sandbox(repository.stores, len(wanted[0]), seconds) as git:
            return introducing_commits(git, history, wanted, jobs), ()
    except UnreadableFile as fault:
        return Introductions(), (
            Skipped("who brought in what was found", fault.reason, is_gap=False),
        )


def _places(
    repository: str,
    history: History,
    oid: str,
    paths: Mapping[bytes, str],
    in_head: Mapping[bytes, str],
) -> Iterator[Occurrence]:
    """Every place of an object; where no commit is known, one path and nothing of its origin."""
    for path, commit in sorted(paths.items()):
        origin = history.commits.get(commit)
        yield Occurrence(
            repository,
            printable_name(path),
            0,
            PlaceKind.INDEX if commit == _STAGED else PlaceKind.HISTORY,
            oid,
            commit if origin else None,
            (origin.author() or None) if origin else None,
            origin.date() if origin else None,
            in_head=in_head.get(path) == oid,
        )


def path_of_each(repository: Repository, objects: frozenset[str]) -> dict[str, bytes]:
    """One path of each object that some tree names, whoever may have that tree.

    Reads all trees once for each folder on the way up; of many paths it keeps one a folder.
    """
    found: dict[str, bytes] = {}
    climbing = {oid: {oid: b""} for oid in objects}
    seen = set(objects)
    for _ in range(_MOST_FOLDERS):
        if not climbing:
            break
        above: dict[str, dict[str, bytes]] = {}
        for tree, name, raw in _naming(repository, climbing):
            for oid, rest in climbing[raw].items():
                path = name + b"/" + rest if rest else name
                ways = above.setdefault(tree, {})
                ways[oid] = min(ways.get(oid, path), path)
        for ways in above.values():
            # A longer way up tells more; of two that are as long, the first in order counts.
            found |= {oid: min(_of(found, oid, path), path) for oid, path in ways.items()}
        climbing = {tree: ways for tree, ways in above.items() if tree not in seen}
        seen.update(above)
    return found


def _of(found: Mapping[str, bytes], oid: str, path: bytes) -> bytes:
    """The path that is known of an object, if it is as long as another one."""
    known = found.get(oid, path)
    return known if known.count(b"/") == path.count(b"/") else path


def _naming(repository: Repository, objects: Collection[str]) -> Iterator[tuple[str, bytes, str]]:
    """Every tree that names one of the objects, with the name there and the object."""
    ids = re.compile(b"|".join(re.escape(bytes.fromhex(oid)) for oid in sorted(objects)))
    for each in objects_of_type(repository.store, {"tree"}):
        if isinstance(each, tuple) and ids.search(each[2]):
            for _mode, name, raw in parse_tree(each[0], each[2]):
                if raw.hex() in objects:
                    yield each[0], name, raw.hex()


def _named(sighting: Sighting, folder: Occurrence) -> PlacedSighting:
    """What a name in a tree holds, at that name."""
    path = f"{folder.path}/{sighting.member}" if folder.path else sighting.member
    place = Occurrence(
        folder.repository,
        path,
        1,
        PlaceKind.TREE_ENTRY,
        folder.object,
        folder.commit,
        folder.author,
        folder.date,
        folder.in_head,
        folder.reachable,
        sighting.encoding,
    )
    return PlacedSighting(sighting, place)
