"""Every path of the catalogue, both ways: where it works, and with one ingredient missing."""

from dataclasses import replace

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.privesc.catalogue import (
    Decidability,
    EscalationPath,
    Gain,
    Precondition,
    SeverityCap,
    Target,
    load_paths,
)
from analyzer.privesc.graph import build_graph
from tests.builders import allow, deny
from tests.privesc.path_accounts import ALL, NUMBER, caller, grants, is_capped, ready, step

PATHS = [path for path in load_paths() if not path.is_retired]
RETIRED = [path for path in load_paths() if path.is_retired]
EXISTING_MACHINES = [path for path in PATHS if Precondition.ROLE_IN_PROFILE in path.preconditions]
IDS = [path.id for path in PATHS]
PASSING = [path for path in PATHS if Target.ROLE in {each.target for each in path.requires}]
SELF = {Target.SELF_USER, Target.SELF_ROLE, Target.OWN_GROUP, Target.POLICY_OF_SELF}
LEADING = [path for path in PATHS if path.gain in (Gain.ADMIN, Gain.ROLE, Gain.OTHER_USER)]
WITHOUT_RIGHTS = {
    Gain.OTHER_USER_LIMITED,
    Gain.ROLE_LIMITED,
    Gain.CLUSTER_ADMIN,
    Gain.SECRET,
}
"""What a path gains that gives nobody's rights: it ends at what it works on."""
HELD_BACK = {
    Precondition.CALLER_HAS_BOUNDARY,
    Precondition.MANAGED_DENY,
    Precondition.INLINE_DENY,
    Precondition.MANAGED_DENY_GROUP,
    Precondition.INLINE_DENY_GROUP,
    Precondition.DENY_FROM_GROUP,
}


def is_certain(path: EscalationPath) -> bool:
    """Whether the exports alone decide the path."""
    capped = path.severity_cap in (SeverityCap.LOW, SeverityCap.MEDIUM)
    return path.decidability is Decidability.FULL and not capped


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_the_path_is_found_where_it_works(path):
    """With its permissions and what it needs, and certain just where the exports decide."""
    edge = step(ready(path), path)
    assert edge is not None
    assert edge.leads_somewhere is (path.gain not in WITHOUT_RIGHTS)
    assert bool(edge.on.possible) is (path.gain in WITHOUT_RIGHTS)
    leads_certainly = bool(edge.to_admin.certain | edge.to.certain | edge.arms.certain)
    decided = is_certain(path) and path.gain is not Gain.CONDITIONAL_GRANTS
    assert leads_certainly is (edge.leads_somewhere and decided)


@pytest.mark.parametrize(
    ("path", "missing"),
    [(path, number) for path in PATHS for number in range(len(path.requires))],
    ids=[f"{path.id}-{number}" for path in PATHS for number in range(len(path.requires))],
)
def test_the_path_is_closed_by_a_deny_on_any_permission(path, missing):
    """Each of its permissions is needed."""
    denied = deny(*path.requires[missing].any_of)
    assert step(ready(path, denied), path) is None


@pytest.mark.parametrize(
    "path",
    [path for path in PATHS if not path.preconditions & HELD_BACK and not is_capped(path)],
    ids=lambda path: path.id,
)
def test_the_path_is_closed_by_a_boundary(path):
    """A boundary cuts what it does not allow."""
    case = ready(path)
    section = "RoleDetailList" if ":role/" in caller(path) else "UserDetailList"
    mine = next(each for each in case.details[section] if each["Arn"] == caller(path))
    mine["PermissionsBoundary"] = {"PermissionsBoundaryArn": f"arn:aws:iam::{NUMBER}:policy/cap"}
    assert step(case.policy("cap", allow("s3:*")), path) is None


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.id)
def test_the_path_is_closed_where_no_role_trusts_the_service(path):
    """A role can be passed only to a service that it lets in."""
    case = ready(path)
    for role in case.details["RoleDetailList"]:
        if role["RoleName"] == "strong":
            statement = role["AssumeRolePolicyDocument"]["Statement"][0]
            statement["Principal"] = {"Service": "else.amazonaws.com"}
    assert step(case, path) is None


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.id)
def test_the_path_is_closed_by_another_service_in_the_condition(path):
    """PassRole for one service is no PassRole for another."""
    other = {"StringEquals": {"iam:PassedToService": "else.amazonaws.com"}}
    granted = grants(path)
    granted[0] = allow("iam:PassRole", when=other)
    assert step(ready(path, granted=granted), path) is None
    same = {"StringEquals": {"iam:PassedToService": path.passed_to}}
    granted[0] = allow("iam:PassRole", when=same)
    assert step(ready(path, granted=granted), path) is not None


