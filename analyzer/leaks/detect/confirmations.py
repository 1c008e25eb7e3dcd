"""In: content and where a match of the prefilter ends. Out: whether a closer look can pay.

Each asks what its expression can't, in constant time. Where the content is not as a pattern wants
it but a decoder could make it so, the answer is yes.
"""

import binascii
import string
from collections.abc import Callable

from analyzer.leaks.detect.prefilter_terms import REACH
from analyzer.leaks.detect.randomness import is_made_of_words
from analyzer.leaks.lazy_regex import lazy_regex

_ALPHANUMERIC = frozenset(string.ascii_letters.encode() + string.digits.encode())
_RUN_CHARACTERS = _ALPHANUMERIC | frozenset(b"/+")
_RUN_BYTES = bytes(_RUN_CHARACTERS)
_CAPITALS = frozenset(string.ascii_uppercase.encode() + string.digits.encode())
_BEGINS_ESCAPE = lazy_regex(rb"[\\%=&\x1b][\[#;A-Za-z0-9]*+\Z|\n\+\Z|\A\+\Z|\[[0-9;]{0,16}[mK]\Z")
_LONGEST_ESCAPE = 20
"""Characters of `&amp;#x003d;3D`, and of others that are escaped twice."""

SIGNS = (
    rb"(?:[^A-Za-z0-9]|(?<=\\)(?:[nrt]|(?:x|u00)[0-9A-Fa-f]{2})|(?<=[%=])(?:25)?[0-9A-Fa-f]{2}"
    rb"|(?<=&)(?:amp|quot|apos|lt|gt|equals|colon|Tab|NewLine|nbsp)(?=;)"
    rb"|(?<=#)(?:[0-9]{2,3}|x[0-9A-Fa-f]{2,4})(?=;)|(?<![A-Za-z0-9])(?:value|string|b)(?![A-Za-z0-9])){1,100}"
)
"""What can stand between a name and its value: blanks, quotes and signs, plain or escaped."""
_LONGEST_SIGNS, _LONGEST_VALUE = 200, 64

_PREFIX, _FIRST_OF_BODY = 4, 4
_BODY_ALONE = lazy_regex(rb"[A-Z2-7]{16}(?:(?![A-Z0-9])|(?=ESC[\[%\\&]))")
_PART_OF_BODY = lazy_regex(
    # A colour follows, also one whose escape character a log spells or has lost; or anything that
    # a decoder may take out from between two pieces.
    rb"[A-Z2-7]{0,16}?(?:(?:ESC|\^\[|\x1b)?\[[0-9;]{0,32}m|\^\[|[^A-Za-z0-9\[\](){}|_^$@#!~*?]|\Z)"
)
_SERVICE_KEY = 44

ESCAPED_SIGN = rb"(?:\\{1,3}(?:/|(?:x|u00)2[BbFf])|%(?:25)?2[BbFf]|=2[BF]|&#(?:4[37]|x2[BbFf]);)"
"""A plus or a slash as JSON, programs, addresses, mails and HTML write it."""
_ESCAPED_SIGN = lazy_regex(ESCAPED_SIGN)
_ESCAPED_RUN = lazy_regex(rb"(?:[A-Za-z0-9/+]|" + ESCAPED_SIGN + rb")+")
_LONGEST_ESCAPED = 160

_LENGTH = 40
_RUN = lazy_regex(rb"[A-Za-z0-9/+]*+")
_WIDTHS = frozenset((*range(40, 65), *range(72, 81)))
"""Characters of a run that holds a secret: alone, behind its ID or an escape, in hexadecimal; and
of the base64 of one, and of that once more."""
_WIDEST = max(_WIDTHS) + 1
_SHORTEST_BASE64 = 54
_ID_OR_HEXADECIMAL = lazy_regex(rb"[AL][KS]IA[A-Z2-7]{16}|\A[0-9A-Fa-f]+\Z")
_TEXT = lazy_regex(rb"[\0\t\n\r -~\x80-\xff]*")
_HASH = 43
"""Characters of SHA-256 in base64, before the equals sign."""
_NAMES_HASH = (b"sha256=", b"sha256-")
_CHAIN = lazy_regex(
    rb"[\"'][A-Za-z0-9/+]{1,39}[\"'](?:[\s+.&,\\]{0,48}[\"'][A-Za-z0-9/+]{1,39}[\"'])*"
)
_PIECE = lazy_regex(rb"[\"']([A-Za-z0-9/+]{1,39})(?=[\"'])")
_BACK, _AHEAD = 64, 160
_MOST_TOGETHER = 80
"""Characters of all pieces in a row, at most: a list of names has more."""


