"""In: bytes compressed by one of the common programs. Out: the content, piece by piece.

What is compressed may itself come in pieces. No piece that comes out is larger than a quarter of a
megabyte, so that a bomb fills no memory.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Protocol, cast

import zstandard

from analyzer.archives.signatures import (
    BZIP2,
    GZIP,
    LZMA,
    NO_CONTENT,
    XZ,
    ZLIB,
    ZSTANDARD,
    Packed,
)

_PIECE = 256 << 10
_FIRST_FEED = 4 << 10
"""Bytes that a stream is given first: with a million tiny streams, large pieces would cost much."""
_LARGEST_WINDOW = 128 << 20
"""Bytes of memory that a stream may ask for; xz -9 and zstd --ultra --long=27 need less."""
_HEAD = 512
"""Bytes by which a format is recognised."""
_MAGIC_SIZE = 2
"""Bytes by which it is told whether another stream follows."""
_LARGEST_LZMA, _LEFT_OPEN = 1 << 40, (1 << 64) - 1
"""Bytes that a file of lzma may say it unpacks to; and how it says that it does not know."""
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")


class DamagedError(Exception):
    """Bytes are not what their header says, or break off; the message says how."""


class _Decompressor(Protocol):
    """What the decompressors of zlib, bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def compression_format(head: bytes) -> str | None:
    """The program that compressed content which begins with `head`; None for no known one."""
    if head.startswith(GZIP):
        return "gzip"
    if head.startswith(BZIP2) and head[4:10] in _BZIP2_BLOCKS:
        return "bzip2"
    if head.startswith(XZ):
        return "xz"
    if head.startswith((ZSTANDARD, *NO_CONTENT)):
        return "zstandard"
    if head.startswith(ZLIB) and _looks_like_zlib(head[:_HEAD]):
        return "zlib"
    if head.startswith(LZMA) and _looks_like_lzma(head[:_HEAD]):
        return "lzma"
    return None


def decompress(
    data: Packed | Iterator[bytes], program: str, *, with_rest: bool = False
) -> Iterator[bytes]:
    """The content compressed by `program`, as `compression_format` names it.

    Several streams in a row, as `cat a.gz b.xz` makes them, are one content; `with_rest`, what
    stands behind the last of them belongs to it as it is. Raises DamagedError after the last piece
    that could be read, if that is not all.
    """
    source = _Source(data)
    following: str | None = program
    try:
        while following:
            if following == "zstandard":
                yield from _decompress_zstandard(source)
            else:
                yield from _iter_streams(source, _MAKERS[following], several=following != "lzma")
            # Another program may have gone on, as `cat a.gz b.xz` makes it; tapes fill up with 0.
            source.skip_zeros()
            following = compression_format(source.peek(_HEAD))
        while with_rest and (piece := source.read(_PIECE)):
            yield piece
    except (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError) as error:
        raise DamagedError(f"damaged: {error}") from error
    except MemoryError as error:
        raise DamagedError("asks for more memory than it gets") from error


def decompress_raw(data: Packed, method: int) -> Iterator[bytes]:
    """The same for a file in a zip archive, which names its compression by a number."""
    try:
        yield from _iter_streams(_Source(data), _ZIP_MAKERS[method], several=False)
    except (zlib.error, OSError, EOFError, lzma.LZMAError) as error:
        raise DamagedError(f"damaged: {error}") from error


