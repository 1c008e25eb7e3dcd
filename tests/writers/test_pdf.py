"""report.pdf: what it says, what is attached, and that making it fetches nothing."""

import builtins
import io

import pypdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from analyzer.errors import OutputError
from analyzer.writers import csv, json, pdf


@pytest.fixture(scope="module")
def made(report, catalogue):
    """report.pdf with its attachments."""
    attached = {"findings.csv": csv.render_findings(report), "report.json": json.render(report)}
    return pdf.render(report, catalogue, attached)


@pytest.fixture(scope="module")
def text(made):
    """All text of all pages, line breaks as spaces."""
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_the_pages_hold_score_practices_and_findings(text, report, catalogue):
    """What a person reads on paper is the report."""
    score = report["score"]
    assert f"score {score['value']}, {score['grade']}, coverage {score['coverage']}" in text
    for chapter in catalogue.chapters:
        assert chapter.title in text
    for finding in report["findings"][:10]:
        assert finding["title"] in text


def test_findings_and_report_are_attached_whole(made, report):
    """The data travels with the paper."""
    attached = pypdf.PdfReader(io.BytesIO(made)).attachments
    assert attached["findings.csv"] == [csv.render_findings(report)]
    assert attached["report.json"] == [json.render(report)]


def test_it_is_tagged_and_says_which_archive_form_it_has(made):
    """Produced as PDF/A-3a; nothing here validates it."""
    root = pypdf.PdfReader(io.BytesIO(made)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    metadata = root["/Metadata"].get_object().get_data()
    assert b'pdfaid:part="3"' in metadata or b"<pdfaid:part>3</pdfaid:part>" in metadata


def test_the_same_report_gives_the_same_bytes(made, report, catalogue):
    """The clock gets into no date of it."""
    attached = {"findings.csv": csv.render_findings(report), "report.json": json.render(report)}
    assert pdf.render(report, catalogue, attached) == made


@pytest.mark.parametrize("url", ["file:///etc/hostname", "http://127.0.0.1:9/", "ftp://x/"])
def test_nothing_is_fetched(url):
    """The renderer stops at any address; a page that has one is a fault of ours."""
    with pytest.raises(FatalURLFetchingError):
        pdf.no_fetch().fetch(url)


def test_missing_system_libraries_are_named(report, catalogue, monkeypatch):
    """The other formats are written all the same; this one says what to install."""
    real = builtins.__import__

    def without(name, *rest):
        if name == "weasyprint":
            raise OSError("cannot load library 'libgobject-2.0-0'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(OutputError, match=r"libpango-1\.0-0"):
        pdf.render(report, catalogue, {})
