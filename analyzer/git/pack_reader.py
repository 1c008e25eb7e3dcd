"""In: the layout of a pack. Out: each of its objects once, every stream unpacked once.

Objects that are deltas of each other form a family. A family is walked from its root down; what a
delta applies to is at hand from a step before.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain

from dulwich._pack import apply_delta

from analyzer.git.delta_order import MOST_SLOTS
from analyzer.git.inflate import (
    SAFE_STREAM,
    SMALL_STREAM,
    bounded,
    chunks,
    inflated,
    plain,
    quick,
)
from analyzer.git.objects import KINDS, LARGEST_BODY, GitObject, Streamed, Unreadable
from analyzer.git.pack_layout import Layout
from analyzer.git.safe_open import Damaged

MOST_HELD = 2 * LARGEST_BODY
"""Bytes of the bodies that are kept for the deltas on them, at any time."""
_NOTABLE = 1 << 20
_ROOM = 1024
_SPARE = 64 * 1024 * 1024
"""Bytes that one piece of work may look at beyond where streams should end."""
_MORE = 127
_LONGEST = 10
"""Bytes of the longest size."""


def walk_pack(layout: Layout, first: int, last: int) -> Iterator[GitObject | Streamed | Unreadable]:
    """The objects from one place of the layout to another; both are the begin of a family."""
    return _walk(layout, _rows(layout, slice(first, last)))


def walk_chain(layout: Layout, place: int) -> Iterator[GitObject | Streamed | Unreadable]:
    """The object at a place of the layout, after those that it is made of."""
    begin = int(layout.families[bisect_right(layout.families, place) - 1])
    slots, at = layout.slots[begin : place + 1].tobytes(), place - begin
    places = [place]
    while (source := int(layout.sources[begin + at])) >= 0:
        # What was put last into the slot is the base.
        at = slots.rindex(source, 0, at)
        places.append(begin + at)
    rows = (_rows(layout, slice(each, each + 1)) for each in reversed(places))
    return _walk(layout, chain.from_iterable(rows))


def _rows(layout: Layout, part: slice) -> Iterator[tuple[int, ...]]:
    columns = (
        layout.names,
        layout.starts,
        layout.ends,
        layout.sizes,
        layout.kinds,
        layout.sources,
        layout.slots,
    )
    return zip(*(column[part].tolist() for column in columns), strict=True)


def _walk(  # noqa: C901, PLR0912 - the hot loop: a call for each object would cost as much as the rest
    layout: Layout, rows: Iterator[tuple[int, ...]]
) -> Iterator[GitObject | Streamed | Unreadable]:
    """The objects of some rows, before each of which comes its base."""
    table, width, view = layout.index.table, layout.index.width, memoryview(layout.pack)
    held: list[bytes | None] = [None] * MOST_SLOTS
    spare = _SPARE
    for name, start, end, size, kind, source, slot in rows:
        oid = table[name : name + width].hex()
        if size > LARGEST_BODY:
            held[slot] = None
            if source >= 0:
                reason = f"its delta is larger than {LARGEST_BODY} bytes"
                yield Unreadable(oid, layout.where, reason)
            else:
                room = _room(view, start, end, size, spare)
                spare -= max(0, len(room) - (end - start))
                yield Streamed(oid, KINDS[kind], size, chunks(room, size))
            continue
        stream = view[start:end]
        try:
            length = end - start
            if length < SMALL_STREAM:
                body = plain(stream, 15, size)
            elif length < SAFE_STREAM:
                body = quick(stream, 15, size)
            else:
                body = bounded(stream, size)
            if len(body) != size:
                raise Damaged("its size is not what its header says")  # noqa: TRY301 - likewise
            if source >= 0:
                # Behind the size of the base stands that of the result. What three bytes can tell
                # is below 2 MiB and needs no closer look; nor have most bases four of them.
                skip = 1 if body[0] <= _MORE else 2 if body[1] <= _MORE else 3
                skip = 0 if skip == 3 and body[2] > _MORE else skip  # noqa: PLR2004 - bytes
                if body[skip] > _MORE and body[skip + 1] > _MORE and body[skip + 2] > _MORE:
                    _vet_result(body)
                body = apply_delta(held[source], body)[0]
        except Exception:  # noqa: BLE001 - the unpackers' errors have no common class
            try:
                room = _room(view, start, end, size, spare)
                spare -= max(0, len(room) - (end - start))
                body = _rescued(room, size, held[source], is_delta=source >= 0)
            except Damaged as fault:
                held[slot] = None
                yield Unreadable(oid, layout.where, fault.reason, size if source < 0 else None)
                continue
        if len(body) > _NOTABLE:
            _hold(held, slot, body)
        else:
            held[slot] = body
        yield oid, KINDS[kind], body


def _room(view: memoryview, start: int, end: int, size: int, spare: int) -> memoryview:
    """All that a stream may take up, where the index is not to be trusted on where it ends.

    An id that points into the stream of another object would else hide that object. Deflate adds
    no more than a thousandth, whoever wrote it. `spare` keeps many such ids from having the same
    bytes unpacked for each of them.
    """
    return view[start : max(end, min(start + size + size // 8 + _ROOM, end + spare))]


def _rescued(stream: memoryview, size: int, parent: bytes | None, *, is_delta: bool) -> bytes:
    """What the quick way failed at, done the careful way; Damaged says why it can't be done."""
    body = inflated(stream, size)
    if not is_delta:
        return body
    if parent is None:
        raise Damaged("its delta base is damaged, or too large to be kept")
    _vet_result(body)
    try:
        result: bytes = apply_delta(parent, body)[0]
    except Exception as fault:
        raise Damaged("its delta does not fit its base") from fault
    return result


def _vet_result(delta: bytes) -> None:
    """Raises Damaged if a delta makes something larger than is handed out in one piece."""
    size = shift = seen = 0
    for byte in delta[: 2 * _LONGEST]:
        size |= (byte & _MORE) << shift
        shift += 7
        if byte <= _MORE:
            seen += 1
            if seen == 2:  # noqa: PLR2004 - the size of the base comes first
                break
            size = shift = 0
    else:
        raise Damaged("its delta makes no sense")
    if size > LARGEST_BODY:
        raise Damaged(f"a delta that makes {size} bytes of it: too large to be rebuilt")


def _hold(held: list[bytes | None], slot: int, body: bytes) -> None:
    """Puts a body into its slot, if all that is kept stays within `MOST_HELD`."""
    # What lies above belongs to branches that are done.
    held[slot:] = [body, *[None] * (len(held) - slot - 1)]
    if sum(len(each) for each in held if each is not None) > MOST_HELD:
        held[slot] = None
