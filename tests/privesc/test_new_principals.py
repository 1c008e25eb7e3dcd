"""A new user or role is one and the same in all that a path does with it."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

IAM = "arn:aws:iam::111122223333:"
ANN, CAP, OPEN = f"{IAM}user/ann", f"{IAM}policy/cap", f"{IAM}policy/open"
NONE = account()
CREATE, ATTACH, PUT, KEY, LOGIN = (
    "iam:CreateUser",
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
)
DIRECT, CONDITIONAL, LIMITED = (
    PrivilegeLevel.DIRECT,
    PrivilegeLevel.CONDITIONAL,
    PrivilegeLevel.LIMITED,
)


def level(*statements, case=NONE):
    """How far ann gets with these statements in that account."""
    found = escalation_graph(case.user("ann").key().inline("p", *statements).account())
    return found.privileges[ANN].level


def users(name):
    """The ARN pattern of users."""
    return f"{IAM}user/{name}"


def bounded_by(*named, operator="StringEquals"):
    """A condition on the boundary of the request or of its target."""
    return {operator: {"iam:PermissionsBoundary": list(named)}}


@pytest.mark.parametrize(
    ("create", "give", "key", "expected"),
    [
        ("dev/*", "dev/*", "dev/*", DIRECT),
        ("dev/*", "*", "*", DIRECT),
        ("dev/*", "ops/*", "*", LIMITED),
        ("dev/*", "dev/*", "ops/*", LIMITED),
        ("dev/*", "*-admin", "*", DIRECT),
        ("dev/*", "*-admin", "dev/x*", DIRECT),
        ("dev/*", "*-admin", "ops/*", LIMITED),
        ("new", "new", "new", DIRECT),
        ("new", "new", "other", LIMITED),
    ],
)
def test_the_user_that_is_made_is_the_one_that_gets_the_rights(create, give, key, expected):
    """Rights over others than those that may be made lead nowhere."""
    statements = (
        allow(CREATE, on=users(create)),
        allow(PUT, on=users(give)),
        allow(KEY, on=users(key)),
    )
    assert level(*statements) is expected


@pytest.mark.parametrize(
    ("no", "expected"),
    [
        (deny(PUT, on=users("dev/*")), LIMITED),
        (deny(PUT, on=users("dev/a*")), DIRECT),
        ({"Effect": "Deny", "Action": PUT, "NotResource": users("ops/*")}, LIMITED),
        ({"Effect": "Deny", "Action": PUT, "NotResource": users("dev/team/*")}, DIRECT),
    ],
)
def test_a_deny_on_what_may_be_made_closes_the_way(no, expected):
    """One on a part of it leaves the rest."""
    given = allow(PUT, KEY, on=users("*/*"))
    assert level(allow(CREATE, on=users("dev/*")), given, no) is expected


@pytest.mark.parametrize(("left", "expected"), [("*-admin", DIRECT), ("ops/*", LIMITED)])
def test_what_two_denies_leave_is_tried_where_both_leave_it(left, expected):
    """As of two patterns that are allowed, what is in both."""
    made = {"Effect": "Deny", "Action": CREATE, "NotResource": users("dev/*")}
    given = {"Effect": "Deny", "Action": PUT, "NotResource": users(left)}
    assert level(allow(CREATE, PUT, KEY, on=users("*/*")), made, given) is expected


@pytest.mark.parametrize(
    ("create", "give", "expected"), [("dev-*", "ops-*", LIMITED), ("dev-*", "*", DIRECT)]
)
def test_it_is_the_same_with_roles(create, give, expected):
    """A role needs no credential: its trust policy names its maker."""
    made = allow("iam:CreateRole", on=f"{IAM}role/{create}")
    assert level(made, allow("iam:PutRolePolicy", on=f"{IAM}role/{give}")) is expected


@pytest.mark.parametrize("name", ["new", "NEW"])
@pytest.mark.parametrize("path", ["/", "/team/"])
def test_a_role_can_not_be_made_under_a_name_that_is_taken(name, path):
    """Whatever its path and its case; a user of that name does not count.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    wanted = allow("iam:CreateRole", "iam:PutRolePolicy", on=f"{IAM}role/new")
    assert level(wanted, case=NONE.user(name, path=path)) is DIRECT
    taken = NONE.role(name).member(Path=path, Arn=f"{IAM}role{path}{name}")
    assert level(wanted, case=taken) in (LIMITED, PrivilegeLevel.INDIRECT)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (bounded_by(OPEN), DIRECT),
        (bounded_by(CAP), LIMITED),
        (bounded_by(CAP, OPEN), DIRECT),
        (bounded_by(CAP, operator="StringNotEquals"), DIRECT),
        ({"Null": {"iam:PermissionsBoundary": "false"}}, DIRECT),
        ({"Null": {"iam:PermissionsBoundary": "true"}}, DIRECT),
    ],
)
@pytest.mark.parametrize("give", [ATTACH, PUT])
def test_the_boundary_that_a_user_was_made_with_is_known_afterwards(give, when, expected):
    """So a condition on it is decided for what is then attached or written."""
    case = NONE.policy("cap", allow("s3:*")).policy("open", allow("*"))
    assert level(allow(CREATE, give, when=when), allow(KEY), case=case) is expected


def test_a_user_is_not_made_with_one_boundary_and_raised_under_another():
    """Neither alone is a way."""
    case = NONE.policy("cap", allow("*")).policy("open", allow("*"))
    made, raised = bounded_by(CAP), bounded_by(OPEN)
    assert level(allow(CREATE, when=made), allow(PUT, when=raised), allow(KEY), case=case) is (
        LIMITED
    )


def test_requests_without_the_key_meet_no_condition_on_the_boundary():
    """A request for an access key carries no boundary.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
    """
    case = NONE.policy("open", allow("*"))
    assert level(allow(CREATE, PUT, KEY, when=bounded_by(OPEN)), case=case) is LIMITED


def test_what_nobody_knows_of_a_policy_leaves_a_condition():
    """A boundary without text may keep everything back."""
    case = NONE.policy("open")
    assert level(allow(CREATE, PUT, when=bounded_by(OPEN)), allow(KEY), case=case) is CONDITIONAL


def test_more_patterns_than_can_be_compared_leave_a_condition():
    """Unknown is never called safe."""
    made = allow(CREATE, on=[users(f"a{number}/*") for number in range(40)])
    given = allow(PUT, KEY, on=[users(f"b{number}/*") for number in range(40)])
    assert level(made, given) is CONDITIONAL
