r"""In: a text. Out: the quotes behind which a literal possibly goes on in another one.

Most quotes close a literal that ends there, and `concatenation` asks much of each quote. Hyperscan
tells where a match ends, not where it begins. So it goes through the text from its end, and each
expression here is written back to front: from the opening quote of the second literal to the
closing one of the first. They say less than those of `concatenation`, which decides.
"""

from functools import cache

import hyperscan

from analyzer.leaks.compiled import Rule, compile_rules
from analyzer.leaks.decode.runs import ascii_of

# What is none of ASCII shows as a question mark: it is possibly a blank, or a letter.
_BLANK = r"[\s\x1c-\x1f?]"
_QUOTE = r"""["'`]"""
_ONE_OF_GAP = rf"""(?:{_BLANK}|\n\r?[\\_`]|\n[^\n"'`]*(?://|\#|--))"""
"""A blank, a broken line or a comment: back to front, both begin with the end of their line."""
_GAP = rf"{_ONE_OF_GAP}*"
_OPENING = rf"{_QUOTE}[A-Za-z0-9$@]{{0,2}}"
APPENDING = ("append", "concat", "plus", "add", "write", "push")
"""How the names of methods that append begin, their first letter in either case."""
_REVERSED = "|".join(f"{each[:0:-1]}[{each[0]}{each[0].upper()}]" for each in APPENDING)
_METHOD = rf"[\w?]{{0,8}}(?:{_REVERSED})"
_BETWEEN = (
    rf"{_GAP}(?:[\[({{]|\([\w.?]{{1,24}})?{_GAP},{_GAP}",
    rf"{_GAP}-{_GAP}",
    rf"{_GAP}(?:\({_GAP})?(?:\+\+?|\.\.?|&|\|\||><|<<|~|\^){_GAP}(?:\){_GAP})?",
    rf"{_GAP}\({_GAP}{_METHOD}\.{_GAP}(?:[$\w?]{{1,40}}{_GAP})?(?:;{_GAP})?(?:\){_GAP})?",
    rf"{_GAP}(?:=[+.&~]|<<){_GAP}[$@\w.?]{{1,60}}{_GAP}(?:;{_GAP})?",
    rf"{_ONE_OF_GAP}+",
)
"""Each of `concatenation.JOINTS`, in the same order, but for those that touch."""
_RULES = (
    *(Rule(f"{_OPENING}{each}{_QUOTE}".encode(), 0, 0) for each in _BETWEEN),
    # The number says how many characters before the closing quote are looked at with it.
    Rule(rf"[\w?+/=]{_QUOTE}{_QUOTE}[\w?+/=]".encode(), 0, 1),
    Rule(rb"""[A-Za-z0-9+/]["'][A-Z0-9+/]{2}""", 0, 2),
    Rule(rb"""[A-Za-z0-9+/]["'][A-Za-z0-9+/]{3}""", 0, 3),
)


def closing_quotes(text: str) -> list[int]:
    """The offset of every such quote, ascending."""
    found: set[int] = set()
    size = len(text)
    _database().scan(
        ascii_of(text)[::-1],
        match_event_handler=lambda beyond, _, end, *__: found.add(size - end + beyond),
    )
    return sorted(found)


@cache
def _database() -> hyperscan.Database:
    return compile_rules("closing-quotes", _RULES)
