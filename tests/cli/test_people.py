"""`--people`: a list that can't be read costs nothing else, settings that can't stop the run."""

import json

from tests.evidence.workbook_material import workbook

AUDIT = ("-f", "json", "--as-of", "2026-10-01")


def test_a_list_that_cannot_be_read_is_a_problem_and_the_rest_goes_on(run, evidence, tmp_path):
    """Exit code 3, the report is made, and the checks say why they judged nobody."""
    (tmp_path / "hr.csv").write_bytes(b"PK\x03\x04 xl/ torn")
    out = tmp_path / "out"
    ended = run("audit", evidence, "--people", tmp_path / "hr.csv", "-o", out, *AUDIT)
    assert ended.code == 3
    assert "hr.csv" in ended.err
    report = json.loads((out / "report.json").read_text())
    gaps = {(each["rule"], each["needs"]) for each in report["coverage"]["evidence_gaps"]}
    assert ("roster-partial", "no list of people could be read") in gaps


def test_settings_that_cannot_be_used_stop_the_run(run, evidence, tmp_path):
    """Exit code 2: they are the auditor's own."""
    (tmp_path / "people.toml").write_text("scope = 'half'")
    ended = run("audit", evidence, "--people", tmp_path / "people.toml", *AUDIT)
    assert ended.code == 2
    assert "all, active, leavers" in ended.err


def test_verify_knows_a_workbook_that_was_handed_in(run, evidence, tmp_path):
    """It is read as a list of people, and opened as evidence nowhere else."""
    rows = [["Employee ID", "Work Email", "Last Day"], ["1", "ann@corp.example", 46000]]
    people, out = tmp_path / "hr.xlsx", tmp_path / "out"
    people.write_bytes(workbook({"People": rows}))
    run("audit", evidence, "--people", people, "-o", out, *AUDIT)
    assert run("verify", out / "report.json", evidence, people).code == 0
    people.write_bytes(workbook({"People": rows[:1]}))
    assert run("verify", out / "report.json", evidence, people).code == 3
