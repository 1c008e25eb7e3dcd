"""In: the reports of two quarters. Out: the proof that each finding's change is what is known."""

import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.tracking import Change, compare
from tests.builders import REPORT, account

RULE = "key-older-than-one-year"
BOTH = account().user("ann").key(age=400).user("zoe").key(age=400)
ACCEPTED = f"""
[[exception]]
id = "EX-1"
rule = "{RULE}"
resource = "*"
reason = "the vendor changes in spring"
owner = "ann"
approver = "bob"
created = 2026-09-01
expires = 2026-12-01
"""


@pytest.fixture
def reported(tmp_path):
    """The report of these accounts; with `accepted`, old keys are an accepted risk."""

    def made(*cases, accepted=False):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        inputs = tuple(case.write(folder / case.number) for case in cases)
        risks = folder / "risks.toml"
        risks.write_text(ACCEPTED)
        return audit(Settings(inputs=inputs, exceptions=risks if accepted else None))

    return made


def changes(old, new):
    """What became of the old keys, by the users that have them."""
    found = (each for each in compare(old, new) if each.rule == RULE)
    return {each.resource.rpartition("/")[2]: each.change for each in found}


def test_each_finding_is_new_open_or_fixed(reported):
    """And nothing else, where both reports looked at everyone."""
    one = account().user("ann").key(age=400).user("zoe").key(age=30)
    assert changes(reported(BOTH), reported(BOTH)) == {"ann": Change.OPEN, "zoe": Change.OPEN}
    assert changes(reported(BOTH), reported(one)) == {"ann": Change.OPEN, "zoe": Change.FIXED}
    assert changes(reported(one), reported(BOTH)) == {"ann": Change.OPEN, "zoe": Change.NEW}


def test_what_can_not_be_read_any_more_is_not_fixed(reported):
    """Neither where one cell broke, nor where the export was not handed in."""
    broken = BOTH.cell("ann", "access_key_1_last_rotated", "?")
    gone = Change.NOT_COMPARABLE
    assert changes(reported(BOTH), reported(broken)) == {"ann": gone, "zoe": Change.OPEN}
    missing = reported(BOTH.without(REPORT))
    assert changes(reported(BOTH), missing) == {"ann": gone, "zoe": gone}
    assert changes(missing, reported(BOTH)) == {"ann": gone, "zoe": gone}


def test_an_account_that_only_one_report_has_is_not_compared(reported):
    """Nobody knows what it was like, or is like."""
    other = account("444455556666").user("eve").key(age=400)
    one, two = reported(BOTH), reported(BOTH, other)
    assert changes(one, two)["eve"] is changes(two, one)["eve"] is Change.NOT_COMPARABLE


def test_an_accepted_risk_is_told_and_its_end_too(reported):
    """A finding whose acceptance ran out was never closed."""
    plain, accepted = reported(BOTH), reported(BOTH, accepted=True)
    assert set(changes(plain, accepted).values()) == {Change.ACCEPTED}
    assert set(changes(accepted, plain).values()) == {Change.REOPENED}


def test_the_order_is_that_of_changes_then_rules_then_resources(reported):
    """The same two reports are told in the same order."""
    found = compare(reported(BOTH), reported(account().user("ann").key(age=400)))
    told = [(list(Change).index(each.change), each.rule, each.resource) for each in found]
    assert told == sorted(told)
    assert {Change.OPEN, Change.FIXED} <= {each.change for each in found}


def test_what_nobody_asked_for_this_time_is_not_fixed(reported):
    """As where the repositories of last quarter were not handed in again."""
    old, new = reported(BOTH), reported(BOTH)
    new["findings"] = [each for each in new["findings"] if each["rule"] != RULE]
    [rule] = [each for each in new["accounts"][0]["rules"] if each["id"] == RULE]
    rule |= {"status": "not-requested", "unknown": 0}
    assert changes(old, new) == {"ann": Change.NOT_COMPARABLE, "zoe": Change.NOT_COMPARABLE}
