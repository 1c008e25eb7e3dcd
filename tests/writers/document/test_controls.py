"""controls[] and controls.csv: the same results, with numbers, files and what no file shows."""

import csv
import io

import jsonschema
import pytest

from analyzer.audit import audit
from analyzer.config import Profile, Settings, limits_of
from analyzer.writers import csv as csv_writer
from tests.builders import account
from tests.writers.document.golden_controls import GOLDEN, golden_account, golden_rows
from tests.writers.document.test_report import SCHEMA


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The exports of the golden account, and of a second one without users."""
    exports = tmp_path_factory.mktemp("two")
    golden_account().write(exports / "first")
    account("444455556666").no_password_policy().write(exports / "second")
    return exports


@pytest.fixture(scope="module")
def report(folder):
    """The report of both."""
    return audit(Settings(inputs=(folder,)))


@pytest.fixture(scope="module")
def alone(folder):
    """The report of the first, by the thresholds of PCI DSS."""
    limits = limits_of(Profile.PCI, None)
    return audit(Settings(inputs=(folder / "first",), profile=Profile.PCI, limits=limits))


def row_of(report, framework, control, account="111122223333"):
    """One row of controls[]."""
    wanted = framework, control, account
    return next(
        each
        for each in report["controls"]
        if (each["framework"], each["control"], each["account"]) == wanted
    )


def test_the_rows_keep_the_schema(report, alone):
    """With one account and with several."""
    jsonschema.validate(report, SCHEMA)
    jsonschema.validate(alone, SCHEMA)


def test_controls_csv_is_the_golden_one():
    """Write it again with: python -m tests.writers.document.golden_controls."""
    assert golden_rows() == GOLDEN.read_bytes()


def test_every_control_has_a_row_for_each_account_and_one_for_all(report):
    """In the order of the frameworks, so that two reports can be laid side by side."""
    told = [(each["id"], one["id"]) for each in report["frameworks"] for one in each["controls"]]
    for number in ("111122223333", "444455556666", None):
        rows = [each for each in report["controls"] if each["account"] == number]
        assert [(each["framework"], each["control"]) for each in rows] == told


def test_one_account_has_no_row_for_all(alone):
    """It would say the same twice."""
    assert {each["account"] for each in alone["controls"]} == {"111122223333"}


def test_the_row_of_all_accounts_has_the_worst_result_and_the_sums(report):
    """What it rests on stands in the rows of the accounts."""
    first, second, total = (
        row_of(report, "cis_5_0", "1.8", number)
        for number in ("111122223333", "444455556666", None)
    )
    assert (first["status"], second["status"], total["status"]) == ("fail", "fail", "fail")
    assert total["failed"] == first["failed"] + second["failed"]
    assert total["checks"] == total["evidence"] == []


def test_what_only_the_control_finds_is_told_in_its_row(alone):
    """By the run's thresholds the policy is no finding, so it stands nowhere else."""
    row = row_of(alone, "cis_5_0", "1.7")
    assert row["status"] == "fail"
    (told,) = row["unreported"]
    assert told["fingerprint"] in row["exceptions"]
    assert "12" in told["observed"]
    assert told["fingerprint"] not in {each["fingerprint"] for each in alone["findings"]}


def test_a_finding_names_only_the_controls_that_it_breaks_by_their_thresholds(report):
    """Twelve characters break CIS; for PCI DSS and FSBP they are enough."""
    found = next(each for each in report["findings"] if each["rule"] == "password-min-length")
    assert found["controls"]["cis_5_0"] == ["1.7"]
    assert found["controls"]["security_hub"] == ["IAM.15"]
    assert "pci_dss_4_0" not in found["controls"]
    assert "aws_fsbp" not in found["controls"]


def test_a_finding_says_which_security_hub_controls_belong_to_fsbp(report):
    """IAM.5 does, the MFA of all users does not."""
    found = next(each for each in report["findings"] if each["rule"] == "console-user-no-mfa")
    assert found["controls"]["aws_fsbp"] == found["controls"]["security_hub"] == ["IAM.5"]
    other = next(each for each in report["findings"] if each["rule"] == "any-user-no-mfa")
    assert other["controls"]["security_hub"] == ["IAM.19"]
    assert "aws_fsbp" not in other["controls"]


def test_the_procedure_names_the_threshold_that_held(alone):
    """The control's own, not that of the run."""
    told = {
        (each["id"], control["id"]): [check["expected"] for check in control["checks"]]
        for each in alone["frameworks"]
        for control in each["controls"]
    }
    assert any("14 characters" in each for each in told["cis_5_0", "1.7"])
    assert any("12 characters" in each for each in told["pci_dss_4_0", "8.3.6"])
    assert not [each for texts in told.values() for each in texts if "{" in each]


def test_the_csv_names_each_file_with_its_digest(report):
    """So that the paper can be checked without the report."""
    text = csv_writer.render_controls(report).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    digests = {each["sha256"] for each in report["evidence"]}
    row = next(
        each
        for each in rows
        if (each["framework"], each["control"], each["account"])
        == ("CIS AWS Foundations Benchmark 5.0", "1.9", "111122223333")
    )
    name, digest = row["evidence"].split(" ")
    assert name.endswith("credential-report.json")
    assert digest in digests
    assert row["checks"] == "console-user-no-mfa: fail (1 of 2)"
    assert row["mapping"] == "framework"


def test_no_row_of_the_csv_is_lost(report):
    """One for each row of controls[]."""
    text = csv_writer.render_controls(report).decode()
    assert len(list(csv.reader(io.StringIO(text)))) == len(report["controls"]) + 1
