"""Lists of people in a whole run: evidence with a hash, and nothing of them that is not needed."""

import hashlib
import json

import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from tests.builders import account

LIST = """Employee ID,First Name,Last Name,Work Email,Birth Date,Last Day
00123,Ann,Leeward,ann.leeward@corp.example,1990-01-01,2026-08-31
00124,Bo,Raymond,bo.raymond@corp.example,1991-01-01,
00125,Cy,Dalewood,cy.dalewood@corp.example,1992-01-01,
"""


@pytest.fixture
def evidence(tmp_path):
    """An account with the users of two of three people, one of whom has left."""
    case = account().user("worker").tag("employee-id", "00123").password()
    return case.user("bo.raymond").password().write(tmp_path / "exports")


def run(evidence, *lists):
    """The report with these lists."""
    return audit(Settings(inputs=(evidence,), people=lists))


def test_a_list_is_evidence_with_its_hash_and_its_rows(evidence, tmp_path):
    """And the finding points at the row of it."""
    path = tmp_path / "hr.csv"
    path.write_text(LIST)
    report = run(evidence, path)
    [file] = [each for each in report["evidence"] if each["kind"] == "people"]
    assert (file["path"], file["rows"]) == ("hr.csv", 3)
    assert file["sha256"] == hashlib.sha256(LIST.encode()).hexdigest()
    [found] = [each for each in report["findings"] if each["rule"] == "leaver-live-credential"]
    assert found["resource"].endswith(":user/worker")
    assert {"evidence": file["id"], "row": 2, "column": None, "pointer": None} in found["places"]
    assert report["problems"] == []


def test_no_list_of_staff_is_in_the_report(evidence, tmp_path):
    """No name, no address, no birth date; of whoever matches no user not even the ID."""
    path = tmp_path / "hr.csv"
    path.write_text(LIST)
    text = json.dumps(run(evidence, path))
    private = ("Leeward", "ann.leeward", "@corp.example", "1990", "00125", "Dalewood")
    assert not [word for word in private if word in text]
    assert "00124" in text


def test_the_same_lists_give_the_same_report(evidence, tmp_path):
    """To the byte."""
    path = tmp_path / "hr.csv"
    path.write_text(LIST)
    assert json.dumps(run(evidence, path)) == json.dumps(run(evidence, path))
