"""In: real repositories, or objects made up. Out: what git says is in a store, and what we say."""

import hashlib
import random
import struct
import subprocess
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analyzer.git.object_store import ObjectStore, iter_objects, open_store
from analyzer.git.objects import GitObject, StreamedObject, UnreadableObject
from analyzer.git.pack_layout import PackLayout, build_layout
from analyzer.git.safe_open import DamagedObject
from tests.leaks.leak_material import ENVIRONMENT, Repository

COMMIT, TREE, BLOB, TAG, OFS_DELTA, REF_DELTA = 1, 2, 3, 4, 6, 7
PLAINLY, BY_NUMPY = 1 << 40, 0
"""From how many objects on numpy lays out a pack."""


@dataclass(frozen=True)
class Content:
    """What tells one object's kind and content from another's."""

    kind: str
    size: int
    digest: str


Contents = dict[str, Content]


def content(kind: str, body: bytes) -> Content:
    """The content of a body."""
    return Content(kind, len(body), hashlib.sha256(body).hexdigest())


def objects_of(repo: Repository) -> Path:
    """The folder of the objects of a repository with a work tree."""
    return repo.path / ".git" / "objects"


def by_git(repo: Repository) -> Contents:
    """Every object of the store, read by git."""
    done = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch", "--buffer"],
        cwd=repo.path, env=ENVIRONMENT, capture_output=True, check=True,
    )  # fmt: skip
    found, text, at = {}, done.stdout, 0
    while at < len(text):
        end = text.index(b"\n", at)
        oid, kind, length = text[at:end].decode().split()
        size = int(length)
        found[oid] = content(kind, text[end + 1 : end + 1 + size])
        at = end + size + 2
    return found


def laid_out(store: ObjectStore, many: int) -> ObjectStore:
    """The same store, every pack laid out plainly or by numpy."""
    parts = [
        build_layout(part.where, part.pack, part.index, many)
        if isinstance(part, PackLayout)
        else part
        for part in store.parts
    ]
    packs = [part for part in store.parts if isinstance(part, PackLayout)]
    before = {each for part in packs for each in part.unreadable}
    after = [each for part in parts if isinstance(part, PackLayout) for each in part.unreadable]
    unreadable = [each for each in store.unreadable if each not in before]
    return replace(store, parts=tuple(parts), unreadable=(*unreadable, *after))


def told(
    found: Iterable[GitObject | StreamedObject | UnreadableObject],
) -> tuple[Contents, list[UnreadableObject]]:
    """What the objects are, streams read to their end, and what could not be read."""
    contents: Contents = {}
    unreadable = []
    for each in found:
        if isinstance(each, UnreadableObject):
            unreadable.append(each)
        elif isinstance(each, StreamedObject):
            try:
                contents[each.oid] = content(each.kind, b"".join(each.chunks))
            except DamagedObject as fault:
                unreadable.append(UnreadableObject(each.oid, "", fault.reason))
        else:
            contents[each[0]] = content(each[1], each[2])
    return contents, unreadable


def everything(store: ObjectStore) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """What all work ranges of a store bring."""
    for work_range in store.work_ranges():
        yield from iter_objects(store, work_range)


def walked(objects: Path, many: int, alternates: Iterable[Path] = ()) -> Contents:
    """What is in a store in which nothing may be unreadable."""
    store = laid_out(open_store(objects, alternates), many)
    found, unreadable = told(everything(store))
    assert not unreadable
    assert not store.unreadable
    assert not store.unindexed
    return found


