"""In: exports in other forms than the AWS CLI's JSON. Out: the proof that they say the same."""

import base64
import csv
import io
import json

import pytest

from analyzer.evidence.artifacts import EvidenceDefect
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import (
    ACCOUNT,
    GENERATED,
    details,
    faults,
    notes,
    reading,
    report,
    rows,
    said,
    user,
    wrapper,
)

PLAIN = report()
PACKED = base64.b64encode(PLAIN.encode()).decode()
OBJECTS = list(csv.DictReader(io.StringIO(PLAIN)))
SHELL = "[cloudshell-user@ip-10-2-3-4 ~]$ "
ASKED = "aws iam get-credential-report --query Content --output text"
TYPE = "#TYPE System.Management.Automation.PSCustomObject\n"


def quoted(text: str) -> str:
    """Every cell within quotation marks."""
    made = io.StringIO()
    table = csv.reader(io.StringIO(text))
    csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(table)
    return made.getvalue()


def truths(row: dict[str, str]) -> dict[str, object]:
    """The row with its truth values as JSON has them."""
    return {name: {"true": True, "false": False}.get(cell, cell) for name, cell in row.items()}


REPORTS: dict[str, str | bytes] = {
    "rows as objects": json.dumps(OBJECTS),
    "rows as objects, a line each": "\n".join(map(json.dumps, OBJECTS)),
    "rows as objects, by PowerShell": json.dumps(OBJECTS, indent=4).encode("utf-16"),
    "rows as objects in value and Count": json.dumps({"value": OBJECTS, "Count": len(OBJECTS)}),
    "rows with truth values": json.dumps([truths(each) for each in OBJECTS]),
    "Export-Csv": TYPE + quoted(PLAIN),
    "CSV with sep": "sep=,\n" + PLAIN,
    "prompts around base64": f"{SHELL}{ASKED}\n{PACKED}\n{SHELL}\n",
    "prompts around base64 in lines": f"{SHELL}{ASKED}\n{PACKED[:76]}\n{PACKED[76:]}\n{SHELL}",
    "prompts around CSV": f"ann@host:~$ {ASKED} | base64 -d\n{PLAIN}\nann@host:~$ exit\n",
    "a prompt glued to the last cell": f"{SHELL}{ASKED} | base64 -d\n{PLAIN}{SHELL}\n",
    "CloudShell's short prompt, glued": f"~ $ {ASKED} | base64 -d\n{PLAIN}~ $ exit\n",
    "the call that makes it, too": f"{SHELL}aws iam generate-credential-report\n"
    f'{{"State": "COMPLETE"}}\n{SHELL}{ASKED}\n{PACKED}\n{SHELL}',
    "prompts around JSON": f"$ aws iam get-credential-report\n{wrapper(PLAIN)}\n$ \n",
    "PowerShell's prompt": f"PS C:\\Users\\ann> {ASKED}\n{PACKED}\nPS C:\\Users\\ann> \n",
    "a command over two lines": f"$ aws iam get-credential-report \\\n>  --output json\n"
    f"{wrapper(PLAIN)}\n",
    "a prompt in colours": f"\x1b]0;~\x07\x1b[32mann@host\x1b[0m:~$ {ASKED}\n{PACKED}\n",
    "a ticket's fences": f"```csv\n{PLAIN}\n```\n",
    "text output": f"{PACKED}\t{GENERATED}\ttext/csv\n",
    "recorded response": json.dumps({"status_code": 200, "data": json.loads(wrapper(PLAIN))}),
}


@pytest.mark.parametrize("form", REPORTS)
def test_a_report_in_any_coat_says_the_same(tmp_path, form):
    """Rows, prompts, wrappers and text output change nothing of what a credential report says."""
    evidence = reading(tmp_path, {"export": REPORTS[form]})
    assert faults(evidence.problems) == ""
    assert said(evidence) == said(reading(tmp_path / "plain", {"r.csv": PLAIN}))
    assert [each.kind for each in evidence.artifacts] == [ExportKind.CREDENTIAL_REPORT]


def test_a_row_of_objects_has_its_cells_as_members(tmp_path):
    """Whoever looks a finding up finds the value under the pointer."""
    evidence = reading(tmp_path, {"r.json": json.dumps(OBJECTS)})
    assert rows(evidence)[1].location.at("mfa_active").pointer == "/1/mfa_active"


def test_one_broken_row_of_objects_costs_itself(tmp_path):
    """A row whose arn is lost is named, and the others are there."""
    broken = [OBJECTS[0], OBJECTS[1] | {"arn": None}, OBJECTS[1]]
    evidence = reading(tmp_path, {"r.json": json.dumps(broken)})
    assert [each.user for each in rows(evidence)] == ["<root_account>", "ann"]
    assert "1 row(s) can't be told to any account" in faults(evidence.problems)


