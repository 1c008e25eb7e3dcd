"""In: bytes. Out: the texts that they can be read as, with the name of the character set.

Key material is ASCII, so NUL bytes give UTF-16 and UTF-32 away.
"""

from collections.abc import Iterator

UTF_16 = "UTF-16"
UTF_32 = "UTF-32"
NUL_BYTES = "NUL bytes"
BYTE_ORDER_MARKS = {
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}
NEWLINES = {
    "utf-16-le": b"\n\0",
    "utf-16-be": b"\0\n",
    "utf-32-le": b"\n\0\0\0",
    "utf-32-be": b"\0\0\0\n",
}
_SAMPLE = 4096
_WIDEST = 4
_CONTINUATION = frozenset(bytes((code,)) for code in range(0x80, 0xC0))
# Text in wide characters is NUL bytes to a half or more, mixed with other scripts to this share.
_SPARSE = 8
# Of all NUL bytes at least this share lies on the side where the character set puts them.
_DECISIVE = 0.75


def as_utf8_or_latin1(data: bytes) -> str:
    """The bytes as UTF-8, without a character that an edge cut; else as Latin-1.

    Any byte is a character of Latin-1, so nothing is lost in a text that is neither.
    """
    head = next((at for at in range(_WIDEST) if data[at : at + 1] not in _CONTINUATION), 0)
    for tail in range(_WIDEST):
        try:
            return data[head : len(data) - tail].decode()
        except UnicodeDecodeError as error:
            if error.end + head < len(data) - _WIDEST:
                break
    return data.decode("latin-1")


def as_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Character set and text; first the bytes as UTF-8 or Latin-1, under an empty name.

    `data` begins at a multiple of four bytes of its file, so that wide characters lie whole.
    """
    yield "", as_utf8_or_latin1(data)
    if b"\0" not in data:
        return
    codec = wide_codec(data)
    if codec is not None:
        text = data.decode(codec, "replace").removeprefix("\ufeff")
        yield (UTF_16 if "16" in codec else UTF_32), text
    if codec is None or "\0" in text or _is_only_partly(data, codec):
        yield NUL_BYTES, as_utf8_or_latin1(data.replace(b"\0", b""))


def best_text(data: bytes) -> tuple[str, str]:
    """Character set and text of the likeliest reading: wide characters where that is possible."""
    texts = list(as_texts(data))
    return texts[1] if len(texts) > 1 else texts[0]


def newline(data: bytes) -> bytes:
    """How a line ends in these bytes, which are possibly wide characters."""
    head = data[:_SAMPLE]
    for mark, codec in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return NEWLINES[codec]
    # A few NUL bytes in a binary file say nothing about its lines.
    codec_or_none = wide_codec(head) if head.count(0) * _SPARSE > len(head) else None
    return NEWLINES.get(codec_or_none or "", b"\n")


def wide_codec(data: bytes) -> str | None:
    """The codec in which characters take two or four bytes; None where NULs don't show one."""
    sides = [data[side::4].count(0) for side in range(4)]
    total, share = sum(sides), len(data) / 4
    if not total:
        return None
    # Three of four bytes are NUL in UTF-32; two of them for every character there is.
    if min(sides[1:]) > _DECISIVE * share and sides[0] < share / 2:
        return "utf-32-le"
    if min(sides[:3]) > _DECISIVE * share and sides[3] < share / 2:
        return "utf-32-be"
    odd, even = sides[1] + sides[3], sides[0] + sides[2]
    if odd >= _DECISIVE * total:
        return "utf-16-le"
    return "utf-16-be" if even >= _DECISIVE * total else None


def _is_only_partly(data: bytes, codec: str) -> bool:
    """Whether NULs are too few, or lie where the character set has none: a part is other text."""
    if "32" in codec:
        return False
    nuls = data.count(0)
    return nuls < len(data) // 4 or nuls > data[1 if codec.endswith("le") else 0 :: 2].count(0)
