"""In: contents that stand for others. Out: submodules, by path and URL, and objects of Git LFS.

Formats: git's own documentation, "gitmodules" and "git-config"; the specification of Git LFS,
https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from analyzer.files import printable_name

LARGEST_POINTER = 1024
"""Bytes of the largest file that stands for an object of Git LFS."""
LARGEST_MODULES = 1 << 20
"""Bytes of the largest .gitmodules that is read."""

_MOST_MODULES = 10_000
_SECTION = re.compile(
    rb'[ \t]*\[[ \t]*submodule[ \t]+"((?:[^"\\\n]|\\.)*)"[ \t]*\](.*)', re.IGNORECASE
)
_OTHER_SECTION = re.compile(rb"[ \t]*\[")
_SETTING = re.compile(rb"[ \t]*(path|url)[ \t]*=[ \t]*(.*)", re.IGNORECASE)
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb"\\(.)")
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")
_POINTER = re.compile(
    rb"version https?://(?:git-lfs\.github\.com/spec|hawser\.github\.com/spec|git-media\.io/v)/?v?\d"
    rb"[^\n]*\n(?:[^\n]*\n)*?oid sha256:([0-9a-f]{64})\r?\nsize (\d{1,18})\r?\n?"
)
POINTER_START = b"version http"
"""How every pointer begins."""


class LfsPointer(NamedTuple):
    """What stands for an object of Git LFS: its SHA-256 in hex, and its size in bytes."""

    oid: str
    size: int


def parse_pointer(content: bytes) -> LfsPointer | None:
    """The pointer that a content is; None for any other content."""
    if len(content) > LARGEST_POINTER or not (found := _POINTER.match(content)):
        return None
    return LfsPointer(found[1].decode(), int(found[2]))


def parse_modules(content: bytes) -> Mapping[bytes, str]:
    """The URL of each submodule, without a password, by its path; "" where none is stated.

    A line that makes no sense is passed over.
    """
    sections: list[dict[bytes, bytes]] = []
    own: dict[bytes, bytes] = {}
    for line in content[:LARGEST_MODULES].splitlines():
        if _SECTION.match(line):
            own = {}
            sections.append(own)
        elif _OTHER_SECTION.match(line):
            own = {}
        elif setting := _SETTING.match(line):
            own[setting[1].lower()] = _value(setting[2])
    return {
        each[b"path"].rstrip(b"/"): _CREDENTIALS.sub("", printable_name(each.get(b"url", b"")))
        for each in sections[:_MOST_MODULES]
        if each.get(b"path")
    }


def _value(text: bytes) -> bytes:
    """The value of a setting: quotes and escapes undone, a comment left out."""
    if quoted := _QUOTED.match(text):
        return _ESCAPE.sub(rb"\1", quoted[1])
    return _ESCAPE.sub(rb"\1", re.split(rb"[ \t]*[#;]", text, maxsplit=1)[0]).rstrip()
