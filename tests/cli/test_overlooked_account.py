"""The account that the credential report shows as well kept, through the whole program."""

import csv
import json

from tests.rules.overlooked_account import forgotten


def test_the_whole_account_is_an_f_in_every_output(run, tmp_path):
    """Two ways in for anyone, so the lowest cap; each forgotten credential has its finding."""
    out = tmp_path / "out"
    formats = [word for name in ("json", "csv", "html") for word in ("-f", name)]
    run("audit", forgotten().write(tmp_path / "in"), "-o", out, *formats)
    report = json.loads((out / "report.json").read_text())
    rules = {(each["severity"], each["rule"]) for each in report["findings"]}
    assert report["score"]["grade"] == "F"
    assert report["score"]["value"] <= 39
    assert {
        ("critical", "role-open-to-guests"),
        ("critical", "roles-anywhere-trust-unbounded"),
        ("high", "root-signing-certificate-active"),
        ("high", "service-api-key-no-expiry"),
        ("high", "analyzer-external-finding-open"),
        ("medium", "service-specific-credential-stale"),
        ("medium", "saml-metadata-expired"),
        ("medium", "password-unused"),
        ("low", "ssh-public-key-active-dormant-user"),
        ("low", "any-user-no-mfa"),
    } <= rules
    with (out / "findings.csv").open(newline="") as file:
        listed = {(row["severity"], row["rule"]) for row in csv.DictReader(file)}
    assert listed == rules
    page = (out / "report.html").read_text()
    assert all(rule in page for severity, rule in rules if severity == "critical")


def test_no_command_leaves_a_name_open_that_is_known(run, tmp_path):
    """Of roles, users, providers, findings and single credentials."""
    out = tmp_path / "out"
    run("audit", forgotten().write(tmp_path / "in"), "-o", out, "-f", "json")
    report = json.loads((out / "report.json").read_text())
    commands = [each for found in report["findings"] for each in found["fix"]["commands"]]
    left = ("ROLE_NAME", "USER_NAME", "PROVIDER_ARN", "CREDENTIAL_ID", "--id FINDING_ID")
    assert not [each for each in commands if any(name in each for name in left)]
    assert "aws iam get-role --role-name guests" in commands
