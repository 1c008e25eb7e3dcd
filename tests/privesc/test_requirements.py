"""What a path requires of a target: its boundary, its trust, what it already has."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

IAM = "arn:aws:iam::111122223333:"
ANN, BOB, CAP = f"{IAM}user/ann", f"{IAM}user/bob", f"{IAM}policy/cap"
NOBODY_HAS_A_BOUNDARY = {"Null": {"iam:PermissionsBoundary": "true"}}
BOUNDARY_IS_CAP = {"StringEquals": {"iam:PermissionsBoundary": CAP}}
UNKNOWN_KEY = "corp:Unheard"
LIVE = account().user("ann").key()
MINE, OF_AWS = f"{IAM}policy/mine", "arn:aws:iam::aws:policy/"
ATTACH = "iam:AttachUserPolicy"
DIRECT, CHAIN, CONDITIONAL, INDIRECT, LIMITED = (
    PrivilegeLevel.DIRECT,
    PrivilegeLevel.CHAIN,
    PrivilegeLevel.CONDITIONAL,
    PrivilegeLevel.INDIRECT,
    PrivilegeLevel.LIMITED,
)


def to_attach(*named, operator="ArnLike"):
    """A condition on the policy that is attached."""
    return {operator: {"iam:PolicyARN": list(named)}}


def bounded_by(*named):
    """A condition on the boundary that a request gives, or that its target has."""
    return {"StringEquals": {"iam:PermissionsBoundary": list(named)}}


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


BOSS = account().user("boss").attached("AdministratorAccess")
KEY, PASSWORD = "iam:CreateAccessKey", "iam:CreateLoginProfile"


def over(*actions, target):
    """How far ann gets with these actions on the others, the last of whom is that target."""
    return level(target.user("ann").key().may(*actions, on=f"{IAM}user/b*"))


@pytest.mark.parametrize("give", ["iam:PutUserPolicy", "iam:AttachUserPolicy"])
def test_a_user_who_is_given_rights_needs_room_for_the_key(give):
    """Or a key that can be deleted first: AWS lets nobody have a third.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    weak = account().user("bob").key()
    assert over(give, KEY, target=weak) is DIRECT
    assert over(give, KEY, target=weak.key()) is INDIRECT
    assert over(give, KEY, target=weak.key(active=False)) is INDIRECT
    assert over(give, KEY, "iam:DeleteAccessKey", target=weak.key()) is DIRECT


def test_a_user_whose_boundary_is_taken_off_needs_room_for_the_key():
    """The same two keys stand in the way."""
    lift = "iam:DeleteUserPermissionsBoundary"
    capped = BOSS.boundary(CAP).policy("cap", allow("s3:*")).user("bob").boundary(CAP)
    capped.details["UserDetailList"][-1]["AttachedManagedPolicies"] = capped.details[
        "UserDetailList"
    ][0]["AttachedManagedPolicies"]
    capped.details["UserDetailList"][0]["AttachedManagedPolicies"] = []
    assert over(lift, KEY, target=capped.key()) is CONDITIONAL
    assert over(lift, KEY, target=capped.key().key()) is INDIRECT
    assert over(lift, KEY, "iam:DeleteAccessKey", target=capped.key().key()) is CONDITIONAL


@pytest.mark.parametrize(
    ("target", "actions", "expected"),
    [
        (BOSS, (PASSWORD,), DIRECT),
        (BOSS.mfa(), (PASSWORD,), LIMITED),
        (BOSS.mfa(), (PASSWORD, "iam:DeactivateMFADevice"), CONDITIONAL),
        (BOSS.password(), (PASSWORD,), LIMITED),
        (BOSS.password(), (PASSWORD, "iam:DeleteLoginProfile"), DIRECT),
        (BOSS.password(), ("iam:DeleteLoginProfile",), LIMITED),
        (BOSS.password().mfa(), (PASSWORD, "iam:DeleteLoginProfile"), LIMITED),
        (
            BOSS.password().mfa(),
            (PASSWORD, "iam:DeleteLoginProfile", "iam:DeactivateMFADevice"),
            CONDITIONAL,
        ),
        (BOSS.without("credential-report.json"), (PASSWORD,), CONDITIONAL),
    ],
)
def test_a_first_password_is_for_whoever_has_none_and_no_device(target, actions, expected):
    """With a device, a password alone opens nothing; one that is there can be deleted first.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html
    """
    assert over(*actions, target=target) is expected


