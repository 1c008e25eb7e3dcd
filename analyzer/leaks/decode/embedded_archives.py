"""In: some content and where it is worth a look. Out: the archives that it holds in base64, whole.

A mail holds its attachments so, and a manifest its bundles. What is small is read as a text of its
layer too; here nothing is cut, and what stays closed is told.
"""

import binascii
import re
from collections.abc import Iterator, Sequence

from analyzer.archives.budget import Budget
from analyzer.archives.members import Member, Opened, is_archive, iter_members
from analyzer.archives.signatures import ZLIB

_BEGIN = re.compile(
    rb"(?:(?<![A-Za-z0-9+/_-])|(?<=\\[nrt]))"
    rb"(?:H4sI|SDRzSU|UEsD|e[JN]|QlpoO|/Td6WF|KLUv/|IyB2M[iy]|N3q8ryc|UmFyIRo)",
)
"""How base64 begins of gzip, once and twice, zip, zlib, bzip2, xz, zstandard, bundles, 7z, RAR."""
_SIGN = 8
_BEHIND, _AHEAD = 24, 256
"""Bytes before and behind a spot in which that is looked for."""
_LINE = re.compile(rb"[A-Za-z0-9+/_-]++")
_LINE_END = re.compile(rb"={0,2}[ \t]*+(?:[\\\r\n\"'`<]|\Z)")
# A dash begins what parts a mail. Slashes begin many a line of base64; those of a comment have a
# blank behind them.
_BREAK = re.compile(
    rb"(?:\\?\r?\n|(?:\\r)?\\n)[ \t]*+(?:(?:[#*>;%]|//(?=[ \t]))[ \t]*+)?(?=[A-Za-z0-9+/_])"
)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_LEAST = 32
_QUAD = 4
_COATS = 3


def embedded_archives(
    data: bytes, spots: Sequence[int], budget: Budget, way: str = "", line: int = 1
) -> Opened:
    """Every file of the archives in base64 around the spots, and what of them stays closed.

    `way` is where the content itself lies in archives, `line` the number of its first line.
    """
    counted = 0
    for start, run in _runs(data, spots):
        if len(run) < _LEAST or not budget.charge_layer(len(run)):
            continue
        packed = _decode_run(run, budget)
        if is_archive(packed):
            line += data.count(b"\n", counted, start)
            counted = start
            place = f"base64 in line {line}"
            yield from _open_embedded(packed, budget, f"{way}!/{place}" if way else place)


def _open_embedded(packed: bytes, budget: Budget, place: str) -> Opened:
    """What is in an archive; what two bytes made look like one and nothing opens, is none."""
    is_sure = not packed.startswith(ZLIB)
    for each in iter_members(packed, budget, place):
        is_sure = is_sure or isinstance(each, Member)
        if is_sure:
            yield each


def _runs(data: bytes, spots: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Where each run of base64 begins that may be of an archive, and the run without its breaks."""
    searched = end = 0
    # Content that is base64 all through begins with it, whatever else is worth a look.
    for spot in (0, *spots):
        if spot < searched:
            continue
        # Some more at once, where one spot follows the other.
        searched = spot + _AHEAD
        for match in _BEGIN.finditer(data, max(spot - _BEHIND, end), searched + _SIGN):
            if match.start() >= end:
                run, end = _run(data, match.start())
                yield match.start(), run


def _run(data: bytes, start: int) -> tuple[bytes, int]:
    """One run, and its end. Its lines are of one width; the first may begin behind a name."""
    lines: list[bytes] = []
    width, at, end = 0, start, start
    while line := _LINE.match(data, at):
        length = len(line[0])
        if lines and (_LINE_END.match(data, line.end()) is None or length > width > len(lines[0])):
            break
        lines.append(line[0])
        end = line.end()
        width = max(width, length)
        following = _BREAK.match(data, end)
        if following is None or (len(lines) > 1 and length < width):
            break
        at = following.end()
    return b"".join(lines), end


def _decode_run(run: bytes, budget: Budget) -> bytes:
    """What base64 says, which may be base64 again; nothing where it says nothing."""
    data = run
    for _ in range(_COATS):
        data = data.translate(_URL_SAFE)
        try:
            data = binascii.a2b_base64(data[: len(data) - len(data) % _QUAD] + _rest(data))
        except binascii.Error:
            return b""
        if not _BEGIN.match(data) or not budget.charge(len(data)):
            break
        data = b"".join(data.split()).rstrip(b"=")
    return data


def _rest(run: bytes) -> bytes:
    """The last characters of a run, filled up; one alone says nothing."""
    rest = run[len(run) - len(run) % _QUAD :]
    return rest.ljust(_QUAD, b"=") if len(rest) > 1 else b""
