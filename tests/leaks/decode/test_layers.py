"""One text, in each encoding by itself, shows what it says and where."""

import bz2
import gzip
import hashlib
import json
import lzma
import zlib

import pytest
import zstandard

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.layers import DecodedText, decoded_texts
from tests.leaks.decode.encoded_material import (
    CHARACTER_SETS,
    KEY,
    PAIR,
    SECRET,
    TEXT_ENCODINGS,
    b64,
    entities,
    found,
    hexadecimal,
    line_of,
    octal,
    percent,
    showing,
    unicode,
    wrapped,
)

BEFORE = "one\ntwo\nthree = "


def test_a_plain_text_is_one_layer_as_it_stands():
    """Nothing is made up: a text that is not encoded is read once."""
    assert found(PAIR) == [DecodedText(PAIR, (), 1)]


@pytest.mark.parametrize("encoding", CHARACTER_SETS.values(), ids=CHARACTER_SETS)
def test_every_character_set_is_read_with_and_without_its_mark(encoding):
    """Windows tools write UTF-16; a search for bytes never finds what is in it."""
    data = encoding("one\r\ntwo\r\n" + PAIR)
    assert PAIR in showing(data).text
    assert (line_of(data), line_of(data, SECRET)) == (3, 4)


def test_a_text_between_nul_bytes_is_read():
    """Bytes that print nothing are no hiding place."""
    data = "\0".join("\n" + PAIR).encode() + b"\0\0\0"
    assert line_of(data) == 2
    assert line_of(KEY[:5].encode() + b"\0" + KEY[5:].encode()) == 1


def test_a_text_in_latin_1_is_read():
    """One letter that is no UTF-8 loses no file."""
    assert line_of("Schl\u00fcssel\n".encode("latin-1") + PAIR.encode()) == 2


@pytest.mark.parametrize("encoding", TEXT_ENCODINGS.values(), ids=TEXT_ENCODINGS)
def test_every_encoding_of_a_text_is_removed_by_itself(encoding):
    """Both halves of the pair can be read, and lie on the line where it begins or later."""
    text = BEFORE + encoding(PAIR) + "\nlast\n"
    layer = showing(text)
    assert KEY in layer.text
    assert SECRET in layer.text
    assert 3 <= line_of(text) <= line_of(text, SECRET) <= text.count("\n")


@pytest.mark.parametrize("encoding", [percent, unicode, hexadecimal, octal, entities])
def test_one_escaped_character_within_a_key_is_enough_to_look_closer(encoding):
    """Only one of the characters needs to be escaped to defeat a search."""
    assert line_of("\n\n" + KEY[:6] + encoding(KEY[6]) + KEY[7:]) == 3


@pytest.mark.parametrize(
    "escape",
    ["\\n", "\\t", "\\r", '\\"', "\\/", "\\x22", "%0A", "%22", "&quot;", "\\u0022", "\\u{22}"],
)
def test_an_escape_before_a_key_is_no_part_of_it(escape):
    """What stands after a backslash looks like the first letter of a word; undone, it is none."""
    layer = found(f'a: "x{escape}{KEY}"')[-1]
    assert not layer.text[layer.text.index(KEY) - 1].isalnum()


def test_a_secret_in_a_url_gets_its_plus_and_slash_back():
    """The secret of `s3n://ID:SECRET@bucket` is percent-encoded."""
    value = "ab/c+" + SECRET[5:]
    escaped = value.replace("/", "%2F").replace("+", "%2B")
    assert line_of(f"\ns3n://{KEY}:{escaped}@bucket/", value) == 2


@pytest.mark.parametrize("times", [1, 2, 3])
def test_json_within_json_is_read_however_often_it_was_quoted(times):
    """Each layer of quotes doubles the backslashes."""
    text = f'{{"SecretAccessKey":"{SECRET}","x":"{unicode(KEY)}"}}'
    for _ in range(times):
        text = json.dumps({"body": text}).replace("/", "\\/")
    assert f'"SecretAccessKey":"{SECRET}"' in showing(text, f'"{SECRET}"').text
    assert line_of(text) == 1


def test_lines_within_a_string_of_json_are_those_of_the_file():
    """A notebook holds its cells as strings: what they say is found on the line of the string."""
    cell = json.dumps([f"import os\nkey = '{KEY}'\n", "x = 1"], indent=2)
    text = f'{{"source":\n{cell}\n}}\n'
    assert line_of(text) == 3
    layer = found(text)[-1]
    assert layer.line_at(layer.text.index("x = 1")) == 4


def test_lines_of_wrapped_base64_are_about_those_of_the_file():
    """A character of the text is found at the line which holds its share of the base64."""
    filler = "# nothing to see here\n" * 20
    text = "one\n" + wrapped(filler + PAIR, "  ") + "\nafter = 1\n"
    last = text.count("\n") - 1
    assert last - 2 <= line_of(text) <= last
    layer = showing(text)
    assert layer.line_at(layer.text.index("after")) == last + 1


