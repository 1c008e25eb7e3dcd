"""`sample_reports/` is what its script makes, to the byte."""

import json
from pathlib import Path

import pypdf
import pytest

from sample_reports import make

pytestmark = pytest.mark.xdist_group("samples")
SAMPLES = Path(make.__file__).parent
REPORTS = ("report.html", "report.json", "findings.csv", "population.csv", "controls.csv")


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """Evidence and reports made anew in another folder."""
    folder = tmp_path_factory.mktemp("samples")
    make.make(folder)
    return folder


@pytest.mark.parametrize("name", REPORTS)
def test_the_committed_report_is_the_one_made(again, name):
    """Run `make samples` after a change that moves it."""
    assert (again / name).read_bytes() == (SAMPLES / name).read_bytes()


def test_the_committed_pdf_says_what_the_one_made_says(again):
    """Its bytes depend on the system's text libraries, its words do not."""
    texts = [
        [page.extract_text() for page in pypdf.PdfReader(folder / "report.pdf").pages]
        for folder in (again, SAMPLES)
    ]
    assert texts[0] == texts[1]


def test_the_samples_show_all_eight_practices_violated_and_a_leak(again):
    """And an account beside it that is clean."""
    report = (again / "report.json").read_text()
    for practice in ("mfa", "least-privilege", "access-keys", "roles", "groups", "passwords",
                     "reviews", "identities"):  # fmt: skip
        assert f'"practice": "{practice}"' in report
    assert '"rule": "leaked-key-active"' in report


def test_the_sample_repository_shows_how_keys_are_lost(again):
    """Taken out again, encoded, in an archive; an example and a comment are told apart."""
    credentials = json.loads((again / "report.json").read_text())["credentials"]
    places = [place for each in credentials for place in each["occurrences"]]
    assert {"base64"} <= {place["encoding"] for place in places}
    assert {"old-laptop.zip!/home/.aws/credentials"} <= {place["path"] for place in places}
    assert any(not place["in_head"] for place in places)
    assert sum(each["set_aside"] is not None for each in credentials) == 2
