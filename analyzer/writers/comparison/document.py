"""In: two reports and their Comparison. Out: the document of `credaudit compare -f json`.

Text, Markdown and HTML are drawn from it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from analyzer.rules.severity import Severity
from analyzer.tracking.changes import Change, FindingChange
from analyzer.tracking.comparison import Comparison
from analyzer.tracking.quarters import describe_quarter
from analyzer.writers.document.parts import iso_utc

SCHEMA = "credaudit-comparison/1"
_SUMMARY = ("fingerprint", "rule", "severity", "account", "resource", "title")


def comparison_document(
    then: Mapping[str, Any], now: Mapping[str, Any], compared: Comparison
) -> dict[str, Any]:
    """The document; `then` is the newest of the earlier reports.

    `changes` are in the order of Change, and in it by severity, rule and resource.
    """
    changes = compared.changes
    counted = Counter((each.change.value, each.finding["severity"]) for each in changes)
    alike = compared.alike
    return {
        "schema": SCHEMA,
        "then": describe_quarter(then, None),
        "now": describe_quarter(now, None),
        "comparable_score": {"then": alike.then, "now": alike.now, "checks": alike.checks}
        if alike
        else None,
        "warnings": list(compared.warnings),
        "counts": {
            change.value: {each.value: counted[change.value, each.value] for each in Severity}
            for change in Change
        },
        "changes": [_change(each) for each in changes],
    }


def _change(told: FindingChange) -> dict[str, Any]:
    return {
        "change": told.change.value,
        "why": told.why,
        **{name: told.finding[name] for name in _SUMMARY},
        "since": iso_utc(told.first),
        "reports": told.reports,
    }


def score_lines(document: Mapping[str, Any]) -> list[str]:
    """The scores of both in words, and why they do not compare as they stand."""
    then, now = document["then"], document["now"]
    lines = [f"score {_score(then)} on {then['as_of'][:10]}, {_score(now)} on {now['as_of'][:10]}"]
    lines += [f"caution: {each}" for each in document["warnings"]]
    if (alike := document["comparable_score"]) is not None:
        values = ("none" if alike[name] is None else str(alike[name]) for name in ("then", "now"))
        shared = f"by the {alike['checks']} checks that both judged, with one catalogue and formula"
        lines.append(f"{shared}: score {' -> '.join(values)}")
    return lines


def _score(quarter: Mapping[str, Any]) -> str:
    if quarter["value"] is None:
        return "none"
    return f"{quarter['value']} ({quarter['grade']})"
