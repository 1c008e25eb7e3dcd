"""In: the bytes of one file, object or name. Out: its sightings, and what in it was skipped.

The last step on a blob's way: `folders`, `git_objects` and `staged` call it with content and hand
its ContentResult on, at a place; it calls `detect`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from analyzer.files import Skipped
from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.detect.detector import scan_bytes, scan_stream
from analyzer.leaks.detect.pieces import CHUNK
from analyzer.leaks.model import Occurrence, place_sightings
from analyzer.leaks.sources.work import PartialScan, SearchTerms

if TYPE_CHECKING:
    from analyzer.git.objects import StreamedObject

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file or object that is held in memory; a larger one is read in chunks."""
_BINARY_TEST = 8000
"""Bytes in which a NUL makes content binary, as git sees it."""
_LARGEST_COPY = 4 << 30
"""Bytes of the largest archive among git's objects that is copied to disk to be opened."""
_NOT_OPENED = f"an archive larger than {_LARGEST_COPY} bytes: searched as it stands, not opened"
_NOT_COPIED = "a large archive, searched as it stands; it can't be copied to be opened"
_BEHIND_ANOTHER = "a large zip archive behind a program: searched as it stands, not opened"
_NO_PLUGINS = f"larger than {LARGEST} bytes: the plugins of detect-secrets did not search it"


def scan_content(
    terms: SearchTerms, name: str, data: bytes | memoryview, offsets: list[int] | None = None
) -> ContentResult:
    """What content holds that fits in memory; the plugins of detect-secrets scan text only.

    `offsets` are those of the prefilter, of whoever has asked it already.
    """
    result = scan_bytes(data, terms.unique_ids, offsets)
    if terms.plugins is None or b"\0" in bytes(data[:_BINARY_TEST]):
        return result
    text = bytes(data).decode("utf-8", "backslashreplace")
    other = terms.plugins.scan(text, name, result.sightings)
    if not other.sightings and not other.skipped:
        return result
    return replace(
        result,
        sightings=(*result.sightings, *other.sightings),
        skipped=(*result.skipped, *other.skipped),
    )


def scan_in_chunks(
    terms: SearchTerms, head: bytes, rest: Iterator[bytes]
) -> tuple[ContentResult, int]:
    """What content too large for memory holds, given its first bytes and the rest; its length.

    An archive is not opened.
    """
    length = 0

    def count_chunks() -> Iterator[bytes]:
        nonlocal length
        for begin in range(0, len(head), CHUNK):
            yield head[begin : begin + CHUNK]
        length = len(head)
        for chunk in rest:
            length += len(chunk)
            yield chunk

    result = scan_stream(count_chunks(), terms.unique_ids)
    return replace(result, skipped=(*result.skipped, *no_plugins(terms))), length


def no_plugins(terms: SearchTerms) -> Iterator[Skipped]:
    """What is not searched for in content too large for memory."""
    if terms.plugins is not None:
        yield Skipped("", _NO_PLUGINS)


def scan_streamed(terms: SearchTerms, streamed: StreamedObject) -> tuple[ContentResult, int, bytes]:
    """What an object too large for memory holds, its length, and its first bytes.

    An archive is copied to an unnamed file, to be opened there. Raises DamagedObject where its
    content breaks off.
    """
    from tempfile import TemporaryFile

    from analyzer.archives.members import is_archive
    from analyzer.archives.pieces import Ending
    from analyzer.archives.signatures import LONGEST_COMMENT, ZIP_TAIL, ends_as_zip

    head = b"".join(_take(streamed.chunks, CHUNK))
    if not is_archive(head):
        ending = Ending(streamed.chunks, ZIP_TAIL + LONGEST_COMMENT)
        result, length = scan_in_chunks(terms, head, iter(ending))
        if ends_as_zip(ending.last):
            told = Skipped("", _BEHIND_ANOTHER, length)
            result = replace(result, skipped=(*result.skipped, told))
        return result, length, head
    from analyzer.leaks.detect.deep_scan import merge_results, scan_archive_file

    reasons: list[str] = []
    with TemporaryFile(prefix="credaudit-") as copy:
        copy.write(head)
        plain, length = scan_in_chunks(terms, head, _copy(streamed.chunks, copy, reasons))
        copy.flush()
        members = None if reasons else scan_archive_file(copy.fileno(), terms.unique_ids)
    unopened = (Skipped("", reason, length) for reason in reasons)
    plain = replace(plain, skipped=(*plain.skipped, *unopened))
    return merge_results(members, plain) if members else plain, length, head


def _copy(chunks: Iterator[bytes], copy: IO[bytes], reasons: list[str]) -> Iterator[bytes]:
    """The chunks, each written to `copy`; `reasons` gets why not all of them are."""
    for chunk in chunks:
        try:
            if not reasons and copy.tell() + len(chunk) > _LARGEST_COPY:
                reasons.append(_NOT_OPENED)
            if not reasons:
                copy.write(chunk)
        except OSError as fault:
            reasons.append(f"{_NOT_COPIED}: {os.strerror(fault.errno or 0)}")
        yield chunk


def scan_name(scan: PartialScan, terms: SearchTerms, name: bytes, place: Occurrence) -> None:
    """Adds to the scan what a name, or the target of a link, holds."""
    try:
        result = scan_bytes(name, terms.unique_ids)
    except Exception as fault:  # noqa: BLE001 - a fault in one name must not cost the others
        scan.skipped.append(failure(place.path, fault))
        return
    add_result(scan, result, place)


def add_result(scan: PartialScan, result: ContentResult, place: Occurrence) -> None:
    """Adds to the scan what the content at a place held, and what in it was skipped."""
    scan.sightings += place_sightings(result.sightings, place)
    scan.containers += result.containers
    scan.skipped += (under_path(place.path, each) for each in result.skipped)


def under_path(path: str, skipped: Skipped) -> Skipped:
    """Something that was skipped within a file, named by the file's path and its own."""
    return replace(skipped, what=f"{path}!/{skipped.what}" if skipped.what else path)


def failure(what: str, fault: Exception) -> Skipped:
    """What an unexpected exception cost: its type, for its message could quote content."""
    return Skipped(what, f"could not be examined: {type(fault).__name__}")


def _take(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Chunks until they have at least `size` bytes together."""
    for chunk in chunks:
        yield chunk
        size -= len(chunk)
        if size <= 0:
            return
