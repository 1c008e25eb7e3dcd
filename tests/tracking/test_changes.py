"""In: a report and those before it. Out: the proof that each word of change is what is known."""

import pytest

from analyzer.tracking.changes import Change
from analyzer.tracking.comparison import compare
from tests.builders import the_catalogue
from tests.tracking.small_reports import OTHER, QUARTERS, RULE, finding, quarter

ANN, ZOE = finding("ann"), finding("zoe")
FIRST = quarter(QUARTERS[0], ANN)
CLEAN = quarter(QUARTERS[1])
UNJUDGED = {
    "it has no such check": {"id": "another-check"},
    "the check was not requested": {"status": "not-requested"},
    "the check was not assessed": {"status": "not-assessed"},
}


def told(*reports):
    """The change, the reason, the day of the first observation and the reports, by user."""
    compared = compare(reports[:-1], reports[-1], the_catalogue())
    return {
        each.finding["resource"].rpartition("/")[2]: (
            each.change, each.why, f"{each.first:%Y-%m-%d}", each.reports,
        )
        for each in compared.changes
    }  # fmt: skip


def test_what_was_not_there_before_is_new():
    """And so is everything in a first report."""
    assert told(CLEAN, quarter(QUARTERS[2], ANN)) == {"ann": (Change.NEW, "", QUARTERS[2], 1)}
    assert told(FIRST) == {"ann": (Change.NEW, "", QUARTERS[0], 1)}


def test_what_is_still_there_is_open_since_its_first_observation():
    """An attribute of the finding, and no further finding."""
    assert told(FIRST, quarter(QUARTERS[1], ANN)) == {"ann": (Change.OPEN, "", QUARTERS[0], 2)}


def test_what_is_no_longer_found_is_fixed():
    """With the date and the row that it had."""
    assert told(FIRST, CLEAN) == {"ann": (Change.FIXED, "", QUARTERS[0], 1)}


def test_what_was_fixed_before_is_told_once():
    """In the report that first missed it."""
    assert told(FIRST, CLEAN, quarter(QUARTERS[2])) == {}


def test_what_comes_back_has_regressed_and_keeps_its_first_date():
    """Whoever fixed it wants to know when that was."""
    again = (Change.REGRESSED, f"fixed by {QUARTERS[1]}", QUARTERS[0], 1)
    assert told(FIRST, CLEAN, quarter(QUARTERS[2], ANN)) == {"ann": again}


def test_what_is_accepted_says_so_and_what_is_no_longer_was_never_closed():
    """The end of an acceptance opens no new finding."""
    accepted = quarter(QUARTERS[1], ANN | {"status": "accepted"})
    assert told(FIRST, accepted)["ann"][0] is Change.ACCEPTED
    ended = (Change.OPEN, "its acceptance has ended", QUARTERS[0], 3)
    assert told(FIRST, accepted, quarter(QUARTERS[2], ANN)) == {"ann": ended}


@pytest.mark.parametrize("why", UNJUDGED)
def test_what_was_not_looked_for_last_time_is_not_comparable(why):
    """Nobody knows whether it was there."""
    last = quarter(QUARTERS[0], rules={RULE: UNJUDGED[why]})
    found = told(last, quarter(QUARTERS[1], ANN))
    assert found["ann"][:2] == (Change.NOT_COMPARABLE, f"last time {why}")


@pytest.mark.parametrize("why", UNJUDGED)
def test_what_is_not_looked_for_now_is_not_comparable(why):
    """Nobody knows whether it is still there; it is said once."""
    now = quarter(QUARTERS[1], rules={RULE: UNJUDGED[why]})
    assert told(FIRST, now)["ann"][:2] == (Change.NOT_COMPARABLE, f"now {why}")
    assert told(FIRST, now, now | {"as_of": "2026-07-01T08:00:00Z"}) == {}


def test_an_account_that_only_one_report_has_is_not_compared():
    """Nobody knows what it was like, or is like; it is said as long as it is so."""
    other = quarter(QUARTERS[1], accounts=(OTHER,))
    gone = (Change.NOT_COMPARABLE, "now the account was not audited")
    assert told(FIRST, other)["ann"][:2] == gone
    assert told(FIRST, other, other)["ann"][:2] == gone
    came = told(other, quarter(QUARTERS[2], ANN))["ann"]
    assert came[:2] == (Change.NOT_COMPARABLE, "last time the account was not audited")


def test_accounts_that_were_audited_apart_compare_with_their_own_last_report():
    """The newest report need not hold all of them."""
    other = quarter(QUARTERS[1], accounts=(OTHER,))
    assert told(FIRST, other, quarter(QUARTERS[2], ANN, ZOE)) == {
        "ann": (Change.OPEN, "", QUARTERS[0], 2),
        "zoe": (Change.NEW, "", QUARTERS[2], 1),
    }


@pytest.mark.parametrize("tool", [{"profile": "pci"}, {"limits": {"key_age": 30}}])
def test_what_another_threshold_found_is_not_called_new(tool):
    """A limit that moved opens findings by itself; what was open before is open."""
    now = quarter(QUARTERS[1], ANN, ZOE, **tool)
    before = quarter(QUARTERS[0], ANN, **({"limits": {"key_age": 90}} if "limits" in tool else {}))
    found = told(before, now)
    other = "judged by another threshold last time"
    assert found["ann"][0] is Change.OPEN
    assert found["zoe"][:2] == (Change.NOT_COMPARABLE, other)
    assert told(now, before)["zoe"][:2] == (Change.NOT_COMPARABLE, other)
