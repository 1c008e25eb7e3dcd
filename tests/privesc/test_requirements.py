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
    case = account().user("bob").key().may("*").boundary(CAP).policy("cap").user("ann").key()
    case = case.may("iam:PutUserPolicy", "iam:CreateAccessKey", when=BOUNDARY_IS_CAP)
    graph = escalation_graph(case.account())
    assert graph.privileges[ANN].level is not PrivilegeLevel.DIRECT
    [actor] = [edge for edge in graph.edges[ANN] if edge.path.id == "iam-create-access-key"]
    assert list(graph.authorizer.resources.named(actor.to.possible)) == [BOB]


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


ADDS, TAKES = "iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"
MAKES = "iam:CreateInstanceProfile"
WEB, BATCH = f"{IAM}instance-profile/web", f"{IAM}instance-profile/batch"


def held_in(*profiles):
    """The member of a role that lists its instance profiles, by their ARNs."""
    return [{"InstanceProfileName": each.rpartition("/")[2], "Arn": each} for each in profiles]


def starting_machines(*profiles):
    """A user who can start machines, a weak role in these profiles, a strong one in none."""
    case = account().role("weak").may("s3:Get*").member(InstanceProfileList=held_in(*profiles))
    case = case.role("strong").may("*").member(InstanceProfileList=[])
    return case.user("ann").key().may("iam:PassRole", "ec2:RunInstances")


def machine_as_strong(case):
    """Whether the user can start a machine that runs as the strong role."""
    graph = escalation_graph(case.account())
    found = [each.to for each in graph.edges[ANN] if each.path.id == "ec2-run-instances"]
    bit = graph.authorizer.resources.bit(f"{IAM}role/strong")
    is_certain = any(each.certain & bit for each in found)
    is_possible = any(each.possible & bit for each in found)
    return "certainly" if is_certain else "possibly" if is_possible else "never"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (starting_machines(WEB), "never"),
        (starting_machines(WEB).may(ADDS, TAKES), "certainly"),
        (starting_machines(WEB).may(TAKES), "never"),
        (starting_machines(BATCH, WEB).may(ADDS, TAKES, on=WEB), "certainly"),
        (starting_machines(BATCH, WEB).may(ADDS, on=WEB).may(TAKES, on=BATCH), "possibly"),
        (starting_machines(WEB).may(ADDS, TAKES, on=BATCH), "possibly"),
        (starting_machines(WEB).may(ADDS, TAKES).may_not(TAKES, on=WEB), "possibly"),
        (starting_machines().may(ADDS, TAKES), "possibly"),
        (starting_machines().may(ADDS), "possibly"),
        (starting_machines().may(MAKES), "never"),
        (starting_machines().may(MAKES, ADDS), "certainly"),
        (starting_machines(WEB).may(ADDS, when={"Bool": {"corp:Unheard": "true"}}), "possibly"),
    ],
)
def test_a_role_gets_into_an_instance_profile_that_is_made_emptied_or_empty(case, expected):
    """One profile must be emptied and filled; that an empty one is there no export shows."""
    assert machine_as_strong(case) == expected


def test_a_role_that_is_in_a_profile_already_needs_nothing_done_to_it():
    """And of a role of which the export says nothing it is possible only."""
    there = starting_machines(WEB).role("app").may("*").member(InstanceProfileList=held_in(BATCH))
    assert level(there) is PrivilegeLevel.DIRECT
    silent = starting_machines(WEB).role("app").may("*")
    assert level(silent) is PrivilegeLevel.CONDITIONAL


@pytest.mark.parametrize(
    ("rights", "expected"),
    [((ADDS, TAKES), {TAKES, ADDS}), ((ADDS, MAKES), {MAKES, ADDS})],
)
def test_a_step_names_what_puts_the_role_into_a_profile(rights, expected):
    """A reader sees by which rights, beside those that the path itself requires."""
    graph = escalation_graph(starting_machines(WEB).may(*rights).account())
    [step] = graph.privileges[ANN].route
    asked = {action for each in graph.requirements(step) for action in each.any_of}
    assert asked == {"iam:PassRole", "ec2:RunInstances", *expected}


def test_a_step_over_a_role_that_is_in_a_profile_names_no_more_than_its_path():
    """The right to fill a profile is there, and not needed."""
    case = starting_machines(WEB).may(ADDS, TAKES)
    case = case.role("app").may("*").member(InstanceProfileList=held_in(BATCH))
    graph = escalation_graph(case.account())
    [step] = [each for each in graph.first_steps(ANN) if each.on == f"{IAM}role/app"]
    assert graph.requirements(step) == step.path.requires


def test_a_machine_at_hand_takes_the_role_that_its_profile_gets():
    """No right in EC2 is needed, but nobody knows which machine the user has in hand."""
    case = starting_machines(WEB).may_not("ec2:*").may(ADDS)
    assert level(case) is PrivilegeLevel.CONDITIONAL
    assert level(case.may_not(ADDS)) is PrivilegeLevel.LIMITED


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
