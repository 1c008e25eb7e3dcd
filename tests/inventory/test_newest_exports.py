"""In: exports of two quarters. Out: the proof that the newest counts, and nothing else goes."""

import json

import pytest

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import (
    ACCOUNT,
    OTHER,
    details,
    faults,
    reading,
    report,
    tarred,
    user,
    wrapper,
)
from tests.inventory.joined_account import account_of

FIRST, SECOND = "2026-05-15T10:00:00Z", "2026-08-15T10:00:00Z"


def pack(time: str, *names: str) -> dict:
    """The record of a pack whose files were made at that time."""
    calls = [{"file": name, "started": time} for name in names]
    return {"credaudit_pack": 1, "account": ACCOUNT, "calls": calls}


def quarters(name: str, old: object, new: object) -> dict:
    """One export in two packs, three months apart."""
    made = {}
    for folder, time, content in (("q1", FIRST, old), ("q2", SECOND, new)):
        made |= {f"{folder}/{name}": content, f"{folder}/pack.json": pack(time, name)}
    return made | {"q2/report.csv": report()}


def keys(*ids: str, user_name: str = "ann") -> dict:
    """list-access-keys of one user, as the collect script saves it."""
    listed = [{"UserName": user_name, "AccessKeyId": each, "Status": "Active"} for each in ids]
    return {"credaudit_user": user_name, "AccessKeyMetadata": listed}


def devices(*names: str) -> dict:
    """list-mfa-devices of Ann."""
    held = [{"UserName": "ann", "SerialNumber": name} for name in names]
    return {"credaudit_user": "ann", "MFADevices": held}


def certificates(*names: str) -> dict:
    """list-server-certificates."""
    listed = [
        {"ServerCertificateName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:server-certificate/{name}"}
        for name in names
    ]
    return {"ServerCertificateMetadataList": listed}


REFUSED = (
    "An error occurred (NoSuchEntity) when calling the GetAccountPasswordPolicy operation: none\n"
)
ANALYZER = f"arn:aws:access-analyzer:eu-west-1:{ACCOUNT}:analyzer/a"


def findings(*names: str) -> dict:
    """list-findings-v2 of one analyzer."""
    listed = [
        {
            "id": name,
            "resource": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "findingType": "UnusedIAMRole",
        }
        for name in names
    ]
    return {"credaudit_analyzer": ANALYZER, "findings": listed}


def policy(length: int) -> dict:
    """A password policy."""
    return {"PasswordPolicy": {"MinimumPasswordLength": length}}


@pytest.mark.parametrize(
    ("name", "old", "new", "told", "wanted"),
    [
        ("g.json", details(user("ann"), user("leaver")), details(user("ann")),
         lambda it: [each.name for each in it.users if each.details], ["ann"]),
        ("k.json", keys("A", "B"), keys("A"), lambda it: [k.key_id for k in it.listed_keys], ["A"]),
        ("k.json", keys("A"), keys(), lambda it: list(it.listed_keys), []),
        ("m.json", devices("old", "new"), devices("new"),
         lambda it: [each.serial for each in it.users[0].mfa_devices], ["new"]),
        ("c.json", certificates("old"), certificates(),
         lambda it: [list(each.each("ServerCertificateMetadataList"))
                     for each in it.documents_of_kind(ExportKind.SERVER_CERTIFICATES)], [[]]),
        ("f.json", findings("a", "b"), findings("b"),
         lambda it: [each.text("id") for each in it.analyzer_findings], ["b"]),
        ("p.json", policy(8), policy(16),
         lambda it: [each.child("PasswordPolicy").number("MinimumPasswordLength")
                     for each in it.documents_of_kind(ExportKind.PASSWORD_POLICY)], [16]),
        ("p.txt", json.dumps(policy(8)), REFUSED,
         lambda it: [each.text("credaudit_error")
                     for each in it.documents_of_kind(ExportKind.PASSWORD_POLICY)],
         ["NoSuchEntity"]),
    ],
)  # fmt: skip
def test_what_the_newest_export_lacks_is_gone(  # noqa: PLR0913, PLR0917 - one row of the table
    tmp_path, name, old, new, told, wanted
):
    """The older one is named, and nothing of it counts."""
    (account,), problems = build_accounts(reading(tmp_path, quarters(name, old, new)))
    assert told(account) == wanted
    assert f"in/q1/{name}: is an older" in faults(problems)
    assert f"in/q2/{name} was used" in faults(problems)
    assert not any(each.path == f"in/q1/{name}" for each in account.artifacts)


