"""How far everyone gets: levels, routes, ways, and what closes them."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

NUMBER = "111122223333"
ROOT = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
STRONG = account().role("strong", service="lambda.amazonaws.com").may("*")


def arn(name):
    """The ARN of `user/ann` and the like."""
    return f"arn:aws:iam::{NUMBER}:{name}"


def level(case, name):
    """How far that principal gets."""
    return escalation_graph(case.account()).privileges[arn(name)].level


def route(case, name):
    """Its route: what it does, and whose rights it has then."""
    steps = escalation_graph(case.account()).privileges[arn(name)].route
    return [(step.path.id, (step.target or "everything").rpartition("/")[2]) for step in steps]


def test_an_administrator_has_no_route():
    """It is there already."""
    assert level(STRONG, "role/strong") is PrivilegeLevel.ADMINISTRATOR
    assert route(STRONG, "role/strong") == []


def test_direct_is_one_step():
    """The step ends with full rights, of its own or of an administrator."""
    case = STRONG.user("ann").key().may("iam:PassRole", "lambda:*")
    assert level(case, "user/ann") is PrivilegeLevel.DIRECT
    assert route(case, "user/ann") == [("lambda-create-invoke", "strong")]


def test_a_chain_is_told_by_its_shortest_route():
    """Three roles lead on; the one that needs fewest steps is told."""
    case = STRONG.trusts(ROOT)
    for name in ("c", "b", "a"):
        case = case.role(name).trusts(ROOT)
        onward = {"c": "strong", "b": "c", "a": "b"}[name]
        case = case.may("sts:AssumeRole", on=arn(f"role/{onward}"))
    case = case.user("ann").key().may("sts:AssumeRole", on=[arn("role/a"), arn("role/b")])
    assert level(case, "user/ann") is PrivilegeLevel.CHAIN
    assert [target for _, target in route(case, "user/ann")] == ["b", "c", "strong"]


def test_ways_count_first_steps():
    """Two roles that can be passed, by two kinds of call, are four ways to begin."""
    case = STRONG.role("second", service="lambda.amazonaws.com").may("*")
    granted = ("lambda:CreateFunction", "lambda:InvokeFunction", "lambda:AddPermission")
    case = case.user("ann").key().may("iam:PassRole", *granted)
    assert escalation_graph(case.account()).privileges[arn("user/ann")].paths == 4


def test_what_takes_a_thing_that_no_export_shows_is_conditional():
    """It is neither counted as certain nor left out."""
    case = STRONG.user("ann").key().may("lambda:UpdateFunctionCode")
    privilege = escalation_graph(case.account()).privileges[arn("user/ann")]
    assert (privilege.level, privilege.paths) == (PrivilegeLevel.CONDITIONAL, 0)
    assert privilege.conditional_paths > 0
    assert not privilege.route[0].is_certain


def test_empowering_others_is_told_apart():
    """Nothing is gained by it, but a friend gains."""
    case = account().empty_group("g").user("ann").key().may("iam:AttachGroupPolicy")
    assert level(case, "user/ann") is PrivilegeLevel.INDIRECT


def test_missing_policies_are_unknown_not_limited():
    """Whatever hangs on the user may be anything."""
    case = account().user("ann").key().attached(arn("policy/gone"))
    assert level(case, "user/ann") is PrivilegeLevel.UNKNOWN


def test_the_way_in_decides():
    """A guard with BoolIfExists stops the bare key; with an MFA device, a session goes round it."""
    guard = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    case = account().user("ann").key().may("*").may_not("*", when=guard)
    assert level(case, "user/ann") is PrivilegeLevel.LIMITED
    assert level(case.mfa(), "user/ann") is PrivilegeLevel.ADMINISTRATOR


def test_a_revoked_session_is_no_guard():
    """AWSRevokeOlderSessions denies sessions from before; a new one is to be had."""
    old = {"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}
    case = account().role("ops").may("*").may_not("*", when=old)
    assert level(case, "role/ops") is PrivilegeLevel.ADMINISTRATOR


def test_joining_a_stronger_group_is_a_step():
    """The group's ARN is what the permission must reach."""
    case = account().empty_group("adm").attached("AdministratorAccess")
    case = case.user("ann").key().may("iam:AddUserToGroup", on=arn("group/adm"))
    assert route(case, "user/ann") == [("iam-add-user-to-group", "everything")]


