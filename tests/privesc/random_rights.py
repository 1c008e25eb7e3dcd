"""In: hypothesis. Out: accounts in which rights depend on everything that they can depend on.

Users, groups and roles with policies of their own, attached and inherited; boundaries; levels of
service and resource control policies; trust policies of every kind; conditions on whatever a
request carries. A few names come again and again, so that policies meet.
"""

import copy
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st

from tests.builders import AccountBuilder, account

T = TypeVar("T")
NUMBER, OTHER = "111122223333", "444455556666"
IAM = f"arn:aws:iam::{NUMBER}:"
ANN, BOB, APP, OPS = (f"{IAM}user/ann", f"{IAM}user/bob", f"{IAM}role/app", f"{IAM}role/ops/two")
LIMIT, MINE = f"{IAM}policy/limit", f"{IAM}policy/mine"
SESSION = f"arn:aws:sts::{NUMBER}:assumed-role/app/job"
OBJECT = "arn:aws:s3:::bucket/photo"
CONTROL = "control-policies.json"
_INLINE = ("UserPolicyList", "GroupPolicyList", "RolePolicyList")
ENTRIES = ("UserDetailList", "GroupDetailList", "RoleDetailList")

ACTIONS = (
    *("*",) * 4,
    *("iam:*", "sts:*", "s3:*", "iam:Put*", "iam:*Policy*", "cloudformation:*", "lambda:*"),
    *("iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:CreatePolicyVersion", "iam:CreatePolicy"),
    *("iam:AddUserToGroup", "iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy", "iam:PassRole"),
    *("iam:SetDefaultPolicyVersion", "iam:TagUser", "iam:PutRolePolicy", "iam:AttachRolePolicy"),
    *("iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "iam:DeleteUserPolicy"),
    *("iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary", "sts:AssumeRole"),
    *("iam:CreateUser", "iam:DetachUserPolicy", "s3:GetObject", "lambda:CreateFunction"),
    *("lambda:InvokeFunction", "ec2:RunInstances", "kms:Decrypt", "iam:RemoveUserFromGroup"),
)
RESOURCES = (
    *("*",) * 6,
    *(ANN, BOB, APP, LIMIT, MINE, OBJECT, f"{IAM}user/*", f"{IAM}role/*", f"{IAM}policy/*"),
    *(f"{IAM}user/${{aws:username}}", f"{IAM}mfa/*", f"{IAM}group/*", "arn:aws:s3:::*"),
    *("arn:aws:iam::*:user/a?n", f"{IAM}user/${{aws:PrincipalTag/team}}", "arn:aws:iam::aws:*"),
)
_EQUALS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
_ARNS = ("ArnLike", "ArnNotLike", "StringEquals", "StringNotEquals")
_ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
TESTS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (("Bool", "BoolIfExists"), "aws:MultiFactorAuthPresent", ("true", "false")),
    (("NumericLessThan", "NumericGreaterThan"), "aws:MultiFactorAuthAge", ("3600",)),
    (("IpAddress", "NotIpAddress"), "aws:SourceIp", ("203.0.113.0/24", "0.0.0.0/0", "::/0")),
    (_EQUALS, "aws:SourceVpce", ("vpce-1", "vpce-*")),
    (("IpAddress", "NotIpAddress"), "aws:VpcSourceIp", ("10.0.0.0/8",)),
    (("ForAnyValue:StringEquals",), "aws:CalledVia", ("cloudformation.amazonaws.com",)),
    (("Bool", "BoolIfExists"), "aws:ViaAWSService", ("true", "false")),
    (_EQUALS, "aws:RequestedRegion", ("eu-west-1", "us-east-1", "eu-*")),
    (_ARNS, "iam:PolicyARN", (_ADMIN, MINE, LIMIT, "arn:aws:iam::aws:policy/*", f"{IAM}policy/*")),
    (_ARNS, "iam:PermissionsBoundary", (LIMIT, f"{IAM}policy/*")),
    (_EQUALS, "iam:ResourceTag/team", ("red", "blue", "r*")),
    (_EQUALS, "aws:ResourceTag/team", ("red", "${aws:PrincipalTag/team}")),
    (_EQUALS, "aws:PrincipalTag/team", ("red", "blue", "r*")),
    (_ARNS, "aws:PrincipalArn", (ANN, BOB, APP, f"{IAM}user/*", f"{IAM}role/*")),
    (_EQUALS, "aws:ResourceAccount", (NUMBER, OTHER, "${aws:PrincipalAccount}")),
    (_EQUALS, "iam:PassedToService", ("lambda.amazonaws.com", "ec2.amazonaws.com")),
    (_EQUALS, "sts:ExternalId", ("secret",)),
    (_EQUALS, "corp:Unheard", ("x",)),
)
NULLABLE = tuple(key for _, key, _ in TESTS)
FEW = (
    "ec2.amazonaws.com",
    "lambda.amazonaws.com",
)
PRINCIPALS: tuple[Any, ...] = (
    *({"AWS": each} for each in (f"{IAM}root", NUMBER, ANN, BOB, APP, OPS, SESSION, "*")),
    *({"AWS": [ANN, APP]}, {"AWS": [BOB, f"{IAM}root"]}, {"AWS": [SESSION, APP, f"{IAM}root"]}),
    *({"AWS": OTHER}, {"Service": FEW[0]}, {"Service": FEW[1]}, "*"),
)
GUARD = {
    "Effect": "Deny",
    "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
"""What AWS's own page on self-service MFA tells everybody to attach."""


class Text(NamedTuple):
    """A policy document of an account, and what sort of layer it is in; `text` can be changed."""

    sort: str
    text: dict[str, Any]


def texts(case: AccountBuilder) -> list[Text]:
    """Every policy document of the account, in the order of the exports."""
    found = [
        Text("identity", held["PolicyDocument"])
        for section, member in zip(ENTRIES, _INLINE, strict=True)
        for entry in case.details[section]
        for held in entry.get(member, [])
    ]
    found += [Text("trust", each["AssumeRolePolicyDocument"]) for each in case.details[ENTRIES[2]]]
    for policy in case.details["Policies"]:
        found.append(Text("managed", policy["PolicyVersionList"][0]["Document"]))
    for answer in case.exports.get(CONTROL, []):
        if "Policy" in answer:
            found.append(Text("control", answer["Policy"]["Content"]))
    return found


def some(values: Sequence[T]) -> st.SearchStrategy[list[T]]:
    """One or two of them."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """None, one or two tests."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        if draw(st.integers(0, 7)) == 0:
            key = draw(st.sampled_from(NULLABLE))
            found.setdefault("Null", {})[key] = draw(st.sampled_from(["true", "false"]))
            continue
        operators, key, values = draw(st.sampled_from(TESTS))
        found.setdefault(draw(st.sampled_from(operators)), {})[key] = draw(some(values))
    return found


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    """A statement of an identity, boundary or control policy."""
    made = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))}
    if effect is None and draw(st.integers(0, 11)) == 0:
        return copy.deepcopy(GUARD)
    named = draw(st.sampled_from(["Action"] * 5 + ["NotAction"]))
    on = draw(st.sampled_from(["Resource"] * 5 + ["NotResource"]))
    made |= {named: draw(some(ACTIONS)), on: draw(some(RESOURCES))}
    when = draw(conditions())
    return made | ({"Condition": when} if when else {})


