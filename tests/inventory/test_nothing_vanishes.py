"""In: entries with a part that AWS does not write. Out: the proof that it is named and unknown."""

import json

import pytest

from analyzer.inventory.join import build_accounts
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.evidence.export_material import ACCOUNT, details, faults, reading, user

ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"
ADMINS = {
    "GroupName": "adm",
    "Arn": f"arn:aws:iam::{ACCOUNT}:group/adm",
    "CreateDate": "2020-01-01T00:00:00Z",
    "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}],
}
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}}
TRUST["Statement"]["Action"] = "sts:AssumeRole"
ROLE = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/app", "AssumeRolePolicyDocument": TRUST}
HIDDEN = {
    "inline policy without a name": (
        "/UserPolicyList/0",
        {"UserPolicyList": [{"PolicyDocument": ALL}]},
    ),
    "inline policy with an empty name": (
        "/UserPolicyList/0",
        {"UserPolicyList": [{"PolicyName": " ", "PolicyDocument": ALL}]},
    ),
    "inline policy whose name is a number": (
        "/UserPolicyList/0",
        {"UserPolicyList": [{"PolicyName": 7, "PolicyDocument": ALL}]},
    ),
    "name of an inline policy alone": ("/UserPolicyList/0", {"UserPolicyList": ["all"]}),
    "attachment without ARN": (
        "/AttachedManagedPolicies/0",
        {"AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess"}]},
    ),
    "attachment as an ARN": ("/AttachedManagedPolicies/0", {"AttachedManagedPolicies": [ADMIN]}),
    "attachment as a name": (
        "/AttachedManagedPolicies/0",
        {"AttachedManagedPolicies": ["AdministratorAccess"]},
    ),
    "attachments as text": ("/AttachedManagedPolicies", {"AttachedManagedPolicies": ADMIN}),
    "null among attachments": ("/AttachedManagedPolicies/0", {"AttachedManagedPolicies": [None]}),
    "group as an object": ("/GroupList/0", {"GroupList": [{"GroupName": "adm"}]}),
    "group as a number": ("/GroupList/0", {"GroupList": [3]}),
    "groups that are no list": ("/GroupList", {"GroupList": "adm"}),
    "boundary as true": ("/PermissionsBoundary", {"PermissionsBoundary": True}),
    "boundary without ARN": ("/PermissionsBoundary", {"PermissionsBoundary": {"Type": "Policy"}}),
    "tag without key": ("/Tags/0", {"Tags": [{"Value": "x"}]}),
    "policies of a role": (
        "/RolePolicyList",
        {"RolePolicyList": [{"PolicyName": "p", "PolicyDocument": ALL}]},
    ),
    "unknown member with a policy": ("/More", {"More": {"deep": [{"Statement": []}]}}),
    "unknown member with a text": ("/More", {"More": json.dumps(ALL)}),
    "unknown list of policies": ("/ManagedPolicies", {"ManagedPolicies": ["AdministratorAccess"]}),
    "second spelling of a list": (
        "/userPolicyList",
        {"UserPolicyList": [], "userPolicyList": [{"PolicyName": "p", "PolicyDocument": ALL}]},
    ),
}  # fmt: skip
HARMLESS = {
    "nothing": {},
    "empty lists": {"UserPolicyList": [], "GroupList": [], "PermissionsBoundary": None},
    "members of other calls": {"PasswordLastUsed": "2024-01-01T00:00:00Z", "Description": "x"},
    "counts": {"AttachedPolicyCount": 3},
}


