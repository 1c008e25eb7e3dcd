"""In: all exports of an account. Out: the proof that they become one account, and never another."""

import json
from datetime import UTC, datetime

import pytest

from analyzer.errors import EvidenceError
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.inventory.model import Account
from tests.evidence.export_material import (
    ACCOUNT,
    ANN,
    OTHER,
    details,
    faults,
    reading,
    report,
    root,
    row,
    table,
    user,
    wrapper,
)

MADE = "2024-05-06T07:08:09+00:00"


def account_of(folder, files) -> Account:
    """The one account of the files."""
    (account,), problems = build_accounts(reading(folder, files))
    assert not problems
    return account


def listed(*keys: tuple[str, str, str], user_name: str = "ann") -> dict:
    """A list-access-keys answer: id, status, creation time of each key."""
    return {
        "AccessKeyMetadata": [
            {"UserName": user_name, "AccessKeyId": key, "Status": status, "CreateDate": made}
            for key, status, made in keys
        ]
    }


def slots(first: tuple[str, str], second: tuple[str, str] = ("false", "N/A")) -> dict[str, str]:
    """The cells of two key slots: active, last rotated."""
    return {
        f"access_key_{slot}_{column}": value
        for slot, cells in ((1, first), (2, second))
        for column, value in zip(("active", "last_rotated"), cells, strict=True)
    }


def test_a_user_is_joined_by_arn(tmp_path):
    """Report and details of one ARN are one user; a namesake under another path is another."""
    elsewhere = user("ann") | {"Arn": f"arn:aws:iam::{ACCOUNT}:user/team/ann"}
    files = {"r.csv": report(), "g.json": details(user("ann"), elsewhere)}
    users = account_of(tmp_path, files).users
    assert [(each.arn.partition(":user/")[2], each.report_entry is None, each.details is None)
            for each in users] == [("ann", False, False), ("team/ann", True, False)]  # fmt: skip


@pytest.mark.parametrize("export", ["report", "details"])
def test_one_export_alone_makes_users(tmp_path, export):
    """Whoever only one export names is there, with the other's half unknown."""
    files = {"r.csv": report()} if export == "report" else {"g.json": details(user())}
    (ann,) = account_of(tmp_path, files).users
    assert (ann.report_entry is None) == (export == "details")
    assert (ann.details is None) == (export == "report")


def test_root_is_no_user(tmp_path):
    """The root row is the account's, not one of its users."""
    account = account_of(tmp_path, {"r.csv": report()})
    assert [each.name for each in account.users] == ["ann"]
    assert account.root.mfa_active is True
    assert [location.row for location in account.root_rows] == [2]


@pytest.mark.parametrize(
    ("cells", "keys", "ids"),
    [
        (slots(("true", MADE)), [("A", "Active", MADE)], ["A"]),
        (slots(("true", MADE)), [("A", "Active", "2024-05-06T07:08:10Z")], ["A"]),
        (slots(("true", MADE)), [("A", "Active", "2024-05-06T07:08:12Z")], [None]),
        (slots(("true", MADE)), [("A", "Inactive", MADE)], [None]),
        (slots(("true", MADE)), [("A", "Odd", MADE)], [None]),
        (slots(("odd", MADE)), [("A", "Odd", MADE)], [None]),
        (slots(("true", "soon")), [("A", "Active", "soon")], [None]),
        (slots(("true", MADE)), [("A", "Active", MADE), ("B", "Inactive", MADE)], ["A"]),
        (slots(("true", MADE)), [("A", "Active", MADE), ("B", "Active", MADE)], [None]),
        (slots(("true", MADE), ("false", MADE)),
         [("A", "Inactive", MADE), ("B", "Active", MADE)], ["B", "A"]),
        (slots(("true", MADE), ("true", MADE)),
         [("A", "Active", MADE), ("B", "Active", MADE)], [None, None]),
        (slots(("true", MADE), ("true", MADE)), [("A", "Active", MADE)], [None, None]),
    ],
)  # fmt: skip
def test_a_key_has_an_id_only_where_it_is_the_only_one(tmp_path, cells, keys, ids):
    """Creation time and status join a slot with an ID, and only where nothing else would fit."""
    files = {"r.csv": table(root(), row(**cells)), "k.json": listed(*keys)}
    (ann,) = account_of(tmp_path, files).users
    assert [key.key_id for key in ann.report_entry.keys] == ids


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
    account = account_of(tmp_path, files | {"r.csv": report(), "pack.json": pack})
    assert [key.active for key in account.listed_keys] == [False]


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
    account = account_of(tmp_path, profiles | {"r.csv": report(), "pack.json": pack})
    assert account.users[0].login_profile.reset_required is False


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


