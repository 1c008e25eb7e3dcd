"""In: one object of a repository. Out: what it holds, added to a Read; which object it was."""

from __future__ import annotations

from dataclasses import replace

from analyzer.files import Skipped, UnreadableFile, printable_name
from analyzer.git.history import parse_identity, parse_tag
from analyzer.git.objects import GitObject, StreamedObject
from analyzer.git.safe_open import DamagedObject
from analyzer.git.trees import parse_tree
from analyzer.leaks.detect.candidate import NOTHING, ContentResult
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import Occurrence, PlaceKind
from analyzer.leaks.sources.content import (
    SearchTerms,
    add_result,
    failure,
    scan_content,
    scan_in_pieces,
    under_path,
)
from analyzer.leaks.sources.work import PartialScan


def scan_blob(read: PartialScan, terms: SearchTerms, oid: str, body: bytes) -> None:
    """Adds what a file of the history holds."""
    try:
        found = scan_content(terms, oid, body)
    except Exception as fault:  # noqa: BLE001 - one object's misfortune is no other's
        read.skipped.append(failure(f"object {oid}", fault))
        return
    if found is not NOTHING:
        _record_blob(read, oid, "blob", found)


def scan_small_object(
    read: PartialScan, terms: SearchTerms, repository: str, each: GitObject
) -> None:
    """Adds what a tree, a commit or a tag holds."""
    oid, kind, _ = each
    try:
        if kind == "tree":
            _scan_tree(read, terms, each)
        else:
            _scan_message(read, terms, repository, each)
    except Exception as fault:  # noqa: BLE001 - one object's misfortune is no other's
        read.skipped.append(failure(f"{kind} {oid}", fault))


def scan_streamed_object(
    read: PartialScan, terms: SearchTerms, repository: str, each: StreamedObject
) -> None:
    """Adds what an object holds that is too large for memory."""
    try:
        found, length, head = scan_in_pieces(terms, each)
    except DamagedObject as fault:
        read.skipped.append(Skipped(f"object {each.oid}", fault.reason, each.size))
        return
    except UnreadableFile:
        raise
    except Exception as fault:  # noqa: BLE001 - one object's misfortune is no other's
        read.skipped.append(failure(f"object {each.oid}", fault))
        return
    read.objects += 1
    read.size += length
    if each.kind in {"commit", "tag"}:
        _scan_long_message(read, repository, each, head, found)
    else:
        _record_blob(read, each.oid, each.kind, found)


def _scan_long_message(
    read: PartialScan, repository: str, each: StreamedObject, head: bytes, found: ContentResult
) -> None:
    """Adds what was found in a commit or a tag, given its beginning."""
    header = head.partition(b"\n\n")[0]
    # Lines of a message are counted from where it begins, behind an empty line.
    lines = header.count(b"\n") + 2
    said, named = _places(repository, each.oid, each.kind, header)
    below_header = (hit for hit in found.sightings if hit.line > lines)
    moved = tuple(replace(hit, line=hit.line - lines) for hit in below_header)
    read.containers += found.containers
    read.skipped += (under_path(f"{each.kind} {each.oid}", part) for part in found.skipped)
    add_result(read, ContentResult(moved), said)
    add_result(
        read, ContentResult(tuple(hit for hit in found.sightings if hit.line <= lines)), named
    )


def _record_blob(read: PartialScan, oid: str, kind: str, found: ContentResult) -> None:
    read.containers += found.containers
    read.skipped += (under_path(f"object {oid}", each) for each in found.skipped)
    if found.sightings:
        read.hits.append((oid, kind, found.sightings))


def _scan_tree(read: PartialScan, terms: SearchTerms, each: GitObject) -> None:
    """Names in a tree; each sighting carries its name where others carry their archive's."""
    oid, _, body = each
    for _mode, name, _raw in parse_tree(oid, body):
        found = scan_bytes(name, terms.unique_ids)
        named = tuple(replace(hit, member=printable_name(name)) for hit in found.sightings)
        _record_blob(read, oid, "tree", ContentResult(named))


def _scan_message(read: PartialScan, terms: SearchTerms, repository: str, each: GitObject) -> None:
    """What a commit or a tag says, and what its header does: names, addresses, signatures."""
    oid, kind, body = each
    head, _, message = body.partition(b"\n\n")
    said, named = _places(repository, oid, kind, head)
    for text, place in ((message, said), (head, named)):
        add_result(read, scan_bytes(text, terms.unique_ids), place)


def _places(repository: str, oid: str, kind: str, head: bytes) -> tuple[Occurrence, Occurrence]:
    """Where the message of a commit or a tag stands, and where its header does."""
    author, date = parse_identity(head)
    path, commit = "", oid if kind == "commit" else None
    places = PlaceKind.COMMIT_MESSAGE, PlaceKind.COMMIT_HEADER
    if kind == "tag":
        places = PlaceKind.TAG_MESSAGE, PlaceKind.TAG_HEADER
        if tag := parse_tag(head):
            path, commit = tag.name, tag.target if tag.is_of_commit else None
    said, named = (
        Occurrence(repository, path, 0, where, oid, commit, author or None, date)
        for where in places
    )
    return said, named
