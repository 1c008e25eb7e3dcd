"""In: a tar archive in memory, or in pieces. Out: its entries, in its order, one at a time.

An archive in pieces is never in memory as a whole. The format is parsed here rather than by a
library, so that false sizes do no harm.
Formats: POSIX.1-2017 "pax"; GNU tar manual, "Basic Tar Format".
"""

import hashlib
import sys
from collections.abc import Iterator
from itertools import chain

from analyzer.archives.decompress import DamagedError
from analyzer.archives.signatures import BLOCK, has_tar_magic
from analyzer.archives.zip_reader import ArchiveEntry, Content

_NAME, _SIZE, _CHECKSUM, _TARGET, _PREFIX = (
    slice(100), slice(124, 136), slice(148, 156), slice(157, 257), slice(345, 500),
)  # fmt: skip
_POSIX = slice(257, 263)
_KIND, _EXTENDED, _EXTENDED_AGAIN = 156, 482, 504
_LONG_NAME, _LONG_LINK, _SPARSE = "L", "K", "S"
_OWN, _GLOBAL = "xX", "g"
HEADERS = f"{_OWN}{_GLOBAL}"
"""The kinds of extended headers: of the next entry, and of all that follow."""
HARD_LINK, LINK = "1", "2"
NO_FILES = f"{HARD_LINK}{LINK}3456DV"
"""The kinds of entries without content: links, devices, folders, pipes, and others."""
HIDDEN = "hidden"
"""Stands in place of a kind where one of these has content all the same."""
_LINKS = frozenset({HARD_LINK, LINK})
_IRREGULAR = f"{HARD_LINK}{LINK}346{_SPARSE}"
"""Links, devices, pipes and sparse files."""
_FILE = "0"
_COMMENT, _VALUES = "comment of a header", "values of a header"
_READ = frozenset({b"path", b"linkpath", b"GNU.sparse.name", b"comment"})
"""Records of a header that are names, or come by themselves."""
_NUMERALS = b"0123456789.,+-"
_SHORTEST_KEY = 16
"""Bytes below which a record is not looked at: it holds no credential."""
_MOST_SEEN = 1000
"""Headers' values that are known to have come before."""
_BEHIND = "behind the end"
"""The name of what stands behind the end of an archive, and is no archive."""
_BASE_256 = 0x80
_LONGEST_HEAD = 1 << 20
_SLICE = 1 << 20
"""Bytes of what is copied at a time of an archive in memory: a mapped one may be larger."""


class TarStream:
    """Bytes that are read once, from beginning to end: from memory, or from pieces as they come."""

    __slots__ = ("_at", "_fault", "_held", "_pieces_to_come", "position")

    def __init__(self, source: memoryview | Iterator[bytes]) -> None:
        self.position = 0
        self._at = 0
        self._fault = ""
        self._held: memoryview = source if isinstance(source, memoryview) else memoryview(b"")
        self._pieces_to_come = None if isinstance(source, memoryview) else source

    def content(self, size: int) -> Content:
        """The next `size` bytes, or fewer at the end; of pieces, they are read when iterated."""
        if self._pieces_to_come is None:
            return self._take(size)
        return self._iter_pieces(size)

    def read(self, size: int) -> bytes:
        """The next `size` bytes, or fewer at the end, read at once."""
        part = self._take(size)
        if len(part) == size:
            return bytes(part)
        return bytes(part) + b"".join(self._iter_pieces(size - len(part)))

    def rest(self, before: bytes) -> Content:
        """All that is left, with the bytes in front of it, which were read last."""
        if self._pieces_to_come is None:
            return self._held[self._at - len(before) :]
        return chain((before,), self._iter_pieces(sys.maxsize))

    def skip_to(self, position: int) -> int:
        """Skips to a position; how many bytes are missing before it if the stream ends earlier.

        Raises DamagedError if the stream did not come to its end but broke off.
        """
        for _ in self._iter_pieces(position - self.position):
            pass
        if self._fault:
            raise DamagedError(self._fault)
        return position - self.position

    def _take(self, size: int) -> memoryview:
        """The next bytes of the piece at hand, up to `size`."""
        part = self._held[self._at : self._at + size]
        self._at += len(part)
        self.position += len(part)
        return part

    def _iter_pieces(self, size: int) -> Iterator[bytes]:
        while size > 0:
            if self._at == len(self._held) and not self._has_next_piece():
                return
            part = self._take(min(size, _SLICE))
            size -= len(part)
            yield bytes(part)

    def _has_next_piece(self) -> bool:
        """Fetches the next piece, False at the end; raises DamagedError where it can't be had."""
        if self._pieces_to_come is None:
            return False
        try:
            self._held, self._at = memoryview(next(self._pieces_to_come, b"")), 0
        except DamagedError as fault:
            self._fault = str(fault)
            raise
        return len(self._held) > 0


