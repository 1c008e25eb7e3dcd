"""In: names and contents. Out: archives of each kind, sound and broken."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from functools import partial

import zstandard

from analyzer.archives.budget import Budget
from analyzer.archives.members import Member, StreamedMember, UnopenedMember, iter_members

Files = dict[str, bytes]


def a_zip(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive, as jar, wheel, docx and the rest are."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def a_streamed_zip(files: Files) -> bytes:
    """A zip archive written into a pipe: sizes stand behind each file."""

    class Pipe(io.RawIOBase):
        """Takes bytes and goes nowhere else."""

        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.written += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return pipe.written


def a_tar(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive in one of its three formats."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": partial(lzma.compress, format=lzma.FORMAT_ALONE),
    "zstandard": zstandard.ZstdCompressor(write_checksum=True).compress,
    "zstandard without a sum": zstandard.compress,
    "zlib": zlib.compress,
}
PROGRAM = b"#!/usr/bin/env python3\n"
ARCHIVES: dict[str, Callable[[Files], bytes]] = {
    "zip": a_zip,
    "zip, stored": lambda files: a_zip(files, zipfile.ZIP_STORED),
    "zip, bzip2": lambda files: a_zip(files, zipfile.ZIP_BZIP2),
    "zip, lzma": lambda files: a_zip(files, zipfile.ZIP_LZMA),
    "zip from a pipe": a_streamed_zip,
    "zip behind a program": lambda files: PROGRAM + a_zip(files),
    "zip behind a program, with a comment": lambda files: (
        PROGRAM + commented(a_zip(files), b"of a build")
    ),
    "tar, pax": a_tar,
    "tar, GNU": lambda files: a_tar(files, tarfile.GNU_FORMAT),
    "tar, ustar": lambda files: a_tar(files, tarfile.USTAR_FORMAT),
    "tar.gz": lambda files: gzip.compress(a_tar(files)),
    "tar.bz2": lambda files: bz2.compress(a_tar(files)),
    "tar.xz": lambda files: lzma.compress(a_tar(files)),
    "tar.zst": lambda files: zstandard.compress(a_tar(files)),
}


def opened(data: bytes, budget: Budget | None = None, name: str = "") -> Files:
    """What an archive holds; the test fails where something stayed closed."""
    found = list(iter_members(data, budget or Budget.for_size(len(data)), name))
    assert not [each for each in found if isinstance(each, UnopenedMember)]
    return {each.name: each.data for each in found if isinstance(each, Member)}


def looked_into(data: bytes, budget: Budget | None = None) -> tuple[Files, dict[str, str]]:
    """What an archive holds, and for what stayed closed the reasons."""
    read, closed = Files(), dict[str, str]()
    for each in iter_members(data, budget or Budget.for_size(len(data))):
        if isinstance(each, UnopenedMember):
            closed[each.what] = (closed.get(each.what, "") + "\n" + each.reason).strip()
        elif isinstance(each, StreamedMember):
            read[each.name] = b"".join(each.pieces)
        else:
            read[each.name] = each.data
    return read, closed


def relisted(data: bytes, **fields: int) -> bytes:
    """A zip archive of one file whose list says something else about it."""
    places = {"flags": (8, "H"), "method": (10, "H"), "packed": (20, "L"), "size": (24, "L"),
              "offset": (42, "L")}  # fmt: skip
    return _changed(data, data.rindex(b"PK\x01\x02"), places, fields)


def reheaded(data: bytes, **fields: int) -> bytes:
    """The same archive where the head of its last file says something else."""
    places = {"flags": (6, "H"), "method": (8, "H"), "packed": (18, "L")}
    return _changed(data, data.rindex(b"PK\x03\x04"), places, fields)


def commented(data: bytes, comment: bytes) -> bytes:
    """A zip archive with a comment, which stands at its end."""
    return data[:-2] + struct.pack("<H", len(comment)) + comment


def _changed(
    data: bytes, begin: int, places: dict[str, tuple[int, str]], fields: dict[str, int]
) -> bytes:
    changed = bytearray(data)
    for field, value in fields.items():
        at, form = places[field]
        struct.pack_into(f"<{form}", changed, begin + at, value)
    return bytes(changed)
