"""In: the address of a moto server. Out: users whose keys stand in a real repository, and the pack.

Keys are made by boto3, committed by git at the moment of the run, and then some are switched off or
deleted, as people do. What must be in the report is what was planted here.
"""

import base64
import csv
import io
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.end_to_end.account import ACCOUNT, ADMINISTRATOR, collect
from tests.leaks.leak_material import ENVIRONMENT
from tests.tar_files import extract

ROOT_ROLE = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
LISTS = "*.access-keys.json"


@dataclass(frozen=True)
class Planted:
    """A user with one key: where it leaked, "" for nowhere, its fate, and what its user may do."""

    name: str
    file: str
    policy: Any = None
    attached: str = ""
    fate: str = "kept"
    has_device: bool = False


def _allow(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


USERS = (
    Planted("alice-admin", "deploy/.env", attached=ADMINISTRATOR),
    Planted("uploader", "config/site.yml", _allow("s3:PutObject", "arn:aws:s3:::site/*")),
    Planted("retired", "old/settings.py", _allow("s3:GetObject", "*"), fate="off"),
    Planted("gone", "infra/terraform.tfstate", _allow("s3:GetObject", "*"), fate="deleted"),
    Planted("former", "notes.txt", _allow("s3:GetObject", "*"), fate="deleted"),
    Planted("climber", "jobs/run.sh", _allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/ops")),
    Planted(
        "guarded",
        "app/credentials",
        _allow("*", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        has_device=True,
    ),
    Planted("quiet", ""),
)
LEAKED = tuple(user for user in USERS if user.file)
FORMS = {
    "deploy/.env": "AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n",
    "config/site.yml": "aws:\n  access_key_id: {id}\n  secret_access_key: {secret}\n",
    "old/settings.py": "AWS_ACCESS_KEY_ID = '{id}'\nAWS_SECRET_ACCESS_KEY = '{secret}'\n",
    "notes.txt": "access key id: {id}\nsecret access key: {secret}\n",
    "jobs/run.sh": "export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={secret}\n",
    "app/credentials": "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n",
}


def leak_and_collect(folder: Path, endpoint: str) -> dict[str, str]:
    """Makes `app.git`, `whole` and `bare` in the folder, and returns each user's key ID.

    `whole` is the pack as the script makes it, `bare` the same without the lists of keys.
    """
    iam = boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    _make_role(iam)
    keys = {user.name: _make_user(iam, user) for user in USERS}
    _commit(folder / "app.git", keys)
    for user in USERS:
        known = {"UserName": user.name, "AccessKeyId": keys[user.name]["AccessKeyId"]}
        if user.fate == "off":
            iam.update_access_key(**known, Status="Inactive")
        if user.fate == "deleted":
            iam.delete_access_key(**known)
    extract(collect(folder, endpoint), folder / "whole")
    _as_aws_would_report(folder / "whole")
    shutil.copytree(folder / "whole", folder / "bare")
    for path in (folder / "bare").rglob(LISTS):
        path.unlink()
    return {name: key["AccessKeyId"] for name, key in keys.items()}


def _make_role(iam: Any) -> None:
    trust = {"Version": "2012-10-17", "Statement": [ROOT_ROLE | {"Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName="ops", PolicyArn=ADMINISTRATOR)


def _make_user(iam: Any, user: Planted) -> dict[str, str]:
    name = {"UserName": user.name}
    iam.create_user(**name)
    if user.attached:
        iam.attach_user_policy(**name, PolicyArn=user.attached)
    if user.policy:
        document = {"Version": "2012-10-17", "Statement": [user.policy]}
        iam.put_user_policy(**name, PolicyName="own", PolicyDocument=json.dumps(document))
    if user.has_device:
        iam.create_login_profile(**name, Password="Correct-horse-1")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user.name)
        serial = device["VirtualMFADevice"]["SerialNumber"]
        codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
        iam.enable_mfa_device(**name, SerialNumber=serial, **codes)
    made: dict[str, str] = iam.create_access_key(**name)["AccessKey"]
    return made


def _commit(repository: Path, keys: dict[str, dict[str, str]]) -> None:
    """One commit for each key, and one that takes a file away: its key stays in the history."""
    repository.mkdir()
    _git(repository, "init", "--quiet", "--template=")
    for user in LEAKED:
        key = keys[user.name]
        path = repository / user.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_written(user, key["AccessKeyId"], key["SecretAccessKey"]))
        _git(repository, "add", "--force", user.file)
        _git(repository, "commit", "--quiet", "--message", "a change")
    _git(repository, "rm", "--quiet", "old/settings.py")
    _git(repository, "commit", "--quiet", "--message", "tidied up")


def _written(user: Planted, key_id: str, secret: str) -> str:
    if user.file in FORMS:
        return FORMS[user.file].format(id=key_id, secret=secret)
    attributes = {"id": key_id, "secret": secret, "user": user.name, "status": "Active"}
    made = {"type": "aws_iam_access_key", "instances": [{"attributes": attributes}]}
    return json.dumps({"version": 4, "resources": [made]}, indent=2)


def _git(repository: Path, *arguments: str) -> None:
    command = ["git", *arguments]
    subprocess.run(command, cwd=repository, env=ENVIRONMENT, check=True, capture_output=True)


def _as_aws_would_report(pack: Path) -> None:
    """The credential report with root's row, and with the time at which it was asked for.

    moto has no root user and dates every report 2015; AWS does neither.
    """
    [path] = pack.rglob("credential-report.json")
    [manifest] = pack.rglob("pack.json")
    calls = json.loads(manifest.read_text())["calls"]
    asked = next(each["started"] for each in calls if each["file"] == "credential-report.json")
    answer = json.loads(path.read_text())
    rows = list(csv.reader(io.StringIO(base64.b64decode(answer["Content"]).decode())))
    root = dict.fromkeys(rows[0], "N/A")
    root |= {name: "false" for name in rows[0] if name.endswith("_active")}
    root |= {"user": "<root_account>", "arn": f"arn:aws:iam::{ACCOUNT}:root", "mfa_active": "true"}
    root |= {"user_creation_time": "2020-01-01T00:00:00+00:00", "password_enabled": "not_supported"}
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([rows[0], list(root.values()), *rows[1:]])
    content = base64.b64encode(text.getvalue().encode()).decode()
    path.write_text(json.dumps(answer | {"Content": content, "GeneratedTime": asked}))
    for sums in pack.rglob("SHA256SUMS"):
        sums.unlink()
