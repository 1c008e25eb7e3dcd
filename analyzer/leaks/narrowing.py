"""In: the finds of a source or repository. Out: those without what the caller asked to leave out.

A blob has its paths only once git told the commits, so its finds are left out here, and not before
it is read. `scheduler` calls it at the end, `scan` for what came through a pipe.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import replace

from analyzer.files import Skipped
from analyzer.leaks.exclusions import OPTION, Exclusions, LeftOut
from analyzer.leaks.model import Occurrence, PlacedSighting, PlaceKind, ValueKey
from analyzer.leaks.results import SourceResult

NO_MESSAGES = "--no-messages"
_ALL_MESSAGES = "messages of commits and tags, and notes"
_COPIES = "what .git keeps of these messages"
_DRAFT = re.compile(r"(?:^|/)(?:(?:COMMIT_|TAG_|NOTES_)EDITMSG|(?:MERGE|SQUASH)_MSG)$|(?:^|/)logs/")
_MESSAGES = frozenset({PlaceKind.COMMIT_MESSAGE, PlaceKind.TAG_MESSAGE})
_HISTORY = frozenset({PlaceKind.HISTORY, PlaceKind.TREE_ENTRY})
_OBJECT = re.compile(r"object (?P<oid>[0-9a-f]{40,64})(?P<rest>!/.*)?\Z", re.DOTALL)
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


def list_unread_objects(skipped: Iterable[Skipped]) -> Sequence[str]:
    """The ids of the objects of which something was not read, in a fixed order."""
    matches = (_OBJECT.match(each.what) for each in skipped)
    return sorted({match["oid"] for match in matches if match})


def leave_out_unread(
    result: SourceResult, exclusions: Exclusions, paths: Mapping[str, Sequence[str]]
) -> None:
    """Takes out what could not be read of objects that stand at such paths alone, and counts it."""
    kept = []
    for each in result.scan.skipped:
        match = _OBJECT.match(each.what)
        known = paths.get(match["oid"], ()) if match else ()
        rest = match["rest"] if match else ""
        ways = [f"{result.folder}/{path}" if result.folder else path for path in known]
        patterns = [exclusions.match(f"{way}{rest}") for way in ways]
        if patterns and all(patterns) and _are_all_listed(patterns):
            result.scan.left_out[patterns[0] or "", LeftOut.UNREAD] += 1
        else:
            kept.append(each)
    result.scan.skipped = kept


def name_unread(result: SourceResult, paths: Mapping[str, Sequence[str]]) -> None:
    """Names what could not be read of an object by the first of its paths, if any is known."""
    skipped = result.scan.skipped
    for at, each in enumerate(skipped):
        match = _OBJECT.match(each.what)
        known = paths.get(match["oid"], ()) if match else ()
        if match and (path := min(known, default="")):
            what = f"{path}{match['rest'] or ''}, object {match['oid']}"
            skipped[at] = replace(each, what=what)


def leave_out_messages(result: SourceResult, note_commits: frozenset[str]) -> frozenset[ValueKey]:
    """Takes out the finds in messages of commits and tags, and in notes, and says how many.

    `note_commits` are the commits that hold notes. Gives the values that were left out.
    """
    scan = result.scan
    left = [each for each in scan.sightings if _is_message(each.occurrence, note_commits)]
    taken = {id(each) for each in left}
    scan.sightings = [each for each in scan.sightings if id(each) not in taken]
    reason = f"{NO_MESSAGES}: {LeftOut.FIND.describe(len(left))} left out"
    scan.skipped.append(Skipped(_ALL_MESSAGES, reason, is_gap=False, is_wanted=True))
    return frozenset(each.sighting.value_key for each in left)


def leave_out_copies(result: SourceResult, values: frozenset[ValueKey]) -> None:
    """Takes out what git keeps of the messages in which these values are: a draft, a reflog."""
    scan = result.scan
    kept = [
        each
        for each in scan.sightings
        if each.sighting.value_key not in values or not _is_copy(each.occurrence)
    ]
    if count := len(scan.sightings) - len(kept):
        reason = f"{NO_MESSAGES}: {LeftOut.FIND.describe(count)} left out"
        scan.skipped.append(Skipped(_COPIES, reason, is_gap=False, is_wanted=True))
    scan.sightings = kept


def _kind_to_leave_out(place: Occurrence) -> LeftOut | None:
    """As what a place is left out; None for one without a path, or whose path was asked before."""
    if place.where in _HISTORY and place.commit:
        return LeftOut.HISTORY
    if place.where is PlaceKind.INDEX:
        return LeftOut.MEMBER if "!/" in place.path else LeftOut.HISTORY
    if place.where in {PlaceKind.ADDED_LINE, PlaceKind.REMOVED_LINE, PlaceKind.KEPT_LINE}:
        return LeftOut.INPUT
    if "!/" in place.path and place.where in {PlaceKind.WORK_TREE, PlaceKind.STANDARD_INPUT}:
        return LeftOut.MEMBER
    return None


def _objects_at_many_paths(sightings: Iterable[PlacedSighting]) -> frozenset[str | None]:
    """The objects of which not all paths are listed."""
    paths: defaultdict[str | None, set[str]] = defaultdict(set)
    for each in sightings:
        paths[each.occurrence.object].add(each.occurrence.path.partition("!/")[0])
    return frozenset(oid for oid, known in paths.items() if oid and not _are_all_listed(known))


def _are_all_listed(paths: Sized) -> bool:
    """Whether an object stands at no more paths than the history lists."""
    # Only here: a folder without a history would notice the time that this takes.
    from analyzer.git.history import MOST_PATHS

    return len(paths) < MOST_PATHS


def _is_message(place: Occurrence, note_commits: frozenset[str]) -> bool:
    return place.where in _MESSAGES or place.commit in note_commits


def _is_copy(place: Occurrence) -> bool:
    return place.where is PlaceKind.GIT_DIRECTORY and bool(_DRAFT.search(place.path))
