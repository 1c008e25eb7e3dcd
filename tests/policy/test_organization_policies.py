"""What the organization forbids, where its policies were handed in."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny, policy_text
from tests.policy.verdicts import (
    ALLOWED,
    CONDITIONAL,
    DENIED,
    LIVE,
    NONE,
    UNKNOWN_KEY,
    assume_verdict,
    role_trusting,
    under_scps,
    verdict_in,
)

NUMBER = "111122223333"
ANN = account().user("ann").key().may("*")
ARN = f"arn:aws:iam::{NUMBER}:user/ann"
FULL = {"Id": "p-FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY"}
SCP = {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY"}
RCP = {"Id": "p-2", "Type": "RESOURCE_CONTROL_POLICY"}


def described(about, *statements):
    """A describe-policy answer."""
    return {"Policy": {"PolicySummary": about, "Content": policy_text(*statements)}}


def level(target, *policies):
    """A list-policies-for-target answer, as the catalogue's command saves it."""
    return {
        "credaudit_target": target,
        "credaudit_account": NUMBER,
        "Policies": list(policies),
    }


def under(*answers, case=ANN):
    """The account with these answers beside its exports."""
    for answer in answers:
        case = case.export("control-policies.json", answer)
    return case


def asked(case, action, resource=None):
    """The verdict on the user's request."""
    made = authorizer_for(case.account(), [action])
    return made.decide(made.principals[ARN], action, resource).verdict


def test_a_deny_of_any_level_is_final():
    """Whatever the identity policies allow."""
    case = under(level("r-1", FULL), level(NUMBER, FULL, SCP), described(SCP, deny("s3:*")))
    assert asked(case, "s3:GetObject") is Verdict.DENIED
    assert asked(case, "ec2:RunInstances") is Verdict.ALLOWED


def test_every_level_must_allow():
    """A level without FullAWSAccess allows only what it names."""
    case = under(level("r-1", FULL), level("ou-1", SCP), described(SCP, allow("s3:*")))
    assert asked(case, "s3:GetObject") is Verdict.ALLOWED
    assert asked(case, "ec2:RunInstances") is Verdict.NONE


def test_a_level_whose_policy_has_no_text_is_unknown():
    """It may forbid anything."""
    case = under(level("ou-1", FULL, SCP))
    assert asked(case, "s3:GetObject") is Verdict.CONDITIONAL


def test_a_policy_that_may_stand_elsewhere_makes_it_conditional():
    """Without the targets nobody knows whether it stands over this account."""
    case = under(described(SCP, deny("s3:*")))
    assert asked(case, "s3:GetObject") is Verdict.CONDITIONAL
    assert asked(case, "ec2:RunInstances") is Verdict.ALLOWED


def test_the_management_account_stands_under_none():
    """AWS exempts it."""
    case = under(
        level("r-1", SCP), described(SCP, deny("*")), case=ANN.organization(management=NUMBER)
    )
    assert asked(case, "s3:GetObject") is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("action", "resource", "verdict"),
    [
        ("s3:GetObject", "arn:aws:s3:::bucket/key", Verdict.DENIED),
        ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{NUMBER}:q", Verdict.DENIED),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:999988887777:q", Verdict.CONDITIONAL),
        ("sts:AssumeRole", "arn:aws:iam::999988887777:role/x", Verdict.CONDITIONAL),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:eu-west-1:{NUMBER}:table/t", Verdict.DENIED),
        ("events:PutEvents", f"arn:aws:events:eu-west-1:{NUMBER}:event-bus/b", Verdict.DENIED),
        ("appsync:GraphQL", f"arn:aws:appsync:eu-west-1:{NUMBER}:apis/x", Verdict.CONDITIONAL),
        (
            "lambda:InvokeFunction",
            f"arn:aws:lambda:eu-west-1:{NUMBER}:function:f",
            Verdict.CONDITIONAL,
        ),
        ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{NUMBER}:key/k", Verdict.DENIED),
        ("kms:RetireGrant", f"arn:aws:kms:eu-west-1:{NUMBER}:key/k", Verdict.CONDITIONAL),
        ("iam:ListUsers", None, Verdict.ALLOWED),
    ],
)
def test_resource_control_policies_guard_resources_of_the_account(action, resource, verdict):
    """IAM's are not among them, other accounts' are out of reach, and of new services who knows."""
    full = {"Id": "p-RCPFullAWSAccess", "Type": "RESOURCE_CONTROL_POLICY"}
    barred = deny("*") | {"Principal": "*"}
    case = under(level("r-1", FULL), level(NUMBER, full, RCP), described(RCP, barred))
    assert asked(case, action, resource) is verdict


def test_a_trifle_forbidden_leaves_an_administrator_one():
    """The usual guard against leaving the organization."""
    barred = deny("organizations:LeaveOrganization")
    case = under(level("r-1", FULL), level(NUMBER, FULL, SCP), described(SCP, barred))
    assert escalation_graph(case.account()).privileges[ARN].level is PrivilegeLevel.ADMINISTRATOR


def test_a_described_iam_policy_is_none_of_them():
    """get-policy of IAM answers with a Policy, too."""
    case = under({"Policy": {"PolicyName": "x", "Arn": "arn:aws:iam::aws:policy/x"}})
    assert asked(case, "s3:GetObject") is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        ((), ALLOWED),
        (((allow("*"),), (allow("s3:*"),)), ALLOWED),
        (((allow("*"),), (allow("ec2:*"),)), NONE),
        (((allow("ec2:*"),), (allow("*"),)), NONE),
        (((allow("*"), deny("s3:*")), (allow("*"),)), DENIED),
        (((allow("*", when={"StringEquals": {UNKNOWN_KEY: "x"}}),),), CONDITIONAL),
    ],
)
def test_every_level_of_service_control_policies_must_allow(levels, verdict):
    """And none of them grants."""
    assert verdict_in(under_scps(LIVE.may("s3:*"), *levels)) is verdict
    assert verdict_in(under_scps(LIVE, *levels)) in (NONE, DENIED)


def test_what_an_scp_does_not_allow_no_trust_policy_grants():
    """Its implicit deny blocks even the principal that the trust names."""
    assert assume_verdict(under_scps(role_trusting({"AWS": ARN}), (allow("*"),))) is ALLOWED
    case = under_scps(role_trusting({"AWS": ARN}), (allow("s3:*"),))
    assert assume_verdict(case) is NONE
