"""Statements bound to a request: what can be read of them, variables, keys that the asker picks."""

import pytest

from tests.builders import allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    IAM,
    LIVE,
    NONE,
    UNKNOWN_KEY,
    UNREAD,
    verdict_by,
    verdict_in,
    with_boundary,
)


@pytest.mark.parametrize(
    ("granted", "verdict"),
    [((), CONDITIONAL), ((allow("*"),), CONDITIONAL), ((deny("s3:*"),), DENIED)],
)
def test_a_statement_that_nobody_can_read_makes_all_it_touches_conditional(granted, verdict):
    """It may be an Allow or a Deny; only an explicit Deny is beyond its reach."""
    assert verdict_by(*granted, UNREAD) is verdict


def test_a_statement_that_nobody_can_read_leaves_other_actions_alone():
    """Its action names what it could touch."""
    assert verdict_by(allow("iam:GetUser"), UNREAD, action="iam:GetUser", on=ANN) is ALLOWED


def test_not_resource_is_every_other_resource():
    """A Deny with it spares only what it names."""
    statement = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::bucket/*"}
    assert verdict_by(allow("*"), statement) is ALLOWED
    assert verdict_by(allow("*"), statement, on="arn:aws:s3:::other/x") is DENIED


@pytest.mark.parametrize(
    ("text", "of_deny", "of_allow"),
    [
        ("${aws:username}", DENIED, ALLOWED),
        ("${aws:PrincipalTag/none, 'x'}", DENIED, ALLOWED),
        ("${aws:PrincipalTag/none}", CONDITIONAL, CONDITIONAL),
        (f"${{{UNKNOWN_KEY}}}", CONDITIONAL, CONDITIONAL),
    ],
)
def test_a_variable_without_value_possibly_voids_what_excepts_by_it(text, of_deny, of_allow):
    """In a NotResource AWS says of it both that nothing is excepted and that nothing is said.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
    """
    but = {"Action": "*", "NotResource": f"arn:aws:s3:::home/{text}/*"}
    asked = {"action": "iam:GetUser", "on": ANN}
    for request in ({}, asked):
        assert verdict_by(allow("*"), {"Effect": "Deny"} | but, **request) is of_deny
        assert verdict_by({"Effect": "Allow"} | but, **request) is of_allow


def test_what_a_notresource_surely_excepts_it_leaves_alone():
    """Whatever becomes of the statement, and of the other text in it."""
    but = {"Action": "*", "NotResource": ["arn:aws:s3:::bucket/*", "arn:aws:s3:::${aws:x}/*"]}
    assert verdict_by(allow("*"), {"Effect": "Deny"} | but) is ALLOWED
    assert verdict_by({"Effect": "Allow"} | but) is NONE


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("${aws:username}", ALLOWED),
        ("${AWS:UserName}", ALLOWED),
        ("${aws:PrincipalTag/nick}", ALLOWED),
        ("${aws:PrincipalTag/none,'ann'}", ALLOWED),
        ("${aws:PrincipalTag/none, 'ann'}", ALLOWED),
        ("${aws:PrincipalTag/none,'bob'}", NONE),
        ("${aws:PrincipalTag/none}", NONE),
        ("${aws:PrincipalTag/stars}", NONE),
        ("${corp:Unheard}", CONDITIONAL),
        ("x${corp:Unheard}", NONE),
        ("${*}", NONE),
        ("${?}nn", NONE),
    ],
)
def test_a_variable_is_what_the_principal_is(text, verdict):
    """What is put in means itself; one that nobody knows is a wildcard without certainty."""
    ann = LIVE.tag("nick", "ann").tag("stars", "*")
    statement = allow("s3:*", on=f"arn:aws:s3:::bucket/{text}/photo")
    assert verdict_by(statement, case=ann) is verdict


def test_account_and_arn_of_the_principal_are_known():
    """Both stand in the export."""
    on = "arn:aws:iam::${aws:PrincipalAccount}:user/ann"
    assert verdict_by(allow("iam:*", on=on), action="iam:GetUser", on=ANN) is ALLOWED
    assert (
        verdict_by(allow("iam:*", on="${aws:PrincipalArn}"), action="iam:GetUser", on=ANN)
        is ALLOWED
    )


def test_a_free_key_avoids_a_deny_that_leaves_room():
    """Another region is as good; a Deny of any region is not to be avoided."""
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    assert verdict_by(allow("s3:*"), deny("s3:*", when=here)) is ALLOWED
    some = {"StringNotEqualsIfExists": {"aws:RequestedRegion": "us-east-1"}}
    assert verdict_by(allow("s3:*"), deny("s3:*", when=here), deny("s3:*", when=some)) is DENIED


def test_one_value_of_a_free_key_must_serve_all_statements():
    """An Allow here and a boundary there have no region in common."""
    here, there = ({"StringEquals": {"aws:RequestedRegion": each}} for each in ("a", "b"))
    assert verdict_in(with_boundary(LIVE.may("s3:*", when=here), allow("s3:*", when=there))) is NONE
    assert (
        verdict_in(with_boundary(LIVE.may("s3:*", when=here), allow("s3:*", when=here))) is ALLOWED
    )


def test_a_free_key_takes_the_value_of_a_variable():
    """The asker knows the name of the user whose key it holds."""
    named = {"StringEquals": {"aws:RequestTag/owner": "${aws:username}"}}
    asked = {"action": "iam:CreateUser", "on": f"{IAM}user/new"}
    assert verdict_by(allow("iam:*", when=named), **asked) is ALLOWED


def test_a_free_key_is_there_or_is_not():
    """What allows only without the key and denies only without it allows nothing."""
    absent = {"Null": {"aws:UserAgent": "true"}}
    assert verdict_by(allow("s3:*", when=absent)) is ALLOWED
    assert verdict_by(allow("s3:*", when=absent), deny("s3:*", when=absent)) in (NONE, DENIED)


def test_allow_with_not_action_or_not_resource_grants_all_the_rest():
    """IAM itself included."""
    actions = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
    assert verdict_by(actions, action="iam:CreateAccessKey", on=ANN) is ALLOWED
    resources = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}
    assert verdict_by(resources, action="iam:CreateAccessKey", on=ANN) is ALLOWED
    assert verdict_by(resources) is NONE
