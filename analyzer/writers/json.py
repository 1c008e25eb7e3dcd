"""In: the report. Out: report.json, pure ASCII, so that no name in it can move a terminal."""

import json

from analyzer.writers.document.report import Report


def render(report: Report) -> bytes:
    """The report as JSON with a final newline, keys in the schema's order."""
    return (json.dumps(report, indent=1, ensure_ascii=True) + "\n").encode("ascii")
