"""In: the bytes of a git bundle or pack. Out: a bundle's refs, and the objects one at a time.

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
_OFS_DELTA, _REF_DELTA = 6, 7
_FEED = 64 << 10
_LEAST, _RATIO = 64 << 20, 64
_LARGEST = 64 << 20
_MOST_HELD = 128 << 20
_ENDS = "damaged: ends too early"
_NO_BASE = "made from others that are not in the file, or that are too large to be kept"


@dataclass(slots=True)
class _Pack:
    """A pack that is being read.

    `at` is where the next object begins, `bytes_left` what may still be unpacked. `bodies` has kind
    and content, by offset, of the objects that deltas may still build on, `held` bytes in all;
    `offsets` has the offset of each object by its id.
    """

    data: memoryview
    at: int
    is_sha256: bool
    bytes_left: int
    held: int = 0
    bodies: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    offsets: dict[bytes, int] = field(default_factory=dict)

    def read_byte(self) -> int:
        """The next byte; raises DamagedError at the end."""
        if self.at >= len(self.data):
            raise DamagedError(_ENDS)
        self.at += 1
        return self.data[self.at - 1]


def is_bundle(head: bytes) -> bool:
    """Whether content that begins with `head` is a git bundle."""
    return _FIRST_LINE.match(head) is not None


def read_bundle(data: memoryview) -> Iterator[ArchiveEntry]:
    """The refs of a bundle as one entry, and every object, named by its kind and id.

    Unpacks no more than a fixed multiple of the size. Raises DamagedError where nothing further can
    be read.
    """
    refs = _REFS.match(data, 0, _LONGEST_HEADER)
    if refs is None:
        raise DamagedError("damaged: a git bundle without objects")
    # Without the first line, by which the list alone would be taken for a bundle.
    header = data[refs.start(1) : refs.end(1)]
    yield ArchiveEntry("refs", header, len(header))
    is_sha256 = b"@object-format=sha256\n" in bytes(header)
    yield from _iter_objects(data[refs.end() :], is_sha256=is_sha256)


def read_pack(data: memoryview) -> Iterator[ArchiveEntry]:
    """The objects of a pack, likewise; the checksum at its end tells by which hash ids are made."""
    is_sha256 = hashlib.sha256(data[:-_SHA256]).digest() == data[-_SHA256:]
    yield from _iter_objects(data, is_sha256=is_sha256)


def _iter_objects(data: memoryview, *, is_sha256: bool) -> Iterator[ArchiveEntry]:
    header = _PACK.match(data)
    if header is None:
        raise DamagedError("damaged: no git pack, or of a form that is not known")
    pack = _Pack(data, header.end(), is_sha256, _LEAST + _RATIO * len(data))
    without_base = 0
    for _ in range(int.from_bytes(header[1])):
        entry = _read_entry(pack)
        if entry:
            yield entry
        else:
            without_base += 1
    if without_base:
        yield ArchiveEntry(f"{without_base} objects", _NO_BASE, 0)


def _read_entry(pack: _Pack) -> ArchiveEntry | None:
    """The next object, None for a delta whose base is not at hand."""
    begin = pack.at
    kind, size = _read_header(pack)
    base: tuple[str, bytes] | None = None
    if kind == _OFS_DELTA:
        base = pack.bodies.get(begin - _read_base_distance(pack))
    elif kind == _REF_DELTA:
        width = _SHA256 if pack.is_sha256 else _SHA1
        name = bytes(pack.data[pack.at : pack.at + width])
        pack.at += width
        base = pack.bodies.get(pack.offsets.get(name, -1))
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
    byte = pack.read_byte()
    kind, size, shift = byte >> 4 & 7, byte & 15, 4
    while byte & 128:
        byte = pack.read_byte()
        size |= (byte & 127) << shift
        shift += 7
    return kind, size


def _read_base_distance(pack: _Pack) -> int:
    """How many bytes before a delta its base begins."""
    byte = pack.read_byte()
    value = byte & 127
    while byte & 128:
        byte = pack.read_byte()
        value = (value + 1) << 7 | byte & 127
    return value


def _inflate(pack: _Pack, size: int) -> bytes | None:
    """The content of the next stream, which is skipped; None where it is too large to be kept."""
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
    """The result of a delta; raises DamagedError if it is too large or does not fit the base."""
    sizes = _Pack(memoryview(delta), 0, is_sha256=False, bytes_left=0)
    _read_size(sizes)  # that of the base
    size = _read_size(sizes)
    if size > _LARGEST:
        raise DamagedError(f"a delta makes more than {_LARGEST} bytes")
    _charge(pack, size)
    try:
        result: bytes = apply_delta(base, delta)[0]
    except Exception as fault:
        raise DamagedError("damaged: a delta does not fit its base") from fault
    return result


def _read_size(delta: _Pack) -> int:
    size, shift, byte = 0, 0, 128
    while byte & 128:
        byte = delta.read_byte()
        size |= (byte & 127) << shift
        shift += 7
    return size


def _charge(pack: _Pack, size: int) -> None:
    pack.bytes_left -= size
    if pack.bytes_left < 0:
        raise DamagedError("unpacks to more bytes than its size allows: the rest is not read")


def _keep_body(pack: _Pack, begin: int, kind: str, body: bytes) -> ArchiveEntry:
    """The entry of an object, kept as a base for later deltas; the oldest bases are dropped."""
    digest = hashlib.sha256 if pack.is_sha256 else hashlib.sha1
    oid = digest(f"{kind} {len(body)}\0".encode() + body, usedforsecurity=False)
    pack.bodies[begin] = kind, body
    pack.offsets[oid.digest()] = begin
    pack.held += len(body)
    while pack.held > _MOST_HELD:
        pack.held -= len(pack.bodies.pop(next(iter(pack.bodies)))[1])
    return ArchiveEntry(f"{kind} {oid.hexdigest()}", memoryview(body), len(body))
