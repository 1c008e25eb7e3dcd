"""In: an organization of three accounts in moto. Out: proof of their packs and of what they say."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.writers.collect_script import LastAccessed, collect_script
from tests.end_to_end.account import ACCOUNT, moto_server, run_script

pytestmark = pytest.mark.xdist_group("organization")

_DENIES_S3 = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
_ALLOWS_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(statement: dict[str, str]) -> str:
    """A policy of that statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def plant(endpoint: str) -> dict[str, str]:
    """An organization with a unit whose policy denies S3; a member in it, and one outside.

    Each member has a user ann whose own policy allows everything.
    """

    def client(service: str, **keys: str) -> Any:
        credentials = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"} | keys
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **credentials)

    organization = client("organizations")
    organization.create_organization(FeatureSet="ALL")
    (root,) = (each["Id"] for each in organization.list_roots()["Roots"])
    made = organization.create_organizational_unit(ParentId=root, Name="barred")
    unit = made["OrganizationalUnit"]["Id"]
    members = {}
    for name in ("inside", "outside"):
        status = organization.create_account(AccountName=name, Email=f"{name}@example.com")
        members[name] = number = status["CreateAccountStatus"]["AccountId"]
        given = client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{number}:role/credaudit", RoleSessionName="plant"
        )["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        iam = client("iam", **keys)
        iam.create_user(UserName="ann")
        iam.put_user_policy(UserName="ann", PolicyName="all", PolicyDocument=policy(_ALLOWS_ALL))
    organization.move_account(
        AccountId=members["inside"], SourceParentId=root, DestinationParentId=unit
    )
    barred = organization.create_policy(
        Name="no-s3", Description="none", Type="SERVICE_CONTROL_POLICY", Content=policy(_DENIES_S3)
    )["Policy"]["PolicySummary"]["Id"]
    organization.attach_policy(PolicyId=barred, TargetId=unit)
    return members


@pytest.mark.nightly
def test_three_accounts_are_collected_and_stand_under_their_policies(tmp_path: Path):
    """What the unit denies reaches the member in it, and a second run asks nobody."""
    text = collect_script(
        regions=("eu-west-1",), last_accessed=LastAccessed.NONE, organization="credaudit"
    )
    with moto_server(tmp_path) as endpoint:
        members = plant(endpoint)
        first = run_script(tmp_path, endpoint, text)
        again = run_script(tmp_path, endpoint, text)
    packs = sorted(tmp_path.glob("credaudit-*.tar.gz"))
    assert first.returncode == 0, first.stdout
    assert {each.name.split("-")[1] for each in packs} == {ACCOUNT, *members.values()}
    assert "0 accounts collected, 3 were there already, 0 failed." in again.stdout

    accounts, _ = build_accounts(load_evidence(tuple(packs)))
    verdicts = {}
    for account in accounts:
        for user in account.users:
            made = authorizer_for(account, ["s3:GetObject"])
            verdicts[account.id] = made.decide(made.principals[user.arn], "s3:GetObject", None)
    assert {number: each.verdict for number, each in verdicts.items()} == {
        members["inside"]: Verdict.DENIED,
        members["outside"]: Verdict.ALLOWED,
    }
