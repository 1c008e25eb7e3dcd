"""In: a piece of work. Out: what its files or objects hold, and what of them could not be read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.leaks.anchors import anchors
from analyzer.leaks.credentials import Occurrence, Skipped, Where
from analyzer.leaks.detector import NOTHING, Found, examine
from analyzer.leaks.files import Entry, Stands, Unread, look_through, open_listed, readable
from analyzer.leaks.objects.access import Damaged
from analyzer.leaks.objects.bodies import Streamed, Unreadable
from analyzer.leaks.objects.store import walk
from analyzer.leaks.objects.trees import entries
from analyzer.leaks.pieces import Objects, Piece, Read, Repository, Source, Subtree
from analyzer.leaks.probing import (
    CHUNK,
    LARGEST,
    add,
    below,
    failed,
    in_chunks,
    in_pieces,
    probe,
    seen,
)
from analyzer.leaks.provenance import is_malformed, signature, tag_of

if TYPE_CHECKING:
    from analyzer.leaks.plugins import OtherDetectors

_BUFFER = 1 << 20
_BATCH = 256 << 10
"""Bytes of small objects that are searched in one go."""
_MALFORMED = "malformed: what it leads to is not known"
# What a tree names by 20 or 32 raw bytes, but for submodules: their commits stand elsewhere.
_BELOW = {
    2 * length: re.compile(
        rb"160000 [^\0]+\0.{%d}|[0-7]+ [^\0]+\0(.{%d})" % (length, length), re.DOTALL
    )
    for length in (20, 32)
}
_NAMED = re.compile(rb"(?:^tree|^parent|^object) ([0-9a-f]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that is read, and who else shall look at it; None: nobody."""

    sources: Sequence[Source]
    repositories: Sequence[Repository]
    others: OtherDetectors | None = None


def look(ground: Ground, piece: Piece) -> Read:
    """What one piece holds. Reads on past whatever can't be read, and says what that was."""
    if isinstance(piece, Objects):
        return _look_at_objects(ground, piece)
    return _look_at_subtree(ground, piece)


def _look_at_subtree(ground: Ground, piece: Subtree) -> Read:
    read, source = Read(), ground.sources[piece.source]
    buffer = bytearray(_BUFFER)
    names: list[tuple[str, Where]] = []
    listing = look_through(
        piece.folder, piece.prefix, source.root, in_git=piece.in_git, deep=piece.deep
    )
    for entry in listing:
        if isinstance(entry, Skipped):
            read.skipped.append(entry)
            continue
        if entry.kind is Stands.GIT:
            read.git.append((Path(entry.path), entry.name))
            continue
        names.append((entry.name, Where.GIT_DIRECTORY if entry.in_git else Where.FILE_NAME))
        if entry.kind is Stands.FILE:
            look_at_file(read, source.name, entry, buffer, ground.others)
        elif entry.kind is Stands.LINK:
            _look_at_link(read, source.name, entry)
    _look_at_names(read, source.name, names)
    return read


def look_at_file(
    read: Read,
    repository: str,
    entry: Entry,
    buffer: bytearray,
    others: OtherDetectors | None = None,
) -> None:
    """Adds what one file holds; `buffer` is used again for every small one."""
    try:
        descriptor, size = open_listed(entry.path)
        try:
            found, length = _content(descriptor, size, buffer, partial(seen, others, entry.name))
        finally:
            os.close(descriptor)
    except Unread as fault:
        read.skipped.append(Skipped(entry.name, fault.reason, fault.size))
        return
    except OSError as fault:
        read.skipped.append(Skipped(entry.name, os.strerror(fault.errno or 0)))
        return
    except Exception as fault:  # noqa: BLE001 - one file's misfortune is no other's
        read.skipped.append(failed(entry.name, fault))
        return
    read.objects += 1
    read.size += length
    if found is not NOTHING:
        where = Where.GIT_DIRECTORY if entry.in_git else Where.WORK_TREE
        add(read, found, Occurrence(repository, entry.name, 0, where))


def _content(
    descriptor: int, size: int, buffer: bytearray, see: Callable[[bytes | memoryview], Found]
) -> tuple[Found, int]:
    """What an open file holds, and how long it is, whatever `size` was."""
    if size < len(buffer):
        length = os.readv(descriptor, [buffer])
        if length < len(buffer):
            return see(memoryview(buffer)[:length]), length
        os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        data = file.read(LARGEST + 1)
        if len(data) <= LARGEST:
            return see(data), len(data)
        return in_chunks(data, iter(lambda: file.read(CHUNK), b""))


def _look_at_link(read: Read, repository: str, entry: Entry) -> None:
    """Adds what the text of a link holds; where it leads nobody goes."""
    try:
        target = os.fsencode(Path(entry.path).readlink())
    except OSError as fault:
        read.skipped.append(Skipped(entry.name, os.strerror(fault.errno or 0)))
        return
    if anchors(target):
        place = Occurrence(repository, entry.name, 0, Where.LINK_TARGET)
        probe(read, target, place)


