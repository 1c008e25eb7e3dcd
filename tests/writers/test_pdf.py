"""report.pdf: what it says, what is attached, and that making it fetches nothing."""

import builtins

import pytest
from weasyprint.urls import FatalURLFetchingError

from analyzer.errors import OutputError
from analyzer.writers import pdf

pytestmark = pytest.mark.xdist_group("pdf")


def test_the_pages_hold_score_practices_and_findings(page_texts, printed, catalogue):
    """What a person reads on paper is the report."""
    text = " ".join(page_texts)
    score = printed["score"]
    assert f"score {score['value']}, {score['grade']}, coverage {score['coverage']}" in text
    for chapter in catalogue.chapters:
        assert chapter.title in text
    for finding in printed["findings"][:10]:
        assert finding["title"] in text


def test_findings_and_report_are_attached_whole(paper, attached):
    """The data travels with the paper."""
    assert {name: paper.attachments[name] for name in attached} == {
        name: [data] for name, data in attached.items()
    }


def test_it_is_tagged_and_says_which_archive_form_it_has(paper):
    """Produced as PDF/A-3a; nothing here validates it."""
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    metadata = root["/Metadata"].get_object().get_data()
    assert b'pdfaid:part="3"' in metadata or b"<pdfaid:part>3</pdfaid:part>" in metadata


def test_the_same_report_gives_the_same_bytes(pdf_file, printed, catalogue, attached):
    """The clock gets into no date of it."""
    assert pdf.render(printed, catalogue, attached) == pdf_file


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
