"""Handing in less never makes an account look better than it did last time."""

import base64
import json
import shutil
from pathlib import Path

import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.writers import json as json_writer

EVIDENCE = Path(__file__).parents[2] / "sample_reports" / "evidence"


@pytest.fixture(scope="module")
def last_quarter(tmp_path_factory):
    """The folder with the report of the whole evidence."""
    folder = tmp_path_factory.mktemp("last")
    report = audit(Settings(inputs=(EVIDENCE,)))
    (folder / "report.json").write_bytes(json_writer.render(report))
    return folder, report


def judged(evidence, last_quarter):
    """The report of what is left of the evidence, with the last report at hand."""
    return audit(Settings(inputs=(evidence,), previous=(last_quarter[0],)))


def score_of(report, account):
    """The score of one account, None where it is not in the report."""
    return next((a["score"]["value"] for a in report["accounts"] if a["id"] == account), None)


def fewer(tmp_path, *names):
    """A copy of the evidence without the files of these names."""
    copy = tmp_path / "evidence"
    shutil.copytree(EVIDENCE, copy)
    for name in names:
        (copy / "northwind" / name).unlink()
    return copy


@pytest.mark.parametrize(
    "name",
    [
        "credential-report.json",
        "authorization-details.json",
        "password-policy.json",
        "virtual-mfa-devices.json",
        "access-analyzer/us-east-1.analyzers.json",
        "saml-providers.json",
        "server-certificates.json",
    ],
)
def test_a_file_left_out_raises_no_score(tmp_path, last_quarter, name):
    """What failed in it last time stays open, under the same fingerprint."""
    now = judged(fewer(tmp_path, name), last_quarter)
    assert score_of(now, "111122223333") <= score_of(last_quarter[1], "111122223333")
    before = {each["fingerprint"] for each in last_quarter[1]["findings"] if each["rule"] not in {
        "evidence-stale", "evidence-out-of-sync", "population-count-mismatch"}}  # fmt: skip
    assert before <= {each["fingerprint"] for each in now["findings"]}


def test_a_row_left_out_raises_no_score(tmp_path, last_quarter):
    """The other exports know of the user, so the report is known to be short."""
    evidence = fewer(tmp_path)
    path = evidence / "northwind" / "credential-report.json"
    wrapper = json.loads(path.read_text())
    lines = base64.b64decode(wrapper["Content"]).decode().split("\n")
    guilty = next(
        each["resource"].rpartition("/")[2]
        for each in last_quarter[1]["findings"]
        if each["rule"] == "console-user-no-mfa"
    )
    kept = [line for line in lines if not line.startswith(f"{guilty},")]
    assert len(kept) == len(lines) - 1
    wrapper["Content"] = base64.b64encode("\n".join(kept).encode()).decode()
    path.write_text(json.dumps(wrapper))
    now = judged(evidence, last_quarter)
    assert score_of(now, "111122223333") <= score_of(last_quarter[1], "111122223333")
    open_now = {
        each["resource"] for each in now["findings"] if each["rule"] == "console-user-no-mfa"
    }
    assert any(resource.endswith(f"/{guilty}") for resource in open_now)


def test_an_account_left_out_is_named(tmp_path, last_quarter):
    """Its findings don't vanish in silence."""
    evidence = fewer(tmp_path)
    shutil.rmtree(evidence / "northwind")
    now = judged(evidence, last_quarter)
    assert any("111122223333" in each["what"] for each in now["problems"])


def test_every_file_is_hashed_the_last_report_too(last_quarter):
    """A finding on last quarter points at a file that `verify` can check."""
    now = judged(EVIDENCE, last_quarter)
    ids = {each["id"] for each in now["evidence"]}
    assert {location["evidence"] for each in now["findings"] for location in each["places"]} <= ids
    assert "P1" in ids
