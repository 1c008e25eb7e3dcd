"""`credaudit paths`: routes in words, their statements, and what closes them."""

import json

import pytest

from tests.builders import account

NUMBER = "111122223333"
ROOT = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
STRONG = f"arn:aws:iam::{NUMBER}:role/strong"


@pytest.fixture
def exports(tmp_path):
    """An administrator's role, one who can pass it, one a step further, and one who can't."""
    case = account().role("strong", service="lambda.amazonaws.com").may("*")
    case = case.role("near").trusts(ROOT).may("iam:PassRole", "lambda:*")
    near = f"arn:aws:iam::{NUMBER}:role/near"
    case = case.user("far").key().may("sts:AssumeRole", on=near)
    case = case.user("ann").key().may("iam:PassRole", on=STRONG).may("lambda:*")
    case = case.user("odd").key().attached(f"arn:aws:iam::{NUMBER}:policy/gone")
    return case.user("low").key().may("s3:*").write(tmp_path / "e")


def asked(run, folder, *arguments):
    """The answer as JSON."""
    ended = run("paths", *arguments, "--evidence", folder, "-f", "json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_a_step_is_told_with_the_statements_that_allow_it(run, exports):
    """Each permission by the policy that gives it, with the place."""
    answer = asked(run, exports, "ann")
    assert (answer["level"], answer["account"]) == ("one step from administrator", NUMBER)
    [step] = answer["route"]
    assert step["action_text"] == "creates a Lambda function that runs as role strong and calls it"
    assert step["gains"] == "the rights of role strong"
    assert (step["target"], step["certain"], step["by"]) == (STRONG, True, "leaked-key")
    found = {each["action"]: each["statements"][0] for each in step["allows"]}
    assert found["iam:PassRole"] == {
        "policy": "p0",
        "evidence": "e/authorization-details.json",
        "pointer": "/UserDetailList/1/UserPolicyList/0/PolicyDocument/Statement/0",
    }
    assert found["lambda:CreateFunction"]["policy"] == "p1"


def test_a_role_that_is_put_into_an_instance_profile_is_told_with_the_rights_for_it(run, tmp_path):
    """Beside those that the path itself takes: what empties a profile, and what fills it."""
    case = account().role("strong").may("*").member(InstanceProfileList=[])
    case = case.role("weak").member(InstanceProfileList=[{"InstanceProfileName": "weak"}])
    case = case.user("ann").key().may("iam:PassRole", "ec2:RunInstances")
    case = case.may("iam:RemoveRoleFromInstanceProfile", "iam:AddRoleToInstanceProfile")
    [step] = asked(run, case.write(tmp_path / "e"), "ann")["route"]
    assert (step["path"], step["certain"]) == ("ec2-run-instances", True)
    found = {each["action"]: each["statements"][0]["policy"] for each in step["allows"]}
    assert found == {
        "iam:PassRole": "p0",
        "ec2:RunInstances": "p0",
        "iam:RemoveRoleFromInstanceProfile": "p1",
        "iam:AddRoleToInstanceProfile": "p1",
    }


def test_a_chain_names_whoever_takes_each_step(run, exports):
    """The second step is the role's, with the role's own statements."""
    answer = asked(run, exports, "user/far")
    assert answer["level"] == "several steps from administrator"
    assert [each["principal"].rpartition("/")[2] for each in answer["route"]] == ["far", "near"]
    [assume] = answer["route"][0]["allows"]
    assert {each["policy"] for each in assume["statements"]} == {"p0", "trust policy"}


def test_the_remedy_is_a_policy_that_closes_every_certain_way(run, exports):
    """As JSON, ready to be used."""
    remedy = asked(run, exports, "ann")["remedy"]
    assert remedy["closes"] == asked(run, exports, "ann")["paths"] > 0
    [statement] = remedy["policy"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", ["iam:PassRole"])
    assert statement["Resource"] == [STRONG]


def test_closing_the_remedy_closes_the_way(run, tmp_path):
    """With the Deny in place nothing certain is left, and so nothing to close."""
    case = account().role("strong", service="lambda.amazonaws.com").may("*")
    case = case.user("ann").key().may("iam:PassRole", "lambda:*")
    remedy = asked(run, case.write(tmp_path / "a"), "ann")["remedy"]
    closed = case.inline("remedy", *remedy["policy"]["Statement"]).write(tmp_path / "b")
    answer = asked(run, closed, "ann")
    assert (answer["paths"], answer["remedy"]) == (0, None)
    assert answer["level"] == "administrator under conditions"
    assert not any(step["certain"] for step in answer["route"])


def test_a_step_over_itself_cites_the_statement_for_its_own_arn(run, tmp_path):
    """The statement names the user itself."""
    own = f"arn:aws:iam::{NUMBER}:user/ann"
    folder = account().user("ann").key().may("iam:PutUserPolicy", on=own).write(tmp_path / "e")
    [step] = asked(run, folder, "ann")["route"]
    assert [each["action"] for each in step["allows"]] == ["iam:PutUserPolicy"]
    assert step["allows"][0]["verdict"] == "allowed"


def test_an_administrator_has_no_route_but_a_statement(run, exports):
    """What makes it one is cited."""
    answer = asked(run, exports, "strong")
    assert (answer["level"], answer["route"], answer["remedy"]) == ("administrator", [], None)
    assert [each["policy"] for each in answer["allows"]] == ["p0"]


def test_the_list_is_worst_first_and_leaves_out_only_the_harmless(run, exports):
    """Of whom the files can't tell, nobody knows that it is harmless."""
    answer = asked(run, exports)
    told = [(each["principal"].rpartition("/")[2], each["level"]) for each in answer["principals"]]
    assert told == [
        ("strong", "administrator"),
        ("near", "one step from administrator"),
        ("ann", "one step from administrator"),
        ("far", "several steps from administrator"),
        ("odd", "unknown"),
    ]
    assert answer["bounds"][0] == "1 other principal: no way to full rights found."


def test_nobody_else_is_not_counted(run, tmp_path):
    """Where all are told, no sentence speaks of others."""
    answer = asked(run, account().user("strong").key().may("*").write(tmp_path / "e"))
    assert len(answer["principals"]) == 1
    assert not any("other principal" in each for each in answer["bounds"])


def test_whoever_gives_rights_to_others_is_shown_by_what(run, tmp_path):
    """The action, and the statement with its place; a condition is said."""
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    bob = f"arn:aws:iam::{NUMBER}:user/bob"
    case = account().user("bob").user("ann").password().may("iam:PutUserPolicy", on=bob)
    case = case.may("iam:AttachUserPolicy", on=bob, when=office)
    folder = case.write(tmp_path / "e")
    answer = asked(run, folder, "ann")
    assert answer["level"] == "can empower others"
    certain, doubtful = answer["gives"]
    assert (certain["action"], certain["certain"]) == ("iam:PutUserPolicy", True)
    assert certain["statements"][0]["pointer"].endswith(
        "/UserPolicyList/0/PolicyDocument/Statement/0"
    )
    assert (doubtful["action"], doubtful["certain"]) == ("iam:AttachUserPolicy", False)
    page = run("paths", "ann", "--evidence", folder).out
    assert "gives rights to others:" in page
    assert "iam:AttachUserPolicy (under conditions)" in page
    everyone = run("paths", "--evidence", folder)
    assert "can give rights to others" in everyone.out + everyone.err


def test_roles_that_aws_owns_are_left_out(run, tmp_path):
    """Nobody in the account can use or change them."""
    case = account().role("AWSServiceRoleForX", path="/aws-service-role/x.amazonaws.com/").may("*")
    assert asked(run, case.write(tmp_path / "e"))["principals"] == []


def test_the_table_has_one_line_each(run, exports):
    """With the first step in words."""
    lines = run("paths", "--evidence", exports).out.splitlines()
    assert lines[0].startswith(f"account {NUMBER} as of ")
    assert lines[1].split("  ")[0] == "principal"
    assert "  privilege level  " in lines[1]
    [ann] = [line for line in lines if "user/ann" in line]
    assert "one step from administrator" in ann
    assert ann.endswith("creates a Lambda function that runs as role strong and calls it")


def test_the_page_of_one_says_steps_ways_and_remedy(run, exports):
    """In words, in the order in which they are taken."""
    ended = run("paths", "far", "--evidence", exports)
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert lines[0] == f"arn:aws:iam::{NUMBER}:user/far: several steps from administrator"
    assert lines[1].startswith("1. user far, by leaked-key, ")
    assert any(line.startswith("2. role near, by role-session, creates a Lambda") for line in lines)
    assert any(line.startswith("   gains the rights of role strong") for line in lines)
    assert "first steps: 1 certain, 0 under conditions" in lines
    assert "as an inline policy, this closes the certain first step:" in lines
    policy = ended.out[ended.out.index("{") : ended.out.rindex("}") + 1]
    assert json.loads(policy)["Statement"][0]["Effect"] == "Deny"


def test_whoever_has_no_way_is_told_so(run, exports):
    """No route, no remedy."""
    ended = run("paths", "low", "--evidence", exports)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"arn:aws:iam::{NUMBER}:user/low: limited\n")


def test_hostile_names_show_as_what_they_are(run, tmp_path):
    """A role name from an export neither colours nor moves the text."""
    case = account().role("s\x1b[2J\u202ex", service="lambda.amazonaws.com").may("*")
    folder = case.user("ann").key().may("iam:PassRole", "lambda:*").write(tmp_path / "e")
    for arguments in ((), ("ann",)):
        out = run("paths", *arguments, "--evidence", folder).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert r"\x1b[2J\u202ex" in out
    assert run("paths", "ann", "--evidence", folder, "-f", "json").out.isascii()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("an",), 2, "Did you mean ann"),
        (("nobody-at-all",), 2, "there is no such user or role"),
        (("ann", "--as-of", "soon"), 2, "2026-12-31"),
    ],
)
def test_wrong_questions_say_what_is_wrong(run, exports, arguments, code, says):
    """And never end in a traceback."""
    ended = run("paths", *arguments, "--evidence", exports)
    assert (ended.code, ended.out) == (code, "")
    assert says in ended.err


def test_missing_details_are_no_answer(run, tmp_path):
    """An empty list would read as: nobody has a way."""
    folder = account().user("a").key().without("authorization-details.json").write(tmp_path / "e")
    ended = run("paths", "--evidence", folder)
    assert (ended.code, ended.out) == (3, "")


@pytest.mark.parametrize("question", [("paths",), ("what-can", "ann"), ("who-can", "iam:PassRole")])
def test_questions_start_fast_and_print_the_same_bytes(process, exports, question):
    """None draws in pandas or WeasyPrint; neither hash seed nor time zone shows."""
    first = process(
        *question, "--evidence", exports, PYTHONPROFILEIMPORTTIME="1", PYTHONHASHSEED="1"
    )
    loaded = {line.rpartition("|")[2].strip() for line in first.err.splitlines()}
    assert "rich.table" in loaded
    assert not loaded & {"pandas", "weasyprint", "detect_secrets", "numpy", "jinja2"}
    again = process(*question, "--evidence", exports, PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    assert (first.code, again.code) == (0, 0)
    assert first.out == again.out
