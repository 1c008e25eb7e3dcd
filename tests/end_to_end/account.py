"""In: nothing, or the address of a moto server. Out: an account planted there, and its pack.

What is planted is described first, as data, and built from that description; a test that wants to
know what must be in the pack asks `Planted`, never AWS. moto's clock can't be set: every date is
the moment of the run. Nor has it a root user, Access Analyzer, or service-specific credentials.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3

from analyzer.writers import collect_script as export

REGIONS = ("eu-west-1", "us-east-1")
_PROVIDER = "token.actions.githubusercontent.com"


@dataclass(frozen=True, slots=True)
class PlantedUser:
    """One IAM user. The key IDs are known only once AWS has made them."""

    name: str
    path: str = "/"
    console: bool = False
    must_change_password: bool = False
    mfa: bool = False
    ssh_key: bool = False
    groups: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    active_keys: tuple[str, ...] = ()
    inactive_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planted:
    """What the account holds. Attached policies are given by ARN, all else by name."""

    account: str
    alias: str
    minimum_password_length: int
    users: tuple[PlantedUser, ...]
    group_policies: dict[str, tuple[str, ...]]
    empty_groups: tuple[str, ...]
    policies: tuple[str, ...]
    unused_policies: tuple[str, ...]
    roles: tuple[str, ...]
    service_linked_roles: tuple[str, ...]
    workload_role: str
    unassigned_mfa: str
    saml_provider: str
    oidc_provider: str

    def user(self, name: str) -> PlantedUser:
        """The user of that name; one that was not planted raises KeyError."""
        return {user.name: user for user in self.users}[name]

    def to_json(self) -> str:
        """Text from which `from_json` makes an equal description, in another process too."""
        return json.dumps(self, default=_fields)

    @classmethod
    def from_json(cls, text: str) -> "Planted":
        """The description that `to_json` wrote."""
        data = json.loads(text)
        data["users"] = [PlantedUser(**_tuples(user)) for user in data["users"]]
        data["group_policies"] = _tuples(data["group_policies"])
        return cls(**_tuples(data))


def _fields(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}


ACCOUNT = "123456789012"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_LOGS = f"arn:aws:iam::{ACCOUNT}:policy/read-logs"

DESCRIPTION = Planted(
    account=ACCOUNT,
    alias="harbour-lights",
    minimum_password_length=8,
    users=(
        PlantedUser("alice", console=True, mfa=True, ssh_key=True, groups=("developers",)),
        # The worst one: an administrator by direct policy, no MFA, two keys.
        PlantedUser("bob", console=True, attached=(ADMINISTRATOR,), active_keys=("", "")),
        PlantedUser("ci-deploy", path="/ops/", inline=("deploy",), active_keys=("",)),
        PlantedUser("dave", inactive_keys=("",), active_keys=("",)),
        # Legal names that must not become a formula, an option or a path.
        PlantedUser("=1+1@example.com", console=True, must_change_password=True),
        PlantedUser("-dash", groups=("developers",)),
    ),
    group_policies={
        "admins": (ADMINISTRATOR,),
        "developers": (READ_LOGS,),
        "empty-shelf": (),
    },
    empty_groups=("admins", "empty-shelf"),
    policies=("read-logs", "unused-star"),
    unused_policies=("unused-star",),
    roles=("ec2-workload", "github-deploy", "partner-access", "saml-operators", "forgotten"),
    service_linked_roles=("AWSServiceRoleForAutoScaling",),
    workload_role="ec2-workload",
    unassigned_mfa="spare",
    saml_provider="office-sso",
    oidc_provider=_PROVIDER,
)

_PASSWORD = "Correct-horse-1"
_SSH_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== alice@laptop"
_SAML = f"<EntityDescriptor>{'x' * 1000}</EntityDescriptor>"


def _policy(action: str | list[str], resource: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trust(action: str, principal: dict[str, str], condition: dict[str, Any] | None = None) -> str:
    statement = {"Effect": "Allow", "Action": action, "Principal": principal}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trusts() -> dict[str, str]:
    """Who may take each role; two of them are too open on purpose."""
    return {
        "ec2-workload": _trust("sts:AssumeRole", {"Service": "ec2.amazonaws.com"}),
        "github-deploy": _trust(
            "sts:AssumeRoleWithWebIdentity",
            {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_PROVIDER}"},
            {"StringEquals": {f"{_PROVIDER}:aud": "sts.amazonaws.com"}},
        ),
        "partner-access": _trust("sts:AssumeRole", {"AWS": "arn:aws:iam::210987654321:root"}),
        "saml-operators": _trust(
            "sts:AssumeRoleWithSAML",
            {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/{DESCRIPTION.saml_provider}"},
            {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        ),
        "forgotten": _trust("sts:AssumeRole", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    }


def plant(endpoint: str) -> Planted:
    """Build the account on an empty moto server, and return its description with all key IDs."""
    iam = boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    iam.create_account_alias(AccountAlias=DESCRIPTION.alias)
    iam.update_account_password_policy(
        MinimumPasswordLength=DESCRIPTION.minimum_password_length, RequireNumbers=True
    )
    iam.create_policy(
        PolicyName="read-logs", PolicyDocument=_policy(["logs:Get*", "logs:FilterLogEvents"], "*")
    )
    iam.create_policy(PolicyName="unused-star", PolicyDocument=_policy("*", "*"))
    for group, policies in DESCRIPTION.group_policies.items():
        iam.create_group(GroupName=group)
        for arn in policies:
            iam.attach_group_policy(GroupName=group, PolicyArn=arn)
    users = tuple(_plant_user(iam, user) for user in DESCRIPTION.users)
    iam.create_virtual_mfa_device(VirtualMFADeviceName=DESCRIPTION.unassigned_mfa)
    iam.create_saml_provider(Name=DESCRIPTION.saml_provider, SAMLMetadataDocument=_SAML)
    iam.create_open_id_connect_provider(
        Url=f"https://{_PROVIDER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["6" * 40]
    )
    for role, trust in _trusts().items():
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName=DESCRIPTION.workload_role, PolicyArn=READ_LOGS)
    iam.create_instance_profile(InstanceProfileName=DESCRIPTION.workload_role)
    iam.add_role_to_instance_profile(
        InstanceProfileName=DESCRIPTION.workload_role, RoleName=DESCRIPTION.workload_role
    )
    iam.put_role_policy(
        RoleName="github-deploy",
        PolicyName="pass",
        PolicyDocument=_policy(["iam:PassRole", "lambda:*"], "*"),
    )
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    return replace(DESCRIPTION, users=users)


def _plant_user(iam: Any, user: PlantedUser) -> PlantedUser:
    name = {"UserName": user.name}
    iam.create_user(**name, Path=user.path)
    if user.console:
        profile = name | {"Password": _PASSWORD}
        iam.create_login_profile(**profile, PasswordResetRequired=user.must_change_password)
        # moto forgets the flag at creation and keeps it here.
        iam.update_login_profile(**profile, PasswordResetRequired=user.must_change_password)
    if user.mfa:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user.name)
        iam.enable_mfa_device(
            **name,
            SerialNumber=device["VirtualMFADevice"]["SerialNumber"],
            AuthenticationCode1="123456",
            AuthenticationCode2="654321",
        )
    if user.ssh_key:
        iam.upload_ssh_public_key(**name, SSHPublicKeyBody=_SSH_KEY)
    for group in user.groups:
        iam.add_user_to_group(**name, GroupName=group)
    for arn in user.attached:
        iam.attach_user_policy(**name, PolicyArn=arn)
    for inline in user.inline:
        iam.put_user_policy(
            **name, PolicyName=inline, PolicyDocument=_policy("s3:PutObject", "arn:aws:s3:::site/*")
        )
    active = tuple(_plant_key(iam, user, active=True) for _ in user.active_keys)
    inactive = tuple(_plant_key(iam, user, active=False) for _ in user.inactive_keys)
    return replace(user, active_keys=active, inactive_keys=inactive)


def _plant_key(iam: Any, user: PlantedUser, *, active: bool) -> str:
    key: str = iam.create_access_key(UserName=user.name)["AccessKey"]["AccessKeyId"]
    if not active:
        iam.update_access_key(UserName=user.name, AccessKeyId=key, Status="Inactive")
    return key


@contextmanager
def moto_server(folder: Path) -> Iterator[str]:
    """Run moto's server on a free loopback port, give its address, and stop it at the end.

    Its log is `moto.log` in `folder`. A server that doesn't answer within a minute, or that ends
    before it answers, raises RuntimeError with the end of that log.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "moto.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            env=os.environ | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            if server.poll() is not None or time.monotonic() > deadline:
                what = f"moto did not answer on port {port}: {log.read_text()[-2000:]}"
                raise RuntimeError(what)
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(port: int) -> bool:
    # No proxy of the environment may come between: urllib would ask it, http.client doesn't.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/moto-api/data.json")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def collect(tmp_path: Path, endpoint: str) -> Path:
    """Run the export script against `endpoint`, and return the pack.

    What it said lies in `collect.log`. A script that fails or leaves more or less than one pack
    raises RuntimeError with those words. moto tells nothing of last use, so it doesn't ask.
    """
    text = export.collect_script(regions=REGIONS, last_accessed=export.LastAccessed.NONE)
    ended = run_script(tmp_path, endpoint, text)
    (tmp_path / "collect.log").write_text(ended.stdout, encoding="utf-8")
    packs = sorted(tmp_path.glob("credaudit-*.tar.gz"))
    if ended.returncode or len(packs) != 1:
        what = f"the script ended with {ended.returncode} and {len(packs)} packs: {ended.stdout}"
        raise RuntimeError(what)
    return packs[0]


def run_script(tmp_path: Path, endpoint: str, text: str) -> subprocess.CompletedProcess[str]:
    """Run an export script with the real AWS CLI; its packs lie in `tmp_path`.

    It has a home of its own, so that no profile of the person who runs the tests takes part, and
    made-up credentials.
    """
    script = tmp_path / "collect.sh"
    script.write_text(text, encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    bash = shutil.which("bash")
    if bash is None:
        raise RuntimeError("bash is not on PATH")
    return subprocess.run(
        [bash, str(script), "-o", str(tmp_path)],
        env={
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(home),
            "LC_ALL": "C",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGIONS[0],
            "AWS_EC2_METADATA_DISABLED": "true",
            # moto answers 500 to what it doesn't implement; ten attempts at it would take minutes.
            "AWS_MAX_ATTEMPTS": "1",
            "CREDAUDIT_JOBS": str(max(2, os.cpu_count() or 2)),
            "NO_PROXY": "127.0.0.1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