def test_prompts_around_something_unreadable_are_told(tmp_path):
    """What is between the prompts is named, and so is what to hand in."""
    evidence = reading(tmp_path, {"x.txt": f"{SHELL}aws iam list-users\nAccess denied\n{SHELL}"})
    assert "holds a terminal's prompts" in faults(evidence.problems)
    assert "--output json" in faults(evidence.problems)


def test_one_unreadable_output_of_a_terminal_costs_itself(tmp_path):
    """Of several outputs those that can be read are read, and a note names the other."""
    copy = f"$ aws iam x\nnonsense\n$ aws iam get-credential-report\n{wrapper(PLAIN)}\n$ "
    evidence = reading(tmp_path, {"x.txt": copy})
    assert len(rows(evidence)) == 2
    assert "output 1 of a terminal's copy is no export" in notes(evidence)
    assert "output 1 of a terminal's copy is no export" in faults(evidence.problems)


def test_one_unreadable_output_beside_a_bare_report_is_a_problem(tmp_path):
    """What was lost is told, whatever form the rest has."""
    evidence = reading(tmp_path, {"x.txt": f"$ aws iam x\nnonsense\n$ cat r.csv\n{PLAIN}\n$ "})
    assert len(rows(evidence)) == 2
    assert "output 1 of a terminal's copy" in faults(evidence.problems)


KEY = {
    "UserName": "ann",
    "AccessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "Status": "Active",
    "CreateDate": "2024-05-06T07:08:09+00:00",
}
POLICY = {"MinimumPasswordLength": 14, "RequireSymbols": True}
BARE = {
    ExportKind.ACCOUNT_SUMMARY: {"Users": 7, "MFADevices": 1, "AccountMFAEnabled": 0},
    ExportKind.PASSWORD_POLICY: POLICY | {"ExpirePasswords": False},
    ExportKind.ACCESS_KEYS: [KEY],
    ExportKind.AUTHORIZATION_DETAILS: [user(), user("bob")],
    ExportKind.MFA_DEVICES: [
        {"UserName": "ann", "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/a", "EnableDate": "x"}
    ],
    ExportKind.LOGIN_PROFILES: {
        "UserName": "ann",
        "CreateDate": "2024-05-06T07:08:09Z",
        "PasswordResetRequired": False,
    },
}


@pytest.mark.parametrize("kind", BARE)
def test_a_member_by_itself_is_read_as_its_answer(tmp_path, kind):
    """What `--query` or PowerShell leaves of an answer is known by its own members."""
    evidence = reading(tmp_path, {"x.json": json.dumps(BARE[kind]), "report.csv": PLAIN})
    (account,), _ = build_accounts(evidence)
    assert faults(evidence.problems) == ""
    assert kind in account.available_exports
    assert len(account.documents_of_kind(kind)) == 1


def test_a_list_of_users_alone_is_a_part_of_the_details(tmp_path):
    """The users are read with their places, and the rest is known to be missing."""
    evidence = reading(tmp_path, {"x.json": json.dumps([user(), user("bob")])})
    (account,), _ = build_accounts(evidence)
    assert [each.details.location.pointer for each in account.users] == ["/0", "/1"]
    assert account.details_are_cut


def test_a_summary_by_itself_is_no_list_of_devices(tmp_path):
    """Its number of MFA devices is no device."""
    evidence = reading(tmp_path, {"s.json": {"MFADevices": 1, "Users": 3, "Groups": 2}})
    assert evidence.artifacts[0].kind is not ExportKind.MFA_DEVICES


def test_a_recorded_time_is_read(tmp_path):
    """Recorders keep a time as its parts."""
    made = {"__class__": "datetime", "year": 2024, "month": 5, "day": 6, "hour": 7}
    page = {"status_code": 200, "data": details(user(CreateDate=made), user("bob", CreateDate={}))}
    (account,), _ = build_accounts(reading(tmp_path, {"iam.Get_1.json": page}))
    assert account.users[0].created.isoformat() == "2024-05-06T07:00:00+00:00"
    assert account.users[1].created is MissingValue.UNREADABLE
    assert account.users[0].details.location.pointer == "/data/UserDetailList/0"


NONE_SET = f"The Password Policy with domain name {ACCOUNT} cannot be found."


@pytest.mark.parametrize(
    "content",
    [
        f"Get-IAMAccountPasswordPolicy : {NONE_SET}\nAt line:1 char:1\n",
        f"$ aws iam get-account-password-policy\n{NONE_SET}\n$ ",
        json.dumps(
            {"status_code": 404, "data": {"Error": {"Code": "NoSuchEntity", "Message": NONE_SET}}}
        ),
    ],
    ids=["PowerShell", "terminal", "recorded"],
)
def test_there_is_no_password_policy_in_any_coat(tmp_path, content):
    """The sentence that AWS says is an answer, whoever printed it."""
    (account,), _ = build_accounts(reading(tmp_path, {"x": content, "report.csv": PLAIN}))
    (node,) = account.documents_of_kind(ExportKind.PASSWORD_POLICY)
    assert node.text("credaudit_error") == "NoSuchEntity"


