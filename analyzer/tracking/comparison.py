"""In: a report and those before it. Out: Comparison: what became of findings and of the score."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.rules.catalogue import Catalogue
from analyzer.rules.severity import Severity
from analyzer.tracking.changes import (
    Change,
    FindingChange,
    describe_found,
    describe_gone,
)
from analyzer.tracking.judged import Report, audited_accounts, have_other_limits, last_word
from analyzer.tracking.quarters import describe_quarter
from analyzer.tracking.rescoring import ComparableScores, score_alike
from analyzer.tracking.traces import Traces, time_of, trace_findings


@dataclass(frozen=True, slots=True)
class Comparison:
    """A report beside those before it.

    `found` are the report's own findings in its order, `gone` those that it no longer shows.
    `alike` are both scores by one measure, where their own can't be compared as they stand, and
    `warnings` say in words why they can't.
    """

    found: tuple[FindingChange, ...]
    gone: tuple[FindingChange, ...]
    traces: Traces
    warnings: tuple[str, ...] = ()
    alike: ComparableScores | None = None

    @property
    def changes(self) -> tuple[FindingChange, ...]:
        """All changes: by Change, then by severity, rule and resource."""
        return tuple(sorted((*self.found, *self.gone), key=_sort_key))


def compare(earlier: Sequence[Report], report: Report, catalogue: Catalogue) -> Comparison:
    """The report beside the earlier ones, which come oldest first; there may be none."""
    traces, at = trace_findings(earlier), time_of(report)
    last = last_word(earlier) if earlier else None
    warnings = tuple(_warn(last, report)) if last else ()
    return Comparison(
        found=tuple(describe_found(report, last, traces, at)),
        gone=tuple(describe_gone(report, last, traces)),
        traces=traces,
        warnings=warnings,
        alike=score_alike(last, report, catalogue) if last and warnings else None,
    )


def find_damage(report: Report, catalogue: Catalogue) -> str:
    """What the report lacks that a comparison reads, in words; "" for a whole one."""
    try:
        sorted(compare([report], report, catalogue).changes, key=_sort_key)
        score_alike(report, report, catalogue)
        describe_quarter(report, "")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return f"lacks {error}"
    return ""


def _sort_key(each: FindingChange) -> tuple[int, int, str, str]:
    severity = list(Severity).index(Severity(each.finding["severity"]))
    found = each.finding
    return list(Change).index(each.change), severity, found["rule"], found["resource"]


def _warn(then: Report, now: Report) -> Iterator[str]:
    """Why the two scores do not compare as they stand, a sentence each."""
    for name, called in (("formula", "formula of the score"), ("catalogue", "catalogue of checks")):
        one, other = then["tool"][name], now["tool"][name]
        if one != other:
            yield f"another {called}: {one} then, {other} now"
    if have_other_limits(then, now):
        one, other = (each["tool"]["profile"] for each in (then, now))
        yield "other thresholds" + (f": profile {one} then, {other} now" if one != other else "")
    before, after = audited_accounts(then), audited_accounts(now)
    if before - after:
        yield f"accounts no longer audited: {', '.join(sorted(before - after))}"
    if after - before:
        yield f"accounts not audited then: {', '.join(sorted(after - before))}"
