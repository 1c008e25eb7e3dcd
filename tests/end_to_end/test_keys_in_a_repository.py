"""Keys of a real moto account in a real repository, and one audit of both by the real program."""

import json
import subprocess
import sys

import pytest

from analyzer.privesc.graph import PrivilegeLevel
from analyzer.rules.severity import Severity
from tests.end_to_end.account import ACCOUNT, moto_server
from tests.end_to_end.leaky_account import LEAKED, USERS, leak_and_collect

pytestmark = pytest.mark.xdist_group("leaked-keys")
NAMES = [user.name for user in LEAKED]
FROM_MOST = ["not-assessed", *(each.value for each in PrivilegeLevel)]
"""What a key opens, from the most to the least; what nobody reckoned may be everything."""


@pytest.fixture(scope="module")
def folder(made_once, tmp_path_factory):
    """The account, its repository and both reports; the reports are made in every run."""
    made = made_once("leaked-keys", leak)
    out = tmp_path_factory.mktemp("reports")
    for pack in ("whole", "bare"):
        audit(made, pack, out)
    (out / "keys.json").write_bytes((made / "keys.json").read_bytes())
    return out


def leak(folder):
    """Plants keys, commits them and collects the pack."""
    with moto_server(folder) as endpoint:
        keys = leak_and_collect(folder, endpoint)
    (folder / "keys.json").write_text(json.dumps(keys), encoding="utf-8")


def audit(folder, pack, out):
    """One run of the program over a pack and the repository."""
    command = [sys.executable, "-m", "analyzer", "audit", str(folder / pack)]
    command += ["--repo", str(folder / "app.git"), "-o", str(out / f"report-{pack}")]
    ended = subprocess.run(
        [*command, "-f", "json"], capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="module")
