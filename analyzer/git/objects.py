"""In: nothing; these are the nouns of the walk. Out: GitObject, Streamed, Unreadable, limits."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

KINDS = ("", "commit", "tree", "blob", "tag")
"""The kinds of objects by their number in a pack."""
LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of the largest object that is handed out in one piece."""

GitObject: TypeAlias = tuple[str, str, bytes]
"""The id in hex, the kind ("blob", "tree", "commit", "tag") and the whole content of one object.

A plain tuple: a large repository has millions, and a class would cost as much as the unpacking.
"""


@dataclass(frozen=True, slots=True)
class StreamedObject:
    """An object larger than `LARGEST_BODY`, unpacked while `chunks` is iterated, once.

    The iteration raises `access.Damaged` where the content breaks off or is longer than `size`.
    """

    oid: str
    kind: str
    size: int
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class UnreadableObject:
    """An object, or a file of the store, that the walk can't read.

    `oid` is empty for a file. `where` is the file below objects/. `size` is what is known of the
    object's or file's size.
    """

    oid: str
    where: str
    reason: str
    size: int | None = None


def verify_object_id(oid: str, kind: str, body: bytes) -> bool:
    """Whether an object's content is what its id says, by SHA-1 or SHA-256 as the id is long.

    The walk does not ask this: it would take as long as all the rest.
    """
    digest = hashlib.sha256() if len(oid) == hashlib.sha256().digest_size * 2 else _sha1()
    digest.update(b"%s %d\0" % (kind.encode(), len(body)))
    digest.update(body)
    return digest.hexdigest() == oid


def _sha1() -> "hashlib._Hash":
    """SHA-1 as git's name of a thing, which a strict machine allows where it guards nothing."""
    return hashlib.sha1(usedforsecurity=False)