class _Source:
    """Compressed bytes that are read once, from memory or from pieces as they come."""

    __slots__ = ("_at", "_held", "_pieces_to_come")

    def __init__(self, data: Packed | Iterator[bytes]) -> None:
        self._held = memoryview(data if isinstance(data, bytes | memoryview) else b"")
        self._pieces_to_come = iter(()) if isinstance(data, bytes | memoryview) else data
        self._at = 0

    def read(self, size: int) -> bytes:
        """The next bytes, up to `size`, fewer where a piece ends; none at the end."""
        while self._at == len(self._held):
            piece = next(self._pieces_to_come, None)
            if piece is None:
                return b""
            self._held, self._at = memoryview(piece), 0
        part = bytes(self._held[self._at : self._at + size])
        self._at += len(part)
        return part

    def skip_zeros(self) -> None:
        """Goes on to the next byte that is not 0."""
        while part := self.read(_FIRST_FEED):
            if rest := part.lstrip(b"\0"):
                self.unread(rest)
                return

    def unread(self, part: bytes) -> None:
        """Puts back the end of what was read last."""
        if len(part) <= self._at:
            self._at -= len(part)
        else:
            self._held, self._at = memoryview(part + bytes(self._held[self._at :])), 0

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read."""
        head = self.read(size)
        while len(head) < size and (part := self.read(size - len(head))):
            head += part
        self.unread(head)
        return head


def _iter_streams(
    source: _Source, make: Callable[[], _Decompressor], *, several: bool
) -> Iterator[bytes]:
    """The content of one stream, or of several in a row."""
    magic = source.peek(_MAGIC_SIZE)
    while True:
        stream, feed, portion = make(), b"", _FIRST_FEED
        while not stream.eof:
            if not feed and _needs_input(stream):
                feed = source.read(portion)
                portion = min(2 * portion, _PIECE)
                if not feed and not _holds_output(stream):
                    raise DamagedError("damaged: ends too early")
            piece = stream.decompress(feed, _PIECE)
            feed = getattr(stream, "unconsumed_tail", b"")
            if piece:
                yield piece
        source.unread(stream.unused_data)
        if not several or source.peek(_MAGIC_SIZE) != magic:
            return


def _needs_input(stream: _Decompressor) -> bool:
    return bool(getattr(stream, "needs_input", True))


def _holds_output(stream: _Decompressor) -> bool:
    return not getattr(stream, "needs_input", True)


def _decompress_zstandard(source: _Source) -> Iterator[bytes]:
    """The content of a frame, or of several in a row; the library gets them one at a time."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    while source.peek(len(ZSTANDARD)).startswith((ZSTANDARD, *NO_CONTENT)):
        frame = _Frame(source)
        reader = decompressor.stream_reader(cast("IO[bytes]", frame))
        while piece := reader.read(_PIECE):
            yield piece
        while frame.read(_PIECE):
            pass
        if not frame.is_done:
            raise DamagedError("damaged: ends too early")


class _Frame:
    """A frame of zstandard as it is read, up to its end and no further.

    The library tells neither where a frame ends nor that it is cut off. This goes from block to
    block by their sizes alone: RFC 8878, sections 3.1.1 and 3.1.2.
    """

    __slots__ = ("_checksum", "_head", "_in_blocks", "_is_last", "_skip", "_source", "is_done")

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._head = b""
        self._skip = self._checksum = 0
        self._in_blocks = self._is_last = self.is_done = False

    def read(self, size: int) -> bytes:
        """The next bytes, up to `size`; none at the end."""
        part = b"" if self.is_done else self._source.read(size)
        at = 0
        while at < len(part) and not self.is_done:
            if self._skip:
                step = min(self._skip, len(part) - at)
                self._skip -= step
            else:
                step = min(self._head_size() - len(self._head), len(part) - at)
                self._head += part[at : at + step]
                if len(self._head) == self._head_size():
                    self._follow(self._head)
            at += step
            self.is_done = self._is_last and not self._skip
        self._source.unread(part[at:])
        return part[:at]

    def _head_size(self) -> int:
        if self._in_blocks:
            return 3
        return 8 if self._head[:4] in NO_CONTENT else 5

    def _follow(self, head: bytes) -> None:
        """Goes on behind a head: of a block, of a frame, of one without content."""
        self._head = b""
        if self._in_blocks:
            block = int.from_bytes(head, "little")
            self._is_last = bool(block & 1)
            self._skip = 1 if block >> 1 & 3 == 1 else block >> 3
            self._skip += self._checksum if self._is_last else 0
        elif head[:4] in NO_CONTENT:
            self._is_last = True
            self._skip = int.from_bytes(head[4:], "little")
        else:
            flags = head[4]
            single = flags >> 5 & 1
            self._skip = 1 - single + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
            self._checksum = 4 if flags & 4 else 0
            self._in_blocks = True


def _looks_like_zlib(head: bytes) -> bool:
    try:
        return bool(zlib.decompressobj().decompress(head, 64))
    except zlib.error:
        return False


def _looks_like_lzma(head: bytes) -> bool:
    """Whether what follows the settings may: see `lzma-file-format.txt` of XZ Utils, section 1."""
    dictionary, size = int.from_bytes(head[1:5], "little"), int.from_bytes(head[5:13], "little")
    is_size = size < _LARGEST_LZMA or size == _LEFT_OPEN
    return dictionary.bit_count() in {1, 2} and is_size and head[13:14] == b"\0"


_MAKERS: dict[str, Callable[[], _Decompressor]] = {
    "gzip": lambda: zlib.decompressobj(31),
    "zlib": zlib.decompressobj,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LARGEST_WINDOW),
    "lzma": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LARGEST_WINDOW),
}
_ZIP_MAKERS: dict[int, Callable[[], _Decompressor]] = {
    8: lambda: zlib.decompressobj(-15),
    12: bz2.BZ2Decompressor,
}
