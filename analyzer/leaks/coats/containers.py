"""In: bytes that may be an archive. Out: the files in it, however deep, and what stayed closed.

Told by its content, never by its name. Everything happens in memory: names are data, no more.
"""

import io
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from analyzer.leaks.coats.budget import Budget
from analyzer.leaks.coats.compressed import DamagedError, compression, pieces, raw_pieces

CONTENT = "content"
"""What the one thing in a compressed file is called, which has no name of its own."""
_HEAD = 512
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_END = 22
_TAR = slice(257, 262)
_STRANGE = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"xar!": "a xar archive",
    b"!<arch>\n": "an ar archive, such as a Debian package",
    b"MSCF": "a cabinet file",
    b"\x04\x22\x4d\x18": "compressed by LZ4",
    b"\x1f\x9d": "compressed by compress",
    b"LZIP": "compressed by lzip",
}
_FIRST = frozenset(
    {bytes([byte]) for byte in range(0x50, 0x60)}  # frames of zstandard without content
    | {b"\x1f", b"B", b"\xfd", b"(", b"x"}
    | {magic[:1] for magic in _STRANGE}
)
_STORED, _DEFLATED, _BZIP2, _ZSTANDARD = 0, 8, 12, 93
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_IS_ENCRYPTED = 1
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, struct.error, ValueError, EOFError, OSError,
            NotImplementedError, RuntimeError, OverflowError, MemoryError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. `name` is the way to it below the outer file: "a.zip!/b.txt"."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Unopened:
    """Something in an archive that could not be read, or must not be, why, and its size."""

    what: str
    reason: str
    size: int | None = None


Opened: TypeAlias = Iterator[Member | Unopened]


def is_container(data: bytes | memoryview) -> bool:
    """Whether the content begins, or ends, as an archive or a compressed file does."""
    # Nearly everything is asked this question, and nearly nothing gets past these three.
    if not (
        bytes(data[:1]) in _FIRST
        or data[_TAR] == b"ustar"
        or data[-_ZIP_END : -_ZIP_END + 4] == _ZIP[1]
    ):
        return False
    return _form(bytes(data[:_HEAD])) is not None or data[-_ZIP_END : -_ZIP_END + 4] == _ZIP[1]


def members(data: bytes, budget: Budget, name: str = "") -> Opened:
    """Every file in an archive, and in the archives in it, each once; `name` is where it lies.

    What is damaged is given as far as it could be read. Never raises, never unpacks more than the
    budget allows, and says of everything that was left out why.
    """
    return _open(data, budget, name, budget.depth)


def _open(data: bytes, budget: Budget, name: str, depth: int) -> Opened:
    if depth == 0:
        yield Unopened(name, "lies in too many archives inside each other", len(data))
        return
    form = _form(data[:_HEAD])
    if form in _STRANGE.values():
        yield Unopened(name, f"{form}: not opened", len(data))
    elif form == "tar":
        yield from _tar(data, budget, name, depth)
    elif form is None or form == "zip":
        yield from _zip(data, budget, name, depth)
    else:
        inner = _way(name, CONTENT)
        yield from _unpacked(pieces(data, form), budget, inner, depth, len(data))


def _form(head: bytes) -> str | None:
    """What content that begins so is: "zip", "tar", a compressing program, or something strange."""
    if head.startswith(_ZIP):
        return "zip"
    if head[_TAR] == b"ustar":
        return "tar"
    strange = next((form for magic, form in _STRANGE.items() if head.startswith(magic)), None)
    return strange or compression(head)


def _way(name: str, inner: str) -> str:
    return f"{name}!/{inner}" if name else inner


def _leaf(data: bytes, budget: Budget, name: str, depth: int) -> Opened:
    """A file in an archive: itself or, where it is an archive too, what that holds."""
    if not is_container(data):
        yield Member(name, data)
        return
    opened = 0
    way = name.removesuffix(CONTENT).removesuffix("!/")
    for each in _open(data, budget, way if name.endswith(CONTENT) else name, depth - 1):
        opened += isinstance(each, Member)
        yield each
    if not opened:  # it only looked like one: so it is searched as it stands
        yield Member(name, data)


def _unpacked(content: Iterator[bytes], budget: Budget, name: str, depth: int, size: int) -> Opened:
    """One file, piece by piece under the budget; as much of it as there is."""
    found: list[bytes] = []
    length, reason = 0, ""
    try:
        for piece in content:
            length += len(piece)
            if length > budget.largest:
                reason = f"unpacks to more than {budget.largest} bytes: the rest is not read"
            elif not budget.takes(len(piece)):
                reason = f"it {budget.refusals[-1]}: the rest is not read"
            if reason:
                break
            found.append(piece)
    except DamagedError as fault:
        reason = str(fault)
    if reason:
        yield Unopened(name, reason, size)
    if found:
        yield from _leaf(b"".join(found), budget, name, depth)


def _zip(data: bytes, budget: Budget, name: str, depth: int) -> Opened:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except _DAMAGED as fault:
        yield Unopened(name, f"damaged: {fault}", len(data))
        return
    for entry in entries:
        if entry.is_dir():
            continue
        if not budget.takes_member():
            yield Unopened(name, f"it {budget.refusals[-1]}", len(data))
            return
        inner = _way(name, entry.filename)
        content = _zip_content(data, entry)
        if isinstance(content, str):
            yield Unopened(inner, content, entry.file_size)
        else:
            yield from _unpacked(content, budget, inner, depth, entry.file_size)


def _zip_content(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes] | str:
    """The pieces of one entry, or why there are none."""
    if entry.flag_bits & _IS_ENCRYPTED:
        return "encrypted"
    begin = entry.header_offset
    if not 0 <= begin <= len(data) - _LOCAL_HEADER.size:
        return "damaged: it lies outside of the archive"
    magic, name_length, extra_length = _LOCAL_HEADER.unpack_from(data, begin)
    if magic != _ZIP[0]:
        return "damaged: no file where the archive's list says there is one"
    begin += _LOCAL_HEADER.size + name_length + extra_length
    packed = data[begin : begin + entry.compress_size]
    if entry.compress_type == _STORED:
        return iter([packed])
    if entry.compress_type in {_DEFLATED, _BZIP2}:
        return raw_pieces(packed, entry.compress_type)
    if entry.compress_type == _ZSTANDARD:
        return pieces(packed, "zstandard")
    return f"compressed by method {entry.compress_type} of zip: not opened"


def _tar(data: bytes, budget: Budget, name: str, depth: int) -> Opened:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for entry in archive:
                if not budget.takes_member():
                    yield Unopened(name, f"it {budget.refusals[-1]}", len(data))
                    return
                content = archive.extractfile(entry) if entry.isreg() else None
                if content:
                    inner = _way(name, entry.name)
                    read = iter(lambda file=content: file.read(1 << 20), b"")  # type: ignore[misc]
                    yield from _unpacked(read, budget, inner, depth, entry.size)
    except _DAMAGED as fault:
        yield Unopened(name, f"damaged: {fault}", len(data))