def told(tmp_path, *entries, groups=(ADMINS,), roles=(), policies=()):
    """The account, its privileges by ARN, and the problems, a line each."""
    page = details(*entries, groups=groups, roles=roles, policies=policies)
    (account,), problems = build_accounts(reading(tmp_path, {"g.json": page}))
    privileges = escalation_graph(account).privileges
    return account, {arn: each.level for arn, each in privileges.items()}, faults(problems)


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_user_whose_entry_hides_something_is_unknown(tmp_path, kind):
    """Whatever can't be placed is named by its pointer, and the user is never called limited."""
    pointer, members = HIDDEN[kind]
    _, levels, problems = told(tmp_path, user("bob"), user(**members))
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is PrivilegeLevel.UNKNOWN
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/bob"] is PrivilegeLevel.LIMITED
    assert f"at /UserDetailList/1{pointer}, so the rights of user ann are unknown" in problems


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_grants_nothing_leaves_the_user_known(tmp_path, kind):
    """Empty members, and members that other calls answer, raise no doubt."""
    _, levels, problems = told(tmp_path, user(**HARMLESS[kind]))
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is PrivilegeLevel.LIMITED
    assert problems == ""


def test_a_policy_without_a_name_is_read_under_the_name_of_its_place(tmp_path):
    """The text grants what it grants, whatever became of its name."""
    account, _, _ = told(tmp_path, user(UserPolicyList=[{"PolicyDocument": ALL}]))
    (policy,) = account.users[0].details.inline
    assert policy.name == "unnamed policy at /UserDetailList/0/UserPolicyList/0"
    assert policy.document.value == ALL


@pytest.mark.parametrize("text", [None, "no JSON", {}, {"Statement": None}, [ALL], 5])
def test_an_inline_policy_whose_text_can_not_be_read_is_named(tmp_path, text):
    """The problem has its name and place, and its holder is never called limited."""
    entry = user(UserPolicyList=[{"PolicyName": "own", "PolicyDocument": text}])
    _, levels, problems = told(tmp_path, entry)
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is not PrivilegeLevel.LIMITED
    where = "'own' whose text can't be read at /UserDetailList/0/UserPolicyList/0"
    assert f"{where}, so the rights of user ann are unknown" in problems


def test_members_of_a_group_that_hides_something_are_unknown(tmp_path):
    """What a group's entry hides, all of its members may hold."""
    group = ADMINS | {"AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess"}]}
    _, levels, problems = told(tmp_path, user(GroupList=["adm"]), groups=(group,))
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is PrivilegeLevel.UNKNOWN
    assert "so the rights of group adm are unknown" in problems


def test_a_role_that_hides_something_is_unknown(tmp_path):
    """A role's entry is held to the same rule as a user's."""
    role = ROLE | {"RolePolicyList": [{"PolicyDocument": TRUST}]}
    _, levels, problems = told(tmp_path, roles=(role,))
    assert levels[ROLE["Arn"]] is PrivilegeLevel.UNKNOWN
    assert "so the rights of role app are unknown" in problems


@pytest.mark.parametrize("trust", [None, "no JSON", [], 5])
def test_a_role_without_a_readable_trust_policy_may_be_anyone_s(tmp_path, trust):
    """Nobody can tell whom it lets in, so someone unknown is let in."""
    account, _, problems = told(tmp_path, roles=(ROLE | {"AssumeRolePolicyDocument": trust},))
    graph = escalation_graph(account)
    assert [each.type.value for each in graph.authorizer.grants[ROLE["Arn"]]] == [
        "unreadable principal"
    ]
    assert ("nobody can tell who may assume app" in problems) is (trust is None)


VERSION = {"VersionId": "v1", "IsDefaultVersion": True, "Document": TRUST}
BROKEN_POLICIES = {
    "no default version": {"PolicyVersionList": [VERSION | {"IsDefaultVersion": False}]},
    "no versions": {},
    "two default versions": {"PolicyVersionList": [VERSION, VERSION | {"VersionId": "v2"}]},
    "a text beside the versions": {"PolicyVersionList": [VERSION], "PolicyDocument": ALL},
    "a version without text": {"PolicyVersionList": [{"IsDefaultVersion": True}]},
}


@pytest.mark.parametrize("kind", BROKEN_POLICIES)
def test_holders_of_a_policy_in_doubt_are_unknown(tmp_path, kind):
    """A managed policy whose text nobody can tell makes all of its holders unknown."""
    policy = {"PolicyName": "own", "Arn": OWN} | BROKEN_POLICIES[kind]
    held = [{"PolicyName": "own", "PolicyArn": OWN}]
    _, levels, problems = told(
        tmp_path, user(AttachedManagedPolicies=held), user("bob"), policies=(policy,)
    )
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is PrivilegeLevel.UNKNOWN
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/bob"] is PrivilegeLevel.LIMITED
    assert "so what policy own gives is unknown" in problems


