"""In: bytes and offsets in them. Out: the parts of the bytes around these offsets.

Where a part begins and ends depends on what stands there alone, not on how far into the file that
is. So two versions of a file have most parts in common.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from analyzer.leaks.lazy_regex import lazy_regex

_REACH = 4096
"""Bytes on either side of an offset: enough for the other half of a key and the names of both."""
_LONGEST = 1 << 20
"""Bytes of one part, so that not all layers of a long text are in memory at once."""
_WIDEST = 4
"""Bytes of the widest character."""
_LONG = lazy_regex(
    rb"H4sI|UEsD|e[JN]|QlpoO|/Td6WF|KLUv/|SDRzSU|VUVzRE|UWxwb0|L1RkNl|S0xVdi|PHNhbWx"
    rb"|-api-key-|k8s-aws-v1\."
)
"""How base64 of gzip, zip, zlib, bzip2, xz and zstandard begins, and twice; SAML; and tokens."""
_BEFORE, _AFTER = 16, 8
"""Bytes before and after an offset in which that is, if it is what the prefilter matched."""
_RUN = lazy_regex(rb"[A-Za-z0-9+/=_\-\s\\]*+")

_LEAST, _MOST = 8 << 10, 12 << 10
"""Bytes of a part that others follow closely, before what it shares with them."""
_SHARED = 2048
"""Bytes that such parts have in common, on either side of where they meet."""
# Where two parts meet: at a blank line, at a line that begins with one of these, at any other.
_BORDERS = (
    lazy_regex(rb"\n[ \t\r]*\n"),
    lazy_regex(rb"\n[ \t\"'-]*[}\])#ACEGMSacegms137]"),
)
_ENDS = (lazy_regex(rb"\n"), lazy_regex(rb"[,;> \"]"))
_TOLD_BY = 32
"""Bytes before the end of a line or word that tell whether parts meet there."""
_TOKEN = lazy_regex(rb"[A-Za-z0-9+/=_.%~\\-]*+")
_TOKEN_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_.%~\\-"
_LONGEST_TOKEN = 1 << 16


class _Span(NamedTuple):
    """Offsets that lie close, with their surroundings; `runs` are not to be cut."""

    begin: int
    end: int
    runs: tuple[tuple[int, int], ...]


def windows(data: bytes, offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Begin and end of parts that cover all offsets with their surroundings, ascending.

    Parts begin and end between lines where a line's end is near. Of wide characters, which NUL
    bytes give away, they begin and end at a multiple of four bytes. Parts that are too long are cut
    into ones that overlap, and no token is cut by it. Without offsets they are all of the data.
    """
    if not offsets:
        yield from _cut_evenly(0, len(data))
    for span in _spans(data, offsets):
        yield from _cut(data, span)


def _spans(data: bytes, offsets: Sequence[int]) -> Iterator[_Span]:
    begin = end = run_end = 0
    runs: list[tuple[int, int]] = []
    for offset in sorted(offsets):
        # A run that has this offset in it is not measured again.
        if offset + 2 * _REACH < run_end:
            continue
        first, last, run_end = _surroundings(data, offset)
        if first > end:
            if end:
                yield _Span(begin, end, tuple(runs))
            begin, runs = first, []
        if run_end:
            runs.append((offset, run_end))
        end = max(end, last)
    if end:
        yield _Span(begin, end, tuple(runs))


def _surroundings(data: bytes, offset: int) -> tuple[int, int, int]:
    """Begin and end of what is around the offset, and where a packed run that has it in it ends."""
    first, last, run_end = max(offset - _REACH, 0), min(offset + _REACH, len(data)), 0
    if _LONG.search(data, max(offset - _BEFORE, 0), offset + _AFTER):
        run = _RUN.match(data, offset, offset + _LONGEST + 1)
        # A longer one is no text any more: what it holds is opened by itself.
        if run and run.end() - offset <= _LONGEST:
            last, run_end = max(last, run.end()), run.end()
    return _line_begin(data, first), _line_end(data, last), run_end


def _line_begin(data: bytes, at: int) -> int:
    """Where the line or token begins that has this byte in it, if that is near."""
    if not at:
        return 0
    line = data.rfind(b"\n", max(at - _REACH, 0), at) + 1
    if not line:
        before = data[max(at - _LONGEST_TOKEN, 0) : at]
        line = at - len(before) + len(before.rstrip(_TOKEN_BYTES))
    return line & -_alignment(data, at)


def _line_end(data: bytes, at: int) -> int:
    """Where the line or token ends that has this byte in it, if that is near."""
    line = data.find(b"\n", at, at + _REACH) + 1
    if not line:
        token = _TOKEN.match(data, at, at + _LONGEST_TOKEN)
        line = token.end() if token else at
    return min(line + -line % _alignment(data, at), len(data))


def _alignment(data: bytes, at: int) -> int:
    """Bytes of a character, as far as can be told: those around hold NUL bytes or do not."""
    return _WIDEST if data.find(b"\0", max(0, at - _REACH), at + _REACH) >= 0 else 1


def _cut(data: bytes, span: _Span) -> Iterator[tuple[int, int]]:
    """The span in parts whose borders are the same wherever the same text stands."""
    at = first = span.begin
    while span.end - at > _MOST + _SHARED:
        border = _border(data, at + _LEAST, at + _MOST)
        border = next((end for start, end in span.runs if start < border < end), border)
        if border >= span.end:
            break
        first_after, last = (border - _SHARED) & -_WIDEST, min(border + _SHARED, span.end)
        if not _is_within_token(data, border):
            first_after, last = _line_begin(data, first_after), _line_end(data, last)
        yield first, min(last, span.end)
        first = max(first_after, span.begin)
        at = border
    yield from _cut_evenly(first, span.end)


def _border(data: bytes, low: int, high: int) -> int:
    for border in _BORDERS:
        if found := border.search(data, low, high):
            return found.end()
    for end in _ENDS:
        if ends := [found.end() for found in end.finditer(data, low, high)]:
            # Of the same lines it is the same one, wherever in the file they stand.
            return min(ends, key=lambda at: crc32(data[at - _TOLD_BY : at]))
    token = _TOKEN.match(data, high, high + _LONGEST_TOKEN)
    return token.end() if token else high


def _is_within_token(data: bytes, at: int) -> bool:
    """True if a token so long that it has to be cut goes on here."""
    return data[at - 1] in _TOKEN_BYTES and data[at] in _TOKEN_BYTES


def _cut_evenly(begin: int, end: int) -> Iterator[tuple[int, int]]:
    while end - begin > _LONGEST + _REACH:
        yield begin, begin + _LONGEST
        begin += _LONGEST - _REACH
    if end > begin:
        yield begin, end
