"""In: bytes and offsets in them. Out: the parts of the bytes around these offsets."""

from collections.abc import Iterator, Sequence

from analyzer.leaks.lazy_regex import lazy_regex

_REACH = 4096
"""Bytes on either side of an offset: enough for the other half of a key and the names of both."""
_LONGEST = 1 << 20
"""Bytes of one part, so that not all layers of a long text are in memory at once."""
_ALIGNED = 4
_LONG = lazy_regex(rb"H4sI|SDRzSU|UEsD|e[JN]|QlpoO|/Td6WF|KLUv/|-api-key-|k8s-aws-v1\.")
"""How base64 of gzip, once and twice, zip, zlib, bzip2, xz and zstandard begins; and tokens."""
_BEFORE, _AFTER = 16, 8
"""Bytes before and after an offset in which that is, if it is what the prefilter matched."""
_RUN = lazy_regex(rb"[A-Za-z0-9+/=_\-\s\\]*+")


def windows(data: bytes, offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Begin and end of parts that cover all offsets with their surroundings, ascending.

    Parts begin and end between lines where a line's end is near, and at a multiple of four bytes,
    as wide characters do. Parts that are too long are cut into ones that overlap.
    """
    begin = end = 0
    for offset in sorted(offsets) if offsets else [None]:
        # Only a run that has this offset in it extends so far; it is not measured again.
        if offset is not None and end - offset > 2 * _REACH + _ALIGNED:
            continue
        first, last = (0, len(data)) if offset is None else _surroundings(data, offset)
        if first > end:
            yield from _cut(begin, end)
            begin = first
        elif not end:
            begin = first
        end = max(end, last)
    yield from _cut(begin, end)


def _surroundings(data: bytes, offset: int) -> tuple[int, int]:
    first, last = max(offset - _REACH, 0), min(offset + _REACH, len(data))
    if _LONG.search(data, max(offset - _BEFORE, 0), offset + _AFTER):
        run = _RUN.match(data, offset, offset + _LONGEST + 1)
        # A longer one is no text any more: what it holds is opened by itself.
        if run and run.end() - offset <= _LONGEST:
            last = max(last, run.end())
    if first:
        line = data.rfind(b"\n", max(first - _REACH, 0), first) + 1
        first = (line or first) & -_ALIGNED
    line = data.find(b"\n", last, last + _REACH) + 1
    last = min((line or last) + -(line or last) % _ALIGNED, len(data))
    return first, last


def _cut(begin: int, end: int) -> Iterator[tuple[int, int]]:
    while end - begin > _LONGEST + _REACH:
        yield begin, begin + _LONGEST
        begin += _LONGEST - _REACH
    if end > begin:
        yield begin, end
