"""In: the bytes of a file, a blob or a message. Out: the sightings in it, and what was not opened.

The fast path, which every byte takes: a prefilter says whether anything is worth a closer look, and
most content has nothing. No secret's value leaves this module, only a digest.
"""

from collections.abc import Iterable
from dataclasses import replace

from analyzer.archives.signatures import looks_like_archive
from analyzer.files import Skipped
from analyzer.leaks.detect.candidate import NOTHING, ContentResult
from analyzer.leaks.detect.pieces import Piece, overlapping_pieces, whole_lines
from analyzer.leaks.detect.prefilter import candidate_offsets, hides_in_base64
from analyzer.leaks.detect.unique_ids import find_unique_ids
from analyzer.leaks.model import Sighting, only_new


def has_candidates(data: bytes, unique_ids: frozenset[bytes]) -> bool:
    """Whether the prefilter finds something in a short text; if not, nothing is in it."""
    return bool(candidate_offsets(data) or find_unique_ids(data, unique_ids))


def scan_bytes(
    data: bytes | memoryview,
    unique_ids: frozenset[bytes] = frozenset(),
    offsets: list[int] | None = None,
) -> ContentResult:
    """What is in the content, however it is encoded. Takes time linear in its size, whatever it is.

    `offsets` are those of the prefilter, of whoever has asked it already.
    Unique IDs are found in plain text, in UTF-16 and in archives. They are searched for apart: a
    log full of them takes no budget from credentials.
    """
    offsets = candidate_offsets(data) if offsets is None else offsets
    result = _scan_for_credentials(data, unique_ids, offsets)
    ids = find_unique_ids(data, unique_ids)
    if not ids:
        return result
    return replace(result, sightings=(*result.sightings, *only_new(result.sightings, ids)))


def _scan_for_credentials(
    data: bytes | memoryview, unique_ids: frozenset[bytes], offsets: list[int]
) -> ContentResult:
    if not offsets and not looks_like_archive(data) and not hides_in_base64(data):
        return NOTHING
    # Imported only here: most content needs none of it, nor do whole repositories.
    from analyzer.leaks.detect.deep_scan import scan_deeply

    return scan_deeply(bytes(data), offsets, unique_ids)


def scan_stream(
    chunks: Iterable[bytes], unique_ids: frozenset[bytes] = frozenset()
) -> ContentResult:
    """What is in content too large for memory, chunk by chunk; it is not opened as an archive."""
    return scan_pieces(overlapping_pieces(chunks), unique_ids)


def scan_pieces(
    pieces: Iterable[Piece], unique_ids: frozenset[bytes] = frozenset()
) -> ContentResult:
    """What is in the pieces of a long text; what two of them share is found once."""
    sightings: dict[Sighting, None] = {}
    skipped: list[Skipped] = []
    unpacked = decoded = 0
    for data, line in pieces:
        if (offsets := candidate_offsets(data)) or hides_in_base64(whole_lines(data)):
            from analyzer.leaks.detect.deep_scan import scan_chunk

            result = scan_chunk(data, offsets, unique_ids, line)
            sightings |= dict.fromkeys(result.sightings)
            skipped += result.skipped
            unpacked += result.unpacked
            decoded += result.decoded
        ids = find_unique_ids(data, unique_ids)
        shifted = (replace(each, line=each.line + line - 1) for each in ids)
        sightings |= dict.fromkeys(only_new(sightings, shifted))
    told = tuple(dict.fromkeys(skipped))
    return ContentResult(tuple(sightings), told, unpacked=unpacked, decoded=decoded)
