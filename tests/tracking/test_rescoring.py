"""In: two reports. Out: the proof that both scores rest on the same checks and one formula."""

import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.tracking.rescoring import score_alike
from tests.builders import account, the_catalogue
from tests.tracking.small_reports import QUARTERS, RULE, finding, quarter


def alike(then, now):
    """Both scores, and the number of checks."""
    found = score_alike(then, now, the_catalogue())
    return found.then, found.now, found.checks


def test_a_report_beside_itself_has_its_own_score(tmp_path):
    """What is worked out again is what was reported, to the point."""
    case = account().user("ann").password().key(age=400).user("zoe").password().mfa()
    report = audit(Settings(inputs=(case.write(tmp_path),)))
    then, now, checks = alike(report, report)
    assert then == now == report["score"]["value"]
    assert checks > 50


def test_a_check_that_only_one_judged_counts_in_neither():
    """A new check makes nobody worse."""
    known = "two-active-keys"
    more = {known: {}}
    before, after = quarter(QUARTERS[0], finding("ann")), quarter(QUARTERS[1], finding("ann"))
    worse = quarter(QUARTERS[1], finding("ann"), finding("zoe", rule=known), rules=more)
    assert alike(before, worse) == alike(before, after)
    then, now, checks = alike(quarter(QUARTERS[0], finding("ann"), rules=more), worse)
    assert now < then
    assert checks == 2


def test_more_failing_users_make_a_lower_score():
    """By the points of the formula."""
    then, now, _ = alike(quarter(QUARTERS[0], finding("ann")), quarter(QUARTERS[1]))
    assert then < now


@pytest.mark.parametrize("variant", ["no-such-case", ["a", "list"], 7])
def test_a_case_that_is_no_longer_known_is_the_checks_own(variant):
    """An older report may tell of one."""
    odd = quarter(QUARTERS[0], finding("ann", variant=variant))
    assert alike(odd, quarter(QUARTERS[1], finding("ann")))[0] is not None


def test_reports_without_a_common_check_have_no_score():
    """There is nothing to compare."""
    other = quarter(QUARTERS[1], rules={RULE: {"status": "not-assessed"}})
    assert alike(quarter(QUARTERS[0]), other) == (None, None, 0)
