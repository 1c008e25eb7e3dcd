"""In: the bytes of a file, a blob or a message. Out: the sightings in it, and what stayed closed.

The fast path, which every byte passes: a prefilter says whether anything is worth a closer look,
and most content is done with there. Behind this module no secret has a value: what leaves it is a
digest.
"""

import string
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from analyzer.archives.signatures import looks_like_archive
from analyzer.files import Skipped
from analyzer.leaks.detect.candidate import NOTHING, ContentResult
from analyzer.leaks.detect.prefilter import candidate_offsets, hides_in_base64
from analyzer.leaks.detect.unique_ids import find_unique_ids
from analyzer.leaks.model import Sighting, only_new

OVERLAP = 64 * 1024
"""Bytes of a stream that are looked at again with what follows: a key can lie across two chunks."""
# What tokens and addresses are written in, and the NUL bytes of wide characters between.
_UNBROKEN = (string.ascii_letters + string.digits + "!#$%&()*+,-./:;=?@[\\]_{}~\0").encode()


def has_candidates(data: bytes, unique_ids: frozenset[bytes]) -> bool:
    """Whether a short text is worth a look: what does not show anything, holds nothing."""
    return bool(candidate_offsets(data) or find_unique_ids(data, unique_ids))


def scan_bytes(
    data: bytes | memoryview, unique_ids: frozenset[bytes] = frozenset()
) -> ContentResult:
    """What stands in the content, however it is encoded. Linear in its size, whatever it holds.

    Unique IDs that are sought are found in plain text, in UTF-16 and in archives. They are looked
    for apart: a log full of them costs no credential its part of the budget.
    """
    found, named = _scan_for_credentials(data, unique_ids), find_unique_ids(data, unique_ids)
    if not named:
        return found
    return replace(found, sightings=(*found.sightings, *only_new(found.sightings, named)))


def _scan_for_credentials(data: bytes | memoryview, unique_ids: frozenset[bytes]) -> ContentResult:
    spots = candidate_offsets(data)
    if not spots and not looks_like_archive(data) and not hides_in_base64(data):
        return NOTHING
    # Loaded only here: most content never comes so far, whole repositories do not.
    from analyzer.leaks.detect.deep_scan import deep_scan

    return deep_scan(bytes(data), spots, unique_ids)


def scan_stream(
    chunks: Iterable[bytes], unique_ids: frozenset[bytes] = frozenset()
) -> ContentResult:
    """What stands in content too large for memory, read piece by piece; archives stay closed."""
    found: dict[Sighting, None] = {}
    skipped: list[Skipped] = []
    line, rest = 1, b""
    for chunk in chain(chunks, (b"",)):
        data = rest + chunk
        # A token that the end of a piece cuts is another one: it is looked at with what follows.
        whole = data[: _end_of_whole_tokens(data)] if chunk else data
        if spots := candidate_offsets(whole):
            from analyzer.leaks.detect.deep_scan import scan_chunk

            chunk_found = scan_chunk(whole, spots, unique_ids, line)
            found |= dict.fromkeys(chunk_found.sightings)
            skipped += chunk_found.skipped
        named = find_unique_ids(whole, unique_ids)
        moved = (replace(each, line=each.line + line - 1) for each in named)
        found |= dict.fromkeys(only_new(found, moved))
        rest = data[-OVERLAP:]
        line += data.count(b"\n", 0, len(data) - len(rest))
    return ContentResult(tuple(found), tuple(dict.fromkeys(skipped)))


def _end_of_whole_tokens(data: bytes) -> int:
    """Where the run begins that the end cuts; the end itself where all that is kept is one run."""
    tail = data[-OVERLAP:]
    begun = len(tail.rstrip(_UNBROKEN))
    return len(data) - len(tail) + begun if begun else len(data)
