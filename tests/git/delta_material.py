"""Deltas written by hand: their operations, and what they make of one base."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.git.git_material import number, text

BASE = text(1, 150_000)


@dataclass(frozen=True)
class Copy:
    """An operation of a delta that copies from its base."""

    offset: int
    length: int

    def written(self) -> bytes:
        """With the bytes of both numbers that are not 0, and no others; 65,536 as no size."""
        size = 0 if self.length == 0x10000 else self.length
        digits = [*self.offset.to_bytes(4, "little"), *size.to_bytes(3, "little")]
        said = sum(1 << bit for bit, digit in enumerate(digits) if digit)
        return bytes([0x80 | said, *(digit for digit in digits if digit)])


@dataclass(frozen=True)
class Insert:
    """An operation of a delta that brings its own bytes."""

    content: bytes

    def written(self) -> bytes:
        """Their number, and the bytes."""
        return bytes([len(self.content)]) + self.content


COPIES = st.builds(
    Copy,
    st.integers(0, len(BASE) - 0x10000),
    st.sampled_from([1, 255, 256, 0x1234, 0xFF00, 0xFFFF, 0x10000]),
)
INSERTS = st.builds(Insert, st.binary(min_size=1, max_size=127))


def delta_of(*operations: Copy | Insert) -> tuple[bytes, bytes]:
    """A delta on BASE, and what it makes."""
    made = b"".join(
        each.content if isinstance(each, Insert) else BASE[each.offset : each.offset + each.length]
        for each in operations
    )
    head = number(len(BASE)) + number(len(made))
    return head + b"".join(each.written() for each in operations), made
