"""In: all exports of an account. Out: the proof that they become one account, and never another."""

import json
import re
from datetime import UTC, datetime

import pytest

from analyzer.errors import EvidenceError
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
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
from tests.inventory.joined_account import MADE, account_of


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
    assert "in/r.csv: tells different things" in faults(problems)


def test_two_root_rows_are_both_kept_in_mind(tmp_path):
    """That there are two is for a check to judge; both places are there."""
    account = account_of(tmp_path, {"r.csv": table(root(), root())})
    assert [location.row for location in account.root_rows] == [2, 3]


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
    role["AssumeRolePolicyDocument"] = {"Statement": []}
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


def test_dates_of_a_spreadsheet_ask_for_their_order_first(tmp_path):
    """Where no date can be read, the way out is how they are written, and not --as-of."""
    local = re.sub(r"(\d{4})-(\d\d)-(\d\d)T[^,\n]*", r"\3.\2.\1 07:00", report())
    with pytest.raises(EvidenceError) as raised:
        build_accounts(reading(tmp_path, {"r.csv": local}))
    assert "--date-order dmy" in raised.value.remedy
    assert "--as-of" not in raised.value.remedy
