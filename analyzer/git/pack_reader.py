"""In: the layout of a pack. Out: each of its objects once, every stream unpacked once.

A whole object and the deltas that build on it form a delta chain: the whole one comes first, each
delta after its base, whose body is still at hand in a slot (see `delta_order`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeAlias

# Public as dulwich.pack.apply_delta, whose module takes longer to import than a small scan takes
# to read all its objects; a test holds the two to be one function.
from dulwich._pack import apply_delta

from analyzer.git.allowance import OVER_BUDGET, Allowance
from analyzer.git.base_notes import BaseNotes
from analyzer.git.delta_order import MOST_SLOTS
from analyzer.git.deltas import read_sizes
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
from analyzer.git.pack_layout import PackLayout, PackRow
from analyzer.git.safe_open import DamagedObject

MOST_HELD = 2 * LARGEST_BODY
"""Bytes of the bodies that are kept for the deltas on them, at any time."""
_LARGE_BODY = 1 << 20
"""Bytes above which a body counts towards `MOST_HELD`: 64 slots of smaller ones are no matter."""
_ROOM = 1024
_SPARE = 64 * 1024 * 1024
"""Bytes that one work range may read beyond where its streams should end."""
_LAST_BYTE = 127
"""The highest value of the last byte of a size; in those before it the highest bit is set."""
_BLOB = KINDS.index("blob")
_NO_BASE = "its delta base is damaged, or too large to be kept"

_Body: TypeAlias = bytes | str | None
"""The body of an object, for deltas on it; or the reason why there is none, None for any other."""


def iter_pack(
    layout: PackLayout,
    first: int,
    last: int,
    allowance: Allowance | None = None,
    notes: BaseNotes | None = None,
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """The objects of the rows `first` to `last`, without `last`; a chain must begin at both.

    A delta that makes more than `allowance` covers is not undone: OVER_BUDGET is the reason.
    `notes` are brought up to date for each blob.
    """
    return _read_rows(layout, layout.rows(slice(first, last)), allowance, notes)


def rebuild_object(
    layout: PackLayout, row: int, allowance: Allowance | None = None
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """The object of one row, after those that it is built on, whole one first."""
    of = layout.columns
    begin = int(of.chain_starts[bisect_right(of.chain_starts, row) - 1])
    # Slots have numbers below 128, so that the last use of one can be searched for as a byte.
    slots, at = of.result_slots[begin : row + 1].tobytes(), row - begin
    needed = [row]
    while (base_slot := int(of.base_slots[begin + at])) >= 0:
        # The base is what was put into its slot last.
        at = slots.rindex(base_slot, 0, at)
        needed.append(begin + at)
    rows = (layout.rows(slice(each, each + 1)) for each in reversed(needed))
    return _read_rows(layout, chain.from_iterable(rows), allowance, None)


def _read_rows(  # noqa: C901, PLR0912, PLR0915 - a further call for each object costs 1 % of the whole
    layout: PackLayout,
    rows: Iterable[PackRow],
    allowance: Allowance | None,
    notes: BaseNotes | None,
) -> Iterator[GitObject | StreamedObject | UnreadableObject]:
    """The objects of some rows; the base of each delta must come before it.

    Every packed object passes through this loop. It unpacks the quick way, and leaves whatever that
    fails at to `inflate_carefully` and `_undo_delta`.
    """
    table, width, view = layout.index.table, layout.index.width, memoryview(layout.pack)
    bodies: list[_Body] = [None] * MOST_SLOTS
    spare = _SPARE
    for name, start, end, size, kind, base_slot, result_slot in rows:
        oid = table[name : name + width].hex()
        if size > LARGEST_BODY:
            bodies[result_slot] = None
            if base_slot >= 0:
                reason = f"its delta is larger than {LARGEST_BODY} bytes"
                yield UnreadableObject(oid, layout.where, reason)
            else:
                stream = _widened(view, start, end, size, spare)
                spare -= len(stream) - (end - start)
                yield StreamedObject(oid, KINDS[kind], size, inflate_chunks(stream, size))
            continue
        delta = b""
        try:
            # By the function that is fastest at that length.
            length = end - start
            if length < SMALL_STREAM:
                body = zlib_inflate(view[start:end], 15, size)
            elif length < SAFE_STREAM:
                body = fast_inflate(view[start:end], 15, size)
            else:
                body = inflate_bounded(view[start:end], size)
            if len(body) != size:
                raise DamagedObject("its size is not what its header says")  # noqa: TRY301
            if base_slot >= 0:
                if _has_long_result_size(body):
                    _check_result_size(body, length, allowance)
                delta = body
                body = apply_delta(bodies[base_slot], delta)[0]
        except Exception:  # noqa: BLE001 - the unpackers' errors have no common class
            try:
                stream = _widened(view, start, end, size, spare)
                spare -= len(stream) - (end - start)
                body = inflate_carefully(stream, size)
                if base_slot >= 0:
                    delta = body
                    body = _undo_delta(bodies[base_slot], delta, end - start, allowance)
            except DamagedObject as fault:
                bodies[result_slot] = OVER_BUDGET if fault.reason == OVER_BUDGET else None
                whole_size = size if base_slot < 0 else None
                yield UnreadableObject(oid, layout.where, fault.reason, whole_size)
                continue
        if len(body) > _LARGE_BODY:
            _keep_large_body(bodies, result_slot, body)
        else:
            bodies[result_slot] = body
        if notes is not None and kind == _BLOB:
            notes.turn_to(result_slot, base_slot, delta, len(body))
        yield oid, KINDS[kind], body


def _has_long_result_size(delta: bytes) -> bool:
    """False only if the size of the delta's result has up to two bytes: below 16 KiB, it is free.

    A delta begins with the size of its base and that of its result. Each byte holds seven bits,
    lowest first, and all bytes of a size but its last have the highest bit set: 90 4E 05 begins a
    delta that makes 5 bytes out of 10,000. Most sizes are short, and need no closer look than this.
    """
    skip = 1 if delta[0] <= _LAST_BYTE else 2 if delta[1] <= _LAST_BYTE else 3
    if skip == 3 and delta[2] > _LAST_BYTE:  # noqa: PLR2004 - bytes
        skip = 0  # The base has 2 MiB or more: True, by its own size, and the closer look decides.
    return delta[skip] > _LAST_BYTE and delta[skip + 1] > _LAST_BYTE


def _widened(view: memoryview, start: int, end: int, size: int, spare: int) -> memoryview:
    """The stream that begins at `start`, as long as it may be rather than as the index implies.

    An index entry that points into the stream of an object makes that stream seem to end there, and
    so would hide the object. Compression makes no content longer by more than a thousandth; this
    allows an eighth and `_ROOM`. `spare` bounds what is read in vain if many such entries point
    into one stream.
    """
    return view[start : max(end, min(start + size + size // 8 + _ROOM, end + spare))]


def _undo_delta(base: _Body, delta: bytes, stored: int, allowance: Allowance | None) -> bytes:
    """The object at which the quick way failed; raises DamagedObject with the reason if it must."""
    if not isinstance(base, bytes):
        raise DamagedObject(base or _NO_BASE)
    size = _check_result_size(delta, stored, allowance)
    try:
        result: bytes = apply_delta(base, delta)[0]
    except Exception as fault:
        if allowance:
            allowance.charge(stored, size)  # What is damaged at its end took as long.
        raise DamagedObject("its delta does not fit its base") from fault
    return result


def _check_result_size(delta: bytes, stored: int, allowance: Allowance | None) -> int:
    """The size of a delta's result; raises DamagedObject if it, or all together, are too large."""
    size = read_sizes(delta).result
    if size > LARGEST_BODY:
        raise DamagedObject(f"a delta that makes {size} bytes of it: too large to be rebuilt")
    if allowance and not allowance.covers(stored, size):
        raise DamagedObject(OVER_BUDGET)
    return size


def _keep_large_body(bodies: list[_Body], slot: int, body: bytes) -> None:
    """Puts a body into its slot, unless all bodies kept would then exceed `MOST_HELD` bytes."""
    # Higher slots hold bodies of branches that are done: nothing needs them any more.
    bodies[slot:] = [body, *[None] * (len(bodies) - slot - 1)]
    if sum(len(each) for each in bodies if isinstance(each, bytes)) > MOST_HELD:
        bodies[slot] = None
