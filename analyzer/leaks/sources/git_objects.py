"""In: a range of a repository's objects. Out: a PartialScan of them.

`histories` calls `scan_objects`, which hands each object's content to `content`. What a blob or a
tree holds becomes a hit by object id, for `attribution` to place; what a commit or a tag holds
has its place at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from analyzer.files import Skipped, UnreadableFile, printable_name
from analyzer.git.base_notes import SHORTEST_VERSION, BaseNotes, copied_runs
from analyzer.git.history import is_malformed, parse_identity, parse_tag
from analyzer.git.object_store import iter_objects
from analyzer.git.objects import GitObject, StreamedObject, UnreadableObject
from analyzer.git.references import POINTER_START, parse_pointer
from analyzer.git.safe_open import DamagedObject
from analyzer.git.trees import gitlinks, parse_tree
from analyzer.leaks.detect.candidate import NOTHING, ContentResult
from analyzer.leaks.detect.detector import has_candidates, scan_bytes
from analyzer.leaks.detect.prefilter import candidate_offsets, is_in_wide_characters
from analyzer.leaks.detect.prefilter_terms import REACH
from analyzer.leaks.detect.versions import offsets_in_version
from analyzer.leaks.model import Occurrence, PlaceKind
from analyzer.leaks.sources.content import (
    add_result,
    failure,
    scan_content,
    scan_streamed,
    under_path,
)
from analyzer.leaks.sources.object_meter import ObjectMeter
from analyzer.leaks.sources.work import ObjectsWork, PartialScan, Repository, SearchTerms

_LOOK_COST = 8
"""How much longer a closer look takes at a byte, such as decoders put out."""
_FIND_COST = 16 << 10
"""Bytes that are passed over in the time that a find takes."""
_BATCH = 256 << 10
"""Bytes of trees, commits and tags that are tested for candidates in one go."""
_MOST_NOTED = 10_000
"""Offsets in a blob that are noted for its versions."""
_LONGEST_NAME = 255
"""Bytes of a name that a file system can have."""
_MOST_NAMES = 200_000
"""Names that are remembered at once, some 20 MB."""
_MALFORMED = "malformed: what it leads to is not known"
# A tree names each entry by 20 or 32 raw bytes. A submodule's commit is in another repository.
_TREE_ENTRY_ID = {
    2 * length: re.compile(
        rb"160000 [^\0]+\0.{%d}|[0-7]+ [^\0]+\0(.{%d})" % (length, length), re.DOTALL
    )
    for length in (20, 32)
}
_HEADER_ID = re.compile(rb"(?:^tree|^parent|^object) ([0-9a-f]+)$", re.MULTILINE)


def scan_objects(repository: Repository, item: ObjectsWork, terms: SearchTerms) -> PartialScan:
    """Scans the objects of a range; those that can't be rebuilt are in `unreadable`."""
    scan, meter = PartialScan(), ObjectMeter(repository.store, item)
    batch: list[GitObject] = []
    batch_size = 0
    seen = _Seen()
    notes = BaseNotes()
    walk = iter_objects(repository.store, item.work_range, meter.allowance, notes)
    for row, each in enumerate(walk, item.work_range.first):
        if item.rows and row not in item.rows:
            continue
        if not meter.admits(row, each):
            scan.uncovered.append(row)
        elif isinstance(each, tuple):
            oid, kind, body = each
            scan.objects += 1
            scan.size += len(body)
            if kind == "blob":
                meter.count(row, len(body), _scan_blob(scan, terms, notes, oid, body))
                continue
            batch.append(each)
            batch_size += len(body)
            if batch_size >= _BATCH:
                _scan_batch(scan, terms, repository, batch, seen)
                batch, batch_size = [], 0
        elif isinstance(each, UnreadableObject):
            scan.unreadable.append(each)
        else:
            meter.count(row, each.size, scan_streamed_object(scan, terms, repository.name, each))
    _scan_batch(scan, terms, repository, batch, seen)
    scan.spent = meter.spent
    return scan


