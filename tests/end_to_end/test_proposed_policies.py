"""The printed changes, run by the real AWS CLI against an account that answers as AWS does."""

import json

import boto3
import pytest

from tests.end_to_end.account import REGIONS, moto_server
from tests.end_to_end.test_proposed_groups import export, propose, run_as_printed

WIDE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
LATER = "2099-01-01T00:00:00Z"


def plant(iam):
    """A program that holds too much in each way, and the ARNs of the role and its policy."""
    role = iam.create_role(RoleName="ci", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    made = iam.create_policy(PolicyName="wide", PolicyDocument=json.dumps(WIDE))["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=made, PolicyDocument=json.dumps(WIDE))
    iam.attach_role_policy(RoleName="ci", PolicyArn=made)
    iam.attach_role_policy(RoleName="ci", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.put_role_policy(RoleName="ci", PolicyName="own", PolicyDocument=json.dumps(WIDE))
    return role, made


def answer(folder, role):
    """The account as it would be seen much later, and what AWS says by then: S3 alone was used."""
    services = [
        {"ServiceNamespace": "s3", "LastAuthenticated": LATER},
        {"ServiceNamespace": "sqs"},
    ]
    document = {
        "credaudit_principal": role,
        "JobStatus": "COMPLETED",
        "JobCompletionDate": LATER,
        "ServicesLastAccessed": services,
    }
    (folder / "last-accessed.json").write_text(json.dumps(document))


@pytest.mark.xdist_group("moto")
def test_the_printed_commands_trim_what_a_role_holds(tmp_path):
    """Afterwards no policy of AWS is left, and of five versions the oldest unused one made room."""
    with moto_server(tmp_path) as endpoint:
        iam = boto3.client(
            "iam",
            endpoint_url=endpoint,
            region_name=REGIONS[0],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        role, made = plant(iam)
        folder = export(iam, tmp_path / "before")
        answer(folder, role)
        proposal = propose(folder, "policies", "--as-of", LATER)
        assert proposal["withheld"] == []
        commands = [line for each in proposal["policies"] for line in each["commands"]]
        run_as_printed(commands, endpoint)
        after = export(iam, tmp_path / "after")
        versions = iam.list_policy_versions(PolicyArn=made)["Versions"]
    details = json.loads((after / "details.json").read_text())
    [held] = details["RoleDetailList"]
    attached = sorted(each["PolicyName"] for each in held["AttachedManagedPolicies"])
    assert attached == ["ci-AdministratorAccess-used", "wide"]
    assert held["RolePolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == ["s3:*"]
    assert sorted(each["VersionId"] for each in versions) == ["v1", "v3", "v4", "v5", "v6"]
    assert [each["VersionId"] for each in versions if each["IsDefaultVersion"]] == ["v6"]