def test_the_newest_report_wins_and_the_older_is_named(tmp_path):
    """Of two reports the newer one is used, and a problem names the one left unread."""
    old = wrapper(table(root(), row("old")), "2026-01-01T00:00:00Z")
    evidence = reading(tmp_path, {"a.json": wrapper(report()), "b.json": old})
    (account,), problems = build_accounts(evidence)
    assert [each.name for each in account.users] == ["ann"]
    assert account.as_of == datetime(2026, 3, 31, 8, tzinfo=UTC)
    assert f"in/b.json: is an older credential report of account {ACCOUNT}; in/a.json was used" in (
        faults(problems)
    )


def test_the_same_report_twice_is_no_problem(tmp_path):
    """A copy tells nothing else, so there is nothing to say."""
    account = account_of(tmp_path, {"a.csv": report(), "b.json": wrapper(report())})
    assert len(account.users) == 1


def test_two_rows_of_one_user_are_a_problem(tmp_path):
    """Where one file tells two stories of one user, neither counts, and the problem names both."""
    text = table(root(), row("ann", **ANN), row("ann"))
    (account,), problems = build_accounts(reading(tmp_path, {"r.csv": text}))
    assert account.users[0].report_entry.mfa_active is MissingValue.UNREADABLE
    assert "rows 3 and 4 of E1 tell different things" in faults(problems)


def test_two_root_rows_are_both_kept_in_mind(tmp_path):
    """That there are two is for a check to judge; both places are there."""
    account = account_of(tmp_path, {"r.csv": table(root(), root())})
    assert [location.row for location in account.root_rows] == [2, 3]


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


def test_members_of_a_group_are_those_who_name_it(tmp_path):
    """The export names groups on the users' side only; the group knows its members, sorted."""
    group = {"GroupName": "dev", "Arn": f"arn:aws:iam::{ACCOUNT}:group/x/dev"}
    empty = {"Arn": f"arn:aws:iam::{ACCOUNT}:group/ops"}
    users = user("zoe", GroupList=["dev"]), user("ann", GroupList=["dev", "gone"])
    account = account_of(tmp_path, {"g.json": details(*users, groups=(group, empty))})
    assert {each.name: each.members for each in account.groups} == {
        "dev": ("ann", "zoe"),
        "ops": (),
    }


@pytest.mark.parametrize(
    ("used", "told"),
    [
        ({"RoleLastUsed": {}}, MissingValue.ABSENT),
        ({}, MissingValue.UNREADABLE),
        ({"RoleLastUsed": None}, MissingValue.UNREADABLE),
        ({"RoleLastUsed": {"LastUsedDate": MADE}}, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
    ],
)
def test_a_role_without_use_is_not_one_of_unknown_use(tmp_path, used, told):
    """An empty member says "not used"; no member says nothing."""
    role = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/r", "CreateDate": MADE} | used
    assert account_of(tmp_path, {"g.json": details(roles=(role,))}).roles[0].last_used == told


WHEN = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("files", "given", "wanted"),
    [
        ({"r.json": wrapper(report())}, WHEN, "2026-05-01T00:00:00+00:00"),
        ({"r.json": wrapper(report())}, None, "2026-03-31T08:00:00+00:00"),
        ({"r.json": wrapper(report()), "g.json": details(user(CreateDate="2026-04-30T00:00:00Z"))},
         None, "2026-03-31T08:00:00+00:00"),
        ({"r.csv": report()}, None, "2026-03-30T07:15:00+00:00"),
        ({"g.json": details(user(CreateDate="2026-04-30T00:00:00Z"))},
         None, "2026-04-30T00:00:00+00:00"),
    ],
)  # fmt: skip
def test_ages_are_reckoned_from_the_evidence(tmp_path, files, given, wanted):
    """The given time, else the report's, else the newest that the account's files know of."""
    (account,), _ = build_accounts(reading(tmp_path, files), given)
    assert account.as_of.isoformat() == wanted


def test_an_account_without_any_time_takes_that_of_the_evidence(tmp_path):
    """Where only another account's file is dated, its time is the run's."""
    files = {
        "a/r.json": wrapper(report()),
        "b/i.json": {"UserId": "A", "Account": OTHER, "Arn": f"arn:aws:sts::{OTHER}:x"},
    }
    accounts, _ = build_accounts(reading(tmp_path, files))
    assert {each.id: each.as_of.day for each in accounts} == {ACCOUNT: 31, OTHER: 31}


def test_without_any_time_there_is_no_age(tmp_path):
    """Nothing is reckoned from the clock: the run stops and says how to go on."""
    identity = {"UserId": "A", "Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:x"}
    evidence = reading(tmp_path, {"i.json": identity})
    with pytest.raises(EvidenceError, match="--as-of"):
        build_accounts(evidence)
    assert build_accounts(evidence, WHEN)[0][0].as_of == WHEN


