"""In: the caller's choices. Out: ScanOptions, and the name of each scanned path in the report.

Nothing is read here.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeAlias

STANDARD_INPUT = "standard input"
"""The name in the report of bytes that came through a pipe."""


class Progress(NamedTuple):
    """How far a scan is: work items done, those there are so far, objects and bytes read."""

    done: int = 0
    total: int = 0
    objects: int = 0
    size: int = 0


OnProgress: TypeAlias = Callable[[Progress], None]
"""Called after each work item, and once more when further ones are known."""


@dataclass(frozen=True, slots=True)
class PushedRef:
    """A ref that a push is about to change: its name, and the ids before and after; "" for none."""

    old: str
    new: str
    name: str


class Detectors(StrEnum):
    """Which patterns are searched for: those for AWS, or those of detect-secrets as well."""

    AWS = "aws"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What to scan, for what, and at what cost.

    history         False: only files, no git objects
    staged          only what the index holds and HEAD does not, as `git commit` would commit it
    index           the index that git is about to commit, as hooks are told; None: .git/index
    named_files     files of which the index is scanned as well, whether or not HEAD has the same
    since           only what commits brought in: those that HEAD has and this has not, or A..B
    pushed          only what a push brings in: its refs, as git tells a server's hook
    quarantine      the folder in which git keeps the objects of that push until it is accepted
    exclude         patterns of paths to leave out, as in a .gitignore, in files and in history
    commit_message  each path is a file with the message of a commit that is being made
    messages        False: what is found in messages of commits and tags, and in notes, is left out
    detectors       which patterns are searched for
    jobs            how many processes; None: one for each processor
    baseline        a file of known credentials; it need not exist
    cache           a folder that keeps the results of packs for the next scan; None: no cache
    standard_input  bytes that came through a pipe, scanned as one file beside the paths
    decoys          accounts whose keys are laid out as traps: these are reported and set aside
    examples        accounts that only documentation has: likewise
    unique_ids      unique IDs of the caller's users, roles and the like; where one occurs shows
                    which account a repository belongs to
    on_progress     called as the work advances
    git_seconds     how long git may compare the trees of one repository; what is not known by then
                    is reported as not known
    """

    history: bool = True
    staged: bool = False
    index: Path | None = None
    named_files: tuple[Path, ...] = ()
    since: str | None = None
    pushed: tuple[PushedRef, ...] | None = None
    quarantine: Path | None = None
    exclude: tuple[str, ...] = ()
    commit_message: bool = False
    messages: bool = True
    detectors: Detectors = Detectors.AWS
    jobs: int | None = None
    baseline: Path | None = None
    cache: Path | None = None
    standard_input: bytes | None = None
    decoys: frozenset[str] = frozenset()
    examples: frozenset[str] = frozenset()
    unique_ids: frozenset[str] = frozenset()
    on_progress: OnProgress | None = None
    git_seconds: float = 600.0


def display_names(roots: Iterable[Path]) -> dict[Path, str]:
    """The name of each path in the report: its last part, so that it doesn't matter where it lies.

    Paths that share a last part are named as they were given. Sorted by path, each once.
    """
    own = {root: root.name or root.resolve().name for root in sorted(set(roots))}
    shared = Counter(own.values())
    return {root: _to_text(name if shared[name] == 1 else str(root)) for root, name in own.items()}


def _to_text(name: str) -> str:
    """A name as text, a byte that is no UTF-8 as its escape sequence."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
