"""In: an objects/ folder. Out: the objects that lie in it as files of their own."""

import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from mmap import mmap
from pathlib import Path

from analyzer.git.inflate import SAFE_STREAM, inflate_carefully, inflate_chunks, zlib_inflate
from analyzer.git.objects import LARGEST_BODY, GitObject, StreamedObject, UnreadableObject
from analyzer.git.safe_open import DamagedObject, list_folder, map_file, open_folder

FOLDER = re.compile(r"[0-9a-f]{2}")
_REST = re.compile(r"[0-9a-f]{38}|[0-9a-f]{62}")
_HEADER = re.compile(rb"(commit|tree|blob|tag) (0|[1-9][0-9]{0,18})\0")
_LONGEST_HEADER = 32
_NONSENSE = "it does not begin as an object does"


def list_loose_names(store: int) -> tuple[list[str], list[UnreadableObject]]:
    """The loose objects of an open objects folder, as "ab/cdef…", and folders that can't be read.

    Raises DamagedObject where the objects folder itself can't be listed.
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
            yield _read_loose(number, name)


def _open_folders(objects: Path, names: Iterable[str]) -> Iterator[tuple[int | DamagedObject, str]]:
    """Each name with the descriptor of its folder, or why that can't be opened."""
    for fan, group in groupby(names, key=_fan_of):
        inside = list(group)
        try:
            with open_folder(os.fspath(objects)) as store, open_folder(fan, store) as number:
                yield from ((number, name) for name in inside)
        except DamagedObject as fault:
            yield from ((fault, name) for name in inside)


def _map_object(number: int, name: str) -> mmap | bytes:
    return map_file(name.partition("/")[2], number, LARGEST_BODY)


def _read_loose(number: int, name: str) -> GitObject | StreamedObject | UnreadableObject:
    """One object, given the descriptor of its folder."""
    oid, size = _oid(name), None
    try:
        content = _map_object(number, name)
        kind, size, begin = _parse_header(content)
        if size > LARGEST_BODY:
            return StreamedObject(oid, kind, size, _iter_body(content, begin, size))
        return oid, kind, _inflate_body(content, begin, size)
    except DamagedObject as fault:
        return UnreadableObject(oid, name, fault.reason, size)


def _parse_header(content: mmap | bytes) -> tuple[str, int, int]:
    """Kind and size of an object, and how long the header is that states them."""
    try:
        begin = zlib.decompressobj().decompress(content[: 4 * _LONGEST_HEADER], _LONGEST_HEADER)
    except zlib.error as fault:
        raise DamagedObject(_NONSENSE) from fault
    header = _HEADER.match(begin)
    if header is None:
        raise DamagedObject(_NONSENSE)
    kind, size = header.groups()
    return kind.decode(), int(size), header.end()


def _inflate_body(content: mmap | bytes, begin: int, size: int) -> bytes:
    """The content of an object whose header has `begin` bytes."""
    if len(content) < SAFE_STREAM:
        try:
            body = zlib_inflate(content, 15, begin + size)
        except zlib.error:
            body = b""
        if len(body) == begin + size:
            return body[begin:]
    return inflate_carefully(memoryview(content), begin + size)[begin:]


def _iter_body(content: mmap | bytes, begin: int, size: int) -> Iterator[bytes]:
    """The content of a large object whose header has `begin` bytes, piece by piece."""
    pieces = inflate_chunks(memoryview(content), begin + size)
    yield from chain([next(pieces)[begin:]], pieces)


def _fan_of(name: str) -> str:
    return name.partition("/")[0]


def _oid(name: str) -> str:
    return name.replace("/", "")
