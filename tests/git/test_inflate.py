"""Streams unpacked piece by piece."""

import zlib

import pytest

from analyzer.git.inflate import inflate_chunks


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 67_000_000, 68_000_000])
def test_what_an_unpacker_holds_back_comes_too(size: int) -> None:
    """A stream comes whole, however far its last block of input expands."""
    stream = memoryview(zlib.compress(bytes(size), 9))
    assert sum(map(len, inflate_chunks(stream, size))) == size
