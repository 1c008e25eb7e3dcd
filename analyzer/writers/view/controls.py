"""In: the report. Out: its frameworks, control by control, as an auditor's work papers.

A work paper says what the control is for, what was done, on whom and by which files, what was
found, and what the files cannot show.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analyzer.writers.document.report import Report

_NEWEST_CIS = "cis_7_0"
_OF_PROFILE = {"cis": _NEWEST_CIS, "pci": "pci_dss_4_0", "fsbp": "aws_fsbp"}
"""The framework whose thresholds a profile has: paper shows it beside the newest CIS edition."""
_WORST_FIRST = ("fail", "not-assessed", "partly", "pass", "not-covered")
_MOST_FILES = 6
_MOST_ACCOUNTS = 4
"""Accounts with a paper of their own a control, the worst ones; report.json has them all."""
BASES = {"framework": "the framework's own", "aws": "AWS's mapping", "ours": "our reading"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """What breaks the control; `anchor` is the finding's, "" where the page has none of it."""

    resource: str
    observed: str
    is_accepted: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class WorkPaper:
    """One control in one account. `files` are exhibits with their anchors and digests."""

    row: Row
    files: tuple[tuple[str, Row], ...]
    more_files: int
    exceptions: tuple[ExceptionLine, ...]
    more_exceptions: int
    conclusion: str


@dataclass(frozen=True, slots=True)
class ControlSheet:
    """One control with its work paper for each account; `total` speaks of all of them."""

    control: Row
    total: Row
    papers: tuple[WorkPaper, ...]
    more_accounts: int
    anchor: str


@dataclass(frozen=True, slots=True)
class FrameworkSheet:
    """One framework; `counts` says how many controls have each result, the worst first."""

    framework: Row
    sheets: tuple[ControlSheet, ...]
    counts: tuple[tuple[str, int], ...]


def framework_sheets(
    report: Report, shown: frozenset[str], *, is_paper: bool, most: int
) -> tuple[FrameworkSheet, ...]:
    """The frameworks that were chosen, else all; on paper then the newest CIS and the profile's.

    `most` exceptions are named a paper; those that are `shown` as findings are links.
    """
    chosen = report["tool"]["frameworks"]
    if is_paper and not chosen:
        chosen = [_NEWEST_CIS, _OF_PROFILE[report["tool"]["profile"]]]
    rows: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in report["controls"]:
        rows[row["framework"], row["control"]].append(row)
    source = _Source(
        findings={each["fingerprint"]: each for each in report["findings"]},
        files={each["id"]: each for each in report["evidence"]},
        shown=shown,
        most=most,
    )
    return tuple(
        _framework_sheet(each, rows, source)
        for each in report["frameworks"]
        if not chosen or each["id"] in chosen
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """What papers are drawn from: findings and files by their ids, which findings the page has."""

    findings: Mapping[str, Row]
    files: Mapping[str, Row]
    shown: frozenset[str]
    most: int


def _framework_sheet(
    framework: Row, rows: Mapping[tuple[str, str], list[Row]], source: _Source
) -> FrameworkSheet:
    sheets = tuple(
        _control_sheet(framework, each, rows[framework["id"], each["id"]], source)
        for each in framework["controls"]
    )
    counted = Counter(each.total["status"] for each in sheets)
    return FrameworkSheet(
        framework, sheets, tuple((word, counted[word]) for word in _WORST_FIRST if counted[word])
    )


def _control_sheet(framework: Row, control: Row, rows: list[Row], source: _Source) -> ControlSheet:
    is_covered = control["coverage"] != "not-covered"
    accounts = [each for each in rows if each["account"]] if is_covered else []
    worst = sorted(accounts, key=lambda each: _WORST_FIRST.index(each["status"]))[:_MOST_ACCOUNTS]
    return ControlSheet(
        control=control,
        total=_total(rows),
        papers=tuple(_paper(row, control, source) for row in worst),
        more_accounts=len(accounts) - len(worst),
        anchor=f"control-{framework['option']}-{control['id']}",
    )


def _total(rows: list[Row]) -> Row:
    """The row of all accounts, or of the only one."""
    return next((each for each in rows if each["account"] is None), rows[0])


def _paper(row: Row, control: Row, source: _Source) -> WorkPaper:
    unreported = {each["fingerprint"]: each for each in row["unreported"]}
    named = row["exceptions"][: source.most]
    return WorkPaper(
        row=row,
        files=tuple((name, source.files[name]) for name in row["evidence"][:_MOST_FILES]),
        more_files=max(0, len(row["evidence"]) - _MOST_FILES),
        exceptions=tuple(_exception(name, source, unreported) for name in named),
        more_exceptions=row["more_exceptions"] + len(row["exceptions"]) - len(named),
        conclusion=_conclusion(row, control),
    )


def _exception(name: str, source: _Source, unreported: Mapping[str, Row]) -> ExceptionLine:
    if name in unreported:
        each = unreported[name]
        return ExceptionLine(each["resource"], each["observed"], each["accepted"], "")
    found = source.findings[name]
    is_accepted = found["status"] == "accepted"
    anchor = f"f-{name}" if name in source.shown else ""
    return ExceptionLine(found["resource"], found["observed"], is_accepted, anchor)


def _conclusion(row: Row, control: Row) -> str:
    """The result as a sentence."""
    doubts = "; the doubts about the evidence below go with it" if row["doubts"] else ""
    match row["status"]:
        case "fail":
            accepted = f", {row['accepted']:,} of them accepted" if row["accepted"] else ""
            noun = "exception" if row["failed"] == 1 else "exceptions"
            return f"Not met: {row['failed']:,} {noun}{accepted}{doubts}."
        case "not-assessed":
            return f"Not assessed: {row['reason']}."
        case "partly":
            return f"No exception in what was tested; that is a part of the control{doubts}."
        case _:
            none = "; nothing in the account falls under it" if not row["population"] else ""
            return f"Met as far as it speaks of {_subject(control)}{none}{doubts}."


def _subject(control: Row) -> str:
    return "IAM in this account" if control["coverage"] == "full" else "what was tested"