def text(seed: int, size: int) -> bytes:
    """Lines that compress as source text does."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    lines = []
    while size > 0:
        line = b"%x %x\n" % (chance.getrandbits(60), chance.getrandbits(60))
        lines.append(line)
        size -= len(line)
    return b"".join(lines)


def edited(before: bytes, seed: int) -> bytes:
    """A text with one line changed."""
    lines = before.splitlines(keepends=True)
    lines[seed * 7919 % len(lines)] = b"edit %d\n" % seed
    return b"".join(lines)


def fill(
    repo: Repository, commits: int = 60, size: int = 3000, files: int = 5, depth: int = 50
) -> None:
    """A history of edits, one a commit, of files in turn, and a tag, in one pack."""
    contents = [text(seed, size * (seed + 1)) for seed in range(files)]
    feed = []
    for n in range(commits):
        which = n % files
        contents[which] = edited(contents[which], n)
        message = b"change %d" % n
        feed.append(
            b"commit refs/heads/main\ncommitter Ada <ada@example.com> %d +0000\ndata %d\n%s\n"
            % (1_700_000_000 + n, len(message), message)
        )
        feed.append(
            b"M 100644 inline folder/file%d\ndata %d\n%s\n"
            % (which, len(contents[which]), contents[which])
        )
    feed.append(
        b"tag v1\nfrom refs/heads/main\ntagger Ada <ada@example.com> 1700000000 +0000\n"
        b"data 7\nrelease\n"
    )
    setting = ["-c", "fastimport.unpackLimit=1"]
    repo.git(*setting, "fast-import", "--quiet", f"--depth={depth}", feed=b"".join(feed))


def the_pack(repo: Repository) -> Path:
    """The path of the only pack."""
    (pack,) = (objects_of(repo) / "pack").glob("*.pack")
    return pack


@dataclass(frozen=True)
class Packed:
    """One entry of a pack made up: its header as it claims, and its stream as it is."""

    oid: str
    kind: int
    body: bytes
    size: int | None = None
    back: int | None = None
    base: str = ""
    stream: bytes | None = None


def name_of(kind: str, body: bytes) -> str:
    """What git calls an object."""
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(body)) + body).hexdigest()  # noqa: S324


def blob(body: bytes) -> Packed:
    """A whole blob."""
    return Packed(name_of("blob", body), BLOB, body)


def number(value: int) -> bytes:
    """A size as a delta has it."""
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def appending(base: bytes, more: bytes) -> bytes:
    """A delta that appends up to 127 bytes to a base of up to 65,535."""
    copied = b"\xb0" + struct.pack("<H", len(base)) if base else b""
    return number(len(base)) + number(len(base) + len(more)) + copied + bytes([len(more)]) + more


def _head(each: Packed) -> bytes:
    size = len(each.body) if each.size is None else each.size
    byte, size = each.kind << 4 | size & 15, size >> 4
    head = bytearray()
    while size:
        head.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    head.append(byte)
    if each.kind == REF_DELTA:
        head += bytes.fromhex(each.base)
    if each.back is not None:
        digits, back = [each.back & 0x7F], each.back >> 7
        while back:
            back -= 1
            digits.append(back & 0x7F | 0x80)
            back >>= 7
        head += bytes(reversed(digits))
    return bytes(head)


def made_up(
    objects: Path, entries: Sequence[Packed], moved: dict[str, int] | None = None
) -> list[int]:
    """Writes a pack with its index, where `moved` ids have another offset; the true offsets."""
    folder = objects / "pack"
    folder.mkdir(parents=True, exist_ok=True)
    pack, offsets = bytearray(b"PACK" + struct.pack(">II", 2, len(entries))), []
    for each in entries:
        offsets.append(len(pack))
        pack += _head(each) + (zlib.compress(each.body) if each.stream is None else each.stream)
    trailer = hashlib.sha1(pack).digest()  # noqa: S324 - the format's
    rows = sorted(
        (bytes.fromhex(each.oid), (moved or {}).get(each.oid, offset))
        for each, offset in zip(entries, offsets, strict=True)
    )
    index = bytearray(b"\377tOc" + struct.pack(">I", 2))
    for first in range(256):
        index += struct.pack(">I", sum(oid[0] <= first for oid, _ in rows))
    index += b"".join(oid for oid, _ in rows) + bytes(4 * len(rows))
    index += b"".join(struct.pack(">I", offset) for _, offset in rows) + trailer
    (folder / "pack-made.pack").write_bytes(pack + trailer)
    (folder / "pack-made.idx").write_bytes(index + hashlib.sha1(index).digest())  # noqa: S324
    return offsets
