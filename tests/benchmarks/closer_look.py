"""What each step of the closer look costs, for a megabyte of the windows that real content gives.

Run: python tests/benchmarks/closer_look.py PATH...
PATH is a git repository, of which every blob is read, or a folder, of which every file is. Windows
that stand in several blobs count once, as in a scan. Times are those of the processor.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import process_time

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.charsets import as_utf8_or_latin1
from analyzer.leaks.decode.concatenation import concatenation_edits
from analyzer.leaks.decode.dumps import find_numbers
from analyzer.leaks.decode.encodings import decode_edits
from analyzer.leaks.decode.escapes import unescape_edits
from analyzer.leaks.decode.layers import decoded_texts
from analyzer.leaks.decode.number_lists import has_byte_list
from analyzer.leaks.decode.terminal_codes import terminal_code_edits
from analyzer.leaks.decode.text_runs import join_edits
from analyzer.leaks.decode.windows import windows
from analyzer.leaks.detect.prefilter import candidate_offsets
from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.detect.window_search import search_window
from tests.benchmarks.prefilter_hits import contents

MEGABYTE = 1_000_000
Step = Callable[[str], object]
STEPS: dict[str, Step] = {
    "joined strings": concatenation_edits,
    "escapes": unescape_edits,
    "of these: terminal codes": terminal_code_edits,
    "of these: cut words": lambda text: list(join_edits(text)),
    "byte lists": has_byte_list,
    "encoded fields": lambda text: decode_edits(text, Budget.for_size(len(text))),
    "of these: dumps, lists": lambda text: list(find_numbers(text)),
    "patterns": find_candidates,
}


def distinct_windows(path: Path) -> list[bytes]:
    """The windows of all contents that the prefilter fires on, each once."""
    found: dict[bytes, None] = {}
    for _, data in contents(path):
        if offsets := candidate_offsets(data):
            found |= dict.fromkeys(data[begin:end] for begin, end in windows(data, offsets))
    return list(found)


def layers_of(every: Iterable[bytes]) -> Iterator[str]:
    """The texts that decoding makes of the windows."""
    for data in every:
        layers = decoded_texts(data, Budget.for_size(len(data)))
        yield from (layer.text for layer in layers if layer.encodings)


def seconds(step: Callable[[str], object], texts: Iterable[str]) -> float:
    """What the step costs on all texts."""
    began = process_time()
    for text in texts:
        step(text)
    return process_time() - began


def print_table(path: Path) -> None:
    """One row a step: milliseconds for a megabyte of windows, and of the layers within them."""
    every = distinct_windows(path)
    texts = [as_utf8_or_latin1(data) for data in every]
    layers = list(layers_of(every))
    size, inner = sum(map(len, texts)) / MEGABYTE, sum(map(len, layers)) / MEGABYTE
    began = process_time()
    for data in every:
        search_window(data)
    whole = process_time() - began
    print(f"{path}: {len(every):,} windows, {size:.1f} MB; {len(layers):,} layers, {inner:.1f} MB")
    print(f"All: {whole:.1f} s, {whole / size * 1000 if size else 0:.0f} ms/MB of windows\n")
    print("| step | ms/MB of windows | ms/MB of layers |\n|---|---:|---:|")
    for name, step in STEPS.items():
        outer, within = seconds(step, texts), seconds(step, layers)
        per_layer = within / inner * 1000 if inner else 0
        print(f"| {name} | {outer / size * 1000 if size else 0:.1f} | {per_layer:.1f} |")
    print()


if __name__ == "__main__":
    for each in sys.argv[1:] or ["."]:
        print_table(Path(each))
