"""What AWS decides beside anybody's policies: regions, calls for all, what it alone changes."""

import gzip
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.service_rules import account_of, fixed_region, needs_no_permission
from analyzer.privesc.graph import PrivilegeLevel
from tests.builders import account, allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    IAM,
    LIVE,
    NONE,
    OBJECT,
    ROOT,
    assume_verdict,
    level_of,
    under_scps,
    verdict_by,
    verdict_in,
    with_boundary,
)

DATA = Path(botocore.__file__).parent / "data"
IN_IRELAND = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
NOT_IN_IRELAND = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
REGION = "aws:RequestedRegion"
NEW_USER = f"{IAM}user/new"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/app"
FOREIGN = "arn:aws:lambda:eu-west-1:999988887777:function:f"
RESERVED = f"{IAM}role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789"
LINKED = f"{IAM}role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"
SCALING = f"{IAM}role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_x"
LIMIT = f"{IAM}policy/limit"
BOUNDARY_IS_LIMIT = {"StringEquals": {"iam:PermissionsBoundary": LIMIT}}
NO_PREFIX_OF_IAM = {
    "codecatalyst": "is asked with a token of its own and not with credentials of AWS",
    "mturk-requester": "is mechanicalturk in policies, and has a second place for trials",
}
ELSEWHERE_TOO = {
    "chime": "its meetings, messages and calls have the same prefix and many regions",
    "health": "has a second region that answers where the first does not",
}
WITHOUT_A_PLACE = {"pricing-plan-manager": "is said to be asked in Virginia from China, too"}
NAMED_EVERYWHERE = {
    "globalaccelerator": "stands in the table with every region; AWS says that all calls go to one"
}
TOOLBOX = {("iam-toolbox", "iam")}
"""A preview in every region that explains refused requests, and changes nothing."""


@cache
def partitions() -> Mapping[str, Any]:
    """Botocore's endpoints, by partition."""
    table = json.loads((DATA / "endpoints.json").read_bytes())
    return {each["partition"]: each["services"] for each in table["partitions"]}


def regions(partition: str, service: str) -> set[str]:
    """The regions for which requests to any endpoint of the service are signed."""
    found = partitions()[partition].get(service, {}).get("endpoints", {})
    return {each.get("credentialScope", {}).get("region", name) for name, each in found.items()}


