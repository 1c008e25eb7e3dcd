"""Practice 3: keys switched off and on, whose date in the report is no longer their own."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account, key_id

ANN = account().user("ann")
KEY, OTHER = key_id("111122223333", 1), key_id("111122223333", 2)
TOGGLED = ANN.key(age=10, last_used=None)
AGES = ("key-older-than-90-days", "key-older-than-one-year")


@pytest.mark.parametrize(("made", "rule"), [(200, AGES[0]), (900, AGES[1])])
def test_a_key_is_as_old_as_the_list_says(made, rule):
    """Off and on again moves the report's date and makes no key younger."""
    case = TOGGLED.listed_key(KEY, age=made)
    [finding] = case.judged(rule).findings
    assert finding.facts["age"] == made
    assert case.value_at(finding.locations[0])[1] == case.when(made)
    assert case.value_at(finding.locations[1])[1] == case.when(10)


def test_a_switched_key_keeps_its_finding():
    """Each toggle moves the report's date; the finding is about the same key."""
    names = {
        case.listed_key(KEY, age=900).judged(AGES[1]).findings[0].fingerprint
        for case in (ANN.key(age=10), ANN.key(age=5), ANN.key(age=900))
    }
    assert len(names) == 1


@pytest.mark.parametrize(
    "rule", ["key-older-than-90-days", "key-older-than-one-year", "key-unused-45-days"]
)
@pytest.mark.parametrize(
    "case",
    [
        TOGGLED.listed_key(KEY, age=900).listed_key(OTHER, age=300),
        TOGGLED.key(age=5, last_used=None).listed_key(KEY, age=900),
        TOGGLED.listed_key(KEY, age=5),
        TOGGLED.export("access-keys.json", {"credaudit_user": "ann", "AccessKeyMetadata": []}),
        TOGGLED.listed_key(KEY, age=900).captured("access-keys.json", 11),
    ],
    ids=["two listed", "two in the report", "newer", "none listed", "a list from before"],
)
def test_a_slot_that_no_listed_key_can_be_is_not_assessed(case, rule):
    """The report's date is the least age, so nobody knows whether the key is old."""
    assert case.status(rule) is Status.NOT_ASSESSED


def test_a_key_that_is_old_by_the_report_is_old_whatever_the_list_says():
    """last_rotated is never before the making."""
    case = ANN.key(age=400).listed_key(KEY, age=900).listed_key(OTHER, age=300)
    assert case.status(AGES[1]) is Status.FAIL


def test_two_switched_keys_are_told_apart_by_their_status():
    """The inactive key's date says nothing of the active one."""
    case = ANN.key(age=10).key(age=9, active=False)
    case = case.listed_key(KEY, age=900, status="Inactive").listed_key(OTHER, age=20)
    assert case.status(AGES[1]) is not Status.FAIL
    turned = ANN.key(age=10).key(age=9, active=False)
    turned = turned.listed_key(KEY, age=900).listed_key(OTHER, age=20, status="Inactive")
    assert turned.status(AGES[1]) is Status.FAIL


def test_an_old_key_never_used_since_is_unused_for_as_long():
    """Its idleness counts from its making, not from the last switch."""
    case = TOGGLED.listed_key(KEY, age=60)
    assert case.status("key-unused-45-days") is Status.FAIL


def test_a_switched_key_is_the_older_one_of_its_pair():
    """The rotation is judged by when both were made."""
    case = ANN.key(age=3).key(age=30)
    listed = case.listed_key(KEY, age=300).listed_key(OTHER, age=30)
    assert case.status("key-rotation-stalled") is Status.PASS
    assert listed.status("key-rotation-stalled") is Status.FAIL


def test_the_population_has_the_true_date():
    """The table of keys says when the key was made."""
    [user] = TOGGLED.listed_key(KEY, age=900).account().users
    [key] = user.report_entry.keys
    assert f"{key.made:%Y-%m-%d}" == TOGGLED.when(900)[:10]
