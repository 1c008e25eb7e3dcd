"""In: a git delta, unpacked. Out: the sizes that it states, and its operations one at a time.

Format: git's own documentation, "gitformat-pack", section "Deltified representation".
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from analyzer.git.safe_open import DamagedObject

_COPIES = 0x80
"""The highest bit: of an operation that copies, and of each byte of a size but its last."""
_LONGEST_SIZE = 10
"""Bytes of the longest size that is believed."""
_LONGEST_COPY = 0x10000
"""Bytes that a copy takes that states no size."""
_OFFSET_BYTES, _LENGTH_BYTES = 4, 3
_WIDER_THAN_ANY = 1 << 62
NO_SENSE = "its delta makes no sense"
BREAKS_OFF = "its delta breaks off"

DeltaOperation: TypeAlias = tuple[int, int | None, int]
"""How many bytes come next of what a delta makes, and where the base has them.

Where that is None they are new: the delta has them, from the offset on that comes third. A plain
tuple, as there are hundreds of thousands in a large repository.
"""


class DeltaSizes(NamedTuple):
    """What a delta says at its beginning: the bytes of its base, and of what it makes.

    Its operations begin at `end`.
    """

    base: int
    result: int
    end: int


def read_sizes(delta: bytes) -> DeltaSizes:
    """The two sizes with which a delta begins; raises DamagedObject for nonsense."""
    base, after_base = _read_size(delta, 0)
    result, end = _read_size(delta, after_base)
    return DeltaSizes(base, result, end)


def iter_operations(delta: bytes) -> Iterator[DeltaOperation]:
    """The operations of a delta, in the order of what they make.

    Each lies wholly in the delta. Of one that breaks off, or has an operation that means nothing,
    all come that stand before, and of new bytes that are cut those that are there; then
    DamagedObject is raised. Whether they fit the base, and make what the sizes say, is not checked.
    """
    at, size, number = _skip_size(delta, _skip_size(delta, 0)), len(delta), int.from_bytes
    while at < size:
        code = delta[at]
        at += 1
        if code < _COPIES:
            end = at + code
            if end > size or not code:
                if at < size and code:
                    yield size - at, None, at
                raise DamagedObject(BREAKS_OFF if code else NO_SENSE)
            yield code, None, at
        else:
            width, mask, shift = _NUMBERS[code]
            end = at + width
            if end > size:
                length, source, end = _read_copy(delta, at)
                yield length, source, at
            else:
                both = number(delta[at:end], "little")
                yield both >> shift or _LONGEST_COPY, both & mask, at
        at = end


def _read_copy(delta: bytes, at: int) -> tuple[int, int, int]:
    """Length and source of the copy whose first byte is before `at`, and where it ends.

    Raises DamagedObject if that is behind the end of the delta.
    """
    source_and_length = 0
    for place in _places(delta[at - 1]):
        if at == len(delta):
            raise DamagedObject(BREAKS_OFF)
        source_and_length |= delta[at] << 8 * place
        at += 1
    length, source = divmod(source_and_length, 1 << 8 * _OFFSET_BYTES)
    return length or _LONGEST_COPY, source, at


def _places(code: int) -> list[int]:
    """Which bytes of its two numbers follow the first byte of a copy: it has a bit for each.

    The lowest is that of the lowest byte of the source; the others of both numbers are 0.
    """
    return [place for place in range(_OFFSET_BYTES + _LENGTH_BYTES) if code >> place & 1]


def _numbers(code: int) -> tuple[int, int, int]:
    """How wide the numbers of the copy with that first byte are, and how they are told apart.

    The source is what the second leaves of them as a mask, the length what the third leaves as a
    shift. As wide as no delta are those within which a 0 is left out: the comparison that finds a
    copy which breaks off finds these as well, to be put together byte by byte.
    """
    places = _places(code)
    in_source = sum(place < _OFFSET_BYTES for place in places)
    in_length = len(places) - in_source
    in_a_row = [*range(in_source), *range(_OFFSET_BYTES, _OFFSET_BYTES + in_length)]
    width = len(places) if places == in_a_row else _WIDER_THAN_ANY
    return width, (1 << 8 * in_source) - 1, 8 * in_source


_NUMBERS = tuple(_numbers(code) for code in range(2 * _COPIES))


def _read_size(delta: bytes, at: int) -> tuple[int, int]:
    """The size that begins at `at`, seven bits a byte and the lowest first, and where it ends."""
    size = shift = 0
    for byte in delta[at : at + _LONGEST_SIZE]:
        at += 1
        if byte < _COPIES:
            return size | byte << shift, at
        size |= (byte ^ _COPIES) << shift
        shift += 7
    raise DamagedObject(NO_SENSE)


def _skip_size(delta: bytes, at: int) -> int:
    """Where the size that begins at `at` ends: in less time than it takes to read it."""
    try:
        while delta[at] >= _COPIES:
            at += 1
    except IndexError:
        raise DamagedObject(NO_SENSE) from None
    return at + 1