@st.composite
def trusting(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    """A statement of a trust policy."""
    made = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))}
    who = draw(st.sampled_from(["Principal"] * 5 + ["NotPrincipal"]))
    made |= {who: copy.deepcopy(draw(st.sampled_from(PRINCIPALS)))}
    made |= {"Action": draw(st.sampled_from(["sts:AssumeRole", "sts:*", "*"]))}
    when = draw(conditions())
    return made | ({"Condition": when} if when else {})


def document(found: list[dict[str, Any]]) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": found}


@st.composite
def policies(draw: st.DrawFn, least: int = 1) -> dict[str, Any]:
    """A policy document."""
    return document(draw(st.lists(statements(), min_size=least, max_size=3)))


@st.composite
def caps(draw: st.DrawFn) -> dict[str, Any]:
    """A boundary or control policy, which mostly allows a lot and denies a little."""
    wide = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    first = wide if draw(st.integers(0, 2)) else []
    return document([*first, *draw(st.lists(statements(), min_size=1 - len(first), max_size=2))])


@st.composite
def accounts(draw: st.DrawFn) -> AccountBuilder:
    """Ann, Bob and perhaps an administrator; two groups, two roles, two managed policies."""
    case = account()
    for name in ("dev", "adm"):
        case = case.empty_group(name)
        case = _held(draw, case, "GroupPolicyList", most=1)
    for name in ("ann", "bob"):
        case = _credentials(draw, case.user(name))
        for group in draw(st.sampled_from([(), (), ("dev",), ("adm",), ("dev", "adm")])):
            case = case.group(group)
        case = _bound(draw, _held(draw, case, "UserPolicyList", most=2))
    if draw(st.booleans()):
        case = case.user("boss").password().mfa().attached("AdministratorAccess")
    for name, path in (("app", "/"), ("two", "/ops/")):
        case = case.role(name, path=path)
        found = draw(st.lists(trusting(), min_size=1, max_size=3))
        case = case.member(AssumeRolePolicyDocument=document(found))
        case = _bound(draw, _held(draw, case, "RolePolicyList", most=1))
        case = case.may("*") if draw(st.integers(0, 2)) == 0 else case
    for name in ("limit", "mine"):
        case = case.policy(name).member(PolicyVersionList=_versions(draw))
    return _controlled(draw, case)


