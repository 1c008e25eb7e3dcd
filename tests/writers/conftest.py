"""The report of the two sample accounts, made once a session, as a page and on paper."""

import io
from pathlib import Path

import pypdf
import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.rules.catalogue import load_catalogue
from analyzer.writers import csv, html, json, pdf
from tests.pdf_text import read_pages
from tests.writers.leaked_report import candidate, inferred, joined, leak, step, unseen
from tests.writers.test_html import with_name

EVIDENCE = Path(__file__).parents[2] / "sample_reports" / "evidence"


@pytest.fixture(scope="session")
def catalogue():
    """The catalogue that ships with the program."""
    return load_catalogue()


@pytest.fixture(scope="session")
def report():
    """The report of the two sample accounts."""
    return audit(Settings(inputs=(EVIDENCE,)))


@pytest.fixture(scope="session")
def page(report, catalogue):
    """report.html as text."""
    return html.render(report, catalogue).decode("utf-8")


@pytest.fixture(scope="session")
def drawn(report, catalogue):
    """Draws report.html with these credentials; what more is said goes to `joined`."""
    return lambda *leaks, **more: html.render(joined(report, *leaks, **more), catalogue).decode()


HOSTILE_NAME = f"</p><script>\u202e\x00\ud800 {'x' * 10_000}"
"""Markup, reversed text, half a letter, and a word that would take minutes to break."""


@pytest.fixture(scope="session")
def printed(report):
    """What is put on paper: the report with two leaked credentials and a hostile name besides.

    A rendering takes ten seconds, so the tests of report.pdf share this one report.
    """
    named = with_name(report, HOSTILE_NAME)
    way = [step("user/ann", "role/ci", "assumes role ci")]
    more = (
        leak(4, blast_radius={"route": way, "level": "several steps from administrator"}),
        leak(5, owner=inferred(candidate("bob"))),
    )
    return joined(named, *more, *named["credentials"], keys=[unseen("eve")])


@pytest.fixture(scope="session")
def attached(printed):
    """The files that travel with it."""
    return {"findings.csv": csv.render_findings(printed), "report.json": json.render(printed)}


@pytest.fixture(scope="session")
def pdf_file(printed, catalogue, attached):
    """report.pdf as bytes; tests that ask for it are of the xdist group "pdf", one worker."""
    return pdf.render(printed, catalogue, attached)


@pytest.fixture(scope="session")
def paper(pdf_file):
    """report.pdf, opened."""
    return pypdf.PdfReader(io.BytesIO(pdf_file))


@pytest.fixture(scope="session")
def page_texts(pdf_file):
    """The text of each page, line breaks as spaces."""
    return read_pages(pdf_file)
