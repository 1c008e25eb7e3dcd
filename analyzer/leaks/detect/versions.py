"""In: a text, what it has from another one, and the offsets found there. Out: its own offsets.

Whether a match of the prefilter ends at a place depends on the bytes around it alone. So what a
version has from the one before it is not searched again, and nothing is lost or added by that.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from analyzer.git.base_notes import CopiedRun
from analyzer.leaks.detect.prefilter import (
    candidate_offsets,
    is_in_wide_characters,
    match_ends,
)
from analyzer.leaks.detect.prefilter_terms import REACH


def offsets_in_version(data: bytes, runs: Sequence[CopiedRun], known: Sequence[int]) -> list[int]:
    """What `candidate_offsets` gives, searching only what is not in the runs, which are in order.

    `known` are the offsets of the text that the runs are from, ascending.
    """
    searched = list(_others(runs, len(data)))
    size = sum(last - first + 2 * REACH for first, last in searched)
    if 2 * size > len(data) or is_in_wide_characters(data):
        return candidate_offsets(data)
    view = memoryview(data)
    offsets = set(_carried_over(runs, known)) if known else set()
    for first, last in searched:
        begin = max(first - REACH, 0)
        found = match_ends(view[begin : last + REACH])
        offsets.update(begin + each for each in found if first <= begin + each <= last)
    return sorted(offsets)


def _decided(run: CopiedRun) -> tuple[int, int]:
    """First and last offset at which a match is one in the other text, too; none if reversed."""
    is_beginning = run.begin == run.source == 0
    return (0 if is_beginning else run.begin + REACH), run.end - REACH


def _others(runs: Sequence[CopiedRun], length: int) -> Iterator[tuple[int, int]]:
    """First and last offset of each part on which no run decides."""
    begin = 0
    for run in runs:
        first, last = _decided(run)
        if first <= last:
            if begin < first:
                yield begin, first - 1
            begin = last + 1
    if begin <= length:
        yield begin, length


def _carried_over(runs: Sequence[CopiedRun], known: Sequence[int]) -> Iterator[int]:
    """Where the known offsets are in the runs that decide on them."""
    for run in runs:
        first, last = _decided(run)
        shift = run.source - run.begin
        of_run = slice(bisect_left(known, first + shift), bisect_right(known, last + shift))
        yield from (each - shift for each in known[of_run])
