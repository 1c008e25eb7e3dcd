"""Practice 7: whether anybody looks for unused access."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

RULE = "unused-access-analyzer-missing"
NONE = account().no_analyzer("eu-west-1")


def test_an_account_without_any_is_found_once():
    """With each region's list as its proof."""
    case = NONE.analyzer("us-east-1")
    assert [each.resource for each in case.proof(RULE)] == ["root"]
    assert len(case.judged(RULE).findings[0].locations) == 2


@pytest.mark.parametrize("sort", ["ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS"])
def test_one_analyzer_in_any_region_is_enough(sort: str):
    """IAM is global."""
    assert NONE.analyzer("us-east-1", sort).status(RULE) is Status.PASS


def test_an_analyzer_that_does_not_run_is_none():
    """Its status says so."""
    case = NONE.analyzer("us-east-1", "ACCOUNT_UNUSED_ACCESS", status="DISABLED")
    assert case.status(RULE) is Status.FAIL


def test_the_last_accessed_details_do_as_well():
    """Somebody has read them."""
    case = NONE.role("app").last_accessed("role/app", s3=1)
    assert case.status(RULE) is Status.PASS


def test_a_finding_shows_an_analyzer_that_lies_elsewhere():
    """One of the organization names the account's role."""
    role = "arn:aws:iam::111122223333:role/app"
    assert NONE.analyzer_finding(role, sort="UnusedIAMRole").status(RULE) is Status.PASS
    public = NONE.analyzer_finding("arn:aws:s3:::b", public=False)
    assert public.status(RULE) is Status.FAIL


def test_a_region_whose_list_could_not_be_read_is_not_assessed():
    """The analyzer may be there."""
    case = NONE.answer("analyzers-us-east-1.json", "ListAnalyzers", "AccessDeniedException")
    assert case.status(RULE) is Status.NOT_ASSESSED
