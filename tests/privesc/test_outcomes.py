"""What a path leads to: whose rights, or the principal's own with less over them."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny
from tests.privesc.path_accounts import ALL, BLOCKING

IAM = "arn:aws:iam::111122223333:"
ANN, SHARED = f"{IAM}user/ann", f"{IAM}policy/no"
BARS = deny(*BLOCKING, "iam:CreateAccessKey", "iam:UpdateLoginProfile")
LIVE = account().user("ann").key()


def edge(case, path, who=ANN):
    """The principal's edge by that path and no change before it, None where it has none."""
    edges = escalation_graph(case.account()).edges.get(who, ())
    return next((each for each in edges if each.path.id == path and not each.after), None)


def leads(case, who=ANN):
    """How surely the principal gets full rights: certain, possible or none."""
    level = escalation_graph(case.account()).privileges[who].level
    if level.is_privileged:
        return "certain"
    return "possible" if level is PrivilegeLevel.CONDITIONAL else "none"


def barred_by_groups(*names, attached=False):
    """Ann, who may do everything that the policy of her groups, the same in each, does not deny."""
    case = account()
    for name in names:
        case = case.empty_group(name)
        case = case.attached(SHARED) if attached else case.inline("no", BARS)
    case = case.policy("no", BARS) if attached else case
    case = case.user("ann").key()
    for name in names:
        case = case.group(name)
    return case.inline("all", ALL)


@pytest.mark.parametrize(
    ("path", "attached"),
    [
        ("iam-remove-user-from-group", False),
        ("iam-remove-user-from-group", True),
        ("iam-delete-group-policy", False),
        ("iam-detach-group-policy", True),
    ],
)
def test_one_call_lifts_the_deny_of_one_group_and_not_of_a_second(path, attached):
    """Two groups with the same text are two Denies, and take two calls."""
    assert edge(barred_by_groups("one", attached=attached), path).to_admin.possible
    both = barred_by_groups("one", "two", attached=attached)
    assert edge(both, path) is None
    assert leads(both) == "certain"


def test_a_deny_that_a_group_gives_too_outlives_its_detaching():
    """The policy is attached twice, and one call detaches one of them."""
    own = LIVE.inline("all", ALL).attached(SHARED).policy("no", BARS)
    assert edge(own, "iam-detach-user-policy").to_admin.certain
    both = barred_by_groups("one", attached=True).attached(SHARED)
    assert edge(both, "iam-detach-user-policy") is None


@pytest.mark.parametrize(
    ("path", "lifted"), [("iam-delete-user-policy", True), ("iam-detach-user-policy", False)]
)
def test_an_inline_deny_is_deleted_and_not_detached(path, lifted):
    """Each call removes policies of one kind."""
    found = edge(LIVE.inline("all", ALL).inline("no", BARS), path)
    assert bool(found and found.to_admin.certain) is lifted


def test_a_boundary_taken_off_leaves_what_the_policies_allow():
    """Only whoever has everything under it is an administrator without it."""
    limit = f"{IAM}policy/cap"
    wide = LIVE.may("*").boundary(limit).policy("cap", allow("iam:*"))
    assert edge(wide, "iam-delete-user-boundary").to_admin.certain
    narrow = LIVE.may("iam:DeleteUserPermissionsBoundary", "s3:*").boundary(limit)
    assert edge(narrow.policy("cap", allow("iam:*")), "iam-delete-user-boundary") is None


def test_a_group_is_joined_for_what_it_gives_together_with_what_one_has():
    """A group without everything makes nobody an administrator."""
    strong = account().empty_group("adm").may("*").user("ann").key().may("iam:AddUserToGroup")
    assert edge(strong, "iam-add-user-to-group").to_admin.certain
    weak = account().empty_group("adm").may("s3:*").user("ann").key().may("iam:AddUserToGroup")
    assert edge(weak, "iam-add-user-to-group") is None


@pytest.mark.parametrize(("older", "leads"), [(allow("*"), True), (allow("s3:*"), False)])
def test_an_older_version_counts_by_what_it_would_give(older, leads):
    """Going back to a narrower text gains nothing."""
    case = LIVE.may("iam:SetDefaultPolicyVersion").attached(SHARED)
    case = case.policy("no", allow("s3:Get*")).version(older)
    assert (edge(case, "iam-set-default-policy-version") is not None) is leads


