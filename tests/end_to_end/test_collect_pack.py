"""In: the pack that the export script made with a real AWS CLI. Out: proof of its layout."""

import base64
import hashlib
import json
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.account import REGIONS, Planted

pytestmark = pytest.mark.xdist_group("pack")

ACCOUNT_FILES = {
    "account-aliases.json": "AccountAliases",
    "account-summary.json": "SummaryMap",
    "authorization-details.json": "UserDetailList",
    "caller-identity.json": "Account",
    "credential-report.json": "Content",
    "oidc-providers.json": "OpenIDConnectProviderList",
    "organization-accounts.json": "Accounts",
    "password-policy.json": "PasswordPolicy",
    "saml-providers.json": "SAMLProviderList",
    "server-certificates.json": "ServerCertificateMetadataList",
    "virtual-mfa-devices.json": "VirtualMFADevices",
}
# What moto can't answer stands for whatever an account owner isn't allowed to ask.
UNANSWERED = {
    "contact-information.json",
    "organizations-features.json",
    "service-specific-credentials.json",
    *(f"access-analyzer/{region}.analyzers.json" for region in REGIONS),
    *(f"workloads/{region}.trust-anchors.json" for region in REGIONS),
}
OF_AN_ORGANIZATION = ("organization/", "control-policies/")
"""What is asked because moto lists an account's organization where there is none."""
NOTHING_THERE = {
    "organization.json", "security-contact.json", "billing-contact.json", "operations-contact.json",
}  # fmt: skip


@pytest.fixture(scope="session")
def members(pack: Path) -> dict[str, bytes]:
    """The files of the pack by their names inside its one folder."""
    with tarfile.open(pack) as archive:
        read = {
            member.name: archive.extractfile(member).read()
            for member in archive.getmembers()
            if member.isfile()
        }
    folder = f"{pack.name.removesuffix('.tar.gz')}/"
    assert all(name.startswith(folder) for name in read)
    return {name.removeprefix(folder): content for name, content in read.items()}


@pytest.fixture(scope="session")
def calls(members: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """The calls of the manifest that were to leave a file, by that file."""
    manifest = json.loads(members["pack.json"])
    return {call["file"]: call for call in manifest["calls"] if call["file"]}


def test_every_file_is_in_the_sums_and_has_its_sum(members):
    """SHA256SUMS names every other file once, and each has the digest it states."""
    lines = members["SHA256SUMS"].decode().splitlines()
    stated = dict(reversed(line.split("  ", 1)) for line in lines)
    assert len(stated) == len(lines)
    assert stated == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in members.items()
        if name != "SHA256SUMS"
    }


def test_the_printed_digest_is_the_archives(collected, pack):
    """The name and the SHA-256 that the owner reads off the screen are the archive's own."""
    said = (collected / "collect.log").read_text(encoding="utf-8")
    assert f"/{pack.name}" in said
    assert hashlib.sha256(pack.read_bytes()).hexdigest() in said


def test_nobody_else_can_read_the_pack(pack):
    """Neither the archive nor the folder beside it is open to other users of the machine."""
    for path in (pack, pack.with_name(pack.name.removesuffix(".tar.gz"))):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_manifest_tells_of_every_file(members, calls, planted):
    """pack.json names the account, the times and the call behind each answer and each error."""
    manifest = json.loads(members["pack.json"])
    assert manifest["credaudit_pack"] == 1
    assert manifest["account"] == planted.account
    assert manifest["started"] < manifest["finished"]
    assert manifest["script"].startswith("credaudit ")
    assert manifest["cli"].startswith("aws-cli/")
    assert manifest["regions"] == list(REGIONS)
    told = {call["error"] or call["file"] for call in calls.values()}
    assert told == members.keys() - {"SHA256SUMS", "pack.json"}
    for call in manifest["calls"]:
        assert call["command"].startswith("aws ")
        assert (call["exit"] == 0) == (call["outcome"] == "ok") == (call["error"] is None)
        assert manifest["started"] <= call["started"] <= manifest["finished"]


@pytest.mark.parametrize(("file", "key"), ACCOUNT_FILES.items())
def test_each_answer_about_the_account_has_its_file(members, file, key):
    """An answer about the whole account is the document that AWS gives, in a file of its own."""
    assert key in json.loads(members[file])


def test_the_credential_report_is_whole(members, planted):
    """The script waits for the report, and it lists every user."""
    report = json.loads(members["credential-report.json"])
    rows = base64.b64decode(report["Content"]).decode().splitlines()
    assert report["ReportFormat"] == "text/csv"
    assert report["GeneratedTime"]
    assert {row.split(",")[0] for row in rows[1:]} == {user.name for user in planted.users}


@pytest.mark.parametrize("file", sorted(UNANSWERED))
def test_a_failed_call_leaves_its_error_and_the_script_goes_on(members, calls, file):
    """A call that fails leaves no answer but its command and AWS's words, and counts as failed."""
    error = f"{file.removesuffix('.json')}.error.txt"
    first, _, rest = members[error].decode().partition("\n")
    assert file not in members
    assert first == calls[file]["command"]
    assert rest.strip()
    assert calls[file] | {"outcome": "failed", "error": error} == calls[file]


