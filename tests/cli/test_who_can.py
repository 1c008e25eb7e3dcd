"""`credaudit who-can`: who, by what, and what the answer can't see."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import account

NUMBER = "111122223333"
ROOT = Path(__file__).parents[2]
HOSTILE = "p\n\x1b[31m[red]\u202egnp"
BOB = f"arn:aws:iam::{NUMBER}:user/bob"
LONE = f"arn:aws:iam::{NUMBER}:role/lone"


@pytest.fixture
def exports(tmp_path):
    """An administrator, one who may touch bob alone, one whom a role's trust names."""
    case = account().user("adm").key().may("*").user("bob").key()
    case = case.user("ann").key().may("iam:CreateAccessKey", on=BOB)
    case = case.role("lone").trusts({"AWS": BOB})
    return case.write(tmp_path / "exports")


def asked(run, *arguments):
    """The answer as JSON: principals with their verdicts, and all of it."""
    ended = run("who-can", *arguments, "-f", "json")
    assert ended.code == 0, ended.err
    answer = json.loads(ended.out)
    authorizer = {
        each["principal"].rpartition(":")[2]: each["verdict"] for each in answer["answers"]
    }
    return authorizer, answer


def test_json_names_each_principal_with_the_statement_that_lets_it(run, exports):
    """Policy, file and pointer are those of the very statement."""
    authorizer, answer = asked(run, "s3:getobject", "--evidence", exports)
    assert authorizer == {"user/adm": "allowed"}
    assert {key: answer[key] for key in ("action", "resource", "account", "as_of")} == {
        "action": "s3:GetObject",
        "resource": None,
        "account": NUMBER,
        "as_of": "2026-10-01T00:00:00Z",
    }
    [found] = answer["answers"]
    assert found["allows"] == [
        {
            "policy": "p0",
            "evidence": "exports/authorization-details.json",
            "pointer": "/UserDetailList/0/UserPolicyList/0/PolicyDocument/Statement/0",
        }
    ]
    assert (found["denies"], found["reasons"]) == ([], [])


def test_a_right_over_one_user_of_the_account_is_found_without_naming_that_user(run, exports):
    """Whatever suits best may be something that the account has already."""
    authorizer, _ = asked(run, "iam:CreateAccessKey", "--evidence", exports)
    assert authorizer == {"user/adm": "allowed", "user/ann": "allowed"}


def test_a_resource_narrows_the_answer(run, exports):
    """Ann may do it to bob, not to the administrator."""
    adm = f"arn:aws:iam::{NUMBER}:user/adm"
    for resource, may in ((BOB, {"user/adm", "user/ann"}), (adm, {"user/adm"})):
        authorizer, answer = asked(
            run, "iam:CreateAccessKey", "--resource", resource, "--evidence", exports
        )
        assert set(authorizer) == may
        assert answer["resource"] == resource


def test_a_role_must_let_in_whoever_assumes_it(run, exports):
    """The administrator's own policies do not open a role that trusts bob alone."""
    authorizer, answer = asked(run, "sts:AssumeRole", "--resource", LONE, "--evidence", exports)
    assert authorizer == {"user/bob": "allowed"}
    assert [each["policy"] for each in answer["answers"][0]["allows"]] == ["trust policy"]


def test_without_a_role_whoever_a_trust_names_is_among_them(run, exports):
    """Bob has no policy at all, and needs none."""
    authorizer, _ = asked(run, "sts:AssumeRole", "--evidence", exports)
    assert authorizer == {"user/adm": "allowed", "user/bob": "allowed"}


def test_a_session_that_a_trust_names_is_its_role(run, tmp_path):
    """Trusts may name the session instead of the role that it comes from."""
    entry_point = {"AWS": f"arn:aws:sts::{NUMBER}:assumed-role/from/x"}
    case = account().role("from", path="/team/").role("to").trusts(entry_point)
    authorizer, _ = asked(run, "sts:AssumeRole", "--evidence", case.write(tmp_path / "e"))
    assert set(authorizer) == {"role/team/from"}


def test_conditions_and_missing_texts_are_conditional_and_say_why(run, tmp_path):
    """Neither counts as a no."""
    case = account().user("a").key().may("s3:*", when={"StringEquals": {"aws:SourceVpce": "vpce"}})
    case = case.role("r").may("s3:*", when={"StringEquals": {"s3:ExistingObjectTag/a": "b"}})
    case = case.user("x").key().attached(f"arn:aws:iam::{NUMBER}:policy/gone")
    authorizer, answer = asked(run, "s3:GetObject", "--evidence", case.write(tmp_path / "e"))
    assert authorizer == dict.fromkeys(["role/r", "user/a", "user/x"], "conditional")
    because = [each["reasons"] for each in answer["answers"]]
    assert because[0] == ["s3:ExistingObjectTag/a"]
    assert because[1] == ["aws:SourceVpce"]  # by her own key; a thief is in another network
    assert because[2] == [f"unknown grants from arn:aws:iam::{NUMBER}:policy/gone"]


