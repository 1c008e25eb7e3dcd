"""What gzip and zip have beside their files: read by nobody who only unpacks them."""

import gzip
import struct
import zipfile
import zlib
from io import BytesIO

import pytest

from analyzer.archives.comments import read_comments

EXTRA = struct.pack("<HH", 0x9999, 5) + b"field"


def a_gzip(flags: int, fields: bytes) -> bytes:
    """A gzip file with these bytes behind the fixed part of its header."""
    packed = zlib.compressobj(wbits=-15)
    body = packed.compress(b"words") + packed.flush()
    tail = struct.pack("<LL", zlib.crc32(b"words"), 5)
    return b"\x1f\x8b\x08" + bytes([flags]) + bytes(6) + fields + body + tail


def a_zip(comment: bytes = b"", notes: tuple[bytes, ...] = (b"",), extra: bytes = b"") -> bytes:
    """A zip archive with a comment, and a file for each note that has it as its comment."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.comment = comment
        for number, note in enumerate(notes):
            entry = zipfile.ZipInfo(str(number))
            entry.comment, entry.extra = note, extra
            archive.writestr(entry, b"words")
    return target.getvalue()


def texts(data: bytes) -> list[bytes]:
    """What is beside the files of an archive."""
    return [b"".join(each.content) for each in read_comments(memoryview(data))]


@pytest.mark.parametrize(
    ("flags", "fields"),
    [
        (8, b"a-name\0"),
        (16, b"a comment\0"),
        (4, struct.pack("<H", len(EXTRA)) + EXTRA),
        (28, struct.pack("<H", len(EXTRA)) + EXTRA + b"a-name\0a comment\0"),
        (24, b"a-name\0" + b"long " * 40_000 + b"\0"),
    ],
)
def test_each_field_of_a_gzip_header_comes(flags, fields):
    """As it is stored, and nothing of what is compressed."""
    data = a_gzip(flags, fields)
    assert gzip.decompress(data) == b"words"
    assert texts(data) == [fields]


def test_a_name_without_an_end_comes_as_far_as_one_is_read():
    """It is damaged, and what is in it is there all the same."""
    data = b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 9
    assert texts(data) == [b"n" * 9]


def test_comments_of_a_zip_archive_come_line_by_line():
    """Those of its files and its own, and extra fields before each."""
    assert texts(a_zip(b"its own", (b"first", b"", b"third"))) == [b"first\n\nthird\nits own"]
    assert texts(a_zip(b"its own", (b"",))) == [b"its own"]
    assert texts(b"#!/bin/sh\n" + a_zip(b"behind a program", (b"x",))) == [b"x\nbehind a program"]
    assert EXTRA in texts(a_zip(extra=EXTRA))[0]


@pytest.mark.parametrize(
    "data", [b"", b"\x1f\x8b", b"\x1f\x8b\x08", a_gzip(0, b""), a_zip(), b"words"]
)
def test_where_there_is_nothing_nothing_comes(data):
    """Neither an entry without content."""
    assert texts(data) == []


@pytest.mark.parametrize("cut", range(1, 60))
def test_what_breaks_off_comes_as_far_as_it_goes(cut):
    """And nothing raises."""
    data = a_gzip(24, b"a-name\0a comment\0")
    assert b"".join(texts(data[:cut])) in data
    whole = a_zip(b"c" * 70, (b"note",))
    texts(whole[:-cut])
    texts(whole[: len(whole) // 2] + whole[len(whole) // 2 + cut :])
