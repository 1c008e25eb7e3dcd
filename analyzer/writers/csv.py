"""In: the report. Out: findings.csv and population.csv, safe to open in a spreadsheet."""

from collections.abc import Iterator, Mapping
from typing import Any

from analyzer.writers.csv_cells import to_csv
from analyzer.writers.document.population import USERS
from analyzer.writers.document.report import Report

_COLUMNS = (
    "severity", "practice", "rule", "title", "account", "resource", "observed", "expected",
    "evidence_file", "evidence_sha256", "place", "fix", "commands", "cis_5_0", "pci_dss_4_0",
    "since", "status", "confidence", "fingerprint",
)  # fmt: skip


def findings(report: Report) -> bytes:
    """One row a finding, worst first, with the first place and all its commands."""
    return to_csv(_COLUMNS, _rows(report))


def population(report: Report) -> bytes:
    """One row a user of every account, all columns normalised."""
    rows = (
        [account["id"], *(row[name] for name in USERS)]
        for account in report["accounts"]
        for row in account["population"]["users"]
    )
    return to_csv(("account", *USERS), rows)


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


def location_text(place: Mapping[str, Any]) -> str:
    """Where in its file a place is, in words: row and column, pointer, or object:path:line."""
    if place.get("repository"):
        parts = (place["commit"] or place["object"] or "work tree")[:12], place["path"]
        return f"{parts[0]}:{parts[1]}:{place['line']}"
    row = f"row {place['row']}" if place["row"] else ""
    column = f"column {place['column']}" if place["column"] else ""
    pointer = place["pointer"] if not row and place["pointer"] else ""
    return ", ".join(part for part in (row, column, pointer) if part) or "the whole file"
