"""What the closer look costs: the prefilter, the decoders and each pattern, on real content.

Run: python -m tests.benchmarks.pattern_cost PATH...
PATH is a git repository or a folder, as for `prefilter_hits`. All of it happens in one process,
each window once, so the rows of one run can be compared. A pattern that costs much and finds
nothing looks for something common, or is called for by it.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.layers import decoded_texts
from analyzer.leaks.decode.windows import windows
from analyzer.leaks.detect.prefilter import candidate_offsets, compile_in_background
from analyzer.leaks.detect.registry import PATTERNS, called_for, find_candidates
from tests.benchmarks.prefilter_hits import contents

MEGABYTE = 1_000_000


def collect_windows(path: Path) -> tuple[list[bytes], int, float]:
    """Every window of the content once; the bytes of all, and the prefilter's seconds for them."""
    found: dict[bytes, None] = {}
    size, seconds = 0, 0.0
    for _, data in contents(path):
        begin = process_time()
        offsets = candidate_offsets(data)
        seconds += process_time() - begin
        size += len(data)
        if offsets:
            found |= dict.fromkeys(data[first:last] for first, last in windows(data, offsets))
    return list(found), size, seconds


def seconds_of(do: Callable[[str], object], texts: list[str]) -> tuple[float, int]:
    """What it takes to do something to all texts, and how often there was a result."""
    begin = process_time()
    found = sum(bool(do(text)) for text in texts)
    return process_time() - begin, found


def rows(texts: list[str]) -> Iterator[tuple[str, float, int, int]]:
    """Each pattern by its module: its seconds, the texts with a trigger, those with a find."""
    called = [called_for(text) for text in texts]
    for number, pattern in enumerate(PATTERNS):
        mine = [text for text, numbers in zip(texts, called, strict=True) if number in numbers]
        find = pattern.find
        seconds, found = seconds_of(lambda text, find=find: list(find(text)), mine)  # type: ignore[misc]
        name = f"{find.__module__.rpartition('.')[2]}.{find.__name__}"
        yield name, seconds, len(mine), found


def print_table(path: Path) -> None:
    """One row a pattern: what it takes for a megabyte of all texts, called for or not."""
    every, size, seconds = collect_windows(path)
    print(
        f"{path}: {size / MEGABYTE:,.1f} MB, prefiltered at {size / MEGABYTE / seconds:,.0f} MB/s"
    )
    begin = process_time()
    decoded = [decoded_texts(each, Budget.for_size(len(each))) for each in every]
    texts = [layer.text for layers in decoded for layer in layers]
    decoding = process_time() - begin
    searched = sum(map(len, texts)) / MEGABYTE
    windows_size = sum(map(len, every)) / MEGABYTE
    print(
        f"{len(every):,} windows, {windows_size:,.1f} MB; {len(texts):,} texts, {searched:,.1f} MB"
    )
    print("\n| | ms/MB | texts | with a find |\n|---|---:|---:|---:|")
    calls, _ = seconds_of(called_for, texts)
    together, found = seconds_of(find_candidates, texts)
    table = [
        ("(decoders)", decoding, len(texts), 0),
        ("(triggers)", calls, len(texts), 0),
        ("(triggers and patterns)", together, len(texts), found),
        *sorted(rows(texts), key=lambda row: -row[1]),
    ]
    for name, seconds, called, finds in table:
        print(f"| {name} | {seconds / max(searched, 1e-9) * 1000:,.2f} | {called:,} | {finds:,} |")


if __name__ == "__main__":
    with compile_in_background():
        called_for("")  # compiled here, too, so that it is no part of what is measured
    for each in sys.argv[1:] or ["."]:
        print_table(Path(each))
