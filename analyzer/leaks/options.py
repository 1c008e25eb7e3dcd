"""In: what a person asks of the scan. Out: ScanOptions, and what each scanned path is called.

Nothing here reads anything; `scan` does, as these options say.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

STANDARD_INPUT = "standard input"
"""What the report calls bytes that came through a pipe."""

OnProgress: TypeAlias = Callable[[int, int], None]
"""Is called now and then with what is done and what there is to do, in one unit."""


class Detectors(StrEnum):
    """Whose patterns look for secrets."""

    AWS = "aws"
    ALL = "all"  # those of detect-secrets too


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How to look.

    `history` False: only files, no objects of a repository. `staged`: only what the index holds
    and HEAD does not, as a commit would bring it in; `index` is the index that git is about to
    commit, as it tells a hook, None: the usual one. `jobs` None: as many processes as there are
    processors. `baseline` is a file of known credentials; it need not exist. `cache` is a folder
    that remembers what packs hold; None: nothing is remembered. `standard_input` is
    what came through a pipe, looked at as one file beside the paths; None: nothing did.
    `decoys` are accounts whose keys are laid out as traps: such a key is told of and set aside.
    `known_ids` are unique IDs of users, roles and the like that the caller has in its inventory:
    where they stand is told, as it shows whose a repository is. `told` hears how far the scan is.
    `git_seconds` is how long git may take to compare the trees of one repository; what is not known
    by then is said to be so.
    """

    history: bool = True
    staged: bool = False
    index: Path | None = None
    detectors: Detectors = Detectors.AWS
    jobs: int | None = None
    baseline: Path | None = None
    cache: Path | None = None
    standard_input: bytes | None = None
    decoys: frozenset[str] = frozenset()
    unique_ids: frozenset[str] = frozenset()
    on_progress: OnProgress | None = None
    git_seconds: float = 600.0


def display_names(roots: Iterable[Path]) -> dict[Path, str]:
    """What each path is called: its own name, so that a report is the same wherever it lay.

    Paths that share a name are called as they were given. Sorted by path, none twice.
    """
    own = {root: root.name or root.resolve().name for root in sorted(set(roots))}
    shared = Counter(own.values())
    return {root: _text(name if shared[name] == 1 else str(root)) for root, name in own.items()}


def _text(name: str) -> str:
    """A name as text; a byte that is no UTF-8 is written out as its number."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
