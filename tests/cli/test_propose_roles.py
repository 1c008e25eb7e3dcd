"""`credaudit propose roles`: what a reader, a script and Terraform get."""

import json

import pytest

from tests.builders import account, key_id

NUMBER = "111122223333"
KEY = key_id(NUMBER, 7)


@pytest.fixture
def exports(tmp_path):
    """A program with a key, and a repository whose workflow holds it."""
    case = account().user("job").key().may("s3:Get*")
    folder = case.write(tmp_path / "e")
    entry = {"UserName": "job", "AccessKeyId": KEY, "Status": "Active", "CreateDate": case.when(30)}
    (folder / "keys.json").write_text(json.dumps({"AccessKeyMetadata": [entry]}))
    flow = tmp_path / "repo" / ".github" / "workflows" / "deploy.yml"
    flow.parent.mkdir(parents=True)
    flow.write_text(f"env:\n  AWS_ACCESS_KEY_ID: {KEY}\n")
    return folder


def test_without_a_repository_the_program_is_taken_to_run_outside_aws(run, exports):
    """And the reader is told that this is a guess."""
    ended = run("propose", "roles", "--evidence", exports)
    assert ended.code == 0, ended.err
    assert "runs outside AWS (a guess: check it)" in ended.out
    assert "reaches no more than the key did" in ended.out


def test_the_repository_tells_where_the_key_works(run, exports, tmp_path):
    """The workflow that holds it makes it GitHub's."""
    ended = run("propose", "roles", "--evidence", exports, "--repo", tmp_path / "repo")
    assert ended.code == 0, ended.err
    assert (
        "runs in GitHub Actions: its key stands in .github/workflows/deploy.yml line 2" in ended.out
    )
    assert f"update-access-key --user-name=job --access-key-id={KEY}" in ended.out


def test_the_remote_of_the_repository_names_whom_the_role_lets_in(run, exports, tmp_path):
    """No placeholder stands for what a file says; a workflow of another host keeps it."""
    git = tmp_path / "repo" / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    for host, subject in (
        ("github.com", "repo:acme/shop:ref:refs/heads/main"),
        ("git.example", "repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH"),
    ):
        (git / "config").write_text(f'[remote "origin"]\n\turl = git@{host}:acme/shop.git\n')
        ended = run("propose", "roles", "--evidence", exports, "--repo", tmp_path / "repo")
        assert f'"{subject}"' in ended.out


def test_the_json_holds_trust_rights_places_and_steps(run, exports, tmp_path):
    """All that a script needs to make the role."""
    ended = run(
        "propose", "roles", "--evidence", exports, "--repo", tmp_path / "repo", "-f", "json"
    )
    [role] = json.loads(ended.out)["roles"]
    assert (role["name"], role["platform"], role["guess"]) == ("job-role", "GitHub Actions", False)
    assert role["places"][0].endswith(".github/workflows/deploy.yml:2")
    assert role["inline"]["p0"]["Statement"][0]["Action"] == ["s3:Get*"]
    assert role["reaches_more"] == []
    assert role["steps"][-1]["what"].startswith("then delete the user")


def test_terraform_makes_the_role_and_tells_the_rest_as_comments(run, exports):
    """The key is not Terraform's to retire."""
    out = run("propose", "roles", "--evidence", exports, "-f", "terraform").out
    assert 'resource "aws_iam_role" "job_role" {' in out
    assert 'resource "aws_iam_role_policy" "job_role_p0" {' in out
    assert "\n# switch the key off" in out
    assert "aws iam create-role" not in out
