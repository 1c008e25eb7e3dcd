"""In: pairs in dumps and in lists of character codes. Out: the proof that they are read."""

from collections.abc import Callable

import pytest

from analyzer.leaks.decode.dumps import find_numbers
from analyzer.leaks.detect.detector import scan_bytes
from tests.leaks.detect.hostile_material import HOSTILE_NUMBERS
from tests.leaks.leak_material import credentials_file, digest, key_id, secret

PREFIXES = ("AKIA", "ASIA")


def _rows(data: bytes, width: int) -> list[tuple[int, bytes]]:
    return [(at, data[at : at + width]) for at in range(0, len(data), width)]


def _seen(data: bytes) -> str:
    return "".join(chr(code) if 0x20 <= code < 0x7F else "." for code in data)


def xxd(data: bytes, width: int = 16, group: int = 2, offset: str = "{:08x}:") -> str:
    """Groups of bytes as they come, and the text beside them."""
    return "".join(
        f"{offset.format(at)} {row.hex(' ', -group):{2 * width + width // group - 1}}"
        f"  {_seen(row)}\n"
        for at, row in _rows(data, width)
    )


def hexdump(data: bytes) -> str:
    """As `hexdump -C` writes: two halves, and the text between bars."""
    return "".join(
        f"{at:08x}  {row[:8].hex(' '):23}  {row[8:].hex(' '):23}  |{_seen(row)}|\n"
        for at, row in _rows(data, 16)
    )


def _words(data: bytes, size: int) -> str:
    padded = data + bytes(-len(data) % size)
    return " ".join(padded[at : at + size][::-1].hex() for at in range(0, len(padded), size))


def od(data: bytes, write: Callable[[bytes], str], gap: str = " ") -> str:
    """Offsets in octal, and what `write` makes of a row."""
    return "".join(f"{at:07o}{gap}{write(row)}\n" for at, row in _rows(data, 16))


def _character(code: int) -> str:
    return f"{ {10: chr(92) + 'n', 9: chr(92) + 't'}.get(code, chr(code)):>3}"


DUMPS: dict[str, Callable[[bytes], str]] = {
    "xxd": xxd,
    "xxd -c 8 -g 1": lambda data: xxd(data, 8, 1),
    "xxd -u": lambda data: xxd(data).upper(),
    "xxd -p": lambda data: "".join(row.hex() + "\n" for _, row in _rows(data, 30)),
    "tcpdump -X": lambda data: xxd(data, offset="\t0x{:04x}: "),
    "hexdump -C": hexdump,
    "hexdump": lambda data: od(data, lambda row: _words(row, 2)),
    "od -tx1": lambda data: od(data, lambda row: row.hex(" ")),
    "od -An -tx1": lambda data: "".join(f" {row.hex(' ')}\n" for _, row in _rows(data, 16)),
    "od -b": lambda data: od(data, lambda row: " ".join(f"{code:03o}" for code in row)),
    "od -td1": lambda data: od(data, lambda row: " ".join(f"{code:4}" for code in row)),
    "od -c": lambda data: od(data, lambda row: " ".join(map(_character, row))),
    "xxd -b": lambda data: "".join(
        f"{at:08x}: {' '.join(f'{code:08b}' for code in row)}  {_seen(row)}\n"
        for at, row in _rows(data, 6)
    ),
}


def _lines(codes: list[str], width: int = 8) -> str:
    return ",\n  ".join(", ".join(codes[at : at + width]) for at in range(0, len(codes), width))


def _each(form: str) -> Callable[[str], list[str]]:
    return lambda value: [form.format(each, ord(each)) for each in value]


