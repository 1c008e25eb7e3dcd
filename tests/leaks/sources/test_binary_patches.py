"""What a binary patch may take: what is unpacked in vain counts as well."""

import base64
import zlib

from analyzer.leaks.sources.binary_patches import read_binary_patch

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def patch(kind, size, content):
    """The lines of one side, with the size that it claims."""
    packed = zlib.compress(content)
    pieces = [packed[at : at + 52] for at in range(0, len(packed), 52)]
    lines = [
        LETTERS[len(each) - 1].encode() + base64.b85encode(each + bytes(-len(each) % 4))
        for each in pieces
    ]
    return [f"{kind} {size}".encode(), *lines, b""]


def test_what_is_unpacked_in_vain_is_counted():
    """A size that is one short gives nothing, and took as long."""
    (side,) = read_binary_patch(patch("literal", 99_999, b"a" * 100_000), 0, 1 << 20)
    assert (side.content, side.unpacked) == (b"", 99_999)


def test_what_is_not_unpacked_is_not_counted():
    """It would leave nothing for the next one."""
    (side,) = read_binary_patch(patch("literal", 2 << 20, b"a"), 0, 1 << 20)
    assert (side.content, side.unpacked) == (b"", 0)


def test_many_copies_of_a_delta_are_one_gap():
    """Each takes a byte, and all together no more room than one."""
    delta = b"\x09\x09" + b"\x80" * 10_000 + b"\x03abc"
    (side,) = read_binary_patch(patch("delta", len(delta), delta), 0, 1 << 20)
    assert side.content == b"\n\0\nabc"


def test_a_large_delta_is_not_read():
    """It is read step by step, so that it has a limit of its own."""
    delta = b"\x09\x09" + b"\x80" * (4 << 20)
    (side,) = read_binary_patch(patch("delta", len(delta), delta), 0, 1 << 30)
    assert side.content == b""
    assert "unpacks to more" in side.reason
