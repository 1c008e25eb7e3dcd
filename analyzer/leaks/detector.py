"""In: the bytes of a file, a blob or a message. Out: the sightings in it, and what stayed closed.

Behind this module no secret has a value: what leaves it is a digest.
"""

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from analyzer.leaks.anchors import anchors
from analyzer.leaks.coats.archives import may_be_packed
from analyzer.leaks.coats.budget import Budget
from analyzer.leaks.credentials import Half, Sighting, Skipped

OVERLAP = 64 * 1024
"""Bytes of a stream that are looked at again with what follows: a key can lie across two chunks."""
# Base64 in lines: a line's end can cut whatever would tell of what it hides.
_ENCODED = re.compile(rb"\s{0,16}[A-Za-z0-9+/]{60,}\r?\n[A-Za-z0-9+/]{4,}={0,2}\s")


@dataclass(frozen=True, slots=True)
class Found:
    """What a piece of content holds, what of it was not looked at, and how many archives it was."""

    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    containers: int = 0


NOTHING = Found()


def examine(data: bytes | memoryview) -> Found:
    """What stands in the content, in whatever coat. Linear in its size, whatever it holds."""
    spots = anchors(data)
    if not spots and not may_be_packed(data) and not _hides(data):
        return NOTHING
    return _closer(bytes(data), spots)


def examine_stream(chunks: Iterable[bytes]) -> Found:
    """What stands in content too large for memory, read piece by piece; archives stay closed."""
    from analyzer.leaks.detecting.texts import sighted

    found: dict[Sighting, None] = {}
    line, rest = 1, b""
    for chunk in chunks:
        data = rest + chunk
        if spots := anchors(data):
            for each in sighted(data, spots, Budget.for_size(len(data))):
                found[replace(each, line=each.line + line - 1)] = None
        rest = data[-OVERLAP:]
        line += data.count(b"\n", 0, len(data) - len(rest))
    return Found(tuple(found))


def _hides(data: bytes | memoryview) -> bool:
    """Whether the content is base64 in lines all through, of something worth a look."""
    if not _ENCODED.match(data):
        return False
    try:
        decoded = binascii.a2b_base64(data)
    except binascii.Error:
        return False
    return bool(anchors(decoded)) or may_be_packed(decoded)


def _closer(data: bytes, spots: list[int]) -> Found:
    """What a piece of content holds that is worth a closer look.

    What takes it is loaded only here: most content never comes so far, whole repositories do not.
    """
    from analyzer.leaks.coats.containers import Unopened, is_container, members
    from analyzer.leaks.detecting.texts import sighted

    budget = Budget.for_size(len(data))
    seen: list[Sighting] = []
    skipped: list[Skipped] = []
    is_archive = is_container(data)
    for member in members(data, budget) if is_archive else ():
        if isinstance(member, Unopened):
            skipped.append(Skipped(member.what, member.reason, member.size))
        elif (within := anchors(member.data)) or _hides(member.data):
            seen += sighted(member.data, within, budget, member.name)
    # What calls itself an archive may be a text all the same; what it stores unpacked shows
    # through, and was seen.
    if spots or not is_archive:
        known = {_value_of(each) for each in seen}
        plain = sighted(data, spots, budget)
        seen += (each for each in plain if _value_of(each) not in known)
    skipped += (Skipped("", f"it {reason}") for reason in budget.refusals)
    return Found(tuple(seen), tuple(skipped), int(is_archive))


def _value_of(sighting: Sighting) -> tuple[str, str | None]:
    return sighting.half, sighting.key_id if sighting.half is Half.ID else sighting.digest
