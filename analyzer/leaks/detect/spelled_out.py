"""In: nothing. Out: what the prefilter searches for where AKIA and ASIA are spelled out.

In dumps and lists they stand as numbers, or with something between their letters. The end of a line
may cut them anywhere, but leaves KI, SI or IA whole: two neighbours of them are searched for. All
but a few are literals, which cost the prefilter less than anything else.
"""

from collections.abc import Iterator
from itertools import product

from analyzer.leaks.detect.confirmations import confirm_beside
from analyzer.leaks.detect.prefilter_terms import Expression, Form, Literal

_NEIGHBOURS = (b"KI", b"SI", b"IA")
# How a letter is written, and what stands between two of them. What stands around the two is left
# out: it would be rarer, and take so many literals more that the prefilter is a third slower.
# Between single blanks two numbers are in any table, so these have to be whole.
_BETWEEN_BLANKS = ("%02x", "%03o")
_WAYS = (
    ("0x%02x", b", "),
    ("0x%02x", b","),
    ("0x00%02x", b", "),
    ("0x00%02x", b","),
    ("%d", b"   "),
    ("{0:08b}", b" "),
    ("%c", b"   "),
    ("'%c'", b", "),
    ("'%c'", b","),
    ('"%c"', b", "),
    ('"%c"', b","),
)
_NEIGHBOURS_OF_THREE = (b"AKI", b"ASI", b"KIA", b"SIA")
_GROUPED = (
    b"41:4b:49:41", b"41:53:49:41", b"41-4b-49-41", b"41-53-49-41", b"414b 4941", b"4153 4941",
    b"41 4b49 41", b"41 5349 41", b": 4b49 41", b": 5349 41", b": 4941 ", b"41 4b49  ",
    b"41 5349  ", b":  4b49 41", b":  5349 41", b":  4941 ",
    b"4b41 4149", b"5341 4149", b" 494b ", b" 4953 ", b" 494b\n", b" 4953\n", b"41494b41",
    b"41495341",
)  # fmt: skip
"""Bytes in groups: as they come, with the end of a line of xxd on either side; then in words of two
and four bytes in the order of the machine."""
_CUT = (b"A=%bKIA", b"A=%bSIA", b"AK=%bIA", b"AS=%bIA", b"AKI=%bA", b"ASI=%bA")
"""A soft line break of quoted-printable."""
_RUNS = (b"AKI<", b"ASI<", b"=41=4B=49", b"=41=53=49")
# Runs of a document: between a prefix's halves stand their formats.
_confirm_run = confirm_beside(rb">I(?:A[A-Z2-7]|A?<)", 0, 700)


def spelled_out() -> Iterator[Literal | Expression]:
    """Everything that is searched for; some of it more than once."""
    for letters, (way, gap) in product(_NEIGHBOURS, _WAYS):
        yield _plain(gap.join(_write(way, code) for code in letters))
    for letters, way in product(_NEIGHBOURS, _BETWEEN_BLANKS):
        pair = b" ".join(_write(way, code) for code in letters)
        yield Expression(b" " + pair + rb"[ \r\n]", ignore_case=True)
    for letters in _NEIGHBOURS_OF_THREE:
        for gap in (b", ", b",", b" "):
            yield _plain(gap.join(b"%d" % code for code in letters))
    yield from (_plain(each) for each in _GROUPED)
    yield from (_plain(each % end) for each in _CUT for end in (b"\n", b"\r\n"))
    yield from (_plain(each) for each in _RUNS)
    yield from (Expression(each, confirm=_confirm_run) for each in (rb">AK<", rb">AS<"))
    yield Expression(rb">[KS]IA[A-Z2-7]{4}")
    yield Expression(rb">IA[A-Z2-7]{4}")
    yield Expression(rb"\n[0-9a-f]{7} 4149 ")
    # One number a line; chr(75).chr(73), [char]75+[char]73.
    yield Expression(rb"73,[ \t]{0,16}\r?\n[ \t]{0,16}65,[ \t]{0,16}\r?\n")
    yield Expression(rb"\((?:75|83)\)[ .&+,|\w$]{1,24}\(73\)")
    yield Expression(rb"(?:char|byte)\](?:75|83)[ +,]{1,4}\[[a-z]{4}\]73", ignore_case=True)
    yield Expression(rb"\(0x(?:4b|53)\)[ .&+,|\w$]{1,24}\(0x49\)", ignore_case=True)
    yield Expression(rb"(?:char|byte)\]0x(?:4b|53)[ +,]{1,4}\[[a-z]{4}\]0x49", ignore_case=True)


def _write(way: str, code: int) -> bytes:
    return (way.format(code) if "{" in way else way % code).encode()


def _plain(text: bytes) -> Literal:
    return Literal(text, Form.PLAIN, ignore_case=text.islower() or b"x" in text)
