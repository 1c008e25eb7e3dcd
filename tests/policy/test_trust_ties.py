"""What a trust policy ties those down to whom it lets in, by its Allows or by its Denies."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.trust_policies import Restriction
from analyzer.policy.trust_ties import is_tied
from tests.builders import account
from tests.policy.verdicts import ANN, IAM, ROLE

OWN, PARTNER = "111122223333", "444455556666"
TIES = (Restriction.ORGANIZATION, Restriction.ACCOUNT, Restriction.PRINCIPAL)
OUTSIDE_ORG = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}


def says(principal="*", when=None, effect="Allow", action="sts:AssumeRole", member="Principal"):
    """A statement of a trust policy."""
    found = {"Effect": effect, member: principal, "Action": action}
    return found | ({"Condition": when} if when else {})


def bars(when=None, principal="*", **more):
    """A Deny."""
    return says(principal, when, "Deny", **more)


def tied(*statements, kinds=TIES):
    """Whether the first grant of that trust policy is tied to something of these kinds."""
    found = authorizer_for(account().role("app").trusting(*statements).account())
    return is_tied(found.grants[ROLE][0], kinds, found.actions)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (None, True),
        (OUTSIDE_ORG, True),
        ({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringNotLike": {"aws:PrincipalOrgID": "o-1*"}}, True),
        ({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-1/*"}}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": [OWN, PARTNER]}}, True),
        ({"ArnNotLike": {"aws:PrincipalArn": f"{IAM}role/ci-*"}}, True),
        (OUTSIDE_ORG | {"ArnNotLike": {"aws:PrincipalArn": ANN}}, True),
        (OUTSIDE_ORG | {"Bool": {"aws:PrincipalIsAWSService": "false"}}, True),
        (OUTSIDE_ORG | {"BoolIfExists": {"aws:ViaAWSService": "false"}}, True),
        ({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}}, False),
        ({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-1/*"}}, False),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-2"}}, False),
        ({"Null": {"aws:PrincipalOrgID": "true"}}, False),
        (OUTSIDE_ORG | {"StringEquals": {"corp:Odd": "x"}}, False),
        (OUTSIDE_ORG | {"Bool": {"aws:PrincipalIsAWSService": "true"}}, False),
        (OUTSIDE_ORG | {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"StringNotSo": {"aws:PrincipalOrgID": "o-1"}}, False),
    ],
)
def test_a_deny_ties_down_whom_it_leaves_if_it_means_all_others(when, expected):
    """All of its conditions have to hold for every stranger, with the key and without."""
    assert tied(says(), bars(when)) is expected
    assert tied(says()) is False


@pytest.mark.parametrize(
    ("principal", "barred", "member", "expected"),
    [
        ("*", "*", "Principal", True),
        ("*", {"AWS": "*"}, "Principal", True),
        ("*", {"AWS": PARTNER}, "Principal", False),
        ("*", {"AWS": OWN}, "NotPrincipal", True),
        ("*", "*", "NotPrincipal", False),
        ({"AWS": ANN}, {"AWS": ANN}, "Principal", True),
        ({"AWS": ANN}, {"AWS": f"{IAM}root"}, "Principal", True),
        ({"AWS": ANN}, {"AWS": f"{IAM}user/bob"}, "Principal", False),
        ({"AWS": ANN}, {"AWS": PARTNER}, "NotPrincipal", True),
        ({"AWS": ANN}, {"AWS": OWN}, "NotPrincipal", False),
        ({"Service": "logs.amazonaws.com"}, {"AWS": OWN}, "Principal", False),
        ({"Federated": f"{IAM}saml-provider/corp"}, {"AWS": OWN}, "Principal", False),
    ],
)
def test_a_deny_ties_down_those_whom_it_means(principal, barred, member, expected):
    """By name, by account, or all but those named."""
    deny = bars(OUTSIDE_ORG, barred, member=member)
    assert tied(says(principal), deny) is expected


def test_a_deny_has_to_name_every_call_that_the_grant_allows():
    """What it leaves is a way in."""
    both = ["sts:AssumeRole", "sts:AssumeRoleWithSAML"]
    assert tied(says(action=both), bars(OUTSIDE_ORG)) is False
    assert tied(says(action=both), bars(OUTSIDE_ORG, action="sts:*")) is True
    assert tied(says(), bars(OUTSIDE_ORG, action="sts:TagSession")) is False
    everyone = says({"AWS": ANN}, member="NotPrincipal")
    assert tied(everyone, bars(OUTSIDE_ORG)) is True
    assert tied(everyone, bars(OUTSIDE_ORG, {"AWS": ANN})) is False
    assert tied(says(), says(when=OUTSIDE_ORG, effect="Perhaps")) is False


def test_a_deny_of_all_but_services_ties_no_service_down():
    """What holds for everybody else is false for it."""
    logs, kinds = {"Service": "logs.amazonaws.com"}, [Restriction.SOURCE]
    elsewhere = {"StringNotEquals": {"aws:SourceAccount": OWN}}
    for_others = elsewhere | {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    assert tied(says(logs), bars(elsewhere), kinds=kinds) is True
    assert tied(says(logs), bars(for_others), kinds=kinds) is False
    assert tied(says(), bars(for_others), kinds=kinds) is True


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, True),
        ({"StringNotEquals": {"aws:MultiFactorAuthPresent": "true"}}, True),
        ({"Null": {"aws:MultiFactorAuthAge": "true"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, False),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"StringNotEqualsIfExists": {"aws:MultiFactorAuthPresent": "false"}}, False),
        ({"Null": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"Null": {"aws:MultiFactorAuthAge": "false"}}, False),
        (OUTSIDE_ORG, False),
    ],
)
def test_a_deny_without_mfa_must_catch_keys_that_carry_none(when, expected):
    """A long-term key has no such key, a session without MFA has one that is false.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
    """
    assert tied(says({"AWS": ANN}), bars(when), kinds=[Restriction.MFA]) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringEqualsIfExists": {"aws:PrincipalAccount": OWN}}, True),
        ({"ForAllValues:StringEquals": {"aws:PrincipalAccount": OWN}}, True),
        ({"StringLikeIfExists": {"aws:PrincipalAccount": "*"}}, False),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, False),
    ],
)
def test_a_condition_of_the_allow_counts_as_ever(when, expected):
    """A key that is in every request can't be left away."""
    assert tied(says(when=when)) is expected
