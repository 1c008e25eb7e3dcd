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
from analyzer.leaks.detector import NOTHING, Found, examine, examine_stream
from analyzer.leaks.files import Entry, Stands, Unread, look_through, open_listed, readable
from analyzer.leaks.gathering import spots_at
from analyzer.leaks.objects.access import Damaged
from analyzer.leaks.objects.bodies import Streamed, Unreadable
from analyzer.leaks.objects.store import walk
from analyzer.leaks.pieces import Objects, Piece, Read, Repository, Source, Subtree
from analyzer.leaks.provenance import entries, is_malformed, signature, tag_of

if TYPE_CHECKING:
    from analyzer.leaks.plugins import OtherDetectors

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file or object that is held in memory; a larger one is read in chunks."""
_BUFFER = 1 << 20
_CHUNK = 8 << 20
_BATCH = 256 << 10
"""Bytes of small objects that are searched in one go."""
_BEGIN = 8000
_NOT_OPENED = f"an archive larger than {LARGEST} bytes: searched as it stands, not opened"
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
    read.objects += 1
    read.size += length
    if found is not NOTHING:
        where = Where.GIT_DIRECTORY if entry.in_git else Where.WORK_TREE
        _add(read, found, Occurrence(repository, entry.name, 0, where))


def failed(what: str, fault: Exception) -> Skipped:
    """Something that our own code could not bear; what was in it is not repeated here."""
    return Skipped(what, f"could not be examined: {type(fault).__name__}")


def seen(others: OtherDetectors | None, name: str, data: bytes | memoryview) -> Found:
    """What stands in some content, ours and what others see in it; binary content is ours alone."""
    found = examine(data)
    if others is None or b"\0" in bytes(data[:_BEGIN]):
        return found
    also = others.look(bytes(data).decode("utf-8", "backslashreplace"), name, found.sightings)
    if not also.sightings and not also.skipped:
        return found
    sightings = (*found.sightings, *also.sightings)
    return Found(sightings, (*found.skipped, *also.skipped), found.containers)


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
        return _in_chunks(data, iter(lambda: file.read(_CHUNK), b""))


def _in_chunks(head: bytes, following: Iterator[bytes]) -> tuple[Found, int]:
    """What content too large for memory holds, given its beginning and the rest."""
    from analyzer.leaks.coats.containers import is_container

    length = 0

    def counted() -> Iterator[bytes]:
        nonlocal length
        for begin in range(0, len(head), _CHUNK):
            yield head[begin : begin + _CHUNK]
        length = len(head)
        for chunk in following:
            length += len(chunk)
            yield chunk

    found = examine_stream(counted())
    if is_container(head):
        found = Found(
            found.sightings, (*found.skipped, Skipped("", _NOT_OPENED, length, is_gap=False))
        )
    return found, length


def _look_at_link(read: Read, repository: str, entry: Entry) -> None:
    """Adds what the text of a link holds; where it leads nobody goes."""
    try:
        target = os.fsencode(Path(entry.path).readlink())
    except OSError as fault:
        read.skipped.append(Skipped(entry.name, os.strerror(fault.errno or 0)))
        return
    if anchors(target):
        place = Occurrence(repository, entry.name, 0, Where.LINK_TARGET)
        _add(read, examine(target), place)


def _look_at_names(read: Read, repository: str, names: Sequence[tuple[str, Where]]) -> None:
    """Adds what names hold: all at once, and one by one only where that shows something."""
    if not anchors("\n".join(name for name, _ in names).encode()):
        return
    for name, where in names:
        own = name.rpartition("/")[2]
        found = examine(own.encode())
        _add(read, found, Occurrence(repository, name, 0, where))


def _add(read: Read, found: Found, place: Occurrence) -> None:
    """Adds what was found at a place, and what there could not be looked at."""
    read.spots += spots_at(found.sightings, place)
    read.containers += found.containers
    read.skipped += (below(place.path, each) for each in found.skipped)


def below(path: str, each: Skipped) -> Skipped:
    """Something left out of a file, under the file's name."""
    return replace(each, what=f"{path}!/{each.what}" if each.what else path)


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
            add_streamed(read, each)
    _look_at_lists(read, repository, waiting)
    return read


def _look_at_blob(read: Read, others: OtherDetectors | None, oid: str, body: bytes) -> None:
    found = seen(others, oid, body) if others else examine(body)
    if found is not NOTHING:
        _hit(read, oid, "blob", found)


def _look_at_lists(
    read: Read, repository: Repository, objects: Sequence[tuple[str, str, bytes]]
) -> None:
    """Adds what trees, commits and tags hold: small as they are, they are looked at in one go."""
    is_worth_it = bool(anchors(b"\n".join(body for _, _, body in objects)))
    for oid, kind, body in objects:
        if is_worth_it and anchors(body):
            (_tree if kind == "tree" else _message)(read, repository, oid, body)
        if repository.is_checked:
            read.missing.update(_lost(repository, oid, kind, body))
            if kind != "tree" and is_malformed(kind, body):
                read.skipped.append(Skipped(f"{kind} {oid}", _MALFORMED, len(body)))


def in_pieces(each: Streamed) -> tuple[Found, int]:
    """What an object holds that is too large for memory; raises Damaged where it breaks off."""
    head = b"".join(_up_to(each.chunks, _CHUNK))
    return _in_chunks(head, each.chunks)


def add_streamed(read: Read, each: Streamed) -> None:
    """Adds what an object holds that is too large for memory."""
    try:
        found, length = in_pieces(each)
    except Damaged as fault:
        read.skipped.append(Skipped(f"object {each.oid}", fault.reason, each.size))
        return
    read.objects += 1
    read.size += length
    _hit(read, each.oid, each.kind, found)


def _up_to(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        size -= len(chunk)
        if size <= 0:
            return


def _hit(read: Read, oid: str, kind: str, found: Found) -> None:
    read.containers += found.containers
    read.skipped += (below(f"object {oid}", each) for each in found.skipped)
    if found.sightings:
        read.hits.append((oid, kind, found.sightings))


def _tree(read: Read, _: Repository, oid: str, body: bytes) -> None:
    """Names in a tree; each sighting carries its name where others carry their archive's."""
    for _mode, name, _raw in entries(oid, body):
        found = examine(name)
        named = tuple(replace(each, member=readable(name)) for each in found.sightings)
        _hit(read, oid, "tree", Found(named))


def _message(read: Read, repository: Repository, oid: str, body: bytes) -> None:
    """What a commit or a tag says, and what its header does: names, addresses, signatures."""
    head, _, message = body.partition(b"\n\n")
    author, date = signature(head)
    tag = tag_of(head)
    path, commit = (
        ("", oid) if tag is None else (tag.name, tag.target if tag.is_of_commit else None)
    )
    places = (
        (message, Where.COMMIT_MESSAGE if tag is None else Where.TAG_MESSAGE),
        (head, Where.COMMIT_HEADER if tag is None else Where.TAG_HEADER),
    )
    for text, where in places:
        place = Occurrence(repository.name, path, 0, where, oid, commit, author or None, date)
        _add(read, examine(text), place)


def _lost(repository: Repository, oid: str, kind: str, body: bytes) -> Iterator[str]:
    """The objects that this one names and the store does not list."""
    if kind == "tree":
        named = {raw.hex() for raw in _BELOW[len(oid)].findall(body)} - {""}
    else:
        named = {match.decode() for match in _NAMED.findall(body.partition(b"\n\n")[0])}
    return (each for each in named - repository.known if len(each) == len(oid))
