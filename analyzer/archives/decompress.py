"""In: bytes compressed by one of the common programs. Out: the content, piece by piece.

No piece is larger than a quarter of a megabyte, so that a bomb fills no memory.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import zstandard

from analyzer.archives.signatures import BZIP2, GZIP, NO_CONTENT, XZ, ZLIB, ZSTANDARD, Packed

_PIECE = 256 << 10
_FIRST_FEED = 4 << 10
"""Bytes that a stream is given first: with a million tiny streams, large pieces would cost much."""
_LARGEST_WINDOW = 128 << 20
"""Bytes of memory that a stream may ask for; xz -9 and zstd --ultra --long=27 need less."""
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
    if head.startswith(ZLIB) and _looks_like_zlib(head[:512]):
        return "zlib"
    return None


def decompress(data: Packed, program: str) -> Iterator[bytes]:
    """The content compressed by `program`, as `compression_format` names it.

    Raises DamagedError after the last piece that could be read, if that is not all.
    """
    try:
        if program == "zstandard":
            yield from _decompress_zstandard(data)
        else:
            yield from _iter_streams(data, _MAKERS[program], several=program not in _SINGLE)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError) as error:
        raise DamagedError(f"damaged: {error}") from error
    except MemoryError as error:
        raise DamagedError("asks for more memory than it gets") from error


def decompress_raw(data: Packed, method: int) -> Iterator[bytes]:
    """The same for a file in a zip archive, which names its compression by a number."""
    try:
        yield from _iter_streams(data, _ZIP_MAKERS[method], several=False)
    except (zlib.error, OSError, EOFError, lzma.LZMAError) as error:
        raise DamagedError(f"damaged: {error}") from error


def _iter_streams(
    data: Packed, make: Callable[[], _Decompressor], *, several: bool
) -> Iterator[bytes]:
    """The content of one stream, or of several in a row, as `cat a.gz b.gz` makes them."""
    view, at = memoryview(data), 0
    magic = bytes(view[:2])
    while True:
        stream, feed, portion = make(), b"", _FIRST_FEED
        while not stream.eof:
            if not feed and _needs_input(stream):
                feed = bytes(view[at : at + portion])
                at += len(feed)
                portion = min(2 * portion, _PIECE)
                if not feed and not _holds_output(stream):
                    raise DamagedError("damaged: ends too early")
            piece = stream.decompress(feed, _PIECE)
            feed = getattr(stream, "unconsumed_tail", b"")
            if piece:
                yield piece
        at -= len(stream.unused_data)
        if not several or bytes(view[at : at + 2]) != magic:
            return


def _needs_input(stream: _Decompressor) -> bool:
    return bool(getattr(stream, "needs_input", True))


def _holds_output(stream: _Decompressor) -> bool:
    return not getattr(stream, "needs_input", True)


def _decompress_zstandard(data: Packed) -> Iterator[bytes]:
    reader = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).stream_reader(
        io.BytesIO(data), read_across_frames=True
    )
    while piece := reader.read(_PIECE):
        yield piece
    if _breaks_off(memoryview(data)):
        raise DamagedError("damaged: ends too early")


def _breaks_off(data: memoryview) -> bool:
    """Whether the last frame of zstandard is incomplete, which the library does not report.

    Goes from block to block by their sizes alone: RFC 8878, sections 3.1.1 and 3.1.2.
    """
    at = 0
    while at + 5 <= len(data):
        head, flags = bytes(data[at : at + 4]), data[at + 4]
        if head in NO_CONTENT:
            at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
            continue
        if head != ZSTANDARD:
            return False
        single = flags >> 5 & 1
        at += 6 - single + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
        last = False
        while not last:
            block = int.from_bytes(data[at : at + 3], "little")
            last = bool(block & 1) or at + 3 > len(data)
            at += 3 + (1 if block >> 1 & 3 == 1 else block >> 3)
        at += 4 if flags & 4 else 0
    return at > len(data)


def _looks_like_zlib(head: bytes) -> bool:
    try:
        return bool(zlib.decompressobj().decompress(head, 64))
    except zlib.error:
        return False


_MAKERS: dict[str, Callable[[], _Decompressor]] = {
    "gzip": lambda: zlib.decompressobj(31),
    "zlib": zlib.decompressobj,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LARGEST_WINDOW),
    "lzma": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LARGEST_WINDOW),
}
_SINGLE = {"zlib", "lzma"}
_ZIP_MAKERS: dict[int, Callable[[], _Decompressor]] = {
    8: lambda: zlib.decompressobj(-15),
    12: bz2.BZ2Decompressor,
}