def signed_as() -> Iterator[tuple[str, str]]:
    """The endpoint of each service that botocore knows, and the name that its requests carry."""
    for path in DATA.glob("*/*/service-2.json.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            head = file.read(4000)
        named = dict(re.findall(r'"(endpointPrefix|signingName)": ?"([^"]+)"', head))
        endpoint = named["endpointPrefix"]
        yield endpoint, named.get("signingName", endpoint)


def test_every_service_that_botocore_calls_global_has_its_region():
    """None is missing from the table but those that are explained here."""
    found = {
        name
        for name, service in partitions()["aws"].items()
        if service.get("isRegionalized") is False
    }
    explained = NO_PREFIX_OF_IAM.keys() | ELSEWHERE_TOO.keys()
    assert {name for name in found if fixed_region(f"{name}:X", "aws") is None} == explained


def signed_region(version: Path, region: str, *, is_dual: bool) -> str | None:
    """The region that requests of the service carry where its client is pointed to that one."""
    rules = json.loads(gzip.decompress((version / "endpoint-rule-set-1.json.gz").read_bytes()))
    given = {"AWS::Region": region, "AWS::UseFIPS": False, "AWS::UseDualStack": is_dual}
    asked = {
        name: given[each["builtIn"]]
        for name, each in rules["parameters"].items()
        if each.get("builtIn") in given
    }
    known = json.loads((DATA / "partitions.json").read_bytes())
    try:
        found = EndpointProvider(rules, known).resolve_endpoint(**asked)
    except EndpointProviderError:
        return None
    schemes = found.properties.get("authSchemes") or [{}]
    return schemes[0].get("signingRegion", region)


def test_every_service_that_is_asked_in_one_region_wherever_one_is_has_it():
    """By botocore's newer rules, which know services that its table of endpoints does not."""
    found, places = {}, ("us-east-1", "us-west-2", "eu-west-1")
    for service in DATA.iterdir():
        newest = max(service.iterdir()) if service.is_dir() else service
        if (newest / "endpoint-rule-set-1.json.gz").is_file():
            asked = itertools.product(places, (False, True))
            regions = {signed_region(newest, each, is_dual=dual) for each, dual in asked} - {None}
            if len(regions) == 1:
                found[service.name] = regions.pop()
    assert {"iam", "organizations", "artifact", "networkmanager"} <= found.keys()
    named = {"notificationscontacts": "notifications-contacts", "taxsettings": "tax"}
    told = {name: fixed_region(f"{named.get(name, name)}:X", "aws") for name in found}
    assert {name for name in found if told[name] != found[name]} == set(WITHOUT_A_PLACE)


@pytest.mark.parametrize("partition", partitions())
def test_a_service_of_one_region_has_no_endpoint_elsewhere(partition):
    """All its endpoints in the partition are in the region that the table names."""
    wrong = {}
    for name in partitions()[partition]:
        there, said = regions(partition, name), fixed_region(f"{name}:X", partition)
        if said is not None and there - {said} and name not in NAMED_EVERYWHERE:
            wrong[name] = there
    assert wrong == {}


def test_no_other_endpoint_takes_requests_under_the_name_of_such_a_service():
    """A name in policies may stand for several services of botocore's."""
    others = {
        (endpoint, name)
        for endpoint, name in signed_as()
        if fixed_region(f"{name}:X", "aws") is not None and endpoint != name
    }
    assert others == TOOLBOX


@pytest.mark.parametrize(
    ("partition", "service", "region"),
    [
        ("aws", "iam", "us-east-1"),
        ("aws", "IAM", "us-east-1"),
        ("aws", "networkmanager", "us-west-2"),
        ("aws", "globalaccelerator", "us-west-2"),
        ("aws", "devicefarm", "us-west-2"),
        ("aws", "route53domains", "us-east-1"),
        ("aws", "cur", "us-east-1"),
        ("aws", "artifact", "us-east-1"),
        ("aws", "support", None),
        ("aws-cn", "cur", "cn-northwest-1"),
        ("aws-cn", "support", "cn-north-1"),
        ("aws-cn", "globalaccelerator", None),
        ("aws-cn", "iam", "cn-north-1"),
        ("aws-cn", "organizations", "cn-northwest-1"),
        ("aws-cn", "savingsplans", None),
        ("aws-us-gov", "iam", "us-gov-west-1"),
        ("aws-of-tomorrow", "iam", None),
        ("aws", "sts", None),
        ("aws", "s3", None),
        ("aws", "chime", None),
        ("aws", "health", None),
    ],
)
def test_the_region_of_a_service_is_that_of_its_partition(partition, service, region):
    """Of a partition that nobody knows none is claimed."""
    assert fixed_region(f"{service}:Anything", partition) == region


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ((allow("*", when=IN_IRELAND),), NONE),
        ((allow("*"), deny("*", when=NOT_IN_IRELAND)), DENIED),
        ((allow("*", when={"StringEquals": {REGION: ["eu-west-1", "us-east-1"]}}),), ALLOWED),
        ((allow("*", when={"StringLike": {REGION: "us-*"}}),), ALLOWED),
        ((allow("*", when={"StringNotEquals": {REGION: "us-east-1"}}),), NONE),
        ((allow("*"), deny("*", when={"StringEquals": {REGION: "us-east-1"}})), DENIED),
        ((allow("*", when={"Null": {REGION: "true"}}),), NONE),
        ((allow("*", when={"StringEqualsIfExists": {REGION: "eu-west-1"}}),), NONE),
    ],
)
def test_iam_is_asked_in_one_region(statements, verdict):
    """Whoever is bound to another region can't use it, by an Allow or by a Deny."""
    assert verdict_by(*statements, action="iam:CreateUser", on=NEW_USER) is verdict