def test_text_output_of_access_keys_is_read(tmp_path):
    """Its values can't be confused: AWS's order of keys, and each of another shape."""
    lines = "\n".join(
        f"ACCESSKEYMETADATA\t{KEY['AccessKeyId']}\t{KEY['CreateDate']}\t{status}\tann"
        for status in ("Active", "Inactive")
    )
    evidence = reading(tmp_path, {"keys.txt": lines, "report.csv": PLAIN})
    (node,) = [each.node for each in evidence.documents if each.kind is ExportKind.ACCESS_KEYS]
    assert [each.text("Status") for each in node.each("AccessKeyMetadata")] == [
        "Active",
        "Inactive",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "USERDETAILLIST\tarn:aws:iam::111122223333:user/ann\t2024-01-01\t/\tAIDA\tann\n",
        "False\nUSERDETAILLIST\tarn:aws:iam::111122223333:user/ann\t2024-01-01\t/\tAIDA\tann\n",
        "-----------------------\n|  GetAccountSummary  |\n+---------------------+\n",
    ],
    ids=["text", "text, one page", "table"],
)
def test_output_for_people_is_named_with_the_way_out(tmp_path, text):
    """Where values can be confused, the file is named and not guessed at."""
    evidence = reading(tmp_path, {"x.txt": text})
    assert "nobody can tell apart for certain" in faults(evidence.problems)
    assert "--output json" in faults(evidence.problems)


def test_a_truncated_wrapper_is_still_a_problem(tmp_path):
    """A recorded page says that it is one of several, as any page does."""
    page = {"status_code": 200, "data": details(user(), IsTruncated=True, Marker="x")}
    (account,), _ = build_accounts(reading(tmp_path, {"x.json": page}))
    assert [each.defect for each in account.details_gaps] == [EvidenceDefect.TRUNCATED]


@pytest.mark.parametrize("beside", ["", wrapper(PLAIN)], ids=["alone", "before the report"])
def test_the_answer_of_generate_credential_report_is_no_problem(tmp_path, beside):
    """Whoever exports runs it first: it is noted, and is no damaged export."""
    receipt = '{"State": "STARTED", "Description": "No report exists."}\n'
    evidence = reading(tmp_path, {"x.json": receipt + beside, "r.csv": PLAIN})
    assert faults(evidence.problems) == ""
    assert ("AWS makes a credential report, and holds none" in notes(evidence)) is (not beside)


def test_lists_side_by_side_in_a_list_are_read(tmp_path):
    """`--query '[UserDetailList, Policies]'` leaves the names away, and the entries tell."""
    text = {"VersionId": "v1", "IsDefaultVersion": True, "Document": {"Statement": []}}
    policy = {"PolicyId": "ANPA", "Arn": f"arn:aws:iam::{ACCOUNT}:policy/own"}
    evidence = reading(
        tmp_path, {"x.json": json.dumps([[user()], [policy | {"PolicyVersionList": [text]}]])}
    )
    assert faults(evidence.problems) == ""
    (account,), _ = build_accounts(evidence)
    assert (len(account.users), len(account.policies)) == (1, 1)


@pytest.mark.parametrize("written", ["/Date(1714979289000)/", "/Date(1714979289123+0200)/"])
def test_a_time_of_windows_powershell_is_read(tmp_path, written):
    """It counts milliseconds; the offset that may follow changes nothing of them."""
    evidence = reading(tmp_path, {"x.json": details(user(CreateDate=written))})
    (account,), _ = build_accounts(evidence)
    assert account.users[0].details.created.isoformat() == "2024-05-06T07:08:09+00:00"


def test_answers_under_account_numbers_are_of_those_accounts(tmp_path):
    """Scripts that walk an organization write so; the number says whose an answer is."""
    other = "444455556666"
    pages = {ACCOUNT: details(user()), other: details(user("eve", other))}
    policies = {
        number: {"PasswordPolicy": {"MinimumPasswordLength": length}}
        for number, length in ((ACCOUNT, 8), (other, 20))
    }
    evidence = reading(tmp_path, {"g.json": json.dumps(pages), "p.json": json.dumps(policies)})
    assert faults(evidence.problems) == ""
    accounts, _ = build_accounts(evidence)
    told = {
        each.id: (
            each.users[0].name,
            each.documents[ExportKind.PASSWORD_POLICY][0].value["PasswordPolicy"].value,
        )
        for each in accounts
    }
    assert told == {
        ACCOUNT: ("ann", {"MinimumPasswordLength": 8}),
        other: ("eve", {"MinimumPasswordLength": 20}),
    }
