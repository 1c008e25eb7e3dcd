"""The dates of a leaked credential in their order, and how long it lay open."""

import pytest

from analyzer.inventory.model import Account
from analyzer.leaks.model import ClaimedFacts
from analyzer.risk.exposure import exposure_of
from analyzer.risk.key_status import KeyStatus, StatusFinding
from analyzer.risk.owner import Certainty, Owner
from analyzer.risk.timeline import Event, EventKind, events, exposure_window
from tests.builders import account
from tests.risk.leaked import (
    KEY,
    NUMBER,
    SECOND,
    answered,
    at,
    joined,
    leak,
    quoted,
    seen,
    spot,
)
from tests.rules.small_exports import REPORT_TIME

ALIVE = StatusFinding(KeyStatus.ACTIVE, "")
DEAD = sorted({KeyStatus.INACTIVE, KeyStatus.ROTATED, KeyStatus.DELETED, KeyStatus.EXPIRED})


def dates(case, credential):
    """What happened, and how many days before the report."""
    found = joined(case, credential).events
    return [(each.kind, (REPORT_TIME - each.at).days) for each in found]


LISTED = account().user("ann").key(age=300, last_used=7).listed_key(KEY, age=300)


def test_a_listed_key_has_its_whole_story():
    """Made, leaked, written down again, used, and the report: each with its place."""
    assert dates(LISTED, seen(100, 50)) == [
        (EventKind.CREATED, 300),
        (EventKind.LEAKED, 100),
        (EventKind.SEEN_LAST, 50),
        (EventKind.USED, 7),
        (EventKind.REPORT, 0),
    ]
    found = joined(LISTED, seen(100, 50)).events
    listed, used = quoted(LISTED, tuple(each.location for each in found))
    assert (listed["AccessKeyId"], used) == (KEY, at(7).isoformat())
    assert [found[1].location, found[2].location] == [spot(100), spot(50)]
    assert found[-1].location is None


def test_of_a_key_that_no_file_names_neither_creation_nor_use_is_told():
    """Nobody knows which slot it is in."""
    case = account().user("ann").key(age=300, last_used=7)
    for credential in (seen(100), seen(100, claims=ClaimedFacts(user="ann"))):
        assert dates(case, credential) == [(EventKind.LEAKED, 100), (EventKind.REPORT, 0)]


def test_the_dates_of_another_key_of_its_user_are_not_its_own():
    """The list has two keys, and each its own slot."""
    case = LISTED.key(age=200, last_used=3).listed_key(SECOND, age=200)
    assert (EventKind.CREATED, 300) in dates(case, leak())
    assert (EventKind.USED, 7) in dates(case, leak())
    assert (EventKind.CREATED, 200) in dates(case, leak(key_id=SECOND))
    assert (EventKind.USED, 3) in dates(case, leak(key_id=SECOND))


def test_the_answer_about_one_key_tells_its_last_use():
    """Where no slot does."""
    case = answered(account().user("ann").key(age=300, last_used=7), "ann", used=20)
    assert (EventKind.USED, 20) in dates(case, leak())


def test_an_answer_about_another_key_tells_nothing_of_this_one():
    """Nor does an answer that AWS has seen no use."""
    case = answered(answered(account().user("ann"), "ann", SECOND, used=3), "ann", used=20)
    assert (EventKind.USED, 20) in dates(case, leak())
    unused = answered(answered(account().user("ann"), "ann", SECOND, used=3), "ann")
    assert [what for what, _ in dates(unused, leak())] == [EventKind.LEAKED, EventKind.REPORT]


def test_dates_that_are_missing_or_can_not_be_read_are_no_events():
    """A key that was never used, and one whose creation is garbled."""
    unused = account().user("ann").key(age=300, last_used=None).listed_key(KEY, age=300)
    garbled = account().user("ann").listed_key(KEY, age="soon")
    for case, known in ((unused, [EventKind.CREATED]), (garbled, [])):
        found = [what for what, _ in dates(case, leak())]
        assert found == [*known, EventKind.LEAKED, EventKind.REPORT]


def test_one_place_is_told_once():
    """And a leak without a date not at all."""
    assert dates(account(), seen(100)) == [(EventKind.LEAKED, 100), (EventKind.REPORT, 0)]
    assert dates(account(), seen(None)) == [(EventKind.REPORT, 0)]