GUARD = deny("*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
GUARDED = account().user("boss").inline("p", allow("*"), GUARD)
ENROL = ("iam:EnableMFADevice", "iam:CreateVirtualMFADevice")


@pytest.mark.parametrize(
    ("target", "actions", "expected"),
    [
        (GUARDED, (KEY, *ENROL), DIRECT),
        (GUARDED, (KEY,), LIMITED),
        (GUARDED, (KEY, "iam:EnableMFADevice"), LIMITED),
        (GUARDED, ENROL, LIMITED),
        (GUARDED.key().key(), (KEY, *ENROL), LIMITED),
        (GUARDED.key().key(), (KEY, "iam:DeleteAccessKey", *ENROL), DIRECT),
        (GUARDED, (PASSWORD, *ENROL), DIRECT),
        (GUARDED.password().mfa(), (PASSWORD, *ENROL), LIMITED),
        (GUARDED.password().mfa(), ("iam:UpdateLoginProfile", *ENROL), DIRECT),
        (GUARDED.password().mfa(), ("iam:UpdateLoginProfile",), LIMITED),
        (GUARDED.password().mfa(), (KEY, *ENROL), DIRECT),
    ],
)
def test_a_device_that_is_enrolled_for_another_user_passes_its_guard(target, actions, expected):
    """Whoever enrols the device has it, next to those that the user has.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
    """
    case = target.user("ann").key()
    rights = [allow(each, on=f"{IAM}user/b*") for each in actions if "Virtual" not in each]
    rights += [allow(each, on=f"{IAM}mfa/*") for each in actions if "Virtual" in each]
    assert level(case.inline("p", *rights)) is expected


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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AdministratorAccess", DIRECT),
        ("IAMFullAccess", DIRECT),
        ("*", DIRECT),
        ("A*", DIRECT),
        ("AdministratorAccess-*", CONDITIONAL),
        ("AWSElasticBeanstalkFullAccess", CONDITIONAL),
        ("job-function/*", CONDITIONAL),
        ("ReadOnlyAccess", LIMITED),
        ("PowerUserAccess", CONDITIONAL),
        ("AWSDenyAll", LIMITED),
    ],
)
def test_of_the_policies_of_aws_each_that_a_condition_names_is_tried(name, expected):
    """Of one whose text nobody has, nobody can tell that it is harmless."""
    assert level(LIVE.may(ATTACH, when=to_attach(OF_AWS + name))) is expected


@pytest.mark.parametrize(
    "barred", [("AdministratorAccess",), ("AdministratorAccess", "PowerUserAccess")]
)
def test_one_policy_denied_leaves_the_others(barred):
    """Whoever holds IAMFullAccess gives itself the rest."""
    no = deny(ATTACH, when=to_attach(*(OF_AWS + each for each in barred), operator="ArnEquals"))
    assert level(LIVE.inline("p", allow(ATTACH), no)) is DIRECT


