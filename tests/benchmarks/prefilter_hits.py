"""On how much of real content each expression of the prefilter fires.

Run: python tests/benchmarks/prefilter_hits.py PATH...
PATH is a git repository, of which every blob is read, or a folder, of which every file is. What
fires sends the bytes around it to the closer look, which costs a thousand times as much: an
expression that fires on ordinary text is too weak.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hyperscan

from analyzer.leaks.detect.prefilter import expressions

SHOWN = 15
WIDTH = 90


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every blob of the repository by its id, else every file of the folder by its path."""
    if not ((path / ".git").exists() or (path / "objects").is_dir()):
        files = (each for each in sorted(path.rglob("*")) if each.is_file())
        yield from ((str(each.relative_to(path)), each.read_bytes()) for each in files)
        return
    command = ["git", "-C", str(path), "cat-file", "--batch-all-objects", "--unordered", "--batch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as git:
        assert git.stdout is not None
        while head := git.stdout.readline().split():
            data = git.stdout.read(int(head[2]))
            git.stdout.read(1)
            if head[1] == b"blob":
                yield head[0].decode(), data


def print_table(path: Path) -> None:
    """One row an expression, those that send most bytes to the closer look first."""
    every = expressions()
    confirms = list(every.values())
    database = hyperscan.Database()
    database.compile(
        expressions=[regex for regex, _ in every],
        flags=[flags for _, flags in every],
        ids=list(range(len(every))),
    )
    matches, blobs, sizes = Counter[int](), Counter[int](), Counter[int]()
    number = size = hits = hit_size = 0
    for _, data in contents(path):
        number, size = number + 1, size + len(data)
        found: list[tuple[int, int]] = []
        note = lambda at, _start, end, *_, found=found: found.append((at, end))  # noqa: E731
        database.scan(data, match_event_handler=note)
        real = Counter(at for at, end in found if (ask := confirms[at]) is None or ask(data, end))
        matches += real
        blobs += Counter(real.keys())
        sizes += Counter(dict.fromkeys(real, len(data)))
        hits, hit_size = hits + bool(real), hit_size + (len(data) if real else 0)
    print(f"{path}: {number:,} contents, {size >> 20:,} MB; {hits:,}, {hit_size >> 20:,} MB, hit\n")
    print("| contents | MB | matches | expression |\n|---:|---:|---:|---|")
    names = [regex for regex, _ in every]
    for at, held in sizes.most_common(SHOWN):
        print(f"| {blobs[at]:,} | {held >> 20:,} | {matches[at]:,} | `{names[at]!r:.{WIDTH}}` |")


if __name__ == "__main__":
    for each in sys.argv[1:] or ["."]:
        print_table(Path(each))
