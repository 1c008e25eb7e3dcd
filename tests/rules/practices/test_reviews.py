"""Practice 7, first half: whether anybody looks, and acts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from analyzer.rules.engine import run_checks
from analyzer.rules.finding import Status
from tests.builders import REPORT_TIME, account, the_catalogue
from tests.rules.small_exports import SECOND, days

BUCKET = "arn:aws:s3:::open-bucket"
MISSING = "external-access-analyzer-missing"


# external-access-analyzer-missing


def test_external_access_analyzer_missing_fails_for_a_region_without_one():
    """One region has an analyzer, the other one none."""
    case = account().analyzer("eu-west-1").no_analyzer("us-east-1")
    assert case.proof(MISSING) == [("root", "analyzers-us-east-1.json:/analyzers", [])]


@pytest.mark.parametrize("sort", ["ACCOUNT", "ORGANIZATION"])
def test_external_access_analyzer_missing_passes_with_an_active_one(sort: str):
    """An organization's analyzer counts."""
    assert account().analyzer("eu-west-1", sort).status(MISSING) is Status.PASS


@pytest.mark.parametrize(
    ("sort", "status"),
    [
        ("ACCOUNT_UNUSED_ACCESS", "ACTIVE"),
        ("ORGANIZATION_UNUSED_ACCESS", "ACTIVE"),
        ("ACCOUNT_INTERNAL_ACCESS", "ACTIVE"),
        ("ACCOUNT", "CREATING"),
        ("ACCOUNT", "DISABLED"),
        ("ACCOUNT", "FAILED"),
    ],
)
def test_external_access_analyzer_missing_fails_for_other_types_and_states(sort: str, status: str):
    """Only an active analyzer of external access looks for external access."""
    assert account().analyzer("eu-west-1", sort, status).status(MISSING) is Status.FAIL


def test_external_access_analyzer_missing_fails_once_for_each_region():
    """Two regions are two findings, and two fingerprints."""
    findings = account().no_analyzer("eu-west-1").no_analyzer("us-east-1").judged(MISSING).findings
    assert {each.facts["region"] for each in findings} == {"eu-west-1", "us-east-1"}
    assert len({each.fingerprint for each in findings}) == 2


# analyzer-public-finding-open


def test_analyzer_public_finding_open_fails_for_a_public_resource():
    """get-finding-v2 says isPublic, and the finding is open."""
    [(_, spot, value)] = (
        account().analyzer_finding(BUCKET, public=True).proof("analyzer-public-finding-open")
    )
    expected = "finding-details.json:/findingDetails/0/externalAccessDetails/isPublic"
    assert (spot, value) == (expected, True)


def test_analyzer_public_finding_open_names_the_resource():
    """The finding is about the resource, not about the account."""
    case = account().analyzer_finding(BUCKET, public=True)
    [finding] = case.judged("analyzer-public-finding-open").findings
    assert finding.resource.arn == BUCKET


def test_analyzer_public_finding_open_passes_for_access_from_another_account():
    """External, but not public."""
    case = account().analyzer_finding(BUCKET, public=False)
    assert case.status("analyzer-public-finding-open") is Status.PASS


@pytest.mark.parametrize("status", ["ARCHIVED", "RESOLVED"])
def test_analyzer_public_finding_open_does_not_concern_closed_findings(status: str):
    """Somebody archived it or repaired the policy."""
    case = account().analyzer_finding(BUCKET, public=True, status=status)
    assert case.status("analyzer-public-finding-open") is not Status.FAIL


def test_analyzer_public_finding_open_is_not_assessed_without_the_detail():
    """list-findings-v2 does not say isPublic."""
    case = account().analyzer_finding(BUCKET)
    assert case.status("analyzer-public-finding-open") is Status.NOT_ASSESSED


def test_analyzer_public_finding_open_is_not_assessed_where_it_is_unreadable():
    """A value that is no truth value says nothing."""
    case = account().analyzer_finding(BUCKET, public="perhaps")
    assert case.status("analyzer-public-finding-open") is Status.NOT_ASSESSED


def test_analyzer_public_finding_open_is_not_assessed_by_findings_on_idle_members():
    """An organization's analyzer of unused access says nothing of public access, here or there."""
    role = "arn:aws:iam::444455556666:role/idle"
    case = account().analyzer_finding(role, sort="UnusedIAMRole")
    assert case.status("analyzer-public-finding-open") is Status.NOT_ASSESSED


ANN = account().user("ann").password().tag("owner")

# exception-expired


def covering(**members: object):
    """An account with a finding, and an exception that covers it."""
    return ANN.accepted("console-user-no-mfa", **members)


def test_exception_expired_fails_a_second_past_the_date():
    """The exception ended a second before the report."""
    case = covering(expires=REPORT_TIME - SECOND)
    expected = [("root", "exceptions:exceptions.toml/exception/0", None)]
    assert case.proof("exception-expired") == expected


@pytest.mark.parametrize("left", [timedelta(), days(60)])
def test_exception_expired_passes_until_the_date(left: timedelta):
    """An exception that ends at the report's very second has not ended before it."""
    assert covering(expires=REPORT_TIME + left).status("exception-expired") is Status.PASS


@pytest.mark.parametrize("member", ["owner", "approver", "reason"])
def test_exception_expired_fails_where_nobody_answers_for_it(member: str):
    """An exception names its owner, its approver and its reason."""
    assert covering(**{member: " "}).status("exception-expired") is Status.FAIL


def test_exception_expired_fails_without_a_date():
    """What never ends is no exception."""
    assert covering(expires=None).status("exception-expired") is Status.FAIL


def test_exception_expired_fails_for_what_accepts_nothing():
    """Its rule was judged, and finds nothing that it covers."""
    case = ANN.mfa().accepted("console-user-no-mfa")
    [finding] = case.judged("exception-expired").findings
    assert finding.facts["fault"] == "accepts nothing that is found"


@pytest.mark.parametrize(
    "case",
    [
        ANN.accepted("password-min-length"),
        ANN.mfa().cell("ann", "mfa_active", "?").accepted("console-user-no-mfa"),
    ],
    ids=["not handed in", "unreadable"],
)
def test_exception_expired_is_not_assessed_while_its_rule_is_not(case):
    """Whether it is still needed nobody knows; a missing file deletes no exception."""
    assert case.status("exception-expired") is Status.NOT_ASSESSED


def test_exception_expired_passes_where_another_account_needs_it():
    """One exception for all accounts is needed if one of them has the finding."""
    given = ANN.mfa().accepted("console-user-no-mfa").case()
    for used, wanted in ((frozenset(), Status.FAIL), ({"X-console-user-no-mfa"}, Status.PASS)):
        results = run_checks(replace(given, told_elsewhere=frozenset(used)), the_catalogue())
        [told] = [each for each in results if each.rule == "exception-expired"]
        assert told.status is wanted


def test_exception_expired_is_not_requested_without_an_exceptions_file():
    """No file was handed in."""
    assert ANN.status("exception-expired") is Status.NOT_REQUESTED
