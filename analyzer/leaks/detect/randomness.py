"""In: a run of characters. Out: whether it was drawn at random, as secrets are, or written.

How many real secrets a test rejects was counted over ten million random ones.
"""

import base64
import binascii
import math
import string
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from analyzer.leaks.decode.runs import alphabet, ascii_of, find_runs
from analyzer.leaks.key_id import is_sequence
from analyzer.leaks.lazy_regex import lazy_regex

LEAST_ENTROPY = 4.0
"""Forty hexadecimal digits, as of SHA-1, can't exceed it; no real secret was below."""

LEAST_CHANGES = 13
"""Fewer changes between kinds of character than this: one secret in 18,000; names, most of them."""

WORDLIKE_CHANGES = 9
"""Fewer than this: not one secret in ten million."""

_RUN_CHARACTERS = alphabet(string.ascii_letters.encode() + string.digits.encode() + b"/+")
_LENGTH = 40
_WORD = lazy_regex("[A-Z]?[a-z]{3,}|[A-Z]{4,}")
# Of forty random characters, or letters, hardly more than these shares are words by chance.
_SHARE_OF_WORDS = 0.8
_SHARE_IN_LETTERS = 0.75
_SHARE_IN_PATHS = 0.6
_CHANGES_IN_LETTERS = 15
_CHANGES_IN_PATHS = 20
_SLASHES_OF_A_PATH = 3
_CLASS = {
    **dict.fromkeys(string.ascii_uppercase, 0),
    **dict.fromkeys(string.ascii_lowercase, 1),
    **dict.fromkeys(string.digits, 2),
}
_SIGN = 3
_SHARE_OF_STEPS = 5
_PRINTABLE = frozenset(string.printable.encode())


@lru_cache(1)  # Several patterns ask it of the same text.
def run_ends(text: str) -> tuple[int, ...]:
    """Where each run of forty characters or more ends that base64 is written in.

    A value that no such character follows can end only there, so a search for one need not start
    at every letter.
    """
    return tuple(end for _, end in find_runs(ascii_of(text), _RUN_CHARACTERS, _LENGTH))


def entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)


def class_changes(value: str) -> int:
    """How often capitals, small letters, digits and signs alternate; in random text, often."""
    classes = [_CLASS.get(character, _SIGN) for character in value]
    return sum(before != after for before, after in pairwise(classes))


def mixes_character_classes(value: str) -> bool:
    """Whether capitals and small letters, and digits or signs, all occur."""
    classes = {_CLASS.get(character, _SIGN) for character in value}
    return {0, 1} < classes


def is_mixed_case(value: str) -> bool:
    """Whether both capitals and small letters occur; one secret in a billion has no capital."""
    return {0, 1} <= {_CLASS.get(character, _SIGN) for character in value}


def is_made_of_words(value: str) -> bool:
    """Whether this is an identifier or a path: one random secret in 15,000 looks like one.

    One in 4,000 has neither a digit nor a sign; of these, one in ten is as calm as a name.
    """
    share = sum(len(word) for word in _WORD.findall(value)) / len(value)
    if share >= _SHARE_OF_WORDS:
        return True
    changes = class_changes(value)
    if value.isalpha():
        return share >= _SHARE_IN_LETTERS or changes <= _CHANGES_IN_LETTERS
    is_path = value.count("/") >= _SLASHES_OF_A_PATH and "+" not in value
    return is_path and share >= _SHARE_IN_PATHS and changes <= _CHANGES_IN_PATHS


def is_encoded_text(value: str) -> bool:
    """Whether this is Base64 of printable text: then it was written, not drawn."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(decoded) and (_PRINTABLE.issuperset(decoded) or _is_printable_utf_8(decoded))


def _is_printable_utf_8(data: bytes) -> bool:
    """Whether it is text of any script; a character that an end cuts is left out."""
    for tail in range(4):
        try:
            return data[: len(data) - tail].decode().replace("\n", " ").isprintable()
        except UnicodeDecodeError as fault:
            if fault.start < len(data) - 3:
                return False
    return False


def is_patterned(value: str) -> bool:
    """Whether a value counts up or down, or repeats one short piece."""
    return is_sequence(value, len(value) / _SHARE_OF_STEPS)
