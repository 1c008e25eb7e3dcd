"""In: texts in base64 and base 16, with anything before them. Out: the proof that each is read."""

import base64
import bz2
import gzip
import io
import lzma
import zipfile
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.encodings import decode_edits

CHARACTER = st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("\t\n\r")
PRINTABLE = st.text(CHARACTER, min_size=12, max_size=40)
TEXT = "".join(f"{number * number} is a square\n" for number in range(400))


def _decoded(text: str) -> str:
    edits, _ = decode_edits(text, Budget.for_size(len(text)))
    return "".join(new for _, _, new in edits)


def _zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", data)
    return file.getvalue()


@given(st.binary(max_size=9), PRINTABLE, st.binary(max_size=9), st.booleans())
def test_printable_characters_are_always_decoded(before, text, after, is_wide):
    """Twelve of them are a text, whatever bytes stand around them and between their halves."""
    data = before + text.encode("utf-16-be" if is_wide else "ascii") + after
    digits = base64.b64encode(data).decode()
    # Of one case alone it is taken for a word.
    if not digits.islower() and not digits.isupper():
        assert _decoded(f'"{digits}"')
    assert _decoded(f"{'f' * is_wide}{data.hex()}")


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        bz2.compress,
        lzma.compress,
        zstandard.compress,
        _zipped,
        *(lambda data, level=level: zlib.compress(data, level) for level in (1, 5, 6, 9)),
    ],
)
@pytest.mark.parametrize("before", ["", "-", "/x", "abc"])
def test_what_is_packed_is_decoded_behind_up_to_three_other_characters(pack, before):
    """Each program's output begins with its own digits; a name or a sign may touch them."""
    digits = base64.b64encode(pack(TEXT.encode())).decode()
    for written in (digits, digits.replace("+", "-").replace("/", "_")):
        assert _decoded(f"{before}{written}") == TEXT
    assert _decoded("f" * (len(before) % 2) + pack(TEXT.encode()).hex()) == TEXT
