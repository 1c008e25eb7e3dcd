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
    fast_inflate,
    inflate_bounded,
    inflate_carefully,
    inflate_chunks,
    zlib_inflate,
)
from analyzer.git.objects import KINDS, LARGEST_BODY, GitObject, StreamedObject, UnreadableObject
from analyzer.git.pack_layout import PackLayout
from analyzer.git.safe_open import DamagedObject

MOST_HELD = 2 * LARGEST_BODY
"""Bytes of the bodies that are kept for the deltas on them, at any time."""
_NOTABLE = 1 << 20
_ROOM = 1024
_SPARE = 64 * 1024 * 1024
"""Bytes that one piece of work may look at beyond where streams should end."""
_MORE = 127
_LONGEST = 10
"""Bytes of the longest size."""


def iter_pack(
    layout: PackLayout, first: int, last: int
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """The objects from one place of the layout to another; both are the begin of a family."""
    return _walk(layout, _rows(layout, slice(first, last)))


def rebuild_object(
    layout: PackLayout, place: int
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """The object at a place of the layout, after those that it is made of."""
    begin = int(layout.chain_starts[bisect_right(layout.chain_starts, place) - 1])
    slots, at = layout.result_slots[begin : place + 1].tobytes(), place - begin
    places = [place]
    while (source := int(layout.base_slots[begin + at])) >= 0:
        # What was put last into the slot is the base.
        at = slots.rindex(source, 0, at)
        places.append(begin + at)
    rows = (_rows(layout, slice(each, each + 1)) for each in reversed(places))
    return _walk(layout, chain.from_iterable(rows))


def _rows(layout: PackLayout, part: slice) -> Iterator[tuple[int, ...]]:
    columns = (
        layout.names,
        layout.starts,
        layout.ends,
        layout.sizes,
        layout.kinds,
        layout.base_slots,
        layout.result_slots,
    )
    return zip(*(column[part].tolist() for column in columns), strict=True)


def _walk(  # noqa: C901, PLR0912 - the hot loop: a call for each object would cost as much as the rest
    layout: PackLayout, rows: Iterator[tuple[int, ...]]
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
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
                yield UnreadableObject(oid, layout.where, reason)
            else:
                room = _room(view, start, end, size, spare)
                spare -= max(0, len(room) - (end - start))
                yield StreamedObject(oid, KINDS[kind], size, inflate_chunks(room, size))
            continue
        stream = view[start:end]
        try:
            length = end - start
            if length < SMALL_STREAM:
                body = zlib_inflate(stream, 15, size)
            elif length < SAFE_STREAM:
                body = fast_inflate(stream, 15, size)
            else:
                body = inflate_bounded(stream, size)
            if len(body) != size:
                raise DamagedObject("its size is not what its header says")  # noqa: TRY301 - likewise
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
                body = _inflate_damaged(room, size, held[source], is_delta=source >= 0)
            except DamagedObject as fault:
                held[slot] = None
                yield UnreadableObject(
                    oid, layout.where, fault.reason, size if source < 0 else None
                )
                continue
        if len(body) > _NOTABLE:
            _keep_result(held, slot, body)
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


def _inflate_damaged(
    stream: memoryview, size: int, parent: bytes | None, *, is_delta: bool
) -> bytes:
    """What the quick way failed at, done the careful way; Damaged says why it can't be done."""
    body = inflate_carefully(stream, size)
    if not is_delta:
        return body
    if parent is None:
        raise DamagedObject("its delta base is damaged, or too large to be kept")
    _vet_result(body)
    try:
        result: bytes = apply_delta(parent, body)[0]
    except Exception as fault:
        raise DamagedObject("its delta does not fit its base") from fault
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
        raise DamagedObject("its delta makes no sense")
    if size > LARGEST_BODY:
        raise DamagedObject(f"a delta that makes {size} bytes of it: too large to be rebuilt")


def _keep_result(held: list[bytes | None], slot: int, body: bytes) -> None:
    """Puts a body into its slot, if all that is kept stays within `MOST_HELD`."""
    # What lies above belongs to branches that are done.
    held[slot:] = [body, *[None] * (len(held) - slot - 1)]
    if sum(len(each) for each in held if each is not None) > MOST_HELD:
        held[slot] = None
