"""In: packs, folders and single files. Out: the proof that no file joins a stranger's account."""

import json

import pytest

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import (
    ACCOUNT,
    OTHER,
    artifact,
    faults,
    put,
    reading,
    report,
    tarred,
    wrapper,
    zipped,
)

POLICY = {"PasswordPolicy": {"MinimumPasswordLength": 8}}
SUMMARY = {"SummaryMap": {"Users": 55}}
OF_A_MEMBER = {"id": "1", "resourceOwnerAccount": OTHER, "status": "ACTIVE", "findingDetails": []}
STRANGER = {"UserId": "A", "Account": OTHER, "Arn": f"arn:aws:sts::{OTHER}:x"}


def manifest(*files: str) -> dict:
    """The record of a pack of the account."""
    calls = [{"file": name, "error": None} for name in files]
    return {"credaudit_pack": 1, "account": ACCOUNT, "calls": calls}


def test_a_finding_about_a_member_makes_no_account(tmp_path):
    """An organization's analyzer finds resources of members; its files stay the account's."""
    files = {
        "pack/report.json": wrapper(report()),
        "pack/access-analyzer/finding.json": OF_A_MEMBER,
        "pack/password-policy.json": POLICY,
    }
    evidence = reading(tmp_path, files)
    accounts, problems = build_accounts(evidence)
    assert [each.id for each in accounts] == [ACCOUNT]
    assert accounts[0].available_exports >= {ExportKind.PASSWORD_POLICY}
    assert not (*problems, *evidence.problems)


@pytest.mark.parametrize("name", ["password-policy.json", "users/password-policy.json"])
def test_a_pack_s_manifest_says_whose_its_files_are(tmp_path, name):
    """A stranger's file that fell into the pack takes nothing away from it."""
    beside = name.replace("password-policy", "identity")
    files = {"pack.json": manifest(name), name: POLICY, beside: STRANGER}
    evidence = reading(tmp_path, files)
    assert artifact(evidence, "password-policy.json").account == ACCOUNT
    assert artifact(evidence, "identity.json").account == OTHER
    assert faults(evidence.problems) == ""


def test_a_manifest_does_not_speak_for_a_folder_of_another_account(tmp_path):
    """What the manifest does not list, and another account's folder holds, is that account's."""
    files = {
        "pack.json": manifest("report.csv"),
        "report.csv": report(),
        "b/report.csv": report(account=OTHER),
        "b/policy.json": POLICY,
    }
    assert artifact(reading(tmp_path, files), "policy.json").account == OTHER


COATS = ["folder", "zip", "tar.gz"]


def handed_in(place, name, files, coat):
    """The files as one input of that name."""
    if coat == "folder":
        return put(place / name, files)
    packed = zipped(files) if coat == "zip" else tarred(files)
    return put(place, {f"{name}.{coat}": packed}) / f"{name}.{coat}"


@pytest.mark.parametrize("coat", COATS)
@pytest.mark.parametrize("document", [POLICY, SUMMARY], ids=["policy", "summary"])
def test_an_input_does_not_join_the_one_beside_it(tmp_path, coat, document):
    """A folder or archive that names no account is nobody's, and never the neighbour's."""
    nameless = handed_in(tmp_path, "a", {"x.json": json.dumps(document)}, coat)
    named = handed_in(tmp_path, "b", {"report.csv": report()}, coat)
    evidence = load_evidence((nameless, named))
    assert artifact(evidence, "x.json").account is None
    assert "nothing says to which account" in faults(evidence.problems)


@pytest.mark.parametrize(
    ("names", "account"),
    [
        (("b/report.csv", "b/x.json"), ACCOUNT),
        (("b/report.csv", "a/x.json"), None),
        (("b/report.csv.gz", "b/x.json"), ACCOUNT),
    ],
    ids=["one folder", "two folders", "compressed"],
)
def test_single_files_are_neighbours_in_their_own_folder(tmp_path, names, account):
    """Files named one by one belong together where they lie together, and nowhere else."""
    contents = {names[0]: report(), names[1]: POLICY}
    if names[0].endswith(".gz"):
        contents[names[0]] = zipped({"report.csv": report()})
    put(tmp_path, contents)
    evidence = load_evidence(tuple(tmp_path / name for name in names))
    assert artifact(evidence, "x.json").account == account
    assert bool(evidence.problems) is (account is None)


def test_a_single_file_belongs_to_the_pack_in_its_folder(tmp_path):
    """Handed in beside a folder of one account, in the same place, a file is that account's."""
    put(tmp_path, {"pack/report.csv": report(), "x.json": POLICY})
    evidence = load_evidence((tmp_path / "pack", tmp_path / "x.json"))
    assert artifact(evidence, "x.json").account == ACCOUNT


@pytest.mark.parametrize(
    ("theirs", "account"),
    [
        ({"PasswordPolicy": {"MinimumPasswordLength": 16}}, None),
        (POLICY, ACCOUNT),
        (SUMMARY, ACCOUNT),
    ],
    ids=["another answer", "the same answer", "an answer to something else"],
)
def test_a_folder_with_an_answer_of_its_own_is_not_the_account_s_beside_it(
    tmp_path, theirs, account
):
    """Two customers in one folder: the one that names no account is nobody's, all of it."""
    files = {
        "a/policy.json": POLICY,
        "a/more/contact.json": {"AlternateContact": {"AlternateContactType": "SECURITY"}},
        "b/report.csv": report(),
        "b/policy.json": theirs,
    }
    evidence = reading(tmp_path, files)
    assert artifact(evidence, "b/policy.json").account == ACCOUNT
    assert artifact(evidence, "a/policy.json").account == account
    assert artifact(evidence, "a/more/contact.json").account == account
    assert ("nothing says to which account" in faults(evidence.problems)) is (account is None)
