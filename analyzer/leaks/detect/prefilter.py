"""In: the bytes of a file, a blob or a message. Out: the offsets that are worth a closer look.

One pass for all shapes in all coats, by vector instructions; nearly all content ends here.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread

import hyperscan

from analyzer.archives.signatures import looks_like_archive

# Base64 in lines: a line's end can cut whatever would tell of what it hides.
_ENCODED = re.compile(rb"\s{0,16}[A-Za-z0-9+/]{60,}\r?\n[A-Za-z0-9+/]{4,}={0,2}\s")
_PREFIXES = (b"AKIA", b"ASIA")
_NAMES = (b"secret", b"Secret", b"SECRET")
# What can stand in base64 or hex and is long enough to be told by its coat alone.
_COATED = (*_PREFIXES, b"ABSK", *_NAMES)
_LITERALS = (
    b"bedrock-api-key-",
    b"aws-external-anthropic-api-key-",
    b"IQoJb3JpZ2luX2Vj",
    b"FwoGZXIvYXdz",
    b"FQoGZXIvYXdz",
    b"AQoDYXdz",
    b"k8s-aws-v1.",
    b"amzn.mws.",
    b"aHR0cHM6Ly9rYWZrYS",
    b"aoaAAAAA",
    b"aorAAAAA",
    b"awsapps.com",
    b"registrationExpiresAt",
    b"QVdTOmV5Snd",
    b"eyJwYXlsb2FkIjoi",
    b"eyJ2ZXIiOjEsImlzdSI6",
    b"pk-APKA",
    b"PRIVATE KEY-----",
)
# Names of fields that say all, written in small letters, in capitals or in both.
_CASELESS = (
    b"x-amz-credential",
    b"x-amz-signature",
    b"awsaccesskeyid",
    b"servicepassword",
    b"serviceapikeyvalue",
    b"servicecredentialsecret",
    b"aws_bearer_token",
    *(first + b"in " + last for first in (b"log", b"sign", b"sign-") for last in (b"link", b"url")),
)
# What is told by a pattern below is told in wide characters by how it begins, or by its name.
_WIDE_PREFIXES = (
    b"ABIA", b"A3T", b"LKIA", b"LSIA", b"ABSK", b"AEAA", b"da2-", b"pk-", b"-at-", b"SigninToken",
    b":_authToken", b":_password", b'"aoa',
)  # fmt: skip
_WIDE_NAMES = (
    b"secret",
    b"aws",
    b"amazon",
    b"smtp",
    b"pass",
    *(
        first + between + b"token"
        for first in (b"session", b"security")
        for between in (b"", b"-", b"_")
    ),
)
# Base64 of UTF-16, whichever end comes first: so PowerShell takes its commands.
_IN_BASE64 = (*_PREFIXES, *_NAMES)
# Each form in which one byte of a key can be written by itself.
_ESCAPES = (b"\\x%02x", b"\\u%04x", b"%%%02x", b"&#%d;", b"&#x%02x;", b"\\%03o")
_PATTERNS = (
    rb"(?:A(?:BIA|3T[A-Z0-9])|L[KS]IA)[A-Z2-7]{16}",
    rb"ABSK[A-Za-z0-9+/_%\\-]{40}",
    rb"AEAA[A-Za-z0-9+/_%\\-]{40}",
    rb"da2-[a-z0-9]{26}",
    rb"pk-[A-Z2-7]{32}\.pem",
    rb"SigninToken[=%\"\\]",
    rb"-at-[0-9]{12}",
    rb":_(?:authToken|password)[ \t]{0,2}=",
    rb"\"aoa[A-Za-z0-9+/_:-]{20}",
    # A prefix in two pieces, as in "AK" + "IA…"; in one piece it is a literal below.
    rb"AKI[\"'`]",
    rb"ASI[\"'`]",
    rb"[\"'`][KS]IA[A-Z2-7]{4}",
    rb"[\"'`]IA[A-Z2-7]{6}",
)
# How base64 of gzip, bzip2, xz, zstandard, zip, bundles of git, 7z and RAR begins, and base64 of
# base64 of gzip.
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
    # That of zlib is short: it counts where a value begins.
    rb"[\"'= :\n]e(?:J[w-z]|N[o-r])[A-Za-z0-9+/]{6}",
)
_CASELESS_PATTERNS = (
    # A secret without its ID needs a name; between the two a line may end, or several.
    rb"secret[\s\S]{0,80}[A-Za-z0-9/+]{40}",
    rb"secret[^\n]{0,60}[\"'][A-Za-z0-9/+]{2,39}[\"'] ?[+.&,] ?[\"'][A-Za-z0-9/+]{2,39}",
    rb"(?:session|security)[_-]?token[\s\S]{0,20}[A-Za-z0-9/+_%\\-]{100}",
    rb"(?:smtp|pass)[\w.-]{0,12}[^\w.-][\s\S]{0,40}[^A-Za-z0-9/+][AB][A-V][A-Za-z0-9/+]{42}",
    (
        rb"(?:(?:aws|amazon)[\w. -]{0,20}(?:key|token|pw|pass)"
        rb"|(?:key|token|pw|pass)[\w. -]{0,12}(?:aws|amazon))[\s\S]{0,60}[A-Za-z0-9/+]{40}"
    ),
)
_LINE_ENDS = (b"\n", b"\r\n")
_WIDEST = 4


def candidate_offsets(data: bytes | bytearray | memoryview) -> list[int]:
    """Offsets at which something stands that may be a credential, ascending.

    Each lies within or directly behind what it tells of. Linear in the size of the data.
    """
    spots = _spots(data)
    side = _side_of_utf_32(bytes(data[:8]))
    if side is not None:
        # Whole files are written so, or none: each fourth byte is a plain text.
        spots += (_WIDEST * spot for spot in _spots(bytes(data[side::_WIDEST])))
    return sorted(set(spots)) if spots else spots


def _spots(data: bytes | bytearray | memoryview) -> list[int]:
    spots: list[int] = []
    # Its stub knows no view, its code takes any buffer.
    _database().scan(data, match_event_handler=lambda *match: spots.append(match[2]))  # type: ignore[type-var]
    return spots


def _side_of_utf_32(head: bytes) -> int | None:
    """Where in four bytes its character stands, None where the content begins in another way."""
    # The first character may be a byte order mark, which has no NUL bytes on either side.
    if head[2:4] == b"\0\0" and head[5:] == b"\0\0\0" and head[4]:
        return 0
    return 3 if head[:2] == b"\0\0" and head[4:7] == b"\0\0\0" and head[7:8] > b"\0" else None


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
    """Compiles the patterns while the block runs, on another processor where there is one.

    The compiler leaves the interpreter free: what the block imports costs no time of its own.
    """
    compiler = Thread(target=_database)
    compiler.start()
    try:
        yield
    finally:
        compiler.join()


@cache
def _database() -> hyperscan.Database:
    """The patterns, compiled once a process."""
    flags = hyperscan.HS_FLAG_CASELESS
    expressions = [(_escape(each), 0) for each in sorted(set(_literals()))]
    expressions += [(_escape(each), flags) for each in sorted(set(_caseless_literals()))]
    expressions += [(each, 0) for each in (*_PATTERNS, *_PACKED)]
    expressions += [(each, flags) for each in _CASELESS_PATTERNS]
    database = hyperscan.Database()
    database.compile(
        expressions=[expression for expression, _ in expressions],
        flags=[flag for _, flag in expressions],
    )
    return database


def _escape(literal: bytes) -> bytes:
    """A literal as a pattern that matches it alone."""
    return b"".join(b"\\x%02x" % byte for byte in literal)


def _literals() -> Iterator[bytes]:
    """What is searched as it stands: plain, with NUL bytes between, in base64 once and twice."""
    yield from (*_PREFIXES, *_LITERALS)
    for word in _COATED:
        for once in base64_variants(word):
            yield once
            if word in _PREFIXES:
                yield from base64_variants(once)
                yield from (
                    once[:at] + end + once[at:] for at in range(1, len(once)) for end in _LINE_ENDS
                )
    for word in _IN_BASE64:
        yield from base64_variants(widened(word, 1))
    for word in _LITERALS:
        yield from base64_variants(word)
    # UTF-16 wherever it stands; UTF-32 in other content is worth the words that matter most.
    yield from (widened(word, 1) for word in (*_PREFIXES, *_WIDE_PREFIXES, *_LITERALS))
    yield from (widened(word, 3) for word in (*_PREFIXES, *_NAMES))


def _caseless_literals() -> Iterator[bytes]:
    """Names, and spellings that write each byte as a number; capital letters mean the same."""
    yield from _CASELESS
    yield from (widened(word, 1) for word in (*_WIDE_NAMES, *_CASELESS))
    for word in (*_PREFIXES, b"secret", b"SECRET"):
        yield word.hex().encode()
    for word in _PREFIXES:
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
