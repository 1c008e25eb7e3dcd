r"""In: a text. Out: the edits that take out a terminal's colour codes, raw or written out.

ESC[33m, and what logs and programs make of it: \x1b[33m, \033[33m, \u001b[33m, \e[33m, ^[[33m,
%1B[33m, &#27;[33m, or [33m where the ESC was lost. Source: ECMA-48, "Control sequences".
"""

from collections.abc import Iterator

from analyzer.leaks.decode.edits import Edit
from analyzer.leaks.lazy_regex import lazy_regex

TERMINAL_CODES = "terminal codes"

# What follows the ESC: parameters and one letter. It begins with one character, so that a search
# for it is fast; which ESC comes before it is asked afterwards.
_SEQUENCE = lazy_regex(r"\[[0-9;:?]{0,32}[A-HJKSTfhlmnsu]")
_COLOUR = lazy_regex(r"\[\d{1,3}(?:;\d{1,3}){0,15}m")
_ESC = lazy_regex(
    r"(?:\x1b|\u241b|\\{1,4}(?:[xX]1[bB]|u+001[bB]|U0000001[bB]|u\{0{0,6}1[bB]\}|0?33|27|[eE])"
    r"|%(?:25)*1[bB]|&\#(?:27|[xX]0{0,4}1[bB]);|\^\[|`e|<(?:0x)?1[bB]>|<[eE][sS][cC]>"
    r"|\ufffd|ESC)\Z"
)
_LONGEST_ESC = 24
# One character that stands for ESC[, a choice of characters, and a title or a link.
_OTHERS = lazy_regex(
    r"\x9b[0-9;:?]{0,32}[A-HJKSTfhlmnsu]|\x1b[()][AB0-2]|\x1b[=>78]"
    r"|\x1b\][0-9]{1,4};[^\x07\x1b\n]{0,2048}(?:\x07|\x1b\\)"
)
_MOVES = frozenset("ABCDEFGHf")
"""Letters of codes after which the next character stands somewhere else."""


def terminal_code_edits(text: str) -> list[Edit]:
    """The edits, ascending: a colour is nothing, a move is a blank."""
    if "[" not in text and "\x1b" not in text and "\x9b" not in text:
        return []
    edits = list(_iter_sequences(text))
    if "\x1b" in text or "\x9b" in text:
        known = {start for start, _, _ in edits}
        others = (match.span() for match in _OTHERS.finditer(text))
        edits += ((*span, _meaning(text[span[1] - 1])) for span in others if span[0] not in known)
        edits.sort()
    return list(_without_overlaps(edits))


def _iter_sequences(text: str) -> Iterator[Edit]:
    for match in _SEQUENCE.finditer(text):
        start, end = match.span()
        esc = _ESC.search(text, max(0, start - _LONGEST_ESC), start)
        if esc:
            yield esc.start(), end, _meaning(text[end - 1])
        elif _COLOUR.fullmatch(match[0]):
            yield start, end, ""


def _meaning(letter: str) -> str:
    return " " if letter in _MOVES else ""


def _without_overlaps(edits: list[Edit]) -> Iterator[Edit]:
    at = 0
    for edit in edits:
        if edit[0] >= at:
            yield edit
            at = edit[1]
