"""In: report documents, oldest first. Out: the trace of every finding that any of them shows.

A report carries the traces of what is gone in its `history`, so that the last report alone tells
what the ones before it did.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from analyzer.evidence.cells import parse_time
from analyzer.tracking.judged import Look, Report, last_word, look_of

SUMMARY = ("fingerprint", "rule", "severity", "account", "resource", "title", "status")
"""What is kept of a finding that is gone."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One finding through the reports.

    `first` is when it was first observed and never moves; `reports` counts the reports in a row
    that show it, up to the last that does; `last` is when that was. `fixed` is when a report that
    looked for it no longer found it, `lost` when one of its account could not look; None until
    then.
    """

    finding: Mapping[str, Any]
    first: datetime
    last: datetime
    reports: int
    fixed: datetime | None = None
    lost: datetime | None = None

    @property
    def was_accepted(self) -> bool:
        """True if the last report that shows it calls it an accepted risk."""
        return bool(self.finding["status"] == "accepted")


Traces = Mapping[str, Trace]
"""By fingerprint."""


def trace_findings(reports: Iterable[Report]) -> Traces:
    """The traces after the last of these reports, which come oldest first."""
    traces: dict[str, Trace] = {}
    before: list[Report] = []
    for report in reports:
        for trace in _told_gone(report):
            traces.setdefault(trace.finding["fingerprint"], trace)
        at, look = time_of(report), look_of(report, last_word(before) if before else None)
        here = {each["fingerprint"]: each for each in report["findings"]}
        for name, trace in traces.items():
            if name not in here:
                traces[name] = _not_seen(trace, look, at)
        for name, finding in here.items():
            traces[name] = _seen_again(traces.get(name), finding, at)
        before.append(report)
    return traces


def time_of(report: Report) -> datetime:
    """The time that the report is of. Raises TypeError where it states none."""
    return _time(report["as_of"])


def _seen_again(trace: Trace | None, finding: Mapping[str, Any], at: datetime) -> Trace:
    """The trace with one more report that shows the finding."""
    first, told = _time(finding["since"]), finding.get("reports")
    in_a_row = told if isinstance(told, int) else 1
    if trace is not None:
        first = min(first, trace.first)
        in_a_row = max(in_a_row, 1 if trace.fixed else trace.reports + (at > trace.last))
    return Trace(finding, min(first, at), at, in_a_row)


def _not_seen(trace: Trace, look: Look, at: datetime) -> Trace:
    """The trace after a report that does not show the finding."""
    account = trace.finding["account"]
    if trace.fixed is not None or account not in look.accounts:
        return trace
    if look.would_show(account, trace.finding["rule"]):
        return replace(trace, fixed=at)
    return replace(trace, lost=trace.lost or at)


def _told_gone(report: Report) -> Iterable[Trace]:
    """The traces that the report carries; reports of older versions carry none."""
    history = report.get("history")
    gone = history.get("gone") if isinstance(history, Mapping) else None
    for each in gone if isinstance(gone, list) else ():
        first, last, in_a_row = _time(each["since"]), _time(each["last"]), int(each["reports"])
        ends = (_time(each[name]) if each[name] else None for name in ("fixed", "lost"))
        yield Trace({name: each[name] for name in SUMMARY}, first, last, in_a_row, *ends)


def _time(text: str) -> datetime:
    time = parse_time(text)
    if not isinstance(time, datetime):
        message = f"a time at {text!r}"
        raise TypeError(message)
    return time
