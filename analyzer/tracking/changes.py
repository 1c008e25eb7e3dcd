"""In: a report's findings and the reports before it. Out: what became of each finding, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from analyzer.tracking.judged import Look, Report, judged_rules, look_of, why_unjudged
from analyzer.tracking.traces import Trace, Traces


class Change(StrEnum):
    """What became of a finding since the last report, in the order in which readers want it.

    REGRESSED was found to be fixed in between. NOT_COMPARABLE was not looked for in one of the two
    reports, or by another threshold.
    """

    NEW = "new"
    REGRESSED = "regressed"
    FIXED = "fixed"
    ACCEPTED = "accepted"
    NOT_COMPARABLE = "not comparable"
    OPEN = "open"


_OTHER_LIMITS = "judged by another threshold last time"


@dataclass(frozen=True, slots=True)
class FindingChange:
    """One finding and what became of it; `why` explains what the word alone does not tell.

    `first` is when it was first observed, `reports` in how many in a row it stands: those of a
    finding that is gone end with the last that shows it.
    """

    change: Change
    finding: Mapping[str, Any]
    first: datetime
    reports: int
    why: str = ""


def describe_found(
    report: Report, last: Report | None, traces: Traces, at: datetime
) -> Iterator[FindingChange]:
    """One for each finding of the report, in its order.

    `last` is the report before it: where there is none, everything is new.
    """
    judged = judged_rules(last) if last else frozenset()
    look = look_of(report, last)
    for finding in report["findings"]:
        trace = traces.get(finding["fingerprint"])
        first = min(trace.first, at) if trace else at
        in_a_row = trace.reports + 1 if trace and trace.fixed is None else 1
        change, why = _change_if_found(finding, trace, judged, (last, look))
        yield FindingChange(change, finding, first, in_a_row, why)


def describe_gone(report: Report, last: Report | None, traces: Traces) -> Iterator[FindingChange]:
    """One for each finding that was open so far and that the report does not show."""
    here = {each["fingerprint"] for each in report["findings"]}
    look = look_of(report, last)
    for name, trace in traces.items():
        if name in here or trace.fixed is not None:
            continue
        account, rule = trace.finding["account"], trace.finding["rule"]
        change, why = Change.FIXED, ""
        if not look.would_show(account, rule):
            if trace.lost is not None and account in look.accounts:
                continue  # told when it was lost
            change, why = Change.NOT_COMPARABLE, _why_not_shown(report, look, account, rule)
        yield FindingChange(change, trace.finding, trace.first, trace.reports, why)


def _why_not_shown(report: Report, look: Look, account: str, rule: str) -> str:
    if (account, rule) in look.settled:
        return _OTHER_LIMITS
    return f"now {why_unjudged(report, account, rule)}"


def _change_if_found(
    finding: Mapping[str, Any],
    trace: Trace | None,
    judged: frozenset[tuple[str, str]],
    looks: tuple[Report | None, Look],
) -> tuple[Change, str]:
    last, look = looks
    if finding["status"] == "accepted":
        return Change.ACCEPTED, ""
    if trace is not None and trace.fixed is not None:
        return Change.REGRESSED, f"fixed by {trace.fixed:%Y-%m-%d}"
    if trace is not None:
        return Change.OPEN, "its acceptance has ended" if trace.was_accepted else ""
    if last is None:
        return Change.NEW, ""
    account, rule = finding["account"], finding["rule"]
    if (account, rule) not in judged:
        return Change.NOT_COMPARABLE, f"last time {why_unjudged(last, account, rule)}"
    if look.has_other_limits_for(rule):
        return Change.NOT_COMPARABLE, _OTHER_LIMITS
    return Change.NEW, ""