def test_a_service_with_regions_is_asked_wherever_it_suits():
    """The same condition leaves everything in Ireland."""
    machine = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
    asked = {"action": "ec2:StopInstances", "on": machine}
    assert verdict_by(allow("*", when=IN_IRELAND), **asked) is ALLOWED
    assert verdict_by(allow("*"), deny("*", when=NOT_IN_IRELAND), **asked) is ALLOWED


@pytest.mark.parametrize("action", ["support:CreateCase", "globalaccelerator:ListAccelerators"])
@pytest.mark.parametrize("region", ["eu-west-1", "us-west-2", "us-east-1"])
def test_support_answers_in_three_regions_and_global_accelerator_in_one(action, region):
    """An SCP after AWS's page that leaves out support does not stop it in Ireland.

    https://docs.aws.amazon.com/awssupport/latest/user/about-support-api.html#endpoint
    """
    is_there = action.startswith("support") or region == "us-west-2"
    when = {"StringEquals": {REGION: region}}
    asked = verdict_by(allow("*", when=when), action=action, on=None)
    assert asked is (ALLOWED if is_there else NONE)


def test_a_meeting_of_chime_is_held_in_any_region():
    """Its prefix is that of a global service, too."""
    assert verdict_by(allow("*", when=IN_IRELAND), action="chime:CreateMeeting", on=None) is ALLOWED


@pytest.mark.parametrize(
    "guard",
    [
        (deny("*", when=NOT_IN_IRELAND), allow("*")),
        (allow("*", when=IN_IRELAND),),
    ],
)
def test_an_scp_or_a_boundary_of_another_region_forbids_iam(guard):
    """It is the same request whatever layer looks at it."""
    asked = {"action": "iam:CreateUser", "on": NEW_USER}
    ann = LIVE.may("iam:*")
    assert verdict_in(under_scps(ann, guard), **asked) in (NONE, DENIED)
    assert verdict_in(with_boundary(ann, *guard), **asked) in (NONE, DENIED)
    assert level_of(under_scps(ann, guard)).value == "limited"


