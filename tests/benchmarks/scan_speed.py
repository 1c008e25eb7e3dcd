"""How long a scan takes, beside Kingfisher, gitleaks, betterleaks and ripgrep on the same files.

Run: python -m tests.benchmarks.scan_speed --peers FOLDER --cache FOLDER [--repo PATH]...
     [--program NAME]... [--runs N] [ROW...]
The first folder gets an environment for each peer with its version from PyPI, the second the
archives of packages, the repositories and the trees made of them, unless they are there. ripgrep
is taken from PATH. ROW is the start of a row's name; without any, all are measured, and each --repo
besides. --program takes one peer and leaves the others out.

Every figure is a whole process that writes its findings as JSON: the program starts, reads,
attributes and ends. The programs run in turn, round after round; the median of the rounds counts.
Compare within one run. `speed_bounds.py` says what we allow ourselves; the table says of each
bound whether it is met, of wall time and, as if the machine did nothing else, of CPU time.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tests.benchmarks.made_repositories import LARGE, make
from tests.benchmarks.package_histories import (
    PackageHistory,
    build_repository,
    build_tree,
    read_histories,
)
from tests.benchmarks.process_costs import Cost, median, run
from tests.benchmarks.scanners import OURS, commands, install
from tests.benchmarks.speed_bounds import Kind, judgement

MANY_LEAKS = replace(LARGE, keys=100)
HEADINGS = (
    *("what", "beside", "our wall s", "our CPU s", "their wall s", "their CPU s"),
    *("ours / theirs, wall", "CPU", "bound, wall", "CPU"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A thing to scan; `build` says where it is, with a folder for what is made for it."""

    name: str
    kind: Kind
    build: Callable[[Path], Path]


def made_repository(cache: Path) -> Path:
    """A made-up history of 10,000 commits, since those of packages have few."""
    folder = cache / "repositories" / "made-up"
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        make(part, MANY_LEAKS).rename(folder)
    return folder


def list_rows(histories: Sequence[PackageHistory], repos: Sequence[Path]) -> Iterator[Row]:
    """Every row, histories first."""
    for history in histories:
        name = f"{history.package}, {len(history.versions)} versions"
        yield Row(name, Kind.HISTORY, partial(build_repository, history))
    yield Row("made up, 10,000 commits, 100 leaks", Kind.HISTORY, made_repository)
    for count, kind in ((50_000, Kind.TREE), (10, Kind.FEW_FILES)):
        yield Row(f"{count:,} files", kind, partial(build_tree, histories, count))
    for repo in repos:
        yield Row(str(repo), Kind.HISTORY, lambda _, repo=repo: repo.resolve())


def measure(row: Row, path: Path, programs: dict[str, Path], wanted: set[str], runs: int) -> None:
    """Prints the row: for each program its medians, ours as a share of them, and the bounds."""
    with tempfile.TemporaryDirectory() as folder:
        every = {
            name: command
            for name, command in commands(row.kind, path, programs, Path(folder))
            if name == OURS or not wanted or name in wanted
        }
        costs: dict[str, list[Cost]] = {name: [] for name in every}
        for command in every.values():
            run(command)  # files into memory, caches of rules and byte code onto the disk
        for _ in range(runs):
            for name, command in every.items():
                costs[name].append(run(command))
    medians = {name: median(found) for name, found in costs.items()}
    ours = medians.pop(OURS)
    for name, cost in medians.items():
        print(f"| {' | '.join((row.name, *cells(row.kind, name, ours, cost)))} |", flush=True)


def cells(kind: Kind, name: str, ours: Cost, theirs: Cost) -> tuple[str, ...]:
    """What the table says of us beside one program."""
    seconds = (ours.wall, ours.cpu, theirs.wall, theirs.cpu)
    return (
        name,
        *(f"{each:.2f}" for each in (*seconds, ours.wall / theirs.wall, ours.cpu / theirs.cpu)),
        judgement(kind, name, ours.wall, theirs.wall),
        judgement(kind, name, ours.cpu, theirs.cpu),
    )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help="which rows, by the start of their names")
    parser.add_argument("--peers", type=Path, required=True, help="folder for the peers")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is scanned")
    parser.add_argument("--repo", type=Path, action="append", default=[], help="scan it too")
    parser.add_argument("--program", action="append", default=[], help="beside this peer only")
    parser.add_argument("--runs", type=int, default=3, help="rounds  [3]")
    given = parser.parse_args()
    programs = install(given.peers.resolve())
    repos = {str(repo) for repo in given.repo}
    print(f"| {' | '.join(HEADINGS)} |\n|---|---|{'---:|' * 8}")
    for row in list_rows(read_histories(), given.repo):
        if row.name in repos or not given.rows or row.name.startswith(tuple(given.rows)):
            print(f"{row.name} ...", file=sys.stderr)  # building one can take minutes
            path = row.build(given.cache.resolve())
            measure(row, path, programs, set(given.program), given.runs)


if __name__ == "__main__":
    main()
