"""The pack that the collect script made of a real moto account, audited by the real program."""

import json
import subprocess
import sys

import pytest

from tests.end_to_end.account import ADMINISTRATOR

pytestmark = pytest.mark.xdist_group("pack")


@pytest.fixture(scope="module")
def report(pack, tmp_path_factory):
    """The report of the pack; the .tar.gz goes in as it is."""
    out = tmp_path_factory.mktemp("report")
    command = [sys.executable, "-m", "analyzer", "audit", str(pack), "-o", str(out), "-f", "json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads((out / "report.json").read_text())


def failing(report, rule):
    """The names of the resources that break a rule."""
    return {
        each["resource"].rpartition("/")[2] for each in report["findings"] if each["rule"] == rule
    }


def test_every_file_of_the_pack_is_recognised_and_of_the_account(report, planted):
    """Nothing that the script collects is lost on the way."""
    for each in report["evidence"]:
        assert each["kind"] != "unrecognised", each["path"]
        assert each["account"] == planted.account, each["path"]
    assert report["problems"] == []
    assert [each["alias"] for each in report["accounts"]] == [planted.alias]


def test_users_without_mfa_are_found(report):
    """Those with a password and no device, and nobody else."""
    assert failing(report, "console-user-no-mfa") == {"bob", "=1+1@example.com"}


def test_direct_policies_are_found(report, planted):
    """Attached or inline, on the user itself."""
    direct = {user.name for user in planted.users if user.attached or user.inline}
    assert failing(report, "user-direct-policy") == direct
    bob = next(
        each
        for each in report["findings"]
        if each["rule"] == "user-direct-policy" and each["resource"].endswith("/bob")
    )
    assert ADMINISTRATOR.rpartition("/")[2] in bob["observed"]


def test_two_active_keys_are_found(report):
    """Of the one user who has two."""
    assert failing(report, "two-active-keys") == {"bob"}


def test_groups_without_members_are_found(report, planted):
    """Read from the authorization details."""
    assert failing(report, "group-empty") == set(planted.empty_groups)


def test_a_count_that_the_server_leaves_out_is_not_taken_for_zero(report):
    """AWS counts a policy's use as a boundary, moto does not; so nobody can call it unused."""
    results = {each["id"]: each for each in report["accounts"][0]["rules"]}
    assert results["unused-customer-policy"]["status"] == "not-assessed"
    assert "PermissionsBoundaryUsageCount" in results["unused-customer-policy"]["reason"]


def test_the_password_policy_is_judged(report, planted):
    """Eight characters are too few; both numbers are in the sentence."""
    (found,) = (each for each in report["findings"] if each["rule"] == "password-min-length")
    assert str(planted.minimum_password_length) in found["observed"]


def test_no_key_gets_the_id_of_another(report, planted):
    """Joined by creation time; where moto rounds it otherwise, a key stays unnamed."""
    rows = report["accounts"][0]["population"]["keys"]
    assert {row["user"] for row in rows} == {
        user.name for user in planted.users if user.active_keys or user.inactive_keys
    }
    for row in rows:
        user = planted.user(row["user"])
        assert row["key_id"] in {"", *user.active_keys, *user.inactive_keys}


def test_what_moto_can_not_answer_is_not_assessed_with_the_command(report):
    """A call that failed leaves a gap, and the report says how to close it."""
    gaps = {each["rule"]: each["command"] for each in report["coverage"]["evidence_gaps"]}
    assert "accessanalyzer list-analyzers" in gaps["external-access-analyzer-missing"]


def test_every_finding_points_into_a_file_of_the_pack(report):
    """Evidence first: no pointer, no finding."""
    ids = {each["id"] for each in report["evidence"]}
    assert report["findings"]
    for finding in report["findings"]:
        assert finding["places"]
        assert {each["evidence"] for each in finding["places"]} <= ids
