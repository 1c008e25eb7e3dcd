"""In: the report. Out: findings.csv and population.csv, safe to open in a spreadsheet."""

from collections.abc import Iterator
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
