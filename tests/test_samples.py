"""`sample_reports/` is what its script makes, to the byte."""

import json
from pathlib import Path

import pytest

from sample_reports import make, make_people
from tests.pdf_text import read_pages

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


@pytest.mark.parametrize("name", make_people.FILES)
def test_the_committed_list_of_people_is_the_one_made(again, name):
    """And so everybody in it is made up."""
    assert (again / "people" / name).read_bytes() == (make_people.PEOPLE / name).read_bytes()


def test_the_committed_pdf_says_what_the_one_made_says(again):
    """Its bytes depend on the system's text libraries, its words do not."""
    one, other = (read_pages((folder / "report.pdf").read_bytes()) for folder in (again, SAMPLES))
    assert one == other


def test_the_samples_show_all_eight_practices_violated_and_a_leak(again):
    """And an account beside it that is clean."""
    report = (again / "report.json").read_text()
    for practice in ("mfa", "least-privilege", "access-keys", "roles", "groups", "passwords",
                     "reviews", "identities"):  # fmt: skip
        assert f'"practice": "{practice}"' in report
    assert '"rule": "leaked-key-active"' in report


def test_the_samples_show_what_a_list_of_people_tells(again):
    """One who left can get in, of another only the user is left, and two users are nobody's."""
    findings = json.loads((again / "report.json").read_text())["findings"]
    users = {(each["rule"], each["resource"].rpartition("/")[2]) for each in findings}
    assert {user for rule, user in users if rule == "leaver-live-credential"} == {"gabriel.moreno"}
    assert {user for rule, user in users if rule == "leaver-user-kept"} == {"emeka.nwosu"}
    nobodys = {user for rule, user in users if rule == "user-of-nobody"}
    assert nobodys == {"hugo.lindqvist", "support-team"}


def test_the_samples_leave_no_check_unassessed(again):
    """Every export that a check reads is there; the clean account stays clean beside the list."""
    report = json.loads((again / "report.json").read_text())
    assert report["coverage"]["evidence_gaps"] == []
    accounts = {each["id"]: each["score"] for each in report["accounts"]}
    assert accounts["444455556666"]["checks"]["fail"] == 0


def test_the_sample_repository_shows_how_keys_are_lost(again):
    """Taken out again, encoded, in an archive; an example and a comment are told apart."""
    credentials = json.loads((again / "report.json").read_text())["credentials"]
    places = [place for each in credentials for place in each["occurrences"]]
    assert {"base64"} <= {place["encoding"] for place in places}
    assert {"old-laptop.zip!/home/.aws/credentials"} <= {place["path"] for place in places}
    assert any(not place["in_head"] for place in places)
    assert sum(each["set_aside"] is not None for each in credentials) == 2
