"""In: standard input, and what git tells its hooks. Out: bytes, refs and paths to scan."""

import os
import re
import sys
from pathlib import Path
from typing import IO

from analyzer.errors import ConfigurationError, EvidenceError
from analyzer.leaks.options import STANDARD_INPUT, PushedRef

LARGEST_INPUT = 256 * 1024 * 1024
"""Bytes taken from a pipe: what is larger has to lie in a file, which is read piece by piece."""
_ID = rb"[0-9a-f]{40}|[0-9a-f]{64}"
_PUSHED = re.compile(rb"(%b) (%b) (.+)" % (_ID, _ID))


def read_pipe() -> bytes:
    """All of standard input. Raises EvidenceError where that is too much for memory, or closed."""
    data = _open_stdin().read(LARGEST_INPUT + 1)
    if len(data) > LARGEST_INPUT:
        raise EvidenceError(
            f"holds more than {LARGEST_INPUT} bytes",
            where=STANDARD_INPUT,
            remedy="Write it to a file and name that",
        )
    return data


def read_pushed_refs() -> tuple[PushedRef, ...]:
    """The refs of a push: a line each, the old id, the new one, the name.

    Raises ConfigurationError for anything else, EvidenceError where nothing can come in.
    """
    matches = [_PUSHED.fullmatch(line) for line in _open_stdin().read().splitlines()]
    refs = [
        [part.decode("utf-8", "backslashreplace") for part in each.groups()]
        for each in matches
        if each
    ]
    if len(refs) != len(matches):
        raise ConfigurationError(
            "is not what git gives a pre-receive hook: `OLD NEW REF`, a line for each ref",
            where=STANDARD_INPUT,
        )
    return tuple(
        PushedRef(old.strip("0") and old, new.strip("0") and new, name) for old, new, name in refs
    )


def _open_stdin() -> IO[bytes]:
    if sys.stdin is None:
        raise EvidenceError("is closed", where=STANDARD_INPUT)
    return sys.stdin.buffer


def find_quarantine() -> Path | None:
    """Where git keeps what is pushed until the hook has agreed."""
    named = os.environ.get("GIT_QUARANTINE_PATH")
    return Path(named) if named else None


def find_index() -> Path | None:
    """The index that git is about to commit: for `commit -a` and `commit PATH` it makes another."""
    named = os.environ.get("GIT_INDEX_FILE")
    return Path(named) if named else None
