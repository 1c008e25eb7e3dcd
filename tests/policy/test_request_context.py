"""What a request carries, by how its principal comes in."""

import pytest

from analyzer.cli.query import caveats
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.graph import PrivilegeLevel
from tests.builders import account, allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    IAM,
    LIVE,
    MFA,
    NONE,
    ROLE,
    ROOT,
    level_of,
    verdict_by,
    verdict_in,
)


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ({"Bool": {MFA: "true"}}, NONE),
        ({"Bool": {MFA: "false"}}, NONE),
        ({"BoolIfExists": {MFA: "true"}}, ALLOWED),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, NONE),
        ({"Null": {"aws:TokenIssueTime": "true"}}, ALLOWED),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, NONE),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, ALLOWED),
        ({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, ALLOWED),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, ALLOWED),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, NONE),
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, ALLOWED),
        ({"Bool": {"aws:SecureTransport": "true"}}, ALLOWED),
        ({"StringEquals": {"aws:PrincipalType": "User"}}, ALLOWED),
        ({"StringEquals": {"aws:PrincipalTag/team": "dev"}}, ALLOWED),
        ({"StringEquals": {"aws:PrincipalTag/team": "ops"}}, NONE),
        ({"StringEquals": {"aws:PrincipalTag/none": "ops"}}, NONE),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, ALLOWED),
        ({"StringLike": {"aws:RequestedRegion": "eu-*"}}, ALLOWED),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, CONDITIONAL),
    ],
)
def test_a_leaked_key_comes_from_anywhere_with_nothing_else_in_hand(when, verdict):
    """What only a session or a network could bring is absent; what the asker picks fits."""
    assert verdict_by(allow("s3:*", when=when), case=LIVE.tag("team", "dev")) is verdict


def test_a_leaked_key_meets_a_deny_of_other_networks():
    """The address of whoever found the key is on no list."""
    outside = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    assert verdict_by(allow("*"), deny("*", when=outside)) is DENIED


@pytest.mark.parametrize(("has_device", "verdict"), [(True, ALLOWED), (False, NONE)])
def test_a_console_session_has_mfa_if_the_user_has_a_device(has_device, verdict):
    """The credential report tells."""
    ann = account().user("ann").password()
    ann = ann.mfa() if has_device else ann
    statement = allow("s3:*", when={"Bool": {MFA: "true"}})
    assert verdict_by(statement, case=ann, by=(ANN, EntryPoint.CONSOLE)) is verdict


def test_a_role_session_has_its_own_type_and_no_mfa():
    """Whatever device its caller has: the credentials tell nothing of it."""
    role = account().role("app")
    for when, verdict in (
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, ALLOWED),
        ({"StringEquals": {"aws:username": "app"}}, NONE),
        ({"Bool": {MFA: "true"}}, NONE),
        ({"BoolIfExists": {MFA: "true"}}, CONDITIONAL),
        ({"BoolIfExists": {MFA: "false"}}, ALLOWED),
        ({"Null": {MFA: "true"}}, CONDITIONAL),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, NONE),
    ):
        case = role.may("s3:*", when=when)
        assert verdict_in(case, by=(ROLE, EntryPoint.ROLE)) is verdict


def test_a_role_that_demands_mfa_of_its_own_session_gives_nothing():
    """AWS checks the device when the role is taken, and tells its session nothing."""
    guard = deny("*", when={"BoolIfExists": {MFA: "false"}})
    ann = account().user("ann").password().mfa().may("sts:AssumeRole")
    trust = {"when": {"Bool": {MFA: "true"}}}
    taken = ann.role("app").trusts(ROOT, **trust)
    assert level_of(taken.inline("p", allow("*"), guard)) is PrivilegeLevel.LIMITED
    assert level_of(taken.inline("p", allow("*"))) is PrivilegeLevel.DIRECT
    beyond = taken.role("mid").trusts(ROOT).may("sts:AssumeRole").inline("p", guard)
    assert level_of(beyond, f"{IAM}role/mid") is PrivilegeLevel.LIMITED


@pytest.mark.parametrize(
    ("operator", "value", "verdict"),
    [
        ("StringLike", "AROAAPPAPPAPPAPPA234:*", ALLOWED),
        ("StringLike", "AROA*", ALLOWED),
        ("StringLike", "*:job", CONDITIONAL),
        ("StringLike", "AROAAPPAPPAPPAPPA234:job", CONDITIONAL),
        ("StringEquals", "AROAAPPAPPAPPAPPA234:job", CONDITIONAL),
        ("StringEquals", "AROAAPPAPPAPPAPPA234:*", CONDITIONAL),
        ("StringLike", "AROAXPPAPPAPPAPPA234:*", NONE),
        ("StringLike", "AROAAPPAPPAPPAPPA234", NONE),
        ("StringEquals", "AROAXPPAPPAPPAPPA234:job", NONE),
        ("StringNotLike", "AROAXPPAPPAPPAPPA234:*", ALLOWED),
        ("StringNotLike", "AROAAPPAPPAPPAPPA234:*", NONE),
        ("StringEqualsIgnoreCase", "aroaxppappappappa234:job", NONE),
        ("StringEqualsIgnoreCase", "aroaappappappappa234:job", CONDITIONAL),
    ],
)
def test_the_user_id_of_a_role_session_begins_with_the_role_id(operator, value, verdict):
    """The name of the session follows, and that anybody may have picked."""
    role = account().role("app").member(RoleId="AROAAPPAPPAPPAPPA234")
    case = role.may("s3:*", when={operator: {"aws:userid": value}})
    assert verdict_in(case, by=(ROLE, EntryPoint.ROLE)) is verdict


@pytest.mark.parametrize(
    "key", ["aws:Ec2InstanceSourceVPC", "aws:Ec2InstanceSourcePrivateIPv4", "ec2:RoleDelivery"]
)
def test_what_an_instance_adds_to_requests_of_its_role_no_user_has(key):
    """A user with a long-term key is none of its roles."""
    when = {"StringLike": {key: "*"}}
    assert verdict_by(allow("s3:*", when=when)) is NONE
    role = account().role("app").may("s3:*", when=when)
    assert verdict_in(role, by=(ROLE, EntryPoint.ROLE)) is CONDITIONAL


def test_deny_unless_mfa_with_bool_does_not_stop_a_leaked_key():
    """The key is absent, so the condition is unmet; `BoolIfExists` does stop it."""
    for operator, verdict in (("Bool", ALLOWED), ("BoolIfExists", DENIED)):
        assert verdict_by(allow("*"), deny("*", when={operator: {MFA: "false"}})) is verdict


def test_what_a_session_policy_would_cut_is_not_told_as_cut():
    """No export shows it, so a role's session counts with all that the role may do."""
    role = account().role("app").may("s3:*")
    assert verdict_in(role, by=(ROLE, EntryPoint.ROLE)) is ALLOWED
    assert any("ession policies" in each for each in caveats(role.account()))
