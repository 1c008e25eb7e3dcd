"""How far a principal gets in one way in alone, and which roles are within its reach so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.policy.request_context import EntryPoint, entry_points_of
from analyzer.privesc.entry_points import assumable_roles, privilege_by
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account
from tests.hypothesis_profiles import examples

NUMBER = "111122223333"
TRUSTED = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
ODD = {"StringEquals": {"corp:Odd": "x"}}
"""A key that no page of AWS tells of."""
KEY, CONSOLE = EntryPoint.LEAKED_KEY, EntryPoint.CONSOLE
STRONG = account().role("strong").may("*").trusts(TRUSTED)


def arn(name):
    """The ARN of `user/ann` and the like."""
    return f"arn:aws:iam::{NUMBER}:{name}"


def level(case, name, entry_point=KEY):
    """How far that principal gets if it comes in like this."""
    return privilege_by(escalation_graph(case.account()), arn(name), entry_point).level


def route(case, name, entry_point=KEY):
    """Whose rights each step of it ends with."""
    steps = privilege_by(escalation_graph(case.account()), arn(name), entry_point).route
    return [(step.target or "everything").rpartition("/")[2] for step in steps]


def within(case, name, entry_point=KEY):
    """The roles that it can take: which, from whom, and whether surely."""
    found = assumable_roles(escalation_graph(case.account()), arn(name), entry_point)
    return [(each.role.rpartition("/")[2], each.via.rpartition("/")[2], each.is_certain)
            for each in found]  # fmt: skip


# How far, in one way alone.


def test_what_needs_a_device_is_for_the_console_alone():
    """The user has both ways in; each is told by itself."""
    case = account().user("ann").key().password().mfa().may("*", when=MFA)
    assert level(case, "user/ann") is PrivilegeLevel.LIMITED
    assert level(case, "user/ann", CONSOLE) is PrivilegeLevel.ADMINISTRATOR
    assert (
        escalation_graph(case.account()).privileges[arn("user/ann")].level
        is PrivilegeLevel.ADMINISTRATOR
    )


def test_a_step_that_needs_a_device_is_for_the_console_alone():
    """The role asks for it."""
    case = account().role("ops").may("*").trusts(TRUSTED, when=MFA)
    case = case.user("ann").key().password().mfa().may("sts:AssumeRole")
    assert level(case, "user/ann") is PrivilegeLevel.LIMITED
    assert level(case, "user/ann", CONSOLE) is PrivilegeLevel.DIRECT


def test_behind_the_first_step_the_rights_are_those_of_whoever_it_became():
    """The bare key takes a role, and from there nobody asks for a device."""
    case = STRONG.role("one").trusts(TRUSTED).may("sts:AssumeRole", on=arn("role/strong"))
    case = case.user("ann").key().password().mfa().may("sts:AssumeRole", on=arn("role/one"))
    assert route(case, "user/ann") == ["one", "strong"]
    assert level(case, "user/ann") is PrivilegeLevel.CHAIN


def test_a_role_that_leads_back_is_no_detour():
    """The route is a shortest one."""
    case = STRONG.role("loop").trusts(TRUSTED).may("sts:AssumeRole").user("ann").key()
    assert route(case.may("sts:AssumeRole"), "user/ann") == ["strong"]


def test_the_rights_of_the_other_way_in_are_no_goal():
    """A second key of her own gives ann no more than the first one does."""
    case = account().user("ann").key().password().mfa().may("*", when=MFA)
    case = case.may("iam:CreateAccessKey", on=arn("user/ann"))
    assert level(case, "user/ann") is PrivilegeLevel.LIMITED


def test_what_is_for_one_address_is_not_for_the_bare_key():
    """Its holder comes from anywhere; the user with a session may sit in the office."""
    case = account().user("ann").key().password().may("*", when=OFFICE)
    assert level(case, "user/ann") is PrivilegeLevel.LIMITED
    assert level(case, "user/ann", CONSOLE) is PrivilegeLevel.CONDITIONAL


def test_a_condition_that_nobody_can_settle_stays_one():
    """Of her own rights, and of a step."""
    assert (
        level(account().user("ann").key().may("*", when=ODD), "user/ann")
        is PrivilegeLevel.CONDITIONAL
    )
    stepping = STRONG.user("ann").key().may("sts:AssumeRole", when=ODD)
    assert level(stepping, "user/ann") is PrivilegeLevel.CONDITIONAL
    assert route(stepping, "user/ann") == ["strong"]


def test_missing_policies_are_unknown_in_every_way_in():
    """Whatever hangs there may be anything."""
    case = account().user("ann").key().attached(arn("policy/gone"))
    assert level(case, "user/ann") is level(case, "user/ann", CONSOLE) is PrivilegeLevel.UNKNOWN


# Where there is one way in only, it is the whole of it.

SINGLE = {
    "a key": lambda user: user.key(),
    "a password": lambda user: user.password(),
    "a password with a device": lambda user: user.password().mfa(),
}
ACTIONS = (
    "*", "iam:PassRole", "lambda:*", "iam:CreateAccessKey", "iam:PutUserPolicy", "iam:Add*",
    "iam:AttachGroupPolicy", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "iam:CreateRole",
    "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:CreatePolicyVersion", "s3:GetObject",
    "iam:SetDefaultPolicyVersion", "iam:AttachRolePolicy", "ec2:*", "glue:*",
)  # fmt: skip
WHENS = (None, None, None, MFA, OFFICE, ODD)
grants = st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(WHENS)), max_size=4)


@st.composite
def accounts(draw):
    """A few users with one way in each, a few roles, a group; what each may is drawn."""
    case = account().empty_group("adm").attached("AdministratorAccess")
    for name in ("r1", "r2"):
        service = draw(st.sampled_from(["lambda.amazonaws.com", "ec2.amazonaws.com"]))
        case = case.role(name, service=service)
        if draw(st.booleans()):
            case = case.trusts(TRUSTED, when=draw(st.sampled_from(WHENS)))
        case = holding(case, draw(grants))
    for name in ("u1", "u2", "u3"):
        case = SINGLE[draw(st.sampled_from(sorted(SINGLE)))](case.user(name))
        case = holding(case, draw(grants))
        if draw(st.booleans()):
            case = case.attached(arn(draw(st.sampled_from(["policy/own", "policy/gone"]))))
    return case.policy("own", {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"})


def holding(case, granted):
    """The one named last may do that."""
    for action, when in granted:
        case = case.may(action, when=when)
    return case


@examples(0.4)
@given(accounts())
def test_of_whoever_has_one_way_in_it_tells_what_the_whole_walk_tells(case):
    """Two ways of reckoning: from the principal onwards, and backwards from full rights."""
    graph = escalation_graph(case.account())
    for whose, policies in graph.authorizer.principals.items():
        entry_point, *others = graph.authorizer.entry_points(policies)
        if others:  # where a network is asked for, the user is told from the thief of its key
            continue
        alone, whole = privilege_by(graph, whose, entry_point), graph.privileges[whose]
        assert (alone.level, alone.paths, alone.conditional_paths, alone.reasons) == (
            whole.level, whole.paths, whole.conditional_paths, whole.reasons,
        )  # fmt: skip
        if whole.level.is_privileged:
            assert len(alone.route) == len(whole.route)
        assert bool(alone.route) == bool(whole.route)
        assert all(step.is_certain for step in alone.route) or not whole.level.is_privileged
        for number, step in enumerate(alone.route):
            assert step.source in {whose, *(each.target for each in alone.route[:number])}


@examples(0.2)
@given(accounts())
def test_a_way_in_gets_no_farther_than_all_of_them_together(case):
    """Neither in level nor in ways."""
    case = case.user("both").key().password().mfa().may("sts:AssumeRole", when=MFA)
    graph = escalation_graph(case.account())
    order = list(PrivilegeLevel)
    for whose, policies in graph.authorizer.principals.items():
        whole = graph.privileges[whose]
        for entry_point in entry_points_of(policies.principal):
            alone = privilege_by(graph, whose, entry_point)
            assert order.index(alone.level) >= order.index(whole.level)
            assert alone.paths <= whole.paths or whole.level is PrivilegeLevel.ADMINISTRATOR


# Roles within reach.


def test_roles_are_told_nearest_first():
    """Each once, from the nearest that leads there."""
    case = STRONG.role("two").trusts(TRUSTED).may("sts:AssumeRole", on=arn("role/strong"))
    case = case.role("one").trusts(TRUSTED).may("sts:AssumeRole")
    case = case.user("ann").key().may("sts:AssumeRole", on=arn("role/one"))
    assert within(case, "user/ann")[0] == ("one", "ann", True)
    assert sorted(within(case, "user/ann")[1:]) == [("strong", "one", True), ("two", "one", True)]


def test_a_sure_way_goes_before_a_nearer_one_that_is_not():
    """What is sure by a detour is sure."""
    case = STRONG.role("one").trusts(TRUSTED).may("sts:AssumeRole", on=arn("role/strong"))
    case = case.user("ann").key().may("sts:AssumeRole", on=arn("role/one"))
    case = case.may("sts:AssumeRole", on=arn("role/strong"), when=ODD)
    assert sorted(within(case, "user/ann")) == [("one", "ann", True), ("strong", "one", True)]


def test_what_lies_behind_an_unsure_role_is_not_sure():
    """However sure the second step."""
    case = STRONG.role("one").trusts(TRUSTED).may("sts:AssumeRole", on=arn("role/strong"))
    case = case.user("ann").key().may("sts:AssumeRole", on=arn("role/one"), when=ODD)
    assert within(case, "user/ann") == [("one", "ann", False), ("strong", "one", False)]


def test_roles_that_lead_in_a_circle_are_told_once():
    """And nobody reaches itself."""
    case = account().role("one").trusts(TRUSTED).may("sts:AssumeRole")
    case = case.role("two").trusts(TRUSTED).may("sts:AssumeRole")
    assert within(case, "role/one", EntryPoint.ROLE) == [("two", "one", True)]
    case = case.user("ann").key().may("sts:AssumeRole", on=arn("role/one"))
    assert within(case, "user/ann") == [("one", "ann", True), ("two", "one", True)]


@pytest.mark.parametrize(
    ("entry_point", "expected"), [(KEY, []), (CONSOLE, [("ops", "ann", True)])]
)
def test_only_what_this_way_in_opens_is_within_reach(entry_point, expected):
    """A trust that asks for MFA."""
    case = account().role("ops").trusts(TRUSTED, when=MFA)
    case = case.user("ann").key().password().mfa().may("sts:AssumeRole")
    assert within(case, "user/ann", entry_point) == expected


def test_who_may_take_no_role_reaches_none():
    """A trust in the account lets in whoever may ask."""
    assert within(STRONG.user("ann").key().may("s3:*"), "user/ann") == []