@dataclass(frozen=True, slots=True)
class _Seen:
    """What trees of this range have named before: versions of a folder share most entries.

    What is missing of the `ids` is known, and that nothing is in the `silent_names`.
    """

    ids: set[bytes] = field(default_factory=set)
    silent_names: set[bytes] = field(default_factory=set)


def _cost(result: ContentResult) -> int:
    """What a closer look cost, in bytes that have nothing and are passed over as quickly."""
    return result.unpacked + _LOOK_COST * result.decoded + _FIND_COST * len(result.sightings)


def scan_streamed_object(
    scan: PartialScan, terms: SearchTerms, repository: str, streamed: StreamedObject
) -> int:
    """Adds what an object too large for memory holds; gives what that cost beyond its size.

    Raises UnreadableFile if its source does.
    """
    try:
        result, length, head = scan_streamed(terms, streamed)
    except DamagedObject as fault:
        scan.skipped.append(Skipped(f"object {streamed.oid}", fault.reason, streamed.size))
        return 0
    except UnreadableFile:
        raise
    except Exception as fault:  # noqa: BLE001 - a fault in one object must not cost the others
        scan.skipped.append(failure(f"object {streamed.oid}", fault))
        return 0
    scan.objects += 1
    scan.size += length
    if streamed.kind in {"commit", "tag"}:
        _add_streamed_message(scan, repository, streamed, head, result)
    else:
        _add_hit(scan, streamed.oid, streamed.kind, result)
    return _cost(result)


def _scan_blob(
    scan: PartialScan, terms: SearchTerms, notes: BaseNotes, oid: str, body: bytes
) -> int:
    """Adds what a blob holds; gives what that cost beyond its size."""
    if body.startswith(POINTER_START) and (pointer := parse_pointer(body)):
        scan.pointers[oid] = pointer
    try:
        result = scan_content(terms, oid, body, _find_offsets(notes, body))
    except Exception as fault:  # noqa: BLE001 - a fault in one object must not cost the others
        scan.skipped.append(failure(f"object {oid}", fault))
        return 0
    if result is not NOTHING:
        _add_hit(scan, oid, "blob", result)
    return _cost(result)


def _find_offsets(notes: BaseNotes, body: bytes) -> list[int]:
    """What the prefilter finds in a blob; noted for the versions that are made of it."""
    if len(body) < SHORTEST_VERSION:
        return candidate_offsets(body)
    if notes.base is None:
        offsets = candidate_offsets(body)
    else:
        runs = copied_runs(notes.delta, len(body), 2 * REACH)
        offsets = offsets_in_version(body, runs, notes.base)
    if len(offsets) <= _MOST_NOTED and not is_in_wide_characters(body):
        notes.keep(tuple(offsets))
    return offsets


def _add_hit(scan: PartialScan, oid: str, kind: str, result: ContentResult) -> None:
    scan.containers += result.containers
    scan.skipped += (under_path(f"object {oid}", each) for each in result.skipped)
    if result.sightings:
        scan.hits.append((oid, kind, result.sightings))


def _scan_batch(
    scan: PartialScan,
    terms: SearchTerms,
    repository: Repository,
    batch: Sequence[GitObject],
    seen: _Seen,
) -> None:
    """Adds what trees, commits and tags hold: tested all at once, as most are small and empty."""
    is_worth_it = has_candidates(b"\n".join(body for _, _, body in batch), terms.unique_ids)
    for each in batch:
        oid, kind, body = each
        if is_worth_it and has_candidates(body, terms.unique_ids):
            scan_small_object(scan, terms, repository.name, each, seen.silent_names)
        if kind == "tree":
            scan.gitlinks.update(gitlinks(oid, body))
        if repository.is_checked:
            scan.missing.update(_missing_ids(repository, each, seen.ids))
            if kind != "tree" and is_malformed(kind, body):
                scan.skipped.append(Skipped(f"{kind} {oid}", _MALFORMED, len(body)))


