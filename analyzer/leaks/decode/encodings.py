"""In: a text. Out: the edits that decode base64, hexadecimal and byte lists in it.

Only what decodes to text or to a compressed file is replaced; a name, a hash or a key stays.
"""

import binascii
import string
from collections.abc import Iterable, Iterator

from analyzer.archives.budget import Budget
from analyzer.archives.opened import Member
from analyzer.archives.signatures import (
    BZIP2,
    GZIP,
    MAGIC,
    NO_CONTENT,
    XZ,
    ZIP_FILE,
    ZLIB,
    ZSTANDARD,
)
from analyzer.leaks.decode.charsets import best_text
from analyzer.leaks.decode.dumps import find_numbers
from analyzer.leaks.decode.edits import Edit
from analyzer.leaks.decode.runs import alphabet, ascii_of, find_runs
from analyzer.leaks.lazy_regex import lazy_regex

BASE64 = "base64"
HEXADECIMAL = "hexadecimal"
ZIP = "zip"
# Shorter runs can't hold half a key.
_LEAST = 16
_BASE64 = alphabet((string.ascii_letters + string.digits + "+/_-").encode())
_TAIL = lazy_regex(r"([A-Za-z0-9+/_-]{1,}+)={0,2}(?![A-Za-z0-9+/_:-])")
_HEX = alphabet(string.hexdigits.encode())
_LEAST_HEX = 24
# Twelve printable characters, NUL bytes between them or not, have three times three bytes in them
# that begin with a new digit.
_TEXT_IN_BASE64 = lazy_regex(
    3 * "[ACDI-Za-f][AC-HQS-Xgi-nwyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589]."
)
_TEXT_IN_HEX = lazy_regex("(?:(?:[2-7]|0(?=[09AaDd]))[0-9A-Fa-f]){12}")
_MAGIC = (GZIP, BZIP2, XZ, ZSTANDARD, ZIP_FILE, *NO_CONTENT, *ZLIB)
_PACKED_IN_HEX = lazy_regex(f".?(?i:{'|'.join(magic.hex() for magic in _MAGIC)})")
_MAGIC_IN_BASE64 = "|".join(
    binascii.b2a_base64(magic)[: len(magic) * 8 // 6].decode() for magic in _MAGIC
)
_PACKED_IN_BASE64 = lazy_regex(
    rf".{{0,3}}(?:{_MAGIC_IN_BASE64})".replace("/", "[/_]").replace("+", "[+-]")
)
# Between two lines of a wrapped block: blanks, the mark of a comment or of a continuation.
_BREAK = lazy_regex(r"[ \t]*+\\?\r?\n[ \t]*+(?:#|//|\*|>|;|--|%)?[ \t]*+")
_LINE_ENDS = " \t\\\r\n"
_LEAST_WIDTH = 24
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PRINTABLE = bytes(code in b"\t\n\r" or 0x20 <= code < 0x7F for code in range(256))  # noqa: PLR2004
_TEXT = b"\1" * 12
_QUAD = 4


def decode_edits(text: str, budget: Budget) -> tuple[list[Edit], tuple[str, ...]]:
    """The edits that decode what can be decoded, and the names of the encodings that they undo."""
    edits: list[Edit] = []
    encodings: dict[str, None] = {}
    at = 0
    for start, end, decoded in sorted(_candidates(text, budget), key=_longest_first):
        if start >= at:
            replacement, names = decoded
            edits.append((start, end, replacement))
            encodings |= dict.fromkeys(names)
            at = end
    return edits, tuple(encodings)


def _longest_first(decoded: "_Decoded") -> tuple[int, int]:
    return decoded[0], -decoded[1]


_Decoded = tuple[int, int, tuple[str, tuple[str, ...]]]


def _candidates(text: str, budget: Budget) -> Iterator[_Decoded]:
    characters = ascii_of(text)
    for start, end in find_runs(characters, _HEX, _LEAST_HEX):
        if not budget.charge_edits(1):
            return
        yield from _decode_hex(text[start:end], start, budget)
    for start, end, data, name in find_numbers(text):
        if not budget.charge_edits(1):
            return
        if decoded := _read_decoded(data, name, budget):
            yield start, end, decoded
    for block in _group_lines(text, find_runs(characters, _BASE64, _LEAST)):
        if not budget.charge_edits(len(block)):
            return
        yield from _decode_base64(text, block, budget)


def _decode_hex(digits: str, start: int, budget: Budget) -> Iterator[_Decoded]:
    if not (_TEXT_IN_HEX.search(digits) or _PACKED_IN_HEX.match(digits)):
        return  # most are hashes
    for skip in range(2):
        even = digits[skip : len(digits) - (len(digits) - skip) % 2]
        decoded = _read_decoded(bytes.fromhex(even), HEXADECIMAL, budget)
        if decoded:
            yield start + skip, start + skip + len(even), decoded
            return


def _group_lines(text: str, runs: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Runs of base64 with their padding, those together that are the lines of one wrapped text.

    Those that by themselves hold nothing are left out: most are names.
    """
    block: list[tuple[int, int]] = []
    end = 0
    # There are many runs, and most are names: what is asked of each is asked here.
    has_text, is_packed = _TEXT_IN_BASE64.search, _PACKED_IN_BASE64.match
    for start, stop in runs:
        if start < end:
            continue
        end, after = stop, text[stop : stop + 1]
        if after == "=":
            end += 2 if text.startswith("=", stop + 1) else 1
            after = text[end : end + 1]
        if block and not _continues(text, block, (start, end)):
            yield block
            block = []
        if not block and (end - start < _LEAST_WIDTH or after not in _LINE_ENDS):
            if has_text(text, start, stop) or is_packed(text, start, stop):
                yield [(start, end)]
            continue
        block.append((start, end))
        tail = _short_last_line(text, block)
        if tail:
            block.append(tail)
            end = tail[1]
            yield block
            block = []
    if block:
        yield block


def _continues(text: str, block: list[tuple[int, int]], line: tuple[int, int]) -> bool:
    """Whether a run is the next line of a wrapped text: not longer, and nothing between them."""
    (first, first_end), (last, last_end) = block[0], block[-1]
    width = first_end - first
    return (
        width >= _LEAST_WIDTH
        and last_end - last == width
        and line[1] - line[0] <= width
        and text[last_end - 1] != "="
        and _BREAK.fullmatch(text, last_end, line[0]) is not None
    )


def _short_last_line(text: str, block: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The last line of a wrapped text where it is too short to be a run by itself."""
    start, end = block[-1]
    width = block[0][1] - block[0][0]
    if end - start != width or width < _LEAST_WIDTH or text[end - 1] == "=":
        return None
    gap = _BREAK.match(text, end)
    tail = gap and _TAIL.match(text, gap.end())
    if not tail or len(tail[1]) >= min(width, _LEAST):
        return None
    return tail.span()


def _decode_base64(text: str, block: list[tuple[int, int]], budget: Budget) -> Iterator[_Decoded]:
    if len(block) > 1:
        whole = "".join(text[start:end] for start, end in block)
        decoded = _decode_lines(whole, budget) if _may_hold(whole, 0, len(whole)) else None
        if decoded:
            yield block[0][0], block[-1][1], decoded
            return
    for start, end in block:
        if _may_hold(text, start, end):
            yield from _decode_field(text, start, end, budget)


def _decode_lines(whole: str, budget: Budget) -> tuple[str, tuple[str, ...]] | None:
    """A wrapped text, if it is one; lines that only look alike decode to rubbish."""
    data = _decode_run(whole.rstrip("="))
    decoded = _read_decoded(data, BASE64, budget)
    if (
        decoded
        and len(decoded[1]) == 1
        and data.translate(_PRINTABLE).count(1) < len(data) * 3 // 4
    ):
        return None
    return decoded


def _decode_field(text: str, start: int, end: int, budget: Budget) -> Iterator[_Decoded]:
    """One run, from its first character or, where something else comes first, from a later one."""
    run = text[start:end].rstrip("=")
    # A word or a constant: base64 of twelve and more characters of text has both cases.
    if run.islower() or run.isupper():
        return
    for skip in range(_QUAD):
        decoded = _read_decoded(_decode_run(run[skip:]), BASE64, budget)
        if decoded:
            yield start + skip, end, decoded
            return


def _may_hold(text: str, start: int, end: int) -> bool:
    """False where nothing that a run decodes to is text, or begins like what is compressed."""
    return (
        _TEXT_IN_BASE64.search(text, start, end) is not None
        or _PACKED_IN_BASE64.match(text, start, end) is not None
    )


def _decode_run(run: str) -> bytes:
    """What a run without its padding decodes to; without a last character that encodes no byte."""
    whole = run[: len(run) - (len(run) % _QUAD == 1)]
    padded = whole + "=" * (-len(whole) % _QUAD)
    return binascii.a2b_base64(padded.encode("ascii").translate(_URL_SAFE))


def _read_decoded(data: bytes, encoding: str, budget: Budget) -> tuple[str, tuple[str, ...]] | None:
    """The text in decoded bytes, unpacked if compressed, and its encodings; or None."""
    if data.startswith(MAGIC) and (found := _read_packed(data, encoding, budget)):
        return found
    if not _is_text(data) or not budget.charge(len(data)):
        return None
    charset, text = best_text(data)
    return text, (encoding, charset) if charset else (encoding,)


def _read_packed(data: bytes, encoding: str, budget: Budget) -> tuple[str, tuple[str, ...]] | None:
    """The text in what is compressed, or in a zip archive, and its encodings; or None."""
    from analyzer.archives.decompress import compression_format  # few texts have any

    program = compression_format(data)
    if program:
        unpacked = _decompress(data, program, budget)
        if unpacked and _is_text(unpacked):
            charset, text = best_text(unpacked)
            return text, (encoding, program, charset) if charset else (encoding, program)
    if data.startswith(ZIP_FILE) and (text := _decode_members(data, budget)):
        return text, (encoding, ZIP)
    return None


def _decode_members(data: bytes, budget: Budget) -> str:
    """The texts in a zip archive, one after the other; of a cut one as much as there is."""
    from analyzer.archives.members import iter_members

    files = (each.data for each in iter_members(data, budget) if isinstance(each, Member))
    return "\n".join(best_text(each)[1] for each in files if _is_text(each))


def _is_text(data: bytes) -> bool:
    """Whether so many printable characters follow each other as never do by chance."""
    narrow = data.replace(b"\0", b"") if b"\0" in data else data
    return _TEXT in narrow.translate(_PRINTABLE)


def _decompress(data: bytes, program: str, budget: Budget) -> bytes:
    """As much of a compressed text as can be read and afforded."""
    from analyzer.archives.decompress import DamagedError, decompress

    pieces: list[bytes] = []
    size = 0
    try:
        for piece in decompress(data, program):
            size += len(piece)
            if size > budget.largest:
                budget.refuse("holds an encoded text that unpacks to more than is held")
                break
            if not budget.charge(len(piece)):
                break
            pieces.append(piece)
    except DamagedError:
        pass  # cut off by the edge of the part that is looked at
    return b"".join(pieces)