def test_the_table_has_a_line_for_each_principal(run, exports):
    """Principal, verdict, policy with its place, and the bounds below."""
    ended = run("who-can", "iam:CreateAccessKey", "--evidence", exports)
    first, head, adm, ann, *notes = ended.out.splitlines()
    assert first == f"iam:CreateAccessKey on some resource: 2 principals of account {NUMBER}"
    assert head.split() == ["principal", "verdict", "by", "depends", "on"]
    assert "user/adm" in adm
    assert ann.split()[:2] == ["user/ann", "allowed"]
    assert "p0 (exports/authorization-details.json:/UserDetailList/2/" in ann
    assert all(line.startswith("note: ") for line in notes)
    assert any("upper bound" in line for line in notes)


def test_nobody_is_an_answer_too(run, tmp_path):
    """Complete details, and nobody may: exit code 0, and it is said."""
    ended = run("who-can", "s3:GetObject", "--evidence", account().write(tmp_path / "e"))
    assert (ended.code, ended.err) == (0, "")
    assert "no principals" in ended.out


def test_hostile_names_show_as_what_they_are(run, tmp_path):
    """No colour, no markup, no second line, no reversed text; JSON is plain ASCII."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    folder = account().user("eve").key().inline(HOSTILE, statement).write(tmp_path / "e")
    ended = run("who-can", "s3:GetObject", "--evidence", folder)
    [line] = [line for line in ended.out.splitlines() if "user/eve" in line]
    assert r"p\n\x1b[31m[red]\u202egnp" in line
    printed = run("who-can", "s3:GetObject", "--evidence", folder, "-f", "json").out
    assert printed.isascii()
    assert json.loads(printed)["answers"][0]["allows"][0]["policy"] == HOSTILE


def test_an_unknown_action_is_answered_with_a_doubt(run, exports):
    """AWS adds actions; a misspelt one is offered the right name."""
    authorizer, answer = asked(run, "iam:CreateAccesKey", "--evidence", exports)
    assert authorizer == {"user/adm": "allowed"}
    assert "does not hold iam:CreateAccesKey" in answer["bounds"][0]
    assert "Did you mean iam:CreateAccessKey" in answer["bounds"][0]
    authorizer, _ = asked(run, "nobody:HeardOfThis", "--evidence", exports)
    assert authorizer == {"user/adm": "allowed"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("s3:*",), "without wildcards"),
        (("s3:Get?bject",), "without wildcards"),
        (("hello",), "is no action"),
        (("s3:Get\nObject",), r"s3:Get\nObject: is no action"),
        (("s3:GetObject", "--resource", "arn:aws:s3:::b/*"), "one resource"),
        (("s3:GetObject", "--resource", "bucket"), "is no ARN"),
        (("s3:GetObject", "--account", "999999999999"), f"holds account {NUMBER}"),
    ],
)
def test_wrong_questions_are_usage_errors_that_say_so(run, exports, arguments, says):
    """Exit code 2, one line, nothing on stdout."""
    ended = run("who-can", *arguments, "--evidence", exports)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err


def test_without_evidence_or_an_action_nothing_can_be_asked(run, exports):
    """Both are named by what is missing."""
    assert "--evidence" in run("who-can", "s3:GetObject").err
    assert "ACTION" in run("who-can", "--evidence", exports).err
    assert run("who-can", "s3:GetObject", "--evidence", "nowhere").code == 2


def test_missing_details_are_no_answer(run, tmp_path):
    """The credential report alone does not tell what anyone may do."""
    folder = account().user("a").key().without("authorization-details.json").write(tmp_path / "e")
    ended = run("who-can", "s3:GetObject", "--evidence", folder)
    assert (ended.code, ended.out) == (3, "")
    assert "aws iam get-account-authorization-details" in ended.err


def test_damaged_details_are_named(run, tmp_path):
    """Whoever has made the export already must learn which file is at fault."""
    folder = account().user("a").key().write(tmp_path / "e")
    details = folder / "authorization-details.json"
    details.write_bytes(details.read_bytes()[:-100])
    ended = run("who-can", "s3:GetObject", "--evidence", folder)
    assert (ended.code, ended.out) == (3, "")
    assert "problem: e/authorization-details.json: breaks off" in ended.err


def test_no_advice_is_given_twice(run, tmp_path):
    """A file of another kind is told with its own way out."""
    (tmp_path / "README.md").write_text("words")
    ended = run("who-can", "s3:GetObject", "--evidence", tmp_path / "README.md")
    assert ended.code == 3
    assert ended.err.count("credaudit collect") == 1


def test_a_reader_who_has_seen_enough_is_no_failure(tmp_path):
    """Exit code 1 would mean findings, and a trace would be none of the reader's business."""
    case = account()
    for number in range(400):
        case = case.user(f"{'long-name' * 5}-{number}").may("*")
    folder = case.write(tmp_path / "e")
    command = [sys.executable, "-m", "analyzer", "who-can", "s3:GetObject", "--evidence", folder]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked_:
        asked_.stdout.readline()
        asked_.stdout.close()
        assert asked_.stderr.read() == b""
        assert asked_.wait(timeout=60) == 0


