"""What CloudTrail's files say of who used what, and what they can't say."""

from datetime import timedelta

import pytest

from analyzer.policy.actions import action_index
from analyzer.proposals.trail_events import read_trail
from tests.builders import account
from tests.proposals.uses import asked, event, kept, logged, looked_up, use_of

CASE = account().user("ann").role("ci")


def used(case, principal):
    """The actions of the principal's events."""
    trail = read_trail(case.account(), action_index())
    found = trail.uses.get(case.arn(principal), {})
    return sorted(name for each in found for name in each.actions or (f"{each.service}:*",))


@pytest.mark.parametrize("hand_in", [logged, looked_up])
def test_both_kinds_of_files_are_read(hand_in):
    """Log files, and the event history with its records as texts."""
    case = hand_in(
        CASE, event(CASE, "user/ann", "s3:ListBuckets"), event(CASE, "role/ci", "ec2:RunInstances")
    )
    assert used(case, "user/ann") == ["s3:ListAllMyBuckets"]
    assert used(case, "role/ci") == ["ec2:RunInstances"]


@pytest.mark.parametrize(
    "code", ["AccessDenied", "Client.UnauthorizedOperation", "AccessDeniedException"]
)
def test_a_call_that_was_refused_used_nothing(code):
    """The right was not there."""
    case = logged(CASE, event(CASE, "user/ann", "s3:ListBuckets", errorCode=code))
    assert used(case, "user/ann") == []


def test_a_call_that_failed_otherwise_used_its_right():
    """It got past the policies."""
    case = logged(CASE, event(CASE, "user/ann", "iam:GetUser", errorCode="NoSuchEntityException"))
    assert used(case, "user/ann") == ["iam:GetUser"]


@pytest.mark.parametrize(
    "identity",
    [
        {"type": "Root", "arn": CASE.arn("root")},
        {"type": "IAMUser", "arn": CASE.arn("user/ann"), "accountId": "999999999999"},
        {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
    ],
)
def test_events_of_others_are_left_out(identity):
    """Root, other accounts and services are no principal of the account's policies."""
    case = logged(CASE, event(CASE, "user/ann", "s3:ListBuckets", userIdentity=identity))
    assert used(case, "user/ann") == []


def test_an_event_that_another_account_received_is_not_this_accounts():
    """An organization's trail holds events of all members."""
    stray = event(CASE, "user/ann", "s3:ListBuckets", recipientAccountId="999999999999")
    assert used(logged(CASE, stray), "user/ann") == []


def test_log_files_of_the_period_judge_what_they_would_have_told():
    """Of management events alone, and PassRole has no event at all."""
    case = logged(CASE, event(CASE, "user/ann", "ec2:RunInstances"))
    actions = ("ec2:RunInstances", "ec2:DeleteVpc", "kms:CreateKey", "iam:PassRole", "s3:GetObject")
    assert kept(case, "user/ann", *actions, "ec2:CreateTags") == [
        "ec2:RunInstances",
        "iam:PassRole",
        "s3:GetObject",
        "ec2:CreateTags",
    ]


def test_an_event_without_a_known_action_keeps_its_service():
    """Nobody knows which of its actions it was."""
    case = logged(CASE, event(CASE, "user/ann", "kms:MadeUp"))
    assert kept(case, "user/ann", "kms:CreateKey", "glue:GetTable", "ec2:DeleteVpc") == [
        "kms:CreateKey",
        "glue:GetTable",
    ]


def test_a_trail_that_leaves_reads_out_does_not_judge_them():
    """Such a trail can be told by its events."""
    case = logged(CASE, event(CASE, "user/ann", "ec2:RunInstances"))
    for each in case.exports["log.json"][0]["Records"]:
        each["readOnly"] = False
    assert kept(case, "user/ann", "ec2:DescribeVpcs", "ec2:DeleteVpc") == ["ec2:DescribeVpcs"]


def test_without_the_global_region_global_services_are_not_judged():
    """IAM's events go to us-east-1."""
    case = logged(CASE, event(CASE, "user/ann", "ec2:RunInstances"))
    for each in case.exports["log.json"][0]["Records"]:
        each["awsRegion"] = "eu-west-1"
    assert kept(case, "user/ann", "iam:CreateUser", "kms:CreateKey") == ["iam:CreateUser"]


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [(80, 0, "cover 80 days"), (300, 100, "end 100 days ago")],
)
def test_log_files_of_less_than_the_period_judge_nobody(first, last, reason):
    """And neither do old ones."""
    case = logged(CASE, event(CASE, "user/ann", "ec2:RunInstances", last), first=first, last=last)
    assert reason in use_of(case, "user/ann").reason


def test_a_gap_in_the_log_files_judges_nobody():
    """Files are missing."""
    case = logged(CASE, event(CASE, "user/ann", "ec2:RunInstances"))
    records = case.exports["log.json"][0]["Records"]
    cut = [CASE.when(timedelta(days=each)) for each in range(40, 60)]
    records[:] = [each for each in records if each["eventTime"][:10] not in {c[:10] for c in cut}]
    assert "lack" in use_of(case, "user/ann").reason


def test_event_history_alone_judges_nobody():
    """It may have been asked for one event."""
    case = looked_up(CASE, event(CASE, "user/ann", "ec2:RunInstances"))
    assert "may be filtered" in use_of(case, "user/ann").reason


def test_event_history_keeps_what_an_answer_calls_unused():
    """A use is a use."""
    case = asked(CASE, "user/ann", {"ec2": None})
    case = looked_up(case, event(CASE, "user/ann", "ec2:RunInstances"))
    assert kept(case, "user/ann", "ec2:RunInstances", "ec2:DeleteVpc") == ["ec2:RunInstances"]


def test_events_narrow_a_service_that_an_answer_only_names():
    """The answer knows the service, the trail its actions."""
    case = CASE.last_accessed("user/ann", ec2=1, kms=1)
    case = logged(case, event(CASE, "user/ann", "ec2:RunInstances"))
    actions = ("ec2:RunInstances", "ec2:DeleteVpc", "kms:CreateKey")
    assert kept(case, "user/ann", *actions) == ["ec2:RunInstances", "kms:CreateKey"]


def test_beside_an_answer_events_judge_no_service_that_they_do_not_name():
    """The answer tells which services were used, and does not know this one."""
    case = logged(
        CASE.last_accessed("user/ann", ec2=1), event(CASE, "user/ann", "ec2:RunInstances")
    )
    assert kept(case, "user/ann", "kms:CreateKey", "ec2:DeleteVpc") == ["kms:CreateKey"]


def test_tags_stay_where_something_was_made():
    """They are set with it, and the event is that of the making."""
    case = logged(CASE, event(CASE, "user/ann", "kms:CreateKey"))
    assert kept(case, "user/ann", "kms:TagResource", "kms:DisableKey") == ["kms:TagResource"]


def test_an_event_of_no_known_service_makes_the_trail_judge_nothing():
    """It may have used anything, and the reader is told of it."""
    case = logged(
        CASE, event(CASE, "user/ann", "ec2:RunInstances"), event(CASE, "user/ann", "made-up:Do")
    )
    assert "made-up.amazonaws.com can't be told" in use_of(case, "user/ann").reason