def test_two_quarters_that_tell_the_same_are_no_problem(tmp_path):
    """A password policy that did not change is the same answer twice."""
    (account,), problems = build_accounts(
        reading(tmp_path, quarters("p.json", policy(16), policy(16)))
    )
    assert len(account.documents_of_kind(ExportKind.PASSWORD_POLICY)) == 1
    assert not problems


def test_a_folder_s_stated_time_is_that_of_the_files_beside_it(tmp_path):
    """A policy without any date was made with the credential report in its folder."""
    files = {
        "q1/report.json": wrapper(report(), FIRST),
        "q1/p.json": policy(8),
        "q2/report.json": wrapper(report(), SECOND),
        "q2/p.json": policy(16),
    }
    (account,), problems = build_accounts(reading(tmp_path, files))
    (kept,) = account.documents_of_kind(ExportKind.PASSWORD_POLICY)
    assert kept.child("PasswordPolicy").number("MinimumPasswordLength") == 16
    assert "in/q1/p.json: is an older" in faults(problems)


def test_without_a_time_both_count_and_a_problem_says_so(tmp_path):
    """Nothing says which is newer, so nothing of either is left out."""
    files = {"report.csv": report(), "a.json": policy(8), "b.json": policy(16)}
    (account,), problems = build_accounts(reading(tmp_path, files))
    assert len(account.documents_of_kind(ExportKind.PASSWORD_POLICY)) == 2
    assert "nothing says which of the two is newer" in faults(problems)


def paged(*seconds: int) -> dict:
    """Pages of one export of authorization details, the last of them whole."""
    files: dict = {"report.csv": report()}
    calls = []
    for number, second in enumerate(seconds):
        name, last = f"p{number}.json", number == len(seconds) - 1
        more = {} if last else {"IsTruncated": True, "Marker": "x"}
        files[name] = details(user(f"u{number}"), **more)
        calls.append({"file": name, "started": f"2026-05-15T10:00:{second:02}Z"})
    return files | {"pack.json": {"credaudit_pack": 1, "account": ACCOUNT, "calls": calls}}


@pytest.mark.parametrize("seconds", [(1, 2, 3), (3, 2, 1), (5, 5, 5)])
def test_pages_of_one_export_stay_together(tmp_path, seconds):
    """The last page is newer and whole by its own word; it does not replace the ones before."""
    account = account_of(tmp_path, paged(*seconds))
    assert {each.name for each in account.users if each.details} == {"u0", "u1", "u2"}


def test_parts_of_one_export_stay_together(tmp_path):
    """Users and roles exported one after the other, with --filter, are one account's details."""
    role = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/r", "CreateDate": "2020-01-01T00:00:00Z"}
    role["AssumeRolePolicyDocument"] = {"Statement": []}
    files = {"u.json": details(user("ann")), "r.json": details(roles=(role,))}
    files["pack.json"] = {
        "credaudit_pack": 1,
        "account": ACCOUNT,
        "calls": [
            {"file": "u.json", "started": "2026-05-15T10:00:00Z"},
            {"file": "r.json", "started": "2026-05-15T10:05:00Z"},
        ],
    }
    account = account_of(tmp_path, files)
    assert ([each.name for each in account.users], len(account.roles)) == (["ann"], 1)


