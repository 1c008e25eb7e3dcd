"""Roles in instance profiles: those that are in one, and those that can be put into one."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account

IAM = "arn:aws:iam::111122223333:"
ANN = f"{IAM}user/ann"
ADDS, TAKES = "iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"
MAKES = "iam:CreateInstanceProfile"
WEB, BATCH = f"{IAM}instance-profile/web", f"{IAM}instance-profile/batch"


def level(case):
    """How far the user gets."""
    return escalation_graph(case.account()).privileges[ANN].level


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
        (starting_machines().may(MAKES, ADDS, on=WEB), "certainly"),
        (starting_machines(WEB).may(MAKES, ADDS, on=WEB), "possibly"),
        (starting_machines().may(MAKES, on=WEB).may(ADDS, on=f"{WEB}*"), "certainly"),
        (starting_machines().may(MAKES, on=f"{WEB}*").may(ADDS, on=WEB), "certainly"),
        (starting_machines().may(MAKES, on=WEB).may(ADDS, on=BATCH), "possibly"),
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
