"""In: text in the encodings that exports come in. Out: the proof that it is decoded, or is none."""

import pytest

from analyzer.evidence.text_encoding import TextInEncoding, decode_text
from tests.evidence.export_material import encoded, notes, reading, row, rows, table

WITH_MARK = "UTF-8 with a byte order mark"
WITHOUT_MARK = "UTF-16 without a byte order mark"


@pytest.mark.parametrize(
    ("data", "unusual"),
    [
        (b"plain", ""),
        ("zo\u00eb".encode(), ""),
        ("plain".encode("utf-8-sig"), WITH_MARK),
        ("plain".encode("utf-16"), "UTF-16"),
        ("plain".encode("utf-32"), "UTF-32"),
        ("plain".encode("utf-16-le"), WITHOUT_MARK),
        ("plain".encode("utf-16-be"), WITHOUT_MARK),
        ("zo\u00eb".encode("cp1252"), "not UTF-8, read as Windows-1252"),
    ],
)
def test_an_encoding_is_told_and_undone(data, unusual):
    """Only plain UTF-8 goes without a remark."""
    text = "plain" if b"l" in data else "zo\u00eb"
    assert decode_text(data) == TextInEncoding(text, unusual)


@pytest.mark.parametrize("data", [b"\0\1\2", b"\xff\xfea", b"\x81", b"a\0b"])
def test_bytes_that_are_no_text_have_none(data):
    """NULs, half a character and bytes without a meaning are not guessed at."""
    assert decode_text(data) is None


def test_a_name_outside_ascii_does_not_hide_the_encoding(tmp_path):
    """UTF-16 without a mark is known even where a letter's half is NUL, as that of U+0100."""
    text = table(row(access_key_1_last_used_service="Ā"))
    (told,) = rows(reading(tmp_path, {"r.csv": text.encode("utf-16-le")}))
    assert told.text("access_key_1_last_used_service") == "Ā"


def test_windows_1252_is_read_and_noted(tmp_path):
    """A spreadsheet's old code page is taken for what it is."""
    text = table(row("zoë"))
    evidence = reading(tmp_path, {"r.csv": encoded(text).decode().encode("cp1252")})
    assert [each.user for each in rows(evidence)] == ["zoë"]
    assert "Windows-1252" in notes(evidence)
