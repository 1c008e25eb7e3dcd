"""In: report files in any arrangement. Out: the proof that each is read once, oldest first."""

import json

import pytest

from analyzer.errors import EvidenceError
from analyzer.evidence.earlier_reports import read_earlier_reports
from tests.tracking.small_reports import ACCOUNT, OTHER, QUARTERS, finding, quarter


def put(folder, name, report):
    """The report as a file; its path."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report))
    return file


def days(paths):
    """The days of the reports that these paths hold."""
    return [f"{each.as_of:%Y-%m-%d}" for each in read_earlier_reports(paths).reports]


def test_a_folder_of_quarters_is_read_oldest_first(tmp_path):
    """Whatever the files are called; what is no report is passed over."""
    put(tmp_path, "b/report.json", quarter(QUARTERS[1]))
    put(tmp_path, "a/deep/2026-Q3.json", quarter(QUARTERS[2]))
    put(tmp_path, "z.json", quarter(QUARTERS[0]))
    put(tmp_path, "evidence/users.json", {"Users": []})
    (tmp_path / "notes.txt").write_text("credaudit-report/1")
    assert days([tmp_path]) == list(QUARTERS[:3])
    ids = [each.artifact.id for each in read_earlier_reports([tmp_path]).reports]
    assert ids == ["P1", "P2", "P3"]


def test_files_and_folders_may_be_mixed_and_a_report_counts_once(tmp_path):
    """A copy of a report is the same report."""
    first = put(tmp_path, "q1.json", quarter(QUARTERS[0]))
    put(tmp_path, "q2/report.json", quarter(QUARTERS[1]))
    assert days([tmp_path / "q2", first, first, tmp_path]) == list(QUARTERS[:2])


def test_a_folder_with_a_report_of_its_own_is_that_report(tmp_path):
    """As `credaudit audit` leaves it, with whatever lies below."""
    put(tmp_path, "report.json", quarter(QUARTERS[1]))
    put(tmp_path, "old/report.json", quarter(QUARTERS[0]))
    assert days([tmp_path]) == [QUARTERS[1]]


def test_a_folder_without_a_report_is_refused(tmp_path):
    """By name: silence would look like a first audit."""
    put(tmp_path, "users.json", {"Users": []})
    with pytest.raises(EvidenceError, match="holds no report"):
        read_earlier_reports([tmp_path])


def test_the_last_word_on_each_account_is_that_of_its_newest_report(tmp_path):
    """Accounts may be audited one by one."""
    ann, zoe = finding("ann"), finding("zoe", account=OTHER)
    gone = finding("gone", account=OTHER)
    paths = [
        put(tmp_path, "1.json", quarter(QUARTERS[0], gone, accounts=(OTHER,))),
        put(tmp_path, "2.json", quarter(QUARTERS[1], zoe, accounts=(OTHER,))),
        put(tmp_path, "3.json", quarter(QUARTERS[2], ann)),
    ]
    last = read_earlier_reports(paths).last
    assert set(last.findings) == {ann["fingerprint"], zoe["fingerprint"]}
    assert last.accounts == {ACCOUNT, OTHER}
    assert (f"{last.as_of:%Y-%m-%d}", last.artifact.id) == (QUARTERS[2], "P3")
    assert last.findings[zoe["fingerprint"]].location.evidence == "P2"


def test_a_report_without_a_time_is_refused(tmp_path):
    """Nobody could say which is older."""
    broken = put(tmp_path, "report.json", quarter(QUARTERS[0]) | {"as_of": "soon"})
    with pytest.raises(EvidenceError, match="a time at 'soon'"):
        read_earlier_reports([broken])
