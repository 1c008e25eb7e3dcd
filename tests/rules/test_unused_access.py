"""What unused-access analyzers say is told as theirs, and joined with the users."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account

ANN = account().user("ann", path="/eu/")
KEY, PASSWORD = "UnusedIAMUserAccessKey", "UnusedIAMUserPassword"
RULES = {KEY: "key-unused-45-days", PASSWORD: "password-unused"}
OF_ANN = "arn:aws:iam::111122223333:user/ann"


@pytest.mark.parametrize("sort", RULES)
def test_a_finding_on_a_credential_is_one_of_the_user(sort: str):
    """Without the report, the analyzer's word alone shows it."""
    case = account().analyzer_finding(OF_ANN, sort=sort).role("app").without(REPORT)
    [(resource, spot, _)] = case.proof(RULES[sort])
    assert (resource, spot) == ("user/ann", "findings.json:/findings/0")


def test_the_dates_of_the_report_and_the_finding_are_one_finding():
    """The user is the same whether or not the analyzer writes the path."""
    case = ANN.password(last_used=200).analyzer_finding(OF_ANN, sort=PASSWORD)
    [finding] = case.judged("password-unused").findings
    assert finding.facts["idle"] == 200
    assert case.value_at(finding.locations[-1])[0] == "findings.json"


def test_a_password_that_was_never_used_shows_the_finding_too():
    """Another rule speaks of it, with the same proof."""
    case = ANN.password(changed=200, last_used=None).analyzer_finding(OF_ANN, sort=PASSWORD)
    [finding] = case.judged("initial-password-never-used").findings
    assert case.value_at(finding.locations[-1])[0] == "findings.json"
    assert case.status("password-unused") is Status.NOT_APPLICABLE


@pytest.mark.parametrize("sort", RULES)
@pytest.mark.parametrize("analyzed", [None, 1])
def test_a_use_that_the_report_shows_is_named_beside_the_finding(sort: str, analyzed: int | None):
    """Neither source is dropped: the sentence has both, where the report is not known as newer."""
    case = ANN.password(last_used=3).key(last_used=3)
    case = case.analyzer_finding(OF_ANN, sort=sort, analyzed=analyzed)
    [finding] = case.judged(RULES[sort]).findings
    assert finding.variant == "analyzer"
    assert finding.facts["last"].strftime("%Y-%m-%d") == "2026-09-28"
    assert finding.resource.arn.endswith(":user/eu/ann")


@pytest.mark.parametrize("sort", RULES)
def test_a_use_after_the_analyzer_looked_ends_the_finding(sort: str):
    """The list of findings is older than the report."""
    case = ANN.password(last_used=3).key(last_used=3)
    case = case.analyzer_finding(OF_ANN, sort=sort, analyzed=4)
    assert case.status(RULES[sort]) is Status.PASS


@pytest.mark.parametrize("other", [20, None])
def test_of_two_keys_the_less_used_may_be_the_one_that_is_meant(other: int | None):
    """The analyzer names the user and no key, so the use of one of them proves nothing."""
    case = ANN.key(last_used=3).key(last_used=other, age=30)
    case = case.analyzer_finding(OF_ANN, sort=KEY, analyzed=10)
    [finding] = case.judged("key-unused-45-days").findings
    assert finding.variant == "analyzer"


@pytest.mark.parametrize("sort", RULES)
def test_a_finding_on_a_credential_that_is_gone_counts_no_more(sort: str):
    """The report shows Ann without a password and with an inactive key."""
    case = ANN.key(active=False).analyzer_finding(OF_ANN, sort=sort)
    assert case.status(RULES[sort]) in {Status.PASS, Status.NOT_APPLICABLE}


def test_an_answer_about_a_listed_finding_is_no_second_one():
    """get-finding-v2 was asked for what list-findings-v2 names as resolved since."""
    answer = {"id": f"id of {OF_ANN}", "resource": OF_ANN, "findingType": KEY, "status": "ACTIVE"}
    case = ANN.key(last_used=3).analyzer_finding(OF_ANN, sort=KEY, status="RESOLVED")
    case = case.export("f.json", answer | {"findingDetails": [{}]})
    assert case.status("key-unused-45-days") is Status.PASS


def test_an_answer_about_a_finding_counts_without_the_list():
    """get-finding-v2 alone says as much."""
    answer = {"id": "1", "resource": OF_ANN, "status": "ACTIVE", "findingType": KEY}
    case = ANN.key(last_used=3).export("f.json", answer | {"findingDetails": [{}]})
    [(resource, spot, _)] = case.proof("key-unused-45-days")
    assert (resource, spot) == ("user/eu/ann", "f.json:")


@pytest.mark.parametrize("sort", RULES)
def test_findings_of_other_analyzers_show_nothing_of_credentials(sort: str):
    """They say who comes in from outside, so the credentials are not assessed."""
    case = account().analyzer_finding("arn:aws:s3:::b", public=False).role("app")
    case = case.without(REPORT)
    assert case.status(RULES[sort]) is Status.NOT_ASSESSED


def test_an_archived_finding_needs_nobody():
    """Somebody has looked at it."""
    case = account().analyzer_finding(OF_ANN, sort=KEY, status="ARCHIVED").role("app")
    case = case.without(REPORT)
    assert case.status("key-unused-45-days") is Status.PASS


def test_public_access_is_not_assessed_by_unused_access():
    """The findings are there, and none of them speaks of the public."""
    case = account().analyzer_finding(OF_ANN, sort=KEY)
    assert case.status("analyzer-public-finding-open") is Status.NOT_ASSESSED


def test_public_access_is_assessed_by_findings_of_both_analyzers():
    """One of them does."""
    case = account().analyzer_finding(OF_ANN, sort=KEY)
    case = case.analyzer_finding("arn:aws:s3:::b", public=False)
    assert case.status("analyzer-public-finding-open") is Status.PASS


def test_unused_findings_without_one_on_roles_show_no_unused_role():
    """They are those of an unused-access analyzer, and name no role."""
    case = account().analyzer_finding(OF_ANN, sort=KEY).without(DETAILS)
    assert case.status("role-unused-90-days") is Status.NOT_APPLICABLE


def test_unused_services_are_told_without_a_period_that_nobody_knows():
    """The finding names neither the services nor the days."""
    role = "arn:aws:iam::111122223333:role/app"
    case = account().role("app").analyzer_finding(role, sort="UnusedPermission")
    [finding] = case.judged("granted-services-unused").findings
    assert finding.variant == "analyzer"
    assert finding.facts["period"] == "the time that the analyzer looks back"


def test_the_period_is_the_analyzers_own_where_list_analyzers_tells_it():
    """An analyzer of 60 days found it."""
    unused = {"unusedAccess": {"unusedAccessAge": 60}}
    arn = "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/u"
    analyzer = {"arn": arn, "name": "u", "type": "ACCOUNT_UNUSED_ACCESS", "configuration": unused}
    listed = {"credaudit_region": "eu-west-1", "analyzers": [analyzer]}
    case = account().export("analyzers-eu-west-1.json", listed)
    [finding] = case.analyzer_finding(OF_ANN, sort=KEY).judged("key-unused-45-days").findings
    assert finding.facts["period"] == "60 days"
