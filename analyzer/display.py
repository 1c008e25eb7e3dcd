"""In: text that an export or a repository holds. Out: text that shows what it is, and fits.

Names may be written to deceive: control characters, reversed text, halves of characters.
"""

import unicodedata
from collections.abc import Sequence

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    """The text with every character that does not show, or that moves others, as its escape.

    Guaranteed to be encodable and to stand on one line.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(letter) if _is_hidden(letter) else letter for letter in text)


def list_first(texts: Sequence[str], most: int, sign: str = ",") -> str:
    """The first texts, and how many more there are: "a, b and 3 more".

    With a semicolon, for texts that hold commas themselves: "a; b; and 3 more".
    """
    more = len(texts) - most
    listed = f"{sign} ".join(texts[:most])
    return f"{listed}{sign if sign == ';' else ''} and {more} more" if more > 0 else listed


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in _HIDDEN


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")
