"""`credaudit what-can`: counts, sensitive actions, roles and policies of one principal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.cli.what_can import _kinds
from analyzer.policy.actions import AccessLevel, action_index
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.resource_search import decide_any_account
from tests.builders import account, allow, deny
from tests.hypothesis_profiles import examples

NUMBER = "111122223333"
BOTH = ("leaked-key", "console")


def asked(run, folder, *arguments):
    """The answer as JSON."""
    ended = run("what-can", *arguments, "--evidence", folder, "-f", "json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def sensitive(way):
    """The sensitive actions with their verdicts."""
    return {each["action"]: each["verdict"] for each in way["sensitive"]}


TABLE = action_index()
OF_KEYS = sum(
    TABLE.has_level(action, level)
    for action in TABLE.named(TABLE.bits("kms:*"))
    if any(":key/" in form for form in TABLE.resource_forms(action).forms)
    for level in AccessLevel
)


def test_an_administrator_may_do_everything_that_aws_lists(run, tmp_path):
    """Every level is full; only what works on keys of KMS takes a key policy besides."""
    answer = asked(run, account().user("adm").key().may("*").write(tmp_path / "e"), "adm")
    assert answer["principal"] == f"arn:aws:iam::{NUMBER}:user/adm"
    assert answer["level"] == "administrator"
    [way] = answer["ways_in"]
    assert way["by"] == ["leaked-key"]
    assert set(way["levels"]) == {level.value for level in AccessLevel}
    for each in way["levels"].values():
        assert each["allowed"] + each["conditional"] == each["total"] > 100
    assert sum(each["conditional"] for each in way["levels"].values()) == OF_KEYS
    assert {"cloudtrail:StopLogging", "iam:PutUserPolicy", "s3:GetObject"} <= set(sensitive(way))


def test_one_action_is_one_in_its_level(run, tmp_path):
    """The count follows the access level that AWS gives it."""
    folder = account().user("a").key().may("s3:GetObject").write(tmp_path / "e")
    [way] = asked(run, folder, "a")["ways_in"]
    assert {name: each["allowed"] for name, each in way["levels"].items() if each["allowed"]} == {
        "Read": 1
    }
    assert sensitive(way) == {"s3:GetObject": "allowed"}


def test_a_right_over_one_user_counts(run, tmp_path):
    """Here the statement names a user that the account has."""
    bob = f"arn:aws:iam::{NUMBER}:user/bob"
    case = account().user("bob").user("a").key().may("iam:CreateAccessKey", on=bob)
    [way] = asked(run, case.write(tmp_path / "e"), "a")["ways_in"]
    assert sensitive(way) == {"iam:CreateAccessKey": "allowed"}
    assert sum(each["allowed"] for each in way["levels"].values()) == 1


def test_an_action_that_aws_does_not_list_is_counted_apart(run, tmp_path):
    """No level is guessed for it."""
    folder = account().user("a").key().may("s3:HeardOfNowhere").write(tmp_path / "e")
    [way] = asked(run, folder, "a")["ways_in"]
    assert way["levels"]["not listed"] == {"allowed": 1, "conditional": 0, "total": 1}


def test_a_missing_text_makes_everything_possible(run, tmp_path):
    """What nobody can read counts as neither yes nor no."""
    gone = f"arn:aws:iam::{NUMBER}:policy/gone"
    answer = asked(run, account().user("a").key().attached(gone).write(tmp_path / "e"), "a")
    assert answer["level"] == "unknown"
    assert answer["unknown"] == [f"unknown grants from {gone}"]
    [way] = answer["ways_in"]
    assert all(each["conditional"] == each["total"] for each in way["levels"].values())


@pytest.mark.parametrize(("operator", "by_key"), [("Bool", 0), ("BoolIfExists", 1)])
def test_an_mfa_guard_that_allows_must_not_say_if_exists(run, tmp_path, operator, by_key):
    """A leaked key's requests lack the condition key, and for `IfExists` that is enough."""
    when = {operator: {"aws:MultiFactorAuthPresent": "true"}}
    case = account().user("a").key().password().mfa().may("s3:GetObject", when=when)
    folder = case.write(tmp_path / "e")
    for profile, number in zip(BOTH, (by_key, 1), strict=True):
        [way] = asked(run, folder, "a", "--profile", profile)["ways_in"]
        assert way["by"] == [profile]
        assert way["levels"]["Read"]["allowed"] == number


