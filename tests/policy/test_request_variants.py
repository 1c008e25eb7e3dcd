"""The other circumstances in which a request can be made: networks, and services in between."""

import pytest

from analyzer.evidence.artifacts import Location
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.condition_parser import Clause
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.request_variants import forwarding_services
from tests.builders import account, allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    GET,
    LIVE,
    NONE,
    level_of,
    under_scps,
    verdict_by,
    verdict_in,
    with_boundary,
)

IP, VPC, VPCE = "aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce"
OFFICE = "203.0.113.0/24"
MADE_BY_A_STACK = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["cloudformation.amazonaws.com"]}}
BY_A_SERVICE = {"Bool": {"aws:ViaAWSService": "true"}}
GIVE = "iam:AttachUserPolicy"
STACK = "cloudformation:CreateStack"
DIRECTLY = {"Bool": {"aws:ViaAWSService": "false"}}


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ({"NotIpAddress": {IP: OFFICE}}, ALLOWED),
        ({"NotIpAddress": {IP: "0.0.0.0/0"}}, ALLOWED),
        ({"NotIpAddress": {IP: ["0.0.0.0/0", "::/0"]}}, ALLOWED),
        ({"IpAddress": {IP: OFFICE}}, NONE),
        ({"IpAddress": {IP: "::/0"}}, ALLOWED),
        ({"IpAddress": {IP: ["0.0.0.0/1", "128.0.0.0/1"]}}, ALLOWED),
        ({"IpAddress": {IP: "2001:db8::/32"}}, NONE),
        ({"StringEquals": {VPCE: "vpce-1"}}, NONE),
        ({"StringLike": {VPCE: "vpce-*"}}, ALLOWED),
        ({"StringLike": {VPC: "vpc-*"}}, ALLOWED),
        ({"StringNotEquals": {VPC: "vpc-1"}}, ALLOWED),
        ({"Null": {VPCE: "false"}}, ALLOWED),
        ({"Null": {IP: "true"}}, ALLOWED),
        ({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}, ALLOWED),
        ({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "StringEquals": {VPC: "vpc-1"}}, NONE),
        ({"IpAddress": {IP: OFFICE}, "StringLike": {VPCE: "vpce-*"}}, NONE),
        ({"StringEquals": {"aws:VpceAccount": "111122223333"}}, NONE),
        ({"StringNotEquals": {"aws:VpceAccount": "111122223333"}}, ALLOWED),
        ({"StringEquals": {"aws:VpceOrgID": "o-abc"}}, NONE),
    ],
)
def test_whoever_holds_a_key_calls_from_any_network_of_his_own(when, verdict):
    """IPv4, IPv6, or an endpoint in a network of his; never from one that is somebody else's."""
    assert verdict_by(allow("s3:*", when=when)) is verdict


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ({"NotIpAddress": {IP: OFFICE}}, DENIED),
        ({"NotIpAddress": {IP: [OFFICE, "::/0"]}}, ALLOWED),
        ({"NotIpAddress": {IP: [OFFICE, "2000::/3"]}}, ALLOWED),
        ({"NotIpAddress": {IP: OFFICE}, "Null": {VPCE: "true"}}, ALLOWED),
        ({"NotIpAddress": {IP: OFFICE}, "StringNotLike": {VPCE: "vpce-*"}}, ALLOWED),
        ({"NotIpAddressIfExists": {IP: OFFICE}, "StringNotEqualsIfExists": {VPC: "vpc-1"}}, DENIED),
        ({"StringNotEquals": {VPCE: "vpce-1"}}, DENIED),
        ({"StringNotEqualsIfExists": {VPCE: "vpce-1"}}, DENIED),
    ],
)
def test_a_deny_by_network_has_to_cover_every_network(when, verdict):
    """What it leaves open is open."""
    assert verdict_by(allow("s3:*"), deny("s3:*", when=when)) is verdict


@pytest.mark.parametrize("over", [under_scps, with_boundary])
def test_a_gap_in_a_guard_by_network_is_one_in_whatever_layer(over):
    """The forgotten IPv6 opens an SCP and a boundary as it opens a policy of one's own."""
    for networks, verdict in ((OFFICE, DENIED), ([OFFICE, "::/0"], ALLOWED)):
        guard = (allow("*"), deny("*", when={"NotIpAddress": {IP: networks}}))
        case = (
            over(LIVE.may("s3:*"), guard) if over is under_scps else over(LIVE.may("s3:*"), *guard)
        )
        assert verdict_in(case) is verdict


