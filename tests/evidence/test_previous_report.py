"""In: earlier reports, whole and broken. Out: the proof that one is read, or refused by name."""

import hashlib
import json
from datetime import UTC, datetime

import pytest

from analyzer.errors import EvidenceError
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.previous_report import (
    SCHEMA,
    load_report,
    note_retired_rules,
    open_report,
    parse_previous,
)

FINDING = {
    "fingerprint": "f1", "rule": "key-too-old", "severity": "high", "account": "111122223333",
    "resource": "arn:aws:iam::111122223333:user/ann", "title": "Key too old",
    "since": "2026-01-01T00:00:00Z", "status": "open",
}  # fmt: skip
REPORT = {
    "schema": SCHEMA,
    "as_of": "2026-04-01T00:00:00Z",
    "evidence": [],
    "accounts": [{"id": "111122223333", "rules": []}],
    "findings": [FINDING],
}


def write(folder, report) -> str:
    """The report as a file in the folder; its text."""
    text = report if isinstance(report, str) else json.dumps(report)
    (folder / "report.json").write_text(text, encoding="utf-8")
    return text


def read_previous(folder):
    """The report in the folder."""
    return parse_previous(open_report(folder / "report.json"), "P1")


def test_an_earlier_report_is_read_with_its_findings(tmp_path):
    """By fingerprint, with the location of each, and the file as evidence."""
    text = write(tmp_path, REPORT)
    previous = read_previous(tmp_path)
    finding = previous.findings["f1"]
    assert previous.as_of == datetime(2026, 4, 1, tzinfo=UTC)
    assert previous.accounts == {"111122223333"}
    assert (finding.rule, finding.since.month, finding.location.pointer) == (
        "key-too-old", 1, "/findings/0",
    )  # fmt: skip
    assert previous.artifact.kind is ExportKind.PREVIOUS_REPORT
    assert previous.artifact.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert previous.artifact.rows == 1


@pytest.mark.parametrize(
    ("report", "fault"),
    [
        ("{", "can't be read"),
        ("[" * 100_000, "can't be read"),
        ("[]", "is no report of the schema"),
        (REPORT | {"schema": "credaudit-report/0"}, "is no report of the schema"),
        (REPORT | {"findings": {}}, "has no proper list of findings"),
        (REPORT | {"findings": [{}]}, "has no proper list of findings"),
        (REPORT | {"accounts": [{"id": "1"}]}, "has no proper list of accounts"),
        (REPORT | {"as_of": "soon"}, "lacks a time at 'soon'"),
        (REPORT | {"findings": [FINDING | {"since": "N/A"}]}, "lacks a time at 'N/A'"),
        ({key: value for key, value in REPORT.items() if key != "as_of"}, "lacks 'as_of'"),
    ],
)
def test_what_is_no_report_is_refused_by_name(tmp_path, report, fault):
    """The error names the file, the fault, and what to give instead."""
    write(tmp_path, report)
    with pytest.raises(EvidenceError) as caught:
        read_previous(tmp_path)
    assert fault in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "report.json"))
    assert "an earlier `credaudit audit`" in str(caught.value)


def test_a_missing_report_is_refused(tmp_path):
    """A folder without a report is no earlier report."""
    with pytest.raises(EvidenceError, match="can't be read"):
        load_report(tmp_path / "report.json")


def test_findings_of_a_rule_that_is_no_longer_judged_are_noted(tmp_path):
    """They are neither open nor closed, and the file of the last report says so."""
    write(tmp_path, REPORT)
    previous = read_previous(tmp_path)
    [note] = note_retired_rules(previous, {"another-rule"}).notes
    assert note.text == "1 finding(s) of the rule key-too-old, which is no longer judged"
    assert not note_retired_rules(previous, {"key-too-old"}).notes


KEY = {"user": "ann", "created": "2026-01-02", "last_region": "eu-west-1", "last_service": "s3"}


def with_keys(keys) -> dict:
    """The report with that list of keys in its population."""
    return REPORT | {"accounts": [{"id": "1", "rules": [], "population": {"keys": keys}}]}


def test_the_keys_of_the_population_are_read(tmp_path):
    """With the place of each."""
    write(tmp_path, with_keys([{}, KEY]))
    [key] = read_previous(tmp_path).keys
    assert (key.account, key.user, key.created, key.region, key.service) == (
        "1", "ann", "2026-01-02", "eu-west-1", "s3",
    )  # fmt: skip
    assert key.location.pointer == "/accounts/0/population/keys/1"


@pytest.mark.parametrize("keys", [None, {}, "x", [1], [KEY | {"user": None}], [[KEY]]])
def test_a_population_of_another_shape_has_no_keys(tmp_path, keys):
    """The rest of the report still counts."""
    write(tmp_path, with_keys(keys))
    previous = read_previous(tmp_path)
    assert previous.keys == ()
    assert previous.findings
