"""The chapter of leaked credentials: what is known of each, every place, and every mark."""

import copy
from html import unescape

import pytest

from analyzer.config import Limits
from analyzer.display import printable
from analyzer.risk.assessment import assess_leaks
from analyzer.writers import html
from analyzer.writers.document.leaked_credentials import leaks_by_severity
from analyzer.writers.scan.document import build_document
from tests.writers.scan_material import ODD, key_id, leaks


@pytest.fixture(scope="module")
def chapter(report, catalogue):
    """The chapter's text, of a report with something of every sort in it."""
    scanned = build_document(leaks())
    whole = copy.deepcopy(report) | {
        "credentials": leaks_by_severity(assess_leaks(leaks(), {}, {}, Limits())),
        "suppressions": scanned["suppressions"],
    }
    whole["coverage"]["repositories"] = scanned["coverage"]["repositories"]
    page = html.render(whole, catalogue).decode("utf-8")
    return unescape(page)


def test_it_counts_what_is_not_set_aside(chapter):
    """Six credentials, two of them most likely harmless."""
    assert "4 credentials in 1 repository." in chapter


@pytest.mark.parametrize(
    "said",
    ["With its secret: on the next line.", "The ID alone, no secret.",
     "Expires 2026-03-01T15:00:00Z.", "For bedrock in eu-west-1."],
)  # fmt: skip
def test_what_a_credential_says_by_itself_is_told(chapter, said):
    """Its halves and why they are a pair, when it ends, what it is for."""
    assert said in chapter


@pytest.mark.parametrize(
    "said",
    ["history, in no branch or tag", "commit message", "work tree; read through base64",
     "doubtful: allowed by a comment: x:y"],
)  # fmt: skip
def test_what_is_odd_about_a_place_stands_at_it(chapter, said):
    """Which part of the repository, what was undone to read it, what speaks against it."""
    assert said in chapter


def test_a_name_of_a_file_can_not_speak_for_the_report(chapter):
    """Escape sequences, reversed text and markup are shown as what they are."""
    assert printable(ODD) in chapter
    assert ODD not in chapter


def test_every_mark_is_listed_with_the_key_it_speaks_of(chapter):
    """Nothing is left out because somebody wrote that it may stay."""
    marked = chapter.partition('id="suppressions"')[2]
    assert key_id(5) in marked.partition("</table>")[0]
    assert "allowed by a comment: x:y" in marked.partition("</table>")[0]


def test_what_was_not_looked_at_is_told_with_its_size(chapter):
    """In the chapter on the scope."""
    assert "<code>big.bin</code> too large (5,000 bytes)" in chapter
