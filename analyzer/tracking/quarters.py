"""In: a report document. Out: what it showed in numbers, for the line from quarter to quarter."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analyzer.rules.severity import Severity
from analyzer.tracking.judged import Report

MOST = 8
"""Quarters that a report tells of, its own among them: two years."""
_NUMBERS = ("value", "grade", "coverage")


def describe_quarter(report: Report, sha256: str | None) -> dict[str, Any]:
    """The report's time, score, and open findings by severity; `sha256` is that of its file."""
    status = Counter((each["status"], each["severity"]) for each in report["findings"])
    tool = report["tool"]
    return {
        "as_of": report["as_of"],
        "sha256": sha256,
        **{name: report["score"][name] for name in _NUMBERS},
        **{name: tool[name] for name in ("formula", "catalogue", "profile")},
        "accounts": sorted(each["id"] for each in report["accounts"]),
        "open": {each.value: status["open", each.value] for each in Severity},
        "accepted": sum(number for (word, _), number in status.items() if word == "accepted"),
    }


def quarters_told(reports: Iterable[tuple[Report, str]]) -> Iterator[Mapping[str, Any]]:
    """Every quarter that the reports are of or tell of, oldest first, each once.

    A report is given with the digest of its file. What a report tells of another is taken over
    where that one was not handed in itself.
    """
    found: dict[tuple[str, str | None], Mapping[str, Any]] = {}
    for report, sha256 in reports:
        history = report.get("history")
        told = history.get("quarters") if isinstance(history, Mapping) else None
        for each in told if isinstance(told, list) else ():
            if each["sha256"]:
                found.setdefault((each["as_of"], each["sha256"]), each)
        found[report["as_of"], sha256] = describe_quarter(report, sha256)
    yield from (found[key] for key in sorted(found, key=lambda key: (key[0], key[1] or "")))
