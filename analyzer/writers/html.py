"""In: the report. Out: report.html, one file that asks for nothing and runs nothing."""

import base64
import hashlib

from markupsafe import Markup

from analyzer.rules.catalogue import Catalogue, load_catalogue
from analyzer.writers.document.report import Report
from analyzer.writers.view.page import render_page, stylesheet

FINDINGS = 200
"""Findings shown a check; a longer page is slow to open, and findings.csv has them all."""
ROWS = 1000
"""Rows shown of a population table."""


def render(report: Report, catalogue: Catalogue | None = None) -> bytes:
    """The page; without a catalogue, with the words of the one that ships.

    Its policy lets no script run and nothing load but what the file itself holds.
    """
    style = stylesheet("screen.css")
    page = render_page(
        "report.html.j2",
        report,
        catalogue or load_catalogue(),
        paper=False,
        most=FINDINGS,
        most_rows=ROWS,
        style=Markup(style),  # noqa: S704 - our own style sheet
        policy=policy(style),
    )
    return page.encode("utf-8")


def policy(style: str) -> str:
    """The content security policy under which only this very style applies."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
