"""In: a tar archive in memory or in pieces. Out: its entries, in its order, one at a time.

One that is unpacked while it is read never lies in memory as a whole. It is read by hand, so that
lies about sizes lead nowhere.
Formats: POSIX.1-2017 "pax"; GNU tar manual, "Basic Tar Format".
"""

from collections.abc import Iterator

from analyzer.archives.decompress import DamagedError
from analyzer.archives.signatures import BLOCK, has_tar_magic
from analyzer.archives.zip_reader import ArchiveEntry, Content

_NAME, _SIZE, _SUM, _TARGET, _PREFIX = (
    slice(100), slice(124, 136), slice(148, 156), slice(157, 257), slice(345, 500),
)  # fmt: skip
_POSIX = slice(257, 263)
_KIND, _EXTENDED, _EXTENDED_AGAIN = 156, 482, 504
_LONG_NAME, _LONG_LINK, _SPARSE = "L", "K", "S"
_OWN, _GLOBAL = "xX", "g"
HARD_LINK, LINK = "1", "2"
NO_FILES = f"{HARD_LINK}{LINK}3456DV"
"""The kinds of what has a name in a tar archive and no content."""
_IRREGULAR = f"{HARD_LINK}{LINK}346{_SPARSE}"
"""Links, devices, pipes and files with holes."""
_BASE_256 = 0x80
_LONGEST_HEAD = 1 << 20


class TarStream:
    """Bytes that are read once, from the beginning to the end, in memory or as they come in."""

    __slots__ = ("_at", "_coming", "_fault", "_held", "position")

    def __init__(self, source: memoryview | Iterator[bytes]) -> None:
        self.position = 0
        self._at = 0
        self._fault = ""
        self._held: memoryview = source if isinstance(source, memoryview) else memoryview(b"")
        self._coming = None if isinstance(source, memoryview) else source

    def content(self, size: int) -> Content:
        """The next bytes, so many of them or all that there are, read when they are asked for."""
        if self._coming is None:
            return self._part(size)
        return self._pieces(size)

    def read(self, size: int) -> bytes:
        """The same, at once."""
        part = self._part(size)
        if len(part) == size:
            return bytes(part)
        return bytes(part) + b"".join(self._pieces(size - len(part)))

    def forward_to(self, position: int) -> int:
        """How many bytes are missing, once all before the position have been gone over."""
        for _ in self._pieces(position - self.position):
            pass
        if self._fault:
            raise DamagedError(self._fault)
        return position - self.position

    def _part(self, size: int) -> memoryview:
        part = self._held[self._at : self._at + size]
        self._at += len(part)
        self.position += len(part)
        return part

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size > 0:
            if self._at == len(self._held) and not self._comes():
                return
            part = self._part(size)
            size -= len(part)
            yield bytes(part)

    def _comes(self) -> bool:
        """Whether there is a further piece; raises DamagedError where there should be one."""
        try:
            self._held, self._at = memoryview(next(self._coming or iter(()), b"")), 0
        except DamagedError as fault:
            self._fault = str(fault)
            raise
        return len(self._held) > 0


def is_tar(head: bytes) -> bool:
    """Whether the first block is that of a tar archive, which vouches for itself by a sum."""
    return has_tar_magic(head) and _adds_up(head)


def read_tar(tape: TarStream, *, is_strict: bool = False) -> Iterator[ArchiveEntry]:
    """Every regular file of a tar archive, in its order; raises DamagedError where it breaks off.

    Of a sparse file the parts that are stored, behind each other. Strictly read, links, devices
    and sparse files are entries too, closed ones. Who wants an entry's content reads it before the
    next entry.
    """
    for kind, entry in read_tar_names(tape):
        if is_strict and kind in _IRREGULAR:
            yield ArchiveEntry(entry.name, "is not a regular file", entry.size)
        elif kind not in NO_FILES:
            yield entry


def read_tar_names(tape: TarStream) -> Iterator[tuple[str, ArchiveEntry]]:
    """The same for everything that has a name, each behind its kind; links say where they lead."""
    better: dict[bytes, bytes] = {}
    while any(head := tape.read(BLOCK)) and len(head) == BLOCK:
        size = _size(head, better)
        if size is None or not _adds_up(head):
            raise DamagedError("damaged: no head where the next file should begin")
        kind = chr(head[_KIND])
        if kind == _SPARSE and head[_EXTENDED]:
            _go_over_map(tape)
        end = tape.position + size + -size % BLOCK
        if kind in _OWN:
            better |= _records(tape.read(min(size, _LONGEST_HEAD)))
        elif kind == _LONG_NAME:
            better[b"path"] = tape.read(min(size, _LONGEST_HEAD)).rstrip(b"\0")
        elif kind == _LONG_LINK:
            better[b"linkpath"] = tape.read(min(size, _LONGEST_HEAD)).rstrip(b"\0")
        elif kind != _GLOBAL:
            content = _target(head, better) if kind in {HARD_LINK, LINK} else tape.content(size)
            yield kind, ArchiveEntry(_tar_name(head, better), content, size)
        if kind not in {*_OWN, _LONG_NAME, _LONG_LINK, _GLOBAL}:
            better = {}
        # Programs leave out the padding at the end.
        if tape.forward_to(end) > BLOCK:
            raise DamagedError("damaged: ends too early")


def _adds_up(head: bytes) -> bool:
    """Whether the sum over a head is the one that it states, its own place counted as blanks."""
    return _octal(head[_SUM]) == sum(head) - sum(head[_SUM]) + 8 * ord(" ")


def _size(head: bytes, better: dict[bytes, bytes]) -> int | None:
    told = better.get(b"size")
    if told is not None and chr(head[_KIND]) not in _OWN:
        return int(told) if told.isdigit() and len(told) < 20 else None  # noqa: PLR2004 - 64 bits
    field = head[_SIZE]
    if field[0] & _BASE_256:
        return int.from_bytes(field[1:], "big") if field[0] == _BASE_256 else None
    return _octal(field)


def _octal(field: bytes) -> int | None:
    digits = field.partition(b"\0")[0].strip()
    return int(digits or b"0", 8) if not digits.strip(b"01234567") else None


def _go_over_map(tape: TarStream) -> None:
    """Goes to where the content of a sparse file begins: behind the blocks that list its parts."""
    while len(block := tape.read(BLOCK)) == BLOCK and block[_EXTENDED_AGAIN]:
        pass


def _records(body: bytes) -> dict[bytes, bytes]:
    """What an extended header says, as far as it can be read: `length key=value` in lines."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(body):
        length, _, _ = body[at : at + 20].partition(b" ")
        if not length.isdigit() or int(length) <= len(length):
            break
        key, _, value = body[at + len(length) + 1 : at + int(length) - 1].partition(b"=")
        found[key] = value
        at += int(length)
    return found


def _tar_name(head: bytes, better: dict[bytes, bytes]) -> str:
    name = head[_NAME].partition(b"\0")[0]
    prefix = head[_PREFIX].partition(b"\0")[0] if head[_POSIX] == b"ustar\0" else b""
    told = better.get(b"GNU.sparse.name") or better.get(b"path")
    raw = told or (prefix + b"/" + name if prefix else name)
    return raw.decode("utf-8", "backslashreplace")


def _target(head: bytes, better: dict[bytes, bytes]) -> str:
    raw = better.get(b"linkpath") or head[_TARGET].partition(b"\0")[0]
    return raw.decode("utf-8", "backslashreplace")