def _versions(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The text that counts, and at times an older one."""
    found = [{"VersionId": "v2", "IsDefaultVersion": True, "Document": draw(caps())}]
    if draw(st.integers(0, 2)) == 0:
        older = {"VersionId": "v1", "IsDefaultVersion": False, "Document": draw(caps())}
        found.append(older)
    return found


def _held(draw: st.DrawFn, case: AccountBuilder, member: str, *, most: int) -> AccountBuilder:
    found = draw(st.lists(policies(), max_size=most))
    held = [{"PolicyName": f"p{n}", "PolicyDocument": each} for n, each in enumerate(found)]
    case = case.member(**{member: held})
    for policy in draw(st.sampled_from([(), (), (), (MINE,), (LIMIT,), (_ADMIN,)])):
        case = case.attached(policy)
    return case


def _bound(draw: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    for value in draw(st.sampled_from([(), ("red",), ("blue",)])):
        case = case.tag("team", value)
    return case.boundary(LIMIT) if draw(st.integers(0, 3)) == 0 else case


def _credentials(draw: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    """A key, a password, a device: any of them, or none."""
    case = case.key() if draw(st.booleans()) else case
    case = case.password() if draw(st.booleans()) else case
    return case.mfa() if draw(st.booleans()) else case


def _controlled(draw: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    sorts = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
    for number, sort in enumerate(draw(st.sampled_from([(), (), sorts[:1], sorts]))):
        policy = {"Id": f"p-{number}", "Type": sort}
        case = case.export(
            CONTROL,
            {"credaudit_target": "r-1", "credaudit_account": NUMBER, "Policies": [policy]},
        )
        text = {"PolicySummary": policy, "Content": draw(caps())}
        case = case.export(CONTROL, {"Policy": text})
    return case


def members(value: Any) -> Iterator[Any]:
    """The members of a list, or the one member that stands without."""
    yield from value if isinstance(value, list) else [value]
