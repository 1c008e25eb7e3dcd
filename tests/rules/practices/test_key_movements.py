"""Practice 3 and 7: keys that are used in another place than a quarter ago."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

RULE = "key-new-region-or-service"
ANN = account().user("ann")
THEN = ANN.key(age=120, last_used=95, region="eu-west-1", service="s3")


def now(**use):
    """The same key as it was last used since."""
    return ANN.key(**{"age": 120, "last_used": 1, "region": "eu-west-1", "service": "s3"} | use)


@pytest.mark.parametrize(
    ("use", "news"),
    [
        ({"region": "us-east-1"}, "region us-east-1 instead of eu-west-1"),
        ({"service": "ec2"}, "service ec2 instead of s3"),
        (
            {"region": "us-east-1", "service": "ec2"},
            "service ec2 instead of s3, region us-east-1 instead of eu-west-1",
        ),
    ],
)
def test_a_use_in_another_place_is_found(use, news: str):
    """With both reports as proof."""
    case = now(**use).after(THEN)
    [finding] = case.judged(RULE).findings
    assert finding.facts["news"] == news
    assert finding.locations[0].column == "access_key_1_last_used_region"
    assert finding.locations[-1].pointer == "/accounts/0/population/keys/0"


def test_a_use_in_the_same_place_passes():
    """Whenever it was."""
    assert now().after(THEN).status(RULE) is Status.PASS


def test_the_region_of_a_global_service_says_nothing():
    """IAM's is always us-east-1; that the service is new does."""
    case = now(service="iam", region="us-east-1").after(THEN)
    assert case.judged(RULE).findings[0].facts["news"] == "service iam instead of s3"


def test_a_key_that_the_last_report_did_not_have_or_not_see_used_is_no_member():
    """Every place is new to it."""
    assert now(age=30).after(THEN).status(RULE) is Status.NOT_APPLICABLE
    unused = ANN.key(age=120, last_used=None)
    assert now().after(unused).status(RULE) is Status.NOT_APPLICABLE
    other = account("444455556666").user("ann").key(age=120)
    assert now(service="ec2").after(other).status(RULE) is Status.NOT_APPLICABLE


def test_two_keys_of_one_day_share_their_places():
    """Nobody can tell them apart in the last report."""
    then = THEN.key(age=120, last_used=95, region="us-east-1", service="s3")
    case = now(region="us-east-1").after(then)
    assert case.status(RULE) is Status.PASS


@pytest.mark.parametrize("column", ["last_rotated", "last_used_date", "active"])
def test_a_movement_is_not_assessed_where_a_cell_is_unreadable(column: str):
    """Which key it is, whether it was used, whether it works."""
    case = now(service="ec2").after(THEN).cell("ann", f"access_key_1_{column}", "?")
    assert case.status(RULE) is Status.NOT_ASSESSED


def test_without_a_last_report_nobody_asked():
    """The report alone shows no movement."""
    assert now().status(RULE) is Status.NOT_REQUESTED