def test_the_owner_is_told_what_failed(collected, calls):
    """The last words on the screen count the failed calls and name their files in the pack."""
    said = (collected / "collect.log").read_text(encoding="utf-8")
    failed = {call["error"] for call in calls.values() if call["outcome"] == "failed"}
    own = {error for error in failed if not error.startswith(OF_AN_ORGANIZATION)}
    assert own == {f"{file.removesuffix('.json')}.error.txt" for file in UNANSWERED}
    assert f" calls, {len(failed)} failed." in said
    named = [error for error in failed if f"  {error}\n" in said]
    assert len(named) == min(len(failed), 10)


@pytest.mark.parametrize("file", sorted(NOTHING_THERE))
def test_there_is_none_is_an_answer(members, calls, file):
    """Where AWS says that there is no such thing, its words are kept and nothing has failed."""
    assert f"{file.removesuffix('.json')}.error.txt" in members
    assert calls[file]["outcome"] == "none"


def lists(members: dict[str, bytes], sort: str) -> list[dict[str, Any]]:
    """The users' lists of that sort."""
    return [
        json.loads(content)
        for name, content in members.items()
        if name.startswith("users/") and name.endswith(f".{sort}.json")
    ]


def test_each_user_is_asked_for_what_the_report_says(members, planted):
    """A list says whose it is, even where it is empty; of each sort there is one at least."""
    everybody = {user.name for user in planted.users}
    holders = {
        "access-keys": {each.name for each in planted.users if each.active_keys},
        "mfa-devices": {each.name for each in planted.users if each.mfa},
        "ssh-keys": everybody,
    }
    for sort, names in holders.items():
        assert {each["credaudit_user"] for each in lists(members, sort)} == names
    # Nobody has a certificate, so one user was asked.
    (certificates,) = lists(members, "signing-certificates")
    assert certificates["credaudit_user"] in everybody
    assert certificates["Certificates"] == []


def test_keys_stand_with_their_users(members, planted):
    """Each user's list holds the IDs and states of the keys that were made for them."""
    assert {
        (entry["credaudit_user"], key["AccessKeyId"], key["Status"])
        for entry in lists(members, "access-keys")
        for key in entry["AccessKeyMetadata"]
    } == {
        *((user.name, key, "Active") for user in planted.users for key in user.active_keys),
        *((user.name, key, "Inactive") for user in planted.users for key in user.inactive_keys),
    }


def test_whoever_has_a_password_has_a_login_profile(members, calls, planted):
    """The report names them; nobody else is asked."""
    profiles = [
        json.loads(members[file])["LoginProfile"]
        for file in calls
        if file.endswith(".login-profile.json")
    ]
    assert {profile["UserName"]: profile["PasswordResetRequired"] for profile in profiles} == {
        user.name: user.must_change_password for user in planted.users if user.console
    }


def test_names_never_become_paths(members):
    """Files are named by this project's words, regions and numbers alone."""
    known = {*ACCOUNT_FILES, *UNANSWERED, *NOTHING_THERE, "pack.json", "SHA256SUMS"}
    words = {*REGIONS, *(f"{number:04d}" for number in range(1, 10))}
    others = [
        name.rpartition("/")
        for name in members
        if name.replace(".error.txt", ".json") not in known
        and not name.startswith(OF_AN_ORGANIZATION)
    ]
    assert {folder for folder, _, _ in others} == {
        "users", "oidc-providers", "saml-providers", "identity-center", "trails", "workloads",
    }  # fmt: skip
    assert {file.split(".")[0] for _, _, file in others} <= words


def test_devices_come_without_their_seeds(members, planted):
    """The list of virtual MFA devices holds serial, date and user, and nothing else."""
    devices = json.loads(members["virtual-mfa-devices.json"])["VirtualMFADevices"]
    owners = {device["SerialNumber"].rpartition("/")[2]: device["User"] for device in devices}
    assert all(device.keys() == {"SerialNumber", "EnableDate", "User"} for device in devices)
    assert {name for name, owner in owners.items() if owner} == {
        user.name for user in planted.users if user.mfa
    }
    assert owners[planted.unassigned_mfa] is None


def test_regional_answers_say_which_region_gave_them(members):
    """What a region answered names that region; AWS's own answer doesn't."""
    for region in REGIONS:
        answer = json.loads(members[f"identity-center/{region}.instances.json"])
        assert answer["credaudit_region"] == region
        assert isinstance(answer["Instances"], list)


def test_an_identity_provider_is_told_with_its_arn(members, planted: Planted):
    """An OpenID Connect provider's details say which provider they are of."""
    provider = json.loads(members["oidc-providers/0001.json"])
    assert provider["credaudit_arn"].endswith(f":oidc-provider/{planted.oidc_provider}")
    assert provider["ClientIDList"] == ["sts.amazonaws.com"]


def test_no_secret_is_in_the_pack(members):
    """Neither the password nor the credentials of the run, nor any key's secret, is in a file."""
    text = b"\n".join(members.values())
    for secret in (b"Correct-horse-1", b"SecretAccessKey", b"Base32StringSeed", b"QRCodePNG"):
        assert secret not in text
