"""In: a file too large for memory. Out: its ranges, of which several processes can share.

`folders` splits a file, `worker` scans each range. Together they find what one reading of the whole
file would: each piece that is looked at lies in one range.
"""

import os
from collections.abc import Iterator
from itertools import pairwise

from analyzer.files import DirectoryEntry, Skipped, UnreadableFile, open_seen
from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.detect.detector import scan_pieces
from analyzer.leaks.detect.pieces import CHUNK, OVERLAP, overlapping_pieces
from analyzer.leaks.model import Occurrence, PlaceKind
from analyzer.leaks.sources.content import add_result, failure
from analyzer.leaks.sources.work import FileRange, PartialScan, SearchTerms

_CHUNKS = 2
"""Chunks of a range: so few that a file of a hundred megabytes keeps some processes busy."""
_CHANGED = "it changed while it was read"


def split_file(
    descriptor: int, size: int, repository: str, entry: DirectoryEntry
) -> Iterator[FileRange]:
    """The ranges of a file of that size. Reads it once, to count the lines before each."""
    line, counted = 1, 0
    where = PlaceKind.GIT_DIRECTORY if entry.in_git else PlaceKind.WORK_TREE
    borders = [*range(0, size, _CHUNKS * CHUNK), size]
    for begin, end in pairwise(borders):
        before = max(begin - OVERLAP, 0)
        for piece in _read_pieces(descriptor, counted, before):
            line += piece.count(b"\n")
        counted = before
        place = Occurrence(repository, entry.name, 0, where)
        yield FileRange(place, entry.path, before, begin, end, line, is_last=end == size)


def scan_whole(descriptor: int, size: int, terms: SearchTerms) -> ContentResult:
    """What a file of that size holds as it stands; an archive is not opened."""
    return scan_pieces(overlapping_pieces(_read_pieces(descriptor, 0, size)), terms.unique_ids)


def scan_range(item: FileRange, terms: SearchTerms) -> PartialScan:
    """Scans one range; what can't be read of it is in `skipped`."""
    scan = PartialScan()
    name = item.place.path
    try:
        descriptor, _ = open_seen(item.path)
        try:
            before = b"".join(_read_pieces(descriptor, item.before, item.begin))
            chunks = _read_pieces(descriptor, item.begin, item.end)
            pieces = overlapping_pieces(chunks, item.line, before, is_end=item.is_last)
            add_result(scan, scan_pieces(pieces, terms.unique_ids), item.place)
            is_whole = os.fstat(descriptor).st_size >= item.end
        finally:
            os.close(descriptor)
    except UnreadableFile as fault:
        scan.skipped.append(Skipped(name, fault.reason, fault.size))
    except OSError as fault:
        scan.skipped.append(Skipped(name, os.strerror(fault.errno or 0)))
    except Exception as fault:  # noqa: BLE001 - a fault in one range must not cost the others
        scan.skipped.append(failure(name, fault))
    else:
        if not is_whole:
            scan.skipped.append(Skipped(name, _CHANGED))
    return scan


def _read_pieces(descriptor: int, begin: int, end: int) -> Iterator[bytes]:
    """The bytes of a part of a file, in chunks; fewer where it ends before."""
    at = begin
    while at < end and (chunk := _read_chunk(descriptor, at, min(CHUNK, end - at))):
        yield chunk
        at += len(chunk)


def _read_chunk(descriptor: int, at: int, size: int) -> bytes:
    """So many bytes, or all up to the end: one call of the system may give fewer than there are."""
    parts: list[bytes] = []
    while size and (part := os.pread(descriptor, size, at)):
        parts.append(part)
        at += len(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
