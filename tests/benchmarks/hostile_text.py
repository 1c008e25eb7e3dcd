"""What text costs the scanner: text made to keep it busy, and text as repositories are full of.

Run: python -m tests.benchmarks.hostile_text [--path FOLDER]... [hostile | ordinary]

For each kind of hostile text the seconds for 40 kB and for eight times as much, and what the one is
of the other: about 8 says that time is linear, 64 that it is quadratic. For each kind of ordinary
text the milliseconds for a megabyte beside those of plain prose, and whether they are at most five
times as many. --path adds the real files below a folder, by kind. All are CPU seconds.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.concatenation import concatenation_edits
from analyzer.leaks.decode.encodings import decode_edits
from analyzer.leaks.decode.escapes import unescape_edits
from analyzer.leaks.detect import window_search
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.sources.diffs import split_diff
from tests.benchmarks.ordinary_files import seconds_by_kind
from tests.benchmarks.ordinary_text import ORDINARY, PLAIN, ordinary_text
from tests.leaks.detect.hostile_material import (
    GATE,
    HEADINGS,
    HOSTILE,
    HOSTILE_ENCODINGS,
    HOSTILE_NUMBERS,
    HOSTILE_RUNS,
    unending,
)

SIZES = (40_000, 320_000)
MB = 1 << 20
RUNS = 3
BOUND = 5
BEGUN = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n+a\n"


def decode(text: str) -> None:
    """One round of each decoder."""
    concatenation_edits(text)
    unescape_edits(text)
    decode_edits(text, Budget.for_size(len(text)))


def split(text: str) -> None:
    """A text with diffs in it, taken apart."""
    for _ in split_diff(text.encode()):
        pass


def scan(data: bytes) -> None:
    """The whole way of a file's bytes, as if no part of it had been seen before."""
    window_search._search_short.cache_clear()  # noqa: SLF001 - nobody else wants that
    scan_bytes(data)


def seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """CPU of the best of some runs."""
    taken = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return min(taken)


def print_growth(name: str, work: Callable[[str], object], texts: list[str]) -> None:
    """One line of the table of hostile text."""
    short, long = (seconds(partial(work, text)) for text in texts)
    print(f"| {name} | {short:.3f} s | {long:.3f} s | {long / max(short, 0.001):.1f} |")


def print_hostile() -> None:
    """Measure each hostile kind and print the table."""
    print("| text | 40 kB | 320 kB | times |\n|---|---:|---:|---:|")
    for name in HOSTILE:
        texts = [f"{GATE}{unending(name, size)}" for size in SIZES]
        print_growth(name, find_candidates, texts)
    for name, piece in HOSTILE_ENCODINGS.items():
        texts = [piece * (size // len(piece)) for size in SIZES]
        print_growth(f"decoding: {name}", decode, texts)
    for piece in (*HOSTILE_NUMBERS, *HOSTILE_RUNS):
        texts = [f"=3D{piece * (size // len(piece))}" for size in SIZES]
        print_growth(f"decoding: {piece[:20]!r}".replace("|", "/"), decode, texts)
    for line in HEADINGS:
        texts = [f"{BEGUN}{line * (size // len(line))}" for size in SIZES]
        print_growth(f"diff: {line[:20]!r}", split, texts)


def print_ordinary(paths: Iterable[Path]) -> None:
    """Measure each ordinary kind, made up and of real files, and print the table."""
    print(f"| text | MB | ms/MB | times {PLAIN} | at most {BOUND} |\n|---|---:|---:|---:|---|")
    scan(b"AKIA" + bytes(16))  # what is imported and compiled on first use
    plain = _per_megabyte(MB, seconds(partial(scan, ordinary_text(PLAIN, MB))))
    for kind in ORDINARY:
        text = ordinary_text(kind, MB)
        _print_cost(kind, len(text), seconds(partial(scan, text)), plain)
    for path in paths:
        of_files = seconds_by_kind([path], lambda data: seconds(partial(scan, data), 1))
        for kind, (size, taken) in of_files.items():
            _print_cost(f"{path.name}: {kind}", size, taken, plain)


def _print_cost(name: str, size: int, taken: float, plain: float) -> None:
    cost = _per_megabyte(size, taken)
    within = "yes" if cost <= BOUND * plain else "NO"
    print(f"| {name} | {size / MB:.1f} | {cost:.1f} | {cost / plain:.1f} | {within} |", flush=True)


def _per_megabyte(size: int, taken: float) -> float:
    return taken * 1000 * MB / max(size, 1)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", choices=["hostile", "ordinary"], help="which  [both]")
    parser.add_argument("--path", type=Path, action="append", default=[], help="real files, too")
    given = parser.parse_args()
    tables = given.tables or ["hostile", "ordinary"]
    if "hostile" in tables:
        print_hostile()
    if "ordinary" in tables:
        print_ordinary(given.path)


if __name__ == "__main__":
    main()
