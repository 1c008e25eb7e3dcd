"""In: our seconds and another program's on one row. Out: how many we may need.

The bounds are of wall time on a machine that does nothing else. Where it does, only the time of
processes tells something: the same bounds are asked of it.
"""

from enum import StrEnum

KINGFISHER, RIPGREP, PYTHON = "kingfisher", "ripgrep", "python -c pass"

LONG, LONG_SHARE = 2.0, 0.35
"""Where Kingfisher needs over so many seconds for a history, we need at most this share."""
MIDDLE, MIDDLE_SHARE = 0.5, 0.7
SHORT_EXTRA = 0.1
"""On a history that takes it less, at most so many seconds more: Python's start is most of that."""
TREE_SHARES = {KINGFISHER: 0.5, RIPGREP: 1.3}
FEW_FILES_EXTRA = 0.15
"""Over what the interpreter needs to start and end."""


class Kind(StrEnum):
    """What is scanned."""

    HISTORY = "history"
    TREE = "tree"
    FEW_FILES = "few files"


def allowed(kind: Kind, program: str, theirs: float) -> float | None:
    """How many seconds we may need beside a program that needs `theirs`; None: no bound is set."""
    match kind:
        case Kind.HISTORY if program == KINGFISHER and theirs > LONG:
            return theirs * LONG_SHARE
        case Kind.HISTORY if program == KINGFISHER and theirs > MIDDLE:
            return theirs * MIDDLE_SHARE
        case Kind.HISTORY if program == KINGFISHER:
            return theirs + SHORT_EXTRA
        case Kind.TREE if program in TREE_SHARES:
            return theirs * TREE_SHARES[program]
        case Kind.FEW_FILES if program == PYTHON:
            return theirs + FEW_FILES_EXTRA
    return None


def judgement(kind: Kind, program: str, ours: float, theirs: float) -> str:
    """The bound and whether it is met, for the table; empty where none is set."""
    bound = allowed(kind, program, theirs)
    if bound is None:
        return ""
    return f"{'met' if ours <= bound else 'NOT met'}, {bound:.2f} s"