@pytest.mark.parametrize(
    "path",
    [path for path in LEADING if any(each.target for each in path.requires)],
    ids=lambda path: path.id,
)
def test_the_path_is_closed_where_its_targets_are_out_of_reach(path):
    """The same permission on something else gains nothing."""
    number = next(n for n, each in enumerate(path.requires) if each.target)
    # A new user could be called "else/else", so for these something else is a role.
    is_new_user = path.requires[number].target is Target.NEW_USER
    elsewhere = f"arn:aws:iam::*:{'role' if is_new_user else 'user'}/else/else"
    granted = grants(path)
    granted[number] = allow(path.requires[number].any_of[0], on=elsewhere)
    assert step(ready(path, granted=granted), path) is None


@pytest.mark.parametrize("name", ["iam-create-access-key", "iam-update-login-profile"])
def test_what_is_self_service_is_no_escalation(name):
    """Keys and passwords of one's own raise nobody."""
    path = next(path for path in PATHS if path.id == name)
    own = "arn:aws:iam::*:user/${aws:username}"
    granted = [allow("iam:*AccessKey*", "iam:*LoginProfile", "iam:*MFA*", on=own)]
    assert step(ready(path, granted=granted), path) is None


def test_a_full_key_slot_takes_two_permissions():
    """AWS allows two keys, so one must go first."""
    by_id = {path.id: path for path in PATHS}
    case = ready(by_id["iam-create-access-key"])
    full = case.cell("boss", "access_key_1_active", "true")
    full = full.cell("boss", "access_key_1_last_rotated", "2025-01-01T00:00:00+00:00")
    full = full.cell("boss", "access_key_2_active", "false")
    full = full.cell("boss", "access_key_2_last_rotated", "2025-01-01T00:00:00+00:00")
    assert step(full, by_id["iam-create-access-key"]) is None


def test_a_password_behind_mfa_opens_nothing():
    """Unless the device can be taken away."""
    path = next(path for path in PATHS if path.id == "iam-update-login-profile")
    assert step(ready(path).cell("boss", "mfa_active", "true"), path) is None


def test_a_policy_with_five_versions_needs_one_deleted():
    """AWS keeps five."""
    path = next(path for path in PATHS if path.id == "iam-create-policy-version")
    case = ready(path)
    for _ in range(3):
        case = case.version(allow("s3:List*"))
    assert step(case, path) is None
    assert step(_with(case, "iam:DeletePolicyVersion"), path) is not None


def _with(case, action):
    made = case.details["UserDetailList"][-1]["UserPolicyList"][0]["PolicyDocument"]["Statement"]
    made.append(allow(action))
    return case


def test_admin_rights_under_a_boundary_are_none():
    """Attaching AdministratorAccess to oneself lifts nobody over a boundary."""
    path = next(path for path in PATHS if path.id == "iam-attach-user-policy")
    case = ready(path)
    mine = case.details["UserDetailList"][-1]
    mine["PermissionsBoundary"] = {"PermissionsBoundaryArn": f"arn:aws:iam::{NUMBER}:policy/cap"}
    assert step(case.policy("cap", allow("iam:AttachUserPolicy", "s3:*")), path) is None
    assert step(case.policy("cap", ALL), path) is not None


@pytest.mark.parametrize("arn", ["AdministratorAccess", "ReadOnlyAccess"])
def test_the_policy_that_may_be_attached_counts(arn):
    """iam:PolicyARN is the asker's choice, within what the condition leaves."""
    path = next(path for path in PATHS if path.id == "iam-attach-user-policy")
    only = {"ArnEquals": {"iam:PolicyARN": f"arn:aws:iam::aws:policy/{arn}"}}
    found = step(ready(path, granted=[allow("iam:AttachUserPolicy", when=only)]), path)
    assert (found is not None) == (arn == "AdministratorAccess")


@pytest.mark.parametrize("path", RETIRED, ids=lambda path: path.id)
def test_a_path_by_a_service_that_aws_ended_leads_nowhere(path):
    """With all that it once took; the same path by a service that runs leads on."""
    case = ready(path)
    assert step(case, path) is None
    running = replace(path, is_retired=False)
    account = case.account()
    graph = build_graph(authorizer_for(account, path.actions), (running,))
    assert [edge.path for edge in graph.edges[caller(path)]] == [running]


@pytest.mark.parametrize("path", EXISTING_MACHINES, ids=lambda path: path.id)
def test_a_machine_that_runs_has_a_role_that_is_in_an_instance_profile(path):
    """So a role that is in none is on no machine, whoever could put it into one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
    """
    case = ready(path, allow("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"))
    assert step(case, path) is not None
    for role in case.details["RoleDetailList"]:
        role["InstanceProfileList"] = []
    assert step(case, path) is None