@pytest.mark.parametrize(("operator", "by_key"), [("Bool", 1), ("BoolIfExists", 0)])
def test_an_mfa_guard_that_denies_needs_if_exists(run, tmp_path, operator, by_key):
    """A leaked key carries no such condition key, so a plain `Bool` Deny never meets it."""
    when = {operator: {"aws:MultiFactorAuthPresent": "false"}}
    case = account().user("a").key().password().mfa().may("s3:GetObject")
    folder = case.may_not("*", when=when).write(tmp_path / "e")
    for profile, number in zip(BOTH, (by_key, 1), strict=True):
        [way] = asked(run, folder, "a", "--profile", profile)["ways_in"]
        assert way["levels"]["Read"]["allowed"] == number


def test_a_profile_is_told_with_what_can_be_made_of_it(run, tmp_path):
    """The session that a leaked key gives passes a guard that the key does not."""
    when = {"Null": {"aws:MultiFactorAuthPresent": "true"}}
    case = account().user("a").key().may("s3:GetObject", "iam:GetUser").may_not("*", when=when)
    ways = asked(run, case.write(tmp_path / "e"), "a", "--profile", "leaked-key")["ways_in"]
    read = {way["by"][0]: way["levels"]["Read"]["allowed"] for way in ways}
    assert read == {"leaked-key": 0, "session-token": 1}


def test_actions_are_counted_by_the_keys_that_their_requests_have(run, tmp_path):
    """Of these two one tags what it makes, and the other tags nothing."""
    when = {"StringEquals": {"aws:RequestTag/owner": "a"}}
    case = account().user("a").key().may("iam:CreateUser", "iam:DeleteUser", when=when)
    [way] = asked(run, case.write(tmp_path / "e"), "a")["ways_in"]
    assert way["levels"]["Write"]["allowed"] == 1


def test_without_a_profile_each_way_in_is_told_and_equal_ones_once(run, tmp_path):
    """Two columns of the same figures would tell nothing."""
    when = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    case = account().user("a").key().password().mfa().may("s3:GetObject", when=when)
    case = case.user("b").key().password().mfa().may("s3:GetObject")
    folder = case.write(tmp_path / "e")
    assert [way["by"] for way in asked(run, folder, "a")["ways_in"]] == [
        ["leaked-key"],
        ["console"],
    ]
    assert [way["by"] for way in asked(run, folder, "b")["ways_in"]] == [list(BOTH)]


def test_a_way_in_that_the_report_rules_out_is_answered_with_a_note(run, tmp_path):
    """The question is fair: what if that user had a key."""
    folder = account().user("a").password().mfa().may("s3:GetObject").write(tmp_path / "e")
    answer = asked(run, folder, "a", "--profile", "leaked-key")
    assert "no such way in" in answer["bounds"][0]
    assert not any("no such way in" in each for each in asked(run, folder, "a")["bounds"])


def test_roles_that_it_can_take_come_with_their_power(run, tmp_path):
    """A role that trusts the account asks for an Allow, one that names the user does not."""
    root = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
    user = {"AWS": f"arn:aws:iam::{NUMBER}:user/a"}
    case = account().role("strong").trusts(root).may("*").role("shut").trusts(root)
    case = case.role("mine").trusts(user).user("a").key()
    case = case.may("sts:AssumeRole", on=f"arn:aws:iam::{NUMBER}:role/strong")
    [way] = asked(run, case.write(tmp_path / "e"), "a")["ways_in"]
    roles = {each["role"].rpartition("/")[2]: each for each in way["roles"]}
    assert set(roles) == {"strong", "mine"}
    assert (roles["strong"]["verdict"], roles["strong"]["level"]) == ("allowed", "administrator")
    assert sensitive(way) == {"sts:AssumeRole": "allowed"}


