"""In: a text and the lines on which something was found. Out: which comments let that stay.

Whoever writes a key can write the comment that allows it, so nothing here makes anything vanish:
it gives a doubt about a place, and the report lists it.
"""

import re
from collections.abc import Collection

ALLOWED = "allowed by a comment"
"""How the doubt begins that a comment raises."""
# Only what speaks of secrets: a bare `noqa`, `nosec` or `NOSONAR` silences whatever complains.
# S105 to S107 (ruff, flake8-bandit) and B105 to B107 (bandit) are the checks for passwords in code.
_ON_ITS_LINE = re.compile(
    rb"""(?:gitleaks|betterleaks|kingfisher):allow\b
    |(?:trufflehog|kingfisher):ignore\b
    |\bggignore\b
    |\bsecretlint-disable-line\b
    |\bpragma:\ ?(?:allow|white)list[\ -]secret\b
    |\bnoqa:[A-Z0-9,\ ]{0,80}\bS10[567]\b
    |\bnosec\b[:A-Z0-9,\ ]{0,80}\bB10[567]\b""",
    re.VERBOSE,
)
# One of these is in each of them; to look for plain words costs a hundredth of the patterns.
_WORDS = (b":allow", b":ignore", b"ggignore", b"secretlint", b"pragma:", b"noqa:", b"nosec")
# Nothing but the comment may stand there, or a second secret could hide before it.
_ON_THE_LINE_BEFORE = re.compile(
    rb"""[\t\ ]*(?:\#|//|/\*|'|--|<!--|;|%)[\t\ ]*
    (pragma:\ ?allowlist[\ -]nextline[\ -]secret|secretlint-disable-next-line)\b""",
    re.VERBOSE,
)


def inline_allows(data: bytes, lines: Collection[int]) -> dict[int, str]:
    """Why a comment allows what stands on which of these lines, counted from 1.

    A comment speaks of its own line alone, or, where it says so, of the next one.
    """
    if not lines or not any(word in data for word in _WORDS):
        return {}
    text = [b"", *data.split(b"\n")]
    found = {}
    for line in lines:
        if 0 < line < len(text) and (word := _allow_comment(text[line], text[line - 1])):
            found[line] = f"{ALLOWED}: {word.decode('latin-1')}"
    return found


def _allow_comment(line: bytes, before: bytes) -> bytes | None:
    if match := _ON_ITS_LINE.search(line):
        return match[0]
    if match := _ON_THE_LINE_BEFORE.match(before):
        return match[1]
    return None
