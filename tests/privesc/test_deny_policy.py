"""The Deny policy that closes a principal's certain paths, and leaves all else alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.privesc.deny_policy import deny_policy_for
from analyzer.privesc.graph import escalation_graph
from tests.builders import account
from tests.hypothesis_profiles import examples

NUMBER = "111122223333"
ROOT = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
STRONG = account().role("strong", service="lambda.amazonaws.com").may("*")
ACTIONS = (
    "iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction", "iam:CreateAccessKey",
    "iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole",
    "iam:CreateUser", "iam:CreatePolicyVersion", "glue:CreateJob", "glue:StartJobRun", "iam:Add*",
    "ecs:*", "iam:CreateRole", "iam:AttachRolePolicy", "iam:CreateLoginProfile", "iam:Delete*",
    "iam:Detach*", "iam:*",
)  # fmt: skip


def arn(name):
    """The ARN of `user/ann` and the like."""
    return f"arn:aws:iam::{NUMBER}:{name}"


def proposed(case):
    """The policy proposed for Ann."""
    return deny_policy_for(escalation_graph(case.account()), arn("user/ann"))


@examples(0.2)
@given(st.sets(st.sampled_from(ACTIONS), min_size=1), st.sampled_from(ACTIONS))
def test_the_policy_closes_every_certain_first_step(actions, denied):
    """With the proposed policy attached, no certain path is left, whatever the principal held."""
    case = STRONG.trusts(ROOT).user("boss").attached("AdministratorAccess")
    case = case.role("glue", service="glue.amazonaws.com").may("*").empty_group("adm")
    case = case.attached("AdministratorAccess").user("ann").key().may(*actions).may_not(denied)
    before = escalation_graph(case.account())
    closing = deny_policy_for(before, arn("user/ann"))
    if closing is None:
        assert not before.privileges[arn("user/ann")].level.is_privileged
        return
    assert closing.first_steps == before.privileges[arn("user/ann")].paths
    assert sum(each.closes for each in closing.statements) == closing.first_steps
    statements = json.loads(closing.document)["Statement"]
    after = escalation_graph(case.inline("closed", *statements).account())
    assert not after.privileges[arn("user/ann")].level.is_privileged


@pytest.mark.parametrize("action", ["iam:PassRole", "sts:AssumeRole"])
def test_the_policy_names_the_roles(action):
    """The smallest change leaves all other roles alone."""
    case = STRONG.trusts({**ROOT, "Service": "lambda.amazonaws.com"})
    case = case.user("ann").key().may(action, "lambda:*")
    closing = deny_policy_for(escalation_graph(case.account()), arn("user/ann"))
    assert closing is not None
    assert closing.statements[0].actions == (action,)
    assert closing.statements[0].resources == (arn("role/strong"),)


def test_whoever_has_no_certain_path_gets_no_policy():
    """A possibility is not closed by guessing."""
    possible = STRONG.user("ann").key().may("lambda:UpdateFunctionCode")
    assert proposed(possible) is None
    assert proposed(STRONG.user("ann").key().may("s3:*")) is None


def test_an_administrator_gets_no_policy():
    """What it has needs no path, and a Deny of some actions would not take it."""
    assert proposed(account().user("ann").key().may("*")) is None


def test_one_deny_closes_what_several_paths_need():
    """All of them hand over the role, so that permission goes and the rest stays."""
    case = STRONG.user("ann").key().may("iam:PassRole", "lambda:*")
    [statement] = proposed(case).statements
    assert statement.actions == ("iam:PassRole",)
    assert statement.closes == proposed(case).first_steps > 1


def test_a_right_over_oneself_is_denied_on_everything():
    """Its target is whoever holds it, so no name narrows the Deny."""
    [statement] = proposed(account().user("ann").key().may("iam:PutUserPolicy")).statements
    assert (statement.actions, statement.resources) == (("iam:PutUserPolicy",), ("*",))


def test_more_targets_than_a_reader_takes_in_are_a_star():
    """Ten names are listed, eleven are not."""

    def resources(number):
        case = account()
        for each in range(number):
            case = case.user(f"boss{each}").attached("AdministratorAccess")
        case = case.user("ann").key().may("iam:CreateAccessKey")
        return proposed(case).statements[0].resources

    assert len(resources(10)) == 10
    assert resources(11) == ("*",)


def test_the_document_is_a_policy_with_a_statement_for_each_deny():
    """As AWS takes it: every Sid once, and nothing that allows."""
    case = account().user("boss").attached("AdministratorAccess").user("ann").key()
    policy = proposed(case.may("iam:CreateAccessKey").may("iam:PutUserPolicy", on=arn("user/ann")))
    document = json.loads(policy.document)
    assert document["Version"] == "2012-10-17"
    assert {each["Effect"] for each in document["Statement"]} == {"Deny"}
    assert [each["Sid"] for each in document["Statement"]] == [
        f"CloseEscalation{number}" for number in range(1, len(policy.statements) + 1)
    ]
    assert [each["Action"] for each in document["Statement"]] == [
        list(each.actions) for each in policy.statements
    ]