def test_the_end_is_told_with_the_cell_that_says_it():
    """A key that was switched off."""
    case = account().user("ann").key(age=40, active=False)
    case = case.listed_key(KEY, age=300, status="Inactive")
    assert (EventKind.ENDED, 40) in dates(case, leak())
    assert [what for what, _ in dates(case, leak())] == [
        EventKind.CREATED,
        EventKind.LEAKED,
        EventKind.ENDED,
        EventKind.REPORT,
    ]


def test_what_happened_at_one_time_stands_in_the_order_in_which_it_can_happen():
    """Made before leaked, ended before the report."""
    nobody = Owner(Certainty.UNKNOWN, "")
    gone = StatusFinding(KeyStatus.EXPIRED, "", ended_at=at(100))
    found = events(leak(), exposure_of(leak()), nobody, gone, at(100))
    assert [each.kind for each in found] == [
        EventKind.LEAKED,
        EventKind.ENDED,
        EventKind.REPORT,
    ]


# How long it lay open.


def open_for(credential, status, *happened, as_of=REPORT_TIME):
    """The exposure of the credential."""
    return exposure_window(exposure_of(credential), status, happened, as_of)


@pytest.mark.parametrize("status", [KeyStatus.ACTIVE, KeyStatus.UNKNOWN])
def test_what_may_be_active_lies_open_until_the_report_and_on(status):
    """From the first place that is known."""
    found = open_for(seen(100, 50), StatusFinding(status, ""))
    assert (found.since, found.until, found.days) == (at(100), REPORT_TIME, 100)
    assert found.is_open
    assert not found.is_at_most


@pytest.mark.parametrize("status", DEAD)
def test_what_ended_lay_open_until_then(status):
    """And no longer: so many days, no more and no less."""
    found = open_for(seen(100, 50), StatusFinding(status, "", ended_at=at(30)))
    assert (found.until, found.days) == (at(30), 70)
    assert not found.is_open
    assert not found.is_at_most


@pytest.mark.parametrize("status", DEAD)
def test_what_ended_nobody_knows_when_lay_open_until_the_report_at_most(status):
    """It does not go on."""
    found = open_for(seen(100), StatusFinding(status, ""))
    assert (found.until, found.days) == (REPORT_TIME, 100)
    assert not found.is_open
    assert found.is_at_most


@pytest.mark.parametrize("status", DEAD)
def test_an_end_that_is_not_certain_is_none(status):
    """What may be active counts as active."""
    found = open_for(seen(100), StatusFinding(status, "", is_certain=False))
    assert (found.until, found.days) == (REPORT_TIME, 100)
    assert found.is_open
    assert not found.is_at_most


def test_nothing_lies_open_before_it_is_made():
    """Git believes any date that it is told."""
    made = Event(EventKind.CREATED, at(20), None)
    found = open_for(seen(1000), ALIVE, made)
    assert (found.since, found.days) == (at(20), 20)
    assert open_for(seen(10), ALIVE, made).since == at(10)


def test_only_its_creation_moves_the_beginning():
    """It was used later, and lay open before."""
    used = Event(EventKind.USED, at(5), None)
    assert open_for(seen(100), ALIVE, used).since == at(100)


def test_what_ended_before_it_leaked_lay_open_for_no_day():
    """And not for a negative number of them."""
    assert open_for(seen(100), StatusFinding(KeyStatus.EXPIRED, "", ended_at=at(120))).days == 0


def test_without_a_date_nobody_knows_how_long():
    """Nor without a report."""
    assert (open_for(seen(None), ALIVE).since, open_for(seen(None), ALIVE).days) == (None, None)
    assert open_for(seen(100), ALIVE, as_of=None).days is None


def test_the_events_of_an_account_without_lists_are_those_of_the_leak():
    """An account that knows nothing adds nothing."""
    empty = Owner(Certainty.INFERRED, "", Account(NUMBER, "aws", REPORT_TIME))
    found = events(leak(), exposure_of(leak()), empty, ALIVE, None)
    assert [each.kind for each in found] == [EventKind.LEAKED]
