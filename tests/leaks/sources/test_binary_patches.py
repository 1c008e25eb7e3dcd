"""What a binary patch may take: what is unpacked in vain counts as well."""

import base64
import zlib

import pytest

from analyzer.leaks.sources.binary_patches import read_binary_patch
from tests.git.git_material import number

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
    size = 10_000 * 0x10000 + 3
    delta = b"\x09" + number(size) + b"\x80" * 10_000 + b"\x03abc"
    (side,) = read_binary_patch(patch("delta", len(delta), delta), 0, 1 << 20)
    assert side.content == b"\n\0\nabc"
    assert "is not here" in side.reason


def test_a_large_delta_is_not_read():
    """It is read step by step, so that it has a limit of its own."""
    delta = b"\x09\x09" + b"\x80" * (4 << 20)
    (side,) = read_binary_patch(patch("delta", len(delta), delta), 0, 1 << 30)
    assert side.content == b""
    assert "unpacks to more" in side.reason


@pytest.mark.parametrize(
    ("delta", "content"),
    [
        (b"\x09\x09\x03abc\x05de", b"abcde"),
        (b"\x09\x09\x03abc\x00\x03def", b"abc"),
        (b"\x09\x09\x03abc\x91\x05", b"abc"),
        (b"\x09\x09\x03abc\x91\x05\x02", b"abc\n\0\n"),
        (b"\x09", b""),
    ],
    ids=["new bytes cut", "no operation", "copy cut", "too short", "no sizes"],
)
def test_of_a_damaged_delta_what_can_be_read_is_searched(delta, content):
    """And that it is damaged is told."""
    (side,) = read_binary_patch(patch("delta", len(delta), delta), 0, 1 << 20)
    assert side.content == content
    assert "damaged" in side.reason


def test_new_bytes_that_look_like_a_gap_hide_no_copy():
    """What was copied is not here, whatever stands before it."""
    delta = b"\x09\x05\x03\n\0\n\x91\x00\x02"
    (side,) = read_binary_patch(patch("delta", len(delta), delta), 0, 1 << 20)
    assert "is not here" in side.reason
