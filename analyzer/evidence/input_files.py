"""In: the paths that a person named. Out: the files in them, one by one, as bytes.

Folders are listed here, archives are opened by `analyzer.archives`: by content and never by name.
Nothing is unpacked to disk, and no link is followed.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath

from analyzer.archives.budget import Budget
from analyzer.archives.bundle_reader import is_bundle
from analyzer.archives.decompress import DamagedError
from analyzer.archives.members import (
    Member,
    OpeningRules,
    UnopenedMember,
    is_archive,
    iter_members,
)
from analyzer.archives.signatures import BLOCK, PACK, ZIP_FILE
from analyzer.archives.zip_reader import read_zip
from analyzer.errors import EvidenceError

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes of a file. 50,000 principals make about 300 MB of authorization details."""
LARGEST_TOTAL = 2 * LARGEST_FILE
"""Bytes that one input may unpack to, with all archives inside it: a bomb stops here.

How many files it may hold is the limit of `Budget`.
"""
DEEPEST_FOLDER = 64
"""Folders inside folders that are still listed."""
_DEEPEST_ARCHIVE = 8
"""Formats that may lie inside each other; a tar.gz is two."""
_WORKBOOK = "is a spreadsheet workbook or another office file, not an export"
_OFFICE = frozenset({"[Content_Types].xml", "Index/Document.iwa", "META-INF/manifest.xml"})
"""Members by which files of Excel and Word, of Apple's Numbers and of LibreOffice are known."""
_GIT = "is a git bundle or pack, not an export"
_REMEDIES = {
    _WORKBOOK: "Hand in the CSV or JSON as AWS wrote it, not a copy of its values",
    _GIT: "Hand it in as a repository, with --repo",
}


_DOUBLE = b"\x00\x05\x16\x07"
"""The first bytes of an AppleDouble file, in which macOS keeps what another file's format can't."""
_STORE = b"\x00\x00\x00\x01Bud1"
_OF_WINDOWS = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})
_OLE, _INI = b"\xd0\xcf\x11\xe0", b"[.ShellClassInfo]"


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file, named as the report will name it: `pack.tar.gz!iam/gaad.json`.

    `root` is the folder or archive that the person gave, as paths in it begin (`pack.tar.gz!`), ""
    for a file given by itself. `folder` is where that input lies.
    """

    path: str
    data: bytes
    root: str = field(default="", compare=False)
    folder: str = field(default="", compare=False)


def is_clutter(file: InputFile) -> bool:
    """True for a file that macOS or Windows put beside others; its name and first bytes say so.

    An export under such a name is no clutter.
    """
    name = re.split(r"[/!]", file.path)[-1]
    if name.startswith("._"):
        return file.data.startswith(_DOUBLE)
    if name == ".DS_Store":
        return file.data.startswith(_STORE) or not file.data
    if name.lower() not in _OF_WINDOWS:
        return False
    # desktop.ini is in UTF-16 or in the old code page.
    head = file.data[:200].replace(b"\0", b"")
    return head.startswith(_OLE) or _INI.lower() in head.lower()


def read_inputs(inputs: tuple[Path, ...]) -> Iterator[InputFile | EvidenceError]:
    """Every file in the inputs, one at a time: a folder's by name, an archive's in its own order.

    Names start at the input itself, so that a report does not depend on where the evidence lay;
    only inputs of one name are told apart by the folders above them. What can't be read is yielded
    as an error in its place; the rest goes on.
    """
    for path, name in _name_inputs(inputs):
        try:
            is_folder = path.is_dir()
        except OSError as error:
            yield _unreadable(name, error.strerror or "can't be opened")
            continue
        found = _read_folder(path, name, 1) if is_folder else _read_file(path, name)
        folder = str(Path(os.path.normpath(Path.cwd() / path)).parent)
        for each in found:
            if isinstance(each, InputFile):
                root = f"{name}/" if is_folder else _archive_root(name, each.path)
                yield replace(each, root=root, folder=folder)
            else:
                yield each


def _archive_root(name: str, path: str) -> str:
    """The archive that was given, with its separator; "" for a file, and for one compressed."""
    is_single = path in {name, f"{name}!{PurePosixPath(name).stem}"}
    return "" if is_single else f"{name}!"


def _name_inputs(inputs: tuple[Path, ...]) -> list[tuple[Path, str]]:
    """Each input once, with the shortest end of its path that no other input shares."""
    absolute = {Path(os.path.normpath(Path.cwd() / path)): path for path in inputs}
    names = []
    for path, given in absolute.items():
        parts = path.parts[1:]
        others = [other.parts[1:] for other in absolute if other != path]
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


def _read_folder(folder: Path, name: str, depth: int) -> Iterator[InputFile | EvidenceError]:
    if depth > DEEPEST_FOLDER:
        yield EvidenceError("folders are nested too deep", where=name, remedy="Move it up")
        return
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(name, error.strerror or "can't be listed")
        return
    for entry in entries:
        entry_name = f"{name}/{entry.name}"
        if entry.is_symlink():
            yield EvidenceError(
                "a link is not followed", where=entry_name, remedy="Give the file it names"
            )
        elif entry.is_dir():
            yield from _read_folder(entry, entry_name, depth + 1)
        else:
            yield from _read_file(entry, entry_name)


def _read_file(path: Path, name: str) -> Iterator[InputFile | EvidenceError]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            yield EvidenceError("is not a regular file", where=name)
        elif status.st_size > LARGEST_FILE:
            yield EvidenceError("is larger than any export of an account", where=name)
        else:
            yield from _open(InputFile(name, path.read_bytes()))
    except OSError as error:
        yield _unreadable(name, error.strerror or "can't be opened")


def _open(file: InputFile) -> Iterator[InputFile | EvidenceError]:
    """The file itself or, if it is an archive, every whole file in it."""
    if not is_archive(file.data):
        yield file
        return
    budget = Budget(
        unpacked_left=LARGEST_TOTAL,
        largest=LARGEST_FILE,
        free_bytes=LARGEST_TOTAL,
        depth=_DEEPEST_ARCHIVE,
    )
    for member in iter_members(file.data, budget, file.path, _RULES):
        if isinstance(member, Member):
            yield InputFile(member.name, member.data)
        elif isinstance(member, UnopenedMember):
            remedy = _REMEDIES.get(member.reason, "Export it again, or unpack it")
            yield EvidenceError(member.reason, where=member.what, remedy=remedy)


def _refuse(data: memoryview) -> str:
    """Why an archive is none that evidence comes in, "" if it may be."""
    head = bytes(data[:BLOCK])
    if is_bundle(head) or head.startswith(PACK):
        return _GIT
    return _WORKBOOK if head.startswith(ZIP_FILE) and _is_workbook(data) else ""


def _is_workbook(data: memoryview) -> bool:
    # Excel pads the heads of its members, which read strictly is damage.
    entries = islice(read_zip(data), Budget().members_left)
    try:
        return any(entry.name in _OFFICE for entry in entries)
    except DamagedError:
        return False


_RULES = OpeningRules(separator="!", keeps_stem=True, is_strict=True, refusal=_refuse)


def _unreadable(where: str, what: str) -> EvidenceError:
    return EvidenceError(what, where=where, remedy="Export it again")
