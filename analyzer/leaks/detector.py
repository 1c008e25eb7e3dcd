"""In: the bytes of a file, a blob or a message. Out: the sightings in it, and what stayed closed.

Behind this module no secret has a value: what leaves it is a digest.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from analyzer.leaks.allowing import allowances
from analyzer.leaks.anchors import anchors
from analyzer.leaks.coats.budget import Budget
from analyzer.leaks.coats.containers import Unopened, is_container, members
from analyzer.leaks.coats.layers import layers
from analyzer.leaks.credentials import Half, Sighting, Skipped
from analyzer.leaks.detecting.marks import marks
from analyzer.leaks.detecting.pairing import Placed, sightings

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
    if not spots and not is_container(data) and not _hides(data):
        return NOTHING
    return _closer(bytes(data), spots)


def examine_stream(chunks: Iterable[bytes]) -> Found:
    """What stands in content too large for memory, read piece by piece; archives stay closed."""
    found: dict[Sighting, None] = {}
    line, rest = 1, b""
    for chunk in chunks:
        data = rest + chunk
        if spots := anchors(data):
            for each in _plainly(data, spots, Budget.for_size(len(data)), ""):
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
    return bool(anchors(decoded)) or is_container(decoded)


def _closer(data: bytes, spots: list[int]) -> Found:
    """What a piece of content holds that is worth a closer look."""
    budget = Budget.for_size(len(data))
    seen: list[Sighting] = []
    skipped: list[Skipped] = []
    is_archive = is_container(data)
    for member in members(data, budget) if is_archive else ():
        if isinstance(member, Unopened):
            skipped.append(Skipped(member.what, member.reason, member.size))
        elif (within := anchors(member.data)) or _hides(member.data):
            seen += _plainly(member.data, within, budget, member.name)
    # What calls itself an archive may be a text all the same; what it stores unpacked shows
    # through, and was seen.
    if spots or not is_archive:
        known = {_value_of(each) for each in seen}
        plain = _plainly(data, spots, budget, "")
        seen += (each for each in plain if _value_of(each) not in known)
    skipped += (Skipped("", f"it {reason}") for reason in budget.refusals)
    return Found(tuple(seen), tuple(skipped), int(is_archive))


def _value_of(sighting: Sighting) -> tuple[str, str | None]:
    return sighting.half, sighting.key_id if sighting.half is Half.ID else sighting.digest


def _plainly(data: bytes, spots: list[int], budget: Budget, member: str) -> tuple[Sighting, ...]:
    """The sightings in one text and in what its coats hide, with the comments that allow them."""
    placed = list(_placed(data, spots, budget))
    found = sightings(placed, member) if placed else ()
    reasons = allowances(data, {each.line for each in found})
    if not reasons:
        return found
    return tuple(replace(each, allowed=reasons.get(each.line)) for each in found)


def _placed(data: bytes, spots: list[int], budget: Budget) -> Iterator[Placed]:
    for number, layer in enumerate(layers(data, spots, budget)):
        coat = ", ".join(layer.coats)
        found = marks(layer.text)
        lines = layer.lines_at([mark.start for mark in found])
        yield from (
            Placed(mark, line, number, coat) for mark, line in zip(found, lines, strict=True)
        )
