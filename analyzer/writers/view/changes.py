"""In: the report. Out: what page one and the chapter of changes show of the reports before it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analyzer.rules.severity import Severity
from analyzer.tracking.changes import Change
from analyzer.writers.document.report import Report

WIDTH, HEIGHT = 420, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 24, 396, 24, 118
_MEANINGS = {
    Change.NEW: "Not there in the last report, which looked for them.",
    Change.REGRESSED: "Fixed once and found again. Each keeps the date of its first observation.",
    Change.FIXED: "Looked for again and not found.",
    Change.ACCEPTED: "Found, and covered by an accepted risk that is in force.",
    Change.NOT_COMPARABLE: "One of the two reports did not look for them, or by another threshold.",
}


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """All findings of one kind of change, the worst first."""

    name: str
    meaning: str
    changes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One quarter of the line; `value` is None where no score was given."""

    x: float
    y: float
    value: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The line of the score over the quarters, in the units of its drawing.

    A quarter without a score, or by another formula or profile than the one before, breaks it.
    """

    points: tuple[TrendPoint, ...]
    path: str
    told: str
    note: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    bottom: int = _BOTTOM


@dataclass(frozen=True, slots=True)
class SinceLast:
    """The report beside the last one. `counts` are by change, then by severity."""

    as_of: str
    then: int | None
    now: int | None
    alike: Mapping[str, Any] | None
    warnings: Sequence[str]
    counts: Mapping[str, Mapping[str, int]]
    groups: tuple[ChangeGroup, ...]
    trend: Trend

    @property
    def new(self) -> int:
        """How many findings are new."""
        return sum(self.counts[Change.NEW.value].values())

    @property
    def regressed(self) -> int:
        """How many findings have come back."""
        return sum(self.counts[Change.REGRESSED.value].values())

    @property
    def still_open(self) -> int:
        """How many findings are as they were."""
        return sum(self.counts[Change.OPEN.value].values())


def since_last(report: Report) -> SinceLast | None:
    """What changed; None where no earlier report was handed in."""
    history = report["history"]
    last = history["last"]
    if last is None:
        return None
    changed = [_row(each) for each in (*report["findings"], *history["gone"]) if each["change"]]
    counted = Counter((each["change"], each["severity"]) for each in changed)
    order = [each.value for each in Severity]
    changed.sort(key=lambda each: (order.index(each["severity"]), each["title"], each["resource"]))
    groups = (
        ChangeGroup(
            change.value, meaning, tuple(each for each in changed if each["change"] == change)
        )
        for change, meaning in _MEANINGS.items()
    )
    return SinceLast(
        as_of=last["as_of"],
        then=last["score"]["then"],
        now=last["score"]["now"],
        alike=last["comparable_score"],
        warnings=last["warnings"],
        counts={
            change.value: {each: counted[change.value, each] for each in order} for change in Change
        },
        groups=tuple(each for each in groups if each.changes),
        trend=draw_trend(history["quarters"]),
    )


def _row(finding: Mapping[str, Any]) -> dict[str, Any]:
    names = ("change", "severity", "title", "resource", "since", "reports")
    return {name: finding[name] for name in names} | {"why": finding["change_reason"]}


def draw_trend(quarters: Sequence[Mapping[str, Any]]) -> Trend:
    """The line over these quarters, oldest first, spaced alike; one alone is a point."""
    step = (_RIGHT - _LEFT) / max(len(quarters) - 1, 1)
    points = tuple(
        TrendPoint(
            x=round(_LEFT + number * step, 1),
            y=round(_BOTTOM - (each["value"] or 0) * (_BOTTOM - _TOP) / 100, 1),
            value=each["value"],
            label=_label(each["as_of"]),
        )
        for number, each in enumerate(quarters)
    )
    path, pen_is_down, breaks = [], False, False
    for number, point in enumerate(points):
        is_alike = number == 0 or _measure(quarters[number - 1]) == _measure(quarters[number])
        breaks = breaks or not is_alike
        if point.value is not None:
            path.append(f"{'L' if pen_is_down and is_alike else 'M'}{point.x} {point.y}")
        pen_is_down = point.value is not None
    told = ", ".join(
        f"{each.label}: {'not assessed' if each.value is None else each.value}" for each in points
    )
    note = "; it breaks where formula or profile changed" if breaks else ""
    return Trend(points, "".join(path), f"Score by quarter. {told}", note)


def _measure(quarter: Mapping[str, Any]) -> tuple[str, str]:
    return quarter["formula"], quarter["profile"]


def _label(stamp: str) -> str:
    """The quarter of the year, such as 2026 Q4."""
    day = date.fromisoformat(stamp[:10])
    return f"{day.year} Q{(day.month + 2) // 3}"