def test_tags_of_ones_own_choice_are_never_a_certain_way():
    """Whether the tag may be set on the principal is decided, and what it opens is not."""
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
    case = LIVE.inline("p", allow("iam:TagUser"), allow("*", when=tagged))
    reached = edge(case, "iam-tag-user-abac").to_admin
    assert (bool(reached.possible), reached.certain) == (True, 0)
    assert edge(LIVE.may("iam:TagUser", "s3:*"), "iam-tag-user-abac") is None


def test_a_tag_of_ones_own_choice_opens_a_trust_that_asks_for_it():
    """The role lets in whoever has the tag, and she gives it to herself."""
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
    case = LIVE.may("iam:TagUser").role("app").trusts("*", when=tagged)
    graph = escalation_graph(case.may("*").account())
    assert graph.privileges[ANN].level is PrivilegeLevel.CONDITIONAL
    assert escalation_graph(case.account()).privileges[ANN].level is PrivilegeLevel.LIMITED
    barred = LIVE.inline("p", deny("iam:TagUser")).role("app").trusts("*", when=tagged).may("*")
    assert escalation_graph(barred.account()).privileges[ANN].level is PrivilegeLevel.LIMITED


DEVICE = allow("iam:EnableMFADevice", "iam:CreateVirtualMFADevice")
WITH_DEVICE = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("opened", "level"),
    [
        (allow("iam:PutUserPolicy", when=WITH_DEVICE), PrivilegeLevel.DIRECT),
        (allow("*", when=WITH_DEVICE), PrivilegeLevel.ADMINISTRATOR),
        (allow("s3:*", when=WITH_DEVICE), PrivilegeLevel.LIMITED),
        (allow("iam:PutUserPolicy", on=SHARED, when=WITH_DEVICE), PrivilegeLevel.LIMITED),
    ],
)
def test_a_device_of_ones_own_leads_to_what_it_opens(opened, level):
    """Not to more; and an administrator behind a guard is one who enrols first."""
    case = LIVE.inline("p", DEVICE, opened)
    assert escalation_graph(case.account()).privileges[ANN].level is level


@pytest.mark.parametrize(
    ("limit", "older", "path"),
    [
        (allow("iam:CreatePolicyVersion"), None, "iam-create-version-of-own-boundary"),
        (
            allow("iam:SetDefaultPolicyVersion"),
            allow("*"),
            "iam-set-default-version-of-own-boundary",
        ),
    ],
)
def test_ones_own_boundary_is_rewritten_or_rolled_back(limit, older, path):
    """What she has besides then counts in full; a boundary of AWS's own stays as it is."""
    case = LIVE.may("*").boundary(SHARED).policy("no", limit)
    case = case.version(older) if older else case
    assert edge(case, path).to_admin.certain
    aws = LIVE.may("*").boundary("arn:aws:iam::aws:policy/PowerUserAccess")
    assert edge(aws, path) is None
    narrow = LIVE.may("s3:*", *limit["Action"]).boundary(SHARED).policy("no", limit)
    narrow = narrow.version(older) if older else narrow
    assert edge(narrow, path) is None


def test_a_boundary_that_was_taken_off_is_not_rolled_back_besides():
    """Once it is gone there is nothing to change but guardrails, and these stay."""
    may = ("iam:DeleteUserPermissionsBoundary", "iam:SetDefaultPolicyVersion", "s3:*")
    case = LIVE.may(*may).boundary(SHARED).policy("no", allow("iam:*"))
    assert edge(case.version(allow("*")), "iam-delete-user-boundary") is None


def test_an_older_boundary_that_is_no_wider_opens_nothing():
    """Rolling back to it gains nothing."""
    case = LIVE.may("*").boundary(SHARED).policy("no", allow("iam:SetDefaultPolicyVersion"))
    assert edge(case.version(allow("s3:*")), "iam-set-default-version-of-own-boundary") is None


