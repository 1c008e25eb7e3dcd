"""In: a leaked credential of the report. Out: its dates as a picture, an axis with marks and words.

Words of the earlier half stand above the axis and to the right of their marks, the others below and
to the left. Each has a line of its own, and the lines go down like stairs: read from top to bottom
they are in order, and neither words nor what leads to them meet, however close the dates are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analyzer.risk.timeline import EventKind
from analyzer.writers.view.escalation_diagram import text_width
from analyzer.writers.view.leaks import is_possibly_active

WIDE, PAPER, NARROW = 860, 680, 400
"""Widths: beside the text of a page, between the margins of paper, on a telephone."""
LINE = 22
"""The height of a line of words."""
BAND = 12
"""The height of the axis, with the span that is shaded."""
_MARGIN, _GAP, _INSET, _LEGEND = 10, 7, 8, 34


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """One date at `x` of the axis; its words stand on the base line `y`."""

    words: str
    x: float
    y: int
    is_above: bool

    @property
    def text_x(self) -> float:
        """Where the words begin if they stand above the axis, and end if below."""
        return self.x + _GAP if self.is_above else self.x - _GAP

    @property
    def extent(self) -> tuple[float, float]:
        """From where to where the words reach, at most."""
        edge = self.text_x + text_width(self.words) * (1 if self.is_above else -1)
        return min(edge, self.text_x), max(edge, self.text_x)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture. In the span `exposed` it lay open; with `goes_on` it may do so still."""

    width: int
    height: int
    axis: int
    marks: tuple[TimelineMark, ...]
    exposed: tuple[float, float] | None
    goes_on: bool
    in_words: str


def timeline(leak: Mapping[str, Any], width: int = WIDE) -> Timeline | None:
    """The dates in their order, on one scale; None where nothing but the report is dated."""
    events = sorted(leak["timeline"], key=lambda each: str(each["at"]))
    if all(each["what"] == EventKind.REPORT for each in events):
        return None
    ends = _ends(leak["exposure"])
    moments = [_moment(each["at"]) for each in events]
    places = _scaled(moments, [*moments, *ends], width)
    above = sum(x <= width / 2 for x in places)
    axis = _INSET + above * LINE + BAND
    words = [f"{each['what']} {each['at'][:10]}" for each in events]
    span = _scaled(ends, [*moments, *ends], width)
    return Timeline(
        width=width,
        height=axis + BAND + (len(events) - above) * LINE + _LEGEND,
        axis=axis,
        marks=tuple(_marks(words, places, above, axis)),
        exposed=(span[0], span[1]) if span else None,
        goes_on=is_possibly_active(leak),
        in_words="; ".join(words),
    )


def _ends(exposure: Mapping[str, Any]) -> list[datetime]:
    """First and last moment of the exposure; empty where it has none."""
    since, until = exposure["since"], exposure["until"]
    return [_moment(since), _moment(until)] if since and until and since <= until else []


def _scaled(moments: Sequence[datetime], known: Sequence[datetime], width: int) -> list[float]:
    """Where they stand; the first and the last of the known ones at the ends of the axis."""
    first, last = min(known), max(known)
    whole = (last - first).total_seconds() or 1.0
    room = width - 2 * _MARGIN
    return [round(_MARGIN + room * (each - first).total_seconds() / whole, 1) for each in moments]


def _marks(
    words: Sequence[str], places: Sequence[float], above: int, axis: int
) -> Iterator[TimelineMark]:
    for number, (said, x) in enumerate(zip(words, places, strict=True)):
        if number < above:
            yield TimelineMark(said, x, _INSET + number * LINE + LINE - 8, is_above=True)
        else:
            yield TimelineMark(
                said, x, axis + BAND + (number - above + 1) * LINE - 4, is_above=False
            )


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)