def test_two_statements_look_at_one_and_the_same_request():
    """None opens for IPv4 what another opens for IPv6 alone."""
    no_ipv4 = deny("s3:*", when={"IpAddress": {IP: "0.0.0.0/0"}})
    no_ipv6 = deny("s3:*", when={"IpAddress": {IP: "::/0"}})
    no_endpoint = deny("s3:*", when={"Null": {VPC: "false"}})
    assert verdict_by(allow("s3:*"), no_ipv4, no_ipv6) is ALLOWED
    assert verdict_by(allow("s3:*"), no_ipv4, no_endpoint) is ALLOWED
    assert verdict_by(allow("s3:*"), no_ipv4, no_ipv6, no_endpoint) is DENIED


def test_a_device_that_the_thief_enrols_does_not_bring_him_into_the_office():
    """With a key of hers alone he is still at home."""
    at_work = {"IpAddress": {IP: OFFICE}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
    own = allow("iam:EnableMFADevice", "iam:CreateVirtualMFADevice")
    assert verdict_by(own, allow("s3:*", when=at_work), by=(ANN, None)) is NONE
    with_ipv6 = at_work | {"IpAddress": {IP: "::/0"}}
    assert verdict_by(own, allow("s3:*", when=with_ipv6), by=(ANN, None)) is ALLOWED


def test_a_password_is_used_from_a_network_that_nobody_knows():
    """Of whoever signs in at the console no network is known."""
    ann = account().user("ann").password()
    case = ann.may("s3:*", when={"IpAddress": {IP: OFFICE}})
    assert verdict_in(case, by=(ANN, EntryPoint.CONSOLE)) is CONDITIONAL


@pytest.mark.parametrize("when", [MADE_BY_A_STACK, BY_A_SERVICE])
def test_what_is_allowed_to_a_service_alone_is_reached_through_it(when):
    """Whoever may make stacks can have one made that gives out rights."""
    only = allow(GIVE, when=when)
    asked = {"action": GIVE, "on": ANN}
    assert verdict_by(only, **asked) is NONE
    assert verdict_by(only, allow(STACK), **asked) is CONDITIONAL
    assert verdict_by(only, allow("cloudformation:ListStacks"), **asked) is NONE
    assert verdict_by(only, allow(STACK), deny("cloudformation:*"), **asked) is NONE
    assert level_of(LIVE.inline("p", only, allow(STACK))).value == "administrator under conditions"


@pytest.mark.parametrize(
    "unless",
    [
        {"StringNotEquals": {"aws:CalledViaLast": "cloudformation.amazonaws.com"}},
        {"ForAllValues:StringNotEquals": {"aws:CalledVia": ["cloudformation.amazonaws.com"]}},
        {"StringNotEqualsIfExists": {"aws:CalledViaFirst": "cloudformation.amazonaws.com"}},
        {"Bool": {"aws:ViaAWSService": "false"}},
        {"BoolIfExists": {"aws:ViaAWSService": "false"}},
        {"Null": {"aws:CalledVia": "true"}},
    ],
)
def test_a_deny_unless_a_service_calls_leaves_the_way_through_the_service(unless):
    """However the exception is written."""
    asked = {"action": GIVE, "on": ANN}
    guard = deny("iam:*", when=unless)
    assert verdict_by(allow("iam:*"), guard, **asked) is DENIED
    assert verdict_by(allow("iam:*", STACK), guard, **asked) is CONDITIONAL


def test_a_guard_by_network_that_spares_services_is_reached_through_one():
    """AWS's page on source addresses has this guard, and it leaves stacks alone.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
    """
    guard = deny("*", when={"NotIpAddress": {IP: OFFICE}} | DIRECTLY)
    assert verdict_by(allow("*"), guard) is DENIED
    outside = deny("s3:*", when={"NotIpAddress": {IP: OFFICE}} | DIRECTLY)
    assert verdict_by(allow("*"), outside) is CONDITIONAL


def test_a_service_that_policies_name_counts_whether_or_not_aws_lists_it():
    """What makes it call is any action of its own."""
    by_glue = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["glue.amazonaws.com"]}}
    only = allow("s3:*", when=by_glue)
    assert verdict_by(only) is NONE
    assert verdict_by(only, allow("glue:StartJobRun")) is CONDITIONAL
    assert verdict_by(only, allow("athena:*")) is NONE