def test_a_new_principal_stands_under_the_scps_of_the_account():
    """Who makes a user for itself gets full rights only where the organization leaves them."""
    granted = ("iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey")
    assert edge(LIVE.may(*granted), "iam-create-user-admin").to_admin.certain
    policy = {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY"}
    text = {"Version": "2012-10-17", "Statement": [allow("iam:*", "s3:*")]}
    case = LIVE.may(*granted)
    for answer in (
        {"credaudit_target": "r-1", "credaudit_account": "111122223333", "Policies": [policy]},
        {"Policy": {"PolicySummary": policy, "Content": text}},
    ):
        case = case.export("control-policies.json", answer)
    assert edge(case, "iam-create-user-admin").to_admin.certain == 0


def with_a_strong_role(case):
    """The account with two administrator roles: one for Lambda, one that the account trusts."""
    case = case.role("runs", service="lambda.amazonaws.com").may("*")
    return case.role("boss").trusts({"AWS": f"{IAM}root"}).may("*")


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ((allow("sts:AssumeRole", on=f"{IAM}role/boss"),), "certain"),
        ((allow("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),), "certain"),
        ((allow("iam:CreateAccessKey", on=f"{IAM}user/chief"),), "certain"),
        ((allow("ssm:SendCommand"),), "none"),
        ((allow("sts:AssumeRole", when={"StringEquals": {"corp:Odd": "x"}}),), "possible"),
    ],
)
def test_a_group_is_walked_to_where_its_rights_lead(rights, expected):
    """Whoever joins it takes every path that it opens, not only those that change itself."""
    case = with_a_strong_role(account().user("chief").attached("AdministratorAccess"))
    case = case.empty_group("crew").inline("p", *rights).user("ann").key().may("iam:AddUserToGroup")
    assert leads(case) == expected


def test_what_a_boundary_held_back_is_walked_once_it_is_gone():
    """The policies allow no right in IAM, only to assume the strong role."""
    case = with_a_strong_role(account()).user("ann").key().boundary(f"{IAM}policy/cap")
    case = case.may("sts:AssumeRole", "iam:DeleteUserPermissionsBoundary")
    case = case.policy("cap", allow("iam:DeleteUserPermissionsBoundary"))
    assert leads(case) == "certain"


def test_a_session_with_an_own_device_is_walked_to_the_role_that_asks_for_it():
    """The trust policy wants MFA, which the user enrols."""
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    case = account().role("boss").trusts({"AWS": f"{IAM}root"}, when=mfa).may("*").user("ann").key()
    case = case.may("sts:AssumeRole", "iam:EnableMFADevice", "iam:CreateVirtualMFADevice")
    assert leads(case) == "certain"


def test_a_boundary_that_is_gone_is_neither_rolled_back_nor_taken_off_again():
    """With both rights, each is tried by itself."""
    limit = f"{IAM}policy/cap"
    case = LIVE.may("iam:DeleteUserPermissionsBoundary", "iam:SetDefaultPolicyVersion")
    case = case.boundary(limit).policy("cap", allow("iam:*")).version(allow("*"))
    assert edge(case, "iam-delete-user-boundary") is None


def test_whoever_loses_its_boundary_gives_itself_what_its_groups_may():
    """Without the boundary nothing stands over the right to write the group's policy."""
    case = account().empty_group("crew").policy("cap", allow("iam:Delete*"))
    case = case.user("ann").key().group("crew").boundary(f"{IAM}policy/cap")
    case = case.may("iam:DeleteUserPermissionsBoundary", "iam:PutGroupPolicy")
    assert leads(case) == "certain"


def test_a_boundary_that_denies_most_actions_leaves_no_certain_full_rights():
    """Nobody can tell what all rights are worth in one service."""
    case = LIVE.may("iam:PutUserPolicy").boundary(f"{IAM}policy/cap")
    most = {"Effect": "Deny", "NotAction": ["s3:*", "iam:*"], "Resource": "*"}
    kept = edge(case.policy("cap", allow("*"), most), "iam-put-user-policy")
    assert (kept.to_admin.certain, bool(kept.to_admin.possible)) == (0, True)
    few = case.policy("cap", allow("*"), deny("organizations:LeaveOrganization"))
    assert edge(few, "iam-put-user-policy").to_admin.certain


def test_a_new_key_brings_no_mfa():
    """Whose rights ask for MFA, and who can't enrol a device, is possibly taken over."""
    guard = deny("*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    boss = account().user("boss").password().mfa().inline("p", allow("*"), guard)
    taken = edge(boss.user("ann").key().may("iam:CreateAccessKey"), "iam-create-access-key")
    assert (taken.to.certain, bool(taken.to.possible)) == (0, True)
    plain = account().user("boss").inline("p", allow("*")).user("ann").key()
    assert edge(plain.may("iam:CreateAccessKey"), "iam-create-access-key").to.certain


def test_a_device_that_changes_nothing_is_no_step():
    """No policy asks for MFA, so enrolling one leads nowhere."""
    case = LIVE.may("iam:PutUserPolicy", "iam:EnableMFADevice", "iam:CreateVirtualMFADevice")
    assert edge(case, "iam-enrol-own-mfa-device") is None
    assert edge(case, "iam-put-user-policy").to_admin.certain
