"""The report document: its schema, its places, its numbers, and that nothing in it is secret."""

import base64
import csv
import hashlib
import io
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.inventory.model import ROOT_USER
from analyzer.writers import csv as csv_writer
from analyzer.writers import json as json_writer

ROOT = Path(__file__).parents[3]
EVIDENCE = ROOT / "sample_reports" / "evidence"
SCHEMA = json.loads((ROOT / "analyzer" / "writers" / "report.schema.json").read_text())


@pytest.fixture(scope="module")
def report():
    """The report of the two sample accounts."""
    return audit(Settings(inputs=(EVIDENCE,)))


def test_the_report_keeps_its_schema(report):
    """What other programs rely on is what they get."""
    jsonschema.validate(report, SCHEMA)


def test_the_schema_itself_is_one():
    """And allows nothing that it does not name."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["additionalProperties"] is False


def test_hashes_are_those_of_the_files(report):
    """Every evidence entry can be checked with sha256sum."""
    for each in report["evidence"]:
        path = EVIDENCE.parent / each["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == each["sha256"]
        assert path.stat().st_size == each["bytes"]


def test_every_place_leads_to_something(report):
    """Rows and pointers can be followed into the file by hand."""
    paths = {each["id"]: EVIDENCE.parent / each["path"] for each in report["evidence"]}
    opened = {name: _opened(path) for name, path in paths.items()}
    for finding in report["findings"]:
        first = finding["places"][0]
        value = opened[first["evidence"]]
        if first["row"]:
            rows = list(csv.reader(io.StringIO(_inside(value, first["pointer"]))))
            assert first["column"] in rows[0]
            assert len(rows) >= first["row"]
        else:
            _follow(value, first["pointer"], finding)


def test_fingerprints_are_unique_and_related_ones_exist(report):
    """No two findings are the same one."""
    names = [each["fingerprint"] for each in report["findings"]]
    assert len(set(names)) == len(names)
    assert {other for each in report["findings"] for other in each["related"]} <= set(names)


def test_findings_come_worst_first(report):
    """Whoever reads only the first page reads the worst."""
    order = ["critical", "high", "medium", "low", "info"]
    ranks = [order.index(each["severity"]) for each in report["findings"]]
    assert ranks == sorted(ranks)


def test_every_rule_of_the_catalogue_has_a_result_in_every_account(report, catalogue):
    """Nothing drops out silently."""
    counts = {len(each["rules"]) for each in report["accounts"]}
    assert counts == {len(catalogue.entries)}


def test_failed_counts_are_the_findings(report):
    """The two figures on a page can't disagree."""
    for account in report["accounts"]:
        for rule in account["rules"]:
            found = [
                each
                for each in report["findings"]
                if (each["account"], each["rule"]) == (account["id"], rule["id"])
            ]
            assert rule["failed"] == len(found)
            assert (rule["status"] == "fail") is bool(found)


def test_whatever_is_not_assessed_is_a_gap(report):
    """With a command, unless nobody can close it yet."""
    for account in report["accounts"]:
        open_rules = {each["id"] for each in account["rules"] if each["status"] == "not-assessed"}
        gaps = [g for g in report["coverage"]["evidence_gaps"] if g["account"] == account["id"]]
        assert {each["rule"] for each in gaps} == open_rules
        assert all(each["command"] for each in gaps)


def test_whatever_is_not_requested_says_how_to_ask_for_it(report):
    """It is a gap of the commission, and none of the evidence."""
    told = {(each["account"], each["rule"]) for each in report["coverage"]["not_requested"]}
    assert told
    assert told == {
        (account["id"], each["id"])
        for account in report["accounts"]
        for each in account["rules"]
        if each["status"] == "not-requested"
    }
    commands = [each["command"] for each in report["coverage"]["not_requested"]]
    assert all(each.startswith("credaudit audit") for each in commands)


