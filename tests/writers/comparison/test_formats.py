"""In: two small reports. Out: the proof that every format tells the same changes."""

import json

import pytest

from analyzer.tracking.comparison import compare
from analyzer.writers.comparison.document import comparison_document
from analyzer.writers.comparison.markdown import render_markdown
from analyzer.writers.comparison.page import render_comparison_page
from analyzer.writers.comparison.text import render_text
from tests.builders import the_catalogue
from tests.tracking.small_reports import QUARTERS, finding, quarter

HOSTILE = "</td><script>alert(1)</script>|`\u202e\x1b[31m@all"
THEN = quarter(QUARTERS[0], finding("fixed"), finding("open"))
NOW = quarter(
    QUARTERS[1], finding("open"), finding("new"), finding(HOSTILE, severity="high"), catalogue="2"
)


@pytest.fixture(scope="module")
def document():
    """The comparison of the two."""
    return comparison_document(THEN, NOW, compare([THEN], NOW, the_catalogue()))


def test_the_document_counts_what_it_lists(document):
    """By change and severity; every finding of either report is in it once."""
    assert document["counts"]["new"] == {"critical": 0, "high": 1, "medium": 1, "low": 0, "info": 0}
    assert [each["change"] for each in document["changes"]] == ["new", "new", "fixed", "open"]
    assert [each["severity"] for each in document["changes"][:2]] == ["high", "medium"]
    assert json.loads(json.dumps(document)) == document


def test_text_lists_open_findings_only_where_asked(document):
    """A hundred unchanged lines hide the three that matter."""
    short, whole = ("\n".join(render_text(document, lists_open=each)) for each in (False, True))
    assert "open (1), --all lists them" in short
    assert "user/open" not in short
    assert "user/open" in whole
    assert short.index("score 50") < short.index("caution: another catalogue") < short.index("new")
    assert "\x1b" not in whole


def test_markdown_has_a_table_for_each_kind_that_moved(document):
    """With names as code."""
    text = "\n".join(render_markdown(document))
    assert "### New (2)" in text
    assert "### Fixed (1)" in text
    assert "### Open" not in text
    assert "| Open | 0 | 0 | 1 | 0 | 0 |" in text
    assert "`arn:aws:iam::111122223333:user/new`" in text


def test_the_page_shows_hostile_names_as_text(document):
    """No script runs, and nothing is asked for."""
    page = render_comparison_page(document)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" in page
    assert "http" not in page.replace('http-equiv="', "")
