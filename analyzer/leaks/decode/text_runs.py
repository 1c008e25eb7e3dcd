"""In: a text. Out: the edits that join what a mail or a document has cut within a word.

Mails break lines by `=` and write = as =3D (quoted-printable, RFC 2045); Office files, and pages
made by editors, put each change of typeface, language or spelling into a run of its own.
"""

from collections.abc import Iterator

from analyzer.leaks.decode.charsets import as_utf8_or_latin1
from analyzer.leaks.decode.edits import Edit
from analyzer.leaks.decode.runs import ascii_of
from analyzer.leaks.lazy_regex import lazy_regex

QUOTED_PRINTABLE = "quoted-printable"
MARKUP = "markup"

# Tags that stand within a word: of runs, of spans, of typefaces, of an editor's marks.
_INLINE = (
    r"(?:t|r|span|b|i|u|s|em|strong|font|wbr|code|kbd|tt|mark|small|proofErr|bookmark(?:Start|End)"
    r"|lastRenderedPageBreak|ins|hyperlink|endParaRPr|soft-page-break)"
)
_PREFIX = r"(?:[A-Za-z]{1,12}:)?"
_TAG = rf"</?{_PREFIX}(?:{_INLINE}(?=[\s/>])[^<>]{{0,600}}+|rPr(?:\s[^<>]{{0,400}})?/)>"
# How a run looks, with whatever tags say so.
_PROPERTIES = (
    rf"<{_PREFIX}rPr(?:\s[^<>]{{0,400}})?>"
    rf"(?:<(?!/?{_PREFIX}rPr)[^<>]{{0,400}}>){{0,60}}</{_PREFIX}rPr>"
)
_JOINT = lazy_regex(
    rf"<(?<=[A-Za-z0-9+/=]<){_TAG[1:]}(?:{_TAG}|{_PROPERTIES}){{0,24}}"
    r"(?=[A-Za-z0-9+/=])"
)
_QUOTED = lazy_regex(
    r"=(?:((?:3[Dd]|20|0[9AaDd])|[0-9A-Fa-f]{2}(?:=[0-9A-Fa-f]{2})+)"
    r"|(?<!==)[ \t]{0,8}\r?\n(?![\r\n-]))"
)
_BROKEN_LINE = lazy_regex(r"=(?<![=\n]=)\r?\n[^\r\n-]")
_FULL = 72
"""Characters before the break of a line that is broken in mails, at least: it has 76, or nearly."""


def join_edits(text: str) -> Iterator[tuple[Edit, str]]:
    """Each edit with the name of what it undoes, ascending; takes time linear in the text."""
    if _QUOTED.search(text) and _is_quoted_printable(text):
        for match in _QUOTED.finditer(text):
            code = match[1]
            shown = as_utf8_or_latin1(bytes.fromhex(code.replace("=", ""))) if code else ""
            yield (*match.span(), shown), QUOTED_PRINTABLE
    if "<" in text:
        yield from (((*match.span(), ""), MARKUP) for match in _JOINT.finditer(text))


def _is_quoted_printable(text: str) -> bool:
    return (
        "=3D" in text
        or "=3d" in text
        or any(_is_full_line(text, match.start()) for match in _BROKEN_LINE.finditer(text))
        or b"quoted-printable" in ascii_of(text).lower()
    )


def _is_full_line(text: str, end: int) -> bool:
    return end >= _FULL and text.rfind("\n", end - _FULL, end) < 0
