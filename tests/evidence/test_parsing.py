"""In: files as bytes. Out: the proof that each is parsed for what it holds, or refused."""

import base64
import json

import pytest

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import CaptureTimeSource, EvidenceDefect, Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.parsing import parse_file
from tests.evidence.export_material import faults, reading, report, root, row, rows, table, wrapper

PLAIN = table(root(), row("ann"))
ROOT = Location("E1")


@pytest.mark.parametrize(
    ("text", "kind", "counted"),
    [
        (report(), ExportKind.CREDENTIAL_REPORT, 2),
        (wrapper(report()), ExportKind.CREDENTIAL_REPORT, 2),
        ('{"AccountAliases": ["a", "b"]}', ExportKind.ACCOUNT_ALIASES, 2),
        ("AccountAliases: [a]", ExportKind.ACCOUNT_ALIASES, 1),
        ('{"SummaryMap": {}}{"AccountAliases": []}', ExportKind.ACCOUNT_SUMMARY, 1),
        (f"{'0' * 64}  a.json\n{'1' * 64} *b.json\n", ExportKind.CHECKSUMS, 2),
        ("aws iam list-users\nno answer", ExportKind.FAILED_CALL, 0),
    ],
)
def test_a_file_is_the_kind_of_its_first_document(text, kind, counted):
    """The kind is told by the content, and what the file lists is counted."""
    parsed = parse_file(text.encode(), ROOT, None)
    assert (parsed.kind, parsed.rows) == (kind, counted)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\0\1\2", "is no text"),
        (b" \n", "is empty"),
        (b"dear auditor", "is no export that credaudit knows"),
        (b'{"a": 1}', "is JSON, but no answer of an AWS call"),
        (base64.b64encode(b"x" * 300), "is no export that credaudit knows"),
    ],
)
def test_what_is_no_export_is_refused_with_a_reason(data, fault):
    """One sentence says what the file is instead."""
    with pytest.raises(EvidenceError, match=fault):
        parse_file(data, ROOT, None)


@pytest.mark.parametrize("sign", [{"IsTruncated": True}, {"Marker": "m"}, {"NextToken": "n"}])
def test_a_page_of_several_is_noted_as_cut(sign):
    """Whoever lists keys of one page alone must know that others follow."""
    text = json.dumps({"AccessKeyMetadata": []} | sign)
    (note,) = parse_file(text.encode(), ROOT, None).notes
    assert (note.defect, note.location) == (EvidenceDefect.TRUNCATED, ROOT)


@pytest.mark.parametrize(
    "text", ['{"UserDetailList": [{"A": 1, "A": 2}]}', "UserDetailList:\n- A: 1\n  A: 2\n"]
)
def test_a_key_twice_is_told_of_a_file_that_is_read(text):
    """In JSON and in YAML the file is what it is, and its damaged object is named."""
    parsed = parse_file(text.encode(), ROOT, None)
    assert parsed.kind is ExportKind.AUTHORIZATION_DETAILS
    assert [note.defect for note in parsed.notes] == [EvidenceDefect.UNREADABLE]


def test_a_document_that_is_no_export_is_noted_beside_one_that_is():
    """What was left out of a file is told with its pointer."""
    (note,) = parse_file(b'[{"SummaryMap": {}}, {"x": 1}]', ROOT, None).notes
    assert note.text == "no export that credaudit knows, left out"
    assert note.location.pointer == "/1"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "is no credential report"),
        ("aGVsbG8=", "is no credential report"),
        ("b'open", "is no credential report"),
        ("b'' + b''", "is no credential report"),
        (None, "is no credential report"),
        (7, "is no credential report"),
    ],
)
def test_a_wrapper_around_something_else_is_refused(tmp_path, content, fault):
    """A Content that is no report is a problem with the place and the call to repeat."""
    text = json.dumps({"Content": content, "ReportFormat": "text/csv"})
    evidence = reading(tmp_path, {"bad.json": text, "ok.csv": report()})
    assert fault in faults(evidence.problems)
    assert "aws iam get-credential-report" in faults(evidence.problems)
    assert len(rows(evidence)) == 2


def test_a_clock_is_known_for_a_wrapper_only(tmp_path):
    """The wrapper's GeneratedTime is the report's own word; a bare table has none."""
    evidence = reading(tmp_path, {"a.json": wrapper(PLAIN), "b.csv": PLAIN})
    assert [each.captured_how for each in evidence.artifacts] == [
        CaptureTimeSource.STATED,
        CaptureTimeSource.NEWEST_STAMP,
    ]
