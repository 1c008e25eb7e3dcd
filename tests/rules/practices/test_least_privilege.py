"""Practice 2, as far as no policy has to be evaluated for it."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, account, allow
from tests.rules.small_exports import days

CLOUDSHELL = "AWSCloudShellFullAccess"


# cloudshell-full-access


@pytest.mark.parametrize(
    ("case", "resource", "spot"),
    [
        (account().user("ann").attached(CLOUDSHELL), "user/ann", "UserDetailList"),
        (account().empty_group("dev").attached(CLOUDSHELL), "group/dev", "GroupDetailList"),
        (account().role("app").attached(CLOUDSHELL), "role/app", "RoleDetailList"),
        (
            account(partition="aws-us-gov").role("app").attached(CLOUDSHELL),
            "role/app",
            "RoleDetailList",
        ),
    ],
    ids=["user", "group", "role", "other partition"],
)
def test_cloudshell_full_access_fails_for_whoever_holds_it(case, resource: str, spot: str):
    """Any principal, in any partition."""
    [(who, where, value)] = case.proof("cloudshell-full-access")
    assert (who, value["PolicyName"]) == (resource, CLOUDSHELL)
    assert where == f"{DETAILS}:/{spot}/0/AttachedManagedPolicies/0"


def test_cloudshell_full_access_passes_where_nobody_holds_it():
    """Other policies of AWS are no matter of this rule."""
    case = account().user("ann").attached("ReadOnlyAccess")
    assert case.status("cloudshell-full-access") is Status.PASS


# unused-customer-policy


def test_unused_customer_policy_fails_without_attachment_or_boundary():
    """Attached to nothing, and nobody's boundary."""
    case = account().policy("old", attachments=0)
    expected = [("policy/old", f"{DETAILS}:/Policies/0/AttachmentCount", 0)]
    assert case.proof("unused-customer-policy") == expected


@pytest.mark.parametrize(("attachments", "boundaries"), [(1, 0), (0, 1)])
def test_unused_customer_policy_passes_with_either(attachments: int, boundaries: int):
    """A policy that only serves as a boundary is in use."""
    own = "arn:aws:iam::111122223333:policy/p"
    user = account().user("ann")
    case = user.attached(own) if attachments else user.boundary(own)
    case = case.policy("p", allow("s3:Get*"), attachments=attachments, boundaries=boundaries)
    assert case.status("unused-customer-policy") is Status.PASS


def test_unused_customer_policy_does_not_concern_the_policies_of_aws():
    """The account can't delete what AWS maintains."""
    case = account().policy("p", attachments=0).member(Arn="arn:aws:iam::aws:policy/Billing")
    assert case.status("unused-customer-policy") is Status.NOT_APPLICABLE


@pytest.mark.parametrize("count", ["AttachmentCount", "PermissionsBoundaryUsageCount"])
def test_unused_customer_policy_is_not_assessed_where_a_count_is_missing(count: str):
    """A count that the export does not give is not zero."""
    case = account().policy("p", attachments=0).member(**{count: None})
    assert case.status("unused-customer-policy") is Status.NOT_ASSESSED


# granted-services-unused


def test_granted_services_unused_fails_for_a_service_past_the_limit():
    """One granted service was last used 91 days ago."""
    case = account().role("app").last_accessed("role/app", s3=1, sqs=days(91))
    [(resource, spot, value)] = case.proof("granted-services-unused")
    assert (resource, spot) == ("role/app", "last-accessed.json:/ServicesLastAccessed")
    assert value[1]["LastAuthenticated"] == "2026-07-02T00:00:00+00:00"


def test_granted_services_unused_fails_for_a_service_that_was_never_used():
    """No LastAuthenticated in a complete answer means: not in the tracking period."""
    case = account().role("app").last_accessed("role/app", s3=1, sqs=None)
    assert case.proof("granted-services-unused")


def test_granted_services_unused_passes_at_the_limit():
    """Every service was used, the last one exactly 90 days ago."""
    case = account().role("app").last_accessed("role/app", s3=1, sqs=days(90))
    assert case.status("granted-services-unused") is Status.PASS


@pytest.mark.parametrize("service", ["bedrock", "sagemaker", "iam", "kms"])
def test_granted_services_unused_names_the_sensitive_services_first(service: str):
    """Rights that do most harm stand first in the sentence."""
    case = account().role("app").last_accessed("role/app", amplify=None, **{service: None})
    [finding] = case.judged("granted-services-unused").findings
    assert str(finding.facts["services"]).startswith(service)