def test_the_score_says_on_how_many_checks_it_rests(report, catalogue):
    """By result, account by account, and over all of them."""
    for account in report["accounts"]:
        scored = [each for each in account["rules"] if catalogue.entries[each["id"]].is_scored]
        checks = account["score"]["checks"]
        assert sum(checks.values()) == len(scored)
        for status in ("pass", "not-applicable", "not-assessed", "not-requested"):
            assert checks[status] == sum(each["status"] == status for each in scored)
    for status, number in report["score"]["checks"].items():
        assert number == sum(each["score"]["checks"][status] for each in report["accounts"])


def test_the_population_is_complete(report):
    """As many users as the account's own summary counts."""
    for account in report["accounts"]:
        folder = EVIDENCE / account["alias"].removesuffix("-trading")
        stated = json.loads((folder / "account-summary.json").read_text())["SummaryMap"]
        for name in ("users", "roles", "groups"):
            listed = [row for row in account["population"][name] if row.get("user") != ROOT_USER]
            assert len(listed) == stated[name.capitalize()]


def test_the_same_evidence_from_another_folder_gives_the_same_report(report, tmp_path):
    """No path of the machine is in it."""
    moved = tmp_path / "elsewhere" / "evidence"
    moved.parent.mkdir()
    moved.symlink_to(EVIDENCE)
    again = audit(Settings(inputs=(moved,)))
    assert json_writer.render(again) == json_writer.render(report)


def test_csv_has_a_row_for_every_finding(report):
    """And each row names file and place."""
    rows = list(
        csv.DictReader(io.StringIO(csv_writer.render_findings(report).decode(), newline=""))
    )
    assert len(rows) == len(report["findings"])
    assert all(row["evidence_file"] and row["place"] and row["fingerprint"] for row in rows)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff20"])
def test_no_cell_becomes_a_formula(report, start):
    """A user may be called =HYPERLINK(…); a spreadsheet shows it and runs nothing."""
    finding = {**report["findings"][0], "resource": f"{start}cmd|' /C calc'!A0"}
    made = csv_writer.render_findings({**report, "findings": [finding]}).decode()
    (row,) = csv.DictReader(io.StringIO(made, newline=""))
    assert not row["resource"].startswith(start)


def test_population_csv_lists_every_user(report):
    """Of every account, in the columns that the report shows."""
    rows = list(
        csv.DictReader(io.StringIO(csv_writer.render_population(report).decode(), newline=""))
    )
    assert len(rows) == sum(len(each["population"]["users"]) for each in report["accounts"])


def test_json_is_ascii_and_ends_with_a_line(report):
    """So that neither a terminal nor a tool stumbles over a name."""
    made = json_writer.render(report)
    assert made.isascii()
    assert made.endswith(b"}\n")
    assert json.loads(made) == report


def test_as_of_moves_the_ages_and_not_the_fingerprints(report):
    """A finding is the same one next week."""
    settings = Settings(inputs=(EVIDENCE,))
    later = audit(replace(settings, as_of=_time("2026-10-05T08:00:00+00:00")))
    old = {each["fingerprint"]: each["observed"] for each in report["findings"]}
    new = {each["fingerprint"]: each["observed"] for each in later["findings"]}
    assert set(old) <= set(new)
    assert old != {name: new[name] for name in old}


def _time(text):
    return datetime.fromisoformat(text)


def _opened(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else text


def _inside(value, pointer):
    content = _follow(value, pointer, None) if pointer else value
    return base64.b64decode(content).decode()


def _follow(value, pointer, finding):
    """The value at the pointer; a last step that is absent is what some findings are about."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in (pointer or "").split("/")[1:]]
    for index, step in enumerate(steps):
        if isinstance(value, list):
            value = value[int(step)]
        elif index == len(steps) - 1 and step not in value:
            assert finding["rule"] in {"user-owner-unknown", "password-reuse", "user-in-no-group",
                                       "role-unused-90-days"}, finding  # fmt: skip
            return None
        else:
            value = value[step]
    return value
