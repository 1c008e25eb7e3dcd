"""In: the paths a person named. Out: the files in them, one by one, as bytes.

Folders, .zip, .tar and .tar.gz are opened here, by content and never by name; nothing is
unpacked to disk, and no link is followed out of a folder.
"""

import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from analyzer.errors import EvidenceError

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes. 50,000 principals make about 300 MB of authorization details."""
LARGEST_TOTAL = 2 * LARGEST_FILE
"""Bytes that one archive may unpack to, with all archives inside it: a bomb stops here."""
MOST_MEMBERS = 50_000
DEEPEST = 3
"""Archives inside archives that are still opened."""
DEEPEST_FOLDER = 64
"""Folders inside folders that are still listed."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file, named as the report will name it: `pack.tar.gz!iam/gaad.json`."""

    path: str
    data: bytes


@dataclass(slots=True)
class _Budget:
    """How many bytes may still be unpacked from one input file."""

    left: int = LARGEST_TOTAL

    def allows(self, size: int) -> bool:
        """Whether a file of that size may be read; if so, it is charged."""
        if not 0 <= size <= min(self.left, LARGEST_FILE):
            return False
        self.left -= size
        return True


def read_inputs(inputs: tuple[Path, ...]) -> Iterator[InputFile | EvidenceError]:
    """Every file in the inputs, each input's in the order of their names.

    Names start at the input itself, so that a report does not depend on where the evidence lay;
    only inputs of one name are told apart by the folders above them. What can't be read is yielded
    as an error in its place; the rest goes on.
    """
    for given, name in _named(inputs):
        try:
            is_folder = given.is_dir()
        except OSError as error:
            yield _unreadable(name, error.strerror or "can't be opened")
            continue
        yield from _folder(given, name, 1) if is_folder else _file(given, name)


def _named(inputs: tuple[Path, ...]) -> list[tuple[Path, str]]:
    """Each input once, with the shortest end of its path that no other input shares."""
    whole = {Path(os.path.normpath(Path.cwd() / given)): given for given in inputs}
    names = []
    for path, given in whole.items():
        parts = path.parts[1:]
        others = [other.parts[1:] for other in whole if other != path]
        length = next(
            (
                count
                for count in range(1, len(parts))
                if all(other[-count:] != parts[-count:] for other in others)
            ),
            len(parts),
        )
        names.append((given, "/".join(parts[-length:]) or "input"))
    return names


def _folder(folder: Path, name: str, depth: int) -> Iterator[InputFile | EvidenceError]:
    if depth > DEEPEST_FOLDER:
        yield EvidenceError("folders are nested too deep", where=name, remedy="Move it up")
        return
    try:
        inside = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(name, error.strerror or "can't be listed")
        return
    for entry in inside:
        shown = f"{name}/{entry.name}"
        if entry.is_symlink():
            yield EvidenceError(
                "a link is not followed", where=shown, remedy="Give the file it names"
            )
        elif entry.is_dir():
            yield from _folder(entry, shown, depth + 1)
        else:
            yield from _file(entry, shown)


def _file(path: Path, name: str) -> Iterator[InputFile | EvidenceError]:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            yield EvidenceError("is not a regular file", where=name)
        elif found.st_size > LARGEST_FILE:
            yield _too_large(name)
        else:
            yield from _opened(InputFile(name, path.read_bytes()), 1, _Budget())
    except OSError as error:
        yield _unreadable(name, error.strerror or "can't be opened")


def _opened(member: InputFile, depth: int, budget: _Budget) -> Iterator[InputFile | EvidenceError]:
    """The member itself, or what is in it if it is an archive."""
    data = member.data
    if not (data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")) or _is_tar(data)):
        yield member
        return
    if depth > DEEPEST:
        yield EvidenceError("archives are nested too deep", where=member.path, remedy="Unpack it")
        return
    try:
        for inner in _unpacked(member, budget):
            if isinstance(inner, InputFile):
                yield from _opened(inner, depth + 1, budget)
            else:
                yield inner
    except Exception as error:  # noqa: BLE001 - hostile bytes get anything out of the readers
        yield _damaged(member.path, error)


def _unpacked(member: InputFile, budget: _Budget) -> Iterator[InputFile | EvidenceError]:
    if member.data.startswith(b"PK"):
        yield from _zip(member, budget)
    elif member.data.startswith(b"\x1f\x8b"):
        most = budget.left
        with gzip.GzipFile(fileobj=io.BytesIO(member.data)) as stream:
            inner = stream.read(most + 1)
        if _is_tar(inner) and len(inner) <= most:
            yield from _tar(member.path, inner, budget)
        elif budget.allows(len(inner)):
            own = member.path.rpartition("!")[2]
            yield InputFile(f"{member.path}!{PurePosixPath(own).stem}", inner)
        else:
            yield _too_large(member.path)
    else:
        yield from _tar(member.path, member.data, budget)


def _zip(member: InputFile, budget: _Budget) -> Iterator[InputFile | EvidenceError]:
    with zipfile.ZipFile(io.BytesIO(member.data)) as archive:
        inside = sorted(archive.infolist(), key=lambda info: info.filename)
        if any(info.filename == "[Content_Types].xml" for info in inside):
            yield EvidenceError(
                "is a spreadsheet workbook, not an export",
                where=member.path,
                remedy="Hand in the CSV as AWS wrote it",
            )
            return
        if len(inside) > MOST_MEMBERS:
            yield _too_many(member.path)
        for info in inside[:MOST_MEMBERS]:
            if not info.is_dir():
                yield _zipped(archive, info, f"{member.path}!{info.filename}", budget)


def _zipped(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str, budget: _Budget
) -> InputFile | EvidenceError:
    """One member; a damaged or encrypted one does not take the others with it."""
    if not budget.allows(info.file_size):
        return _too_large(shown)
    try:
        with archive.open(info) as stream:
            # One byte more than stated makes the reader compare the checksum.
            return InputFile(shown, stream.read(info.file_size + 1))
    except Exception as error:  # noqa: BLE001 - as above
        return _damaged(shown, error)


def _tar(path: str, data: bytes, budget: _Budget) -> Iterator[InputFile | EvidenceError]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        inside = [info for _, info in zip(range(MOST_MEMBERS + 1), archive, strict=False)]
        if len(inside) > MOST_MEMBERS:
            yield _too_many(path)
        for info in sorted(inside[:MOST_MEMBERS], key=lambda info: info.name):
            shown = f"{path}!{info.name}"
            if info.isdir():
                continue
            stream = archive.extractfile(info) if info.isreg() else None
            if stream is None:
                yield EvidenceError("is not a regular file", where=shown)
            elif not budget.allows(info.size):
                yield _too_large(shown)
            else:
                yield InputFile(shown, stream.read())


def _is_tar(data: bytes) -> bool:
    # The NUL tells it from a text that has the word at this very place.
    return data[257:262] == b"ustar" and b"\0" in data[262:265]


def _too_large(where: str) -> EvidenceError:
    return EvidenceError("is larger than any export of an account", where=where)


def _too_many(where: str) -> EvidenceError:
    return EvidenceError(f"holds more than {MOST_MEMBERS:,} files", where=where)


def _damaged(where: str, error: Exception) -> EvidenceError:
    fault = str(error) or type(error).__name__
    return _unreadable(where, f"is a damaged or encrypted archive ({fault})")


def _unreadable(where: str, what: str) -> EvidenceError:
    return EvidenceError(what, where=where, remedy="Export it again")
