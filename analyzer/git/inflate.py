"""In: a zlib stream, and the size that its content is said to have. Out: the content, bounded."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from isal import isal_zlib

from analyzer.git.objects import LARGEST_BODY
from analyzer.git.safe_open import DamagedObject

SMALL_STREAM = 64
"""Streams of fewer bytes are unpacked faster by the standard library, longer ones by Intel's."""
SAFE_STREAM = 2 * LARGEST_BODY // 1032
"""Bytes of the longest stream that can't become larger than twice `LARGEST_BODY`.

No deflate stream grows more than 1,032-fold: https://zlib.net/zlib_tech.html
"""
_BLOCK = 1 << 16
_CHUNK = 1 << 20
_BREAKS_OFF = "its compressed data breaks off"
_ISAL_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub errs

fast_inflate = isal_zlib.decompress
zlib_inflate = zlib.decompress


class _Unpacker(Protocol):
    """What the decompressors of both libraries have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes: ...


def inflate_bounded(stream: memoryview, size: int) -> bytes:
    """The content of a stream of any length, in `size` bytes of memory.

    Raises the errors of `fast_inflate`, and DamagedObject where the stream breaks off.
    """
    unpacker = isal_zlib.decompressobj()
    content: bytes = unpacker.decompress(stream, size + 1)
    if len(content) == size and not unpacker.eof:
        raise DamagedObject(_BREAKS_OFF)
    return content


def inflate_carefully(stream: memoryview, size: int) -> bytes:
    """The content of a stream that `fast_inflate` failed at, by the library that git uses.

    Takes no more memory than `size`. Raises DamagedObject where the stream is corrupt, or its
    content shorter or longer than `size`.
    """
    return b"".join(_pieces(stream, size, zlib.decompressobj()))


def inflate_chunks(stream: memoryview, size: int) -> Iterator[bytes]:
    """The content piece by piece; raises DamagedObject at the end unless it had `size` bytes."""
    return _pieces(stream, size, isal_zlib.decompressobj())


def _pieces(stream: memoryview, size: int, unpacker: _Unpacker) -> Iterator[bytes]:
    left = size
    for begin in range(0, len(stream), _BLOCK):
        fed: bytes | memoryview = stream[begin : begin + _BLOCK]
        is_more = True
        # An unpacker may have taken in all its input and still hold back output, for which the last
        # piece had no room.
        while (fed or is_more) and not unpacker.eof:
            room = min(left + 1, _CHUNK)
            try:
                piece = unpacker.decompress(fed, room)
            except (zlib.error, _ISAL_ERROR) as fault:
                raise DamagedObject("its compressed data is corrupt") from fault
            left -= len(piece)
            if left < 0:
                raise DamagedObject("it is larger than its header says")
            if piece:
                yield piece
            fed, is_more = unpacker.unconsumed_tail, len(piece) == room
        if unpacker.eof:
            break
    if not unpacker.eof:
        raise DamagedObject(_BREAKS_OFF)
    if left:
        raise DamagedObject("it is smaller than its header says")