def test_a_file_that_can_not_be_used_is_named_and_the_answer_given(run, exports):
    """Whatever could be made is made; the exit code says that something is missing."""
    (exports / "broken.json").write_text('{"UserDetailList": [')
    ended = run("who-can", "s3:GetObject", "--evidence", exports)
    assert ended.code == 3
    assert "1 principal of " in ended.out
    assert "exports/broken.json" in ended.err


def test_several_inputs_may_follow_one_option(run, exports):
    """As a shell writes `exports/*`; the question may stand before or after."""
    files = sorted(exports.iterdir())
    assert len(files) > 1
    before = run("who-can", "s3:GetObject", "--evidence", *files)
    after = run("who-can", "--evidence", *files, "s3:GetObject")
    assert (before.code, after.code) == (0, 0)
    assert before.out == after.out
    assert "1 principal of " in before.out


def test_of_several_accounts_one_must_be_chosen(run, exports, tmp_path):
    """No answer mixes accounts."""
    other = account("444455556666").user("zoe").key().may("*").write(tmp_path / "other")
    both = ("--evidence", exports, other)
    ended = run("who-can", "s3:GetObject", *both)
    assert ended.code == 2
    assert "444455556666" in ended.err
    authorizer, answer = asked(run, "s3:GetObject", *both, "--account", "444455556666")
    assert (set(authorizer), answer["account"]) == ({"user/zoe"}, "444455556666")


def test_bounds_tell_what_stays_out_of_sight(run, exports, tmp_path):
    """Service control policies, once handed in, are no bound any more."""
    _, answer = asked(run, "s3:GetObject", "--evidence", exports)
    assert any("upper bound" in each for each in answer["bounds"])
    text = {"Version": "2012-10-17", "Statement": []}
    summary = {"Id": "p-12345678", "Type": "SERVICE_CONTROL_POLICY", "Name": "n"}
    policy = {"Policy": {"PolicySummary": summary, "Content": json.dumps(text)}}
    (exports / "scp.json").write_text(json.dumps(policy))
    _, answer = asked(run, "s3:GetObject", "--evidence", exports)
    assert not any("upper bound" in each for each in answer["bounds"])


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (
            account().user("a").attached(f"arn:aws:iam::{NUMBER}:policy/gone"),
            f"lack a part: arn:aws:iam::{NUMBER}:policy/gone is in use",
        ),
        (
            account().user("a").empty_group("g").page(IsTruncated=True),
            "lack a part: it says that more pages follow",
        ),
    ],
)
def test_what_the_details_lack_is_said_by_its_first_sign(run, tmp_path, case, says):
    """A policy whose text is missing is told from pages that are."""
    _, answer = asked(run, "s3:GetObject", "--evidence", case.write(tmp_path / "e"))
    assert any(says in each for each in answer["bounds"])


def test_users_whom_the_details_leave_out_are_named(run, tmp_path):
    """Those of the credential report; of many the first."""
    folder = account().user("a").user("b").user("c").user("d").user("e").key().write(tmp_path / "x")
    details = folder / "authorization-details.json"
    held = json.loads(details.read_text())
    held["UserDetailList"] = held["UserDetailList"][:1]
    details.write_text(json.dumps(held))
    _, answer = asked(run, "s3:GetObject", "--evidence", folder)
    assert "leave out users of other exports: b, c, d and 1 more." in " ".join(answer["bounds"])


def test_two_exports_of_the_same_are_a_problem_and_both_used(run, tmp_path):
    """What counts is not called unused."""
    folder = account().user("ann").key().may("s3:GetObject").write(tmp_path / "e")
    other = account().user("ann").key().may("kms:Decrypt").write(tmp_path / "f")
    (folder / "again.json").write_bytes((other / "authorization-details.json").read_bytes())
    ended = run("who-can", "s3:GetObject", "--evidence", folder)
    assert ended.code == 3
    [line] = [each for each in ended.err.splitlines() if "both count" in each]
    assert "problem: " in line
    assert "not used" not in line


def test_a_resource_of_another_account_needs_its_owners_consent(run, exports):
    """An Allow on this side is half of it."""
    theirs = "arn:aws:kms:eu-west-1:999988887777:key/1"
    _, answer = asked(run, "kms:Decrypt", "--resource", theirs, "--evidence", exports)
    assert any("account 999988887777" in each for each in answer["bounds"])
