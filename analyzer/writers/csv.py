"""In: the report. Out: findings.csv, population.csv and controls.csv, safe in a spreadsheet."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyzer.writers.csv_cells import to_csv
from analyzer.writers.document.parts import location_text
from analyzer.writers.document.population import USERS
from analyzer.writers.document.report import Report

_COLUMNS = (
    "severity", "practice", "rule", "title", "account", "resource", "observed", "expected",
    "evidence_file", "evidence_sha256", "place", "fix", "commands", "cis_5_0", "pci_dss_4_0",
    "since", "status", "confidence", "fingerprint",
)  # fmt: skip
_CONTROL_COLUMNS = (
    "framework", "control", "label", "objective", "account", "status", "coverage", "population",
    "failed", "accepted", "checks", "thresholds", "mapping", "exceptions", "reason", "doubts",
    "evidence", "beyond",
)  # fmt: skip
_MOST_FILES = 3
"""Files named in a cell; report.json has them all."""


def render_findings(report: Report) -> bytes:
    """One row a finding, worst first, with the first place and all its commands."""
    return to_csv(_COLUMNS, _rows(report))


def render_population(report: Report) -> bytes:
    """One row a user of every account, all columns normalised."""
    rows = (
        [account["id"], *(row[name] for name in USERS)]
        for account in report["accounts"]
        for row in account["population"]["users"]
    )
    return to_csv(("account", *USERS), rows)


def render_controls(report: Report) -> bytes:
    """One row for each control of every framework and account, in the frameworks' order.

    A row without an account is of all of them together.
    """
    return to_csv(_CONTROL_COLUMNS, _control_rows(report))


def _control_rows(report: Report) -> Iterator[list[Any]]:
    evidence = {each["id"]: each for each in report["evidence"]}
    titles = {each["id"]: each["title"] for each in report["frameworks"]}
    told = {
        (framework["id"], each["id"]): each
        for framework in report["frameworks"]
        for each in framework["controls"]
    }
    for row in report["controls"]:
        control = told[row["framework"], row["control"]]
        bases = dict.fromkeys(each["basis"] for each in control["checks"])
        yield [
            titles[row["framework"]],
            row["control"],
            control["label"],
            control["objective"],
            row["account"],
            row["status"],
            control["coverage"],
            row["population"],
            row["failed"],
            row["accepted"],
            "; ".join(
                f"{each['rule']}: {each['status']} ({each['failed']} of {each['population']})"
                for each in row["checks"]
            ),
            "; ".join(f"{name} {str(each).lower()}" for name, each in control["limits"].items()),
            " ".join(bases),
            _list_exceptions(row),
            row["reason"],
            "; ".join(row["doubts"]),
            _files(row["evidence"], evidence),
            control["beyond"],
        ]


def _list_exceptions(row: Mapping[str, Any]) -> str:
    """The fingerprints that the row names, and how many more; an organization's names none."""
    more = row["more_exceptions"]
    rest = f"and {more} more" if row["exceptions"] else f"{more} in the accounts"
    return " ".join([*row["exceptions"], *([rest] if more else [])])


def _files(names: Sequence[str], evidence: Mapping[str, Mapping[str, Any]]) -> str:
    """Each file with its digest."""
    first = [f"{evidence[name]['path']} {evidence[name]['sha256']}" for name in names[:_MOST_FILES]]
    more = len(names) - len(first)
    return "; ".join([*first, *([f"{more} more in report.json"] if more else [])])


def _rows(report: Report) -> Iterator[list[Any]]:
    evidence = {each["id"]: each for each in report["evidence"]}
    for finding in report["findings"]:
        first = finding["places"][0]
        source = evidence.get(first.get("evidence") or "", {})
        controls = finding["controls"]
        yield [
            finding["severity"],
            finding["practice"],
            finding["rule"],
            finding["title"],
            finding["account"],
            finding["resource"],
            finding["observed"],
            finding["expected"],
            source.get("path", first.get("repository") or first.get("evidence")),
            source.get("sha256", ""),
            location_text(first),
            finding["fix"]["text"],
            "; ".join(finding["fix"]["commands"]),
            " ".join(controls.get("cis_5_0", ())),
            " ".join(controls.get("pci_dss_4_0", ())),
            finding["since"],
            finding["status"],
            finding["confidence"],
            finding["fingerprint"],
        ]