def test_two_entries_of_one_user_in_one_file_leave_it_unknown(tmp_path):
    """The entry that was not used can hold anything."""
    other = user(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": ALL}])
    _, levels, problems = told(tmp_path, user(), other)
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is PrivilegeLevel.UNKNOWN
    assert "a second entry that says otherwise at /UserDetailList/1" in problems


def test_two_groups_of_one_name_leave_their_members_unknown(tmp_path):
    """A user's entry names groups by name alone."""
    twin = ADMINS | {"Arn": f"arn:aws:iam::{ACCOUNT}:group/x/adm", "AttachedManagedPolicies": []}
    _, levels, _ = told(tmp_path, user(GroupList=["adm"]), groups=(ADMINS, twin))
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is PrivilegeLevel.UNKNOWN


def test_many_faults_are_counted_and_not_listed(tmp_path):
    """A file of ten thousand faults gives a page of them, and their number."""
    _, _, problems = told(tmp_path, *(user(f"u{n}", GroupList=[{}]) for n in range(50)))
    assert len(problems.splitlines()) == 21
    assert "and 30 more entries have such faults" in problems


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": [], "statement": ALL["Statement"]},
        {"Statement": None},
        {"Statement": [ALL["Statement"] | {"effect": "Deny"}]},
    ],
    ids=["statements under two spellings", "no statements", "two effects"],
)
def test_a_document_that_can_be_read_in_two_ways_is_not_read_in_one(tmp_path, document):
    """What nobody can tell of a policy's text may allow anything."""
    held = [{"PolicyName": "own", "PolicyDocument": document}]
    _, levels, _ = told(tmp_path, user(UserPolicyList=held))
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is PrivilegeLevel.CONDITIONAL


def test_a_key_twice_in_one_entry_costs_what_it_stands_in(tmp_path):
    """Nobody knows which of two values was AWS's: that policy is unknown, the others are read."""
    held = [{"PolicyName": "own", "PolicyDocument": TRUST}]
    page = json.dumps(details(user(UserPolicyList=held), user("bob", UserPolicyList=held)))
    twice = page.replace('"PolicyName"', '"PolicyName": "x", "PolicyName"', 1)
    evidence = reading(tmp_path, {"g.json": twice})
    (account,), _ = build_accounts(evidence)
    levels = {arn: each.level for arn, each in escalation_graph(account).privileges.items()}
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/ann"] is PrivilegeLevel.UNKNOWN
    assert levels[f"arn:aws:iam::{ACCOUNT}:user/bob"] is PrivilegeLevel.LIMITED
    assert "holds the key 'PolicyName' twice in one object" in faults(evidence.problems)


@pytest.mark.parametrize(
    ("principal", "is_linked"),
    [
        ({"Service": "support.amazonaws.com"}, True),
        ({"service": ["a.amazonaws.com", "b.amazonaws.com"]}, True),
        ({"AWS": "arn:aws:iam::444455556666:root"}, False),
        ({"Service": "support.amazonaws.com", "AWS": "*"}, False),
        ({"Federated": "cognito-identity.amazonaws.com"}, False),
        ("*", False),
        (None, False),
    ],
    ids=str,
)
def test_a_role_in_the_path_of_services_that_lets_in_others_is_no_service_s(
    tmp_path, principal, is_linked
):
    """AWS makes no such role: it is named, and its rights are judged."""
    said = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    said |= {"Principal": principal} if principal else {}
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForX"
    role = {"Arn": arn, "AssumeRolePolicyDocument": {"Statement": [said]}}
    role["RolePolicyList"] = [{"PolicyName": "all", "PolicyDocument": ALL}]
    account, _, problems = told(tmp_path, user(), roles=(role,))
    assert account.roles[0].is_service_linked is is_linked
    assert ("AWS makes no such role" in problems) is (not is_linked)