@pytest.mark.parametrize("before", ["", "    ", "# ", "// ", " * ", "> ", "; ", "-- "])
def test_base64_in_lines_is_read_behind_indents_and_comment_signs(before):
    """Manifests indent it, code comments it, mail quotes it."""
    assert showing("data:\n" + wrapped(PAIR * 2, before) + "\n").encodings == ("base64",)


def test_base64_in_lines_with_a_carriage_return_is_read():
    """MIME ends lines so."""
    assert showing(wrapped(PAIR * 2).replace("\n", "\r\n"))


def test_fields_of_base64_keep_their_names():
    """In a manifest the name of a field says what it is."""
    text = f"data:\n  id: {b64(KEY)}\n  aws_secret_access_key: {b64(SECRET)}\n"
    layer = showing(text)
    assert f"  id: {KEY}\n  aws_secret_access_key: {SECRET}\n" in layer.text
    assert line_of(text, SECRET) == 3


def test_base64_in_lines_within_strings_of_strings_is_read_whole():
    """Line ends are undone before what they part is decoded, however often they were quoted."""
    text = wrapped(PAIR * 2)
    for _ in range(3):
        text = json.dumps({"file": text})
    assert PAIR in showing(text, SECRET).text


def test_base64_of_base64_is_read():
    """Twice encoded, twice decoded."""
    assert showing(b64(b64(PAIR))).encodings == ("base64", "base64")


def test_what_powershell_runs_encoded_is_read():
    """`powershell -EncodedCommand` takes base64 of UTF-16."""
    command = b64(f"$env:AWS_ACCESS_KEY_ID='{KEY}'".encode("utf-16-le"))
    assert showing(f"powershell -EncodedCommand {command}").encodings == ("base64", "UTF-16")


@pytest.mark.parametrize(
    "compress",
    [gzip.compress, zlib.compress, bz2.compress, lzma.compress, zstandard.compress],
)
def test_base64_of_compressed_text_is_read(compress):
    """Helm and cloud-init keep it so."""
    text = f"release: {b64(compress((PAIR * 3).encode()))}\n"
    assert showing(text).encodings[0] == "base64"
    assert PAIR in showing(text).text


@pytest.mark.parametrize(
    "digits",
    [
        PAIR.encode().hex(" "),
        PAIR.encode().hex(":"),
        ", ".join(f"0x{byte:02x}" for byte in PAIR.encode()),
        ",\n".join(str(byte) for byte in PAIR.encode()),
    ],
)
def test_a_list_of_bytes_is_read(digits):
    """Dumps, certificates and arrays write bytes with something between them."""
    assert PAIR in showing(f"x = [{digits}]").text


def test_hashes_keys_and_words_stay_as_they_are():
    """What decodes to nothing that can be read is left alone, and costs no layer."""
    text = (
        f"sha256 {hashlib.sha256(b'x').hexdigest()}\nsha512-{b64(hashlib.sha512(b'x').digest())}\n"
        f"{SECRET}\nget_very_long_names_of_functions_in_python\nABCDEFGHIJKLMNOPQRSTUVWXYZ\n"
    )
    assert [layer.encodings for layer in found(text)] == [()]


def test_only_the_surroundings_of_the_spots_are_read():
    """A file of 50 MB with three spots costs about three windows."""
    lines = [f"nothing in line {number}\n" for number in range(400_000)]
    lines[300_000] = f"key = {unicode(KEY)}\n"
    data = "".join(lines).encode()
    spot = data.index(unicode(KEY).encode())
    read = found(data, [spot])
    assert sum(len(layer.text) for layer in read) < 100_000
    assert line_of(data, KEY, [spot]) == 300_001


@pytest.mark.parametrize("width", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_windows_of_wide_characters_are_cut_between_characters(width):
    """Wherever the spot lies, two or four bytes stay together and lines are counted right."""
    data = ("filler\n" * 5_001 + PAIR + "filler\n" * 5_000).encode(width)
    spot = data.index(KEY.encode(width))
    for shift in range(5):
        assert line_of(data, KEY, [spot + shift]) == 5_002


def test_spots_that_lie_close_share_a_window():
    """Nothing is read twice."""
    data = (PAIR * 50).encode()
    assert len(found(data, range(0, len(data), 10))) == 1


def test_lines_of_many_offsets_are_those_of_each():
    """Counting on from the last one gives what counting from the start gives."""
    for text in (PAIR * 20, "x\n" + b64(PAIR) + "\n" + PAIR):
        layer = found(text)[-1]
        offsets = range(0, len(layer.text), 7)
        assert list(layer.lines_at(offsets)) == [layer.line_at(each) for each in offsets]


def test_a_text_encoded_more_times_over_than_is_decoded_is_told():
    """What is not undone is not passed over in silence."""
    text = PAIR * 2
    for _ in range(13):
        text = b64(text)
    budget = Budget.for_size(len(text))
    assert not [layer for layer in decoded_texts(text.encode(), budget) if KEY in layer.text]
    assert budget.exceeded == ("is encoded more times over than is decoded",)
