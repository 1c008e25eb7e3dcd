"""Principals as they would be after a step, and where they get from there."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

IAM = "arn:aws:iam::111122223333:"
ROOT = {"AWS": f"{IAM}root"}
ANN, BOSS, CAP, MINE = f"{IAM}user/ann", f"{IAM}role/boss", f"{IAM}policy/cap", f"{IAM}policy/mine"
TAKES_BOSS = allow("sts:AssumeRole", on=BOSS)
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
DEVICE = allow("iam:EnableMFADevice", "iam:CreateVirtualMFADevice")
CHAIN, CONDITIONAL, LIMITED, INDIRECT = (
    PrivilegeLevel.CHAIN,
    PrivilegeLevel.CONDITIONAL,
    PrivilegeLevel.LIMITED,
    PrivilegeLevel.INDIRECT,
)


def with_boss(case=None, *, when=None):
    """The account with an administrator role that trusts it."""
    return (case or account()).role("boss").trusts(ROOT, when=when).may("*")


def told(case, who=ANN):
    """The level, and the ids of the paths of the route."""
    found = escalation_graph(case.account()).privileges[who]
    return found.level, [each.path.id for each in found.route]


def test_each_step_after_a_change_is_a_step_of_the_route():
    """First she joins, then she does what the group may."""
    case = with_boss().empty_group("crew").inline("p", TAKES_BOSS)
    case = case.user("ann").key().may("iam:AddUserToGroup", on=f"{IAM}group/crew")
    graph = escalation_graph(case.account())
    joins, takes = graph.privileges[ANN].route
    assert (joins.source, joins.on, joins.target) == (ANN, f"{IAM}group/crew", ANN)
    assert (takes.source, takes.on, takes.target) == (ANN, BOSS, BOSS)
    assert (graph.privileges[ANN].paths, graph.privileges[ANN].conditional_paths) == (1, 0)


@pytest.mark.parametrize("lets_join", [True, False])
def test_two_changes_in_a_row_lead_where_neither_leads_alone(lets_join):
    """A boundary off and a group joined; where the boundary forbids to join, in this order only."""
    case = with_boss().empty_group("crew").inline("p", TAKES_BOSS)
    case = case.user("ann").key().may("iam:AddUserToGroup", "iam:DeleteUserPermissionsBoundary")
    narrow = ["iam:DeleteUserPermissionsBoundary", *(["iam:AddUserToGroup"] if lets_join else [])]
    level, route = told(case.boundary(CAP).policy("cap", allow(*narrow)))
    assert level is CHAIN
    assert sorted(route) == ["iam-add-user-to-group", "iam-delete-user-boundary", "sts-assume-role"]
    assert told(case.boundary(CAP).policy("cap", allow("iam:AddUserToGroup")))[0] is INDIRECT


PASSES, RUNS = allow("iam:PassRole"), allow("lambda:CreateFunction", "lambda:InvokeFunction")


def halves(first, second):
    """An account with a role for functions, and a group for each half of what takes it over."""
    case = account().role("fn").trusts({"Service": "lambda.amazonaws.com"}).may("*")
    return case.empty_group("one").inline("p", first).empty_group("two").inline("p", second)


def test_what_two_groups_allow_together_is_found():
    """Neither leads anywhere alone, and she may join both."""
    joins = ["iam-add-user-to-group"] * 2
    case = halves(PASSES, RUNS).user("ann").key().may("iam:AddUserToGroup")
    assert told(case) == (CHAIN, [*joins, "lambda-create-invoke"])
    case = halves(PASSES, PASSES).user("ann").key().may("iam:AddUserToGroup")
    assert told(case)[0] is INDIRECT


def test_what_a_group_and_an_older_version_allow_together_is_found():
    """Two changes of different sorts, each of which would do without the other's half."""
    case = halves(PASSES, allow("s3:*")).policy("mine", allow("s3:Get*")).version(RUNS)
    case = case.user("ann").key().attached(MINE)
    both = told(case.may("iam:AddUserToGroup", "iam:SetDefaultPolicyVersion"))
    assert both[0] is CHAIN
    assert sorted(both[1]) == [
        "iam-add-user-to-group", "iam-set-default-policy-version", "lambda-create-invoke",
    ]  # fmt: skip


