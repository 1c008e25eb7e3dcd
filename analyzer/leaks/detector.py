"""In: the bytes of a file, a blob or a message. Out: the sightings in it, and what stayed closed.

Behind this module no secret has a value: what leaves it is a digest.
"""

import binascii
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from analyzer.leaks.anchors import anchors
from analyzer.leaks.coats.archives import may_be_packed
from analyzer.leaks.coats.budget import Budget
from analyzer.leaks.credentials import Half, Sighting, Skipped
from analyzer.leaks.detecting.identifiers import identifiers

if TYPE_CHECKING:
    from analyzer.leaks.coats.containers import Opened

OVERLAP = 64 * 1024
"""Bytes of a stream that are looked at again with what follows: a key can lie across two chunks."""
# What tokens and addresses are written in, and the NUL bytes of wide characters between.
_UNBROKEN = (string.ascii_letters + string.digits + "!#$%&()*+,-./:;=?@[\\]_{}~\0").encode()
_DEPTH = 3
"""Archives in base64 that may lie inside each other."""
# Base64 in lines: a line's end can cut whatever would tell of what it hides.
_ENCODED = re.compile(rb"\s{0,16}[A-Za-z0-9+/]{60,}\r?\n[A-Za-z0-9+/]{4,}={0,2}\s")


@dataclass(frozen=True, slots=True)
class Found:
    """What a piece of content holds, what of it was not looked at, and how many archives it was."""

    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    containers: int = 0


NOTHING = Found()


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at some content: what it may cost, what is sought, and what it leaves closed."""

    budget: Budget
    sought: frozenset[bytes]
    skipped: list[Skipped]


def shows(data: bytes, sought: frozenset[bytes]) -> bool:
    """Whether a short text is worth a look: what does not show anything, holds nothing."""
    return bool(anchors(data) or identifiers(data, sought))


def examine(data: bytes | memoryview, sought: frozenset[bytes] = frozenset()) -> Found:
    """What stands in the content, in whatever coat. Linear in its size, whatever it holds.

    Unique IDs that are sought are found in plain text, in UTF-16 and in archives. They are looked
    for apart: a log full of them costs no credential its part of the budget.
    """
    found, named = _credentials(data, sought), identifiers(data, sought)
    if not named:
        return found
    return replace(found, sightings=(*found.sightings, *_news(found.sightings, named)))


def _credentials(data: bytes | memoryview, sought: frozenset[bytes]) -> Found:
    spots = anchors(data)
    if not spots and not may_be_packed(data) and not _hides(data):
        return NOTHING
    return _closer(bytes(data), spots, sought)


def examine_stream(chunks: Iterable[bytes], sought: frozenset[bytes] = frozenset()) -> Found:
    """What stands in content too large for memory, read piece by piece; archives stay closed."""
    found: dict[Sighting, None] = {}
    skipped: list[Skipped] = []
    line, rest = 1, b""
    for chunk in chain(chunks, (b"",)):
        data = rest + chunk
        # A token that the end of a piece cuts is another one: it is looked at with what follows.
        whole = data[: _uncut(data)] if chunk else data
        if spots := anchors(whole):
            look = _Look(Budget.for_size(len(whole)), sought, skipped)
            found |= dict.fromkeys(_text(whole, spots, look, line=line))
        named = identifiers(whole, sought)
        moved = (replace(each, line=each.line + line - 1) for each in named)
        found |= dict.fromkeys(_news(found, moved))
        rest = data[-OVERLAP:]
        line += data.count(b"\n", 0, len(data) - len(rest))
    return Found(tuple(found), tuple(dict.fromkeys(skipped)))


def _uncut(data: bytes) -> int:
    """Where the run begins that the end cuts; the end itself where all that is kept is one run."""
    tail = data[-OVERLAP:]
    begun = len(tail.rstrip(_UNBROKEN))
    return len(data) - len(tail) + begun if begun else len(data)


def _hides(data: bytes | memoryview) -> bool:
    """Whether the content is base64 in lines all through, of something worth a look."""
    if not _ENCODED.match(data):
        return False
    try:
        decoded = binascii.a2b_base64(data)
    except binascii.Error:
        return False
    return bool(anchors(decoded)) or may_be_packed(decoded)


def _closer(data: bytes, spots: list[int], sought: frozenset[bytes]) -> Found:
    """What a piece of content holds that is worth a closer look.

    What takes it is loaded only here: most content never comes so far, whole repositories do not.
    """
    from analyzer.leaks.coats.containers import is_container, members

    budget = Budget.for_size(len(data))
    seen: list[Sighting] = []
    skipped: list[Skipped] = []
    look = _Look(budget, sought, skipped)
    is_archive = is_container(data)
    if is_archive:
        seen += _within(members(data, budget), look)
    # What calls itself an archive may be a text all the same; what it stores unpacked shows
    # through, and was seen.
    if spots or not is_archive:
        seen += _news(seen, _text(data, spots, look))
    skipped += (Skipped("", f"it {reason}", is_gap=False) for reason in budget.refusals)
    return Found(tuple(seen), tuple(skipped), int(is_archive))


def _text(  # noqa: PLR0913, PLR0917 - one look for content, members and pieces of a stream
    data: bytes,
    spots: list[int],
    look: _Look,
    way: str = "",
    line: int = 1,
    depth: int = _DEPTH,
) -> Iterator[Sighting]:
    """What stands in one text, and in the archives that it holds in base64, each value once."""
    from analyzer.leaks.coats.enclosed import enclosed
    from analyzer.leaks.detecting.texts import sighted

    seen = sighted(data, spots, look.budget, way)
    yield from (replace(each, line=each.line + line - 1) for each in seen)
    inner = enclosed(data, spots, look.budget, way, line)
    if depth:
        yield from _news(seen, _within(inner, look, depth - 1))
    elif any(inner):
        look.budget.refuses("holds archives in base64 inside each other, more than are opened")


def _within(opened: "Opened", look: _Look, depth: int = _DEPTH) -> Iterator[Sighting]:
    """What stands in the files of an archive; what stays closed is put down."""
    from analyzer.leaks.coats.containers import Unopened

    for member in opened:
        if isinstance(member, Unopened):
            look.skipped.append(Skipped(member.what, member.reason, member.size, is_gap=False))
            continue
        yield from identifiers(member.data, look.sought, member.name)
        if (spots := anchors(member.data)) or _hides(member.data):
            yield from _text(member.data, spots, look, member.name, depth=depth)


def _news(known: Iterable[Sighting], found: Iterable[Sighting]) -> Iterator[Sighting]:
    """Those sightings that tell of something not known yet."""
    values = {_value_of(each) for each in known}
    return (each for each in found if _value_of(each) not in values)


def _value_of(sighting: Sighting) -> tuple[str, str | None]:
    return sighting.half, sighting.key_id if sighting.half is Half.ID else sighting.digest
