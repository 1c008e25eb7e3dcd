"""How the time of the detector grows with text that is made to keep it busy.

Run: PYTHONPATH=tests/leaks:tests/leaks/detecting python tests/benchmarks/hostile_text.py

For each kind of hostile text the seconds for 40 kB and for eight times as much, and what the one is
of the other: about 8 says that time is linear, 64 that it is quadratic.
"""

import time

from analyzer.leaks.detect.registry import find_candidates
from tests.leaks.detect.hostile_material import GATE, HOSTILE, unending

SIZES = (40_000, 320_000)
RUNS = 3


def seconds(name: str, size: int) -> float:
    """The best of some runs over one text."""
    text, taken = f"{GATE}{unending(name, size)}", []
    for _ in range(RUNS):
        begin = time.process_time()
        find_candidates(text)
        taken.append(time.process_time() - begin)
    return min(taken)


def main() -> None:
    """Measure each kind and print the table."""
    print("| text | 40 kB | 320 kB | times |\n|---|---:|---:|---:|")
    for name in HOSTILE:
        short, long = (seconds(name, size) for size in SIZES)
        print(f"| {name} | {short:.3f} s | {long:.3f} s | {long / max(short, 0.001):.1f} |")


if __name__ == "__main__":
    main()
