"""In: a text. Out: the edits that join string literals which a program would concatenate.

"AK" + "IA…" and its like in the common languages: each edit takes out what stands between two
literals, their quotes included.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

import hyperscan

from analyzer.leaks.decode.closing_quotes import APPENDING, closing_quotes
from analyzer.leaks.decode.edits import Edit
from analyzer.leaks.decode.runs import ascii_of
from analyzer.leaks.lazy_regex import lazy_regex

CONCATENATION = "concatenation"

_MARK = (
    r"[\\_`]\r?\n"  # a broken line: \ in shell, C and Python, _ in Visual Basic, ` in PowerShell
)
_COMMENT = r"""(?://|\#|--)[^\n"'`]{0,80}+\n"""
# Blanks, and at most sixteen comments and broken lines. It takes all that it can: nothing that
# follows a gap begins like a mark or a comment. (A ` is a quote as well, so without the limit a
# text of nothing but broken lines would cost quadratic time.)
_GAP = rf"\s*+(?:(?:{_MARK}|{_COMMENT})\s*+){{0,16}}"
# What may stand before a quote: b"", u8"", N'', @"".
_PREFIX = r"(?:u8|[A-Za-z]{1,2}|[$@]{1,2})"
_OPENING_QUOTE = rf"""(?:{_PREFIX}["'`]|["']|`(?!\r?\n))"""
# Where a name may begin; what follows a quote at once is quoted text.
_NAME_BEGINS = r"(?<=[\s;)])(?!_\r?\n)"
_BEGUN = "|".join(f"[{each[0]}{each[0].upper()}]{each[1:]}" for each in APPENDING)
_APPENDING_METHOD = rf"(?:{_BEGUN})\w{{0,8}}+"


@dataclass(frozen=True, slots=True)
class Joint:
    """One way to write that two literals are one: what stands between the gaps around it.

    `begins` has every character that it may begin with: one look spares most quotes the rest.
    `examples` are texts that this joint, and no other, joins.
    """

    name: str
    begins: str
    regex: str
    examples: tuple[str, ...]


JOINTS = (
    # A comma or a dash of YAML: it joins only near a word that puts a list together.
    Joint(
        "list",
        r",\-",
        rf"(?:,{_GAP}(?:[\[({{]|[\w.]{{1,24}}\()?|(?<=\s)-\s++){_GAP}",
        ('"a", "b"', '"a",\n"b"', "implode('', ['a'", '"", array("a"', "- 'a'\n- 'b'"),
    ),
    Joint(
        "operator",
        ")+.&|<>~^",
        rf"(?:\){_GAP})?(?:\+\+?|\.\.?|&|\|\||<>|<<|~|\^){_GAP}(?:\({_GAP})?",
        ('"a" + "b"', '"a" ++ "b"', "'a'.'b'", '"a" + ("b"', '("a") + "b"', "'a' || N'b'"),
    ),
    Joint(
        "method",
        r");.$\w",
        rf"(?:\){_GAP})?(?:;{_GAP})?(?:{_NAME_BEGINS}[$\w]{{1,40}}+{_GAP})?"
        rf"\.{_APPENDING_METHOD}{_GAP}\({_GAP}",
        ('"a".concat("b"', '"a").append("b"', '"a");\nkey.append("b"', '"a")\n  .append("b"'),
    ),
    Joint(
        "assignment",
        r";$@.\w",
        rf"(?:;{_GAP})?{_NAME_BEGINS}[$@\w.]{{1,60}}+{_GAP}(?:[+.&~]=|<<){_GAP}",
        ('"a"; x += "b"', '"a"\nkey+="b"', '"a";\n$key .= "b"', "'a'; @key << 'b'"),
    ),
    Joint(
        "side by side",
        r""""'`\w$@""",
        rf"(?<=\s)(?={_OPENING_QUOTE})",
        ('"a" "b"', 'b"a" b"b"', "'a' \\\n  'b'", '"a" // one\n "b"', '"a" _\n "b"'),
    ),
    # Behind an empty literal and before one there is none: """ opens a docstring.
    Joint(
        "touching",
        r""""'`""",
        r"""(?<=[\w+/=]["'`])(?=["'`][\w+/=])""",
        ("'a''b'", "'a'\"b\"", '"a""b"'),
    ),
)
"""Each way to join two quoted literals, in the order in which they are tried."""

# A shell joins what is quoted to what is not, as in AK"IA…": one quote is all between them.
_HALF_QUOTED = (
    r"""(?:(?<=[A-Za-z0-9+/]{3}["'])|(?<=[A-Z0-9+/]{2}["']))(?=[A-Za-z0-9+/])"""  # AKI"A or AK"IA
)


# A quote that opens a literal mostly has a letter behind it, which begins neither gap nor joint; a
# name begins only behind a blank or a bracket.
_CAN_BEGIN = r"""(?=[^A-Za-z0-9:=])"""


def regex_of(*joints: Joint) -> str:
    """What matches from the closing quote of a literal to the opening one of the next."""
    # The list alone is a group: whether it joins depends on what stands around.
    ways = "|".join(
        f"(?=[{each.begins}])" + (f"(?P<list>{each.regex})" if each.name == "list" else each.regex)
        for each in joints
    )
    return rf"""["'`]{_CAN_BEGIN}{_GAP}(?!{_MARK}|{_COMMENT})(?:{ways}){_OPENING_QUOTE}"""


_JOIN = lazy_regex(rf"""{regex_of(*JOINTS)}|["'`]{_HALF_QUOTED}""")
# Where literals with commas between them are put together: "".join([…]), join("", […]), CONCAT(…),
# Fn::Join, -join, "%s%s" % (…), "{0}{1}" -f …, paste0(…).
_LIST_JOINERS = ("join", "concat", "implode", "format", "sprintf", "paste0", "%(", "% (", "-f ")
_REACH = 2048
"""Characters between a comma and a word that joins the list, at most."""
_FORMAT_ENDS = ("s", "v", "d", "@", "}")
# What makes a literal the name of the next value: {"a": "b", "c": "d"}, array('a' => 'b', 'c' => …)
_REST_OF_A_NAME = lazy_regex(r"""[^"'`\n]{0,200}["'`]\s{0,8}(?::(?!:)|=>)""")


def concatenation_edits(text: str) -> list[Edit]:
    """The edits that take out what stands between literals that belong together, ascending."""
    edits: list[Edit] = []
    joiners: list[int] | None = None
    end = 0
    for start in closing_quotes(text):
        if start < end or not (match := _JOIN.match(text, start)):
            continue
        end = match.end()
        if match.lastgroup == "list":
            joiners = _find_list_joiners(text) if joiners is None else joiners
            if not joiners or not _is_near(joiners, start) or _ends_a_format(text, start):
                continue
            if _REST_OF_A_NAME.match(text, end):
                continue
        edits.append((start, end, ""))
    return edits


def _find_list_joiners(text: str) -> list[int]:
    """The offsets of words that put a list of literals together, ascending."""
    found: list[int] = []

    def note(number: int, _start: int, end: int, *_: object) -> None:
        found.append(end - len(_LIST_JOINERS[number]))

    _list_joiners().scan(ascii_of(text), match_event_handler=note)
    return sorted(found)


@cache
def _list_joiners() -> hyperscan.Database:
    """The words, compiled once a process; one pass for all costs less than a search for one."""
    database = hyperscan.Database()
    database.compile(
        expressions=[re.escape(word).encode() for word in _LIST_JOINERS],
        ids=list(range(len(_LIST_JOINERS))),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(_LIST_JOINERS),
    )
    return database


def _is_near(offsets: list[int], offset: int) -> bool:
    first = bisect_left(offsets, offset - _REACH)
    return first < len(offsets) and offsets[first] <= offset + _REACH


def _ends_a_format(text: str, quote: int) -> bool:
    """Whether the literal before this quote says how the others are put together: "%s%s"."""
    return text[quote - 1 : quote] in _FORMAT_ENDS and text[quote - 2 : quote - 1] in {
        *"%s{0123456789"
    }
