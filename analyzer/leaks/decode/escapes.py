r"""In: a text. Out: the edits that undo its escapes: %2B, \n, \x2b, \u002b, \053, &#43;, &plus;.

A terminal's colour codes go with them.

All are undone at once; no character of a key is one that begins an escape.
"""

import re
from collections.abc import Iterator
from functools import cache

import hyperscan

from analyzer.leaks.compiled import Rule, compile_rules
from analyzer.leaks.decode.charsets import as_utf8_or_latin1
from analyzer.leaks.decode.edits import Edit
from analyzer.leaks.decode.runs import ascii_of
from analyzer.leaks.decode.terminal_codes import TERMINAL_CODES, terminal_code_edits
from analyzer.leaks.decode.text_runs import join_edits
from analyzer.leaks.lazy_regex import lazy_regex

PERCENT = "percent-encoding"
BACKSLASH = "backslash escapes"
ENTITIES = "HTML entities"
_ESCAPE = lazy_regex(
    r"""[%\\&](?:
        (?<=%) (?: (?P<percent>[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*) | u(?P<wide>[0-9A-Fa-f]{4}) )
      | (?<=\\) (?:
            (?P<hex>x[0-9A-Fa-f]{2}(?:\\x[0-9A-Fa-f]{2})*)
          | u++(?P<four>[0-9A-Fa-f]{4}) | U(?P<eight>[0-9A-Fa-f]{8})
          | [ux]\{(?P<braced>[0-9A-Fa-f]{1,8})\}
          | (?P<octal>[0-3]?[0-7]{2}(?:\\[0-3]?[0-7]{2})* | [0-7])
          | [abefnrtv"'`/\\$] | (?P<continued>\r?\n[ \t]*+)
        )
      | (?<=&) (?:
            \#(?P<decimal>[0-9]{1,8}); | \#[xX](?P<entity>[0-9A-Fa-f]{1,8});
          | (?P<name>[A-Za-z]{2,24};)
        )
    )""",
    re.VERBOSE,
)
_BEGINS = rb"%[0-9A-Fa-fu]|\\[xuU0-7abefnrtv\"'`/\\$\r\n]|&[#A-Za-z]"
"""The first two characters of each."""
_LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
# Most escapes are one of these: the end of a line, a quote.
_SHORT = {f"\\{letter}": _LETTERS.get(letter, letter) for letter in "abefnrtv\"'`/\\$"}
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_ENCODING_OF_GROUP = {"percent": PERCENT, "wide": PERCENT}
_ENCODING_OF_GROUP |= dict.fromkeys(("decimal", "entity", "name"), ENTITIES)


def unescape_edits(text: str) -> tuple[list[Edit], tuple[str, ...]]:
    """The edits that undo every escape, and the names of the encodings that they undo.

    Lines and words that a mail or a document has cut are joined with them. An ESC that is written
    as an escape is a part of its code.
    """
    found = list(_escapes(text))
    others = [*((edit, TERMINAL_CODES) for edit in terminal_code_edits(text)), *join_edits(text)]
    if others:
        found = list(_without_overlaps([*others, *found]))
    return [edit for edit, _ in found], tuple(dict.fromkeys(encoding for _, encoding in found))


def _without_overlaps(found: list[tuple[Edit, str]]) -> Iterator[tuple[Edit, str]]:
    """Of edits that overlap the one that begins first, and of these the longest."""
    end = 0
    for edit, encoding in sorted(found, key=lambda each: (each[0][0], -each[0][1])):
        if edit[0] >= end:
            yield edit, encoding
            end = edit[1]


def _escapes(text: str) -> Iterator[tuple[Edit, str]]:
    end = 0
    for start in escape_starts(text):
        if start >= end and (match := _ESCAPE.match(text, start)):
            end = match.end()
            character = _SHORT.get(match[0]) or _unescape(match)
            if character is not None:
                encoding = _ENCODING_OF_GROUP.get(match.lastgroup or "", BACKSLASH)
                yield (start, end, character), encoding


def escape_starts(text: str) -> list[int]:
    """Where an escape possibly begins, ascending."""
    if "%" not in text and "\\" not in text and "&" not in text:
        return []
    starts: list[int] = []
    _escape_begins().scan(
        ascii_of(text), match_event_handler=lambda _, _start, end, *__: starts.append(end - 2)
    )
    return starts


@cache
def _escape_begins() -> hyperscan.Database:
    """How each begins, compiled once a process; it goes by the text much faster than `re` does."""
    return compile_rules("escapes", [Rule(_BEGINS, 0, 0)])


def _unescape(match: re.Match[str]) -> str | None:
    """What a longer escape stands for; None where it is none after all."""
    group = match.lastgroup or ""
    value = match[group]
    if group == "continued":
        return ""
    if group == "name":
        from html.entities import html5  # thousands of names

        return html5.get(value)
    if group == "decimal":
        return _character(int(value))
    if group == "percent":
        return as_utf8_or_latin1(bytes.fromhex(value.replace("%", "")))
    if group == "hex":
        return as_utf8_or_latin1(bytes.fromhex(value[1:].replace("\\x", "")))
    if group == "octal":
        return as_utf8_or_latin1(bytes(int(digits, 8) for digits in value.split("\\")))
    return _character(int(value, 16))


def _character(number: int) -> str:
    """The character of a number; half a surrogate pair is none, and can't be written anywhere."""
    if number > _LAST_CHARACTER or number in _SURROGATES:
        return "\ufffd"
    return chr(number)
