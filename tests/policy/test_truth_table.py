"""Each rule of evaluation, and each place where AWS is subtle, as one small policy and its verdict.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import pytest

from analyzer.cli.query import caveats
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.conditions import KeyKnowledge
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny, policy_text

ALLOWED, CONDITIONAL, NONE, DENIED = (
    Verdict.ALLOWED,
    Verdict.CONDITIONAL,
    Verdict.NONE,
    Verdict.DENIED,
)
IAM = "arn:aws:iam::111122223333:"
ANN, ROLE, LIMIT = f"{IAM}user/ann", f"{IAM}role/app", f"{IAM}policy/limit"
OBJECT = "arn:aws:s3:::bucket/ann/photo"
KEY, LIVE = "corp:Unheard", account().user("ann").key()
MFA = "aws:MultiFactorAuthPresent"
ROOT = {"AWS": f"{IAM}root"}
GET = "s3:GetObject"
UNREAD = {"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"}


def asked(case, action=GET, on=OBJECT, keys=None, by=(ANN, EntryPoint.LEAKED_KEY)):
    """The verdict on one request in that account, by someone who comes in that way."""
    found, (who, entry_point) = authorizer_for(case.account(), (action,)), by
    return found.decide(found.principals[who], action, on, entry_point, keys).verdict


def said(*statements, case=LIVE, **request):
    """The verdict on one request of Ann's, who has these statements."""
    return asked(case.inline("p", *statements), **request)


def taken(case, who=ANN, entry_point=None, keys=None):
    """Whether the principal may assume the role."""
    found = authorizer_for(case.account())
    return found.may_assume(found.principals[who], ROLE, entry_point, keys).verdict


def trusting(principal, *, ann=LIVE, when=None, action="sts:AssumeRole"):
    """Ann, and a role that lets in this principal."""
    return ann.role("app").trusts(principal, when=when, action=action)


def limited(case, *statements):
    """The same, with the one named last under a boundary that says this."""
    return case.boundary(LIMIT).policy("limit", *statements)


# S1: statements.


@pytest.mark.parametrize(
    ("granted", "verdict"),
    [((), CONDITIONAL), ((allow("*"),), CONDITIONAL), ((deny("s3:*"),), DENIED)],
)
def test_s1_a_statement_that_nobody_can_read_makes_all_it_touches_conditional(granted, verdict):
    """It may be an Allow or a Deny; only an explicit Deny is beyond its reach."""
    assert said(*granted, UNREAD) is verdict


def test_s1_a_statement_that_nobody_can_read_leaves_other_actions_alone():
    """Its action names what it could touch."""
    assert said(allow("iam:GetUser"), UNREAD, action="iam:GetUser", on=ANN) is ALLOWED


def test_s1_not_action_is_everything_else_even_what_no_table_knows():
    """Actions that AWS has yet to invent are in the complement."""
    statement = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
    assert said(statement, action="foo:NewAction") is ALLOWED
    assert said(statement) is NONE


