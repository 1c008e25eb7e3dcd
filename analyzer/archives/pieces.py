"""In: a file that is unpacked piece by piece. Out: as much of it as may be held, and the rest."""

from collections.abc import Iterator
from itertools import chain

from analyzer.archives.budget import Budget
from analyzer.archives.decompress import DamagedError
from analyzer.archives.signatures import BLOCK

_SLICE = 1 << 20
"""Bytes of a piece of what is stored without compression."""


def peek(content: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of a file, at least a block where there are so many; and all its pieces."""
    head, following = b"", content
    try:
        while len(head) < BLOCK and (piece := next(content, b"")):
            head += piece
    except DamagedError as fault:
        following = _raise_at_end(fault)
    return head, chain((head,), following)


def _raise_at_end(fault: DamagedError) -> Iterator[bytes]:
    """No further pieces, but the error that ends them."""
    raise fault
    yield b""


def charge_pieces(content: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    """The pieces, each charged to the budget; raises DamagedError where that refuses."""
    for piece in content:
        if not budget.charge_unpacked(len(piece)):
            raise DamagedError(f"it {budget.last_refusal}: the rest is not read")
        yield piece


def hold(content: Iterator[bytes], budget: Budget) -> tuple[bytes, Iterator[bytes] | None, str]:
    """As much of a file as can be held within the budget, and why that is not all, "" if it is.

    What does not fit is to come from the second value, with the piece that did not.
    """
    pieces: list[bytes] = []
    length, room = 0, min(budget.largest, budget.free_bytes)
    try:
        for piece in content:
            length += len(piece)
            if length > room:
                rest = chain((piece,), content)
                reason = f"unpacks to more than {length - len(piece)} bytes: the rest is not read"
                return b"".join(pieces), rest, reason
            if not budget.charge_unpacked(len(piece)):
                read = length - len(piece)
                reason = f"it {budget.last_refusal}: the rest is not read ({read} bytes were read)"
                return b"".join(pieces), None, reason
            pieces.append(piece)
    except DamagedError as fault:
        return b"".join(pieces), None, str(fault)
    return b"".join(pieces), None, ""


class Ending:
    """Pieces that go by, with the last bytes of them, up to a number, kept."""

    __slots__ = ("_most", "_pieces", "last")

    def __init__(self, pieces: Iterator[bytes], most: int) -> None:
        self._pieces, self._most = pieces, most
        self.last = b""

    def __iter__(self) -> Iterator[bytes]:
        """Each piece, and once."""
        for piece in self._pieces:
            yield piece
            self.last = (self.last[-self._most :] + piece)[-self._most :]


def slices(data: memoryview) -> Iterator[bytes]:
    """What is stored without compression, as the pieces of a stream."""
    yield from (bytes(data[at : at + _SLICE]) for at in range(0, len(data), _SLICE))
