"""In: some content and a Lens. Out: what it holds, added to a Read, and why it was not examined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.files import Skipped
from analyzer.git.objects import StreamedObject
from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.detect.detector import scan_bytes, scan_stream
from analyzer.leaks.model import Occurrence, place_sightings
from analyzer.leaks.sources.work import PartialScan

if TYPE_CHECKING:
    from analyzer.leaks.detect_secrets import DetectSecretsPlugins

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file or object that is held in memory; a larger one is read in chunks."""
CHUNK = 8 << 20
_BEGIN = 8000
_NOT_OPENED = f"an archive larger than {LARGEST} bytes: searched as it stands, not opened"


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What content is looked at for, beside the families of shapes that are always looked for.

    `others` are the plugins of detect-secrets; None: they do not look. `sought` are unique IDs.
    """

    plugins: DetectSecretsPlugins | None = None
    unique_ids: frozenset[bytes] = frozenset()


def failure(what: str, fault: Exception) -> Skipped:
    """Something that our own code could not bear; what was in it is not repeated here."""
    return Skipped(what, f"could not be examined: {type(fault).__name__}")


def scan_content(terms: SearchTerms, name: str, data: bytes | memoryview) -> ContentResult:
    """What stands in some content, ours and what others see in it; binary content is ours alone."""
    found = scan_bytes(data, terms.unique_ids)
    if terms.plugins is None or b"\0" in bytes(data[:_BEGIN]):
        return found
    also = terms.plugins.scan(
        bytes(data).decode("utf-8", "backslashreplace"), name, found.sightings
    )
    if not also.sightings and not also.skipped:
        return found
    sightings = (*found.sightings, *also.sightings)
    return ContentResult(sightings, (*found.skipped, *also.skipped), found.containers)


def scan_in_chunks(
    terms: SearchTerms, head: bytes, following: Iterator[bytes], *, is_opened: bool = False
) -> tuple[ContentResult, int]:
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

    found = scan_stream(counted(), terms.unique_ids)
    if not is_opened and is_archive(head):
        found = ContentResult(
            found.sightings, (*found.skipped, Skipped("", _NOT_OPENED, length, is_gap=False))
        )
    return found, length


def scan_name(read: PartialScan, terms: SearchTerms, text: bytes, place: Occurrence) -> None:
    """Adds what a short text holds."""
    try:
        found = scan_bytes(text, terms.unique_ids)
    except Exception as fault:  # noqa: BLE001 - one text's misfortune is no other's
        read.skipped.append(failure(place.path, fault))
        return
    add_result(read, found, place)


def add_result(read: PartialScan, found: ContentResult, place: Occurrence) -> None:
    """Adds what was found at a place, and what there could not be looked at."""
    read.sightings += place_sightings(found.sightings, place)
    read.containers += found.containers
    read.skipped += (under_path(place.path, each) for each in found.skipped)


def under_path(path: str, each: Skipped) -> Skipped:
    """Something left out of a file, under the file's name."""
    return replace(each, what=f"{path}!/{each.what}" if each.what else path)


def scan_in_pieces(terms: SearchTerms, each: StreamedObject) -> tuple[ContentResult, int, bytes]:
    """What an object holds that is too large for memory, its length and its beginning.

    Raises Damaged where it breaks off.
    """
    head = b"".join(_join_up_to(each.chunks, CHUNK))
    return *scan_in_chunks(terms, head, each.chunks), head


def _join_up_to(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        size -= len(chunk)
        if size <= 0:
            return
