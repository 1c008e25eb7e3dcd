"""In: the paths a person named. Out: the files in them, one by one, as bytes.

Folders, .zip, .tar and .tar.gz are opened here, by content and never by name; nothing is
unpacked to disk, and no link is followed out of a folder.
"""

import gzip
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from analyzer.errors import EvidenceError

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes. 50,000 principals make about 300 MB of authorization details."""
LARGEST_TOTAL = 2 * LARGEST_FILE
"""Bytes that one archive may unpack to: a bomb stops here."""
MOST_MEMBERS = 50_000
DEEPEST = 3
"""Archives inside archives that are still opened."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file, named as the report will name it: `pack.tar.gz!iam/gaad.json`."""

    path: str
    data: bytes


def members(inputs: tuple[Path, ...]) -> Iterator[Member | EvidenceError]:
    """Every file in the inputs, each input's in the order of their names.

    Names start at the input itself, so that a report does not depend on where the evidence lay.
    What can't be read is yielded as an error in its place; the rest goes on.
    """
    for given in inputs:
        name = given.name or given.resolve().name or "input"
        if given.is_dir():
            yield from _folder(given, name)
        else:
            yield from _file(given, name)


def _folder(folder: Path, name: str) -> Iterator[Member | EvidenceError]:
    try:
        inside = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(name, error.strerror or "can't be listed")
        return
    for entry in inside:
        shown = f"{name}/{entry.name}"
        if entry.is_symlink():
            yield EvidenceError(
                "a link is not followed", where=shown, way_out="Give the file it names"
            )
        elif entry.is_dir():
            yield from _folder(entry, shown)
        else:
            yield from _file(entry, shown)


def _file(path: Path, name: str) -> Iterator[Member | EvidenceError]:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            yield EvidenceError("is not a regular file", where=name)
        elif found.st_size > LARGEST_FILE:
            yield _too_large(name)
        else:
            yield from _opened(Member(name, path.read_bytes()), 1)
    except OSError as error:
        yield _unreadable(name, error.strerror or "can't be opened")


def _opened(member: Member, depth: int) -> Iterator[Member | EvidenceError]:
    """The member itself, or what is in it if it is an archive."""
    data = member.data
    if not (data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")) or _is_tar(data)):
        yield member
        return
    if depth > DEEPEST:
        yield EvidenceError("archives are nested too deep", where=member.path, way_out="Unpack it")
        return
    try:
        for inner in _unpacked(member):
            if isinstance(inner, Member):
                yield from _opened(inner, depth + 1)
            else:
                yield inner
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError,
            RuntimeError, NotImplementedError) as error:  # fmt: skip
        yield _unreadable(member.path, f"is a damaged or encrypted archive ({error})")


def _unpacked(member: Member) -> Iterator[Member | EvidenceError]:
    if member.data.startswith(b"PK"):
        yield from _zip(member)
    elif member.data.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=io.BytesIO(member.data)) as stream:
            inner = stream.read(LARGEST_TOTAL + 1)
        if len(inner) > LARGEST_TOTAL:
            yield _too_large(member.path)
        elif _is_tar(inner):
            yield from _tar(member.path, inner)
        else:
            yield Member(f"{member.path}!{PurePosixPath(member.path).stem}", inner)
    else:
        yield from _tar(member.path, member.data)


def _zip(member: Member) -> Iterator[Member | EvidenceError]:
    with zipfile.ZipFile(io.BytesIO(member.data)) as archive:
        inside = sorted(archive.infolist(), key=lambda info: info.filename)
        if any(info.filename == "[Content_Types].xml" for info in inside):
            yield EvidenceError(
                "is a spreadsheet workbook, not an export",
                where=member.path,
                way_out="Hand in the CSV as AWS wrote it",
            )
            return
        budget = LARGEST_TOTAL
        for count, info in enumerate(inside):
            if info.is_dir():
                continue
            shown = f"{member.path}!{info.filename}"
            if count >= MOST_MEMBERS or info.file_size > min(budget, LARGEST_FILE):
                yield _too_large(shown)
                continue
            with archive.open(info) as stream:
                data = stream.read(info.file_size + 1)
            budget -= len(data)
            yield Member(shown, data)


def _tar(path: str, data: bytes) -> Iterator[Member | EvidenceError]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        inside = [info for _, info in zip(range(MOST_MEMBERS + 1), archive, strict=False)]
        if len(inside) > MOST_MEMBERS:
            yield EvidenceError(f"holds more than {MOST_MEMBERS:,} files", where=path)
        for info in sorted(inside[:MOST_MEMBERS], key=lambda info: info.name):
            shown = f"{path}!{info.name}"
            if info.isdir():
                continue
            stream = archive.extractfile(info) if info.isreg() else None
            if stream is None:
                yield EvidenceError("is not a regular file", where=shown)
            elif info.size > LARGEST_FILE:
                yield _too_large(shown)
            else:
                yield Member(shown, stream.read())


def _is_tar(data: bytes) -> bool:
    return data[257:262] == b"ustar"


def _too_large(where: str) -> EvidenceError:
    return EvidenceError("is larger than any export of an account", where=where)


def _unreadable(where: str, what: str) -> EvidenceError:
    return EvidenceError(what, where=where, way_out="Export it again")
