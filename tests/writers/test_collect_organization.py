"""In: the export script in an organization. Out: proof that it reads every account, and how."""

import os
import shutil

import pytest

from analyzer.errors import ConfigurationError
from analyzer.writers.collect_script import LastAccessed, collect_script
from tests.writers.collect_material import ACCOUNT, MEMBER, Run, collect, prepare, start

SCRIPT = collect_script(
    regions=("eu-west-1",), last_accessed=LastAccessed.NONE, organization="credaudit"
)
SECRET = "made-up/secret+of=a-role"
KEY = "ASIAMADEUPMEMBER"
ANSWERS = {
    "organizations list-accounts text": f"{ACCOUNT}\n{MEMBER}\n",
    "sts assume-role text": f"{KEY}\t{SECRET}\tmade-up-token\n",
    f"sts get-caller-identity json {KEY}": f'{{"Account": "{MEMBER}"}}\n',
    f"organizations list-accounts json {KEY}": "{}\n",
}


def made(run: Run) -> list[str]:
    """The accounts of which there is a pack."""
    return [each.name.split("-")[1] for each in run.archives]


def holders(run: Run, holder: str | None) -> list[dict]:
    """The calls that were made with that key; with None, as who started the script."""
    return [each for each in run.asked if each["environment"].get("AWS_ACCESS_KEY_ID") == holder]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Run:
    """One run over two accounts, with a look for the secret in every file at each call."""
    folder = tmp_path_factory.mktemp("organization")
    return collect(folder, SCRIPT, answers=ANSWERS, secret=SECRET, is_small=True)


def test_every_account_has_its_pack(whole):
    """The management account's own, and the member's through the role; no folders are left."""
    assert whole.code == 0
    assert made(whole) == [ACCOUNT, MEMBER]
    assert len(list(whole.folder.iterdir())) == 2
    assert "2 accounts collected, 0 were there already, 0 failed." in whole.said


def test_the_role_is_entered_once_and_named_exactly(whole):
    """In the member alone, by the ARN of the caller's partition, for an hour."""
    (entered,) = [
        each["arguments"] for each in whole.asked if each["arguments"][1] == "assume-role"
    ]
    assert f"arn:aws:iam::{MEMBER}:role/credaudit" in entered
    assert "3600" in entered


def test_the_credentials_are_in_the_environment_of_the_child_alone(whole):
    """The member is asked with the role's, the management account with none of them."""
    mine, members = holders(whole, None), holders(whole, KEY)
    assert len(mine) > 20
    assert len(members) > 20
    assert {each["environment"].get("AWS_SECRET_ACCESS_KEY") for each in mine} == {None}
    assert {each["environment"]["AWS_SESSION_TOKEN"] for each in members} == {"made-up-token"}


def test_the_secret_is_never_in_a_file(whole):
    """Not in the packs, and at no call in any file near, not even in one that bash makes."""
    assert [each["told"] for each in whole.asked if each["told"]] == []
    for path in (each for each in whole.folder.rglob("*") if each.is_file()):
        assert SECRET.encode() not in path.read_bytes()


def test_a_second_run_asks_only_for_what_is_missing(tmp_path):
    """A finished pack stays; one that is cut or changed, and a folder half done, are done anew."""
    environment = prepare(tmp_path, answers=ANSWERS, is_small=True)
    first = start(tmp_path, SCRIPT, environment)
    mine, members = first.archives
    before = mine.read_bytes()
    members.write_bytes(members.read_bytes()[:-100])
    left = first.folder / f"credaudit-{MEMBER}-20200101T000000Z"
    left.mkdir()
    (left / "half.json").write_text("{}")
    (tmp_path / "asked.jsonl").unlink()
    second = start(tmp_path, SCRIPT, environment)
    assert made(second) == [ACCOUNT, MEMBER]
    assert mine.read_bytes() == before
    assert not left.exists()
    asked_as_owner = {" ".join(each["arguments"][:2]) for each in holders(second, None)}
    assert asked_as_owner <= {
        "configure get", "organizations list-accounts", "sts assume-role",
        "sts get-caller-identity",
    }  # fmt: skip
    assert "1 accounts collected, 1 were there already, 0 failed." in second.said


def test_an_account_that_fails_is_named_and_the_rest_goes_on(tmp_path):
    """The role may be missing somewhere; the exit says that not all is there."""
    third = "777788889999"
    answers = ANSWERS | {"organizations list-accounts text": f"{ACCOUNT}\n{third}\n{MEMBER}\n"}
    answers[f"sts get-caller-identity json {KEY}"] = f'{{"Account": "{MEMBER}"}}\n'
    run = collect(tmp_path, SCRIPT, answers=answers, is_small=True)
    assert run.code == 1
    assert made(run) == [ACCOUNT, MEMBER]
    assert f"The role of account {third} leads into account {MEMBER}" in run.said
    assert f"2 accounts collected, 0 were there already, 1 failed.\n  {third}\n" in run.said


def test_a_role_that_may_not_be_entered_fails(tmp_path):
    """And AWS's own words are said."""
    failures = {"sts assume-role": "An error occurred (AccessDenied) when calling AssumeRole"}
    run = collect(tmp_path, SCRIPT, answers=ANSWERS, failures=failures, is_small=True)
    assert run.code == 1
    assert made(run) == [ACCOUNT]
    assert "(AccessDenied) when calling AssumeRole" in run.said


