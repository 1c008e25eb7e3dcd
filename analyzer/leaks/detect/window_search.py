"""In: one window of a content. Out: the candidates in it, decoded too, and what finding them cost.

Versions of a file have most windows in common, and each is searched once: what comes out depends on
its bytes alone.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from analyzer.archives.budget import Budget, Cost
from analyzer.leaks.decode.layers import decoded_texts
from analyzer.leaks.detect.pairing import PlacedCandidate
from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.faults import FaultLog

_KEPT = 4096
"""Windows whose candidates are remembered."""
_LONGEST_KEPT = 1 << 15
"""Bytes of such a window."""


@dataclass(frozen=True, slots=True)
class WindowResult:
    """What is in one window: lines count from 1, layers from 0; the first is the text itself.

    `layers` says how many there are. `refusals` and `faults` say what was not looked at.
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
    placed: list[PlacedCandidate] = []
    layers = 0
    for layer in decoded_texts(data, budget, faults):
        encoding = ", ".join(layer.encodings)
        found = find_candidates(layer.text, faults)
        lines = layer.lines_at([candidate.start for candidate in found])
        placed += (
            PlacedCandidate(candidate, line, layers, encoding)
            for candidate, line in zip(found, lines, strict=True)
        )
        layers += 1
    cost = before.beyond(budget.left)
    return WindowResult(tuple(placed), layers, cost, budget.exceeded, tuple(faults.reasons))


_search_short = lru_cache(_KEPT)(_search)
