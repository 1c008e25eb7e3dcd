"""In: bytes that may be an archive. Out: the files in it, however deep, and what was not opened.

A format is recognised by content, never by name. Nothing is written to disk: names in an archive
are only data.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath

from analyzer.archives.ar_reader import read_ar
from analyzer.archives.budget import Budget
from analyzer.archives.bundle_reader import is_bundle, read_bundle, read_pack
from analyzer.archives.decompress import DamagedError, compression_format, decompress
from analyzer.archives.opened import (
    ALL_THAT_CAN_BE_READ,
    Member,
    Opened,
    OpeningRules,
    StreamedMember,
    UnopenedMember,
)
from analyzer.archives.pieces import Ending, charge_pieces, hold, peek, slices
from analyzer.archives.signatures import (
    AR,
    BLOCK,
    BUNDLE,
    LONGEST_COMMENT,
    MAGIC,
    PACK,
    SQLITE,
    UNSUPPORTED,
    ZIP_END,
    ZIP_FILE,
    ZIP_TAIL,
    Packed,
    ends_as_zip,
    looks_like_archive,
)
from analyzer.archives.tar_reader import TarStream, is_tar, read_tar
from analyzer.archives.verify import verify_entry
from analyzer.archives.zip_reader import ArchiveEntry, Content, read_zip

__all__ = [
    "Member",
    "Opened",
    "OpeningRules",
    "StreamedMember",
    "UnopenedMember",
    "is_archive",
    "iter_members",
]

CONTENT = "content"
"""The name of what is in a compressed file, which states none."""
_AR, _DATABASE = "ar archive", "SQLite database"
_TOO_LARGE = "too large to be opened within another"


@dataclass(frozen=True, slots=True)
class _ArchivePlace:
    """Where something lies: its name, and the prefix of the names in it if it is an archive.

    `depth` is how many archives inside each other are still allowed from here on.
    """

    name: str
    prefix: str
    depth: int
    rules: OpeningRules

    def inner(self, name: str) -> "_ArchivePlace":
        """The place of a file in the archive that lies here."""
        path = f"{self.prefix}{self.rules.separator}{name}" if self.prefix else name
        return _ArchivePlace(path, path, self.depth - 1, self.rules)

    def content(self) -> "_ArchivePlace":
        """The place of what is compressed here; names in it are not prefixed with `CONTENT`."""
        own = self.prefix.rpartition(self.rules.separator)[2]
        name = PurePosixPath(own).stem if self.rules.keeps_stem else CONTENT
        return _ArchivePlace(self.inner(name).name, self.prefix, self.depth - 1, self.rules)


def is_archive(data: Packed) -> bool:
    """Whether the content begins, or ends, as an archive or a compressed file does."""
    return looks_like_archive(data) and (
        ends_as_zip(data) or _form(bytes(data[:BLOCK])) is not None
    )


def iter_members(
    data: Packed, budget: Budget, name: str = "", rules: OpeningRules = ALL_THAT_CAN_BE_READ
) -> Opened:
    """Every file in the archive `name`, and in the archives in it, each once.

    A damaged file comes as far as it can be read, or not at all if the rules are strict. Never
    raises, never unpacks more than the budget allows, and reports everything that was left out,
    with the reason.
    """
    place = _ArchivePlace(name, name, budget.depth, rules)
    return _open_archive(memoryview(data), budget, place)


def _form(head: bytes) -> str | None:
    """The format of content that begins with `head`; None where it is none that is known.

    A key of `_ENTRIES`, a value of `UNSUPPORTED`, or a compressing program.
    """
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
    if head.startswith(AR):
        return _AR
    if head.startswith(SQLITE):
        return _DATABASE
    unsupported = (form for magic, form in UNSUPPORTED.items() if head.startswith(magic))
    return next(unsupported, None) or compression_format(head)


def _open_archive(data: memoryview, budget: Budget, place: _ArchivePlace) -> Opened:
    if not place.depth:
        yield UnopenedMember(place.name, "lies in too many archives inside each other", len(data))
        return
    form, is_strict = _form(bytes(data[:BLOCK])), place.rules.is_strict
    if reason := place.rules.refusal(data):
        yield UnopenedMember(place.name, reason, len(data))
    elif form in UNSUPPORTED.values():
        yield UnopenedMember(place.name, f"{form}: not opened", len(data))
    elif form == _DATABASE and is_strict:
        yield Member(place.name, bytes(data))
    elif form is None or form in _ENTRIES:
        entries = _ENTRIES[form or "zip"](data, is_strict)
        yield from _iter_entries(entries, budget, place, len(data))
    else:
        content = decompress(data, form, with_rest=not is_strict)
        yield from _iter_file(content, budget, place.content(), len(data))
    # What one program takes for a database, say, another takes for a zip archive. Behind a tar
    # archive it was found already.
    if not is_strict and form not in {None, "zip", "tar"} and ends_as_zip(data):
        yield from _iter_entries(read_zip(data), budget, place, len(data))


def _read_database(data: memoryview) -> Iterator[ArchiveEntry]:
    from analyzer.archives.sqlite_reader import read_sqlite  # few have one

    return read_sqlite(data)


_ENTRIES: dict[str, Callable[[memoryview, bool], Iterator[ArchiveEntry]]] = {
    "zip": lambda data, is_strict: read_zip(data, is_strict=is_strict),
    "tar": lambda data, is_strict: read_tar(TarStream(data), is_strict=is_strict),
    "git bundle": lambda data, _: read_bundle(data),
    "git pack": lambda data, _: read_pack(data),
    _AR: lambda data, _: read_ar(data),
    _DATABASE: lambda data, _: _read_database(data),
}
"""How each format is read that holds files: from its bytes, and strictly or not."""


def _iter_entries(
    entries: Iterator[ArchiveEntry], budget: Budget, place: _ArchivePlace, size: int
) -> Opened:
    try:
        for entry in entries:
            if not budget.charge_member():
                yield UnopenedMember(
                    place.name, f"it {budget.last_refusal}: the rest is not read", size
                )
                return
            content = verify_entry(entry) if place.rules.is_strict else entry.content
            yield from _iter_file(content, budget, place.inner(entry.name), entry.size)
    except DamagedError as fault:
        yield UnopenedMember(place.name, str(fault), size)


def _iter_file(content: Content, budget: Budget, place: _ArchivePlace, size: int) -> Opened:
    """A file in an archive: itself or, if it is an archive too, the files in that."""
    if isinstance(content, str):
        yield UnopenedMember(place.name, content, size)
        return
    if isinstance(content, memoryview):
        yield from _open_or_give(content, budget, place)
        return
    head, content = peek(content)
    if is_tar(head[:BLOCK]):
        yield from _iter_streamed_tar(head, content, budget, place, size)
        return
    body, rest, reason = hold(content, budget)
    if rest and not place.rules.is_strict:
        budget.free_bytes -= len(body)
        pieces = chain(slices(memoryview(body)), charge_pieces(rest, budget))
        yield from _iter_long(_form(head[:BLOCK]), pieces, budget, place, size)
        budget.free_bytes += len(body)
        return
    if reason:
        yield UnopenedMember(place.name, reason, size)
    if (not reason) if place.rules.is_strict else body:
        budget.free_bytes -= len(body)
        yield from _open_or_give(memoryview(body), budget, place)
        budget.free_bytes += len(body)


def _iter_long(
    form: str | None, pieces: Iterator[bytes], budget: Budget, place: _ArchivePlace, size: int
) -> Opened:
    """A file that is too large to be held: as a stream, or what it unpacks to if compressed."""
    if form is None:
        ending = Ending(pieces, ZIP_TAIL + LONGEST_COMMENT)
        yield from _stream(iter(ending), place, size)
        if ends_as_zip(ending.last):
            yield UnopenedMember(place.name, f"zip: {_TOO_LARGE}", size)
    elif form in _ENTRIES or form in UNSUPPORTED.values() or not place.depth:
        yield UnopenedMember(place.name, f"{form}: {_TOO_LARGE}", size)
        yield from _stream(pieces, place, size)
    else:
        content = decompress(pieces, form, with_rest=True)
        yield from _iter_file(content, budget, place.content(), size)


def _stream(pieces: Iterator[bytes], place: _ArchivePlace, size: int) -> Opened:
    """The pieces as a member, and behind it why they are not all."""
    reasons: list[str] = []

    def until_cut() -> Iterator[bytes]:
        read = 0
        try:
            for piece in pieces:
                yield piece
                read += len(piece)
        except DamagedError as fault:
            reasons.append(f"{fault} ({read} bytes were read)")

    yield StreamedMember(place.name, until_cut())
    yield from (UnopenedMember(place.name, reason, size) for reason in reasons)


def _iter_streamed_tar(
    head: bytes, content: Iterator[bytes], budget: Budget, place: _ArchivePlace, size: int
) -> Opened:
    """The files of a compressed tar archive, read while it is unpacked; one is held at a time."""
    if not place.depth:
        yield UnopenedMember(place.name, "lies in too many archives inside each other", size)
        return
    opened = 0
    entries = read_tar(TarStream(charge_pieces(content, budget)), is_strict=place.rules.is_strict)
    for each in _iter_entries(entries, budget, place, size):
        opened += not isinstance(each, UnopenedMember)
        yield each
    if not opened and not place.rules.is_strict:
        yield Member(place.name, head)


def _open_or_give(data: memoryview, budget: Budget, place: _ArchivePlace) -> Opened:
    """The files in an archive, the data itself, or both: a zip archive may stand behind something.

    The data comes where it is no archive, where nothing came of it, and where only its end is one.
    """
    opened = 0
    if is_archive(data):
        for each in _open_archive(data, budget, place):
            opened += not isinstance(each, UnopenedMember)
            yield each
        if place.rules.is_strict:
            return
    held = data.obj if isinstance(data.obj, bytes) and len(data.obj) == len(data) else None
    if opened and _form(bytes(data[:BLOCK])):
        # What is a part of other bytes is searched with those.
        if held is not None and place.rules.gives_opened:
            yield Member(place.name, held, is_opened=True)
        return
    if held is not None:
        yield Member(place.name, held)
    elif len(data) > budget.largest and place.rules.is_strict:
        yield UnopenedMember(place.name, f"has more than {budget.largest} bytes", len(data))
    elif len(data) > budget.largest:
        yield from _stream(charge_pieces(slices(data), budget), place, len(data))
    elif not budget.charge_unpacked(len(data)):
        yield UnopenedMember(place.name, f"it {budget.last_refusal}", len(data))
    else:
        yield Member(place.name, bytes(data))