def test_an_scp_after_the_page_of_aws_leaves_iam_alone():
    """It excepts the global services, so rights in IAM stay."""
    guard = {"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
    case = under_scps(
        LIVE.may("iam:*", when=None), (allow("*"), guard | {"Condition": NOT_IN_IRELAND})
    )
    assert verdict_in(case, "iam:CreateUser", NEW_USER) is ALLOWED


def test_a_role_is_passed_in_the_region_of_the_service_that_gets_it():
    """PassRole is a part of another request, and has that one's region."""
    case = LIVE.may("iam:PassRole", when=IN_IRELAND).role("app")
    assert verdict_in(case, "iam:PassRole", f"{IAM}role/app") is ALLOWED


def test_iam_of_china_is_asked_in_beijing():
    """Another partition has another region."""
    ann = account(partition="aws-cn").user("ann").key()
    who = "arn:aws-cn:iam::111122223333:user/"
    for region, verdict in (("cn-north-1", ALLOWED), ("cn-northwest-1", NONE)):
        case = ann.may("*", when={"StringEquals": {REGION: region}})
        asked = verdict_in(case, "iam:CreateUser", f"{who}new", by=(f"{who}ann", None))
        assert asked is verdict


@pytest.mark.parametrize(
    ("action", "is_user", "expected"),
    [
        ("sts:GetCallerIdentity", True, True),
        ("STS:getcalleridentity", False, True),
        ("sts:GetSessionToken", True, True),
        ("sts:GetSessionToken", False, False),
        ("sts:GetFederationToken", True, False),
        ("sts:AssumeRole", True, False),
    ],
)
def test_two_calls_need_no_permission(action, is_user, expected):
    """One of them is for users alone."""
    assert needs_no_permission(action, is_user=is_user) is expected


def test_no_deny_stops_a_call_that_needs_no_permission():
    """Neither a Deny of one's own nor one of the organization. The answer says why."""
    found = authorizer_for(LIVE.may_not("*").account())
    decision = found.decide(found.principals[ANN], "sts:GetCallerIdentity")
    assert decision.reasons == ("needs no permission",)
    asked = {"action": "sts:GetCallerIdentity", "on": None}
    assert verdict_in(LIVE, **asked) is ALLOWED
    assert verdict_by(deny("*"), **asked) is ALLOWED
    assert verdict_in(under_scps(LIVE, (deny("sts:*"), allow("*"))), **asked) is ALLOWED


@pytest.mark.parametrize(
    ("action", "on", "verdict"),
    [
        ("iam:UpdateAssumeRolePolicy", RESERVED, NONE),
        ("iam:PutRolePolicy", RESERVED, NONE),
        ("iam:AttachRolePolicy", RESERVED, NONE),
        ("iam:DeleteRolePermissionsBoundary", RESERVED, NONE),
        ("iam:PassRole", RESERVED, NONE),
        ("iam:TagRole", RESERVED, NONE),
        ("iam:GetRole", RESERVED, ALLOWED),
        ("iam:PutRolePolicy", LINKED, NONE),
        ("iam:DeleteServiceLinkedRole", LINKED, ALLOWED),
        ("iam:PutRolePolicy", f"{IAM}role/AWSReservedSSO_Admin", ALLOWED),
        ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess", NONE),
        ("iam:SetDefaultPolicyVersion", "arn:aws:iam::aws:policy/job-function/Billing", NONE),
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", ALLOWED),
        ("iam:CreatePolicyVersion", f"{IAM}policy/mine", ALLOWED),
        ("kms:DeleteAlias", "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3", NONE),
        ("kms:DeleteAlias", ALIAS, CONDITIONAL),
    ],
)
def test_aws_alone_changes_what_is_its_own(action, on, verdict):
    """Whoever may do everything can read it, and no more; a name alone makes nothing AWS's."""
    assert verdict_by(allow("*"), action=action, on=on) is verdict


@pytest.mark.parametrize(
    "action",
    ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PassRole"],
)
def test_a_role_of_identity_center_is_no_way_up(action):
    """It is changed and passed by AWS alone; a role like it on another path is a way."""
    ann = LIVE.may(action, "sts:AssumeRole", "lambda:CreateFunction", "lambda:InvokeFunction")
    for path, is_way_up in (("/aws-reserved/sso.amazonaws.com/", False), ("/", True)):
        role = ann.role("Admin", path=path, service="lambda.amazonaws.com").may("*")
        if action in ("iam:PutRolePolicy", "iam:AttachRolePolicy"):
            role = ann.role("Admin", path=path).trusts(ROOT)
        assert level_of(role).is_privileged is is_way_up


@pytest.mark.parametrize(
    ("action", "on", "verdict"),
    [
        ("kms:Decrypt", KEY, CONDITIONAL),
        ("kms:Decrypt", None, CONDITIONAL),
        ("kms:CreateGrant", KEY, CONDITIONAL),
        ("KMS:decrypt", KEY, CONDITIONAL),
        ("kms:ListAliases", None, ALLOWED),
        ("kms:CreateKey", None, ALLOWED),
        ("kms:CreateAlias", KEY, CONDITIONAL),
        ("kms:CreateAlias", None, CONDITIONAL),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/app", CONDITIONAL),
        ("kms:Decrypt", "*", CONDITIONAL),
        ("kms:CreateAlias", ALIAS, CONDITIONAL),
        ("kms:UpdateAlias", ALIAS, CONDITIONAL),
        ("kms:DeleteAlias", ALIAS, CONDITIONAL),
        ("kms:DeleteAlias", None, CONDITIONAL),
        ("kms:GenerateRandom", None, ALLOWED),
    ],
)
def test_what_is_done_with_a_key_is_for_its_key_policy_to_say(action, on, verdict):
    """A grant or an alias of it as well; what works on no key is allowed as anything else.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
    """
    assert verdict_by(allow("kms:*"), action=action, on=on) is verdict


@pytest.mark.parametrize(
    ("action", "on", "verdict"),
    [
        ("lambda:InvokeFunction", FOREIGN, CONDITIONAL),
        ("sts:AssumeRole", "arn:aws:iam::999988887777:role/x", CONDITIONAL),
        ("iam:CreateAccessKey", "arn:aws:iam::999988887777:user/x", NONE),
        ("kms:Decrypt", KEY.replace("111122223333", "999988887777"), CONDITIONAL),
        ("lambda:InvokeFunction", FOREIGN.replace("999988887777", "111122223333"), ALLOWED),
        ("s3:GetObject", OBJECT, ALLOWED),
    ],
)
def test_another_account_has_to_allow_what_is_done_to_its_resources(action, on, verdict):
    """The ARN of a bucket names no account, so nothing is held against it."""
    assert verdict_by(allow("*"), action=action, on=on) is verdict


@pytest.mark.parametrize(
    ("arn", "number"),
    [
        (FOREIGN, "999988887777"),
        (OBJECT, None),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", None),
        ("*", None),
        ("arn:aws:sqs:eu-west-1:999988887777:name:with:colons", "999988887777"),
    ],
)
def test_the_account_of_an_arn_is_its_fifth_field(arn, number):
    """Some ARNs have none."""
    assert account_of(arn) == number


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("iam:PassRole", ALLOWED),
        ("iam:DeleteServiceLinkedRole", ALLOWED),
        ("iam:UpdateRoleDescription", ALLOWED),
        ("iam:GetRole", ALLOWED),
        ("iam:AttachRolePolicy", NONE),
        ("iam:UpdateAssumeRolePolicy", NONE),
        ("iam:DeleteRole", NONE),
    ],
)
def test_a_role_of_a_service_is_given_to_it_and_deleted_and_never_changed(action, verdict):
    """Whoever hands a group of instances its own service-linked role passes it."""
    assert verdict_in(LIVE.may("*"), action, SCALING) is verdict
    assert verdict_in(LIVE, action, SCALING) is NONE


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("iam:PutUserPolicy", ALLOWED),
        ("iam:DetachUserPolicy", ALLOWED),
        ("iam:CreateAccessKey", NONE),
        ("iam:GetUser", NONE),
        ("iam:UpdateLoginProfile", NONE),
    ],
)
def test_only_some_requests_carry_the_boundary_of_their_target(action, verdict):
    """Where a request lacks the key, a condition on it does not hold."""
    case = account().user("bob").boundary(LIMIT).policy("limit").user("ann").key()
    case = case.may("iam:*", when=BOUNDARY_IS_LIMIT)
    assert verdict_in(case, action, f"{IAM}user/bob") is verdict
    assert verdict_in(case, action, ANN) is NONE


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateUser", f"{IAM}user/new"),
        ("iam:CreateRole", f"{IAM}role/new"),
        ("iam:PutUserPermissionsBoundary", ANN),
    ],
)
def test_whoever_sets_a_boundary_picks_it(action, resource):
    """The key is the boundary that is asked for, not the one that the target has."""
    case = account().policy("limit").user("ann").key().may("iam:*", when=BOUNDARY_IS_LIMIT)
    assert verdict_in(case, action, resource) is ALLOWED
    assert verdict_in(case, "iam:PutUserPolicy", ANN) is NONE