def keys(folder):
    """The ID of each user's key."""
    return json.loads((folder / "keys.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reports(folder):
    """The report of each pack."""
    return {
        pack: json.loads((folder / f"report-{pack}" / "report.json").read_text(encoding="utf-8"))
        for pack in ("whole", "bare")
    }


@pytest.fixture(scope="module")
def whole(reports, keys):
    """What is told of each leaked key, by user, with every export that the script makes."""
    return by_user(reports["whole"], keys)


@pytest.fixture(scope="module")
def bare(reports, keys):
    """What is told of each leaked key, by user, without the lists of keys."""
    return by_user(reports["bare"], keys)


def by_user(report, keys):
    """The credentials of the report by the user whose each is."""
    found = {each["key_id"]: each for each in report["credentials"]}
    assert sorted(found) == sorted(keys[name] for name in NAMES)
    return {name: found[keys[name]] for name in NAMES}


def kinds(report, credential):
    """Which exports the proof of its status points into."""
    known = {each["id"]: each["kind"] for each in report["evidence"]}
    return [known[place["evidence"]] for place in credential["status_evidence"]["places"]]


def suspects(credential):
    """The candidates' names."""
    return {each["user"] for each in credential["owner"]["candidates"]}


# Every export is there.

LISTED = sorted(set(NAMES) - {"former", "gone"})


@pytest.mark.parametrize("name", LISTED)
def test_the_owner_of_a_key_is_known_by_the_list_of_keys(whole, name):
    """And nobody else is suspected."""
    owner = whole[name]["owner"]
    assert (owner["certainty"], owner["user"], owner["candidates"]) == ("exact", name, [])
    assert owner["places"]


@pytest.mark.parametrize("pack", ["whole", "bare"])
def test_the_file_that_a_key_leaked_in_can_name_its_owner(reports, keys, pack):
    """A Terraform state does; as anybody can write one, the candidates stand beside."""
    gone = by_user(reports[pack], keys)["gone"]
    assert (gone["owner"]["certainty"], gone["owner"]["user"]) == ("exact", "gone")
    assert gone["owner"]["places"][0]["path"] == "infra/terraform.tfstate"
    assert "gone" in suspects(gone)


def test_of_a_deleted_key_that_nothing_names_the_owner_is_a_candidate(whole):
    """No list has it any more, and its file says nothing."""
    owner = whole["former"]["owner"]
    assert (owner["certainty"], owner["user"]) == ("inferred", None)
    assert suspects(whole["former"]) == {user.name for user in USERS} | {"<root_account>"}


@pytest.mark.parametrize(
    ("name", "status", "proof"),
    [
        ("alice-admin", "active", {"access_keys", "credential_report"}),
        ("uploader", "active", {"access_keys", "credential_report"}),
        ("climber", "active", {"access_keys", "credential_report"}),
        ("guarded", "active", {"access_keys", "credential_report"}),
        ("retired", "inactive", {"access_keys", "credential_report"}),
        ("gone", "deleted", {"credential_report"}),
        ("former", "deleted", {"credential_report"}),
    ],
)
def test_the_status_of_a_key_is_told_with_its_cells(whole, reports, name, status, proof):
    """By the list, or by the rows whose every key a list names."""
    assert (whole[name]["status"], whole[name]["status_evidence"]["certain"]) == (status, True)
    assert set(kinds(reports["whole"], whole[name])) == proof


@pytest.mark.parametrize(
    ("name", "level", "severity"),
    [
        ("alice-admin", "administrator", "critical"),
        ("climber", "one step from administrator", "critical"),
        ("uploader", "limited", "high"),
        ("guarded", "limited", "high"),
        ("retired", "limited", "medium"),
        ("gone", "limited", "low"),
    ],
)
def test_what_a_key_opens_decides_how_bad_its_leak_is(whole, name, level, severity):
    """Together with its status; a guard by MFA holds against the bare key."""
    assert (whole[name]["blast_radius"]["level"], whole[name]["severity"]) == (level, severity)
    assert whole[name]["blast_radius"]["principal"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"


def test_the_way_to_full_control_leads_over_the_role(whole):
    """And the role is within reach."""
    role = f"arn:aws:iam::{ACCOUNT}:role/ops"
    assert [step["target"] for step in whole["climber"]["blast_radius"]["route"]] == [role]
    assert [each["role"] for each in whole["climber"]["blast_radius"]["roles"]] == [role]


@pytest.mark.parametrize("name", NAMES)
def test_each_key_was_found_where_it_was_committed(whole, name):
    """One credential, its secret in the open, with the commit and its date."""
    paths = {each["path"] for each in whole[name]["occurrences"]}
    assert paths == {user.file for user in LEAKED if user.name == name}
    assert whole[name]["exposure"]["what"] == "secret"
    assert {"leaked", "report"} <= {each["what"] for each in whole[name]["timeline"]}


def test_a_live_key_that_was_not_found_is_listed_as_unseen(reports, keys):
    """It alone; whoever reads it knows that it was looked for."""
    [unseen] = reports["whole"]["accounts"][0]["keys_not_seen"]
    assert (unseen["user"], unseen["key_id"], unseen["compared"]) == ("quiet", keys["quiet"], True)


# The same without the lists of keys.


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"gone"}))
def test_without_lists_the_owner_is_a_candidate(bare, name):
    """Nobody is named for certain, and nobody who could be it is left out."""
    assert bare[name]["owner"]["certainty"] == "inferred"
    assert bare[name]["owner"]["user"] is None
    assert name in suspects(bare[name])


@pytest.mark.parametrize("name", NAMES)
def test_without_lists_no_key_is_called_dead(bare, name):
    """Somebody has a key that is on, and it may be this one."""
    assert bare[name]["status"] == "unknown"


@pytest.mark.parametrize("name", NAMES)
def test_without_lists_nothing_looks_safer(whole, bare, name):
    """Neither what a key opens nor how bad its leak is."""
    levels = [FROM_MOST.index(each[name]["blast_radius"]["level"]) for each in (bare, whole)]
    severities = [list(Severity).index(each[name]["severity"]) for each in (bare, whole)]
    assert levels == sorted(levels)
    assert severities == sorted(severities)


def test_without_lists_every_live_key_is_unseen_and_could_not_be_looked_for(reports):
    """Any of them may be one that leaked."""
    unseen = reports["bare"]["accounts"][0]["keys_not_seen"]
    assert {each["user"] for each in unseen} == {user.name for user in USERS if user.fate == "kept"}
    assert not any(each["compared"] or each["key_id"] for each in unseen)
