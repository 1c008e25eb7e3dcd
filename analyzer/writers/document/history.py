"""In: the report so far and the reports before it. Out: its history, and each finding's change.

The history is what a later report needs of this one and of those before it, so that the last
report alone carries the whole chain.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.evidence.previous_report import PreviousReport
from analyzer.rules.catalogue import Catalogue
from analyzer.tracking.changes import Change, FindingChange
from analyzer.tracking.comparison import Comparison, compare
from analyzer.tracking.quarters import MOST, describe_quarter, quarters_told
from analyzer.tracking.traces import SUMMARY, Trace
from analyzer.writers.document.parts import iso_utc


def add_history(
    report: dict[str, Any], earlier: Sequence[PreviousReport], catalogue: Catalogue
) -> None:
    """Adds `history` to the report, and to each finding since when it is open and its change.

    `earlier` come oldest first; where there are none, no finding has a change.
    """
    compared = compare([each.document for each in earlier], report, catalogue)
    for finding, told in zip(report["findings"], compared.found, strict=True):
        finding["since"] = iso_utc(told.first)
        finding["reports"] = told.reports
        finding["change"] = told.change.value if earlier else None
        finding["change_reason"] = told.why
    quarters = [
        *quarters_told((each.document, each.artifact.sha256) for each in earlier),
        describe_quarter(report, None),
    ]
    report["history"] = {
        "quarters": quarters[-MOST:],
        "last": _last(earlier[-1], report, compared) if earlier else None,
        "gone": _gone(compared, report["as_of"]),
    }


def _last(last: PreviousReport, report: Mapping[str, Any], compared: Comparison) -> dict[str, Any]:
    """The report before, and how its score compares with this one's."""
    alike = compared.alike
    return {
        "evidence": last.artifact.id,
        "as_of": last.document["as_of"],
        "score": {"then": last.document["score"]["value"], "now": report["score"]["value"]},
        "comparable_score": {"then": alike.then, "now": alike.now, "checks": alike.checks}
        if alike
        else None,
        "warnings": list(compared.warnings),
    }


def _gone(compared: Comparison, at: str) -> list[dict[str, Any]]:
    """What earlier reports show and this one does not: first what is gone since the last."""
    now = {each.finding["fingerprint"]: each for each in compared.gone}
    here = {each.finding["fingerprint"] for each in compared.found}
    gone = [
        _gone_finding(trace, now.get(name), at)
        for name, trace in compared.traces.items()
        if name not in here
    ]
    return sorted(
        gone, key=lambda each: (each["change"] is None, each["rule"], each["fingerprint"])
    )


def _gone_finding(trace: Trace, told: FindingChange | None, at: str) -> dict[str, Any]:
    """One of them, with what the next report needs to trace it on."""
    fixed = iso_utc(trace.fixed) if trace.fixed else None
    lost = iso_utc(trace.lost) if trace.lost else None
    is_fixed_now = told is not None and told.change is Change.FIXED
    return {
        **{name: trace.finding[name] for name in SUMMARY},
        "since": iso_utc(trace.first),
        "last": iso_utc(trace.last),
        "reports": trace.reports,
        "fixed": at if is_fixed_now else fixed,
        "lost": at if told and not is_fixed_now and lost is None else lost,
        "change": told.change.value if told else None,
        "change_reason": told.why if told else "",
    }
