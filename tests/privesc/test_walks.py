"""Two or three changes in a row, of all sorts and in any order, and groups that lead nowhere."""

import pytest

from analyzer.privesc import edges
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny
from tests.privesc.test_changes import (
    CAP,
    CHAIN,
    CONDITIONAL,
    DEVICE,
    IAM,
    INDIRECT,
    MFA,
    MINE,
    PASSES,
    RUNS,
    TAKES_BOSS,
    halves,
    told,
    with_boss,
)

OTHER = f"{IAM}policy/other"
JOINS, ROLLS_BACK = allow("iam:AddUserToGroup"), allow("iam:SetDefaultPolicyVersion")
WHO_KNOWS = {"StringEquals": {"aws:FooBar": "x"}}
NAMED = {"StringEquals": {"aws:username": "root2"}}
TAGGED = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
HARMLESS = allow("s3:Get*")


def ann(case, *statements):
    """The account with Ann, who has a key and these rights."""
    return case.user("ann").key().inline("p", *statements)


def joins(group, **more):
    """The right to join that group."""
    return allow("iam:AddUserToGroup", on=f"{IAM}group/{group}", **more)


def attaches(policy, when=None):
    """The right to attach that policy to oneself."""
    test = {"ArnEquals": {"iam:PolicyARN": policy}}
    return allow("iam:AttachUserPolicy", when=test | (when or {}))


def two_groups(first, second, *own):
    """An administrator role, two groups that Ann may join, and what she may besides."""
    case = with_boss().empty_group("one").inline("p", first).empty_group("two").inline("p", second)
    return ann(case, JOINS, *own)


