"""How the time of the decoders and the detector grows with text made to keep them busy.

Run: python -m tests.benchmarks.hostile_text

For each kind of hostile text the seconds for 40 kB and for eight times as much, and what the one is
of the other: about 8 says that time is linear, 64 that it is quadratic.
"""

import time
from collections.abc import Callable

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.concatenation import concatenation_edits
from analyzer.leaks.decode.encodings import decode_edits
from analyzer.leaks.decode.escapes import unescape_edits
from analyzer.leaks.detect.registry import find_candidates
from tests.leaks.detect.hostile_material import GATE, HOSTILE, HOSTILE_ENCODINGS, unending

SIZES = (40_000, 320_000)
RUNS = 3


def decode(text: str) -> None:
    """One round of each decoder."""
    concatenation_edits(text)
    unescape_edits(text)
    decode_edits(text, Budget.for_size(len(text)))


def seconds(work: Callable[[str], object], text: str) -> float:
    """The best of some runs over one text."""
    taken = []
    for _ in range(RUNS):
        begin = time.process_time()
        work(text)
        taken.append(time.process_time() - begin)
    return min(taken)


def print_row(name: str, work: Callable[[str], object], texts: list[str]) -> None:
    """One line of the table."""
    short, long = (seconds(work, text) for text in texts)
    print(f"| {name} | {short:.3f} s | {long:.3f} s | {long / max(short, 0.001):.1f} |")


def main() -> None:
    """Measure each kind and print the table."""
    print("| text | 40 kB | 320 kB | times |\n|---|---:|---:|---:|")
    for name in HOSTILE:
        texts = [f"{GATE}{unending(name, size)}" for size in SIZES]
        print_row(name, find_candidates, texts)
    for name, piece in HOSTILE_ENCODINGS.items():
        texts = [piece * (size // len(piece)) for size in SIZES]
        print_row(f"decoding: {name}", decode, texts)


if __name__ == "__main__":
    main()
