"""In: the bytes of a file, a blob or a message. Out: the offsets that are worth a closer look.

One pass for the shapes of all patterns in all encodings, by vector instructions; nearly all content
goes no further. Each pattern says what is searched for: `Pattern.prefilter`.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread

import hyperscan

from analyzer.archives.signatures import looks_like_archive
from analyzer.leaks.compiled import Rule, compile_rules
from analyzer.leaks.detect.prefilter_terms import Expression, Form, Literal
from analyzer.leaks.detect.registry import PATTERNS
from analyzer.leaks.lazy_regex import lazy_regex

# Base64 in lines: a line's end can cut whatever would tell of what it hides.
_ENCODED = lazy_regex(rb"\s{0,16}[A-Za-z0-9+/]{60,}\r?\n[A-Za-z0-9+/]{4,}={0,2}\s")
# Each way in which one byte of a literal can be written by itself.
_ESCAPES = (b"\\x%02x", b"\\u%04x", b"%%%02x", b"&#%d;", b"&#x%02x;", b"\\%03o")
# How base64 of gzip, bzip2, xz, zstandard, zip, bundles of git, 7z and RAR begins, and base64 of
# that, in the same order.
_PACKED = (
    rb"H4sI[A-E]",
    rb"QlpoO[A-Za-z0-9]FBWSZTW",
    rb"/Td6WFoA",
    rb"KLUv/",
    rb"UEsDB",
    rb"IyB2M[iy]BnaXQgYnVuZGxl",
    rb"N3q8ryccA",
    rb"UmFyIRoH",
    rb"SDRzSU",
    rb"UWxwb0",
    rb"L1RkNldGb0",
    rb"S0xVdi",
    rb"VUVzREJ",
    rb"SXlCMk1pQm5hWFFnWW5WdVpHeG",
    rb"SXlCMk15Qm5hWFFnWW5WdVpHeG",
    rb"TjNxOHJ5Y2",
    rb"VW1GeUlSb0",
    # That of zlib is short: it counts where a value begins.
    rb"[\"'= :\n]e(?:J[w-z]|N[o-r])[A-Za-z0-9+/]{6}",
)
_LINE_ENDS = (b"\n", b"\r\n")
Confirm = Callable[[bytes, int], bool]
_HEAD = 64
"""Bytes that tell how wide characters are."""


def candidate_offsets(data: bytes | bytearray | memoryview) -> list[int]:
    """Offsets at which something is possibly a credential, ascending.

    Each lies within or directly behind what matched. Linear in the size of the data.
    """
    offsets = match_ends(data)
    wide = _wide_characters(bytes(data[:_HEAD]))
    if wide:
        # A file is all in such characters or not at all: each fourth byte makes a plain text.
        side, width = wide
        offsets += (width * end for end in match_ends(bytes(data[side::width])))
    return sorted(set(offsets)) if offsets else offsets


def match_ends(data: bytes | bytearray | memoryview) -> list[int]:
    """Where matches end in the data as it stands, in no order; few where characters are wide."""
    database, confirms = _database()
    ends: list[int] = []
    doubtful: list[tuple[int, int]] = []

    def note(number: int, _start: int, end: int, *_: object) -> None:
        if number:
            doubtful.append((number, end))
        else:
            ends.append(end)

    # Its stub knows no view, its code takes any buffer.
    database.scan(data, match_event_handler=note)  # type: ignore[type-var]
    if doubtful:
        text = bytes(data)
        ends += (end for number, end in doubtful if confirms[number - 1](text, end))
    return ends


def is_in_wide_characters(data: bytes) -> bool:
    """Whether one byte of each character is searched for itself: the beginning decides."""
    return _wide_characters(data[:_HEAD]) is not None


def _wide_characters(head: bytes) -> tuple[int, int] | None:
    """Which byte of a character is its ASCII, and how many it has; None where it has one."""
    if b"\0" not in head:
        return None
    # The first character may be a byte order mark, which has no NUL bytes on either side.
    if head[2:4] == b"\0\0" and head[5:8] == b"\0\0\0" and head[4]:
        return 0, 4
    if head[:2] == b"\0\0" and head[4:7] == b"\0\0\0" and head[7:8] > b"\0":
        return 3, 4
    # Of UTF-16 some characters may be no ASCII: at least a quarter is.
    first, second = head[::2].count(0), head[1::2].count(0)
    if not (first and second) and 8 * (first + second) >= len(head):
        return (0, 2) if second else (1, 2)
    return None


def hides_in_base64(data: bytes | memoryview) -> bool:
    """True if the content is base64 in lines all through, of something worth a closer look."""
    if not _ENCODED.match(data):
        return False
    try:
        decoded = binascii.a2b_base64(data)
    except binascii.Error:
        return False
    return bool(candidate_offsets(decoded)) or looks_like_archive(decoded)


@contextmanager
def compile_in_background() -> Iterator[None]:
    """Makes the patterns ready while the block runs, on another processor where there is one.

    The compiler leaves the interpreter free: what the block imports costs no time of its own.
    """
    compiler = Thread(target=_database)
    compiler.start()
    try:
        yield
    finally:
        compiler.join()


@cache
def _database() -> tuple[hyperscan.Database, tuple[Confirm, ...]]:
    """The expressions of all patterns and of packed content, made once a process.

    A match has the number 0, or from 1 that of what is to be asked of it.
    """
    every = expressions()
    confirms = tuple(dict.fromkeys(each for each in every.values() if each))
    rules = [
        Rule(regex, flags, confirms.index(confirm) + 1 if confirm else 0)
        for (regex, flags), confirm in every.items()
    ]
    return compile_rules("prefilter", rules), confirms


def expressions() -> dict[tuple[bytes, int], Confirm | None]:
    """What is searched for, with Hyperscan's flags, and what is asked of each match."""
    found: dict[tuple[bytes, int], Confirm | None] = {}
    for term in (term for pattern in PATTERNS for term in pattern.prefilter):
        if isinstance(term, Expression):
            found[term.regex, _flags(term)] = term.confirm
        else:
            found |= dict.fromkeys(_iter_literals(term))
    return found | dict.fromkeys((each, 0) for each in _PACKED)