def test_a_role_under_conditions_says_on_what_it_depends(run, tmp_path):
    """In JSON and in the table; of a certain one there is nothing to say."""
    root = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
    odd = {"StringEquals": {"corp:Odd": "x"}}
    case = account().role("odd").trusts(root, when=odd).role("plain").trusts(root)
    folder = case.user("a").key().may("sts:AssumeRole").write(tmp_path / "e")
    [way] = asked(run, folder, "a")["ways_in"]
    found = {each["role"].rpartition("/")[2]: each["reasons"] for each in way["roles"]}
    assert found == {"odd": ["corp:Odd"], "plain": []}
    lines = run("what-can", "a", "--evidence", folder).out.splitlines()
    [line] = [each for each in lines if each.startswith("role/odd")]
    assert line.split() == ["role/odd", "conditional", "limited", "corp:Odd"]


def test_the_privilege_level_is_that_of_the_way_in_that_is_asked_for(run, tmp_path):
    """A leaked key alone gets no further than its own table says."""
    root, needs = {"AWS": f"arn:aws:iam::{NUMBER}:root"}, "aws:MultiFactorAuthPresent"
    case = account().role("strong").trusts(root, when={"Bool": {needs: "true"}}).may("*")
    case = case.user("a").key().password().mfa().may("sts:AssumeRole")
    folder = case.write(tmp_path / "e")
    level = "one step from administrator"
    assert asked(run, folder, "a")["level"] == level
    assert asked(run, folder, "a", "--profile", "console")["level"] == level
    assert asked(run, folder, "a", "--profile", "leaked-key")["level"] == "limited"
    page = run("what-can", "a", "--profile", "leaked-key", "--evidence", folder).out
    assert "privilege level  limited" in page.splitlines()


def test_policies_and_boundary_are_named_with_their_places(run, tmp_path):
    """Those of a group, too; the boundary cuts what they give."""
    arn = f"arn:aws:iam::{NUMBER}:policy/edge"
    case = account().policy("edge", allow("s3:*")).user("a").key().may("*").boundary(arn)
    answer = asked(run, case.write(tmp_path / "e"), "a")
    [policy] = answer["policies"]
    assert (policy["policy"], policy["evidence"]) == ("p0", "e/authorization-details.json")
    assert answer["boundary"]["arn"] == arn
    assert [each["policy"] for each in answer["boundary"]["policies"]] == ["edge"]
    assert set(sensitive(answer["ways_in"][0])) == {"s3:GetObject", "s3:PutBucketPolicy"}


def test_the_table_says_the_same_in_words(run, tmp_path):
    """Heading, counts, actions, roles, notes; a hostile name shows as it is."""
    statement = allow("s3:GetObject")
    folder = account().user("a").key().inline("x\x1b[2J[b]", statement).write(tmp_path / "e")
    ended = run("what-can", "user/a", "--evidence", folder)
    assert ended.code == 0
    assert "\x1b" not in ended.out
    lines = ended.out.splitlines()
    assert lines[0] == f"principal        arn:aws:iam::{NUMBER}:user/a"
    assert lines[2] == "privilege level  limited"
    assert r"x\x1b[2J[b] (e/authorization-details.json:/UserDetailList/0/" in lines[4]
    assert "by leaked-key" in lines
    assert ["Read", "1", "0"] in [line.split()[:3] for line in lines]
    assert any(line.startswith("s3:GetObject") and r"x\x1b[2J[b]" in line for line in lines)


