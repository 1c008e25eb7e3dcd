"""In: a git bundle that was handed in. Out: a bare repository of it, in a folder of our own.

`unpack` calls it. Format: git's own documentation, "gitformat-bundle".
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from analyzer.files import Skipped, UnreadableFile
from analyzer.git.sandbox import open_sandbox, run_git

# Beside refs/… and HEAD there are the HEADs of linked work trees: worktrees/side/HEAD.
_REF = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) ([^\0\n]+)\n")
_PREREQUISITE = re.compile(rb"-([0-9a-f]{40}|[0-9a-f]{64})(?: [^\n]*)?\n")
_LONGEST_LINE = 64 * 1024
_MOST_LINES = 1_000_000
_INDEX_SECONDS = 600.0
_CHUNK = 1 << 20
_NEEDS = "the bundle builds on commits that it does not hold"


def open_bundle(file: IO[bytes], home: Path) -> Iterator[Skipped]:
    """Makes a bare repository of a bundle: its refs as text, its pack with an index by git.

    `file` stands at its beginning; gives what of it can't be had. Raises UnreadableFile or OSError
    where nothing can.
    """
    refs, prerequisites = [], []
    file.readline()
    for _ in range(_MOST_LINES):
        line = file.readline(_LONGEST_LINE)
        if match := _REF.fullmatch(line):
            refs.append(match)
        elif match := _PREREQUISITE.fullmatch(line):
            prerequisites.append(match[1].decode())
        elif not line.startswith(b"@"):
            break
    length = len(refs[0][1]) if refs else 40
    (home / "objects" / "pack").mkdir(parents=True)
    (home / "refs").mkdir()
    head = next((ref[1] for ref in refs if ref[2] == b"HEAD"), b"ref: refs/heads/none")
    (home / "HEAD").write_bytes(head + b"\n")
    (home / "packed-refs").write_bytes(b"".join(ref[0] for ref in refs))
    if prerequisites:
        (home / "shallow").write_text("".join(f"{oid}\n" for oid in prerequisites))
        others = len(prerequisites) - 1
        yield Skipped("history", f"{_NEEDS}: {prerequisites[0]} and {others} more")
    yield from _index_bundle(file, home, length)


def _index_bundle(file: IO[bytes], home: Path, length: int) -> Iterator[Skipped]:
    """Has git index the pack of a bundle, or else unpack as many of its objects as it can."""
    start = file.tell()
    size = os.fstat(file.fileno()).st_size
    with open_sandbox((home / "objects",), length, _INDEX_SECONDS, size) as git:
        for arguments in (("index-pack", "--stdin"), ("unpack-objects", "-r", "-q")):
            file.seek(start)
            try:
                with run_git(git, *arguments, content=iter(lambda: file.read(_CHUNK), b"")):
                    pass
            except UnreadableFile as fault:
                if arguments[0] == "unpack-objects":
                    yield Skipped("objects in the bundle", fault.reason)
                continue
            break
        (git.folder / "objects").rename(home / "unpacked")
    (home / "objects" / "pack").rmdir()
    (home / "objects").rmdir()
    (home / "unpacked").rename(home / "objects")
