"""Keys that are on and that no repository held: listed as such, and never called safe."""

import pytest

from analyzer.inventory.model import ROOT_USER
from analyzer.leaks.model import LeakScan
from analyzer.risk.unsighted_keys import age_in_days, unsighted_keys
from tests.builders import REPORT, account
from tests.risk.leaked import KEY, SECOND, THIRD, bare_secret, leak, quoted

NOTHING = LeakScan()
FOUND = LeakScan((leak(),))
ANN = account().user("ann").key(age=300)


def keys(case, leaks=NOTHING):
    """Whose they are, their IDs and slots."""
    return [(each.user, each.key_id, each.slot) for each in unsighted_keys(case.account(), leaks)]


def test_a_key_that_is_on_and_was_not_found_is_listed():
    """With its ID, its age, and the cell that says that it is on."""
    case = ANN.listed_key(KEY, age=300)
    assert keys(case) == [("ann", KEY, 1)]
    [found] = unsighted_keys(case.account(), NOTHING)
    assert quoted(case, (found.location,)) == ["true"]
    assert age_in_days(found, case.account()) == 300


def test_a_key_made_after_the_report_is_no_day_old():
    """The list was made later than the report; minus one day is no age."""
    for age, told in ((-0.2, 0), (0.9, 0), (1, 1)):
        case = account().user("ann").listed_key(KEY, age=age)
        [found] = unsighted_keys(case.account(), NOTHING)
        assert age_in_days(found, case.account()) == told


def test_a_key_that_was_found_is_not_among_them():
    """It has a page of its own."""
    assert keys(ANN.listed_key(KEY, age=300), FOUND) == []
    other = LeakScan((leak(key_id=SECOND), bare_secret()))
    assert keys(ANN.listed_key(KEY, age=300), other) == [("ann", KEY, 1)]


def test_a_key_that_is_off_is_not_among_them():
    """Nobody gets in by it."""
    case = account().user("ann").key(age=300, active=False)
    assert keys(case) == []
    assert keys(case.listed_key(KEY, age=300, status="Inactive")) == []
    assert keys(account().user("ann").listed_key(KEY, status="Inactive")) == []


def test_a_status_that_can_not_be_read_may_be_on():
    """In the report or in the list."""
    assert keys(ANN.cell("ann", "access_key_1_active", "perhaps")) == [("ann", None, 1)]
    listed = account().user("ann").listed_key(KEY, status="Suspended")
    assert keys(listed) == [("ann", KEY, None)]


def test_a_key_whose_id_nobody_knows_could_not_be_looked_for():
    """Without a list of keys; any leaked key may be this one, so those come first."""
    case = ANN.user("zoe").key(age=200).user("bob").key(age=300).listed_key(KEY, age=300)
    assert keys(case) == [("ann", None, 1), ("zoe", None, 1), ("bob", KEY, 1)]
    compared = [each.could_be_looked_for for each in unsighted_keys(case.account(), NOTHING)]
    assert compared == [False, False, True]


def test_a_found_key_does_not_clear_a_slot_that_may_hold_it():
    """Nobody knows which slot it is in."""
    assert keys(ANN, FOUND) == [("ann", None, 1)]


def test_root_has_keys_too():
    """No list names them."""
    assert keys(account().key(age=300)) == [(ROOT_USER, None, 1)]


def test_a_list_that_has_an_entry_for_each_slot_names_them_all():
    """Though not which is which, where both were made at once or were changed since."""
    case = account().user("ann").key(age=50).key(age=50)
    case = case.listed_key(SECOND, age=300).listed_key(THIRD, age=300)
    both = [("ann", each, None) for each in sorted((SECOND, THIRD))]
    assert keys(case) == both
    assert keys(case, LeakScan((leak(key_id=SECOND),))) == [("ann", THIRD, None)]


def test_a_slot_for_which_the_list_has_no_entry_stays():
    """The list is shorter than the report."""
    case = account().user("ann").key(age=50).key(age=60).listed_key(SECOND, age=300)
    assert keys(case) == [("ann", None, 1), ("ann", None, 2), ("ann", SECOND, None)]


def test_a_listed_key_of_a_user_whom_the_report_lacks_is_listed():
    """The list alone tells of it."""
    case = ANN.listed_key(KEY, age=300).without(REPORT)
    assert keys(case) == [("ann", KEY, None)]
    [found] = unsighted_keys(case.account(), NOTHING)
    assert quoted(case, (found.location,))[0]["AccessKeyId"] == KEY


@pytest.mark.parametrize("age", ["soon", "N/A"])
def test_an_age_that_can_not_be_told_is_none(age):
    """A date that is missing or can't be read."""
    case = account().user("ann").key(age=age)
    [found] = unsighted_keys(case.account(), NOTHING)
    assert age_in_days(found, case.account()) is None