def scan_small_object(
    scan: PartialScan,
    terms: SearchTerms,
    repository: str,
    each: GitObject,
    silent_names: set[bytes] | None = None,
) -> None:
    """Adds what a tree, a commit or a tag holds.

    In a tree's `silent_names` nothing was found before; those of this one are added.
    """
    oid, kind, _ = each
    try:
        if kind == "tree":
            _scan_tree(scan, terms, each, set() if silent_names is None else silent_names)
        else:
            _scan_message(scan, terms, repository, each)
    except Exception as fault:  # noqa: BLE001 - a fault in one object must not cost the others
        scan.skipped.append(failure(f"{kind} {oid}", fault))


def _scan_tree(
    scan: PartialScan, terms: SearchTerms, each: GitObject, silent_names: set[bytes]
) -> None:
    """Adds what the names in a tree hold; a sighting's `member` is the name it is in."""
    oid, _, body = each
    for _mode, name, _raw in parse_tree(oid, body):
        if name in silent_names:
            continue
        if sightings := scan_bytes(name, terms.unique_ids).sightings:
            in_name = tuple(replace(hit, member=printable_name(name)) for hit in sightings)
            _add_hit(scan, oid, "tree", ContentResult(in_name))
        elif len(name) <= _LONGEST_NAME and len(silent_names) < _MOST_NAMES:
            silent_names.add(name)


def _scan_message(scan: PartialScan, terms: SearchTerms, repository: str, each: GitObject) -> None:
    """Adds what a commit or a tag holds: its message, and its header (names, signatures)."""
    oid, kind, body = each
    header, _, message = body.partition(b"\n\n")
    message_place, header_place = _message_places(repository, oid, kind, header)
    for text, place in ((message, message_place), (header, header_place)):
        add_result(scan, scan_bytes(text, terms.unique_ids), place)


def _add_streamed_message(
    scan: PartialScan,
    repository: str,
    streamed: StreamedObject,
    head: bytes,
    result: ContentResult,
) -> None:
    """Adds the result of a commit or a tag that was scanned as a whole, given its first bytes."""
    header = head.partition(b"\n\n")[0]
    # An empty line parts the header from the message, whose lines count from 1 again.
    lines = header.count(b"\n") + 2
    message_place, header_place = _message_places(repository, streamed.oid, streamed.kind, header)
    in_header = tuple(hit for hit in result.sightings if hit.line <= lines)
    in_message = tuple(
        replace(hit, line=hit.line - lines) for hit in result.sightings if hit.line > lines
    )
    scan.containers += result.containers
    what = f"{streamed.kind} {streamed.oid}"
    scan.skipped += (under_path(what, each) for each in result.skipped)
    add_result(scan, ContentResult(in_message), message_place)
    add_result(scan, ContentResult(in_header), header_place)


def _message_places(
    repository: str, oid: str, kind: str, header: bytes
) -> tuple[Occurrence, Occurrence]:
    """The place of the message of a commit or a tag, and that of its header."""
    author, date = parse_identity(header)
    path, commit = "", oid if kind == "commit" else None
    message_kind, header_kind = PlaceKind.COMMIT_MESSAGE, PlaceKind.COMMIT_HEADER
    if kind == "tag":
        message_kind, header_kind = PlaceKind.TAG_MESSAGE, PlaceKind.TAG_HEADER
        if tag := parse_tag(header):
            path, commit = tag.name, tag.target if tag.is_of_commit else None
    place = Occurrence(repository, path, 0, message_kind, oid, commit, author or None, date)
    return place, replace(place, where=header_kind)


def _missing_ids(repository: Repository, each: GitObject, seen: set[bytes]) -> Iterator[str]:
    """The ids that an object names and the store lacks, but for those in trees that were `seen`."""
    oid, kind, body = each
    if kind == "tree":
        # Versions of a folder have most entries in common.
        news = set(_TREE_ENTRY_ID[len(oid)].findall(body)) - seen
        seen |= news
        named = {raw.hex() for raw in news} - {""}
    else:
        header = body.partition(b"\n\n")[0]
        named = {match.decode() for match in _HEADER_ID.findall(header)}
    return (each for each in named - repository.known if len(each) == len(oid))
