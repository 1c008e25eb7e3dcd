"""In: the report. Out: report.pdf, PDF/A-3a with findings.csv and report.json attached."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from analyzer.errors import OutputError
from analyzer.rules.catalogue import Catalogue, load_catalogue
from analyzer.writers.csv import render_findings
from analyzer.writers.document.report import Report
from analyzer.writers.json import render as render_json
from analyzer.writers.view.page import render_page, stylesheet

FINDINGS = 20
"""Findings shown a check: paper is for reading, and findings.csv is attached."""
BUDGET = 300
"""Findings shown in all, as long as every check can show FEWEST: each takes some milliseconds."""
FEWEST = 5
ROWS = 1000
"""Lines shown of a population table; report.json is attached and has them all."""
LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
_DESCRIPTIONS = {
    "findings.csv": "Every finding, one row each",
    "report.json": "The report this document was drawn from",
}


def render(
    report: Report,
    catalogue: Catalogue | None = None,
    attachments: Mapping[str, bytes] | None = None,
) -> bytes:
    """The document, the same bytes for the same report; nothing is fetched while it is made.

    Without a catalogue it has the words of the one that ships; without attachments, the usual two.

    Raises OutputError where a system library that WeasyPrint needs is missing.
    """
    try:
        import weasyprint  # noqa: PLC0415 - takes half a second and needs system libraries
    except OSError as error:
        raise OutputError(
            f"the PDF needs a system library that is missing ({error})",
            where="report.pdf",
            remedy=f"On Debian: apt-get install {LIBRARIES}",
        ) from None
    if attachments is None:
        attachments = {"findings.csv": render_findings(report), "report.json": render_json(report)}
    page = render_page(
        "print.html.j2",
        report,
        catalogue or load_catalogue(),
        paper=True,
        most=findings_per_check(report),
        most_rows=ROWS,
        style=Markup(stylesheet("print.css")),  # noqa: S704 - our own style sheet
        attached=tuple(attachments),
    )
    # WeasyPrint would date attachments by the clock, and no two runs would be the same.
    made = _moment(report["as_of"])
    document: bytes = weasyprint.HTML(string=page, url_fetcher=no_fetch()).write_pdf(
        pdf_variant="pdf/a-3a",
        attachments=[
            weasyprint.Attachment(
                string=data,
                name=name,
                description=_DESCRIPTIONS.get(name, name),
                relationship="Data",
                created=made,
                modified=made,
            )
            for name, data in attachments.items()
        ],
    )
    return document


def findings_per_check(report: Report) -> int:
    """How many findings each check may show so that all together keep to the budget.

    A variant of a check is shown like a check of its own.
    """
    shown = Counter((each["rule"], each["variant"]) for each in report["findings"])
    numbers = shown.values()
    return next(
        most
        for most in range(FINDINGS, 0, -1)
        if most == FEWEST or sum(min(most, number) for number in numbers) <= BUDGET
    )


def no_fetch() -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """A fetcher that stops the rendering at any address but data: inside the page itself.

    WeasyPrint's own reads local files and embeds them, and goes on after a refusal.
    """
    from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: PLC0415

    class Sealed(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
            if not url.startswith("data:"):
                raise FatalURLFetchingError(f"a report asks for nothing, but this one for {url}")
            return super().fetch(url, headers)

    return Sealed(allowed_protocols=["data"])


def _moment(stamp: str | None) -> datetime:
    return datetime.fromisoformat(stamp) if stamp else datetime(1970, 1, 1, tzinfo=UTC)
