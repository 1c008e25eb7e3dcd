"""`credaudit propose groups`: what a reader, a script and Terraform get."""

import json

import pytest

from tests.builders import account


@pytest.fixture
def exports(tmp_path):
    """Two sellers with the same direct policy, one with a right more, and a program."""
    case = account()
    for name in ("ann", "bob", "cyd"):
        case = case.user(name).password().tag("team", "sales").attached("AmazonSESFullAccess")
    case = case.attached("AmazonEC2FullAccess")
    return case.user("job").key().write(tmp_path / "e")


def test_the_text_tells_jobs_outliers_moves_and_commands(run, exports):
    """Everything that a reader needs to decide."""
    ended = run("propose", "groups", "--evidence", exports)
    assert ended.code == 0, ended.err
    assert "everyone (new): AmazonSESFullAccess; joining: ann, bob, cyd" in ended.out
    assert "cyd: AmazonEC2FullAccess" in ended.out
    assert "Nobody's rights change" in ended.out
    assert "aws iam add-user-to-group --group-name=everyone --user-name=ann" in ended.out
    assert "job: has neither a password nor MFA" in ended.out


def test_the_json_holds_the_same(run, exports):
    """For a script: groups, moves, commands, and whose rights would change."""
    answer = json.loads(run("propose", "groups", "--evidence", exports, "-f", "json").out)
    assert [each["name"] for each in answer["groups"]] == ["everyone"]
    assert answer["rights_changed"] == []
    assert len(answer["commands"]) == 8
    assert {each["user"] for each in answer["moves"]} == {"ann", "bob", "cyd"}


def test_terraform_adds_members_beside_those_who_are_there(run, exports):
    """`aws_iam_group_membership` would throw everyone else out of a group."""
    out = run("propose", "groups", "--evidence", exports, "-f", "terraform").out
    assert 'resource "aws_iam_group" "everyone" {' in out
    assert out.count('resource "aws_iam_user_group_membership"') == 3
    assert "# aws iam detach-user-policy --user-name=ann" in out


def test_evidence_without_policies_says_what_to_hand_in(run, exports):
    """Nothing is proposed from a credential report alone."""
    ended = run("propose", "groups", "--evidence", exports / "credential-report.json")
    assert ended.code == 3
    assert "get-account-authorization-details" in ended.err
