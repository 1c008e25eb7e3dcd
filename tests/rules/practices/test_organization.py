"""Practice 7: what the organization forbids, who rules it, and whether there is one."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, account
from tests.rules.organization_exports import (
    GUARDED,
    SERVICE,
    control_policy,
    delegate,
    level,
    organization,
)

OWN, OTHER, MANAGEMENT = "111122223333", "444455556666", "777788889999"
GUARDRAILS, WORKLOADS = "org-guardrails-missing", "management-account-with-workloads"
OUTSIDE, FEATURES = "account-outside-organization", "organization-without-all-features"
DELEGATES = "delegated-administrator-undeclared"
ROOT, LEAVING = "use of the root user", "leaving the organization"
TRAIL, ANALYZER = "stopping or deleting a trail", "deleting an access analyzer"
KEYS = "making long-term access keys"
EVERYTHING = [ROOT, LEAVING, TRAIL, ANALYZER, KEYS]


def under(*statements, more=()):
    """An account under one control policy of these statements."""
    case = account().export("scp.json", level(OWN, "p-one"))
    for each in (control_policy("p-one", *statements), *more):
        case = case.export("scp.json", each)
    return case


def forbidden(*actions, on="*", when=None):
    """A Deny of a control policy."""
    said = {"Effect": "Deny", "Action": list(actions), "Resource": on}
    return said | ({"Condition": when} if when else {})


def missing(case):
    """The guardrails that the finding names, none where there is no finding."""
    found = case.judged(GUARDRAILS).findings
    return [name for each in found for name in str(each.facts["missing"]).split("; ")]


# org-guardrails-missing


def test_a_policy_with_every_guardrail_passes():
    """Whatever else it says."""
    assert under(*GUARDED).status(GUARDRAILS) is Status.PASS


def test_without_a_control_policy_every_guardrail_is_missing():
    """The open policy forbids nothing."""
    case = account().export("scp.json", level(OWN))
    assert missing(case) == EVERYTHING


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        (forbidden("organizations:LeaveOrganization"), LEAVING),
        (forbidden("organizations:*"), LEAVING),
        (forbidden("cloudtrail:StopLogging", "cloudtrail:DeleteTrail"), TRAIL),
        (forbidden("access-analyzer:Delete*"), ANALYZER),
        (forbidden("iam:CreateAccessKey"), KEYS),
        (forbidden("*", when={"StringLike": {"aws:PrincipalArn": "arn:*:iam::*:root"}}), ROOT),
        (
            forbidden("*", when={"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:root"}}),
            ROOT,
        ),
        (forbidden("*", when={"StringEquals": {"aws:PrincipalType": "Account"}}), ROOT),
    ],
)
def test_each_guardrail_is_judged_by_itself(statement, kept):
    """By what is denied, and not by how the policy is written."""
    assert missing(under(statement)) == [each for each in EVERYTHING if each != kept]


@pytest.mark.parametrize(
    "statement",
    [
        forbidden("cloudtrail:StopLogging"),
        forbidden("iam:CreateUser"),
        forbidden("organizations:LeaveOrganization", when={"Bool": {"aws:ViaAWSService": "true"}}),
        forbidden("iam:CreateAccessKey", on="arn:aws:iam::*:user/audit"),
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ],
)
def test_half_a_guardrail_is_none(statement):
    """One call of two, a condition that meets nobody, one user of many."""
    assert missing(under(statement)) == EVERYTHING


@pytest.mark.parametrize(
    "trail",
    [
        "arn:aws:cloudtrail:*:*:trail/audit-*",
        "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit",
        "arn:*:cloudtrail:*:*:trail/*",
    ],
)
def test_one_protected_trail_is_a_guardrail(trail):
    """The organization protects the trail that it made."""
    calls = ("cloudtrail:StopLogging", "cloudtrail:DeleteTrail")
    assert TRAIL not in missing(under(forbidden(*calls, on=trail)))


def test_a_guardrail_may_spare_some_by_name():
    """Whoever has to do it is named; everybody else is denied."""
    spared = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/network-admin"}}
    case = under(forbidden("organizations:LeaveOrganization", when=spared))
    assert LEAVING not in missing(case)


def test_what_an_allow_list_leaves_out_is_forbidden():
    """Without the open policy, only what a policy allows is allowed."""
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    bare = {"credaudit_target": OWN, "Policies": [{"Id": "p-one", "Type": SERVICE}]}
    case = account().export("scp.json", bare).export("scp.json", control_policy("p-one", allowed))
    [found] = case.judged(GUARDRAILS).findings
    assert found.facts["missing"] == ROOT
    assert str(found.facts["present"]).split("; ") == [LEAVING, TRAIL, ANALYZER, KEYS]


def test_a_policy_without_a_text_may_hold_any_guardrail():
    """Not assessed, and nothing is called missing."""
    case = account().export("scp.json", level(OWN, "p-unread"))
    assert case.status(GUARDRAILS) is Status.NOT_ASSESSED


def test_a_policy_that_may_be_attached_elsewhere_proves_nothing():
    """Without a word on what stands over the account."""
    case = account().export("scp.json", control_policy("p-one", *GUARDED))
    assert case.status(GUARDRAILS) is Status.NOT_ASSESSED


def test_a_limit_on_regions_is_told_and_not_asked_for():
    """For information."""
    ours = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
    limited = under(forbidden("*", when=ours))
    free = account().export("scp.json", level(OWN))
    regions = [each.judged(GUARDRAILS).findings[0].facts["regions"] for each in (limited, free)]
    assert regions == ["limited", "not limited"]


def test_the_management_account_stands_under_no_policy():
    """So it has no members in this check."""
    case = account().export("scp.json", level(OWN)).export("o.json", organization(OWN))
    assert case.status(GUARDRAILS) is Status.NOT_APPLICABLE


def test_guardrails_need_no_authorization_details():
    """The policies over the account are enough."""
    case = under(*GUARDED).without(DETAILS)
    assert case.status(GUARDRAILS) is Status.PASS
    assert missing(account().without(DETAILS).export("scp.json", level(OWN))) == EVERYTHING


@pytest.mark.parametrize(
    ("rule", "call"), [(GUARDRAILS, "list-policies"), (DELEGATES, "list-delegated")]
)
def test_files_that_are_missing_are_named_where_they_could_be_had(rule, call):
    """Not of an account that is in no organization, nor of one that says nothing of it."""
    case = account().export("organization.json", organization(OWN))
    if rule == GUARDRAILS:
        case = account().export("organization.json", organization(MANAGEMENT))
    result = case.judged(rule)
    assert result.status is Status.NOT_ASSESSED
    assert call in result.command
    alone = account().answer("o.json", "DescribeOrganization", "AWSOrganizationsNotInUseException")
    assert alone.status(rule) is Status.NOT_APPLICABLE
    assert account().status(rule) is Status.NOT_ASSESSED


# management-account-with-workloads


def ruling():
    """The management account."""
    return account().export("organization.json", organization(OWN))


def test_management_account_with_workloads_is_not_assessed_where_nobody_is_named():
    """A damaged description clears no account."""
    case = account().export("organization.json", {"Organization": "x"}).user("bot").key()
    assert case.status(WORKLOADS) is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    "case",
    [
        ruling().role("app", service="lambda.amazonaws.com"),
        ruling().user("bot").key(),
    ],
)
def test_a_program_in_the_management_account_is_found(case):
    """By its role or by its key."""
    assert case.status(WORKLOADS) is Status.FAIL


@pytest.mark.parametrize(
    "case",
    [
        ruling(),
        ruling().role("ops", service="config.amazonaws.com"),
        ruling().role("aws-controltower-ForwardSns", service="lambda.amazonaws.com"),
        ruling().user("ann").password().key(),
        ruling().user("bot").key(active=False),
    ],
)
def test_a_management_account_without_programs_keeps_the_rule(case):
    """Roles of AWS's own services, people, and keys that are off are no workload."""
    assert case.status(WORKLOADS) is Status.PASS


