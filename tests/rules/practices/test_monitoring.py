"""Practice 7: a trail that is logging, and alarms on what it tells of identities."""

from copy import deepcopy

import pytest

from analyzer.rules.finding import Status
from tests.builders import account
from tests.rules.organization_exports import FILTERS, alarms, logging, metric_filters, trails

TRAIL, ALARM = "audit-trail-missing", "iam-event-alarm-missing"
THEIRS = "arn:aws:cloudtrail:eu-west-1:777788889999:trail/all"
VARIANT_OF = {
    "root": "root-use",
    "calls": "unauthorized-calls",
    "mfa": "sign-in-without-mfa",
    "policies": "policy-changes",
    "trails": "trail-changes",
    "failures": "sign-in-failures",
    "organization": "organization-changes",
}


def trailed(*documents):
    """These answers of CloudTrail."""
    case = account()
    for each in documents:
        case = case.export("trails.json", each)
    return case


WHOLE = {
    "filters": tuple(FILTERS),
    "heard": alarms(*FILTERS),
    "trail": trails(),
    "status": logging(),
}


def watched(**broken):
    """A whole chain from the trail to somebody who is told, or what is put in its place."""
    chain = deepcopy(WHOLE | broken)
    case = trailed(*(each for each in (chain["trail"], chain["status"]) if each))
    case = case.export("f.json", metric_filters(*chain["filters"]))
    return case.export("a.json", chain["heard"])


def variants(case):
    """The events of which nobody is told."""
    return {each.variant for each in case.judged(ALARM).findings}


# audit-trail-missing


@pytest.mark.parametrize(
    ("documents", "status"),
    [
        ([trails(), logging()], Status.PASS),
        ([trails(), logging(is_on=False)], Status.FAIL),
        ([trails(wide=False), logging()], Status.FAIL),
        ([{"trailList": []}], Status.FAIL),
        ([trails()], Status.NOT_ASSESSED),
        ([trails(), logging(arn=THEIRS)], Status.NOT_ASSESSED),
        ([trails(), logging(is_on="perhaps")], Status.NOT_ASSESSED),
        ([logging()], Status.NOT_ASSESSED),
        ([trails(arn=THEIRS), logging(arn=THEIRS)], Status.PASS),
    ],
)
def test_a_trail_of_all_regions_is_logging(documents, status):
    """The organization's counts, and one whose status nobody asked for may."""
    assert trailed(*documents).status(TRAIL) is status


def test_one_trail_that_is_logging_is_enough():
    """Whatever another one does."""
    other = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/old"
    case = trailed(trails(), logging(), trails(arn=other), logging(arn=other, is_on=False))
    assert case.status(TRAIL) is Status.PASS


# iam-event-alarm-missing


def test_a_whole_chain_for_each_event_keeps_the_rule():
    """Seven events, each with its filter and its alarm."""
    result = watched().judged(ALARM)
    assert (result.status, result.population) == (Status.PASS, 7)


@pytest.mark.parametrize("event", FILTERS)
def test_an_event_without_a_filter_is_named(event):
    """That one, and no other."""
    others = [each for each in FILTERS if each != event]
    assert variants(watched(filters=others)) == {VARIANT_OF[event]}


@pytest.mark.parametrize("event", FILTERS)
def test_an_event_without_an_alarm_is_named(event):
    """A metric that nobody watches tells nobody."""
    others = [each for each in FILTERS if each != event]
    assert variants(watched(heard=alarms(*others))) == {VARIANT_OF[event]}


@pytest.mark.parametrize(
    "broken",
    [
        {"heard": alarms(*FILTERS, tells=False)},
        {"heard": alarms(*FILTERS, is_on=False)},
        {"trail": trails(wide=False)},
        {"trail": trails(group="arn:aws:logs:eu-west-1:111122223333:log-group:other:*")},
        {"status": logging(is_on=False)},
    ],
)
def test_a_broken_chain_tells_nobody(broken):
    """An alarm without an action or switched off, another log group, a trail that is off."""
    assert variants(watched(**broken)) == set(VARIANT_OF.values())


def test_an_alarm_of_another_region_watches_another_metric():
    """Whatever the metric's name; one whose region nobody knows may watch it."""
    case = watched()
    [answer] = case.exports["a.json"]
    for each in answer["MetricAlarms"]:
        each["AlarmArn"] = each["AlarmArn"].replace("eu-west-1", "us-east-1")
    assert variants(case) == set(VARIANT_OF.values())
    for each in answer["MetricAlarms"]:
        del each["AlarmArn"]
    assert case.status(ALARM) is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    "unsure",
    [
        {"heard": alarms(*FILTERS, is_on="perhaps")},
        {"status": None},
        {"trail": trails(arn=THEIRS), "status": logging(arn=THEIRS), "filters": ()},
    ],
)
def test_a_chain_that_cant_be_seen_is_not_assessed(unsure):
    """An alarm or a trail that can't be read; a trail that the organization's account watches."""
    assert watched(**unsure).status(ALARM) is Status.NOT_ASSESSED


def test_half_of_the_changes_are_not_all():
    """A filter names each call by which a policy changes."""
    case = watched()
    [answer] = case.exports["f.json"]
    for each in answer["metricFilters"]:
        each["filterPattern"] = each["filterPattern"].replace("DetachGroupPolicy", "")
    assert variants(case) == {"policy-changes"}


def test_the_files_that_are_missing_are_named():
    """Where a log group may have filters, and where a filter may have an alarm."""
    case = trailed(trails(), logging())
    result = case.judged(ALARM)
    assert result.status is Status.NOT_ASSESSED
    assert "describe-metric-filters" in result.command
    result = case.export("f.json", metric_filters(*FILTERS)).judged(ALARM)
    assert result.status is Status.NOT_ASSESSED
    assert "describe-alarms" in result.command
    assert trailed(logging()).status(ALARM) is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    "case",
    [
        trailed({"trailList": []}),
        trailed(trails(group=""), logging()),
        trailed(trails(), logging()).export("f.json", metric_filters()),
    ],
)
def test_without_a_log_group_or_a_filter_no_further_file_is_needed(case):
    """There is nothing that an alarm could watch."""
    assert variants(case) == set(VARIANT_OF.values())
