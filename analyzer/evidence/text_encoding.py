"""In: an artifact's bytes. Out: its text, and its encoding where that is not plain UTF-8.

PowerShell writes UTF-16, spreadsheets write byte order marks and the old Windows code page.
"""

import codecs
from dataclasses import dataclass

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_SAMPLE = 4096
_LEAST_SHARE_OF_NULS = 0.3
_MOST_NULS = 0.01
"""The share of NUL bytes up to which a file can be a text all the same."""


@dataclass(frozen=True, slots=True)
class TextInEncoding:
    """Text, and what was unusual about its bytes ("" for plain UTF-8)."""

    text: str
    unusual: str = ""


def decode_text(data: bytes) -> TextInEncoding | None:
    """The text of the bytes, or None where they are no text at all."""
    for mark, encoding, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_strictly(data, encoding, name)
    if (utf16 := _utf16_without_mark(data)) is not None:
        return _decode_strictly(data, utf16, "UTF-16 without a byte order mark")
    head = data[:_SAMPLE]
    if (nuls := head.count(0)) and nuls > _MOST_NULS * len(head):
        return None
    if nuls:  # one in a cell of a text is damage to that cell; Windows-1252 would take any bytes
        return _decode_strictly(data, "utf-8", "UTF-8 with NUL characters")
    return _decode_strictly(data, "utf-8", "") or _decode_strictly(
        data, "cp1252", "not UTF-8, read as Windows-1252"
    )


def _decode_strictly(data: bytes, encoding: str, unusual: str) -> TextInEncoding | None:
    try:
        return TextInEncoding(data.decode(encoding), unusual)
    except UnicodeDecodeError:
        return None


def _utf16_without_mark(data: bytes) -> str | None:
    """The byte order, by the positions of the NUL halves of ASCII letters; None for no UTF-16."""
    head = data[:_SAMPLE]
    odd, even = head[1::2].count(0), head[0::2].count(0)
    # A few letters have a NUL as their other half: U+0100 is one.
    if odd > _LEAST_SHARE_OF_NULS * len(head) and even < odd / 10:
        return "utf-16-le"
    if even > _LEAST_SHARE_OF_NULS * len(head) and odd < even / 10:
        return "utf-16-be"
    return None
