"""How much memory a scan takes, all its processes together, on what is large.

Run: python tests/benchmarks/scan_memory.py
It makes a repository with one blob of 2 GB, a history of 1 GB, and a file of 2 GB, each with a key
at its end, and scans each with `credaudit scan`. A sampler adds up what each process of the scan
holds (PSS of /proc, so that shared pages count once), twenty times a second. Linux only.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from made_repositories import HEAVY, make, pair

ROOT = Path(__file__).parents[2]
SIZE = 2_000_000_000
LINE = b"0123456789abcdef fedcba9876543210 some words of a log that nobody reads\n"


def pieces() -> Iterator[bytes]:
    """2 GB of text with a key pair at the end."""
    block = LINE * (1_000_000 // len(LINE))
    for _ in range(SIZE // len(block)):
        yield block
    yield pair(1)


def file(folder: Path) -> Path:
    """A file of 2 GB."""
    path = folder / "worker.log"
    with path.open("wb") as target:
        target.writelines(pieces())
    return path


def blob(folder: Path) -> Path:
    """A repository that holds such a file, and no work tree."""
    repo = folder / "r"
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", repo], check=True)
    size = sum(map(len, pieces()))
    with subprocess.Popen(
        ["git", "-C", repo, "fast-import", "--quiet"], stdin=subprocess.PIPE
    ) as git:
        assert git.stdin is not None
        git.stdin.write(b"commit refs/heads/main\ncommitter A <a@example.com> 1 +0000\ndata 0\n")
        git.stdin.write(b"M 100644 inline worker.log\ndata %d\n" % size)
        git.stdin.writelines(pieces())
        git.stdin.write(b"\n")
    return repo


ROWS: dict[str, Callable[[Path], Path]] = {
    "a file of 2 GB": file,
    "a blob of 2 GB": blob,
    "a history of 1 GB": lambda folder: make(folder / "r", replace(HEAVY, keys=1)),
}


def held(process: int) -> int:
    """Bytes that a process and all that it started hold."""
    total = 0
    waiting = [process]
    while waiting:
        each = Path("/proc", str(waiting.pop()))
        try:
            rollup = (each / "smaps_rollup").read_text()
            for task in (each / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, ValueError):
            continue  # it has ended
        total += sum(
            int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")
        )
    return total * 1024


def measure(name: str, path: Path, out: Path) -> None:
    """Prints the row."""
    command = [sys.executable, "-m", "analyzer", "scan", path, "-f", "json", "-o", out, "-q"]
    begin, peak = time.perf_counter(), 0
    with subprocess.Popen(command, cwd=ROOT) as process:
        while process.poll() is None:
            peak = max(peak, held(process.pid))
            time.sleep(0.05)
    seconds = time.perf_counter() - begin
    found = len(json.loads(out.read_text())["credentials"])
    print(f"| {name} | {seconds:.1f} | {peak / 1e6:.0f} | {found} |", flush=True)


def main() -> None:
    """Every row."""
    print("| what | seconds | MB | keys found |\n|---|---:|---:|---:|")
    for name, build in ROWS.items():
        with tempfile.TemporaryDirectory() as folder:
            measure(name, build(Path(folder)), Path(folder) / "out.json")


if __name__ == "__main__":
    main()
