"""In: one window of a content. Out: the candidates in it, decoded too, and what finding them cost.

Versions of a file have most windows in common, and each is searched once: what comes out depends on
its bytes alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from analyzer.archives.budget import Budget, Cost
from analyzer.leaks.decode.layers import DecodedText, decoded_texts
from analyzer.leaks.detect.blocks import blocks
from analyzer.leaks.detect.pairing import PlacedCandidate
from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.detect.sightings import plainest_places
from analyzer.leaks.faults import FaultLog

_KEPT = 4096
"""Windows whose candidates are remembered."""
_LONGEST_KEPT = 1 << 15
"""Bytes of such a window."""


@dataclass(frozen=True, slots=True)
class WindowResult:
    """What is in one window: lines count from 1, layers from 0; the first is the text itself.

    Each value is there once a line. `layers` says how many there are. `refusals` and `faults` say
    what was not looked at.
    """

    placed: tuple[PlacedCandidate, ...] = field(repr=False)
    layers: int
    cost: Cost
    refusals: tuple[str, ...]
    faults: tuple[str, ...]


def search_window(data: bytes) -> WindowResult:
    """The candidates of all layers. Takes time linear in the window, or none if it is known."""
    return _search_short(data) if len(data) <= _LONGEST_KEPT else _search(data)


def _search(data: bytes) -> WindowResult:
    budget, faults = Budget.for_size(len(data)), FaultLog()
    before = budget.left
    layers: list[DecodedText] = []
    placed: list[PlacedCandidate] = []
    for layer in decoded_texts(data, budget, faults):
        encoding = ", ".join(layer.encodings)
        found = find_candidates(layer.text, faults)
        lines = layer.lines_at([candidate.start for candidate in found])
        placed += (
            PlacedCandidate(candidate, line, len(layers), encoding)
            for candidate, line in zip(found, lines, strict=True)
        )
        layers.append(layer)
    cost = before.beyond(budget.left)
    # Each layer has most values again; blocks are asked for only of what is left.
    placed = list(_with_blocks(plainest_places(placed), layers, faults))
    return WindowResult(tuple(placed), len(layers), cost, budget.exceeded, tuple(faults.reasons))


def _with_blocks(
    placed: Sequence[PlacedCandidate], layers: Sequence[DecodedText], faults: FaultLog
) -> Iterator[PlacedCandidate]:
    """The same with their blocks, ordered by layer and offset."""
    ordered = sorted(placed, key=lambda each: (each.layer, each.candidate.start))
    for number, group in groupby(ordered, key=lambda each: each.layer):
        of_layer = list(group)
        offsets = [each.candidate.start for each in of_layer]
        numbers = _number_blocks(layers[number].text, offsets, faults)
        for each, block in zip(of_layer, numbers, strict=True):
            yield PlacedCandidate(each.candidate, each.line, each.layer, each.encoding, block)


def _number_blocks(text: str, offsets: list[int], faults: FaultLog) -> Sequence[int]:
    """The block of each offset; one block for all where they can't be told."""
    try:
        return blocks(text, offsets)
    except Exception as fault:  # noqa: BLE001 - a fault in one step must not cost the others
        faults.note("blocks", fault)
        return [0] * len(offsets)


_search_short = lru_cache(_KEPT)(_search)