def is_tar(head: bytes) -> bool:
    """Whether the first block is that of a tar archive, with a checksum that is right."""
    return has_tar_magic(head) and _is_checksum_right(head)


def read_tar(stream: TarStream, *, is_strict: bool = False) -> Iterator[ArchiveEntry]:
    """Every regular file of a tar archive, in its order; raises DamagedError where it breaks off.

    The content of a sparse file is its stored parts in a row. What carries content and is called a
    folder, a link or a device comes as a file does, and so does what a header has as a comment or
    as another text. With `is_strict`, links, devices and sparse files come with the reason why they
    are not opened as content, and neither that content nor what stands behind the end of the
    archive does. The content of an entry must be read before the next entry is asked for.
    """
    for kind, entry in read_tar_names(stream, ends_at_end=is_strict):
        if is_strict and kind in _IRREGULAR:
            yield ArchiveEntry(entry.name, "is not a regular file", entry.size)
        elif kind not in NO_FILES:
            yield entry


def read_tar_names(
    stream: TarStream, *, ends_at_end: bool = False
) -> Iterator[tuple[str, ArchiveEntry]]:
    """Kind and entry of everything that has a name; the content of a link is where it leads.

    Behind the end of an archive another one may stand, as `cat a.tar b.tar` makes it: unless it
    `ends_at_end`, that is read too, and whatever else stands there comes as a file. Then the
    content of what is no file comes as well, as `HIDDEN` and right behind it, and so do the comment
    and other texts in a header, by the kind of the header. Otherwise the same as `read_tar`.
    """
    yield from _read_archive(stream, stream.read(BLOCK), with_hidden=not ends_at_end)
    while not ends_at_end and (block := _skip_empty_blocks(stream)):
        if not _is_head(block):
            yield _FILE, ArchiveEntry(_BEHIND, stream.rest(block), 0)
            return
        yield from _read_archive(stream, block, with_hidden=True)


def _read_archive(
    stream: TarStream, head: bytes, *, with_hidden: bool
) -> Iterator[tuple[str, ArchiveEntry]]:
    """The entries of an archive that begins with `head`, up to the empty block that ends it."""
    extended: dict[bytes, bytes] = {}
    seen: set[bytes] = set()
    while head.strip(b"\0"):
        size = _parse_size(head, extended) if _is_head(head) else None
        if size is None:
            raise DamagedError("damaged: no head where the next file should begin")
        kind = chr(head[_KIND])
        if kind == _SPARSE and head[_EXTENDED]:
            _skip_map(stream)
        end = stream.position + size + -size % BLOCK
        if kind in HEADERS:
            records = _parse_records(stream.read(min(size, _LONGEST_HEAD)))
            extended |= records if kind != _GLOBAL else {}
            if with_hidden:
                yield from ((kind, each) for each in _texts(records, seen))
        elif kind == _LONG_NAME:
            extended[b"path"] = stream.read(min(size, _LONGEST_HEAD)).rstrip(b"\0")
        elif kind == _LONG_LINK:
            extended[b"linkpath"] = stream.read(min(size, _LONGEST_HEAD)).rstrip(b"\0")
        else:
            yield from _read_entry(stream, head, extended, size, with_hidden=with_hidden)
        if kind not in {*HEADERS, _LONG_NAME, _LONG_LINK}:
            extended = {}
        # Some programs leave out the padding at the end.
        if stream.skip_to(end) > BLOCK:
            raise DamagedError("damaged: ends too early")
        head = stream.read(BLOCK)