def test_lists_of_other_users_stay(tmp_path):
    """A newer list of Ann's keys says nothing of Bob's."""
    files = quarters("k.json", keys("A", user_name="bob"), keys("B"))
    (account,), problems = build_accounts(reading(tmp_path, files))
    assert {each.key_id for each in account.listed_keys} == {"A", "B"}
    assert not problems


# Copies


def test_a_folder_and_its_archive_are_one_piece_of_evidence(tmp_path):
    """What the collect script leaves side by side counts once, and each copy says so."""
    files = {"report.csv": report(), "p.json": json.dumps(policy(8))}
    both = {f"pack/{name}": text for name, text in files.items()} | {"pack.tgz": tarred(files)}
    evidence = reading(tmp_path, both)
    (account,), problems = build_accounts(evidence)
    assert len(account.documents_of_kind(ExportKind.PASSWORD_POLICY)) == 1
    assert len(account.artifacts) == 2
    assert len(evidence.artifacts) == 4
    copies = [each for each in evidence.artifacts if each.id in evidence.repeats]
    assert [[note.text for note in each.notes][-1][:15] for each in copies] == [
        "has the content"
    ] * 2
    assert not problems


def test_the_same_answer_about_two_keys_is_two_answers(tmp_path):
    """Which key was asked only the file's name says."""
    answer = {"UserName": "ann", "AccessKeyLastUsed": {"Region": "N/A", "ServiceName": "N/A"}}
    names = ("AKIA2222222222222222", "AKIA3333333333333333")
    files = {f"used-{name}.json": answer for name in names} | {"report.csv": report()}
    assert {each.key_id for each in account_of(tmp_path, files).keys_last_used} == set(names)


def test_two_accounts_with_one_policy_are_two_pieces(tmp_path):
    """The same text in another account's folder is that account's."""
    files = {
        "a/report.csv": report(), "a/p.json": policy(8),
        "b/report.csv": report(account=OTHER), "b/p.json": policy(8),
    }  # fmt: skip
    accounts, _ = build_accounts(reading(tmp_path, files))
    assert all(each.documents_of_kind(ExportKind.PASSWORD_POLICY) for each in accounts)


def test_a_merged_export_counts_once_however_often_it_lies_there(tmp_path):
    """It names its accounts itself, so they are the same ones in the folder and in the archive."""
    both = {
        "VirtualMFADevices": [
            {"SerialNumber": f"arn:aws:iam::{owner}:mfa/phone"} for owner in (ACCOUNT, OTHER)
        ]
    }
    files = {"m.json": both, "a.csv": report(), "b.csv": report(account=OTHER)}
    inside = {name: json.dumps(made) if name == "m.json" else made for name, made in files.items()}
    given = {f"pack/{name}": made for name, made in inside.items()} | {"pack.tgz": tarred(inside)}
    accounts, problems = build_accounts(reading(tmp_path, given))
    assert len(accounts) == 2
    assert [len(each.documents_of_kind(ExportKind.MFA_DEVICES)) for each in accounts] == [1, 1]
    assert not problems


def test_the_same_bare_list_written_twice_contradicts_nothing(tmp_path):
    """`--query` cut it out of two answers; only blanks differ, and it says the same."""
    entry = {"AccessKeyId": "A", "Status": "Active", "UserName": "ann"}
    files = {"report.csv": report(), "a.json": json.dumps([entry])}
    files["b.json"] = json.dumps([entry], indent=1)
    account = account_of(tmp_path, files)
    assert {each.key_id for each in account.listed_keys} == {"A"}


# Findings of an organization's analyzer