def test_groups_that_serve_no_path_together_are_not_tried_in_pairs():
    """Of thirty there are 435 pairs, and each would stand for a way that nobody followed."""
    case = account()
    for number in range(30):
        case = case.empty_group(f"crew-{number}").inline("p", allow("s3:*", on=f"arn:{number}"))
    assert told(case.user("ann").key().may("iam:AddUserToGroup"))[0] is INDIRECT


def test_a_group_whose_rights_ask_for_mfa_is_joined_and_a_device_enrolled():
    """Nothing that she holds today speaks of MFA."""
    case = with_boss().empty_group("crew").inline("p", allow("sts:AssumeRole", when=MFA))
    joins = allow("iam:AddUserToGroup")
    level, route = told(case.user("ann").key().inline("p", joins, DEVICE))
    assert level is CHAIN
    assert sorted(route) == ["iam-add-user-to-group", "iam-enrol-own-mfa-device", "sts-assume-role"]
    assert told(case.user("ann").key().inline("p", joins))[0] is INDIRECT


def test_three_changes_are_followed():
    """A boundary off, a group joined, a device enrolled."""
    case = with_boss().empty_group("crew").inline("p", allow("sts:AssumeRole", when=MFA))
    lifts = allow("iam:DeleteUserPermissionsBoundary")
    case = case.user("ann").key().inline("p", lifts, DEVICE, allow("iam:AddUserToGroup"))
    level, route = told(case.boundary(CAP).policy("cap", lifts))
    assert (level, len(route)) == (CHAIN, 4)


def only(policy):
    """The right to attach that policy to herself and no other."""
    return allow("iam:AttachUserPolicy", when={"ArnEquals": {"iam:PolicyARN": policy}})


@pytest.mark.parametrize(
    ("text", "level"),
    [
        (TAKES_BOSS, CHAIN),
        (allow("iam:CreateAccessKey", on=f"{IAM}user/root"), CHAIN),
        (allow("ssm:SendCommand"), INDIRECT),
        (deny("sts:AssumeRole"), INDIRECT),
    ],
)
def test_the_only_policy_that_may_be_attached_is_followed(text, level):
    """It gives no right in IAM over herself, and leads on all the same."""
    case = with_boss().user("root").attached("AdministratorAccess").user("ann").key()
    case = case.inline("p", only(MINE)).policy("mine", text)
    assert told(case)[0] is level


def test_a_policy_that_may_be_attached_to_a_role_is_followed_as_that_role():
    """She attaches it, takes the role, and goes on."""
    attach = allow("iam:AttachRolePolicy", when={"ArnEquals": {"iam:PolicyARN": MINE}})
    case = with_boss().role("app").trusts(ROOT).user("ann").key()
    case = case.inline("p", attach, allow("sts:AssumeRole", on=f"{IAM}role/app"))
    assert told(case.policy("mine", TAKES_BOSS)) == (
        CHAIN,
        ["iam-attach-role-policy-assume", "sts-assume-role"],
    )
    assert told(case.policy("mine", allow("s3:*")))[0] is INDIRECT


def test_all_rights_under_a_boundary_are_followed_as_far_as_it_lets():
    """She can't be administrator herself, but what she gives herself takes the role."""
    case = with_boss().user("ann").key().may("iam:PutUserPolicy").boundary(CAP)
    wide = case.policy("cap", allow("iam:PutUserPolicy", "sts:AssumeRole"))
    assert told(wide) == (CHAIN, ["iam-put-user-policy", "sts-assume-role"])
    assert told(case.policy("cap", allow("iam:PutUserPolicy")))[0] is LIMITED


TAGGED = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}


@pytest.mark.parametrize(
    "right",
    [
        allow("sts:AssumeRole", when=TAGGED),
        allow("iam:CreateAccessKey", when=TAGGED),
        allow("iam:AddUserToGroup", when=TAGGED),
    ],
)
def test_tags_of_ones_own_choice_are_followed_to_whatever_they_open(right):
    """Conditional, for whether just that tag may be set only a request tells."""
    case = with_boss().user("root").attached("AdministratorAccess")
    case = case.empty_group("adm").attached("AdministratorAccess").user("ann").key()
    assert told(case.inline("p", right, allow("iam:TagUser")))[0] is CONDITIONAL
    assert told(case.inline("p", right))[0] is LIMITED