def test_nothing_makes_no_account():
    """No evidence gives no account and no error."""
    assert build_accounts(load_evidence(())) == ((), ())


def organization(*members: str) -> dict[str, dict]:
    """The exports of a management account that speak of its members."""
    return {
        "a/accounts.json": {"Accounts": [{"Id": member} for member in members]},
        "a/organization.json": {"Organization": {"Id": "o-1"}},
        "a/instances.json": {"Instances": [{"InstanceArn": "arn:aws:sso:::instance/i"}]},
    }


@pytest.mark.parametrize(("members", "shared"), [((ACCOUNT, OTHER), True), ((ACCOUNT,), False)])
def test_an_organization_speaks_of_its_members(tmp_path, members, shared):
    """What the management account exports serves each member it lists, and no stranger."""
    files = {"a/r.csv": report(), "b/r.csv": report(account=OTHER)} | organization(*members)
    own, other = build_accounts(reading(tmp_path, files))[0]
    wide = {ExportKind.ORGANIZATION, ExportKind.ORG_ACCOUNTS, ExportKind.IDENTITY_CENTER}
    assert wide <= own.available_exports
    assert (wide <= other.available_exports) is shared


def test_no_organization_is_one_accounts_answer(tmp_path):
    """That one account is in no organization says nothing of another."""
    refusal = (
        "An error occurred (AWSOrganizationsNotInUseException) when calling the "
        "DescribeOrganization operation: Your account is not a member of an organization."
    )
    files = {"a/r.csv": report(), "a/o.error.txt": refusal, "b/r.csv": report(account=OTHER)}
    own, other = build_accounts(reading(tmp_path, files))[0]
    assert ExportKind.ORGANIZATION in own.available_exports
    assert ExportKind.ORGANIZATION not in other.available_exports


@pytest.mark.parametrize(
    "files",
    [
        {"a.csv": report(), "b.csv": report(account=OTHER)},
        {"both.csv": f"{report()}\n{report(account=OTHER)}"},
        {"a.json": details(user()), "b.json": details(user("eve", OTHER))},
        {"both.json": json.dumps([details(user()), details(user("eve", OTHER))])},
    ],
    ids=["reports", "one file of reports", "details", "one file of details"],
)
def test_two_accounts_stay_two(tmp_path, files):
    """Nothing of one account shows in the other, and each knows the files that speak of it."""
    evidence = reading(tmp_path, files)
    accounts, problems = build_accounts(evidence)
    assert not (*problems, *evidence.problems)
    assert [each.id for each in accounts] == [ACCOUNT, OTHER]
    for account in accounts:
        assert {each.arn.split(":")[4] for each in account.users} == {account.id}
        assert len(account.artifacts) == 1
        assert {*account.artifacts, *account.other_artifacts} == set(evidence.artifacts)
        assert not set(account.artifacts) & set(account.other_artifacts)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_the_partition_is_that_of_the_arns(tmp_path, partition):
    """Report or details, the account's own ARNs say in which partition it lies."""
    for name, content in (("r.csv", report()), ("g.json", json.dumps(details(user())))):
        text = content.replace("arn:aws:", f"arn:{partition}:")
        account = account_of(tmp_path / name, {name: text})
        assert account.partition == partition
        assert account.root_arn == f"arn:{partition}:iam::{ACCOUNT}:root"


def test_the_alias_is_read(tmp_path):
    """The account's alias is its first one, and none where there is none."""
    files = {"r.csv": report(), "a.json": {"AccountAliases": ["acme"]}}
    assert account_of(tmp_path, files).alias == "acme"
    assert account_of(tmp_path / "x", files | {"a.json": {"AccountAliases": []}}).alias is None


def test_slots_that_hold_nothing_are_no_keys(tmp_path):
    """A key is what has a status or a date; an inactive key with its date is one, N/A is none."""
    cells = slots(("false", MADE)) | {"cert_2_active": "true"}
    (ann,) = account_of(tmp_path, {"r.csv": table(root(), row(**cells))}).users
    assert [(key.slot, key.active) for key in ann.report_entry.keys] == [(1, False)]
    assert [each.slot for each in ann.report_entry.certificates] == [2]


def test_an_unreadable_slot_is_a_key_that_may_be(tmp_path):
    """Damage never makes a key disappear."""
    text = table(root(), row(access_key_2_active="?", cert_1_last_rotated="?"))
    (ann,) = account_of(tmp_path, {"r.csv": text}).users
    assert [(key.slot, key.active) for key in ann.report_entry.keys] == [
        (2, MissingValue.UNREADABLE)
    ]
    assert [each.slot for each in ann.report_entry.certificates] == [1]
