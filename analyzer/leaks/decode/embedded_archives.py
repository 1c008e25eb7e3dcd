"""In: some content and the prefilter's offsets. Out: the files of its archives in base64.

Mails have attachments in base64, manifests have bundles. A small archive is also decoded with the
text around it (`encodings`); here none is cut off, and what can't be opened is reported.
"""

import binascii
from collections.abc import Iterator, Sequence

from analyzer.archives.budget import Budget
from analyzer.archives.opened import Opened, UnopenedMember
from analyzer.archives.signatures import ZLIB, looks_like_archive
from analyzer.leaks.lazy_regex import lazy_regex

# One character first, then what comes before and behind it: so a search for it is fast.
_BEGIN = lazy_regex(
    rb"[HSUeQ/KINVLT](?:(?<![A-Za-z0-9+/_-].)|(?<=\\[nrt].))"
    rb"(?:(?<=H)4sI|(?<=S)(?:DRzSU|0xVdi|XlCMk1[p5])|(?<=U)(?:EsD|mFyIRo|Wxwb0)|(?<=e)[JN]"
    rb"|(?<=Q)lpoO|(?<=/)Td6WF|(?<=K)LUv/|(?<=I)yB2M[iy]|(?<=N)3q8ryc"
    rb"|(?<=V)(?:UVzREJ|W1GeUlS)|(?<=L)1RkNldG|(?<=T)jNxOHJ5Y)",
)
"""How base64 begins of gzip, zip, zlib, bzip2, xz, zstandard, bundles, 7z and RAR, and of all of
these but zlib how base64 of base64 does."""
_SIGN = 8
_BEFORE, _AFTER = 24, 256
"""Bytes before and after an offset in which that is searched for."""
_LINE = lazy_regex(rb"[A-Za-z0-9+/_-]++")
_LINE_END = lazy_regex(rb"={0,2}[ \t]*+(?:[\\\r\n\"'`<]|\Z)")
# A dash begins what parts a mail. Slashes begin many a line of base64; those of a comment have a
# blank behind them.
_BREAK = lazy_regex(
    rb"(?:\\?\r?\n|(?:\\r)?\\n)[ \t]*+(?:(?:[#*>;%]|//(?=[ \t]))[ \t]*+)?(?=[A-Za-z0-9+/_])"
)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_LEAST = 32
_QUAD = 4
_MOST_TIMES = 3


def embedded_archives(
    data: bytes, offsets: Sequence[int], budget: Budget, member: str = "", line: int = 1
) -> Opened:
    """Every file of the archives in base64 around the offsets, and what of them can't be opened.

    `member` is the path of the content within archives, `line` the number of its first line.
    """
    counted = 0
    for start, run in _find_runs(data, offsets):
        if len(run) < _LEAST or not budget.charge_layer(len(run)):
            continue
        packed = _decode_run(run, budget)
        if looks_like_archive(packed) and _is_archive(packed):
            line += data.count(b"\n", counted, start)
            counted = start
            place = f"base64 in line {line}"
            yield from _open_embedded(packed, budget, f"{member}!/{place}" if member else place)


def _is_archive(packed: bytes) -> bool:
    from analyzer.archives.members import is_archive  # few texts have one

    return is_archive(packed)


def _open_embedded(packed: bytes, budget: Budget, place: str) -> Opened:
    """What is in an archive. Two bytes make zlib: where nothing can be unpacked, it was none."""
    from analyzer.archives.members import iter_members

    is_proven = not packed.startswith(ZLIB)
    for each in iter_members(packed, budget, place):
        is_proven = is_proven or not isinstance(each, UnopenedMember)
        if is_proven:
            yield each


def _find_runs(data: bytes, offsets: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Where each run of base64 begins that is possibly an archive, and the run without breaks."""
    searched = end = 0
    # Content that is all base64 begins with it, wherever the offsets are.
    for offset in (0, *offsets):
        if offset < searched:
            continue
        # Offsets that follow closely are searched together.
        searched = offset + _AFTER
        for match in _BEGIN.finditer(data, max(offset - _BEFORE, end), searched + _SIGN):
            if match.start() >= end:
                run, end = _read_run(data, match.start())
                yield match.start(), run


def _read_run(data: bytes, start: int) -> tuple[bytes, int]:
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
    """What base64 decodes to, undoing base64 within base64; empty where it can't be decoded."""
    data = run
    for _ in range(_MOST_TIMES):
        data = data.translate(_URL_SAFE)
        try:
            data = binascii.a2b_base64(data[: len(data) - len(data) % _QUAD] + _padded_rest(data))
        except binascii.Error:
            return b""
        if not _BEGIN.match(data) or not budget.charge(len(data)):
            break
        data = b"".join(data.split()).rstrip(b"=")
    return data


def _padded_rest(run: bytes) -> bytes:
    """The last characters of a run, padded; one alone encodes no byte."""
    rest = run[len(run) - len(run) % _QUAD :]
    return rest.ljust(_QUAD, b"=") if len(rest) > 1 else b""