def test_granted_services_unused_fails_for_an_open_analyzer_finding():
    """Access Analyzer says the same in its own words."""
    role = "arn:aws:iam::111122223333:role/app"
    case = account().role("app").analyzer_finding(role, sort="UnusedPermission")
    [(resource, spot, _)] = case.proof("granted-services-unused")
    assert (resource, spot) == ("role/app", "findings.json:/findings/0")


@pytest.mark.parametrize("status", ["ARCHIVED", "RESOLVED"])
def test_granted_services_unused_does_not_repeat_a_closed_analyzer_finding(status: str):
    """Somebody has dealt with it."""
    role = "arn:aws:iam::111122223333:role/app"
    case = account().role("app").analyzer_finding(role, sort="UnusedPermission", status=status)
    assert case.status("granted-services-unused") is not Status.FAIL


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED"])
def test_granted_services_unused_is_not_assessed_while_the_job_runs(status: str):
    """A job that was not complete names too few services, or none."""
    case = account().role("app").last_accessed("role/app", status, s3=1)
    assert case.status("granted-services-unused") is Status.NOT_ASSESSED


def test_granted_services_unused_is_not_assessed_for_an_unreadable_date():
    """A date of use that can't be read may be yesterday's."""
    case = account().role("app").last_accessed("role/app", s3="?")
    assert case.status("granted-services-unused") is Status.NOT_ASSESSED


def test_granted_services_unused_passes_for_a_principal_younger_than_the_limit():
    """In ninety days nobody can have left a service unused for longer."""
    for made, wanted in ((1, Status.PASS), (days(90), Status.PASS), (91, Status.FAIL)):
        role = account().role("app", created=made).last_accessed("role/app", kms=None, s3=0.5)
        assert role.status("granted-services-unused") is wanted
        user = account().user("ann", created=made).last_accessed("user/ann", kms=None)
        assert user.status("granted-services-unused") is wanted


def test_granted_services_unused_is_one_finding_though_the_analyzer_leaves_out_the_path():
    """Both sources tell of one role; the dates speak, and both places stand."""
    case = account().role("app", path="/jobs/").last_accessed("role/jobs/app", sqs=None)
    case = case.analyzer_finding("arn:aws:iam::111122223333:role/app", sort="UnusedPermission")
    result = case.judged("granted-services-unused")
    [finding] = result.findings
    assert (result.population, finding.variant) == (1, "")
    assert finding.resource.arn.endswith(":role/jobs/app")
    files = {case.value_at(each)[0] for each in finding.locations}
    assert files == {"last-accessed.json", "findings.json"}


def test_granted_services_unused_blames_nobody_for_an_answer_without_a_principal():
    """AWS's answer does not say of whom it is; root has no such answer."""
    service = {"ServiceNamespace": "kms"}
    answer = {"JobStatus": "COMPLETED", "ServicesLastAccessed": [service]}
    case = account().export("a.json", answer).export("b.json", answer | {"JobType": "x"})
    result = case.judged("granted-services-unused")
    assert result.status is Status.NOT_ASSESSED
    assert not result.findings
    assert "a.json does not say of whom it is" in result.reason
    assert "credaudit_principal" in result.reason


def test_granted_services_unused_counts_a_principal_of_two_sources_once():
    """Last-accessed answer and analyzer finding are about one role: one member, one finding."""
    role = "arn:aws:iam::111122223333:role/app"
    for age in (1, 200):
        case = account().role("app").last_accessed("role/app", s3=age)
        result = case.analyzer_finding(role, sort="UnusedPermission").judged(
            "granted-services-unused"
        )
        assert (result.population, result.failed) == (1, 1)
        assert len(result.findings[0].locations) == 1 + (age == 200)


def test_granted_services_unused_needs_no_answer_for_whom_the_analyzer_judged():
    """Two sources together cover everyone."""
    role = "arn:aws:iam::111122223333:role/app"
    case = account().role("app").role("web").last_accessed("role/web", s3=1)
    result = case.analyzer_finding(role, sort="UnusedPermission").judged("granted-services-unused")
    assert (result.population, result.failed, result.unknown) == (2, 1, 0)
