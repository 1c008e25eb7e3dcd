"""In: key pairs that a terminal coloured. Out: the proof that they are found, in the right line."""

import pytest

from analyzer.leaks.decode.terminal_codes import terminal_code_edits
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import CredentialPart
from tests.leaks.leak_material import digest, key_id, secret

ESCS = [
    "\x1b", r"\x1b", r"\x1B", r"\\x1b", r"\033", r"\u001b", r"\u001B", r"\\u001b", r"\u{1b}", r"\e",
    r"\E", r"\27", "%1B", "%251b", "&#27;", "&#x1b;", "^[", "`e", "<ESC>", "<0x1b>", "\u241b",
    "\ufffd", "ESC", "",
]  # fmt: skip
FRAMES = {
    "before": "{on}{id}{off}\nx\n{on}{secret}{off}\n",
    "before, named": "id: {on}{id}{off}\nx\naws_secret_access_key: {on}{secret}{off}\n",
    "within": "id: {id1}{on}{id2}{off}\nx\naws_secret_access_key: {s1}{on}{s2}{off}\n",
    "one line": "x\nx\n{on}{id}{off} {on}{secret}{off}\n",
}


def framed(frame: str, on: str, off: str) -> str:
    """A pair in a frame, with these codes."""
    return FRAMES[frame].format(
        on=on, off=off, id=key_id(), secret=secret(),
        id1=key_id()[:9], id2=key_id()[9:], s1=secret()[:11], s2=secret()[11:],
    )  # fmt: skip


def found(text: str) -> list[tuple[str | None, str | None, int]]:
    """ID, digest and line of each ID and each secret."""
    sightings = scan_bytes(text.encode()).sightings
    wanted = [each for each in sightings if each.part is not CredentialPart.WHOLE]
    return [(each.key_id, each.digest, each.line) for each in wanted]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("esc", ESCS)
@pytest.mark.parametrize("code", ["33m", "01;31m", "38;5;208m"])
def test_a_coloured_pair_is_found_in_its_lines(frame, esc, code):
    """The last letter of a code is not the first character of a secret."""
    lines = (3, 3) if frame == "one line" else (1, 3)
    text = framed(frame, f"{esc}[{code}", f"{esc}[0m")
    assert found(text) == [(key_id(), digest(), line) for line in lines]


@pytest.mark.parametrize(
    ("on", "off"),
    [
        ("\x1b[01;31m\x1b[K", "\x1b[m\x1b[K"),
        ("\x1b[1m\x1b[32m", "\x1b(B\x1b[m"),
        ("\x9b33m", "\x9b0m"),
        ("\x1b[2K\x1b[1G", "\x1b[K"),
        ("\x1b]8;;https://example.com\x1b\\", "\x1b]8;;\x1b\\"),
        ("\x1b]0;a title\x07", ""),
        ("\x1b[?25l", "\x1b[?25h"),
        (r"%1B%5B33m", r"%1B%5B0m"),
        (r"\x1b\x5b33m", r"\x1b\x5b0m"),
    ],
)
@pytest.mark.parametrize("frame", ["before", "before, named"])
def test_whatever_a_terminal_is_told_hides_no_pair(frame, on, off):
    """Grep, tput, titles, links and a hidden cursor."""
    assert found(framed(frame, on, off)) == [(key_id(), digest(), line) for line in (1, 3)]


def test_a_move_of_the_cursor_keeps_two_columns_apart():
    """What a program writes elsewhere on the screen is no part of the word before."""
    assert found(f"{key_id()}\x1b[30G{secret()}") == [(key_id(), digest(), 1)] * 2


@pytest.mark.parametrize("text", ["a[0]", "m[i]", "[m]", "x[10]m", "[12:30] hello", r"\x1c[33n;"])
def test_other_brackets_are_left_alone(text):
    """An index, a list and a time are no codes."""
    assert terminal_code_edits(text) == []