def test_a_role_is_tagged_so_that_it_lets_her_in():
    """Her own policy asks for a tag of the role, or the role's trust policy does."""
    tagged = {"StringEquals": {"aws:ResourceTag/team": "ops"}}
    own = with_boss().user("ann").key().inline("p", allow("sts:AssumeRole", when=tagged))
    assert told(own)[0] is LIMITED
    assert told(own.may("iam:TagRole", on=BOSS))[0] is CONDITIONAL
    assert told(own.may("iam:TagRole", on=f"{IAM}role/other"))[0] is LIMITED
    theirs = with_boss(when=tagged).user("ann").key().may("sts:AssumeRole")
    assert told(theirs)[0] is LIMITED
    assert told(theirs.may("iam:TagRole"))[0] is CONDITIONAL


def test_a_tag_that_a_deny_asks_for_is_taken_off():
    """And what only an Allow asks for is not gained by it."""
    both = (allow("iam:PutUserPolicy"), deny("iam:PutUserPolicy", when=TAGGED))
    case = account().user("ann").key().tag("team", "ops").inline("p", *both)
    assert told(case)[0] is LIMITED
    assert told(case.may("iam:UntagUser"))[0] is CONDITIONAL
    plain = account().user("ann").key().inline("p", allow("iam:PutUserPolicy", when=TAGGED))
    assert told(plain.may("iam:UntagUser"))[0] is LIMITED


def test_a_user_is_freed_of_its_boundary_and_taken_over():
    """The way is in no public list, so it is a possibility."""
    case = account().user("chief").may("*").boundary(CAP).policy("cap", allow("s3:*"))
    case = case.user("ann").key()
    both = case.may("iam:DeleteUserPermissionsBoundary", "iam:CreateAccessKey")
    assert told(both) == (CONDITIONAL, ["iam-delete-user-boundary-key"])
    assert told(case.may("iam:CreateAccessKey"))[0] is LIMITED


def test_more_changes_than_are_followed_are_a_possibility_and_never_nothing(monkeypatch):
    """Who is in the first group may join any of many others, of which two serve one path."""
    monkeypatch.setattr("analyzer.privesc.edges._MOST_STATES", 3)
    monkeypatch.setattr("analyzer.privesc.edges._MANY", 2)
    case = halves(PASSES, RUNS).empty_group("first").inline("p", allow("iam:AddUserToGroup"))
    for number in range(6):
        case = case.empty_group(f"g{number}").inline("p", allow("s3:*", on=f"arn:{number}"))
    case = case.user("ann").key().may("iam:AddUserToGroup", on=f"{IAM}group/first")
    assert told(case)[0] is CONDITIONAL


@pytest.mark.parametrize("sorts", [("inline", "inline"), ("attached", "inline")])
def test_two_denies_are_lifted_one_after_the_other(sorts):
    """What is gone stays gone while the second goes."""
    case = with_boss().user("ann").key()
    case = case.may("sts:AssumeRole", "iam:DeleteUserPolicy", "iam:DetachUserPolicy")
    for number, sort in enumerate(sorts):
        no = deny("sts:AssumeRole")
        case = case.inline(f"no{number}", no) if sort == "inline" else case.attached(MINE)
    level, route = told(case.policy("mine", deny("sts:AssumeRole")))
    assert (level, route[-1], len(route)) == (CHAIN, "sts-assume-role", 3)


def test_groups_that_reach_nothing_of_iam_are_not_joined_one_after_the_other():
    """All rights over a bucket open no second group, so each is asked by itself."""
    case = account()
    for number in range(12):
        everything = allow("*", on=f"arn:aws:s3:::b{number}/*")
        case = case.empty_group(f"g{number}").inline("p", everything)
    graph = escalation_graph(case.user("ann").key().may("iam:AddUserToGroup").account())
    assert max((edge.length for edge in graph.edges[ANN]), default=1) <= 2
    assert graph.privileges[ANN].level is INDIRECT
