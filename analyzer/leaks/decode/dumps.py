"""In: a text. Out: the bytes of the dumps in it, and of its lists of numbers.

Dumps of xxd, hexdump, od and their like: an offset, bytes as numbers, and often the text beside
them.
"""

import re
from collections.abc import Iterator, Sequence

from analyzer.leaks.decode.number_lists import (
    Numbers,
    find_byte_lists,
    find_codes,
    list_places,
)
from analyzer.leaks.decode.runs import ascii_of
from analyzer.leaks.lazy_regex import lazy_regex

DUMP = "hex dump"

_LINE = lazy_regex(
    r"""^[ \t]{0,16}+(?:(?:0[xX])?(?P<offset>[0-9A-Fa-f]{4,16}+)(?P<colon>:)?[ \t]{1,8}+)?
    (?: (?P<bits>[01]{8}(?:[ ][01]{8}){1,15})
      | (?P<octal>[0-3][0-7]{2}(?:[ ][0-3][0-7]{2}){1,31})
      | (?P<hex>[0-9A-Fa-f]{2}(?:[ -]?[0-9A-Fa-f]{2}){1,127}
          # hexdump parts the two halves of a line; xxd parts the bytes and the text so.
          (?(colon)|(?:[ ]{2}[0-9A-Fa-f]{2}(?:[ ][0-9A-Fa-f]{2}){0,7}(?=[ \t]*+[|>\r\n]|\Z))?))
      | (?(offset)(?P<decimal>[0-9]{1,3}(?:[ ]{1,4}[0-9]{1,3}){1,31}(?=[ ]*\r?$))|(?!))
      | (?(offset)(?P<chars>(?:(?:[!-~]|\\.|[0-7]{3})(?:[ ]{1,14}|(?=\r?$))){2,32})|(?!))
    )
    (?:[ \t]{1,60}+[^\s][^\n]{0,99})?[ \t\r]*$""",
    re.VERBOSE | re.MULTILINE,
)
# Few lines begin so: with an offset of four digits or more, with bytes, or with octal numbers.
_LINE_BEGINS = lazy_regex(
    r"\n[ \t]{0,16}+(?:0[xX])?[0-9A-Fa-f]{2}"
    r"(?:[ -][0-9A-Fa-f]|[0-9A-Fa-f](?:[0-9A-Fa-f]|[ ][0-3]))"
)
_KINDS = ("bits", "octal", "hex", "decimal", "chars")
_BASES = {"bits": 2, "octal": 8, "decimal": 10}
_CHARACTER = lazy_regex(r"\\.|[0-7]{3}|[!-~]")
_ESCAPED = {"\\n": 10, "\\r": 13, "\\t": 9, "\\0": 0, "\\a": 7, "\\b": 8, "\\f": 12, "\\v": 11}
_LEAST = 12
_MOST_LINES = 65_536
# What shows that bytes are in their right order: 4b41 4149 is AKIA in words of two bytes.
_TELLING = re.compile(rb"A[KS]IA|(?i:secret|access|token|key|aws)")
_LARGEST = 255


def find_numbers(text: str) -> Iterator[Numbers]:
    """Every list and every dump; takes time linear in the text."""
    places = list_places(ascii_of(text))
    yield from find_byte_lists(text, places)
    yield from _find_dumps(text)
    yield from find_codes(text, places)


def _find_dumps(text: str) -> Iterator[Numbers]:
    """The lines that follow each other in one form, joined."""
    block: list[re.Match[str]] = []
    for match in _find_lines(text):
        if block and (
            match.start() != block[-1].end() + 1
            or _form(match) != _form(block[0])
            or len(block) >= _MOST_LINES
        ):
            yield from _read_block(block)
            block = []
        block.append(match)
    if block:
        yield from _read_block(block)


def _find_lines(text: str) -> Iterator[re.Match[str]]:
    """Every line that may be one of a dump."""
    first = _LINE.match(text)
    if first:
        yield first
    for begin in _LINE_BEGINS.finditer(text):
        line = _LINE.match(text, begin.start() + 1)
        if line:
            yield line


def _form(line: re.Match[str]) -> tuple[str, bool, bool]:
    kind = next(kind for kind in _KINDS if line[kind] is not None)
    return kind, line["offset"] is not None, line["colon"] is not None


def _read_block(block: Sequence[re.Match[str]]) -> Iterator[Numbers]:
    kind, _, has_colon = _form(block[0])
    parts = [line[kind].replace("-", " ") if kind == "hex" else line[kind] for line in block]
    if kind == "hex":
        data = _read_hexadecimal(parts, has_colon=has_colon)
    elif kind == "chars":
        data = bytes(_read_character(each) for part in parts for each in _CHARACTER.findall(part))
    else:
        codes = [int(each, _BASES[kind]) for part in parts for each in part.split()]
        data = bytes(codes) if max(codes) <= _LARGEST else b""
    # The last word is filled up, which would make a text of wide characters of the whole.
    if b"\0" not in (text := data.rstrip(b"\0")):
        data = text
    if len(data) >= _LEAST:
        yield block[0].start(), block[-1].end(), data, DUMP


def _read_character(written: str) -> int:
    """One character as od -c writes it."""
    if len(written) == 1:
        return ord(written)
    return _ESCAPED.get(written, 0) if written[0] == "\\" else int(written, 8) & _LARGEST


def _read_hexadecimal(parts: Sequence[str], *, has_colon: bool) -> bytes:
    """The bytes in the order that shows more; words come in the order of the machine, or not."""
    plain = bytes.fromhex("".join(parts))
    widths = {len(word) // 2 for word in parts[0].split()}
    orders = [plain]
    for width in (2, 4, 8):
        if width in widths:
            words = (bytes.fromhex(word)[::-1] for part in parts for word in part.split())
            orders.append(b"".join(words))
    # Where neither tells more: xxd has a colon and writes bytes as they come, od writes words.
    return max(orders if has_colon else orders[::-1], key=lambda data: len(_TELLING.findall(data)))
