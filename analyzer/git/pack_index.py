"""In: the bytes of a pack's .idx file. Out: object ids and offsets, by position in the index.

The format is described in git's own documentation, "gitformat-pack".
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from dataclasses import dataclass
from mmap import mmap
from typing import TYPE_CHECKING, Any

from analyzer.git.safe_open import DamagedObject

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = b"\377tOc"
_FANOUT = 1024
_HIGH = 1 << 31
_HASHES = (20, 32)


@dataclass(frozen=True, slots=True)
class PackIndex:
    """Where the ids and offsets of a pack lie in its index.

    `table` is the whole file, `width` the length of an id in bytes, `count` the number of ids. The
    id at a position lies at `first` + position x `step`. `offsets` is where the offsets of 4 bytes
    begin, `far` where those of 8 bytes do; of the latter there are `far_count`. `pack` is the
    checksum of the pack that the index was made for.
    """

    table: mmap | bytes
    width: int
    count: int
    first: int
    step: int
    offsets: int
    far: int
    far_count: int
    pack: bytes

    def oid(self, position: int) -> str:
        """The object id at a position, in hex."""
        begin = self.first + position * self.step
        return self.table[begin : begin + self.width].hex()

    def find(self, oid: bytes) -> int:
        """The position of an id, or -1."""
        table, first, step, width = self.table, self.first, self.step, self.width

        def at(position: int) -> bytes:
            begin = first + position * step
            return table[begin : begin + width]

        position = bisect_left(range(self.count), oid, key=at)
        return position if position < self.count and at(position) == oid else -1

    def all_offsets(self) -> list[int]:
        """The offset of each object in the pack, -1 where the index points beyond its own end."""
        if self.step > self.width:  # version 1: the offset stands before each id
            rows = self.table[_FANOUT : _FANOUT + self.count * self.step]
            return [row[0] for row in struct.iter_unpack(f">I{self.width}s", rows)]
        near = struct.unpack_from(f">{self.count}I", self.table, self.offsets)
        if not any(offset >= _HIGH for offset in near):
            return list(near)
        far = struct.unpack_from(f">{self.far_count}q", self.table, self.far)
        return [
            offset
            if offset < _HIGH
            else far[offset - _HIGH]
            if offset - _HIGH < self.far_count
            else -1
            for offset in near
        ]

    def offset_array(self) -> NDArray[Any]:
        """The same as `all_offsets`, by numpy."""
        import numpy as np  # only large packs are worth it

        if self.step > self.width:
            row = np.dtype([("offset", ">u4"), ("oid", f"V{self.width}")])
            rows = np.frombuffer(self.table, row, self.count, _FANOUT)
            return rows["offset"].astype(np.int64)
        near = np.frombuffer(self.table, ">u4", self.count, self.offsets).astype(np.int64)
        high = np.flatnonzero(near >= _HIGH)
        if len(high):
            far = np.frombuffer(self.table, ">i8", self.far_count, self.far)
            places = near[high] - _HIGH
            near[high] = -1
            known = places < self.far_count
            near[high[known]] = far[places[known]]
        return near


def parse_index(table: mmap | bytes) -> PackIndex:
    """An index of version 1 or 2; raises DamagedObject unless its size fits what it claims to hold.

    The length of the ids follows from the size: no field states it.
    """
    second = table[:4] == _MAGIC
    start = 8 if second else 0
    if len(table) < start + _FANOUT:
        raise DamagedObject("the index breaks off")
    if second and table[4:8] != b"\0\0\0\2":
        raise DamagedObject("the index has an unknown version")
    (count,) = struct.unpack_from(">I", table, start + _FANOUT - 4)
    body = start + _FANOUT
    for width in _HASHES:
        pack = table[len(table) - 2 * width : len(table) - width]
        left = len(table) - body - 2 * width
        if second:
            offsets = body + count * (width + 4)
            far_bytes = left - count * (width + 8)
            if 0 <= far_bytes <= 8 * count and far_bytes % 8 == 0:
                far = offsets + 4 * count
                return PackIndex(
                    table, width, count, body, width, offsets, far, far_bytes // 8, pack
                )
        elif left == count * (width + 4):
            return PackIndex(table, width, count, body + 4, width + 4, body, body, 0, pack)
    raise DamagedObject("the index does not have the size that it should")