def test_s1_not_resource_is_every_other_resource():
    """A Deny with it spares only what it names."""
    statement = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::bucket/*"}
    assert said(allow("*"), statement) is ALLOWED
    assert said(allow("*"), statement, on="arn:aws:s3:::other/x") is DENIED


def test_s1_members_in_another_case_are_read():
    """AWS would not store them; an edited export may have them, and a Deny must not get lost."""
    assert said(allow("*"), {"effect": "Deny", "action": "s3:*", "resource": "*"}) is DENIED


# S2: matching.


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("s3:GetObject", True),
        ("S3:getOBJECT", True),
        ("s3:Get?bject", True),
        ("s3:*", True),
        ("*:*", True),
        ("*", True),
        ("s3:Get?Object", False),
        ("s3:GetObject?", False),
        ("iam:*", False),
    ],
)
def test_s2_actions_match_in_any_case_and_with_wildcards_anywhere(pattern, is_match):
    """`*` is any text, `?` exactly one character."""
    assert said(allow(pattern)) is (ALLOWED if is_match else NONE)


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("*", True),
        ("**", True),
        ("arn:aws:s3:::bucket/*", True),
        ("arn:aws:s3:::*", True),
        ("arn:aws:s3:::*photo", True),
        ("arn:aws:s3:::bucket/ann/phot?", True),
        ("arn:*:s3:*:*:bucket/*", True),
        ("arn:aws:s?:::*", True),
        ("arn:aws:s3:::Bucket/*", False),
        ("arn:aws:S3:::bucket/*", False),
        ("arn:aws:s3:::bucket", False),
        ("arn:aws:s3:::bucket/photo", False),
        ("arn:aws-cn:s3:::bucket/*", False),
        ("arn:aws:*:bucket/*:*:*", False),
    ],
)
def test_s2_resources_match_field_by_field_and_keep_their_case(pattern, is_match):
    """Only in the last field does a wildcard reach over slashes and colons."""
    assert said(allow("s3:*", on=pattern)) is (ALLOWED if is_match else NONE)


def test_s2_a_wildcard_in_a_field_does_not_eat_the_next_one():
    """The account's field is no part of the resource's name."""
    on = "arn:aws:iam::444455556666:role/x:111122223333:user/ann"
    assert said(allow("iam:*", on="arn:aws:iam::*:user/ann"), action="iam:GetUser", on=on) is NONE


def test_s2_the_last_field_reaches_over_colons():
    """Log groups and queues have more than six fields."""
    on = "arn:aws:logs:eu-west-1:111122223333:log-group:a:log-stream:b"
    assert said(allow("*", on="arn:aws:logs:*:*:log-group:*b"), on=on) is ALLOWED


@pytest.mark.parametrize("pattern", ["arn:aws:s3", "arn:aws:s3:*", "arn:aws"])
def test_s2_an_arn_with_missing_fields_stands_for_all_of_them(pattern):
    """In identity policies AWS puts a `*` into each missing field.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    assert said(allow("s3:*", on=pattern)) is ALLOWED


# S3: variables.


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
def test_s3_a_variable_is_what_the_principal_is(text, verdict):
    """What is put in means itself; one that nobody knows is a wildcard without certainty."""
    ann = LIVE.tag("nick", "ann").tag("stars", "*")
    statement = allow("s3:*", on=f"arn:aws:s3:::bucket/{text}/photo")
    assert said(statement, case=ann) is verdict


def test_s3_account_and_arn_of_the_principal_are_known():
    """Both stand in the export."""
    on = "arn:aws:iam::${aws:PrincipalAccount}:user/ann"
    assert said(allow("iam:*", on=on), action="iam:GetUser", on=ANN) is ALLOWED
    assert said(allow("iam:*", on="${aws:PrincipalArn}"), action="iam:GetUser", on=ANN) is ALLOWED


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_s3_old_versions_know_no_variables(version):
    """There a variable is text."""
    document = {"Statement": [allow("s3:*", on="arn:aws:s3:::bucket/${aws:username}/*")]}
    document |= {"Version": version} if version else {}
    ann = LIVE.member(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": document}])
    assert asked(ann) is NONE
    assert asked(ann, on="arn:aws:s3:::bucket/${aws:username}/photo") is ALLOWED


# S4: conditions.


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("ArnLike", False),
        ("Bool", False),
        ("NumericLessThan", False),
        ("DateLessThan", False),
        ("IpAddress", False),
        ("StringNotEquals", True),
        ("StringNotLike", True),
        ("ArnNotEquals", True),
        ("NumericNotEquals", True),
        ("DateNotEquals", True),
        ("NotIpAddress", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", False),
    ],
)
def test_s4_a_missing_key(operator, holds):
    """Fails a positive operator, fulfils negated ones, `…IfExists` and ForAllValues."""
    statement = allow("s3:*", when={operator: {KEY: "203.0.113.7" if "Ip" in operator else "1"}})
    verdict = said(statement, keys={KEY: KeyKnowledge.ABSENT})
    assert verdict is (ALLOWED if holds else NONE)


@pytest.mark.parametrize(
    ("state", "wanted", "verdict"),
    [
        (KeyKnowledge.ABSENT, "true", ALLOWED),
        (KeyKnowledge.ABSENT, "false", NONE),
        (("x",), "true", NONE),
        (("x",), "false", ALLOWED),
        (KeyKnowledge.UNKNOWN, "true", CONDITIONAL),
        (KeyKnowledge.UNKNOWN, "false", CONDITIONAL),
    ],
)
def test_s4_null_asks_for_presence(state, wanted, verdict):
    """True means that the key is not there."""
    assert said(allow("s3:*", when={"Null": {KEY: wanted}}), keys={KEY: state}) is verdict


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ({"StringEquals": {KEY: ["y", "x"]}}, ALLOWED),
        ({"StringNotEquals": {KEY: ["y", "x"]}}, NONE),
        ({"StringEquals": {KEY: "x", "aws:username": "bob"}}, NONE),
        ({"StringEquals": {KEY: "x"}, "Bool": {"aws:SecureTransport": "false"}}, NONE),
        ({"StringEquals": {KEY: "x"}, "Bool": {"aws:SecureTransport": True}}, ALLOWED),
        ({"StringEquals": {KEY.upper(): "x"}}, ALLOWED),
        ({"StringEquals": {KEY: "X"}}, NONE),
        ({"StringEqualsIgnoreCase": {KEY: "X"}}, ALLOWED),
        ({"StringEquals": {KEY: "x", "corp:Other": "y"}}, CONDITIONAL),
        ({"StringEquals": {KEY: "y", "corp:Other": "y"}}, NONE),
        ({"StringResembles": {KEY: "x"}}, CONDITIONAL),
    ],
)
def test_s4_operators_and_keys_are_and_values_are_or(when, verdict):
    """In three-valued logic: one false test outweighs any doubt."""
    assert said(allow("s3:*", when=when), keys={KEY: ("x",)}) is verdict


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists"])
def test_s4_a_key_that_nobody_knows_is_unknown(operator):
    """Neither its value nor its presence can be told."""
    assert said(allow("s3:*", when={operator: {KEY: "x"}})) is CONDITIONAL


@pytest.mark.parametrize(
    ("operator", "values", "verdict"),
    [
        ("ForAllValues:StringEquals", ["a", "b", "c"], ALLOWED),
        ("ForAllValues:StringEquals", ["a"], NONE),
        ("ForAnyValue:StringEquals", ["a"], ALLOWED),
        ("ForAnyValue:StringEquals", ["c"], NONE),
        ("ForAnyValue:StringNotEquals", ["a"], ALLOWED),
        ("ForAllValues:StringNotEquals", ["a"], NONE),
    ],
)
def test_s4_quantifiers_speak_of_each_value_or_of_any(operator, values, verdict):
    """For a key that has several values in one request."""
    keys = {"aws:TagKeys": ("a", "b")}
    assert said(allow("s3:*", when={operator: {"aws:TagKeys": values}}), keys=keys) is verdict


# S5: who comes in, and with what.


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
def test_s5_a_leaked_key_comes_from_anywhere_with_nothing_else_in_hand(when, verdict):
    """What only a session or a network could bring is absent; what the asker picks fits."""
    assert said(allow("s3:*", when=when), case=LIVE.tag("team", "dev")) is verdict


def test_s5_a_leaked_key_meets_a_deny_of_other_networks():
    """The address of whoever found the key is on no list."""
    outside = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    assert said(allow("*"), deny("*", when=outside)) is DENIED


@pytest.mark.parametrize(("has_device", "verdict"), [(True, ALLOWED), (False, NONE)])
def test_s5_a_console_session_has_mfa_if_the_user_has_a_device(has_device, verdict):
    """The credential report tells."""
    ann = account().user("ann").password()
    ann = ann.mfa() if has_device else ann
    statement = allow("s3:*", when={"Bool": {MFA: "true"}})
    assert said(statement, case=ann, by=(ANN, EntryPoint.CONSOLE)) is verdict


def test_s5_a_role_session_has_its_own_type_and_no_certain_mfa():
    """Whether its caller had a device is not in the export."""
    role = account().role("app")
    for when, verdict in (
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, ALLOWED),
        ({"StringEquals": {"aws:username": "app"}}, NONE),
        ({"Bool": {MFA: "true"}}, CONDITIONAL),
    ):
        case = role.may("s3:*", when=when)
        assert asked(case, by=(ROLE, EntryPoint.ROLE)) is verdict


def test_s5_a_free_key_avoids_a_deny_that_leaves_room():
    """Another region is as good; a Deny of any region is not to be avoided."""
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    assert said(allow("s3:*"), deny("s3:*", when=here)) is ALLOWED
    some = {"StringNotEqualsIfExists": {"aws:RequestedRegion": "us-east-1"}}
    assert said(allow("s3:*"), deny("s3:*", when=here), deny("s3:*", when=some)) is DENIED


def test_s5_one_value_of_a_free_key_must_serve_all_statements():
    """An Allow here and a boundary there have no region in common."""
    here, there = ({"StringEquals": {"aws:RequestedRegion": each}} for each in ("a", "b"))
    assert asked(limited(LIVE.may("s3:*", when=here), allow("s3:*", when=there))) is NONE
    assert asked(limited(LIVE.may("s3:*", when=here), allow("s3:*", when=here))) is ALLOWED


def test_s5_a_free_key_takes_the_value_of_a_variable():
    """The asker knows the name of the user whose key it holds."""
    named = {"StringEquals": {"sts:ExternalId": "${aws:username}"}}
    assert said(allow("s3:*", when=named)) is ALLOWED


def test_s5_a_free_key_is_there_or_is_not():
    """What allows only without the key and denies only without it allows nothing."""
    absent = {"Null": {"aws:RequestedRegion": "true"}}
    assert said(allow("s3:*", when=absent)) is ALLOWED
    assert said(allow("s3:*", when=absent), deny("s3:*", when=absent)) in (NONE, DENIED)


# S6: one layer.


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ((), NONE),
        ((allow("s3:*"),), ALLOWED),
        ((allow("s3:*", when={"StringEquals": {KEY: "x"}}),), CONDITIONAL),
        ((allow("s3:*"), deny("s3:*")), DENIED),
        ((allow("s3:*"), deny("s3:*", when={"StringEquals": {KEY: "x"}})), CONDITIONAL),
        ((deny("s3:*", when={"StringEquals": {KEY: "x"}}),), NONE),
        ((deny("s3:*"),), DENIED),
        ((allow("s3:*"), allow("s3:*", when={"StringEquals": {KEY: "x"}})), ALLOWED),
    ],
)
def test_s6_a_sure_deny_ends_it_and_a_doubtful_one_makes_doubt(statements, verdict):
    """No order of statements, no rounding up or down."""
    assert said(*statements, allow("iam:GetUser")) is verdict


# S7: layers.


def test_s7_identity_is_inline_attached_and_of_groups():
    """One Allow anywhere among them is enough, one Deny too much."""
    policy = f"{IAM}policy/shared"
    given = LIVE.attached(policy).policy("shared", allow("s3:*"))
    assert asked(given) is ALLOWED
    group = account().empty_group("dev").may("s3:*").user("ann").key().group("dev")
    assert asked(group) is ALLOWED
    assert asked(group.may_not("s3:*")) is DENIED


def test_s7_only_the_default_version_counts():
    """Older ones grant nothing as long as nobody makes them the default."""
    case = LIVE.attached(LIMIT).policy("limit", allow("iam:GetUser")).version(allow("s3:*"))
    assert asked(case) is NONE


@pytest.mark.parametrize(
    ("identity", "boundary", "verdict"),
    [
        ((allow("s3:*"),), (allow("*"),), ALLOWED),
        ((allow("s3:*"),), (allow("iam:*"),), NONE),
        ((), (allow("*"),), NONE),
        ((allow("s3:*"),), (allow("*"), deny("s3:*")), DENIED),
        ((deny("s3:*"),), (allow("*"),), DENIED),
        ((allow("s3:*"),), (allow("*", when={"StringEquals": {KEY: "x"}}),), CONDITIONAL),
    ],
)
def test_s7_a_boundary_caps_and_never_grants(identity, boundary, verdict):
    """Both must allow."""
    assert asked(limited(LIVE.inline("p", allow("ec2:*"), *identity), *boundary)) is verdict


@pytest.mark.parametrize("limit", [LIMIT, f"{IAM}policy/nowhere"])
def test_s7_a_boundary_without_text_makes_grants_conditional_and_nothing_more(limit):
    """The policy may be listed without versions, or not at all."""
    ann = LIVE.inline("p", allow("s3:*"), deny("s3:PutObject")).boundary(limit).policy("limit")
    assert asked(ann) is CONDITIONAL
    assert asked(ann, "s3:PutObject") is DENIED
    assert asked(ann, "iam:GetUser", ANN) is NONE


def test_s7_an_attached_policy_without_text_may_grant_and_deny():
    """Everything is conditional that is not denied."""
    ann = LIVE.inline("p", allow("s3:*"), deny("s3:PutObject")).attached(f"{IAM}policy/nowhere")
    assert asked(ann) is CONDITIONAL
    assert asked(ann, "iam:GetUser", ANN) is CONDITIONAL
    assert asked(ann, "s3:PutObject") is DENIED


def under(case, *levels):
    """The account under these levels of service control policies, from the root down."""
    for number, statements in enumerate(levels):
        policy = {"Id": f"p-{number}", "Type": "SERVICE_CONTROL_POLICY"}
        level = {"credaudit_target": f"ou-{number}", "credaudit_account": "111122223333"}
        text = {"Policy": {"PolicySummary": policy, "Content": policy_text(*statements)}}
        for answer in (level | {"Policies": [policy]}, text):
            case = case.export("control-policies.json", answer)
    return case


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        ((), ALLOWED),
        (((allow("*"),), (allow("s3:*"),)), ALLOWED),
        (((allow("*"),), (allow("ec2:*"),)), NONE),
        (((allow("ec2:*"),), (allow("*"),)), NONE),
        (((allow("*"), deny("s3:*")), (allow("*"),)), DENIED),
        (((allow("*", when={"StringEquals": {KEY: "x"}}),),), CONDITIONAL),
    ],
)
def test_s7_every_level_of_service_control_policies_must_allow(levels, verdict):
    """And none of them grants."""
    assert asked(under(LIVE.may("s3:*"), *levels)) is verdict
    assert asked(under(LIVE, *levels)) in (NONE, DENIED)


# S8 and S9: the trust policy as a resource policy.


@pytest.mark.parametrize(
    ("principal", "granted", "verdict"),
    [
        (ROOT, (), NONE),
        (ROOT, (allow("sts:AssumeRole", on=ROLE),), ALLOWED),
        ({"AWS": "111122223333"}, (allow("sts:*", on=f"{IAM}role/*"),), ALLOWED),
        (ROOT, (allow("sts:AssumeRole", on=f"{IAM}role/other"),), NONE),
        ("*", (), NONE),
        ("*", (allow("sts:AssumeRole", on=ROLE),), ALLOWED),
        ({"AWS": ANN}, (), ALLOWED),
        ({"AWS": [f"{IAM}user/bob", ANN]}, (), ALLOWED),
        ({"AWS": f"{IAM}user/bob"}, (allow("*"),), NONE),
        ({"AWS": "arn:aws:iam::444455556666:root"}, (allow("*"),), NONE),
        ({"Service": "ec2.amazonaws.com"}, (allow("*"),), NONE),
        ({"AWS": ANN}, (deny("sts:AssumeRole"),), DENIED),
        (ROOT, (allow("*"), deny("sts:*", on=ROLE)), DENIED),
    ],
)
def test_s8_an_account_delegates_and_a_named_user_is_let_in(principal, granted, verdict):
    """For the account root and `*` the user's own policies must allow, too."""
    ann = LIVE.inline("p", allow("ec2:DescribeRegions"), *granted)
    assert taken(trusting(principal, ann=ann)) is verdict


def test_s8_a_named_user_under_a_boundary_that_does_not_allow_is_conditional():
    """AWS's pages disagree on the boundary of a user whom a trust policy names."""
    ann = limited(LIVE, allow("s3:*"))
    assert taken(trusting({"AWS": ANN}, ann=ann)) is CONDITIONAL
    assert taken(trusting({"AWS": ANN}, ann=limited(LIVE, allow("*")))) is ALLOWED
    assert taken(trusting({"AWS": ANN}, ann=limited(LIVE, deny("sts:*")))) is DENIED


def test_s8_a_named_role_under_a_boundary_that_does_not_allow_is_not_let_in():
    """An implicit deny in its boundary cuts what names the role."""
    other = f"{IAM}role/other"
    free = account().role("other")
    assert taken(trusting({"AWS": other}, ann=free), who=other) is ALLOWED
    assert taken(trusting({"AWS": other}, ann=limited(free, allow("s3:*"))), who=other) is NONE


@pytest.mark.parametrize(
    ("action", "verdict"),
    [("sts:*", ALLOWED), ("*", ALLOWED), ("STS:assume*", ALLOWED), ("sts:TagSession", NONE)],
)
def test_s9_the_trust_must_speak_of_assuming(action, verdict):
    """By any pattern that covers sts:AssumeRole."""
    assert taken(trusting({"AWS": ANN}, action=action)) is verdict


def test_s9_an_explicit_deny_in_the_trust_is_final():
    """Whatever else the trust and the user's policies allow."""
    statement = {"Action": "sts:AssumeRole", "Principal": {"AWS": ANN}}
    both = (statement | {"Effect": "Allow"}, statement | {"Effect": "Deny"})
    assert taken(LIVE.may("*").role("app").trusting(*both)) is DENIED


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ({"Bool": {MFA: "true"}}, NONE),
        ({"BoolIfExists": {MFA: "true"}}, ALLOWED),
        ({"StringEquals": {"sts:ExternalId": "guess"}}, ALLOWED),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, NONE),
        ({"StringEquals": {"aws:PrincipalArn": ANN}}, ALLOWED),
        ({"ArnLike": {"aws:PrincipalArn": f"{IAM}user/bob"}}, NONE),
        ({"StringEquals": {KEY: "x"}}, CONDITIONAL),
    ],
)
def test_s9_conditions_of_the_trust_are_judged_for_a_leaked_key(when, verdict):
    """The external ID is the asker's to send, a second factor is not."""
    case = trusting({"AWS": ANN}, when=when)
    assert taken(case, entry_point=EntryPoint.LEAKED_KEY) is verdict


def test_s9_an_mfa_device_opens_a_trust_that_asks_for_one():
    """The session of its owner brings it along."""
    ann = account().user("ann").password().mfa()
    case = trusting({"AWS": ANN}, ann=ann, when={"Bool": {MFA: "true"}})
    assert taken(case, entry_point=EntryPoint.CONSOLE) is ALLOWED


def test_s9_no_role_trusts_itself_unasked():
    """Since 2022 it takes a trust policy that names the role."""
    assert taken(account().role("app").may("sts:AssumeRole"), who=ROLE) is NONE
    case = account().role("app").may("sts:AssumeRole").trusts({"AWS": ROLE})
    assert taken(case, who=ROLE) is ALLOWED


def test_s9_a_role_without_its_trust_policy_may_let_anyone_in():
    """A cut export says nothing of it."""
    case = LIVE.may("sts:*").role("app").member(AssumeRolePolicyDocument=None)
    assert taken(case) is CONDITIONAL


def test_s9_asking_for_assume_role_asks_the_trust_as_well():
    """A wide policy alone assumes nothing."""
    case = LIVE.may("sts:AssumeRole").role("app")
    assert asked(case, "sts:AssumeRole", ROLE) is NONE
    assert asked(case.trusts(ROOT), "sts:AssumeRole", ROLE) is ALLOWED


# S10: passing a role.


@pytest.mark.parametrize(
    ("service", "on", "verdict"),
    [
        ("ec2.amazonaws.com", ROLE, ALLOWED),
        ("lambda.amazonaws.com", ROLE, NONE),
        ("ec2.amazonaws.com", f"{IAM}role/other", NONE),
    ],
)
def test_s10_a_role_is_passed_to_one_service(service, on, verdict):
    """PassRole is on the role's ARN, with the service as a condition key."""
    when = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    case = LIVE.may("iam:PassRole", on=ROLE, when=when).role("app")
    keys = {"iam:PassedToService": (service,)}
    assert asked(case, "iam:PassRole", on, keys) is verdict


# S11 and S12: what the permissions lead to.


def level(case, who=ANN):
    """How far that principal gets."""
    return escalation_graph(case.account()).privileges[who].level


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (LIVE.may("iam:CreateAccessKey").user("boss").attached("AdministratorAccess"), "direct"),
        (LIVE.may("iam:CreateAccessKey"), "limited"),
        (LIVE.may("iam:CreateAccessKey").user("bob").may("s3:*"), "limited"),
        (LIVE.may("iam:CreateAccessKey", on=ANN).user("boss").may("*"), "limited"),
        (LIVE.may("iam:AddUserToGroup"), "limited"),
        (LIVE.may("iam:PutUserPolicy", when={"StringEquals": {KEY: "x"}}), "conditional"),
    ],
)
def test_s11_a_path_needs_a_real_target_that_gains_something(case, expected):
    """An empty set of targets is no path; one whose conditions nobody knows is conditional."""
    assert level(case) is PrivilegeLevel[expected.upper()]


def test_s11_the_credential_report_refines_a_path():
    """Two keys leave no room for a third, whether they are active or not."""
    case = LIVE.may("iam:CreateAccessKey").user("boss").may("*").key()
    assert level(case) is PrivilegeLevel.DIRECT
    assert level(case.key(active=False)) is PrivilegeLevel.LIMITED


def test_s12_the_closure_keeps_sure_and_conditional_apart():
    """Over a role to a stronger one: several steps if all are sure, a possibility if one is not."""
    chain = account().role("strong").trusts({"AWS": ROLE}).may("*").role("app").trusts({"AWS": ANN})
    assert level(chain.user("ann").key()) is PrivilegeLevel.CHAIN
    when = {"StringEquals": {KEY: "x"}}
    doubtful = account().role("strong").trusts({"AWS": ROLE}, when=when).may("*")
    doubtful = doubtful.role("app").trusts({"AWS": ANN})
    assert level(doubtful.user("ann").key()) is PrivilegeLevel.CONDITIONAL


def test_s12_an_administrator_holds_every_action_on_every_resource_or_can_take_it():
    """All but one service is not everything; a Deny of a trifle over self-escalation is."""
    assert level(LIVE.may("*")) is PrivilegeLevel.ADMINISTRATOR
    rest = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
    assert level(LIVE.inline("p", rest)) is not PrivilegeLevel.ADMINISTRATOR
    assert level(LIVE.may("*").may_not("s3:DeleteBucket")) is PrivilegeLevel.ADMINISTRATOR
    assert level(LIVE.may("*").may_not("iam:*", "sts:*")) is not PrivilegeLevel.ADMINISTRATOR


# Where AWS is subtle, by the number of the remark.


def test_subtle_1_deny_unless_mfa_with_bool_does_not_stop_a_leaked_key():
    """The key is absent, so the condition is unmet; `BoolIfExists` does stop it."""
    for operator, verdict in (("Bool", ALLOWED), ("BoolIfExists", DENIED)):
        assert said(allow("*"), deny("*", when={operator: {MFA: "false"}})) is verdict


def test_subtle_2_allow_with_not_action_or_not_resource_grants_all_the_rest():
    """IAM itself included."""
    actions = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
    assert said(actions, action="iam:CreateAccessKey", on=ANN) is ALLOWED
    resources = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}
    assert said(resources, action="iam:CreateAccessKey", on=ANN) is ALLOWED
    assert said(resources) is NONE


def test_subtle_3_deny_with_not_principal_hits_everyone_under_a_boundary():
    """Even the principal that it spares by name.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ANN}}
    spared = {
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "NotPrincipal": {"AWS": [ANN, ROOT["AWS"]]},
    }
    assert taken(LIVE.role("app").trusting(allowed, spared)) is ALLOWED
    assert taken(limited(LIVE, allow("*")).role("app").trusting(allowed, spared)) is DENIED


def test_subtle_4_policies_of_aws_are_not_those_of_the_account():
    """A pattern for AWS's covers no customer-managed policy."""
    found = allow("iam:CreatePolicyVersion", on="arn:aws:iam::aws:policy/*")
    assert said(found, action="iam:CreatePolicyVersion", on=LIMIT) is NONE


@pytest.mark.parametrize(
    ("operator", "is_met"), [("DateLessThan", False), ("DateGreaterThan", True)]
)
def test_subtle_5_dates_are_compared_with_the_report_time(operator, is_met):
    """No clock of the machine has a say."""
    when = {operator: {"aws:CurrentTime": f"{LIVE.now.year - 1}-01-01T00:00:00Z"}}
    assert said(allow("s3:*", when=when)) is (ALLOWED if is_met else NONE)
    later = LIVE.now.replace(year=LIVE.now.year + 1).isoformat()
    assert said(allow("s3:*", when={operator: {"aws:CurrentTime": later}})) is (
        NONE if is_met else ALLOWED
    )


def test_subtle_6_iam_on_oneself_reaches_nobody_else():
    """Self-service, and no other user's credentials."""
    case = LIVE.may("iam:*", on=f"{IAM}user/${{aws:username}}").user("bob").key()
    found = authorizer_for(case.account())
    evaluator = found.evaluator(found.principals[ANN], EntryPoint.LEAKED_KEY)
    reached = evaluator.allowed_resources("iam:CreateAccessKey")
    assert list(found.resources.named(reached.certain)) == [ANN]
    assert reached.possible == reached.certain


def test_subtle_7_pass_role_on_everything_passes_to_every_service():
    """Without the condition any service will do."""
    case = LIVE.may("iam:PassRole").role("app")
    for service in ("ec2.amazonaws.com", "lambda.amazonaws.com"):
        keys = {"iam:PassedToService": (service,)}
        assert asked(case, "iam:PassRole", ROLE, keys) is ALLOWED


def test_subtle_8_a_new_version_needs_an_attached_customer_policy_and_a_free_slot():
    """Of a policy that somebody else holds, or that is full, a version gains nothing."""
    mine = LIVE.may("iam:CreatePolicyVersion").policy("limit", allow("s3:Get*"))
    assert level(mine) is PrivilegeLevel.INDIRECT
    held = LIVE.may("iam:CreatePolicyVersion").attached(LIMIT).policy("limit", allow("s3:Get*"))
    assert level(held) is PrivilegeLevel.DIRECT
    for _ in range(4):
        held = held.version(allow("s3:List*"))
    assert level(held) is not PrivilegeLevel.DIRECT


def test_subtle_9_a_group_is_no_principal():
    """A trust that names one lets its members in as little as anyone."""
    ann = account().empty_group("dev").user("ann").key().group("dev").may("*")
    assert taken(trusting({"AWS": f"{IAM}group/dev"}, ann=ann)) is not ALLOWED


def test_subtle_10_a_service_linked_role_stands_under_no_boundary_and_no_scp():
    """AWS lets nobody cap it, and nobody edit it."""
    role = account().role("linked", path="/aws-service-role/x.amazonaws.com/").may("s3:*")
    who = f"{IAM}role/aws-service-role/x.amazonaws.com/linked"
    assert asked(limited(role, allow("iam:*")), by=(who, EntryPoint.ROLE)) is ALLOWED
    assert asked(under(role, (allow("iam:*"),)), by=(who, EntryPoint.ROLE)) is ALLOWED
    editing = role.may("*").user("ann").key().may("iam:UpdateAssumeRolePolicy")
    assert not level(editing).is_privileged


def test_subtle_11_for_all_values_on_a_missing_key_is_open():
    """An Allow that rests on it holds for whoever sends nothing; with Null it does not."""
    when = {"ForAllValues:StringEquals": {KEY: "x"}}
    assert said(allow("s3:*", when=when), keys={KEY: KeyKnowledge.ABSENT}) is ALLOWED
    both = when | {"Null": {KEY: "false"}}
    assert said(allow("s3:*", when=both), keys={KEY: KeyKnowledge.ABSENT}) is NONE


@pytest.mark.parametrize(
    ("operator", "value", "verdict"),
    [
        ("StringLike", "ann", ALLOWED),
        ("StringLike", "an", NONE),
        ("StringLike", "a*", ALLOWED),
        ("StringEquals", "a*", NONE),
    ],
)
def test_subtle_12_string_like_without_wildcard_is_string_equals(operator, value, verdict):
    """Only StringLike knows wildcards."""
    assert said(allow("s3:*", when={operator: {"aws:username": value}})) is verdict


def test_subtle_12_string_like_without_wildcard_lists_its_value_like_string_equals():
    """No region is both, whichever operator asks for it."""
    region = {"aws:RequestedRegion": "eu-west-1"}
    both = {"StringEquals": region, "StringLike": {"aws:RequestedRegion": "us-east-1"}}
    assert said(allow("s3:*", when=both)) is NONE


@pytest.mark.parametrize(
    ("value", "is_match"),
    [
        (ANN, True),
        ("arn:*:iam::*:user/*", True),
        ("arn:aws:iam::*:ann", False),
        ("arn:aws:iam::*user/ann", False),
        (f"{IAM}user/an", False),
    ],
)
@pytest.mark.parametrize("operator", ["ArnLike", "ArnEquals"])
def test_subtle_12_arn_operators_compare_six_fields(operator, value, is_match):
    """Both know wildcards, neither crosses a colon of the first five."""
    statement = allow("s3:*", when={operator: {"aws:PrincipalArn": value}})
    assert said(statement) is (ALLOWED if is_match else NONE)


def test_subtle_13_root_is_outside_identity_policies():
    """No permit speaks of it."""
    assert f"{IAM}root" not in authorizer_for(LIVE.account()).principals


def test_subtle_14_what_an_scp_does_not_allow_no_trust_policy_grants():
    """Its implicit deny blocks even the principal that the trust names."""
    assert taken(under(trusting({"AWS": ANN}), (allow("*"),))) is ALLOWED
    case = under(trusting({"AWS": ANN}), (allow("s3:*"),))
    assert taken(case) is NONE


def test_subtle_15_what_a_session_policy_would_cut_is_not_told_as_cut():
    """No export shows it, so a role's session counts with all that the role may do."""
    role = account().role("app").may("s3:*")
    assert asked(role, by=(ROLE, EntryPoint.ROLE)) is ALLOWED
    assert any("ession policies" in each for each in caveats(role.account()))
