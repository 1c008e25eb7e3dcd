"""In: the bytes of a git bundle or pack. Out: the list of refs, and the objects one at a time.

Formats: git's own documentation, "gitformat-bundle" and "gitformat-pack".
"""

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

# Public as dulwich.pack.apply_delta, whose module takes longer to import than a small scan takes
# to read all its objects; a test holds the two to be one function.
from dulwich._pack import apply_delta

from analyzer.archives.decompress import DamagedError
from analyzer.archives.zip_reader import ArchiveEntry

_FIRST_LINE = re.compile(rb"# v[23] git bundle\n")
_PACK = re.compile(rb"PACK\0\0\0[\2\3](....)", re.DOTALL)
_REFS = re.compile(rb"# v[23] git bundle\n(|[^\n].*?\n)\n", re.DOTALL)  # to the empty line
_SHA1, _SHA256 = 20, 32
_LONGEST_HEADER = 64 << 20
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_BY_PLACE, _BY_ID = 6, 7
_FEED = 64 << 10
_LEAST, _RATIO = 64 << 20, 64
_LARGEST = 64 << 20
_MOST_HELD = 128 << 20
_ENDS = "damaged: ends too early"
_NO_BASE = "made from others that are not in the file, or that are too large to be kept"


@dataclass(slots=True)
class _Pack:
    """A pack as far as it is read: where the next object begins, and what deltas may build on."""

    data: memoryview
    at: int
    is_sha256: bool
    left: int
    held: int = 0
    bodies: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    places: dict[bytes, int] = field(default_factory=dict)

    def byte(self) -> int:
        """The next byte."""
        if self.at >= len(self.data):
            raise DamagedError(_ENDS)
        self.at += 1
        return self.data[self.at - 1]


def is_bundle(head: bytes) -> bool:
    """Whether the content that begins so is a git bundle."""
    return _FIRST_LINE.match(head) is not None


def read_bundle(data: memoryview) -> Iterator[ArchiveEntry]:
    """The refs of a bundle, and every object, called by its kind and id.

    Produces no more than a bundle of that size may hold; raises DamagedError where it ends.
    """
    found = _REFS.match(data, 0, _LONGEST_HEADER)
    if found is None:
        raise DamagedError("damaged: a git bundle without objects")
    # Without its first line, for the list itself is no bundle.
    header = data[found.start(1) : found.end(1)]
    yield ArchiveEntry("refs", header, len(header))
    is_sha256 = b"@object-format=sha256\n" in bytes(header)
    yield from _iter_objects(data[found.end() :], is_sha256=is_sha256)


def read_pack(data: memoryview) -> Iterator[ArchiveEntry]:
    """The objects of a pack, likewise; which hash names them is told by its own at the end."""
    is_sha256 = hashlib.sha256(data[:-_SHA256]).digest() == data[-_SHA256:]
    yield from _iter_objects(data, is_sha256=is_sha256)


def _iter_objects(data: memoryview, *, is_sha256: bool) -> Iterator[ArchiveEntry]:
    found = _PACK.match(data)
    if found is None:
        raise DamagedError("damaged: no git pack, or of a form that is not known")
    pack = _Pack(data, found.end(), is_sha256, _LEAST + _RATIO * len(data))
    lacking = 0
    for _ in range(int.from_bytes(found[1])):
        entry = _read_entry(pack)
        if entry:
            yield entry
        else:
            lacking += 1
    if lacking:
        yield ArchiveEntry(f"{lacking} objects", _NO_BASE, 0)


