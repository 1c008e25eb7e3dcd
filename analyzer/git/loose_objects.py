"""In: the files of loose objects. Out: each object."""

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, groupby
from mmap import mmap
from pathlib import Path

from analyzer.git.inflate import SAFE_STREAM, inflate_carefully, inflate_chunks, zlib_inflate
from analyzer.git.objects import KINDS, LARGEST_BODY, GitObject, StreamedObject, UnreadableObject
from analyzer.git.safe_open import DamagedObject, list_folder, map_file, open_folder

FOLDER = re.compile(r"[0-9a-f]{2}")
_REST = re.compile(r"[0-9a-f]{38}|[0-9a-f]{62}")
_HEADER = re.compile(rb"(commit|tree|blob|tag) (0|[1-9][0-9]{0,18})\0")
_LONGEST_HEADER = 32
_NONSENSE = "it does not begin as an object does"


def list_loose_names(store: int) -> tuple[list[str], list[UnreadableObject]]:
    """All loose objects of an open objects folder, as "ab/cdef…", and folders that can't be read.

    Raises Damaged where the objects folder itself can't be listed.
    """
    names: list[str] = []
    unreadable: list[UnreadableObject] = []
    for fan, is_folder in list_folder(store):
        if is_folder and FOLDER.fullmatch(fan):
            try:
                with open_folder(fan, store) as number:
                    listed = list_folder(number)
            except DamagedObject as fault:
                unreadable.append(UnreadableObject("", fan, fault.reason))
                continue
            names += [f"{fan}/{name}" for name, _ in listed if _REST.fullmatch(name)]
    return names, unreadable


def is_loose(path: str) -> bool:
    """Whether a path below objects/ is that of a loose object."""
    fan, _, rest = path.partition("/")
    return bool(FOLDER.fullmatch(fan) and _REST.fullmatch(rest))


def iter_loose(
    objects: Path, names: Sequence[str]
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """The objects of the given files of an objects/ folder."""
    for number, name in _open_folders(objects, names):
        if isinstance(number, DamagedObject):
            yield UnreadableObject(_oid(name), name, number.reason)
        else:
            yield _read(number, name)


def iter_loose_commit_ids(objects: Path, names: Iterable[str]) -> Iterator[str]:
    """The ids of those that are commits; no more than the begin of each is unpacked."""
    for number, name in _open_folders(objects, names):
        with suppress(DamagedObject):
            if (
                not isinstance(number, DamagedObject)
                and _head(_mapped(number, name))[0] == KINDS[1]
            ):
                yield _oid(name)


def _open_folders(objects: Path, names: Iterable[str]) -> Iterator[tuple[int | DamagedObject, str]]:
    """Each name with its open folder, or why that can't be opened."""
    for fan, group in groupby(names, key=_fan_of):
        inside = list(group)
        try:
            with open_folder(os.fspath(objects)) as store, open_folder(fan, store) as number:
                yield from ((number, name) for name in inside)
        except DamagedObject as fault:
            yield from ((fault, name) for name in inside)


def _mapped(number: int, name: str) -> mmap | bytes:
    return map_file(name.partition("/")[2], number)


def _read(number: int, name: str) -> GitObject | StreamedObject | UnreadableObject:
    """One object, given its open folder."""
    oid, size = _oid(name), None
    try:
        content = _mapped(number, name)
        kind, size, begin = _head(content)
        if size > LARGEST_BODY:
            return StreamedObject(oid, kind, size, _behind(begin, content, size))
        return oid, kind, _whole(content, begin, size)
    except DamagedObject as fault:
        return UnreadableObject(oid, name, fault.reason, size)


def _head(content: mmap | bytes) -> tuple[str, int, int]:
    """Kind and size of an object, and the length of the header that says so."""
    try:
        begin = zlib.decompressobj().decompress(content[: 4 * _LONGEST_HEADER], _LONGEST_HEADER)
    except zlib.error as fault:
        raise DamagedObject(_NONSENSE) from fault
    header = _HEADER.match(begin)
    if header is None:
        raise DamagedObject(_NONSENSE)
    kind, size = header.groups()
    return kind.decode(), int(size), header.end()


def _whole(content: mmap | bytes, begin: int, size: int) -> bytes:
    if len(content) < SAFE_STREAM:
        try:
            body = zlib_inflate(content, 15, begin + size)
        except zlib.error:
            body = b""
        if len(body) == begin + size:
            return body[begin:]
    return inflate_carefully(memoryview(content), begin + size)[begin:]


def _behind(begin: int, content: mmap | bytes, size: int) -> Iterator[bytes]:
    """The pieces of a large object without its header."""
    pieces = inflate_chunks(memoryview(content), begin + size)
    yield from chain([next(pieces)[begin:]], pieces)


def _fan_of(name: str) -> str:
    return name.partition("/")[0]


def _oid(name: str) -> str:
    return name.replace("/", "")
