"""What a path requires of a target: its boundary, its trust, what it already has."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow

IAM = "arn:aws:iam::111122223333:"
ANN, BOB, CAP = f"{IAM}user/ann", f"{IAM}user/bob", f"{IAM}policy/cap"
NOBODY_HAS_A_BOUNDARY = {"Null": {"iam:PermissionsBoundary": "true"}}
BOUNDARY_IS_CAP = {"StringEquals": {"iam:PermissionsBoundary": CAP}}
UNKNOWN_KEY = "corp:Unheard"
LIVE = account().user("ann").key()


def level(case, who=ANN):
    """How far that principal gets."""
    return escalation_graph(case.account()).privileges[who].level


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (NOBODY_HAS_A_BOUNDARY, PrivilegeLevel.DIRECT),
        (BOUNDARY_IS_CAP, PrivilegeLevel.LIMITED),
        ({"StringNotEquals": {"iam:PermissionsBoundary": CAP}}, PrivilegeLevel.DIRECT),
    ],
)
@pytest.mark.parametrize("others", [LIVE, account().user("bob").boundary(CAP).user("ann").key()])
def test_the_boundary_of_a_target_without_one_is_absent(others, when, expected):
    """Whether somebody else has one or nobody in the account does."""
    assert level(others.may("iam:PutUserPolicy", on=ANN, when=when)) is expected


def test_the_boundary_of_a_target_is_the_one_it_has():
    """A right over those under a boundary reaches them and nobody else."""
    case = account().role("capped").may("*").boundary(CAP).role("free").may("*").policy("cap")
    case = case.user("ann").key().may("iam:UpdateAssumeRolePolicy", when=BOUNDARY_IS_CAP)
    graph = escalation_graph(case.account())
    [actor] = [edge for edge in graph.edges[ANN] if edge.path.id == "iam-update-assume-role-policy"]
    assert list(graph.authorizer.resources.named(actor.to.possible)) == [f"{IAM}role/capped"]


def test_a_request_that_carries_no_boundary_meets_no_condition_on_one():
    """Among what IAM checks for an access key, the boundary of its owner is not."""
    case = account().user("bob").key().may("*").boundary(CAP).policy("cap").user("ann").key()
    graph = escalation_graph(case.may("iam:CreateAccessKey", when=BOUNDARY_IS_CAP).account())
    assert not graph.edges.get(ANN)
    graph = escalation_graph(case.may("iam:CreateAccessKey").account())
    assert BOB in {arn for edge in graph.edges[ANN] for arn in _targets(graph, edge)}


def _targets(graph, edge):
    return graph.authorizer.resources.named(edge.to.possible)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (LIVE.may("iam:CreateAccessKey").user("boss").attached("AdministratorAccess"), "direct"),
        (LIVE.may("iam:CreateAccessKey"), "limited"),
        (LIVE.may("iam:CreateAccessKey").user("bob").may("s3:*"), "limited"),
        (LIVE.may("iam:CreateAccessKey", on=ANN).user("boss").may("*"), "limited"),
        (LIVE.may("iam:AddUserToGroup"), "limited"),
        (LIVE.may("iam:PutUserPolicy", when={"StringEquals": {UNKNOWN_KEY: "x"}}), "conditional"),
    ],
)
def test_a_path_needs_a_real_target_that_gains_something(case, expected):
    """An empty set of targets is no path; one whose conditions nobody knows is conditional."""
    assert level(case) is PrivilegeLevel[expected.upper()]


def test_the_credential_report_refines_a_path():
    """Two keys leave no room for a third, whether they are active or not."""
    case = LIVE.may("iam:CreateAccessKey").user("boss").may("*").key()
    assert level(case) is PrivilegeLevel.DIRECT
    assert level(case.key(active=False)) is PrivilegeLevel.LIMITED


def test_a_new_version_needs_an_attached_customer_policy_and_a_free_slot():
    """Of a policy that somebody else holds, or that is full, a version gains nothing."""
    mine = LIVE.may("iam:CreatePolicyVersion").policy("cap", allow("s3:Get*"))
    assert level(mine) is PrivilegeLevel.INDIRECT
    held = LIVE.may("iam:CreatePolicyVersion").attached(CAP).policy("cap", allow("s3:Get*"))
    assert level(held) is PrivilegeLevel.DIRECT
    for _ in range(4):
        held = held.version(allow("s3:List*"))
    assert level(held) is not PrivilegeLevel.DIRECT


@pytest.mark.parametrize(
    ("service", "expected"),
    [("airflow.amazonaws.com", "direct"), ("airflow-env.amazonaws.com", "limited")],
)
def test_a_role_may_be_passed_to_another_service_than_the_one_it_must_trust(service, expected):
    """Airflow is one such."""
    case = account().role("strong", service="airflow-env.amazonaws.com").may("*").user("ann").key()
    case = case.may("airflow:CreateEnvironment")
    case = case.may("iam:PassRole", when={"StringEquals": {"iam:PassedToService": service}})
    assert level(case) is PrivilegeLevel[expected.upper()]