TAGGED = {"StringEquals": {"aws:RequestTag/owner": "ann"}}
UNTAGGED = {"Null": {"aws:RequestTag/owner": "true"}}
INSTANCE = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
AWS_POLICY = {"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}}


@pytest.mark.parametrize(
    ("statements", "action", "on", "verdict"),
    [
        ([allow("iam:*", when=TAGGED)], "iam:PutUserPolicy", ANN, NONE),
        ([allow("iam:*", when=TAGGED)], "iam:CreateUser", NEW_USER, ALLOWED),
        ([allow("iam:*"), deny("iam:*", when=UNTAGGED)], "iam:PutUserPolicy", ANN, DENIED),
        ([allow("iam:*"), deny("iam:*", when=UNTAGGED)], "iam:CreateUser", NEW_USER, ALLOWED),
        (
            [allow("ec2:*"), deny("ec2:*", when=UNTAGGED)],
            "ec2:TerminateInstances",
            INSTANCE,
            DENIED,
        ),
        ([allow("ec2:*"), deny("ec2:*", when=UNTAGGED)], "ec2:CreateTags", INSTANCE, ALLOWED),
        ([allow("foo:*", when=TAGGED)], "foo:NewAction", "*", CONDITIONAL),
        ([allow("iam:*", when=AWS_POLICY)], "iam:CreateUser", NEW_USER, NONE),
        ([allow("iam:*", when=AWS_POLICY)], "iam:AttachUserPolicy", ANN, ALLOWED),
        (
            [allow("iam:*", when={"Null": {"iam:PolicyARN": "true"}})],
            "iam:AttachUserPolicy",
            ANN,
            NONE,
        ),
        (
            [allow("iam:*", when={"Null": {"iam:PolicyARN": "true"}})],
            "iam:CreateUser",
            NEW_USER,
            ALLOWED,
        ),
        (
            [allow("iam:*", when={"StringEquals": {"iam:PassedToService": "x"}})],
            "iam:GetUser",
            ANN,
            NONE,
        ),
        (
            [allow("iam:*", when={"StringEqualsIfExists": {"iam:PassedToService": "x"}})],
            "iam:GetUser",
            ANN,
            ALLOWED,
        ),
        (
            [allow("iam:*", when={"StringLike": {"iam:AWSServiceName": "*"}})],
            "iam:GetUser",
            ANN,
            NONE,
        ),
        ([allow("*", when={"StringEquals": {"s3:prefix": "x"}})], "iam:GetUser", ANN, NONE),
        ([allow("*", when={"StringEquals": {"sts:ExternalId": "x"}})], "iam:GetUser", ANN, NONE),
        (
            [allow("*", when={"StringEquals": {"sts:RoleSessionName": "x"}})],
            "iam:GetUser",
            ANN,
            NONE,
        ),
        ([allow("*", when={"Null": {REGION: "true"}})], "s3:GetObject", OBJECT, NONE),
        ([allow("*", when={"StringLike": {REGION: "*"}})], "s3:GetObject", OBJECT, ALLOWED),
    ],
)
def test_a_request_lacks_the_keys_that_its_action_does_not_have(statements, action, on, verdict):
    """And it can't leave away those that belong to a parameter which the call requires."""
    assert verdict_by(*statements, action=action, on=on) is verdict


@pytest.mark.parametrize(
    ("key", "verdict"), [("ec2:SourceInstanceARN", CONDITIONAL), ("ec2:InstanceType", NONE)]
)
def test_a_key_that_sessions_carry_may_be_in_requests_of_any_service(key, verdict):
    """The instance is in whatever its role asks for; the type of a new one is not."""
    case = account().role("app").may("s3:*", when={"StringLike": {key: "*"}})
    assert verdict_in(case, by=(f"{IAM}role/app", EntryPoint.ROLE)) is verdict


def test_a_role_is_asked_for_with_the_keys_of_that_call():
    """Its trust policy and the caller's policies see the same request."""
    role = "sts:AssumeRole"
    for when, verdict in (
        ({"StringEquals": {"sts:ExternalId": "x"}}, ALLOWED),
        ({"StringEquals": {"sts:RoleSessionName": "x"}}, ALLOWED),
        ({"Null": {"sts:RoleSessionName": "true"}}, NONE),
        ({"Null": {"sts:ExternalId": "true"}}, ALLOWED),
        ({"StringEquals": {"iam:PassedToService": "x"}}, NONE),
        ({"StringEqualsIfExists": {"iam:PassedToService": "x"}}, ALLOWED),
    ):
        case = LIVE.may(role, when=when).role("app").trusts(ROOT)
        assert assume_verdict(case) is verdict
        assert assume_verdict(LIVE.may(role).role("app").trusts(ROOT, when=when)) is verdict


def test_an_action_without_the_asked_key_is_no_step_to_full_rights():
    """Nobody tags an inline policy; a guard with IfExists lets it pass all the same."""
    assert level_of(LIVE.may("iam:PutUserPolicy", when=TAGGED)) is PrivilegeLevel.LIMITED
    passed = {"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}
    assert level_of(LIVE.may("iam:PutUserPolicy", when=passed)) is PrivilegeLevel.DIRECT
