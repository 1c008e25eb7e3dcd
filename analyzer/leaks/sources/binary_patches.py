"""In: the lines behind `GIT binary patch`. Out: the contents that stand there whole, unpacked.

`diffs` asks for each. A patch has what the file becomes and, in most, what it was: each a literal
or a delta, deflated, in base 85. Format: git's diff.c.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.git.deltas import iter_operations, read_sizes
from analyzer.git.inflate import inflate_chunks
from analyzer.git.safe_open import DamagedObject
from analyzer.leaks.sources.content import LARGEST

LARGEST_PATCHES = 512 << 20
"""Bytes to which the binary patches of one text may unpack together."""
_HEAD = re.compile(rb"(literal|delta) (\d{1,18})\r?")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""The first letter of a line says how many bytes it stands for: A is 1, z is 52."""
_SIDES = 2
_LARGEST_DELTA = 4 << 20
"""Bytes of a delta: it is read step by step."""
_DELTA = "a delta in a binary patch: what it adds is searched, what it was made from is not here"
_UNKNOWN = b"\n\0\n"
"""Stands where a delta copies what is not here."""
_DAMAGED = "a binary patch that is damaged"
_DAMAGED_DELTA = "a delta in a binary patch that is damaged: what it adds up to there is searched"
_TOO_LARGE = (
    f"a binary patch that unpacks to more than {LARGEST} bytes, or more than {LARGEST_PATCHES} with"
    " others"
)


@dataclass(frozen=True, slots=True)
class PatchSide:
    """What a file becomes, or was: its content, and why that is not all of it.

    `end` is the index of the first line behind it. With `reason`, lines of the content have not the
    numbers that they have in the file; no content is known where it is empty. `unpacked` counts the
    bytes that were unpacked for it, also in vain.
    """

    end: int
    is_new: bool
    content: bytes = b""
    reason: str = ""
    unpacked: int = 0


def read_binary_patch(lines: Sequence[bytes], begin: int, most: int) -> Iterator[PatchSide]:
    """The sides of the patch that begins at a line, of which at most `most` bytes are unpacked."""
    at = begin
    for number in range(_SIDES):
        head = _HEAD.fullmatch(lines[at]) if at < len(lines) else None
        if head is None:
            if number == 0:
                yield PatchSide(begin, is_new=True, reason=_DAMAGED)
            return
        end = at + 1
        while end < len(lines) and _is_encoded(lines[end].rstrip(b"\r")):
            end += 1
        size = int(head[2])
        largest = min(most, LARGEST if head[1] == b"literal" else _LARGEST_DELTA)
        content, reason = _unpack(lines[at + 1 : end], size, largest)
        unpacked = size if size <= largest else 0
        most -= unpacked
        if head[1] == b"delta" and not reason:
            content, reason = _take_added(content)
        yield PatchSide(end, number == 0, content, reason, unpacked)
        at = end + 1


def _unpack(lines: Sequence[bytes], size: int, most: int) -> tuple[bytes, str]:
    """The bytes of a literal or of a delta; or none, and why."""
    if size > most:
        return b"", _TOO_LARGE
    try:
        stream = b"".join(map(_decode, lines))
        return b"".join(inflate_chunks(memoryview(stream), size)), ""
    except (ValueError, DamagedObject):
        return b"", _DAMAGED


def _take_added(delta: bytes) -> tuple[bytes, str]:
    """What a delta adds to what it copies, and why that is not all.

    Of one that is damaged, what can be read.
    """
    pieces: list[bytes] = []
    made, reason = 0, ""
    try:
        for length, source, at in iter_operations(delta):
            made += length
            if source is None:
                pieces.append(delta[at : at + length])
                continue
            reason = _DELTA
            if pieces[-1:] != [_UNKNOWN]:
                pieces.append(_UNKNOWN)
        is_whole = made == read_sizes(delta).result
    except DamagedObject:
        is_whole = False
    return b"".join(pieces), reason if is_whole else _DAMAGED_DELTA


def _is_encoded(line: bytes) -> bool:
    """Whether a line has as many letters as its first says: five for each four bytes begun."""
    count = _LETTERS.find(line[:1]) + 1 if line else 0
    return count > 0 and len(line) == 1 + 5 * -(-count // 4)


def _decode(line: bytes) -> bytes:
    """The bytes that a line stands for. Raises ValueError where it is none of base 85."""
    return base64.b85decode(line[1:].rstrip(b"\r"))[: _LETTERS.index(line[:1]) + 1]
