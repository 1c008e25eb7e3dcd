"""In: some content and where it is worth a look. Out: the sightings in it, in whatever coat."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from analyzer.leaks.allowing import allowances
from analyzer.leaks.coats.budget import Budget
from analyzer.leaks.coats.layers import layers
from analyzer.leaks.credentials import Sighting
from analyzer.leaks.detecting.marks import marks
from analyzer.leaks.detecting.pairing import Placed, sightings


def sighted(
    data: bytes, spots: Sequence[int], budget: Budget, member: str = ""
) -> tuple[Sighting, ...]:
    """What stands in one text and in what its coats hide, with the comments that allow it.

    `member` is the way to the text within archives. No secret's value comes out.
    """
    placed = list(_placed(data, spots, budget))
    found = sightings(placed, member) if placed else ()
    reasons = allowances(data, {each.line for each in found})
    if not reasons:
        return found
    return tuple(replace(each, allowed=reasons.get(each.line)) for each in found)


def _placed(data: bytes, spots: Sequence[int], budget: Budget) -> Iterator[Placed]:
    for number, layer in enumerate(layers(data, spots, budget)):
        coat = ", ".join(layer.coats)
        found = marks(layer.text)
        lines = layer.lines_at([mark.start for mark in found])
        yield from (
            Placed(mark, line, number, coat) for mark, line in zip(found, lines, strict=True)
        )
