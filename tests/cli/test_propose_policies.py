"""`credaudit propose policies`: what a reader, a script and Terraform get."""

import json

import pytest

from tests.builders import account
from tests.proposals.uses import asked


@pytest.fixture
def exports(tmp_path):
    """A role that used S3 of all that it may, and one of whom nobody knows."""
    case = account().role("ci").may("s3:*", "sqs:*", "iam:PassRole").role("other").may("sqs:*")
    return asked(case, "role/ci", {"s3": 1, "sqs": None}).write(tmp_path / "e")


def test_the_text_shows_the_policy_its_reasons_and_the_commands(run, exports):
    """In this order, with the file behind each use."""
    ended = run("propose", "policies", "--evidence", exports)
    assert ended.code == 0, ended.err
    assert "inline p0 of role ci: " in ended.out
    assert "used by role ci: s3:*" in ended.out
    assert "last-accessed-role-ci.json /ServicesLastAccessed/0" in ended.out
    assert "left alone, no export tells what its holder used: inline p0 of role other" in ended.out
    assert "All that was used stays allowed, and nothing new is" in ended.out
    assert "\nset -e\naws iam put-role-policy --role-name=ci" in ended.out
    assert "note: iam:PassRole stays" in ended.out


def test_one_principal_can_be_asked_for(run, exports):
    """Then nothing is said of others."""
    out = run("propose", "policies", "role/ci", "--evidence", exports).out
    assert "role other" not in out


def test_the_json_holds_everything_that_a_script_needs(run, exports):
    """The policy, its size, the numbers, the witnesses and the commands."""
    answer = json.loads(run("propose", "policies", "--evidence", exports, "-f", "json").out)
    [policy] = answer["policies"]
    [text] = policy["documents"]
    assert text["document"]["Statement"][0]["Action"] == ["s3:*", "iam:PassRole"]
    assert policy["actions_before"] > policy["actions_after"] > 1
    assert policy["holders"] == ["arn:aws:iam::111122223333:role/ci"]
    assert policy["used"][0]["evidence"].endswith("last-accessed-role-ci.json")
    assert policy["unknown"]
    assert policy["commands"][0].startswith("aws iam put-role-policy")
    assert answer["withheld"] == []
    assert answer["left_alone"][0]["reason"] == "no export tells what its holder used"


def test_terraform_imports_what_exists(run, exports):
    """And has the new text."""
    out = run("propose", "policies", "--evidence", exports, "-f", "terraform").out
    assert 'to = aws_iam_role_policy.ci_p0\n  id = "ci:p0"' in out
    assert 'resource "aws_iam_role_policy" "ci_p0" {' in out
    assert "aws iam" not in out


def test_terraform_makes_a_policy_in_place_of_one_of_aws(run, tmp_path):
    """The old grant is told as a comment."""
    case = account().role("ci").attached("AdministratorAccess")
    folder = asked(case, "role/ci", {"s3": 1}).write(tmp_path / "e")
    out = run("propose", "policies", "--evidence", folder, "-f", "terraform").out
    assert 'resource "aws_iam_policy" "ci_administratoraccess_used" {' in out
    assert 'resource "aws_iam_role_policy_attachment"' in out
    assert "\n# aws iam detach-role-policy" in out


def test_without_evidence_of_use_nothing_is_proposed(run, tmp_path):
    """Unknown is not unused."""
    folder = account().role("ci").may("s3:*").write(tmp_path / "e")
    out = run("propose", "policies", "--evidence", folder).out
    assert "no policy can be made smaller from what these files tell" in out
    assert "set -e" not in out
