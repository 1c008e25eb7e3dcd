"""In: lists that hold entries of two accounts. Out: the proof that each account gets its own."""

from analyzer.evidence.artifacts import EvidenceDefect
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import ACCOUNT, OTHER, faults, notes, reading, report


def device(account: str, name: str) -> dict:
    """A virtual device with its owner."""
    return {
        "SerialNumber": f"arn:aws:iam::{account}:mfa/{name}",
        "UserName": name,
        "EnableDate": "2024-01-01T00:00:00Z",
    }


def test_devices_of_two_accounts_go_to_their_own_account(tmp_path):
    """A device's serial names its account, so a merged list is split by it."""
    devices = {"MFADevices": [device(ACCOUNT, "ann"), device(OTHER, "eve")]}
    evidence = reading(tmp_path, {"mfa.json": devices})
    assert faults(evidence.problems) == ""
    parts = {each.account: each.node for each in evidence.documents}
    assert {
        account: [
            (each.text("UserName"), each.location.pointer) for each in node.each("MFADevices")
        ]
        for account, node in parts.items()
    } == {ACCOUNT: [("ann", "/MFADevices/0")], OTHER: [("eve", "/MFADevices/1")]}


def test_a_device_of_no_account_in_a_merged_list_counts_for_nobody(tmp_path):
    """The number of a hardware token names no account: it is left out, and the list is cut."""
    token = {"SerialNumber": "GAHT12345678", "UserName": "ann"}
    devices = {"MFADevices": [device(ACCOUNT, "ann"), device(OTHER, "eve"), token]}
    evidence = reading(tmp_path, {"mfa.json": devices})
    assert "nobody can tell whose are the entries at /MFADevices/2" in faults(evidence.problems)
    defects = [note.defect for each in evidence.artifacts for note in each.notes]
    assert EvidenceDefect.TRUNCATED in defects
    held = [list(each.node.each("MFADevices")) for each in evidence.documents]
    assert [len(each) for each in held] == [1, 1]


def test_a_list_of_one_account_is_left_as_it_is(tmp_path):
    """A token's number in the list of one account is that account's."""
    token = {"SerialNumber": "GAHT12345678", "UserName": "ann"}
    evidence = reading(tmp_path, {"mfa.json": {"MFADevices": [device(ACCOUNT, "bob"), token]}})
    (document,) = evidence.documents
    assert (document.kind, document.account) == (ExportKind.MFA_DEVICES, ACCOUNT)
    assert len(list(document.node.each("MFADevices"))) == 2


def test_a_credential_report_of_two_accounts_says_so(tmp_path):
    """Rows belong to the account in their arn; a note names both accounts."""
    rows = report() + "\n" + report(account=OTHER).partition("\n")[2]
    evidence = reading(tmp_path, {"r.csv": rows})
    assert f"it holds entries of accounts {ACCOUNT}, {OTHER}; each was judged" in notes(evidence)
    accounts, _ = build_accounts(evidence)
    assert [[each.name for each in of.users] for of in accounts] == [["ann"], ["ann"]]
