"""In: a text and the lines on which something was found. Out: the comments that allow it.

Who leaks a key can also write the comment that allows it, so nothing here hides a finding: it makes
one place doubtful, and the report lists it.
"""

import re
from collections.abc import Collection

from analyzer.leaks.lazy_regex import lazy_regex

ALLOWED = "allowed by a comment"
"""How the reason begins that such a comment gives."""
# Only what names secrets: a bare `noqa`, `nosec` or `NOSONAR` is for any linter.
# S105 to S107 (ruff, flake8-bandit) and B105 to B107 (bandit) are the checks for passwords in code.
_ON_ITS_LINE = lazy_regex(
    rb"""(?:gitleaks|betterleaks|kingfisher):allow\b
    |(?:trufflehog|kingfisher):ignore\b
    |\bggignore\b
    |\bsecretlint-disable-line\b
    |\bpragma:\ ?(?:allow|white)list[\ -]secret\b
    |\bnoqa:[A-Z0-9,\ ]{0,80}\bS10[567]\b
    |\bnosec\b[:A-Z0-9,\ ]{0,80}\bB10[567]\b""",
    re.VERBOSE,
)
# Each of them has one of these; searching for plain words costs a hundredth.
_WORDS = (b":allow", b":ignore", b"ggignore", b"secretlint", b"pragma:", b"noqa:", b"nosec")
# Nothing else on that line, or a second secret could hide before the comment.
_ON_THE_LINE_BEFORE = lazy_regex(
    rb"""[\t\ ]*(?:\#|//|/\*|'|--|<!--|;|%)[\t\ ]*
    (pragma:\ ?allowlist[\ -]nextline[\ -]secret|secretlint-disable-next-line)\b""",
    re.VERBOSE,
)


def inline_allows(data: bytes, lines: Collection[int]) -> dict[int, str]:
    """For those of the lines, counted from 1, that a comment allows: the reason.

    A comment allows its own line alone, or, where it says so, the next one.
    """
    if not lines or not any(word in data for word in _WORDS):
        return {}
    text = [b"", *data.split(b"\n")]
    reasons = {}
    for line in lines:
        if 0 < line < len(text) and (word := _allow_comment(text[line], text[line - 1])):
            reasons[line] = f"{ALLOWED}: {word.decode('latin-1')}"
    return reasons


def _allow_comment(line: bytes, before: bytes) -> bytes | None:
    if match := _ON_ITS_LINE.search(line):
        return match[0]
    if match := _ON_THE_LINE_BEFORE.match(before):
        return match[1]
    return None