def test_without_the_list_of_accounts_nothing_is_collected(tmp_path):
    """Only the management account and delegated administrators are told."""
    run = collect(tmp_path, SCRIPT, failures={"organizations list-accounts": "(AccessDenied)"})
    assert run.code == 1
    assert made(run) == []
    assert "management account" in run.said


def test_a_partition_is_that_of_the_caller(tmp_path):
    """Roles of GovCloud have ARNs of their own."""
    identity = f'{{"Account": "{ACCOUNT}",\n "Arn": "arn:aws-us-gov:iam::{ACCOUNT}:user/ann"}}\n'
    answers = ANSWERS | {"sts get-caller-identity json": identity}
    run = collect(tmp_path, SCRIPT, answers=answers, is_small=True)
    entered = [each["arguments"] for each in run.asked if each["arguments"][1] == "assume-role"]
    assert f"arn:aws-us-gov:iam::{MEMBER}:role/credaudit" in entered[0]


@pytest.mark.parametrize("role", ["a b", "role/x", "$(id)", "x" * 65, "a'b", "a\n"])
def test_a_name_that_is_no_role_is_refused(role):
    """Nothing but the name of a role gets into a script that a stranger runs."""
    with pytest.raises(ConfigurationError, match="role"):
        collect_script(organization=role)


def test_without_a_region_the_message_names_one_for_each_partition(tmp_path):
    """In GovCloud and in China us-east-1 knows nobody."""
    refusal = "(InvalidClientTokenId) when calling the GetCallerIdentity operation"
    run = collect(tmp_path, collect_script(), failures={"sts get-caller-identity": refusal})
    assert run.code == 1
    assert "AWS_REGION=us-gov-west-1 bash collect.sh" in run.said
    assert "AWS_REGION=cn-north-1 bash collect.sh" in run.said


@pytest.mark.skipif(shutil.which("shasum") is None, reason="shasum is not installed")
def test_a_mac_has_shasum(tmp_path):
    """Without sha256sum the sums are the same."""
    text = collect_script(regions=("eu-west-1",), last_accessed=LastAccessed.NONE)
    environment = prepare(tmp_path, is_small=True)
    for name in (
        "awk", "base64", "bash", "cat", "date", "env", "find", "grep", "gzip", "head", "mkdir",
        "mktemp", "mv", "perl", "rm", "sed", "shasum", "sleep", "sort", "tar", "tr", "wc", "xargs",
    ):  # fmt: skip
        found = shutil.which(name)
        assert found
        (tmp_path / "bin" / name).symlink_to(found)
    environment["PATH"] = str(tmp_path / "bin")
    run = start(tmp_path, text, environment)
    assert run.code == 0
    lines = run.members()["SHA256SUMS"].decode().splitlines()
    assert len(lines) == len(run.members()) - 1
    assert all(len(line.split("  ")[0]) == 64 for line in lines)


@pytest.fixture(scope="module")
def managed(tmp_path_factory) -> Run:
    """One run in the management account alone."""
    text = collect_script(regions=("eu-west-1",), last_accessed=LastAccessed.NONE)
    return collect(tmp_path_factory.mktemp("managed"), text)


def targets(run: Run) -> list[str]:
    """Whose policies were asked for, each time."""
    return [
        next(word for word in each["arguments"] if word.startswith("--target-id="))[12:]
        for each in run.asked
        if each["arguments"][1] == "list-policies-for-target"
    ]


def test_each_account_and_all_above_it_are_asked_once(managed):
    """Both sorts of policies of every account, unit and root; each parent; each policy's text."""
    assert sorted(targets(managed)) == sorted([ACCOUNT, MEMBER, "ou-abcd-1", "r-abcd"] * 2)
    children = [each["arguments"][2] for each in managed.asked
                if each["arguments"][1] == "list-parents"]  # fmt: skip
    assert sorted(children) == [
        f"--child-id={ACCOUNT}", f"--child-id={MEMBER}", "--child-id=ou-abcd-1",
    ]  # fmt: skip
    described = [each["arguments"][2] for each in managed.asked
                 if each["arguments"][1] == "describe-policy"]  # fmt: skip
    assert described == ["--policy-id=p-FullAWSAccess"]


def test_the_files_say_whose_they_are(managed):
    """Each account has a folder; units and policies are there once."""
    names = {each for each in managed.members() if each.startswith("control-policies/")}
    assert {f"control-policies/{MEMBER}/attached.service.json",
            f"control-policies/{MEMBER}/above.parents.json",
            "control-policies/units/1.service.json",
            "control-policies/policy-0001.json"} <= names  # fmt: skip
    commands = {each["file"]: each["command"] for each in managed.manifest()["calls"]}
    own = commands[f"control-policies/{MEMBER}/attached.service.json"]
    assert f'credaudit_account: `"{MEMBER}"`' in own
    assert f'credaudit_target: `"{MEMBER}"`' in own
    assert "credaudit_unit" in commands["control-policies/units/1.service.json"]


def test_the_environment_of_the_tests_holds_no_credentials():
    """Else the test above would see those instead."""
    assert not {each for each in os.environ if each.startswith("AWS_ACCESS")}