def test_principals_go_by_arn_kind_and_name_or_a_name_that_is_unique(run, tmp_path):
    """With or without its path; an exact name wins over one with a path."""
    case = account().user("ann").key().role("ann", path="/team/").user("ci", path="/x/").key()
    folder = case.user("ci").key().write(tmp_path / "e")
    ann = f"arn:aws:iam::{NUMBER}:user/ann"
    for name, found in (
        (ann, ann),
        ("user/ann", ann),
        ("role/ann", f"arn:aws:iam::{NUMBER}:role/team/ann"),
        ("role/team/ann", f"arn:aws:iam::{NUMBER}:role/team/ann"),
        ("user/ci", f"arn:aws:iam::{NUMBER}:user/ci"),
        ("user/x/ci", f"arn:aws:iam::{NUMBER}:user/x/ci"),
    ):
        assert asked(run, folder, name)["principal"] == found


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("ann",), 2, "may be role/ann, user/ann"),
        (("anneke",), 2, "Did you mean anneli or ann?"),
        (("user/anneke",), 2, "Did you mean user/ann or user/anneli?"),
        (("n\x1bo",), 2, r"n\x1bo: there is no such user or role"),
        (("user/ghost",), 3, "do not hold this user"),
        (("arn:aws:iam::999999999999:user/ann",), 2, f"holds account {NUMBER}"),
        (("arn:aws:iam::999999999999:user/ann", "--account", NUMBER), 2, "of account 999999999999"),
        (("role/ann", "--profile", "leaked-key"), 2, "no role comes in that way"),
        (("user/ann", "--profile", "role-session"), 2, "no user comes in that way"),
        (("user/ann", "--profile", "oracle"), 2, "oracle"),
    ],
)
def test_who_is_meant_must_be_plain(run, tmp_path, arguments, code, says):
    """One line that says what to write instead."""
    case = account().user("anneli").role("ann").user("ghost").user("ann")
    users = case.details["UserDetailList"]
    folder = case.page(UserDetailList=[u for u in users if u["UserName"] != "ghost"])
    ended = run("what-can", *arguments, "--evidence", folder.write(tmp_path / "e"))
    assert (ended.code, ended.out) == (code, "")
    assert says in ended.err


def test_an_arn_chooses_its_account(run, tmp_path):
    """Nothing else has to be said where it names one of several."""
    one = account().user("a").key().write(tmp_path / "one")
    two = account("444455556666").user("a").key().may("*").write(tmp_path / "two")
    arn = "arn:aws:iam::444455556666:user/a"
    ended = run("what-can", arn, "--evidence", one, "--evidence", two, "-f", "json")
    assert json.loads(ended.out)["level"] == "administrator"
    assert run("what-can", "a", "--evidence", one, two).code == 2


def test_missing_details_are_no_answer(run, tmp_path):
    """Nobody can tell from the credential report alone."""
    folder = account().user("a").key().without("authorization-details.json").write(tmp_path / "e")
    ended = run("what-can", "a", "--evidence", folder)
    assert (ended.code, ended.out) == (3, "")
    assert "authorization details" in ended.err


_PATTERNS = ("*", "s3:*", "iam:*", "s3:Get*", "sts:AssumeRole", "ec2:Describe*", "kms:Decrypt")
_RESOURCES = ("*", "arn:aws:s3:::b/*", "arn:aws:iam::*:user/a", "arn:aws:kms:*:*:key/*")
_STATEMENTS = st.builds(
    lambda make, actions, on: make(*actions, on=on),
    st.sampled_from([allow, deny]),
    st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=2),
    st.sampled_from(_RESOURCES),
)


@examples(0.06)
@given(st.lists(_STATEMENTS, min_size=1, max_size=4), st.booleans())
def test_actions_of_one_kind_share_their_fate(statements, is_bounded):
    """Asking for one of each kind gives what asking for every single one gives."""
    arn = f"arn:aws:iam::{NUMBER}:policy/edge"
    case = account().policy("edge", allow("s3:*", "iam:*", on="arn:aws:*:::b*"))
    case = case.user("a").key().inline("p", *statements)
    held = authorizer_for((case.boundary(arn) if is_bounded else case).account())
    policies = held.principals[f"arn:aws:iam::{NUMBER}:user/a"]
    evaluator = held.evaluator(policies, EntryPoint.LEAKED_KEY)
    told = {
        name: decide_any_account(evaluator, action).verdict
        for action, bits in _kinds(evaluator)
        for name in held.actions.named(bits)
    }
    assert told == {
        name: decide_any_account(evaluator, name).verdict
        for name in held.actions.named(evaluator.possible)
    }
