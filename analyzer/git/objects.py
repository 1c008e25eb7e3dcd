"""What a walk over a store gives: GitObject, StreamedObject and UnreadableObject; their limits."""

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
    """An object larger than `LARGEST_BODY`; `chunks` unpacks it, and can be iterated once.

    The iteration raises DamagedObject where the content is corrupt or has not `size` bytes.
    """

    oid: str
    kind: str
    size: int
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class UnreadableObject:
    """An object, or a file of the store, that the walk can't read.

    `oid` is empty for a file. `where` is the path below objects/ of the file, or of the one that
    holds the object. `size` is that of the object or file, None where it is not known.
    """

    oid: str
    where: str
    reason: str
    size: int | None = None


def verify_object_id(oid: str, kind: str, body: bytes) -> bool:
    """Whether an object's id is the hash of its content: SHA-1 or SHA-256, told by its length.

    The walk does not check this: it would take as long as all the rest.
    """
    digest = hashlib.sha256() if len(oid) == hashlib.sha256().digest_size * 2 else _sha1()
    digest.update(b"%s %d\0" % (kind.encode(), len(body)))
    digest.update(body)
    return digest.hexdigest() == oid


def _sha1() -> "hashlib._Hash":
    """SHA-1 as an identifier, which a machine in FIPS mode allows where it protects nothing."""
    return hashlib.sha1(usedforsecurity=False)
