"""In: some content and a Lens. Out: what it holds, added to a Read, and why it was not examined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.files import Skipped
from analyzer.git.objects import StreamedObject
from analyzer.leaks.detect.candidate import Found
from analyzer.leaks.detect.detector import examine, examine_stream
from analyzer.leaks.model import Occurrence, spots_at
from analyzer.leaks.sources.work import Read

if TYPE_CHECKING:
    from analyzer.leaks.detect_secrets import OtherDetectors

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file or object that is held in memory; a larger one is read in chunks."""
CHUNK = 8 << 20
_BEGIN = 8000
_NOT_OPENED = f"an archive larger than {LARGEST} bytes: searched as it stands, not opened"


@dataclass(frozen=True, slots=True)
class Lens:
    """What content is looked at for, beside the families of shapes that are always looked for.

    `others` are the plugins of detect-secrets; None: they do not look. `sought` are unique IDs.
    """

    others: OtherDetectors | None = None
    sought: frozenset[bytes] = frozenset()


def failed(what: str, fault: Exception) -> Skipped:
    """Something that our own code could not bear; what was in it is not repeated here."""
    return Skipped(what, f"could not be examined: {type(fault).__name__}")


def seen(lens: Lens, name: str, data: bytes | memoryview) -> Found:
    """What stands in some content, ours and what others see in it; binary content is ours alone."""
    found = examine(data, lens.sought)
    if lens.others is None or b"\0" in bytes(data[:_BEGIN]):
        return found
    also = lens.others.look(bytes(data).decode("utf-8", "backslashreplace"), name, found.sightings)
    if not also.sightings and not also.skipped:
        return found
    sightings = (*found.sightings, *also.sightings)
    return Found(sightings, (*found.skipped, *also.skipped), found.containers)


def in_chunks(
    lens: Lens, head: bytes, following: Iterator[bytes], *, is_opened: bool = False
) -> tuple[Found, int]:
    """What content too large for memory holds, given its beginning and the rest.

    That an archive stays closed is told unless somebody else opens it.
    """
    from analyzer.archives.members import is_archive

    length = 0

    def counted() -> Iterator[bytes]:
        nonlocal length
        for begin in range(0, len(head), CHUNK):
            yield head[begin : begin + CHUNK]
        length = len(head)
        for chunk in following:
            length += len(chunk)
            yield chunk

    found = examine_stream(counted(), lens.sought)
    if not is_opened and is_archive(head):
        found = Found(
            found.sightings, (*found.skipped, Skipped("", _NOT_OPENED, length, is_gap=False))
        )
    return found, length


def probe(read: Read, lens: Lens, text: bytes, place: Occurrence) -> None:
    """Adds what a short text holds."""
    try:
        found = examine(text, lens.sought)
    except Exception as fault:  # noqa: BLE001 - one text's misfortune is no other's
        read.skipped.append(failed(place.path, fault))
        return
    add(read, found, place)


def add(read: Read, found: Found, place: Occurrence) -> None:
    """Adds what was found at a place, and what there could not be looked at."""
    read.spots += spots_at(found.sightings, place)
    read.containers += found.containers
    read.skipped += (below(place.path, each) for each in found.skipped)


def below(path: str, each: Skipped) -> Skipped:
    """Something left out of a file, under the file's name."""
    return replace(each, what=f"{path}!/{each.what}" if each.what else path)


def in_pieces(lens: Lens, each: StreamedObject) -> tuple[Found, int, bytes]:
    """What an object holds that is too large for memory, its length and its beginning.

    Raises Damaged where it breaks off.
    """
    head = b"".join(_up_to(each.chunks, CHUNK))
    return *in_chunks(lens, head, each.chunks), head


def _up_to(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        size -= len(chunk)
        if size <= 0:
            return
