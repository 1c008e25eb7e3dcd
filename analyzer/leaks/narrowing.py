"""In: the finds of a source or repository. Out: those without what the caller asked to leave out.

A blob has its paths only once git told the commits, so its finds are left out here, and not before
it is read. `scheduler` calls it at the end, `scan` for what came through a pipe.
"""

from collections import defaultdict
from collections.abc import Iterable

from analyzer.files import Skipped
from analyzer.git.history import MOST_PATHS
from analyzer.leaks.exclusions import OPTION, Exclusions, LeftOut
from analyzer.leaks.model import Occurrence, PlacedSighting, PlaceKind
from analyzer.leaks.results import SourceResult

NO_MESSAGES = "--no-messages"
_MESSAGES = frozenset({PlaceKind.COMMIT_MESSAGE, PlaceKind.TAG_MESSAGE})
_HISTORY = frozenset({PlaceKind.HISTORY, PlaceKind.TREE_ENTRY})
_NOT_APPLIED = "not applied to the history: not every path of what was found is known"


def leave_out_paths(result: SourceResult, exclusions: Exclusions, *, knows_paths: bool) -> None:
    """Takes the finds at paths that the patterns name out of a result, and counts them.

    A find stays where more paths of it may exist than are known, as its object can stand elsewhere
    too: without a commit that has it, at a great many paths, or with `knows_paths` False.
    """
    scan = result.scan
    if not exclusions.patterns:
        return
    crowded = _objects_at_many_paths(scan.sightings)
    kept = []
    for each in scan.sightings:
        place = each.occurrence
        kind = _kind_to_leave_out(place)
        if kind is LeftOut.HISTORY and not (knows_paths and place.object not in crowded):
            kind = None
        path = f"{result.folder}/{place.path}" if result.folder else place.path
        pattern = exclusions.match(path) if kind else None
        if kind and pattern:
            scan.left_out[pattern, kind] += 1
        else:
            kept.append(each)
    scan.sightings = kept
    if not knows_paths:
        scan.skipped.append(Skipped(OPTION, _NOT_APPLIED, is_gap=False))


def leave_out_messages(result: SourceResult, note_commits: frozenset[str]) -> None:
    """Takes out the finds in messages of commits and tags, and in notes, and says how many.

    `note_commits` are the commits that hold notes, whose paths are ids.
    """
    scan = result.scan
    kept = [each for each in scan.sightings if not _is_message(each.occurrence, note_commits)]
    count = LeftOut.FIND.describe(len(scan.sightings) - len(kept))
    scan.sightings = kept
    scan.skipped.append(
        Skipped(
            "messages of commits and tags, and notes",
            f"{NO_MESSAGES}: {count} left out",
            is_gap=False,
            is_wanted=True,
        )
    )


def _kind_to_leave_out(place: Occurrence) -> LeftOut | None:
    """As what a place is left out; None for one without a path, or whose path was asked before."""
    if place.where in _HISTORY and place.commit:
        return LeftOut.HISTORY
    if place.where is PlaceKind.INDEX:
        return LeftOut.MEMBER if "!/" in place.path else LeftOut.HISTORY
    if place.where in {PlaceKind.ADDED_LINE, PlaceKind.REMOVED_LINE, PlaceKind.KEPT_LINE}:
        return LeftOut.INPUT
    if "!/" in place.path and place.where is PlaceKind.WORK_TREE:
        return LeftOut.MEMBER
    return None


def _objects_at_many_paths(sightings: Iterable[PlacedSighting]) -> frozenset[str | None]:
    """The objects of which not all paths are listed."""
    paths: defaultdict[str | None, set[str]] = defaultdict(set)
    for each in sightings:
        paths[each.occurrence.object].add(each.occurrence.path.partition("!/")[0])
    return frozenset(oid for oid, known in paths.items() if oid and len(known) >= MOST_PATHS)


def _is_message(place: Occurrence, note_commits: frozenset[str]) -> bool:
    if place.where in _MESSAGES:
        return True
    # A note's path is the id of what it is about, with folders between if there are many.
    return place.commit in note_commits
