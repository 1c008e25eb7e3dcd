"""In: an access key ID. Out: the account that it belongs to, and why it is likely no live key.

Both come from the ID itself; AWS is not asked, so no decoy raises an alarm.
"""

import base64
from collections import Counter
from collections.abc import Set as AbstractSet
from itertools import pairwise

from analyzer.leaks.lazy_regex import lazy_regex

KEY_ID = lazy_regex("A[KS]IA[A-Z2-7]{16}")
"""What AWS issues as an access key ID; 0, 1, 8 and 9 never occur after the prefix."""

UNIQUE_ID = lazy_regex(
    "(?:A[KS]IA|A[BC][IC]A|AGPA|AIDA|AIPA|ANPA|ANVA|APKA|AROA|ASCA|A3T[A-Z0-9])[A-Z2-7]{16,17}",
)
"""What AWS calls a unique ID ("IAM identifiers"): of a key, a user, a role, a policy and so on."""

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
"""Accounts of a maker of decoys (canary tokens): a use of their keys raises an alarm."""

DOCUMENTATION_ACCOUNTS = frozenset(
    {
        "012345678901",
        "098765432109",
        "111122223333",
        "123456789012",
        "210987654321",
        "444455556666",
        "555566667777",
        "777788889999",
        "888899990000",
        "999900001111",
        "999988887777",
        "987654321098",
        *(str(digit) * 12 for digit in range(10)),
    }
)
"""The accounts in examples of AWS's documentation, and those that LocalStack and moto make up.

AWS does not say that no customer has one. Of fifty billion accounts one is among them, so a key
that names it is an example as good as always. An audit takes its own accounts out of these.
"""

_WORDS = "an English word: key IDs without a digit are rare, and none is spelled like this"
_OLD = "IJ"
_COMMON_PAIRS = frozenset(
    {
        f"{first}{second}"
        for first, seconds in {
            "A": "BCDLMNPRSTU", "B": "EL", "C": "AEHIKLORT", "D": "EI", "E": "ACDELMNRSTVX",
            "F": "IO", "G": "EH", "H": "AEIO", "I": "ACDEGLMNOSTV", "K": "E", "L": "AEILOY",
            "M": "AEIOP", "N": "ACDEGOST", "O": "FLMNOPRSUVW", "P": "AELOR", "Q": "U",
            "R": "AEIOST",
            "S": "AEHIOPSTU", "T": "AEHIORSU", "U": "LNPRST", "V": "EI", "W": "AEIO",
        }.items()
        for second in seconds
    }
)  # fmt: skip
"""Pairs of letters that make up nine tenths of English text, a fifth of random letters."""
_SHARE_OF_PAIRS = 0.65
_PREFIX = 4
_BODY = 16
_ACCOUNT_BITS = 40
_BITS_BELOW_ACCOUNT = 39
_LARGEST_ACCOUNT = 999_999_999_999
_LONGEST_UNIT = 20
_STEPS_OF_A_SEQUENCE = 12


def decode_account(key_id: str) -> str | None:
    """The 12-digit account, or None where the ID is malformed or of the old format."""
    return account_in_unique_id(key_id) if KEY_ID.fullmatch(key_id) else None


def account_in_unique_id(unique_id: str) -> str | None:
    """The account in a unique ID of any kind: a user's, a role's, a bearer token's, a key's.

    That accounts are in key IDs is published; IDs of roles look the same, so there it is a hint.
    """
    if not UNIQUE_ID.fullmatch(unique_id):
        return None
    flag, account = _decode_flag_and_account(unique_id)
    # Only IDs whose top bit is set carry an account; in older ones these bits mean nothing.
    return f"{account:012d}" if flag and account <= _LARGEST_ACCOUNT else None


def placeholder_reason(key_id: str, decoys: AbstractSet[str] = CANARY_ACCOUNTS) -> str | None:
    """Why this is most likely no live key, in a few words; None if nothing says so.

    `decoys` are accounts whose keys are traps; add those of your own.
    """
    if "EXAMPLE" in key_id:
        return "an example from documentation: the key ID says so"
    account = account_in_unique_id(key_id)
    if account in decoys:
        return f"a decoy: account {account} belongs to a maker of canary tokens"
    if is_sequence(key_id[_PREFIX:], _STEPS_OF_A_SEQUENCE):
        return "a placeholder: the key ID is a sequence or a repetition"
    if UNIQUE_ID.fullmatch(key_id) and account is None and _decode_flag_and_account(key_id)[0]:
        return "never issued: the account in the key ID has more than twelve digits"
    if KEY_ID.fullmatch(key_id) and _is_spelled_like_words(key_id):
        return _WORDS
    return None


def _is_spelled_like_words(key_id: str) -> bool:
    """Whether "AKIA" or "ASIA" and what follows is text in capitals.

    One key ID in thirty has no digit. Those of the old format go on with I or J, others with a
    letter from Q on; words begin with any.
    """
    body = key_id[_PREFIX:]
    if not body.isalpha():
        return False
    flag, _ = _decode_flag_and_account(key_id)
    if not flag and body[0] not in _OLD:
        return True
    pairs = [first + second in _COMMON_PAIRS for first, second in pairwise(body)]
    return sum(pairs) >= _SHARE_OF_PAIRS * len(pairs)


def is_sequence(value: str, steps: float) -> bool:
    """Whether a value counts up or down, or repeats one short piece.

    It counts where at least `steps` of its characters are followed by the next one, or by the one
    before.
    """
    units = range(1, min(_LONGEST_UNIT, len(value) // 2) + 1)
    if any(value == (value[:unit] * len(value))[: len(value)] for unit in units):
        return True
    differences = Counter(ord(after) - ord(before) for before, after in pairwise(value))
    return max(differences[1], differences[-1]) >= steps


def _decode_flag_and_account(unique_id: str) -> tuple[int, int]:
    """The top bit of the body, and the forty bits after it."""
    body = int.from_bytes(base64.b32decode(unique_id[_PREFIX : _PREFIX + _BODY]), "big")
    return divmod(body >> _BITS_BELOW_ACCOUNT, 1 << _ACCOUNT_BITS)
