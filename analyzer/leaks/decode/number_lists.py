r"""In: a text. Out: the bytes of the lists of character codes in it.

65, 75, 73 or 0x41, 0x4b or 41:4b; chr(65).chr(75), [char]65, {0x0041, 0x004b}, 65 75 73, 'A', 'K'.
"""

import re
import string
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeAlias

import hyperscan

from analyzer.leaks.compiled import Rule, compile_rules, matching_numbers
from analyzer.leaks.decode.runs import alphabet, ascii_of, find_runs
from analyzer.leaks.lazy_regex import lazy_regex

BYTE_LIST = "byte list"
CODES = "character codes"

Numbers = tuple[int, int, bytes, str]
"""Start and end in the text, the bytes written there, and the name of how they are written."""

Places: TypeAlias = Sequence[tuple[int, int]]

_LEAST = 12
"""Numbers in a list, at least."""
# What lists of numbers are written with; each blank that is none of ASCII shows as a question mark.
_LIST = alphabet(string.hexdigits.encode() + b"xX,:-? \t\n\v\f\r\x1c\x1d\x1e\x1f")
_SHORTEST = 3 * _LEAST - 1
"""Characters of a list that is text: the code of a letter or a digit has two characters or more."""
# Two of any list, but for the first: no number has more than six characters.
_PARTED = lazy_regex(rb"[^0-9A-Fa-fxX](?:[0-9A-Fa-fxX]{1,6}+[^0-9A-Fa-fxX]{1,40}+){2}")
# One digit comes first, then what can follow it: a search for a single character is fast.
_BYTES = lazy_regex(
    r"""[0-9A-Fa-f](?<![0-9A-Za-z.][0-9A-Fa-f])
    (?: (?<=0)[xX][0-9A-Fa-f]{2}(?:\s{0,8}+,\s{0,24}+0[xX][0-9A-Fa-f]{2}){11,}
      | (?<=[0-9])[0-9]{0,2}(?:\s{0,8}+,\s{0,24}+[0-9]{1,3}+){11,}
      | [0-9A-Fa-f](?:[ :-][0-9A-Fa-f]{2}){11,}
    )""",
    re.VERBOSE,
)
_SPACED = lazy_regex(
    r"[0-9](?<![0-9A-Za-z.][0-9])[0-9]{1,2}(?:\s{1,16}+[0-9]{2,3}(?![0-9A-Za-z])){11,}"
)
_WIDE = lazy_regex(r"0[xX]00[0-9A-Fa-f]{2}(?:\s{0,8}+,\s{0,16}+0[xX]00[0-9A-Fa-f]{2}){11,}")
_ONE = (
    r"(?:charcode|codepoint|chr|char)[wb$]{0,2}[\](]\s{0,2}(?:0x[0-9a-f]{2}|[0-9]{2,3})\s{0,2}\)?"
)
# Before all but the first: String.from, [, Strings.
_MORE = rf"(?:\[|\b[a-z_.]{{1,16}})?{_ONE}"
_WRAPPED = lazy_regex(rf"{_ONE}(?:[\s,.&+|~_]{{1,24}}{_MORE}){{{_LEAST - 1},}}")
_WRAPPED_CODE = lazy_regex(r"[\](]\s{0,2}(0x[0-9a-f]{2}|[0-9]{2,3})")
_QUOTED = tuple(
    lazy_regex(rf"{quote}[!-~]{quote}(?:[\s,]{{1,24}}+{quote}[!-~]{quote}){{11,}}")
    for quote in ("'", '"')
)
_CHARACTER = lazy_regex(r"""["']([!-~])["']""")
_IN_WORDS, _IN_QUOTES = 0, 1
# What each list that is written with them has in it. A blank that is none of ASCII shows as a
# question mark.
_SIGNS = (
    (rb"(?:charcode|codepoint|chr|char)[wb$]{0,2}[\](]", _IN_WORDS),
    *(
        (rb"(?:X[!-~]X[\s\x1c-\x1f?,]{1,24}){3}".replace(b"X", each), _IN_QUOTES)
        for each in (b"'", b'"')
    ),
)
_LARGEST = 255


def list_places(characters: bytes) -> list[tuple[int, int]]:
    """Start and end of what consists of numbers and what parts them; `characters` as `ascii_of`."""
    # Most are long numbers, or the blanks at the beginning of a line.
    return [
        (start, end)
        for start, end in find_runs(characters, _LIST, _SHORTEST)
        if _PARTED.search(characters, start, end)
    ]


def find_byte_lists(text: str, places: Places) -> Iterator[Numbers]:
    """Every list of bytes that commas, colons or the like part; takes time linear in the places."""
    for match in _find_within(_BYTES, text, places):
        yield from _codes(match, _read_byte_list(match[0]), BYTE_LIST)


def has_byte_list(text: str) -> bool:
    """Whether the text has such a list, of whatever numbers."""
    places = list_places(ascii_of(text))
    return next(_find_within(_BYTES, text, places), None) is not None


def find_codes(text: str, places: Places) -> Iterator[Numbers]:
    """Every other list of character codes or characters; takes time linear in the text."""
    shown = _signs_in(text)
    lower = text.lower() if _IN_WORDS in shown else ""
    for match in _WRAPPED.finditer(lower) if len(lower) == len(text) else ():
        yield from _codes(match, [int(each, 0) for each in _WRAPPED_CODE.findall(match[0])])
    for match in _find_within(_SPACED, text, places):
        yield from _codes(match, [int(each) for each in match[0].split()])
    for match in _find_within(_WIDE, text, places):
        yield from _codes(match, [int(each.strip(), 16) for each in match[0].split(",")])
    for quoted in _QUOTED if _IN_QUOTES in shown else ():
        for match in quoted.finditer(text):
            yield from _codes(match, [ord(each) for each in _CHARACTER.findall(match[0])])


def _signs_in(text: str) -> set[int]:
    """Which of words and quotes a list may be written with: most texts have neither."""
    return matching_numbers(_signs(), ascii_of(text))


@cache
def _signs() -> hyperscan.Database:
    """What shows either, compiled once a process."""
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    return compile_rules("lists", [Rule(regex, flags, number) for regex, number in _SIGNS])


def _find_within(regex: re.Pattern[str], text: str, places: Places) -> Iterator[re.Match[str]]:
    """The matches of an expression that matches nothing but what is written in one of the places.

    It sees one character more on either side.
    """
    for start, end in places:
        yield from regex.finditer(text, start, end + 1)


def _read_byte_list(listed: str) -> Sequence[int]:
    if "," not in listed:
        return bytes.fromhex(re.sub("[:-]", " ", listed))
    codes = (code.strip() for code in listed.split(","))
    return [int(code, 0 if "x" in code.lower() else 10) for code in codes]


def _codes(match: re.Match[str], codes: Sequence[int], name: str = CODES) -> Iterator[Numbers]:
    if max(codes) <= _LARGEST:
        yield *match.span(), bytes(codes), name
