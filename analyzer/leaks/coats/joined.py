"""In: a text. Out: the edits that join literals which a program would put together.

"AK" + "IA…" and its like in the common languages; a joint goes where it makes a long run.
"""

import re

from analyzer.leaks.coats.edits import Edit

CONCATENATION = "concatenation"
# Blanks, comments and a broken line: \ in shell, C and Python, _ in Visual Basic, ` in PowerShell.
_BLANK = r"""(?:\s|[\\_`]\r?\n|(?://|\#|--)[^\n"'`]{0,80}\n)*+"""
# What may stand before a quote: b"", u8"", N'', @"".
_PREFIX = r"(?:u8|[A-Za-z]{1,2}|[$@]{1,2})"
_JOINT = re.compile(
    rf"""["'`]{_BLANK}
      (?: (?P<list>,{_BLANK}(?:[\[({{]|[\w.]{{1,24}}\()?+ | (?<=\s)-\s++)
        | \)?{_BLANK}(?:\+\+?|\.\.?|&|\|\||<>|<<|~|\^){_BLANK}\(?        # "a" + ("b"
        | (?:\){_BLANK})?;?{_BLANK}[$\w]{{0,40}}+{_BLANK}\.               # "a").append("b"
          (?:[aA]ppend|[cC]oncat|[pP]lus|[aA]dd|[wW]rite|[pP]ush)\w{{0,8}}+{_BLANK}\(
        | ;?{_BLANK}[$@]?[\w.]{{1,60}}+{_BLANK}(?:[+.&~]=|<<)             # "a"; x += "b"
        | (?=["'`]) | (?<=\s)(?={_PREFIX}["'`])                           # "a" "b"
      ){_BLANK}{_PREFIX}?+["'`]
      | (?:(?<=[A-Za-z0-9+/]{{3}})|(?<=[A-Z0-9+/]{{2}}))["'](?=[A-Za-z0-9+/])  # AK"IA…"
    """,
    re.VERBOSE,
)
# Where literals with commas between them are put together: "".join([…]), join("", […]), CONCAT(…),
# Fn::Join, -join, "%s%s" % (…), "{0}{1}" -f …, paste0(…).
_TOGETHER = re.compile(r"join|concat|implode|format|sprintf|paste0|%\s?\(|-f\s", re.IGNORECASE)
_REACH = 2048
_FORMATS = ("s", "v", "d", "@", "}")


def joints(text: str) -> list[Edit]:
    """The edits that take out what stands between literals that belong together."""
    found: list[Edit] = []
    together = _Spans(text)
    for match in _JOINT.finditer(text):
        start, end = match.span()
        if match["list"] is not None and (not together.cover(start) or _is_format(text, start)):
            continue
        found.append((start, end, ""))
    return found


class _Spans:
    """The parts of a text that lie near a word which puts a list of literals together."""

    __slots__ = ("_last", "_words")

    def __init__(self, text: str) -> None:
        self._words = _TOGETHER.finditer(text)
        self._last: list[int] = []

    def cover(self, offset: int) -> bool:
        """Whether a word is near; asked with ascending offsets only."""
        while not self._last or self._last[-1] < offset:
            word = next(self._words, None)
            if word is None:
                break
            self._last = [*self._last[-1:], word.start()]
        return any(abs(word - offset) <= _REACH for word in self._last)


def _is_format(text: str, quote: int) -> bool:
    """Whether the literal that ends here says how the others are put together: "%s%s"."""
    return text[quote - 1 : quote] in _FORMATS and text[quote - 2 : quote - 1] in {*"%s{0123456789"}
