"""In: the document of a comparison. Out: Markdown for a pull request or a ticket."""

from collections.abc import Iterator, Mapping
from typing import Any

from analyzer.rules.severity import Severity
from analyzer.tracking.changes import Change
from analyzer.writers.comparison.document import score_lines
from analyzer.writers.markdown_cells import cell, code_cell, table

_MOST = 50
"""Rows of one kind of change: a ticket is for reading, and the JSON has them all."""


def render_markdown(document: Mapping[str, Any]) -> Iterator[str]:
    """Scores, counts by change and severity, and a table for each kind but those still open."""
    yield "## Since the last report"
    yield ""
    yield from (f"- {cell(line)}" for line in score_lines(document))
    yield ""
    counts = document["counts"]
    names = [each.value for each in Severity]
    rows = [
        [change.capitalize(), *(str(counts[change][name]) for name in names)]
        for change in counts
        if any(counts[change].values())
    ]
    yield from table(["Change", *(name.capitalize() for name in names)], rows)
    for change in Change:
        same = [each for each in document["changes"] if each["change"] == change.value]
        if same and change is not Change.OPEN:
            yield from _section(change, same)


def _section(change: Change, same: list[Mapping[str, Any]]) -> Iterator[str]:
    yield ""
    yield f"### {change.value.capitalize()} ({len(same)})"
    yield ""
    rows = [
        [
            cell(each["severity"]),
            code_cell(each["title"]),
            code_cell(each["resource"]),
            cell(each["since"][:10]),
            cell(each["why"]),
        ]
        for each in same[:_MOST]
    ]
    yield from table(["Severity", "Finding", "Resource", "First observed", "Note"], rows)
    if len(same) > _MOST:
        yield ""
        yield f"{_MOST} of {len(same)} shown."