def test_a_member_account_is_for_workloads():
    """Not applicable."""
    case = account().export("organization.json", organization(MANAGEMENT))
    assert case.role("app").status(WORKLOADS) is Status.NOT_APPLICABLE


# account-outside-organization, organization-without-all-features


def test_an_account_without_an_organization_is_found():
    """By AWS's own word."""
    case = account().answer("o.json", "DescribeOrganization", "AWSOrganizationsNotInUseException")
    assert case.status(OUTSIDE) is Status.FAIL
    both = case.export("organization.json", organization(MANAGEMENT))
    assert both.status(OUTSIDE) is Status.NOT_ASSESSED
    refused = account().answer("o.json", "DescribeOrganization", "AccessDeniedException")
    assert refused.status(OUTSIDE) is Status.NOT_ASSESSED


@pytest.mark.parametrize("value", ["x", 7, [], {}, {"Id": ""}])
def test_what_stands_in_the_place_of_an_organization_is_none(value):
    """Nobody can tell whether the account belongs to one."""
    case = account().export("o.json", {"Organization": value})
    assert case.status(OUTSIDE) is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    ("features", "status"),
    [("ALL", Status.PASS), ("CONSOLIDATED_BILLING", Status.FAIL), (None, Status.NOT_ASSESSED)],
)
def test_an_organization_has_all_features(features, status):
    """Or it can forbid nothing."""
    case = account().export("organization.json", organization(MANAGEMENT, features))
    assert case.status(FEATURES) is status
    assert case.status(OUTSIDE) is Status.PASS


# delegated-administrator-undeclared


def test_an_undeclared_delegate_is_found():
    """Milder where nobody declared any, for then nobody was asked."""
    case = ruling().export("delegates.json", delegate(OTHER, MANAGEMENT))
    variants = {each.variant for each in case.judged(DELEGATES).findings}
    assert variants == {"none-declared"}
    [found] = case.limits(delegated_administrators=frozenset({OTHER})).judged(DELEGATES).findings
    assert (found.facts["delegate"], found.variant) == (MANAGEMENT, "")


def test_the_services_of_a_delegate_are_named():
    """From the second call, which is made for each of them."""
    services = [{"ServicePrincipal": "guardduty.amazonaws.com"}]
    answer = {"credaudit_delegate": OTHER, "DelegatedServices": services}
    case = ruling().export("delegates.json", delegate(OTHER)).export("delegates.json", answer)
    [found] = case.judged(DELEGATES).findings
    assert found.facts["services"] == "guardduty.amazonaws.com"


def test_delegates_are_told_in_the_management_account_alone():
    """And not again in each member."""
    case = account().export("organization.json", organization(MANAGEMENT))
    case = case.export("delegates.json", delegate(OTHER))
    assert case.status(DELEGATES) is Status.NOT_APPLICABLE
