"""In: some content, and unique IDs to search for. Out: the first place of each of them.

A user (AIDA…), a role (AROA…), a group (AGPA…), a managed policy (ANPA…) and an instance profile
(AIPA…) have such an ID. It is no secret, and opens nothing.
"""

from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

import hyperscan

from analyzer.leaks.decode.charsets import UTF_16, newline
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import CredentialPart, Sighting

Content: TypeAlias = bytes | memoryview

_LEAST = 16
"""Characters of the shortest unique ID, as the API of IAM has it."""
_PREFIXES = rb"A(?:IDA|ROA|GPA|NPA|IPA)"
_WIDE_PREFIXES = rb"A\0(?:I\0D|R\0O|G\0P|N\0P|I\0P)\0A\0"
# How an ID begins in plain text and in UTF-16; both patterns are of one length.
_BEGINS = (
    _PREFIXES + rb"[A-Z0-9]{12}",
    _WIDE_PREFIXES + rb"(?:[A-Z0-9]\0){11}[A-Z0-9]",
)
_LENGTHS = (_LEAST, 2 * _LEAST - 1)
# A letter or a digit beside it makes it another ID; that of an escape does not: \n, %3A, \u003d.
_PLAIN = lazy_regex(
    rb"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=\\x[0-9A-Fa-f]{2})"
    rb"|(?<=\\u[0-9A-Fa-f]{4}))" + _PREFIXES + rb"[A-Z0-9]{12,124}(?![A-Za-z0-9])"
)
_WIDE = lazy_regex(
    rb"(?:(?<![A-Za-z0-9]\0)|(?<=\\\0[nrt]\0))"
    + _WIDE_PREFIXES
    + rb"(?:[A-Z0-9]\0){11,123}[A-Z0-9](?!\0[A-Za-z0-9])"
)


def find_unique_ids(
    data: Content, unique_ids: frozenset[bytes], member: str = ""
) -> tuple[Sighting, ...]:
    """The first place of each of the IDs, in plain text or UTF-16; time linear in the content.

    `member` is the path of the content within archives.
    """
    starts = _find_starts(data) if unique_ids else []
    found: dict[bytes, tuple[int, str]] = {}
    for begin, is_wide in starts:
        match = (_WIDE if is_wide else _PLAIN).match(data, begin)
        value = match[0].replace(b"\0", b"") if match else b""
        if value in unique_ids:
            found.setdefault(value, (begin, UTF_16 if is_wide else ""))
    return tuple(_sightings(bytes(data), found, member)) if found else ()


def _sightings(data: bytes, found: dict[bytes, tuple[int, str]], member: str) -> Iterator[Sighting]:
    line, counted, ending = 1, 0, newline(data)
    for value, (begin, encoding) in found.items():
        line += data.count(ending, counted, begin)
        counted = begin
        yield Sighting(
            None, line, CredentialPart.ID, value.decode(), encoding=encoding, member=member
        )


def _find_starts(data: Content) -> list[tuple[int, bool]]:
    """Where something begins like an ID, ascending, and whether in wide characters."""
    starts: list[tuple[int, bool]] = []
    # Its stub knows no view, its code takes any buffer.
    _database().scan(  # type: ignore[type-var]
        data,
        match_event_handler=lambda number, _, end, *__: starts.append(
            (end - _LENGTHS[number], bool(number))
        ),
    )
    return sorted(starts)


@cache
def _database() -> hyperscan.Database:
    """Both patterns, compiled once a process, and only where an ID is searched for."""
    database = hyperscan.Database()
    database.compile(expressions=list(_BEGINS), ids=[0, 1])
    return database
