"""In: nothing; these are the nouns of the prefilter. Out: what it searches content for.

A pattern says by them what any content that holds such a credential has in it.
"""

from collections.abc import Callable
from enum import Flag, auto
from typing import NamedTuple

REACH = 800
"""Bytes on either side of where a match ends that can decide on it: what its expression takes up,
and what is asked of the match."""


class Form(Flag):
    """The forms in which a literal is searched for."""

    PLAIN = auto()
    BASE64 = auto()
    BASE64_TWICE = auto()  # and once with a line's end in it
    UTF_16 = auto()
    UTF_16_IN_BASE64 = auto()  # so PowerShell takes its commands
    UTF_32 = auto()
    HEXADECIMAL = auto()  # digits of either case
    ESCAPED = auto()  # its first two characters, each as an escape


TOKEN_PREFIX = Form.PLAIN | Form.BASE64 | Form.UTF_16
"""Of a beginning that is long and rare."""
FIELD_NAME = Form.PLAIN | Form.UTF_16
"""Of a name that says all."""


# Named tuples: a scan of a small repository would notice the time that dataclasses take to make.
class Literal(NamedTuple):
    """Bytes that are searched for in each of the forms; with `ignore_case` in capitals, too."""

    text: bytes
    forms: Form
    ignore_case: bool = False


class Expression(NamedTuple):
    """A regular expression of Hyperscan, searched for in plain content only.

    In wide characters a shape is found by a literal alone, so most expressions have one beside
    them with `Form.UTF_16`. `confirm` is asked of each match, by the content and where it ends:
    what an expression can't say, in constant time.
    """

    regex: bytes
    ignore_case: bool = False
    confirm: Callable[[bytes, int], bool] | None = None
