"""The best decision on any resource there could be, though no export lists it."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.resource_search import (
    decide_any_account,
    decide_new_resource,
    decide_own_account,
)
from tests.builders import account, allow, deny
from tests.policy.verdicts import ALLOWED, ANN, CONDITIONAL, DENIED, IAM, LIVE, NONE

NUMBER, OTHER = "111122223333", "444455556666"


def evaluator(*statements, case=LIVE):
    """What decides for Ann, who has these statements."""
    found = authorizer_for(case.inline("p", *statements).account())
    return found.evaluator(found.principals[ANN], EntryPoint.LEAKED_KEY)


def on(action, *resources):
    """The verdict where the action is allowed on these."""
    return decide_any_account(
        evaluator(*(allow(action, on=each) for each in resources)), action
    ).verdict


def test_an_action_on_several_resources_at_once_needs_each():
    """ecs:ExecuteCommand works on a cluster and a task; a grant on one of them is not enough."""
    cluster, task = (f"arn:aws:ecs:eu-west-1:{NUMBER}:{each}" for each in ("cluster/c", "task/c/*"))
    assert on("ecs:ExecuteCommand", cluster, task) is ALLOWED
    assert on("ecs:ExecuteCommand", cluster) is CONDITIONAL
    assert on("ecs:ExecuteCommand", f"arn:aws:ecs:*:{NUMBER}:service/*") is NONE


def test_another_accounts_resource_takes_that_account():
    """Its own policy has to let in whom it does not know, and no export shows it."""
    granted = allow("sqs:*", on=f"arn:aws:sqs:*:{OTHER}:jobs")
    decision = decide_any_account(evaluator(granted), "sqs:SendMessage")
    assert decision.verdict is CONDITIONAL
    assert decision.reasons == ("policies of another account",)
    here = deny("*", on=f"arn:aws:*:*:{NUMBER}:*")
    elsewhere = evaluator(allow("*"), here)
    assert decide_any_account(elsewhere, "sqs:SendMessage").verdict is CONDITIONAL
    assert decide_any_account(elsewhere, "iam:CreateUser").verdict is DENIED


def test_the_search_of_the_own_account_stops_at_its_border():
    """What is granted in another account alone is no grant here."""
    granted = evaluator(allow("sqs:*", on=f"arn:aws:sqs:*:{OTHER}:jobs"))
    assert decide_own_account(granted, "sqs:SendMessage").verdict is NONE
    here = evaluator(allow("sqs:*", on=f"arn:aws:sqs:*:{NUMBER}:jobs"))
    assert decide_own_account(here, "sqs:SendMessage").verdict is ALLOWED


def test_an_answer_is_found_once_for_each_action():
    """The same evaluator is asked for many principals."""
    found = evaluator(allow("s3:*"))
    assert decide_any_account(found, "s3:GetObject") is decide_any_account(found, "s3:GetObject")
    assert decide_any_account(found, "iam:CreateUser").verdict is NONE


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [("*", ALLOWED), (f"{IAM}user/*", ALLOWED), (f"{IAM}user/bob", NONE), (f"{IAM}role/*", NONE)],
)
def test_a_new_resource_has_a_name_that_is_not_taken(pattern, verdict):
    """A grant on a user who is there already makes no new one."""
    found = evaluator(allow("iam:CreateUser", on=pattern), case=account().user("bob").user("ann"))
    assert decide_new_resource(found, "iam:CreateUser", f"{IAM}user/*").verdict is verdict


@pytest.mark.parametrize(("on", "verdict"), [("*", ALLOWED), ("arn:aws:s3:::bucket", NONE)])
def test_an_action_that_takes_no_resource_needs_a_star(on, verdict):
    """Nothing narrower covers a request that names nothing."""
    found = evaluator(allow("s3:ListAllMyBuckets", on=on))
    assert decide_own_account(found, "s3:ListAllMyBuckets").verdict is verdict


def test_what_is_left_between_an_allow_and_a_deny_of_all_others_is_found():
    """Of IAM's own resources the exports name each, so none is missed."""
    spared = {"Effect": "Deny", "Action": "*", "NotResource": f"{IAM}user/*n"}
    found = evaluator(allow("iam:CreateAccessKey", on=f"{IAM}user/a*"), spared)
    assert decide_own_account(found, "iam:CreateAccessKey").verdict is ALLOWED


def test_more_patterns_than_can_be_tried_leave_the_answer_conditional():
    """Everything that is granted is denied, and nobody claims so without having tried it."""

    def decided(number):
        granted = [f"arn:aws:s3:::{each:05}{'x' * 900}/*" for each in range(number)]
        found = evaluator(allow("s3:GetObject", on=granted), deny("s3:GetObject", on=granted))
        return decide_own_account(found, "s3:GetObject").verdict

    assert decided(8) is NONE
    assert decided(4000) is CONDITIONAL


def test_what_a_session_without_mfa_cannot_call_is_not_allowed_anywhere():
    """Whatever a policy or a missing text may say: with such a session nobody calls IAM."""
    gone = {"PolicyName": "gone", "PolicyArn": f"{IAM}policy/gone"}
    case = LIVE.member(AttachedManagedPolicies=[gone]).inline("p", allow("*"))
    found = authorizer_for(case.account())
    by_key, by_session = (
        found.evaluator(found.principals[ANN], each)
        for each in (EntryPoint.LEAKED_KEY, EntryPoint.SESSION)
    )
    for action in ("iam:CreateUser", "iam:CreateAccessKey"):
        assert decide_own_account(by_key, action).verdict is CONDITIONAL
        assert decide_own_account(by_session, action).verdict is NONE
    assert decide_own_account(by_session, "s3:GetObject").verdict is CONDITIONAL