def _flags(term: Literal | Expression) -> int:
    return hyperscan.HS_FLAG_CASELESS if term.ignore_case else 0


def _iter_literals(term: Literal) -> Iterator[tuple[bytes, int]]:
    """The literal in each of its forms, as expressions with Hyperscan's flags."""
    yield from ((_escape(each), _flags(term)) for each in _spellings(term.text, term.forms))
    # Digits of base 16 are written in either case.
    for each in _numeric_spellings(term.text, term.forms):
        yield _escape(each), hyperscan.HS_FLAG_CASELESS


def _escape(literal: bytes) -> bytes:
    """A literal as an expression that matches it alone."""
    return b"".join(b"\\x%02x" % byte for byte in literal)


def _spellings(word: bytes, forms: Form) -> Iterator[bytes]:
    """The word in each of the forms that keep or encode its characters."""
    if Form.PLAIN in forms:
        yield word
    if Form.BASE64 in forms:
        yield from base64_variants(word)
    if Form.BASE64_TWICE in forms:
        for once in base64_variants(word):
            yield from base64_variants(once)
            for at in range(1, len(once)):
                yield from (once[:at] + line_end + once[at:] for line_end in _LINE_ENDS)
    if Form.UTF_16 in forms:
        yield widened(word, 1)
    if Form.UTF_16_IN_BASE64 in forms:
        # Without the NUL bytes at its ends it is the same whichever end comes first.
        yield from base64_variants(widened(word, 1))
    if Form.UTF_32 in forms:
        yield widened(word, 3)


def _numeric_spellings(word: bytes, forms: Form) -> Iterator[bytes]:
    """The word as numbers: all of it in hexadecimal, its first two characters as escapes."""
    if Form.HEXADECIMAL in forms:
        yield word.hex().encode()
    if Form.ESCAPED in forms:
        yield from (escape % word[0] + escape % word[1] for escape in _ESCAPES)


def widened(word: bytes, zeros: int) -> bytes:
    """The word in wide characters, without the NUL bytes at its ends."""
    return (b"\0" * zeros).join(bytes([byte]) for byte in word)


def base64_variants(word: bytes) -> Iterator[bytes]:
    """What is certain of the word's base64, for each of the three places where it can begin.

    The first and last character depend on the neighbours where the word shares them.
    """
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + word)
        first, beyond = -(-before * 8 // 6), (before + len(word)) * 8 // 6
        yield encoded[first:beyond]