def test_an_older_version_is_looked_into():
    """Only a version that gives more is a step."""
    mine = account().user("ann").key().may("iam:SetDefaultPolicyVersion").attached(arn("policy/p"))
    wide = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    narrow = wide | {"Action": "s3:Get*"}
    assert level(mine.policy("p", narrow).version(wide), "user/ann") is PrivilegeLevel.DIRECT
    harmless = mine.policy("p", narrow).version(narrow)
    assert level(harmless, "user/ann") is not PrivilegeLevel.DIRECT


def test_a_long_chain_costs_no_more_than_its_length():
    """A thousand roles, each of which may take the next one only."""
    case = STRONG.trusts(ROOT)
    roles = case.details["RoleDetailList"]
    names = [f"r{number:04}" for number in range(1000)]
    for name, onward in zip(names, [*names[1:], "strong"], strict=True):
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": arn(f"role/{onward}"),
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        made = {"RoleName": name, "Arn": arn(f"role/{name}"), "CreateDate": "2025-01-01T00:00:00Z"}
        made["AssumeRolePolicyDocument"] = roles[0]["AssumeRolePolicyDocument"]
        made["RolePolicyList"] = [{"PolicyName": "p", "PolicyDocument": document}]
        roles.append(made)
    privileges = escalation_graph(case.account()).privileges
    assert len(privileges[arn("role/r0000")].route) == 1000


def test_the_closure_keeps_sure_and_conditional_apart():
    """Over a role to a stronger one: several steps if all are sure, a possibility if one is not."""
    chain = (
        account()
        .role("strong")
        .trusts({"AWS": arn("role/app")})
        .may("*")
        .role("app")
        .trusts({"AWS": arn("user/ann")})
    )
    assert level(chain.user("ann").key(), "user/ann") is PrivilegeLevel.CHAIN
    when = {"StringEquals": {"corp:Unheard": "x"}}
    doubtful = account().role("strong").trusts({"AWS": arn("role/app")}, when=when).may("*")
    doubtful = doubtful.role("app").trusts({"AWS": arn("user/ann")})
    assert level(doubtful.user("ann").key(), "user/ann") is PrivilegeLevel.CONDITIONAL


def test_an_administrator_holds_every_action_on_every_resource_or_can_take_it():
    """All but one service is not everything; a Deny of a trifle over self-escalation is."""
    live = account().user("ann").key()
    assert level(live.may("*"), "user/ann") is PrivilegeLevel.ADMINISTRATOR
    rest = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
    assert level(live.inline("p", rest), "user/ann") is not PrivilegeLevel.ADMINISTRATOR
    assert (
        level(live.may("*").may_not("s3:DeleteBucket"), "user/ann") is PrivilegeLevel.ADMINISTRATOR
    )
    assert (
        level(live.may("*").may_not("iam:*", "sts:*"), "user/ann")
        is not PrivilegeLevel.ADMINISTRATOR
    )


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (f"arn:aws:lambda:eu-west-1:{NUMBER}:function:*", PrivilegeLevel.DIRECT),
        (f"arn:aws:lambda:*:{NUMBER}:function:web-*", PrivilegeLevel.DIRECT),
        (f"arn:aws:lambda:eu-west-1:{NUMBER}:layer:*", PrivilegeLevel.LIMITED),
        ("arn:aws-cn:lambda:*:*:function:*", PrivilegeLevel.LIMITED),
        ("arn:aws:lambda:*:444455556666:function:*", PrivilegeLevel.LIMITED),
    ],
)
def test_a_function_is_made_in_the_account_where_the_role_is(on, expected):
    """A grant on functions of a real region and account is as good as one on everything."""
    case = STRONG.trusts({"Service": "lambda.amazonaws.com"}).user("ann").key()
    case = case.may("iam:PassRole").may("lambda:CreateFunction", "lambda:InvokeFunction", on=on)
    assert level(case, "user/ann") is expected


def test_a_deny_of_all_functions_closes_the_way_over_them():
    """However wide the grant."""
    case = STRONG.trusts({"Service": "lambda.amazonaws.com"}).user("ann").key()
    case = case.inline("p", allow("iam:PassRole", "lambda:*"), deny("*", on="arn:aws:lambda:*:*:*"))
    assert level(case, "user/ann") is PrivilegeLevel.LIMITED
