"""In: a text. Out: the edits that join literals which a program would put together.

"AK" + "IA…" and its like in the common languages; a joint goes where it makes a long run.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from analyzer.leaks.decode.edits import Edit

CONCATENATION = "concatenation"
# Blanks, comments and a broken line: \ in shell, C and Python, _ in Visual Basic, ` in PowerShell.
_BLANK = r"""(?:\s|[\\_`]\r?\n|(?://|\#|--)[^\n"'`]{0,80}\n)*+"""
# What may stand before a quote: b"", u8"", N'', @"".
_PREFIX = r"(?:u8|[A-Za-z]{1,2}|[$@]{1,2})"
# Before a name; what follows a quote at once is none, but what is quoted.
_ALONE = r"(?<=[\s;)])"
_JOIN = re.compile(
    rf"""["'`](?: {_BLANK}
      (?: (?P<list>,{_BLANK}(?:[\[({{]|[\w.]{{1,24}}\()?+ | (?<=\s)-\s++)
        | \)?{_BLANK}(?:\+\+?|\.\.?|&|\|\||<>|<<|~|\^){_BLANK}\(?        # "a" + ("b"
        | (?:\){_BLANK})?;?{_BLANK}(?:{_ALONE}[$\w]{{1,40}}+{_BLANK})?\.      # "a").append("b"
          (?:[aA]ppend|[cC]oncat|[pP]lus|[aA]dd|[wW]rite|[pP]ush)\w{{0,8}}+{_BLANK}\(
        | ;?{_BLANK}{_ALONE}[$@\w.]{{1,60}}+{_BLANK}(?:[+.&~]=|<<)             # "a"; x += "b"
        | (?<=\s)(?={_PREFIX}?["'`])                                      # "a" "b"
        | (?<=[\w+/=]["'`])(?=["'`][\w+/=])                               # "a""b", no docstring
      ){_BLANK}{_PREFIX}?+["'`]
      | (?:(?<=[A-Za-z0-9+/]{{3}}["'])|(?<=[A-Z0-9+/]{{2}}["']))(?=[A-Za-z0-9+/])  # AK"IA…"
    )""",
    re.VERBOSE,
)
# Where literals with commas between them are put together: "".join([…]), join("", […]), CONCAT(…),
# Fn::Join, -join, "%s%s" % (…), "{0}{1}" -f …, paste0(…).
_TOGETHER = ("join", "concat", "implode", "format", "sprintf", "paste0", "%(", "% (", "-f ")
_REACH = 2048
_FORMATS = ("s", "v", "d", "@", "}")
# What makes a literal the name of the next value: {"a": "b", "c": "d"}, array('a' => 'b', 'c' => …)
_NAMES_A_VALUE = re.compile(r"""[^"'`\n]{0,200}["'`]\s{0,8}(?::(?!:)|=>)""")


def concatenation_edits(text: str) -> list[Edit]:
    """The edits that take out what stands between literals that belong together."""
    found: list[Edit] = []
    places: list[int] | None = None
    for match in _JOIN.finditer(text):
        start, end = match.span()
        if match["list"] is not None:
            places = _together(text) if places is None else places
            if not _near(places, start) or _is_format(text, start):
                continue
            if _NAMES_A_VALUE.match(text, end):
                continue
        found.append((start, end, ""))
    return found


def _together(text: str) -> list[int]:
    """Where words stand that put a list of literals together, ascending."""
    lower = text.lower()
    return sorted(at for word in _TOGETHER for at in _find_words(lower, word))


def _find_words(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _near(places: list[int], offset: int) -> bool:
    first = bisect_left(places, offset - _REACH)
    return first < len(places) and places[first] <= offset + _REACH


def _is_format(text: str, quote: int) -> bool:
    """Whether the literal that ends here says how the others are put together: "%s%s"."""
    return text[quote - 1 : quote] in _FORMATS and text[quote - 2 : quote - 1] in {*"%s{0123456789"}
