"""Practice 4: what accounts outside may change, external IDs, and branches of one repository."""

import pytest

from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from tests.builders import account, the_catalogue
from tests.rules.organization_exports import organization

OWN, PARTNER, OTHER = "111122223333", "444455556666", "777788889999"
WRITES, IDS = "role-external-writes", "external-id-shared-or-guessable"
SUBJECTS = "oidc-trust-subject-unbounded"
LONG = "0b0e5a1c-7f3a-4d1e"
GITHUB = "token.actions.githubusercontent.com"


def opened(*may, to=PARTNER):
    """A role for an outside account."""
    return account().role("partner").may(*may).trusts({"AWS": f"arn:aws:iam::{to}:root"})


def by_id(*trusts, operator="StringEquals"):
    """One role for each account and external ID."""
    case = account()
    for number, (to, value) in enumerate(trusts):
        when = {operator: {"sts:ExternalId": value}}
        case = case.role(f"r{number}").trusts({"AWS": to}, when=when)
    return case


def variants(case, rule):
    """Role and variant of each finding."""
    found = case.judged(rule).findings
    return [(str(each.facts["role"]), each.variant) for each in found]


# role-external-writes


@pytest.mark.parametrize("action", ["s3:PutObject", "sqs:TagQueue", "s3:PutBucketPolicy"])
def test_an_outside_account_that_can_change_something_is_found(action):
    """By any right that is not one to list or read."""
    [finding] = opened("s3:GetObject", action).judged(WRITES).findings
    assert finding.facts["rights"] == action


@pytest.mark.parametrize("action", ["s3:GetObject", "ec2:Describe*", "athena:Get*"])
def test_an_outside_account_that_only_reads_is_none(action):
    """Reading has a check of its own."""
    assert opened(action).status(WRITES) is Status.PASS


def test_an_administrator_is_told_elsewhere():
    """Once for one cause."""
    case = opened("*")
    assert case.status(WRITES) is Status.NOT_APPLICABLE
    assert case.status("role-external-privileged") is Status.FAIL


def test_a_declared_account_may_write():
    """And so may the organization's own."""
    case = opened("s3:PutObject")
    assert case.limits(own_accounts=frozenset({PARTNER})).status(WRITES) is Status.NOT_APPLICABLE
    member = case.export("organization.json", organization(PARTNER))
    assert member.status(WRITES) is Status.NOT_APPLICABLE


def test_a_policy_without_a_text_may_allow_to_write():
    """Nothing unknown is called harmless."""
    case = opened("s3:GetObject").attached("arn:aws:iam::111122223333:policy/gone")
    assert case.status(WRITES) is Status.NOT_ASSESSED


# external-id-shared-or-guessable


def test_one_external_id_for_two_accounts_is_shared():
    """Each of the two roles is found."""
    case = by_id((PARTNER, LONG), (OTHER, LONG))
    assert variants(case, IDS) == [("r0", ""), ("r1", "")]


def test_one_external_id_for_two_roles_of_one_account_is_not_shared():
    """It is one relationship."""
    assert by_id((PARTNER, LONG), (PARTNER, LONG)).status(IDS) is Status.PASS


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("x" * 7, Status.FAIL),
        ("x" * 8, Status.PASS),
        (OWN, Status.FAIL),
        (PARTNER, Status.FAIL),
        (LONG, Status.PASS),
        ([LONG, "x"], Status.FAIL),
    ],
)
def test_an_external_id_that_can_be_tried_out_is_found(value, status):
    """Fewer than eight characters, or the number of an account that anybody knows."""
    assert by_id((PARTNER, value)).status(IDS) is status


@pytest.mark.parametrize(
    ("value", "status"), [("acme-*-of-ours", Status.FAIL), ("acme-shop-7f3a-*", Status.PASS)]
)
def test_of_a_pattern_the_fixed_beginning_counts(value, status):
    """Whatever follows is free to whoever asks."""
    assert by_id((PARTNER, value), operator="StringLike").status(IDS) is status


def test_trusts_of_known_accounts_need_no_external_id():
    """An ID between one's own accounts keeps nobody apart."""
    case = by_id((PARTNER, "x")).limits(own_accounts=frozenset({PARTNER}))
    assert case.status(IDS) is Status.NOT_APPLICABLE


# oidc-trust-subject-unbounded: any branch


def pipeline(subject, *may):
    """A role for pipelines of GitHub."""
    when = {
        "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"},
        "StringLike": {f"{GITHUB}:sub": subject},
    }
    federated = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
    made = account().role("ci").may(*may)
    return made.trusts(federated, action="sts:AssumeRoleWithWebIdentity", when=when)


@pytest.mark.parametrize(
    ("may", "severity"), [("*", Severity.MEDIUM), ("s3:GetObject", Severity.LOW)]
)
def test_any_branch_of_one_repository_is_a_milder_case(may, severity):
    """Strangers stay out; whoever may push a branch gets in."""
    [finding] = pipeline("repo:acme/app:*", may).judged(SUBJECTS).findings
    told = the_catalogue().entry_of(SUBJECTS, finding.variant)
    assert told.severity is severity
    assert finding.facts["subject"] == "repo:acme/app:*"


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/app:ref:refs/heads/main",
        "repo:acme/app:ref:refs/heads/release-*",
        "repo:acme/app:environment:prod",
    ],
)
def test_a_branch_or_environment_keeps_the_rule(subject):
    """Also by a pattern that keeps to some branches."""
    assert pipeline(subject, "*").status(SUBJECTS) is Status.PASS


@pytest.mark.parametrize("claim", ["ref", "environment", "job_workflow_ref"])
def test_a_claim_can_name_the_branch_in_place_of_the_subject(claim):
    """A claim of its own pins what the subject leaves open."""
    case = pipeline("repo:acme/app:*", "*")
    trust = case.details["RoleDetailList"][-1]["AssumeRolePolicyDocument"]["Statement"][0]
    trust["Condition"]["StringEquals"][f"{GITHUB}:{claim}"] = "refs/heads/main"
    assert case.status(SUBJECTS) is Status.PASS
    trust["Condition"]["StringEquals"][f"{GITHUB}:{claim}"] = ""
    assert case.status(SUBJECTS) is Status.FAIL


def test_any_branch_at_gitlab_is_the_same_case():
    """Its subjects begin with project_path."""
    federated = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/gitlab.com"}
    when = {
        "StringEquals": {"gitlab.com:aud": "https://gitlab.com"},
        "StringLike": {"gitlab.com:sub": "project_path:acme/app:*"},
    }
    case = account().role("ci").may("*")
    case = case.trusts(federated, action="sts:AssumeRoleWithWebIdentity", when=when)
    assert variants(case, SUBJECTS) == [("ci", "any-branch")]


def test_any_repository_of_an_owner_is_no_milder_case():
    """That was found before."""
    [finding] = pipeline("repo:acme/*", "*").judged(SUBJECTS).findings
    assert finding.variant == ""