def _look_at_names(read: Read, repository: str, names: Sequence[tuple[str, Where]]) -> None:
    """Adds what names hold: all at once, and one by one only where that shows something."""
    if not anchors("\n".join(name for name, _ in names).encode()):
        return
    for name, where in names:
        own = name.rpartition("/")[2]
        probe(read, own.encode(), Occurrence(repository, name, 0, where))


def _look_at_objects(ground: Ground, piece: Objects) -> Read:
    read, repository = Read(), ground.repositories[piece.repository]
    waiting: list[tuple[str, str, bytes]] = []
    held = 0
    for each in walk(repository.store, piece.unit):
        if isinstance(each, tuple):
            oid, kind, body = each
            read.objects += 1
            read.size += len(body)
            if kind == "blob":
                _look_at_blob(read, ground.others, oid, body)
                continue
            waiting.append(each)
            held += len(body)
            if held >= _BATCH:
                _look_at_lists(read, repository, waiting)
                waiting, held = [], 0
        elif isinstance(each, Unreadable):
            read.unread.append(each)
        else:
            add_streamed(read, repository.name, each)
    _look_at_lists(read, repository, waiting)
    return read


def _look_at_blob(read: Read, others: OtherDetectors | None, oid: str, body: bytes) -> None:
    try:
        found = seen(others, oid, body) if others else examine(body)
    except Exception as fault:  # noqa: BLE001 - one object's misfortune is no other's
        read.skipped.append(failed(f"object {oid}", fault))
        return
    if found is not NOTHING:
        _hit(read, oid, "blob", found)


def _look_at_lists(
    read: Read, repository: Repository, objects: Sequence[tuple[str, str, bytes]]
) -> None:
    """Adds what trees, commits and tags hold: small as they are, they are looked at in one go."""
    is_worth_it = bool(anchors(b"\n".join(body for _, _, body in objects)))
    for oid, kind, body in objects:
        if is_worth_it and anchors(body):
            _look_at_list(read, repository, oid, kind, body)
        if repository.is_checked:
            read.missing.update(_lost(repository, oid, kind, body))
            if kind != "tree" and is_malformed(kind, body):
                read.skipped.append(Skipped(f"{kind} {oid}", _MALFORMED, len(body)))


def _look_at_list(read: Read, repository: Repository, oid: str, kind: str, body: bytes) -> None:
    try:
        if kind == "tree":
            _tree(read, oid, body)
        else:
            _message(read, repository.name, oid, kind, body)
    except Exception as fault:  # noqa: BLE001 - one object's misfortune is no other's
        read.skipped.append(failed(f"{kind} {oid}", fault))


def add_streamed(read: Read, repository: str, each: Streamed) -> None:
    """Adds what an object holds that is too large for memory."""
    try:
        found, length, head = in_pieces(each)
    except Damaged as fault:
        read.skipped.append(Skipped(f"object {each.oid}", fault.reason, each.size))
        return
    except Unread:
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
    read: Read, repository: str, each: Streamed, head: bytes, found: Found
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


def _tree(read: Read, oid: str, body: bytes) -> None:
    """Names in a tree; each sighting carries its name where others carry their archive's."""
    for _mode, name, _raw in entries(oid, body):
        found = examine(name)
        named = tuple(replace(each, member=readable(name)) for each in found.sightings)
        _hit(read, oid, "tree", Found(named))


def _message(read: Read, repository: str, oid: str, kind: str, body: bytes) -> None:
    """What a commit or a tag says, and what its header does: names, addresses, signatures."""
    head, _, message = body.partition(b"\n\n")
    said, named = _places(repository, oid, kind, head)
    for text, place in ((message, said), (head, named)):
        add(read, examine(text), place)


def _places(repository: str, oid: str, kind: str, head: bytes) -> tuple[Occurrence, Occurrence]:
    """Where the message of a commit or a tag stands, and where its header does."""
    author, date = signature(head)
    path, commit = "", oid if kind == "commit" else None
    places = Where.COMMIT_MESSAGE, Where.COMMIT_HEADER
    if kind == "tag":
        places = Where.TAG_MESSAGE, Where.TAG_HEADER
        if tag := tag_of(head):
            path, commit = tag.name, tag.target if tag.is_of_commit else None
    said, named = (
        Occurrence(repository, path, 0, where, oid, commit, author or None, date)
        for where in places
    )
    return said, named


def _lost(repository: Repository, oid: str, kind: str, body: bytes) -> Iterator[str]:
    """The objects that this one names and the store does not list."""
    if kind == "tree":
        named = {raw.hex() for raw in _BELOW[len(oid)].findall(body)} - {""}
    else:
        named = {match.decode() for match in _NAMED.findall(body.partition(b"\n\n")[0])}
    return (each for each in named - repository.known if len(each) == len(oid))