def _read_entry(pack: _Pack) -> ArchiveEntry | None:
    """The next object, None where what it is made from is not there."""
    begin = pack.at
    kind, size = _read_header(pack)
    base: tuple[str, bytes] | None = None
    if kind == _BY_PLACE:
        base = pack.bodies.get(begin - _read_base_distance(pack))
    elif kind == _BY_ID:
        width = _SHA256 if pack.is_sha256 else _SHA1
        name = bytes(pack.data[pack.at : pack.at + width])
        pack.at += width
        base = pack.bodies.get(pack.places.get(name, -1))
    elif kind not in _KINDS:
        raise DamagedError("damaged: an object of no known kind")
    body = _inflate(pack, size)
    if body is None:
        return ArchiveEntry(f"object at {begin}", f"has more than {_LARGEST} bytes", size)
    if kind in _KINDS:
        return _keep_body(pack, begin, _KINDS[kind], body)
    if base is None:
        return None
    return _keep_body(pack, begin, base[0], _apply_delta(pack, base[1], body))


def _read_header(pack: _Pack) -> tuple[int, int]:
    """Kind and size of an object."""
    byte = pack.byte()
    kind, size, shift = byte >> 4 & 7, byte & 15, 4
    while byte & 128:
        byte = pack.byte()
        size |= (byte & 127) << shift
        shift += 7
    return kind, size


def _read_base_distance(pack: _Pack) -> int:
    """How many bytes before an object that one begins which it is made from."""
    byte = pack.byte()
    value = byte & 127
    while byte & 128:
        byte = pack.byte()
        value = (value + 1) << 7 | byte & 127
    return value


def _inflate(pack: _Pack, size: int) -> bytes | None:
    """The unpacked bytes, None where they are too many to be kept; all of the stream is read."""
    stream, parts, length = zlib.decompressobj(), list[bytes](), 0
    feed = b""
    try:
        while not stream.eof:
            if not feed:
                feed = bytes(pack.data[pack.at : pack.at + _FEED])
                pack.at += len(feed)
            part = stream.decompress(feed, _FEED)
            if not part and not feed:
                raise DamagedError(_ENDS)
            feed = stream.unconsumed_tail
            length += len(part)
            _charge(pack, len(part))
            if size <= _LARGEST:
                parts.append(part)
    except zlib.error as fault:
        raise DamagedError(f"damaged: {fault}") from fault
    pack.at -= len(stream.unused_data)
    if length != size:
        raise DamagedError("damaged: an object has another size than it says")
    return b"".join(parts) if size <= _LARGEST else None


def _apply_delta(pack: _Pack, base: bytes, delta: bytes) -> bytes:
    """What a delta makes of its base, if that is not too much."""
    sizes = _Pack(memoryview(delta), 0, is_sha256=False, left=0)
    _size(sizes)
    size = _size(sizes)
    if size > _LARGEST:
        raise DamagedError(f"a delta makes more than {_LARGEST} bytes")
    _charge(pack, size)
    try:
        made: bytes = apply_delta(base, delta)[0]
    except Exception as fault:
        raise DamagedError("damaged: a delta does not fit its base") from fault
    return made


def _size(delta: _Pack) -> int:
    size, shift, byte = 0, 0, 128
    while byte & 128:
        byte = delta.byte()
        size |= (byte & 127) << shift
        shift += 7
    return size


def _charge(pack: _Pack, size: int) -> None:
    pack.left -= size
    if pack.left < 0:
        raise DamagedError("unpacks to more bytes than its size allows: the rest is not read")


def _keep_body(pack: _Pack, begin: int, kind: str, body: bytes) -> ArchiveEntry:
    """The entry of an object, which later ones may be made from; the oldest are let go."""
    digest = hashlib.sha256 if pack.is_sha256 else hashlib.sha1
    oid = digest(f"{kind} {len(body)}\0".encode() + body, usedforsecurity=False)
    pack.bodies[begin] = kind, body
    pack.places[oid.digest()] = begin
    pack.held += len(body)
    while pack.held > _MOST_HELD:
        pack.held -= len(pack.bodies.pop(next(iter(pack.bodies)))[1])
    return ArchiveEntry(f"{kind} {oid.hexdigest()}", memoryview(body), len(body))
