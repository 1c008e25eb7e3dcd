"""What a path requires of a target: its boundary, its trust, what it already has."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account

IAM = "arn:aws:iam::111122223333:"
ANN, BOB, CAP = f"{IAM}user/ann", f"{IAM}user/bob", f"{IAM}policy/cap"
NOBODY_HAS_A_BOUNDARY = {"Null": {"iam:PermissionsBoundary": "true"}}
BOUNDARY_IS_CAP = {"StringEquals": {"iam:PermissionsBoundary": CAP}}
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
    case = account().user("bob").key().may("*").boundary(CAP).policy("cap").user("ann").key()
    case = case.may("iam:PutUserPolicy", "iam:CreateAccessKey", when=BOUNDARY_IS_CAP)
    graph = escalation_graph(case.account())
    assert graph.privileges[ANN].level is not PrivilegeLevel.DIRECT
    [actor] = [edge for edge in graph.edges[ANN] if edge.path.id == "iam-create-access-key"]
    assert list(graph.authorizer.resources.named(actor.to.possible)) == [BOB]
