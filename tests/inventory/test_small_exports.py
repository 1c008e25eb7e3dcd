"""In: the small exports. Out: the proof that keys, passwords, devices and the alias are read."""

import pytest

from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import (
    ACCOUNT,
    faults,
    reading,
    report,
    root,
    row,
    table,
)
from tests.inventory.joined_account import MADE, account_of, listed


def test_the_same_list_twice_names_each_key_once(tmp_path):
    """A file handed in twice does not make its keys ambiguous."""
    keys = listed(("A", "Active", MADE))
    files = {"r.csv": report(), "k.json": keys, "copy/k.json": keys}
    account = account_of(tmp_path, files)
    assert [key.key_id for key in account.listed_keys] == ["A"]
    assert account.users[0].report_entry.keys[0].key_id == "A"


def test_the_newest_word_on_a_key_counts(tmp_path):
    """Of two captures of one key the newer one tells its status."""
    calls = [
        {"file": name, "started": f"2026-0{month}-01T00:00:00Z"}
        for name, month in (("a.json", 1), ("b.json", 3), ("c.json", 2))
    ]
    files = {
        name: listed(("A", status, MADE))
        for name, status in (("a.json", "Active"), ("b.json", "Inactive"), ("c.json", "Active"))
    }
    pack = {"credaudit_pack": 1, "account": ACCOUNT, "calls": calls}
    evidence = reading(tmp_path, files | {"r.csv": report(), "pack.json": pack})
    (account,), problems = build_accounts(evidence)
    assert [key.active for key in account.listed_keys] == [False]
    assert faults(problems).count("in/b.json was used") == 1


@pytest.mark.parametrize("statuses", [("Active", "Inactive"), ("Inactive", "Active")])
@pytest.mark.parametrize(
    "others", [(), (("B", "Active", MADE),)], ids=["his list", "a merged list"]
)
def test_of_two_lists_that_contradict_each_other_the_file_s_name_decides_nothing(
    tmp_path, statuses, others
):
    """Nothing says which is newer, so the key's status is unknown."""
    first, second = (listed(("A", status, MADE)) for status in statuses)
    second["AccessKeyMetadata"] += listed(*others, user_name="bob")["AccessKeyMetadata"]
    evidence = reading(tmp_path, {"r.csv": report(), "a.json": first, "b.json": second})
    (account,), _ = build_accounts(evidence)
    told = {key.key_id: key.active for key in account.listed_keys}
    assert told["A"] is MissingValue.UNREADABLE


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_newest_word_on_a_password_counts(tmp_path, newest_first):
    """Of two captures of one login profile the newer one is used, whatever the files are called."""
    names = ("a.json", "b.json") if newest_first else ("b.json", "a.json")
    pack = {
        "credaudit_pack": 1,
        "account": ACCOUNT,
        "calls": [
            {"file": names[0], "started": "2026-03-01T00:00:00Z"},
            {"file": names[1], "started": "2026-01-01T00:00:00Z"},
        ],
    }
    profiles = {
        name: {"LoginProfile": {"UserName": "ann", "PasswordResetRequired": needed}}
        for name, needed in zip(names, (False, True), strict=True)
    }
    evidence = reading(tmp_path, profiles | {"r.csv": report(), "pack.json": pack})
    (account,), problems = build_accounts(evidence)
    assert account.users[0].login_profile.reset_required is False
    assert f"in/{names[0]} was used" in faults(problems)


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ({"PasswordResetRequired": True}, True),
        ({"PasswordResetRequired": False}, False),
        ({"PasswordResetRequired": "perhaps"}, MissingValue.UNREADABLE),
        ({}, MissingValue.UNREADABLE),
    ],
)
def test_a_reset_that_is_not_told_is_unknown(tmp_path, profile, told):
    """A query that cut the member off does not say that no reset is required."""
    files = {"r.csv": report(), "p.json": {"LoginProfile": {"UserName": "ann"} | profile}}
    assert account_of(tmp_path, files).users[0].login_profile.reset_required is told


DEVICES = {
    "VirtualMFADevices": [
        {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root",
         "User": {"Arn": f"arn:aws:iam::{ACCOUNT}:root"}},
        {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/ann",
         "User": {"Arn": f"arn:aws:iam::{ACCOUNT}:user/team/ann"}},
        {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-spare",
         "User": {"Arn": f"arn:aws:iam::{ACCOUNT}:user/root"}},
        {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/unused"},
    ]
}  # fmt: skip


def test_a_device_belongs_to_its_owner(tmp_path):
    """Root's device is known by the owner's ARN; a user called root has his own."""
    own = {
        "MFADevices": [
            {"UserName": "ann", "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/ann"},
            {"UserName": "ann", "SerialNumber": f"arn:aws:iam::{ACCOUNT}:u2f/user/ann/k"},
        ]
    }
    rows = (root(), row("ann"), row("root"))
    files = {"r.csv": table(*rows), "v.json": DEVICES, "u.json": own}
    account = account_of(tmp_path, files)
    held = {each.name: [(d.serial.partition(":iam::")[2], d.is_virtual) for d in each.mfa_devices]
            for each in account.users}  # fmt: skip
    assert [each.serial.rpartition("/")[2] for each in account.root_mfa_devices] == ["root"]
    assert sorted(held["ann"]) == [
        (f"{ACCOUNT}:mfa/ann", True),
        (f"{ACCOUNT}:u2f/user/ann/k", False),
    ]
    assert [serial for serial, _ in held["root"]] == [f"{ACCOUNT}:mfa/root-spare"]


def test_without_a_list_root_has_unknown_devices(tmp_path):
    """No export of devices is not the same as no device."""
    assert account_of(tmp_path, {"r.csv": report()}).root_mfa_devices is None


def test_a_list_without_devices_is_present(tmp_path):
    """An answer that lists nothing is evidence all the same."""
    files = {"r.csv": report(), "m.json": {"credaudit_user": "ann", "MFADevices": []}}
    account = account_of(tmp_path, files)
    assert ExportKind.MFA_DEVICES in account.available_exports
    assert account.users[0].mfa_devices == ()


def test_the_alias_is_read(tmp_path):
    """The account's alias is its first one, and none where there is none."""
    files = {"r.csv": report(), "a.json": {"AccountAliases": ["acme"]}}
    assert account_of(tmp_path, files).alias == "acme"
    assert account_of(tmp_path / "x", files | {"a.json": {"AccountAliases": []}}).alias is None