LISTS: dict[str, Callable[[str], str]] = {
    "C array": lambda v: "{" + ", ".join(_each("0x{1:02x}")(v)) + "}",
    "C array in lines": lambda v: "{\n  " + _lines(_each("0x{1:02X}")(v)) + "\n}",
    "C array, tight": lambda v: "{" + ",".join(_each("0x{1:02x}")(v)) + "}",
    "wide C array": lambda v: "{" + ", ".join(_each("0x00{1:02x}")(v)) + "}",
    "characters": lambda v: "{" + ", ".join(_each("'{0}'")(v)) + "}",
    "JSON characters": lambda v: "[" + ",".join(_each('"{0}"')(v)) + "]",
    "numbers": lambda v: "[" + ", ".join(_each("{1}")(v)) + "]",
    "tight numbers": lambda v: "[" + ",".join(_each("{1}")(v)) + "]",
    "numbers in lines": lambda v: "[\n  " + _lines(_each("{1}")(v), 5) + "\n]",
    "a number a line": lambda v: "[\n    " + ",\n    ".join(_each("{1}")(v)) + "\n]",
    "numbers with blanks": lambda v: "(" + " ".join(_each("{1}")(v)) + ")",
    "fromCharCode": lambda v: "String.fromCharCode(" + ",".join(_each("{1}")(v)) + ")",
    "chr() of PHP": lambda v: ".".join(_each("chr({1})")(v)),
    "chr() of Python": lambda v: " + ".join(_each("chr(0x{1:02x})")(v)),
    "Chr() of Basic": lambda v: " & ".join(_each("Chr({1})")(v)),
    "[char] of PowerShell": lambda v: "+".join(_each("[char]{1}")(v)),
    "[char] in hexadecimal": lambda v: "+".join(_each("[char]0x{1:x}")(v)),
}


def pairs(text: str) -> set[tuple[str | None, str | None]]:
    """The IDs with their secrets."""
    return {(each.key_id, each.digest) for each in scan_bytes(text.encode()).sightings}


@pytest.mark.parametrize("dump", DUMPS.values(), ids=DUMPS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_pair_in_a_dump_is_found_wherever_its_lines_are_cut(dump, prefix):
    """With sixteen different texts before it; nothing else is taken for a key."""
    for before in range(16):
        content = b"#" * before + b"\n" + credentials_file(prefix=prefix).encode()
        text = "a dump\n\n" + dump(content)
        assert pairs(text) == {(key_id(prefix=prefix), digest())}, before


@pytest.mark.parametrize("write", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_pair_in_character_codes_is_found(write, prefix):
    """Two values of a program, each a list."""
    text = f"let id = {write(key_id(prefix=prefix))};\nlet secretKey = {write(secret())};\n"
    assert pairs(text) == {(key_id(prefix=prefix), digest())}


def test_a_find_in_a_dump_has_its_line():
    """The line of the row in which it stands."""
    text = "\n\n" + xxd(credentials_file().encode())
    lines = text.splitlines()
    places = {each.line for each in scan_bytes(text.encode()).sightings}
    assert len(places) == 2
    for line, value in zip(sorted(places), (key_id(), secret()), strict=True):
        near = "".join(each[-16:] for each in lines[line - 2 : line + 4])
        assert value[:6] in near


@pytest.mark.parametrize(
    "text",
    [
        "d41d8cd98f00b204e9800998ecf8427e  empty\n" * 20,
        "1 2 3 4 5 6 7 8 9 10 11 12 13\n" * 20,
        "12 34 56 78 90 12 34 56 78 90 12 34\n" * 20,
        "2024-03-01 10:00:00 00 11 22 33\n" * 20,
        "'a', 'b', 'c'\n" * 20,
        "deadbeef cafe babe\n" * 20,
    ],
)
def test_what_is_no_dump_of_text_is_left(text):
    """Hashes, tables and dates decode to nothing that can be read."""
    assert not scan_bytes(text.encode()).sightings
    assert all(
        sum(0x20 <= code < 0x7F for code in data) < len(data) or data == b"abc" * 20
        for _, _, data, _ in find_numbers(text)
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (",\x1c".join(f"0x{code:02x}" for code in b"a list of it"), b"a list of it"),
        (", ".join(f"'{chr(code)}'" for code in b"it's_a_list."), b"it's_a_list."),
        ("0x0010  61-20-64-75\n0x0014  6d70-206f\n0x0018  66-20-69-74", b"a dump of it"),
    ],
)
def test_odd_signs_between_numbers_cost_nothing_else(text, shown):
    """A control character, a quote in quotes, dashes in words: each is read, and none raises."""
    assert shown in [data for _, _, data, _ in find_numbers(text)]


@pytest.mark.parametrize("part", HOSTILE_NUMBERS)
def test_hostile_numbers_hide_nothing_behind_them(part):
    """They are read to their end, in time that `tests/benchmarks/hostile_text.py` measures."""
    text = f"{part * (100_000 // len(part))}\n\n{credentials_file()}"
    found = {(each.key_id, each.digest) for each in scan_bytes(text.encode()).sightings}
    assert (key_id(), digest()) in found