def test_all_known_policies_denied_leaves_those_that_nobody_knows():
    """AWS has hundreds; all of them denied leaves what the account has or the actor writes."""
    wide = [f"{OF_AWS}AdministratorAccess", f"{OF_AWS}IAMFullAccess"]
    case = LIVE.inline("p", allow(ATTACH), deny(ATTACH, when=to_attach(*wide)))
    assert level(case) is CONDITIONAL
    case = LIVE.inline("p", allow(ATTACH), deny(ATTACH, when=to_attach(f"{OF_AWS}*")))
    assert level(case) is LIMITED
    assert level(case.policy("mine", allow("*"))) is DIRECT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ((allow("*"),), DIRECT),
        ((allow("iam:PutUserPolicy"),), DIRECT),
        ((allow("*"), deny("s3:*")), CHAIN),
        ((allow("iam:*", on=ANN),), CHAIN),
        ((allow("iam:CreatePolicyVersion"),), CHAIN),
        ((allow("iam:PassRole", "lambda:*"),), INDIRECT),
        ((allow("*", when={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),), CHAIN),
        ((), CONDITIONAL),
        ((allow("s3:*"),), INDIRECT),
        ((deny("*"),), INDIRECT),
    ],
)
def test_an_own_policy_to_attach_counts_by_what_it_gives(text, expected):
    """Where it gives some rights, these are followed; without its text, nobody can tell."""
    case = LIVE.may(ATTACH, when=to_attach(MINE)).user("bob").policy("mine", *text)
    assert level(case) is expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (allow("iam:CreatePolicyVersion", on=MINE), DIRECT),
        (allow("iam:CreatePolicyVersion", on=f"{IAM}policy/other"), INDIRECT),
        (allow("iam:SetDefaultPolicyVersion", on=MINE), DIRECT),
        (
            allow("iam:SetDefaultPolicyVersion", when={"StringEquals": {UNKNOWN_KEY: "x"}}),
            CONDITIONAL,
        ),
        (allow("iam:DeletePolicyVersion"), INDIRECT),
    ],
)
def test_a_harmless_policy_is_attached_once_it_is_rewritten_or_rolled_back(more, expected):
    """Its older version gives everything."""
    case = LIVE.inline("p", allow(ATTACH, when=to_attach(MINE)), more).user("bob")
    assert level(case.policy("mine", allow("s3:Get*")).version(allow("*"))) is expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [("policy/team/*", DIRECT), ("policy/*", DIRECT), ("policy/other/*", LIMITED)],
)
def test_a_policy_that_may_be_attached_and_written_is_a_way(where, expected):
    """Both on the same path."""
    case = LIVE.may(ATTACH, when=to_attach(f"{IAM}policy/team/*"))
    assert level(case.may("iam:CreatePolicy", on=f"{IAM}{where}")) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [((allow("*"),), DIRECT), ((), CONDITIONAL), ((allow("s3:*"),), LIMITED)],
)
def test_a_new_user_has_the_boundary_that_is_asked_for(text, expected):
    """One that lets everything through, or that nobody has read, keeps nobody down."""
    needed = ("iam:CreateUser", "iam:AttachUserPolicy")
    case = LIVE.may(*needed, when=bounded_by(MINE)).may("iam:CreateAccessKey")
    assert level(case.policy("mine", *text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [((allow("*"),), DIRECT), ((allow("s3:*"),), LIMITED)]
)
def test_ones_own_boundary_is_replaced_by_one_that_lets_everything_through(text, expected):
    """If that is the one that may be put."""
    limit = allow("iam:PutUserPermissionsBoundary", when=bounded_by(MINE))
    case = LIVE.may("*").boundary(CAP).policy("cap", limit).policy("mine", *text)
    assert level(case) is expected


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ((allow("*"),), ()),
        ((), (f"boundary {CAP} unknown",)),
        ((allow("*", when={"StringEquals": {UNKNOWN_KEY: "x"}}),), (UNKNOWN_KEY,)),
    ],
)
def test_whoever_possibly_gives_rights_to_others_is_not_limited(text, reasons):
    """On what it depends is told."""
    case = account().user("bob").user("ann").key().may("iam:PutUserPolicy", on=BOB)
    case = case.boundary(CAP).policy("cap", *text)
    found = escalation_graph(case.account()).privileges[ANN]
    assert (found.level, found.reasons) == (INDIRECT, reasons)


@pytest.mark.parametrize(
    ("tagging", "expected"),
    [
        (allow("iam:TagUser"), CONDITIONAL),
        (allow("iam:TagUser", on=BOB), CONDITIONAL),
        (allow("iam:TagUser", on=ANN), LIMITED),
        (allow("iam:TagRole"), LIMITED),
        (deny("iam:TagUser"), LIMITED),
    ],
)
def test_whoever_tags_a_target_meets_a_condition_on_its_tags(tagging, expected):
    """A right over those with a tag is one over everybody whom the actor can give the tag."""
    tagged = {"StringEquals": {"iam:ResourceTag/team": "red"}}
    case = account().user("bob").may("*").user("ann").key()
    case = case.inline("p", allow("iam:CreateAccessKey", when=tagged), tagging)
    assert level(case) is expected


def test_a_tag_in_the_way_is_taken_off():
    """A Deny that spares the untagged keeps nobody out who may untag."""
    tagged = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    case = account().user("bob").tag("team", "red").may("*").user("ann").key()
    both = (allow("iam:CreateAccessKey"), deny("iam:CreateAccessKey", when=tagged))
    assert level(case.inline("p", *both)) is LIMITED
    assert level(case.inline("p", *both, allow("iam:UntagUser"))) is CONDITIONAL
