"""The printed moves, run by the real AWS CLI against an account that answers as AWS does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from tests.end_to_end.account import REGIONS, moto_server

SELLING = "arn:aws:iam::aws:policy/AmazonSESFullAccess"
OWN_FOLDER = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::data/${aws:username}/*",
        }
    ],
}


def plant(iam):
    """Two sellers with passwords and the same rights, all held directly."""
    for name in ("ann", "bob"):
        iam.create_user(UserName=name)
        iam.create_login_profile(UserName=name, Password="Made-up-for-a-test-1")
        iam.attach_user_policy(UserName=name, PolicyArn=SELLING)
        document = json.dumps(OWN_FOLDER)
        iam.put_user_policy(UserName=name, PolicyName=f"of-{name}", PolicyDocument=document)


def export(iam, folder):
    """The two exports that the command reads."""
    folder.mkdir()
    details = iam.get_account_authorization_details()
    details.pop("ResponseMetadata")
    text = json.dumps(details, default=lambda when: when.isoformat())
    (folder / "details.json").write_text(text)
    iam.generate_credential_report()
    (folder / "report.csv").write_bytes(iam.get_credential_report()["Content"])
    return folder


def propose(folder, what="groups", *options):
    """What is proposed for the exports."""
    command = [sys.executable, "-m", "analyzer", "propose", what, "-f", "json", *options]
    ended = subprocess.run(
        [*command, "--evidence", str(folder)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def run_as_printed(commands, endpoint):
    """One shell for all of them, which stops at the first that fails."""
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGIONS[0],
        "NO_PROXY": "127.0.0.1",
    }
    script = "\n".join(("set -e", *commands))
    subprocess.run(["bash", "-c", script], env=environment, check=True, timeout=300)


@pytest.mark.xdist_group("moto")
def test_the_printed_commands_move_rights_into_a_group(tmp_path):
    """Afterwards both hold the same through one group, and nothing directly."""
    with moto_server(tmp_path) as endpoint:
        iam = boto3.client(
            "iam",
            endpoint_url=endpoint,
            region_name=REGIONS[0],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        plant(iam)
        proposal = propose(export(iam, tmp_path / "before"))
        run_as_printed(proposal["commands"], endpoint)
        after = export(iam, tmp_path / "after")
    users = json.loads((after / "details.json").read_text())["UserDetailList"]
    assert [each["GroupList"] for each in users] == [["everyone"], ["everyone"]]
    assert not [each for each in users if each["AttachedManagedPolicies"]]
    assert not [each for each in users if each.get("UserPolicyList")]
    assert propose(after)["settled"] == ["ann", "bob"]
