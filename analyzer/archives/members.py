"""In: bytes that may be an archive. Out: the files in it, however deep, and what stayed closed.

Told by its content, never by its name. Everything happens in memory: names are data, no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from analyzer.archives.budget import Budget
from analyzer.archives.bundle_reader import bundle_entries, is_bundle, pack_entries
from analyzer.archives.decompress import DamagedError, compression, pieces
from analyzer.archives.signatures import (
    BLOCK,
    BUNDLE,
    MAGIC,
    PACK,
    STRANGE,
    ZIP_END,
    ZIP_FILE,
    Packed,
    ends_as_zip,
    may_be_packed,
)
from analyzer.archives.tar_reader import Tape, is_tar, tar_entries
from analyzer.archives.zip_reader import Content, Entry, zip_entries

CONTENT = "content"
"""What the one thing in a compressed file is called, which has no name of its own."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. `name` is the way to it below the outer file: "a.zip!/b.txt"."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Unopened:
    """Something in an archive that could not be read, or must not be, why, and its size."""

    what: str
    reason: str
    size: int | None = None


Opened: TypeAlias = Iterator[Member | Unopened]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something lies: its name, what stands before names in it, archives still allowed."""

    name: str
    way: str
    depth: int

    def inner(self, name: str) -> "_Place":
        """The place of a file in the archive that lies here."""
        way = f"{self.way}!/{name}" if self.way else name
        return _Place(way, way, self.depth - 1)

    def content(self) -> "_Place":
        """The place of what is compressed here; an archive in it is no longer way than this one."""
        return _Place(self.inner(CONTENT).name, self.way, self.depth - 1)


def is_container(data: Packed) -> bool:
    """Whether the content begins, or ends, as an archive or a compressed file does."""
    return may_be_packed(data) and (ends_as_zip(data) or _form(bytes(data[:BLOCK])) is not None)


def members(data: Packed, budget: Budget, name: str = "") -> Opened:
    """Every file in an archive, and in the archives in it, each once; `name` is where it lies.

    What is damaged is given as far as it could be read. Never raises, never unpacks more than the
    budget allows, and says of everything that was left out why.
    """
    return _open(memoryview(data), budget, _Place(name, name, budget.depth))


def _form(head: bytes) -> str | None:
    """What content that begins so is: "zip", "tar", a compressing program, or something strange."""
    if is_tar(head):
        return "tar"
    if not head.startswith(MAGIC):
        return None
    if head.startswith((ZIP_FILE, ZIP_END)):
        return "zip"
    if head.startswith(BUNDLE):
        return "git bundle" if is_bundle(head) else None
    if head.startswith(PACK):
        return "git pack"
    strange = next((form for magic, form in STRANGE.items() if head.startswith(magic)), None)
    return strange or compression(head)


def _open(data: memoryview, budget: Budget, place: _Place) -> Opened:
    if not place.depth:
        yield Unopened(place.name, "lies in too many archives inside each other", len(data))
        return
    form = _form(bytes(data[:BLOCK]))
    if form in STRANGE.values():
        yield Unopened(place.name, f"{form}: not opened", len(data))
    elif form == "tar":
        yield from _entries(tar_entries(Tape(data)), budget, place, len(data))
    elif form == "git bundle":
        yield from _entries(bundle_entries(data), budget, place, len(data))
    elif form == "git pack":
        yield from _entries(pack_entries(data), budget, place, len(data))
    elif form is None or form == "zip":
        yield from _entries(zip_entries(data), budget, place, len(data))
    else:
        yield from _file(pieces(data, form), budget, place.content(), len(data))


def _entries(entries: Iterator[Entry], budget: Budget, place: _Place, size: int) -> Opened:
    try:
        for entry in entries:
            if not budget.takes_member():
                yield Unopened(place.name, f"it {budget.latest}: the rest is not read", size)
                return
            yield from _file(entry.content, budget, place.inner(entry.name), entry.size)
    except DamagedError as fault:
        yield Unopened(place.name, str(fault), size)


def _file(content: Content, budget: Budget, place: _Place, size: int) -> Opened:
    """A file in an archive: itself or, where it is an archive too, what that holds."""
    if isinstance(content, str):
        yield Unopened(place.name, content, size)
        return
    if isinstance(content, memoryview):
        yield from _leaf(content, budget, place)
        return
    head, content = _begun(content)
    if is_tar(head[:BLOCK]):
        yield from _streamed(head, content, budget, place, size)
        return
    found, reason = _unpacked(content, budget)
    if reason:
        yield Unopened(place.name, reason, size)
    if found:
        budget.room -= len(found)
        yield from _leaf(memoryview(found), budget, place)
        budget.room += len(found)


def _begun(content: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """How a file begins, and all of it."""
    head, following = b"", content
    try:
        while len(head) < BLOCK and (piece := next(content, b"")):
            head += piece
    except DamagedError as fault:
        following = _broken(fault)
    return head, chain((head,), following)


def _broken(fault: DamagedError) -> Iterator[bytes]:
    """What follows where nothing can be read any more."""
    raise fault
    yield b""


def _streamed(
    head: bytes, content: Iterator[bytes], budget: Budget, place: _Place, size: int
) -> Opened:
    """The files of a tar archive that is unpacked while it is read; no more than one is held."""
    if not place.depth:
        yield Unopened(place.name, "lies in too many archives inside each other", size)
        return
    opened = 0
    entries = tar_entries(Tape(_charged(content, budget)))
    for each in _entries(entries, budget, place, size):
        opened += isinstance(each, Member)
        yield each
    if not opened:
        yield Member(place.name, head)


def _charged(content: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    """The pieces, as long as the budget has room for them."""
    for piece in content:
        if not budget.takes(len(piece)):
            raise DamagedError(f"it {budget.latest}: the rest is not read")
        yield piece


def _unpacked(content: Iterator[bytes], budget: Budget) -> tuple[bytes, str]:
    """As much of a file as can be read and afforded, and why that is not all of it."""
    found: list[bytes] = []
    length, reason = 0, ""
    try:
        for piece in content:
            length += len(piece)
            if length > min(budget.largest, budget.room):
                reason = f"unpacks to more than {length - len(piece)} bytes: the rest is not read"
            elif not budget.takes(len(piece)):
                reason = f"it {budget.latest}: the rest is not read"
            if reason:
                break
            found.append(piece)
    except DamagedError as fault:
        reason = str(fault)
    return b"".join(found), reason


def _leaf(data: memoryview, budget: Budget, place: _Place) -> Opened:
    opened = 0
    if is_container(data):
        for each in _open(data, budget, place):
            opened += isinstance(each, Member)
            yield each
    if opened:
        return
    # It is none, or it only looked like one: so it is searched as it stands.
    if isinstance(data.obj, bytes) and len(data.obj) == len(data):
        yield Member(place.name, data.obj)
    elif len(data) > budget.largest:
        yield Unopened(place.name, f"has more than {budget.largest} bytes", len(data))
    elif not budget.takes(len(data)):
        yield Unopened(place.name, f"it {budget.latest}", len(data))
    else:
        yield Member(place.name, bytes(data))
