"""In: the chunks of a long text. Out: pieces of it that overlap, each with the line it begins in.

A key can lie across two chunks, so the end of each is looked at again with the next one.
"""

import string
from collections.abc import Iterable, Iterator
from typing import NamedTuple

CHUNK = 8 << 20
"""Bytes of a chunk of what is too large for memory."""
OVERLAP = 64 * 1024
"""Bytes that are looked at again with what follows."""
# The characters of tokens and addresses, and the NUL bytes between wide ones.
_UNBROKEN = (string.ascii_letters + string.digits + "!#$%&()*+,-./:;=?@[\\]_{}~\0").encode()


class Piece(NamedTuple):
    """A part of a text, and the number of the line in which it begins."""

    data: bytes
    line: int


def overlapping_pieces(
    chunks: Iterable[bytes], line: int = 1, before: bytes = b"", *, is_end: bool = True
) -> Iterator[Piece]:
    """The text in pieces, each with the last `OVERLAP` bytes of the one before.

    A part of a text gives the pieces that the whole text would give: `before` are the bytes in
    front of it that it shares with the part before, `line` is the line in which these begin, and
    `is_end` says whether the text ends with it.
    """
    rest = before
    for chunk in _with_end(chunks) if is_end else chunks:
        data = rest + chunk
        # A token that the end of a chunk cuts would be another one: it waits for what follows.
        yield Piece(data[: _end_of_whole_tokens(data)] if chunk else data, line)
        rest = data[-OVERLAP:]
        line += data.count(b"\n", 0, len(data) - len(rest))


def regroup(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of `CHUNK` bytes, but for the last."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            data = b"".join(held)
            for at in range(0, size - size % CHUNK, CHUNK):
                yield data[at : at + CHUNK]
            held, size = [data[size - size % CHUNK :]], size % CHUNK
    if size:
        yield b"".join(held)


def whole_lines(data: bytes) -> memoryview:
    """A piece without the parts of lines at its ends."""
    return memoryview(data)[data.find(b"\n") + 1 : data.rfind(b"\n") + 1]


def _with_end(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from filter(None, chunks)
    yield b""


def _end_of_whole_tokens(data: bytes) -> int:
    """Where the run begins that the end cuts; the end itself where the whole overlap is one run."""
    tail = data[-OVERLAP:]
    run_start = len(tail.rstrip(_UNBROKEN))
    return len(data) - len(tail) + run_start if run_start else len(data)
