"""Who acts as two principals of which one arms the other, in either order."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

NUMBER = "111122223333"
IAM = f"arn:aws:iam::{NUMBER}:"
ROOT = {"AWS": f"{IAM}root"}
ANN, OPS, BOB = f"{IAM}user/ann", f"{IAM}role/ops", f"{IAM}user/bob"
TAKES_OPS = allow("sts:AssumeRole", on=OPS)
STRONG = account().empty_group("adm").attached("AdministratorAccess")


def with_role(case, *rights, trust=ROOT):
    """The account with a role that has these rights."""
    return case.role("ops").trusts(trust).inline("p", *rights)


def told(case, who=ANN):
    """The level, and the steps as path and what it works on."""
    found = escalation_graph(case.account()).privileges[who]
    return found.level, [(each.path.id, each.on.rpartition("/")[2]) for each in found.route]


@pytest.mark.parametrize(
    ("right", "path"),
    [
        (allow("iam:PutUserPolicy", on=ANN), "iam-put-user-policy-other"),
        (allow("iam:AttachUserPolicy", on=ANN), "iam-attach-user-policy-other"),
        (allow("iam:AddUserToGroup", on=f"{IAM}group/adm"), "iam-add-other-user-to-group"),
        (allow("iam:PutGroupPolicy", on=f"{IAM}group/crew"), "iam-put-group-policy-other"),
        (allow("iam:AttachGroupPolicy", on=f"{IAM}group/crew"), "iam-attach-group-policy-other"),
        (allow("iam:CreatePolicyVersion", on=f"{IAM}policy/p"), "iam-create-policy-version-other"),
        (allow("iam:SetDefaultPolicyVersion"), "iam-set-default-version-other"),
    ],
)
def test_a_role_that_arms_the_user_who_takes_it_is_two_steps_to_full_rights(right, path):
    """Neither of them gets anywhere by itself."""
    case = with_role(STRONG, right).user("ann").key().group("crew").inline("p", TAKES_OPS)
    case = case.attached(f"{IAM}policy/p").policy("p", allow("s3:Get*")).version(allow("*"))
    level, route = told(case)
    assert level is PrivilegeLevel.CHAIN
    assert route == [("sts-assume-role", "ops"), (path, "ann")]
    assert told(case, OPS)[0] is PrivilegeLevel.INDIRECT


@pytest.mark.parametrize(
    ("right", "on"), [("iam:PutUserPolicy", BOB), ("iam:PutRolePolicy", ANN), ("s3:*", "*")]
)
def test_a_role_that_arms_somebody_else_is_no_way(right, on):
    """Only rights that come back to her are hers."""
    case = with_role(account().user("bob"), allow(right, on=on)).user("ann").key()
    assert told(case.inline("p", TAKES_OPS))[0] is PrivilegeLevel.LIMITED


def test_a_boundary_over_whom_is_armed_keeps_it_from_full_rights():
    """What the policy gives is cut again."""
    case = with_role(account(), allow("iam:PutUserPolicy")).user("ann").key()
    case = case.inline("p", TAKES_OPS).boundary(f"{IAM}policy/cap")
    narrow = case.policy("cap", allow("sts:AssumeRole", "s3:*"))
    assert told(narrow)[0] is PrivilegeLevel.LIMITED
    assert told(case.policy("cap", allow("*")))[0] is PrivilegeLevel.CHAIN


def test_the_user_arms_the_role_that_it_takes_over_another_role():
    """Two ways part from her: to the one who is armed, and she is the armer herself."""
    case = with_role(account(), allow("s3:*"), trust={"AWS": f"{IAM}role/hop"})
    case = case.role("hop").trusts(ROOT).inline("p", TAKES_OPS)
    case = case.user("ann").key().may("iam:PutRolePolicy", on=OPS)
    level, route = told(case.may("sts:AssumeRole", on=f"{IAM}role/hop"))
    assert level is PrivilegeLevel.CHAIN
    assert route == [
        ("sts-assume-role", "hop"),
        ("sts-assume-role", "ops"),
        ("iam-put-role-policy-other", "ops"),
    ]


def test_two_others_in_one_hand_are_enough():
    """She takes both the role that arms and the user who is armed."""
    case = with_role(account().user("bob"), allow("iam:PutUserPolicy", on=BOB))
    case = case.user("ann").key().may("iam:CreateLoginProfile", on=BOB).inline("p", TAKES_OPS)
    level, route = told(case.cell("bob", "password_enabled", "false"))
    assert level is PrivilegeLevel.CHAIN
    assert [path for path, _ in route][-1] == "iam-put-user-policy-other"
    assert {on for _, on in route} == {"bob", "ops"}


def test_what_is_possible_only_stays_so():
    """The role asks for a condition that no export settles."""
    odd = {"StringEquals": {"corp:Unheard": "x"}}
    case = with_role(account(), allow("iam:PutUserPolicy", on=ANN, when=odd))
    case = case.user("ann").key().inline("p", TAKES_OPS)
    level, route = told(case)
    assert level is PrivilegeLevel.CONDITIONAL
    assert [path for path, _ in route] == ["sts-assume-role", "iam-put-user-policy-other"]


def test_whoever_takes_such_a_user_gets_as_far():
    """One step more."""
    case = with_role(account(), allow("iam:PutUserPolicy", on=ANN)).user("ann").key()
    case = case.inline("p", TAKES_OPS).user("bob").key().may("iam:CreateAccessKey", on=ANN)
    level, route = told(case, BOB)
    assert level is PrivilegeLevel.CHAIN
    assert [path for path, _ in route] == [
        "iam-create-access-key",
        "sts-assume-role",
        "iam-put-user-policy-other",
    ]


@pytest.mark.parametrize(
    ("right", "lifted"),
    [
        ("iam:DeleteRolePermissionsBoundary", {"boundary"}),
        ("iam:CreatePolicyVersion", {"boundary", "attached"}),
        ("iam:DetachRolePolicy", {"attached"}),
        ("iam:DeleteRolePolicy", {"inline"}),
    ],
)
def test_what_holds_back_a_role_that_one_takes_can_be_lifted_first(right, lifted):
    """Each right lifts one sort of lock; but for the first, only the documentation shows it."""
    lock = f"{IAM}policy/lock"
    for sort in ("boundary", "attached", "inline"):
        case = with_role(account(), allow("*"))
        if sort == "inline":
            case = case.inline("lock", deny("*"))
        else:
            case = case.boundary(lock) if sort == "boundary" else case.attached(lock)
            text = allow("s3:*") if sort == "boundary" else deny("*")
            case = case.policy("lock", text)
        case = case.user("ann").key().inline("p", TAKES_OPS, allow(right))
        is_way = told(case)[0] in (PrivilegeLevel.CONDITIONAL, PrivilegeLevel.DIRECT)
        assert is_way == (sort in lifted), sort


@pytest.mark.parametrize("name", ["crew", "crew/2"])
def test_a_group_is_given_rights_and_joined(name):
    """The group holds nothing, and both rights must be on the same one."""
    both = account().empty_group("crew").user("ann").key().may("iam:PutGroupPolicy")
    on = f"{IAM}group/{name}"
    level, route = told(both.may("iam:AddUserToGroup", on=on))
    steps = ["iam-add-user-to-group", "iam-put-group-policy"]
    assert (level is PrivilegeLevel.CHAIN) == (name == "crew")
    assert [path for path, _ in route] == (steps if name == "crew" else [])


@pytest.mark.parametrize(
    ("older", "level"), [("*", PrivilegeLevel.CHAIN), ("s3:*", PrivilegeLevel.LIMITED)]
)
def test_only_an_older_version_that_gives_rights_arms_who_holds_the_policy(older, level):
    """Going back to a text as harmless as today's arms nobody."""
    case = with_role(account(), allow("iam:SetDefaultPolicyVersion")).user("ann").key()
    case = case.inline("p", TAKES_OPS).attached(f"{IAM}policy/p")
    assert told(case.policy("p", allow("s3:Get*")).version(allow(older)))[0] is level


def test_whoever_is_denied_everything_is_not_certainly_armed():
    """A Deny of its own stays over what it is given."""
    case = with_role(account(), allow("iam:PutUserPolicy", on=ANN)).user("ann").key()
    nearly_all = {"Effect": "Deny", "NotAction": ["sts:AssumeRole"], "Resource": "*"}
    assert told(case.inline("p", TAKES_OPS, nearly_all))[0] is PrivilegeLevel.CONDITIONAL
