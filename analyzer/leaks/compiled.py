"""In: expressions of Hyperscan. Out: their database, compiled once for as long as nothing changes.

To compile takes longer than to scan a small repository. So the database is kept where Python keeps
the byte code of this module: whoever can write there can change the program itself, and the file is
trusted as much as that.
"""

import hashlib
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

import hyperscan

_MODE = 0o644
"""As byte code has it that one installs for all users."""


# A named tuple: a scan of a small repository would notice the time that a dataclass takes to make.
class Rule(NamedTuple):
    """An expression, Hyperscan's flags for it, and the number that its matches have."""

    regex: bytes
    flags: int
    number: int


def compile_rules(
    name: str, rules: Sequence[Rule], folder: Path | None = None
) -> hyperscan.Database:
    """A database that searches for all of them, ready to scan. Raises hyperscan.error.

    It is kept under that name in the folder, by default where the byte code is, unless Python is
    told to write none. A folder in which nobody may write costs time and nothing else.
    """
    digest = hashlib.sha256(repr(tuple(rules)).encode()).hexdigest()[:16]
    kept = (folder or Path(cache_from_source(__file__)).parent) / f"{name}-{digest}.hyperscan"
    if (database := _read(kept)) is None:
        database = _compile(rules)
        if folder or not sys.dont_write_bytecode:
            _keep(hyperscan.dumpb(database), kept, f"{name}-*.hyperscan")
    return database


def matching_numbers(database: hyperscan.Database, data: bytes) -> set[int]:
    """The numbers of the rules that match somewhere; one pass for all costs less than a search."""
    numbers: set[int] = set()
    database.scan(data, match_event_handler=lambda number, *_: numbers.add(number))
    return numbers


def _compile(rules: Sequence[Rule]) -> hyperscan.Database:
    database = hyperscan.Database()
    database.compile(
        expressions=[each.regex for each in rules],
        flags=[each.flags for each in rules],
        ids=[each.number for each in rules],
    )
    return database


def _read(kept: Path) -> hyperscan.Database | None:
    """The database in the file; None where it is missing, damaged or of another processor."""
    try:
        # Hyperscan compares a checksum, its own version and what the processor can do.
        database = hyperscan.loadb(kept.read_bytes(), hyperscan.HS_MODE_BLOCK)
    except (OSError, hyperscan.error):
        return None
    database.scratch = hyperscan.Scratch(database)
    return database


def _keep(serialized: bytes, kept: Path, names: str) -> None:
    """Writes the file whole or not at all; those of earlier expressions go, by their names."""
    # Most runs find the file and have no use for what this takes to import.
    from tempfile import NamedTemporaryFile

    with suppress(OSError):
        kept.parent.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            whole = Path(file.name)
        try:
            whole.write_bytes(serialized)
            whole.chmod(_MODE)
            whole.replace(kept)
        except OSError:
            whole.unlink()
            raise
        for other in kept.parent.glob(names):
            if other != kept:
                other.unlink(missing_ok=True)
