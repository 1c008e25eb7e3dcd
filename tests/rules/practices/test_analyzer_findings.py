"""Practice 7: what Access Analyzer found, and how long it has waited."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account
from tests.rules.organization_exports import organization

OWN, STRANGER, PARTNER = "111122223333", "999988887777", "444455556666"
OPEN, OVERDUE = "analyzer-external-finding-open", "analyzer-finding-overdue"
BUCKET = "arn:aws:s3:::shop-backup"


def finding(principal, *, age=10, sort="AWS::S3::Bucket", arn=BUCKET, **members):
    """A finding as list-findings, the older call, has it."""
    case = account()
    told = {"id": "f1", "resource": arn, "resourceType": sort, "resourceOwnerAccount": OWN}
    told |= {"status": "ACTIVE", "createdAt": case.when(age), "isPublic": False}
    told |= {"principal": principal, "action": ["s3:PutObject"]} | members
    return case.export("findings.json", {"findings": [told]})


def detailed(principal, *, listed=True, **detail):
    """The same by list-findings-v2 and get-finding-v2."""
    case = account()
    told = {"id": "f1", "resource": BUCKET, "resourceType": "AWS::S3::Bucket"}
    told |= {"status": "ACTIVE", "createdAt": case.when(10), "findingType": "ExternalAccess"}
    external = {"isPublic": False, "principal": principal, "action": ["s3:PutObject"]} | detail
    if listed:
        case = case.export("findings.json", {"findings": [told]})
    details = told | {"findingDetails": [{"externalAccessDetails": external}]}
    return case.export("details.json", details)


# analyzer-external-finding-open


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": STRANGER},
        {"AWS": f"arn:aws:iam::{STRANGER}:root"},
        {"AWS": f"arn:aws:sts::{STRANGER}:assumed-role/a/{OWN}"},
        {"AWS": [OWN, STRANGER]},
        {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
        {},
    ],
)
@pytest.mark.parametrize("make", [finding, detailed])
def test_a_stranger_with_access_is_found(make, principal):
    """By number or ARN; one without a number, or without a name, is a stranger, too."""
    [found] = make(principal).judged(OPEN).findings
    assert found.resource.arn == BUCKET
    assert found.variant == ""


@pytest.mark.parametrize(
    "principal", [{"AWS": OWN}, {"AWS": f"arn:aws:sts::{PARTNER}:assumed-role/a/{STRANGER}"}]
)
def test_a_known_account_keeps_the_rule(principal):
    """The account's own, and one that the settings declare."""
    case = detailed(principal).limits(own_accounts=frozenset({PARTNER}))
    assert case.status(OPEN) is Status.PASS


def test_the_organization_keeps_the_rule():
    """Its management account, and everybody where a condition asks for the organization."""
    told = organization(PARTNER)
    assert detailed({"AWS": PARTNER}).export("o.json", told).status(OPEN) is Status.PASS
    by_condition = {"condition": {"aws:PrincipalOrgID": "o-example123"}}
    assert detailed({"AWS": "*"}, **by_condition).export("o.json", told).status(OPEN) is Status.PASS
    of_another = {"condition": {"aws:PrincipalOrgID": "o-other"}}
    assert detailed({"AWS": "*"}, **of_another).export("o.json", told).status(OPEN) is Status.FAIL


@pytest.mark.parametrize(
    ("sort", "actions", "variant"),
    [
        ("AWS::S3::Bucket", ["s3:GetObject", "s3:ListBucket"], "reads"),
        ("AWS::S3::Bucket", ["s3:GetObject", "s3:PutObject"], ""),
        ("AWS::S3::Bucket", ["s3:GetObject", "s3:*"], ""),
        ("AWS::S3::Bucket", [], ""),
        ("AWS::SecretsManager::Secret", ["secretsmanager:GetSecretValue"], ""),
        ("AWS::KMS::Key", ["kms:Decrypt"], ""),
    ],
)
def test_a_stranger_that_only_reads_is_a_milder_case(sort, actions, variant):
    """Unless what it reads opens more, or the finding does not say what it may do."""
    [found] = finding({"AWS": STRANGER}, sort=sort, action=actions).judged(OPEN).findings
    assert found.variant == variant


@pytest.mark.parametrize("status", ["ARCHIVED", "RESOLVED"])
def test_a_settled_finding_needs_nobody(status):
    """Somebody looked at it, or the access is gone."""
    assert finding({"AWS": STRANGER}, status=status).status(OPEN) is Status.NOT_APPLICABLE


def test_what_cant_be_read_is_not_passed_over():
    """A status, a verdict, or a finding of which no details were handed in."""
    assert finding({"AWS": STRANGER}, status="NEW").status(OPEN) is Status.NOT_ASSESSED
    assert finding({"AWS": STRANGER}, isPublic="maybe").status(OPEN) is Status.NOT_ASSESSED
    assert account().analyzer_finding(BUCKET).status(OPEN) is Status.NOT_ASSESSED
    unused = account().analyzer_finding(BUCKET, sort="UnusedIAMRole")
    assert unused.status(OPEN) is Status.NOT_ASSESSED


def test_what_other_checks_say_is_not_said_twice():
    """Public access, and trusts of roles whose policies were handed in."""
    assert finding({"AWS": "*"}, isPublic=True).status(OPEN) is Status.NOT_APPLICABLE
    role = f"arn:aws:iam::{OWN}:role/app"
    case = finding({"AWS": STRANGER}, sort="AWS::IAM::Role", arn=role)
    assert case.status(OPEN) is Status.FAIL
    assert case.role("app").status(OPEN) is Status.NOT_APPLICABLE


def test_a_finding_is_told_once():
    """Its entry in the list and its details are one."""
    assert detailed({"AWS": STRANGER}).judged(OPEN).population == 1


# analyzer-finding-overdue


@pytest.mark.parametrize(("age", "status"), [(90, Status.PASS), (91, Status.FAIL)])
@pytest.mark.parametrize("sort", ["ExternalAccess", "UnusedIAMRole", "UnusedPermission"])
def test_a_finding_waits_for_a_quarter_at_most(age, status, sort):
    """Whatever its type."""
    assert finding({}, age=age, findingType=sort).status(OVERDUE) is status


def test_the_limit_can_be_set():
    """In days."""
    assert finding({}, age=20).limits(finding_age=10).status(OVERDUE) is Status.FAIL


def test_findings_of_one_type_are_one_finding():
    """With the number, the oldest, and all their places."""
    case = finding({}, age=200)
    more = {"id": "f2", "resource": BUCKET, "resourceOwnerAccount": OWN, "status": "ACTIVE"}
    more |= {"createdAt": case.when(300), "isPublic": False}
    case = case.export("more.json", {"findings": [more]})
    [found] = case.judged(OVERDUE).findings
    assert found.facts["count"] == 2
    assert f"{found.facts['oldest']:%Y-%m-%d}" == case.when(300)[:10]
    assert len(found.locations) == 2


def test_a_finding_without_a_date_can_not_be_told_to_be_young():
    """Nor one whose status nobody knows."""
    assert finding({}, createdAt="soon").status(OVERDUE) is Status.NOT_ASSESSED
    assert finding({}, status="NEW").status(OVERDUE) is Status.NOT_ASSESSED
    assert finding({}, age=400, status="ARCHIVED").status(OVERDUE) is Status.NOT_APPLICABLE
