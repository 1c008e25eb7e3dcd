"""In: one object of a repository. Out: what it holds, added to a Read; which object it was."""

from __future__ import annotations

from dataclasses import replace

from analyzer.files import Skipped, UnreadableFile, printable_name
from analyzer.git.history import parse_identity, parse_tag
from analyzer.git.objects import GitObject, StreamedObject
from analyzer.git.safe_open import DamagedObject
from analyzer.git.trees import parse_tree
from analyzer.leaks.detect.candidate import NOTHING, Found
from analyzer.leaks.detect.detector import examine
from analyzer.leaks.model import Occurrence, Where
from analyzer.leaks.sources.content import Lens, add, below, failed, in_pieces, seen
from analyzer.leaks.sources.work import Read


def add_blob(read: Read, lens: Lens, oid: str, body: bytes) -> None:
    """Adds what a file of the history holds."""
    try:
        found = seen(lens, oid, body)
    except Exception as fault:  # noqa: BLE001 - one object's misfortune is no other's
        read.skipped.append(failed(f"object {oid}", fault))
        return
    if found is not NOTHING:
        _hit(read, oid, "blob", found)


def add_list(read: Read, lens: Lens, repository: str, each: GitObject) -> None:
    """Adds what a tree, a commit or a tag holds."""
    oid, kind, _ = each
    try:
        if kind == "tree":
            _tree(read, lens, each)
        else:
            _message(read, lens, repository, each)
    except Exception as fault:  # noqa: BLE001 - one object's misfortune is no other's
        read.skipped.append(failed(f"{kind} {oid}", fault))


def add_streamed(read: Read, lens: Lens, repository: str, each: StreamedObject) -> None:
    """Adds what an object holds that is too large for memory."""
    try:
        found, length, head = in_pieces(lens, each)
    except DamagedObject as fault:
        read.skipped.append(Skipped(f"object {each.oid}", fault.reason, each.size))
        return
    except UnreadableFile:
        raise
    except Exception as fault:  # noqa: BLE001 - one object's misfortune is no other's
        read.skipped.append(failed(f"object {each.oid}", fault))
        return
    read.objects += 1
    read.size += length
    if each.kind in {"commit", "tag"}:
        _add_long_message(read, repository, each, head, found)
    else:
        _hit(read, each.oid, each.kind, found)


def _add_long_message(
    read: Read, repository: str, each: StreamedObject, head: bytes, found: Found
) -> None:
    """Adds what was found in a commit or a tag, given its beginning."""
    header = head.partition(b"\n\n")[0]
    # Lines of a message are counted from where it begins, behind an empty line.
    lines = header.count(b"\n") + 2
    said, named = _places(repository, each.oid, each.kind, header)
    below_header = (hit for hit in found.sightings if hit.line > lines)
    moved = tuple(replace(hit, line=hit.line - lines) for hit in below_header)
    read.containers += found.containers
    read.skipped += (below(f"{each.kind} {each.oid}", part) for part in found.skipped)
    add(read, Found(moved), said)
    add(read, Found(tuple(hit for hit in found.sightings if hit.line <= lines)), named)


def _hit(read: Read, oid: str, kind: str, found: Found) -> None:
    read.containers += found.containers
    read.skipped += (below(f"object {oid}", each) for each in found.skipped)
    if found.sightings:
        read.hits.append((oid, kind, found.sightings))


def _tree(read: Read, lens: Lens, each: GitObject) -> None:
    """Names in a tree; each sighting carries its name where others carry their archive's."""
    oid, _, body = each
    for _mode, name, _raw in parse_tree(oid, body):
        found = examine(name, lens.sought)
        named = tuple(replace(hit, member=printable_name(name)) for hit in found.sightings)
        _hit(read, oid, "tree", Found(named))


def _message(read: Read, lens: Lens, repository: str, each: GitObject) -> None:
    """What a commit or a tag says, and what its header does: names, addresses, signatures."""
    oid, kind, body = each
    head, _, message = body.partition(b"\n\n")
    said, named = _places(repository, oid, kind, head)
    for text, place in ((message, said), (head, named)):
        add(read, examine(text, lens.sought), place)


def _places(repository: str, oid: str, kind: str, head: bytes) -> tuple[Occurrence, Occurrence]:
    """Where the message of a commit or a tag stands, and where its header does."""
    author, date = parse_identity(head)
    path, commit = "", oid if kind == "commit" else None
    places = Where.COMMIT_MESSAGE, Where.COMMIT_HEADER
    if kind == "tag":
        places = Where.TAG_MESSAGE, Where.TAG_HEADER
        if tag := parse_tag(head):
            path, commit = tag.name, tag.target if tag.is_of_commit else None
    said, named = (
        Occurrence(repository, path, 0, where, oid, commit, author or None, date)
        for where in places
    )
    return said, named
