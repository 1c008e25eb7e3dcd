"""Practice 2: actions that change things and that nobody calls."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account, allow, deny
from tests.rules.small_exports import SECOND, days

RULE = "actions-unused"
APP = account().role("app").may("s3:*")
NEVER = {"DeleteBucket": None}


def test_a_granted_action_that_was_never_called_is_found():
    """With what it is called, and the answer as proof."""
    case = APP.last_used_actions("role/app", DeleteBucket=None, PutBucketPolicy=91, CreateBucket=1)
    [(resource, spot, _)] = case.proof(RULE)
    assert (resource, spot) == ("role/app", "last-accessed-actions.json:/ServicesLastAccessed")
    [finding] = case.judged(RULE).findings
    assert finding.facts["actions"] == "s3:DeleteBucket, s3:PutBucketPolicy"


@pytest.mark.parametrize(
    ("used", "status"),
    [(days(90), Status.PASS), (days(91), Status.FAIL), ("once", Status.NOT_ASSESSED)],
)
def test_an_action_is_unused_after_ninety_days(used, status):
    """A date that can't be read says nothing."""
    assert APP.last_used_actions("role/app", DeleteBucket=used).status(RULE) is status


def test_reading_is_left_to_other_checks():
    """Only what writes or gives rights counts."""
    assert APP.last_used_actions("role/app", ListAllMyBuckets=None).status(RULE) is Status.PASS


@pytest.mark.parametrize(
    "statements",
    [
        [allow("s3:PutObject")],
        [allow("s3:*"), deny("s3:DeleteBucket")],
        [allow("ec2:*")],
    ],
)
def test_an_action_that_is_not_granted_needs_no_taking_away(statements):
    """AWS may list it all the same."""
    case = account().role("app").inline("p", *statements)
    assert case.last_used_actions("role/app", **NEVER).status(RULE) is Status.PASS


def test_a_right_under_a_condition_is_no_sure_one():
    """Whether it is granted depends on the request."""
    case = account().role("app").may("s3:*", when={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    assert case.last_used_actions("role/app", **NEVER).status(RULE) is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    ("created", "status"),
    [(days(90) - SECOND, Status.PASS), (days(90), Status.FAIL), ("?", Status.NOT_ASSESSED)],
)
def test_nothing_is_called_unused_on_less_than_ninety_days_of_tracking(created, status):
    """Whoever is younger has left nothing unused for that long."""
    case = account().role("app", created=created).may("s3:*")
    assert case.last_used_actions("role/app", **NEVER).status(RULE) is status


def test_a_shorter_limit_does_not_shorten_the_tracking():
    """It says how idle an action may be, not how little may be known of it."""
    case = account().role("app", created=40).may("s3:*").limits(unused_action=30)
    assert case.last_used_actions("role/app", **NEVER).status(RULE) is Status.PASS


@pytest.mark.parametrize("used", [None, 91])
def test_a_service_that_nobody_uses_is_another_finding(used):
    """All of its actions are unused then."""
    assert APP.last_used_actions("role/app", used=used, **NEVER).status(RULE) is Status.PASS


def test_an_answer_about_services_says_nothing_of_actions():
    """It is not assessed, and the reason says why."""
    result = APP.last_accessed("role/app", s3=1).judged(RULE)
    assert result.status is Status.NOT_ASSESSED
    assert "of services, not of actions" in result.reason


def test_an_answer_of_nobody_known_or_unfinished_is_not_assessed():
    """A stranger's rights are not in the export."""
    assert APP.last_used_actions("role/gone", **NEVER).status(RULE) is Status.NOT_ASSESSED
    unfinished = {"credaudit_principal": APP.arn("role/app"), "JobStatus": "IN_PROGRESS"}
    case = APP.export("l.json", unfinished | {"ServicesLastAccessed": []})
    assert case.status(RULE) is Status.NOT_ASSESSED


def test_a_name_with_its_service_is_taken_as_it_is():
    """Some answers write s3:DeleteBucket."""
    case = APP.last_used_actions("role/app", **{"s3:DeleteBucket": None})
    [finding] = case.judged(RULE).findings
    assert finding.facts["actions"] == "s3:DeleteBucket"