def _read_entry(
    stream: TarStream, head: bytes, extended: dict[bytes, bytes], size: int, *, with_hidden: bool
) -> Iterator[tuple[str, ArchiveEntry]]:
    """What a head that is no extended one stands for, and what of its content is hidden."""
    kind, name = chr(head[_KIND]), _parse_name(head, extended)
    if kind not in NO_FILES:
        yield kind, ArchiveEntry(name, stream.content(size), size)
        return
    target = _parse_target(head, extended) if kind in _LINKS else ""
    yield kind, ArchiveEntry(name, target, size)
    if with_hidden and size:
        yield HIDDEN, ArchiveEntry(name, stream.content(size), size)


def _texts(records: dict[bytes, bytes], seen: set[bytes]) -> Iterator[ArchiveEntry]:
    """The comment in an extended header, and its other records that may hold more than a name.

    Attributes that are the same for each file come once: `seen` has the digests of those that came.
    """
    if text := records.get(b"comment"):
        yield ArchiveEntry(_COMMENT, memoryview(text), len(text))
    values = b"\n".join(
        key + b"=" + value
        for key, value in records.items()
        if key not in _READ and len(key + value) >= _SHORTEST_KEY and value.strip(_NUMERALS)
    )
    digest = hashlib.sha256(values).digest() if values else b""
    if values and digest not in seen:
        if len(seen) == _MOST_SEEN:
            seen.clear()
        seen.add(digest)
        yield ArchiveEntry(_VALUES, memoryview(values), len(values))


def _skip_empty_blocks(stream: TarStream) -> bytes:
    """The next block with something in it; none at the end."""
    while (block := stream.read(BLOCK)) and not block.strip(b"\0"):
        pass
    return block


def _is_head(block: bytes) -> bool:
    return len(block) == BLOCK and _is_checksum_right(block)


def _is_checksum_right(head: bytes) -> bool:
    """Whether a header's bytes add up to the sum that it states; the sum's own count as blanks."""
    return _parse_octal(head[_CHECKSUM]) == sum(head) - sum(head[_CHECKSUM]) + 8 * ord(" ")


def _parse_size(head: bytes, extended: dict[bytes, bytes]) -> int | None:
    """The size of an entry; None for nonsense."""
    stated = extended.get(b"size")
    if stated is not None and chr(head[_KIND]) not in _OWN:
        is_number = stated.isdigit() and len(stated) < 20  # noqa: PLR2004 - 64 bits
        return int(stated) if is_number else None
    field = head[_SIZE]
    if field[0] & _BASE_256:
        return int.from_bytes(field[1:], "big") if field[0] == _BASE_256 else None
    return _parse_octal(field)


def _parse_octal(field: bytes) -> int | None:
    digits = field.partition(b"\0")[0].strip()
    return int(digits or b"0", 8) if not digits.strip(b"01234567") else None


def _skip_map(stream: TarStream) -> None:
    """Skips the blocks that list the parts of a sparse file, up to where its content begins."""
    while len(block := stream.read(BLOCK)) == BLOCK and block[_EXTENDED_AGAIN]:
        pass


def _parse_records(body: bytes) -> dict[bytes, bytes]:
    """The records of an extended header, as far as it can be read: lines of `length key=value`."""
    records: dict[bytes, bytes] = {}
    at = 0
    while at < len(body):
        length, _, _ = body[at : at + 20].partition(b" ")
        if not length.isdigit() or int(length) <= len(length):
            break
        key, _, value = body[at + len(length) + 1 : at + int(length) - 1].partition(b"=")
        records[key] = value
        at += int(length)
    return records


def _parse_name(head: bytes, extended: dict[bytes, bytes]) -> str:
    name = head[_NAME].partition(b"\0")[0]
    prefix = head[_PREFIX].partition(b"\0")[0] if head[_POSIX] == b"ustar\0" else b""
    stated = extended.get(b"GNU.sparse.name") or extended.get(b"path")
    raw = stated or (prefix + b"/" + name if prefix else name)
    return raw.decode("utf-8", "backslashreplace")


def _parse_target(head: bytes, extended: dict[bytes, bytes]) -> str:
    raw = extended.get(b"linkpath") or head[_TARGET].partition(b"\0")[0]
    return raw.decode("utf-8", "backslashreplace")
