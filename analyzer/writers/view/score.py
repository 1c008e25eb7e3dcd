"""In: an account of the report. Out: every step from its ledger to its score.

A reader must be able to add it up again by hand; so the steps carry the figures that are printed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from analyzer.rules.severity import Severity
from analyzer.score import FORMULA

_COUNTED_WHEN_ACCEPTED = {Severity.CRITICAL.value, Severity.HIGH.value}


@dataclass(frozen=True, slots=True)
class Deduction:
    """One line of the ledger with its two factors: points for the severity, times for the count."""

    rule: str
    practice: str
    severity: str
    failed: int
    counted: int
    points: int
    times: float
    deduction: float


@dataclass(frozen=True, slots=True)
class ScoreSteps:
    """The way from deductions to the score; `weighted` and below are None where nothing is rated.

    `base` is two thirds of the mean and one third of the lowest practice, rounded down to
    hundredths; the score is the lesser of `base` and `cap`, rounded down.
    """

    deductions: tuple[Deduction, ...]
    total: float
    weighted: float | None
    weights: int
    mean: float | None
    lowest: float | None
    base: float | None
    cap: int | None


def score_steps(account: Mapping[str, Any]) -> ScoreSteps:
    """The account's score, step by step."""
    ledger = account["score"]["ledger"]
    rated = [each for each in account["practices"] if each["score"] is not None]
    limits = [each["limit"] for each in account["score"]["caps"]]
    weights = sum(each["weight"] for each in rated)
    tenths = [round(each["score"] * 10) for each in rated]
    total = sum(score * each["weight"] for score, each in zip(tenths, rated, strict=True))
    mean = Fraction(total, 10 * weights) if weights else None
    lowest = Fraction(min(tenths), 10) if tenths else None
    share = FORMULA.mean_share
    base = None if mean is None or lowest is None else share * mean + (1 - share) * lowest
    return ScoreSteps(
        deductions=tuple(_deduction(line) for line in ledger),
        total=total_deduction(ledger),
        weighted=total / 10 if weights else None,
        weights=weights,
        mean=None if mean is None else float(mean),
        lowest=None if lowest is None else float(lowest),
        # Rounded up, 79.997 would be printed as 80.00, over a score of 79.
        base=None if base is None else math.floor(base * 100) / 100,
        cap=min(limits, default=None),
    )


def binding_cap(score: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The lowest cap, if it is what holds the score down; None where the practices do."""
    caps = score["caps"]
    return caps[0] if caps and score["value"] == caps[0]["limit"] else None


def total_deduction(ledger: Sequence[Mapping[str, Any]]) -> float:
    """The sum of a ledger, in points; reckoned in tenths, so that no cent is lost."""
    tenths: int = sum(round(line["deduction"] * 10) for line in ledger)
    return tenths / 10


def _deduction(line: Mapping[str, Any]) -> Deduction:
    """An accepted finding of critical or high severity is counted all the same."""
    counted = line["failed"] - (
        0 if line["severity"] in _COUNTED_WHEN_ACCEPTED else line["accepted"]
    )
    return Deduction(
        rule=line["rule"],
        practice=line["practice"],
        severity=line["severity"],
        failed=line["failed"],
        counted=counted,
        points=FORMULA.points[Severity(line["severity"])],
        times=1 + min(1.0, math.log10(counted)) if counted > 0 else 0.0,
        deduction=line["deduction"],
    )
