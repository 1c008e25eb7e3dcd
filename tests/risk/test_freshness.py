"""When exports of a kind were made, and whether they may be older than a leak."""

from datetime import timedelta

import pytest

from analyzer.evidence.export_kinds import ExportKind
from analyzer.risk.freshness import captured_at, may_predate
from tests.builders import account
from tests.risk.leaked import KEY, SECOND, at

LISTS = ExportKind.ACCESS_KEYS
MOMENT = timedelta(seconds=1)


def lists(**times):
    """An account with two lists of keys, and the collect script's record of when it made which.

    The times are by the first word of the file's name: `first` lists Ann's key, `second` Bob's,
    both made 300 days ago.
    """
    case = account()
    for name, user, key in (("first", "ann", KEY), ("second", "bob", SECOND)):
        entry = {"UserName": user, "AccessKeyId": key, "Status": "Active"}
        entry["CreateDate"] = case.when(300)
        case = case.user(user).key(age=300)
        case = case.export(f"{name}.json", {"AccessKeyMetadata": [entry]})
    calls = [{"file": f"{name}.json", "started": case.when(age)} for name, age in times.items()]
    return case.export("pack.json", {"credaudit_pack": 1, "calls": calls}).account()


@pytest.mark.parametrize(("first", "second"), [(5, 99), (99, 5), (99, 99)])
def test_of_several_files_the_oldest_counts(first, second):
    """What the older one lists may be gone by now."""
    assert captured_at(lists(first=first, second=second), LISTS) == at(99)


def test_a_time_that_no_record_names_is_the_newest_date_inside():
    """It can only be too early: the file was made at that time or later."""
    assert captured_at(lists(second=5), LISTS) == at(300)


def test_one_file_without_any_time_leaves_the_time_of_all_unknown():
    """It may be older than the others."""
    undated = account().user("ann").listed_key(KEY, age="soon")
    dated = {"UserName": "ann", "AccessKeyId": SECOND, "Status": "Active"}
    dated["CreateDate"] = undated.when(9)
    both = undated.export("dated.json", {"AccessKeyMetadata": [dated]})
    assert captured_at(both.without("access-keys.json").account(), LISTS) == at(9)
    assert captured_at(both.account(), LISTS) is None


def test_the_time_of_another_kind_of_export_does_not_count():
    """The report states its own time, and says nothing of the lists."""
    case = account().user("ann").account()
    assert captured_at(case, ExportKind.CREDENTIAL_REPORT) == at(0)
    assert captured_at(case, LISTS) is None


def test_an_export_of_the_very_moment_does_not_predate_it():
    """A second earlier it does."""
    made = lists(first=50, second=50)
    assert not may_predate(made, LISTS, at(50))
    assert not may_predate(made, LISTS, at(50) - MOMENT)
    assert may_predate(made, LISTS, at(50) + MOMENT)


def test_what_nothing_dates_may_predate_anything():
    """Be it the leak that no commit dates, or the export that was not handed in."""
    assert may_predate(lists(first=0, second=0), LISTS, None)
    assert may_predate(account().user("ann").account(), LISTS, at(1000))
