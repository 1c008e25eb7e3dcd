"""What AWS's answer on the last use says, and what it leaves open."""

import pytest

from tests.builders import account
from tests.proposals.uses import asked, kept, use_of

ANN = account().user("ann")


def test_a_service_without_use_in_the_period_is_unused():
    """Ninety days are enough, and a use within them is one."""
    case = asked(ANN, "user/ann", {"s3": 89, "ec2": 91, "sqs": None})
    assert kept(case, "user/ann", "s3:GetObject", "ec2:RunInstances", "sqs:SendMessage") == [
        "s3:GetObject"
    ]


def test_of_tracked_actions_those_without_use_are_unused():
    """What the answer does not name is not tracked, so it stays."""
    case = asked(ANN, "user/ann", {"s3": {"CreateBucket": 3, "DeleteBucket": None}})
    assert kept(case, "user/ann", "s3:CreateBucket", "s3:DeleteBucket", "s3:GetObject") == [
        "s3:CreateBucket",
        "s3:GetObject",
    ]


def test_pass_role_is_never_unused():
    """AWS does not track it."""
    case = asked(ANN, "user/ann", {"iam": None})
    assert kept(case, "user/ann", "iam:PassRole", "iam:CreateUser") == ["iam:PassRole"]


@pytest.mark.parametrize(("is_cut", "is_listed"), [(False, False), (True, True)])
def test_what_a_whole_answer_does_not_list_is_kept_only_where_it_is_named(is_cut, is_listed):
    """Of a cut answer nobody knows what else it held."""
    case = asked(ANN, "user/ann", {"s3": 1}, cut=is_cut)
    use = use_of(case, "user/ann")
    assert kept(case, "user/ann", "glue:GetTable") == ["glue:GetTable"]
    assert (use.keep_listed == use.keep) is is_listed


def test_a_time_that_cannot_be_read_is_a_use():
    """It may be yesterday."""
    case = asked(ANN, "user/ann", {"s3": 1})
    entry = case.exports["last-accessed-user-ann.json"][0]["ServicesLastAccessed"][0]
    entry["LastAuthenticated"] = "soon"
    assert kept(case, "user/ann", "s3:GetObject") == ["s3:GetObject"]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (asked(ANN, "user/ann", {"s3": None}, age=91), "answer is 91 days old"),
        (asked(account().user("ann", created=80), "user/ann", {"s3": None}), "less than 90 days"),
        (ANN, "no export tells what its holder used"),
        (ANN.last_accessed("user/ann", "IN_PROGRESS", s3=None), "not complete"),
    ],
)
def test_nothing_is_judged_on_less_than_the_period(case, reason):
    """Too young, too old, unfinished or absent evidence leaves a principal alone."""
    assert reason in use_of(case, "user/ann").reason


def test_a_service_answer_says_that_it_knows_no_actions():
    """And names the option that asks for them."""
    case = ANN.last_accessed("user/ann", s3=1)
    assert any("ACTION_LEVEL" in each for each in use_of(case, "user/ann").bounds)


def test_an_answer_from_after_the_report_makes_no_late_use_an_old_one():
    """A clock that runs ahead, or a forged time, would have thrown away what was used today."""
    case = asked(ANN, "user/ann", {"s3": 1, "sqs": None}, age=-400)
    actions = ("s3:GetObject", "sqs:SendMessage")
    assert kept(case, "user/ann", *actions) == ["s3:GetObject"]


def test_an_answer_that_does_not_say_when_it_was_asked_judges_nobody():
    """It may be years old."""
    case = asked(ANN, "user/ann", {"s3": None})
    del case.exports["last-accessed-user-ann.json"][0]["JobCompletionDate"]
    assert "does not say when" in use_of(case, "user/ann").reason