def confirm_beside(what: bytes, before: int, after: int) -> Callable[[bytes, int], bool]:
    """Asks whether something like `what` begins so many bytes before the end, or fewer behind it.

    For names of fields that documentation is full of, and that say nothing without a value. What is
    not ASCII may take up more bytes than characters: beside it the answer is yes. Raises ValueError
    for more than `REACH`: what is farther is not searched again in the versions of a file.
    """
    if max(before, after) > REACH:
        raise ValueError(f"{before} before and {after} behind: at most {REACH}")
    pattern = lazy_regex(what)

    def confirm(data: bytes, end: int) -> bool:
        near = data[max(0, end - before) : end + after]
        return pattern.search(near) is not None or not near.isascii()

    return confirm


def confirm_assigned(value: bytes) -> Callable[[bytes, int], bool]:
    """Asks whether a value that begins so follows the name that a match is.

    Between them may be signs, in whatever encoding, and the word for a value, but no other word.
    """
    return confirm_beside(rb"\A" + SIGNS + value, 0, _LONGEST_SIGNS + _LONGEST_VALUE)


def confirm_begun_id(data: bytes, end: int) -> bool:
    """Whether behind the prefix of an ID its body follows, or a part of it that pieces complete."""
    if not _begins_run(data, end - _PREFIX, _CAPITALS):
        return False
    return (_BODY_ALONE.match(data, end) or _PART_OF_BODY.match(data, end)) is not None


def confirm_id(data: bytes, end: int) -> bool:
    """Whether an ID stands where a match ends behind the first four characters of its body."""
    start = end - _FIRST_OF_BODY
    return _BODY_ALONE.match(data, start) is not None and _begins_run(
        data, start - _PREFIX, _CAPITALS
    )


def confirm_service_key(data: bytes, end: int) -> bool:
    """Whether the forty-four characters before the end begin a key: in Base64 most do by chance."""
    return _begins_run(data, end - _SERVICE_KEY, _RUN_CHARACTERS)


def _begins_run(data: bytes, start: int, run: frozenset[int]) -> bool:
    """Whether nothing of the run stands before it, or an escape, or the sign of a diff."""
    if start <= 0 or data[start - 1] not in run:
        return True
    return _BEGINS_ESCAPE.search(data[max(0, start - _LONGEST_ESCAPE) : start]) is not None


def confirm_secret(data: bytes, end: int) -> bool:
    """Whether the run that a match ends with has a secret's length and a capital, and is no hash.

    Hashes in hexadecimal have no capital, and of a billion secrets one has none either. What is
    longer than a secret behind an escape has to be more than bytes drawn at random, and what is not
    forty characters long more than words.
    """
    if end and data[end - 1] not in _RUN_CHARACTERS:
        end -= 1
    before = data[max(0, end - _WIDEST) : end]
    start = end - len(before) + len(before.rstrip(_RUN_BYTES))
    match = _RUN.match(data, start, start + _WIDEST)
    run = match[0] if match else b""
    width = len(run)
    if width not in _WIDTHS or (width == _HASH and _is_hash(data, start, start + width)):
        return False
    if run == run.lower() or (width != _LENGTH and is_made_of_words(run.decode("ascii"))):
        return False
    return width < _SHORTEST_BASE64 or _hides_text(run)


def confirm_escaped_secret(data: bytes, end: int) -> bool:
    """Whether the run that a match ends in is a secret once its slashes and pluses are plain."""
    for run in _ESCAPED_RUN.finditer(data, max(0, end - _LONGEST_ESCAPED), end + _LONGEST_ESCAPED):
        if run.start() < end <= run.end():
            plain = _ESCAPED_SIGN.sub(b"+", run[0])
            return confirm_secret(plain, len(plain))
    return False


def _is_hash(data: bytes, start: int, end: int) -> bool:
    """Whether a run of that length is a padded hash, or is called one."""
    return data[end : end + 1] == b"=" or data.endswith(_NAMES_HASH, 0, start)


def _hides_text(run: bytes) -> bool:
    """Whether a long run is an ID and its secret, hexadecimal, or Base64 of a text.

    Of a line of UTF-16, too. The last four characters don't count: the ESC of a colour follows, or
    what begins the next word.
    """
    if _ID_OR_HEXADECIMAL.search(run):
        return True
    for skipped in range(4):
        whole = (len(run) - skipped) // 4 * 4 - 4
        if _TEXT.fullmatch(binascii.a2b_base64(run[skipped : skipped + whole])):
            return True
    return False


def confirm_pieces(data: bytes, end: int) -> bool:
    """Whether quoted pieces near the end of a match are a secret together, and no list of names."""
    around = data[max(0, end - _BACK) : end + _AHEAD]
    for chain in _CHAIN.finditer(around):
        together = b"".join(_PIECE.findall(chain[0]))
        is_long_enough = _LENGTH <= len(together) <= _MOST_TOGETHER
        is_mixed = together not in {together.lower(), together.upper()}
        if is_long_enough and is_mixed and not is_made_of_words(together.decode("ascii")):
            return True
    return False
