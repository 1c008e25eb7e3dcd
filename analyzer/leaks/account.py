"""In: an access key ID. Out: the account that it belongs to, and what speaks against a live key.

Both are read off the ID itself; nothing is asked and no decoy is set off.
"""

import base64
import re
from itertools import pairwise

KEY_ID = re.compile("A[KS]IA[A-Z2-7]{16}")
"""What AWS issues as an access key ID; 0, 1, 8 and 9 never occur after the prefix."""

CANARY_ACCOUNTS = frozenset(
    {
        "052310077262",
        "171436882533",
        "266735846894",
        "534261010715",
        "595918472158",
        "717712589309",
        "730335385048",
        "819147034852",
        "893192397702",
        "992382622183",
    },
)
"""Accounts of a maker of decoys: their keys are left lying about for a thief to trip over."""

_PREFIX = 4
_ACCOUNT_BITS = 40
_BITS_BELOW_ACCOUNT = 39
_LARGEST_ACCOUNT = 999_999_999_999
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LONGEST_UNIT = 8
_TELLING_STEPS = 12


def account_of(key_id: str) -> str | None:
    """The 12-digit account, or None where the ID is malformed or of the old format."""
    if not KEY_ID.fullmatch(key_id):
        return None
    body = int.from_bytes(base64.b32decode(key_id[_PREFIX:]), "big")
    flag, account = divmod(body >> _BITS_BELOW_ACCOUNT, 1 << _ACCOUNT_BITS)
    # Only IDs whose top bit is set carry an account; in older ones these bits mean nothing.
    if not flag or account > _LARGEST_ACCOUNT:
        return None
    return f"{account:012d}"


def why_demoted(key_id: str) -> str | None:
    """Why this is most likely no live key, in a few words; None where nothing speaks for that."""
    if "EXAMPLE" in key_id:
        return "an example from documentation: the key ID says so"
    account = account_of(key_id)
    if account in CANARY_ACCOUNTS:
        return f"a decoy: account {account} belongs to a maker of canary tokens"
    if _is_patterned(key_id[_PREFIX:]):
        return "a placeholder: the key ID is a sequence or a repetition"
    return None


def _is_patterned(body: str) -> bool:
    """Whether a body counts up or down, or says one short thing again and again."""
    if any(body == (body[:unit] * len(body))[: len(body)] for unit in range(1, _LONGEST_UNIT + 1)):
        return True
    values = [_ALPHABET.index(character) for character in body]
    steps = [(after - before) % len(_ALPHABET) for before, after in pairwise(values)]
    return max(steps.count(1), steps.count(len(_ALPHABET) - 1)) >= _TELLING_STEPS