LISTED = ["athena", "cloudformation", "dynamodb", "kms"]
ANOTHER = "another service"


@pytest.mark.parametrize(
    ("operator", "key", "values", "names"),
    [
        ("StringEquals", "aws:CalledViaFirst", ("kms.amazonaws.com",), ["kms"]),
        ("StringEquals", "aws:CalledVia", ("Glue.amazonaws.com",), ["Glue"]),
        (
            "StringLike",
            "aws:CalledVia",
            ("*at*.amazonaws.com",),
            ["athena", "cloudformation", ANOTHER],
        ),
        ("StringLike", "aws:CalledVia", ("cloud*",), ["cloudformation", ANOTHER]),
        ("StringLike", "aws:CalledVia", ("nobody-calls-so*",), []),
        ("StringLike", "aws:CalledVia", ("${aws:PrincipalTag/by}",), [*LISTED, ANOTHER]),
        ("Bool", "aws:ViaAWSService", ("true",), [*LISTED, ANOTHER]),
        ("Null", "aws:CalledVia", ("false",), [*LISTED, ANOTHER]),
        ("StringEquals", "aws:SourceVpc", ("vpc-1",), []),
    ],
)
def test_a_condition_tells_which_services_may_call(operator, key, values, names):
    """By name, by a pattern, or all of them where it asks for any."""
    clause = Clause(operator, key, values, Location("E1"))
    found = forwarding_services([clause], authorizer_for(LIVE.account()).actions)
    assert [each.name.partition(".")[0] for each in found] == names


@pytest.mark.parametrize(
    "when",
    [
        BY_A_SERVICE,
        {"ForAnyValue:StringLike": {"aws:CalledVia": ["*.amazonaws.com"]}},
        {"ForAnyValue:StringLike": {"aws:CalledVia": ["s?.amazonaws.com"]}},
        {"StringLike": {"aws:CalledViaLast": "s*"}},
        {"ForAnyValue:StringEquals": {"aws:CalledVia": ["s3.amazonaws.com"]}},
    ],
)
def test_any_service_may_call_another_for_whoever_uses_it(when):
    """S3 asks KMS for the key of an object, with the rights of whoever reads it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """
    key = "arn:aws:kms:eu-west-1:111122223333:key/k"
    asked = {"action": "kms:Decrypt", "on": key}
    only = allow("kms:Decrypt", when=when)
    assert verdict_by(only, allow(GET), **asked) is CONDITIONAL
    assert verdict_by(only, **asked) is NONE
    assert verdict_by(only, allow(GET), deny(GET), **asked) is NONE


@pytest.mark.parametrize("unless", [DIRECTLY, {"Null": {"aws:CalledVia": "true"}}])
def test_a_deny_unless_a_service_calls_leaves_the_way_through_any(unless):
    """The caller's other rights tell whether there is one."""
    table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t"
    asked = {"action": "dynamodb:GetItem", "on": table}
    guard = deny("dynamodb:*", when=unless)
    assert verdict_by(allow("dynamodb:*", GET), guard, **asked) is CONDITIONAL
    assert verdict_by(allow("dynamodb:*"), guard, **asked) is DENIED


def test_a_pattern_of_other_services_is_no_way_through_this_one():
    """Only those whose names fit it call."""
    by_glue = {"ForAnyValue:StringLike": {"aws:CalledVia": ["glu*.amazonaws.com"]}}
    only = allow("dynamodb:*", when=by_glue)
    asked = {"action": "dynamodb:GetItem", "on": "arn:aws:dynamodb:x:111122223333:table/t"}
    assert verdict_by(only, allow("glue:StartJobRun"), **asked) is CONDITIONAL
    assert verdict_by(only, allow(GET), **asked) is NONE