def org_findings(*accounts: str, sort: str = "UnusedIAMRole") -> dict:
    """The management account's list, with one finding on a role of each of these accounts."""
    listed = [
        {
            "id": f"f{number}",
            "resource": f"arn:aws:iam::{owner}:role/idle",
            "resourceOwnerAccount": owner,
            "status": "ACTIVE",
            "findingType": sort,
        }
        for number, owner in enumerate(accounts)
    ]
    return {"credaudit_analyzer": ANALYZER, "findings": listed}


def test_a_finding_is_the_account_s_whose_resource_it_is_about(tmp_path):
    """An organization's analyzer lists the members' resources; each member answers for its own."""
    files = {
        "a/report.csv": report(), "a/f.json": org_findings(ACCOUNT, OTHER),
        "b/report.csv": report(account=OTHER),
    }  # fmt: skip
    own, member = build_accounts(reading(tmp_path, files))[0]
    assert [each.text("id") for each in own.analyzer_findings] == ["f0"]
    assert [each.text("id") for each in member.analyzer_findings] == ["f1"]
    assert ExportKind.ANALYZER_FINDINGS in member.available_exports


def test_a_finding_on_an_account_that_was_not_handed_in_is_noted(tmp_path):
    """It is nobody's here, and the file says of whom."""
    files = {"a/report.csv": report(), "a/f.json": org_findings("777788889999", ACCOUNT)}
    evidence = reading(tmp_path, files)
    (account,), _ = build_accounts(evidence)
    assert [each.text("id") for each in account.analyzer_findings] == ["f1"]
    texts = [note.text for each in evidence.artifacts for note in each.notes]
    assert texts == ["findings on accounts that were not handed in: 1 of account 777788889999"]


def test_a_bucket_s_finding_without_an_owner_is_its_analyzer_s(tmp_path):
    """The ARN of a bucket names no account."""
    listed = {
        "credaudit_analyzer": ANALYZER,
        "findings": [{"id": "1", "resource": "arn:aws:s3:::b", "findingType": "ExternalAccess"}],
    }
    account = account_of(tmp_path, {"report.csv": report(), "f.json": listed})
    assert [each.text("id") for each in account.analyzer_findings] == ["1"]


MARKED = [
    {"credaudit_permission_set": "ps-1", "InlinePolicy": ""},
    {"credaudit_permission_set": "ps-2", "InlinePolicy": ""},
    {"credaudit_permission_set": "ps-1", "AttachedManagedPolicies": []},
    {"credaudit_identity_store": "d-1", "credaudit_group": "g-1", "GroupMemberships": []},
    {"credaudit_identity_store": "d-1", "credaudit_group": "g-2", "GroupMemberships": []},
    {"credaudit_region": "eu-west-1", "trailList": []},
    {"credaudit_region": "us-east-1", "trailList": []},
    {"credaudit_trail": "t", "IsLogging": True},
    {"credaudit_region": "eu-west-1", "credaudit_log_group": "a", "metricFilters": []},
    {"credaudit_region": "eu-west-1", "credaudit_log_group": "b", "metricFilters": []},
    {"credaudit_region": "eu-west-1", "trustAnchors": []},
    {"credaudit_region": "eu-west-1", "profiles": []},
    {"credaudit_resource": "x", "Policy": "{}"},
]


def test_answers_with_other_marks_are_other_exports(tmp_path):
    """Each counts in both quarters by itself; of the same question, the newer answer alone."""
    files: dict = {"a/report.csv": report()}
    for quarter, time in (("old", FIRST), ("new", SECOND)):
        names = [f"{number}.json" for number in range(len(MARKED))]
        files[f"a/{quarter}/pack.json"] = pack(time, *names)
        for name, answer in zip(names, MARKED, strict=True):
            files[f"a/{quarter}/{name}"] = answer | {"note": quarter}
    (account,), problems = build_accounts(reading(tmp_path, files))
    told = [node for nodes in account.documents.values() for node in nodes if node.text("note")]
    assert len(told) == len(MARKED)
    assert {node.text("note") for node in told} == {"new"}
    assert len(problems) == len(MARKED)