CERTAIN_BY_A_GROUP = {
    "another group": ann(
        with_boss().empty_group("one").inline("p", joins("two")).empty_group("two")
        .inline("p", TAKES_BOSS),
        joins("one"), joins("two", when=WHO_KNOWS),
    ),
    "an older version": ann(
        with_boss().empty_group("crew").inline("p", ROLLS_BACK).policy("mine", HARMLESS)
        .version(TAKES_BOSS),
        JOINS, allow("iam:SetDefaultPolicyVersion", when=WHO_KNOWS),
    ).attached(MINE),
    "a device": ann(
        with_boss().empty_group("crew").inline("p", DEVICE),
        JOINS, allow("sts:AssumeRole", when=MFA),
        allow("iam:EnableMFADevice", "iam:CreateVirtualMFADevice", when=WHO_KNOWS),
    ),
    "a boundary off": ann(
        with_boss().empty_group("crew").inline("p", allow("iam:DeleteUserPermissionsBoundary"))
        .policy("cap", JOINS, allow("iam:DeleteUserPermissionsBoundary")),
        JOINS, TAKES_BOSS, allow("iam:DeleteUserPermissionsBoundary", when=WHO_KNOWS),
    ).boundary(CAP),
    "a policy": ann(
        with_boss().empty_group("crew").inline("p", attaches(OTHER)).policy("other", TAKES_BOSS),
        JOINS, attaches(OTHER, WHO_KNOWS),
    ),
    "half of a path": ann(
        account().role("fn").trusts({"Service": "lambda.amazonaws.com"}).may("*")
        .empty_group("one").inline("p", PASSES, joins("two"))
        .empty_group("two").inline("p", PASSES, RUNS),
        joins("one"), joins("two", when=WHO_KNOWS),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CERTAIN_BY_A_GROUP.values(), ids=CERTAIN_BY_A_GROUP)
def test_what_is_possible_first_is_certain_where_a_group_makes_it_so(case):
    """The doubt is gone once she is a member."""
    assert told(case)[0] is CHAIN


WITH_ANOTHER_NAME = {
    "and a group": ann(
        with_boss().empty_group("crew").inline("p", allow("sts:AssumeRole", when=NAMED)),
        JOINS, allow("iam:UpdateUser"),
    ),
    "and an older version": ann(
        with_boss().policy("mine", HARMLESS).version(allow("sts:AssumeRole", when=NAMED)),
        ROLLS_BACK, allow("iam:UpdateUser"),
    ).attached(MINE),
    "by which a group's right reaches her": ann(
        account().empty_group("crew")
        .inline("p", allow("iam:AttachUserPolicy", on=f"{IAM}user/admins/*")),
        JOINS, allow("iam:UpdateUser"), allow("iam:GetUser", on=f"{IAM}user/admins/*"),
    ),
    "by the right of one group, for another": two_groups(
        allow("sts:AssumeRole", when=NAMED), allow("iam:UpdateUser")
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WITH_ANOTHER_NAME.values(), ids=WITH_ANOTHER_NAME)
def test_another_name_is_tried_together_with_other_changes(case):
    """The statement that asks for the name comes with the other change."""
    assert told(case)[0] is CONDITIONAL


TOGETHER = {
    "a version that denies, and a group": (
        CHAIN,
        ann(
            with_boss().empty_group("crew").inline("p", TAKES_BOSS)
            .policy("mine", deny("sts:AssumeRole")).version(HARMLESS),
            JOINS, ROLLS_BACK,
        ).attached(MINE),
    ),
    "the right to a device, and what asks for one": (
        CHAIN, two_groups(allow("sts:AssumeRole", when=MFA), DEVICE),
    ),
    "the right to a tag, and what asks for it": (
        CONDITIONAL, two_groups(allow("sts:AssumeRole", when=TAGGED), allow("iam:TagUser")),
    ),
    "the right to take a Deny off, and what it denied": (
        CHAIN,
        two_groups(allow("iam:DeleteUserPolicy"), TAKES_BOSS).inline("no", deny("sts:AssumeRole")),
    ),
    "a group that says what the version took away": (
        CHAIN,
        ann(
            halves(HARMLESS, HARMLESS).empty_group("x").inline("p", PASSES)
            .policy("mine", PASSES).version(RUNS),
            JOINS, ROLLS_BACK,
        ).attached(MINE),
    ),
    "another policy than could be attached first": (
        CHAIN,
        ann(
            with_boss().empty_group("crew").inline("p", attaches(MINE)).policy("mine", TAKES_BOSS)
            .policy("other", allow("ssm:SendCommand")),
            JOINS, attaches(OTHER),
        ),
    ),
    "all rights under a boundary, and a version that denies less": (
        CONDITIONAL,
        ann(
            account().role("box").may("*")
            .policy("cap", allow("iam:PutUserPolicy", *ROLLS_BACK["Action"], "ssm:SendCommand"))
            .policy("mine", deny("ssm:SendCommand")).version(HARMLESS),
            allow("iam:PutUserPolicy"), ROLLS_BACK,
        ).boundary(CAP).attached(MINE),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("level", "case"), TOGETHER.values(), ids=TOGETHER)
def test_changes_that_serve_one_path_together_are_made_one_after_the_other(level, case):
    """None of them leads anywhere by itself."""
    assert told(case)[0] is level


def teams(number):
    """As many groups, each with a function role of its own that may read and no more."""
    case = account()
    for each in range(number):
        own = f"arn:aws:lambda:eu-west-1:111122223333:function:team{each}-*"
        runs = allow("lambda:CreateFunction", "lambda:InvokeFunction", on=own)
        case = case.role(f"team{each}", service="lambda.amazonaws.com").may("s3:Get*")
        passes = allow("iam:PassRole", on=f"{IAM}role/team{each}")
        case = case.empty_group(f"g{each}").inline("p", passes, runs)
    return case


@pytest.mark.parametrize("number", [3, 30])
def test_harmless_groups_stay_harmless_however_many_may_be_joined(number):
    """All of them together reach no role that one does not: nobody follows 435 pairs."""
    assert told(ann(teams(number), JOINS))[0] is INDIRECT


def test_many_groups_of_which_two_together_give_full_rights_are_a_possibility_at_least(monkeypatch):
    """What is not followed to its end is never called nothing."""
    monkeypatch.setattr(edges, "_MOST_STATES", 41)
    case = teams(40).empty_group("first").inline("p", PASSES)
    case = case.role("strong", service="lambda.amazonaws.com").may("*")
    assert told(ann(case.empty_group("last").inline("p", RUNS), JOINS))[0] in (CHAIN, CONDITIONAL)


def test_a_policy_of_the_same_text_that_may_be_attached_is_tried():
    """Two policies say the same; only one of them may be attached."""
    case = with_boss().policy("mine", TAKES_BOSS).policy("other", TAKES_BOSS)
    for policy in (MINE, OTHER):
        assert told(ann(case, attaches(policy)))[0] is CHAIN
    assert told(ann(case, attaches(CAP)))[0] is not PrivilegeLevel.CHAIN


def test_roles_of_one_trust_text_are_all_let_in_by_the_provider():
    """Two roles say the same of who may come, and both are reached."""
    provider = f"{IAM}saml-provider/corp"
    trusted = {"Federated": provider}
    case = account()
    for name in ("one", "two"):
        case = case.role(name).trusts(trusted, action="sts:AssumeRoleWithSAML")
    graph = escalation_graph(ann(case, allow("iam:UpdateSAMLProvider", on=provider)).account())
    reached = {
        arn
        for edge in graph.edges[f"{IAM}user/ann"]
        for arn in graph.authorizer.resources.named(edge.to.possible)
    }
    assert reached == {f"{IAM}role/one", f"{IAM}role/two"}
