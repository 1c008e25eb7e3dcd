"""In: real reports of two quarters. Out: the proof that each finding's change is what is known."""

import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.rules.severity import Severity
from analyzer.tracking.changes import Change
from analyzer.tracking.comparison import Comparison, compare, find_damage
from tests.builders import REPORT, account, the_catalogue
from tests.tracking.small_reports import OTHER, QUARTERS, finding, quarter

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


def compared(old, new) -> Comparison:
    """The new report beside the old one."""
    return compare([old], new, the_catalogue())


def changes(old, new):
    """What became of the old keys, by the users that have them."""
    found = (each for each in compared(old, new).changes if each.finding["rule"] == RULE)
    return {each.finding["resource"].rpartition("/")[2]: each.change for each in found}


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
    assert set(changes(accepted, plain).values()) == {Change.OPEN}


def test_the_order_is_that_of_changes_then_severities_rules_and_resources(reported):
    """The same two reports are told in the same order."""
    found = compared(reported(BOTH), reported(account().user("ann").key(age=400))).changes
    order, severities = list(Change), [each.value for each in Severity]
    told = [
        (
            order.index(each.change),
            severities.index(each.finding["severity"]),
            each.finding["rule"],
            each.finding["resource"],
        )
        for each in found
    ]
    assert told == sorted(told)
    assert {Change.OPEN, Change.FIXED} <= {each.change for each in found}


def test_what_nobody_asked_for_this_time_is_not_fixed(reported):
    """As where the repositories of last quarter were not handed in again."""
    old, new = reported(BOTH), reported(BOTH)
    new["findings"] = [each for each in new["findings"] if each["rule"] != RULE]
    [rule] = [each for each in new["accounts"][0]["rules"] if each["id"] == RULE]
    rule |= {"status": "not-requested", "unknown": 0}
    assert changes(old, new) == {"ann": Change.NOT_COMPARABLE, "zoe": Change.NOT_COMPARABLE}


ANN = finding("ann")
FIRST = quarter(QUARTERS[0], ANN)
WARNINGS = {
    "another formula of the score: standard-1 then, standard-2 now": {"formula": "standard-2"},
    "another catalogue of checks: 1 then, 2 now": {"catalogue": "2"},
    "other thresholds: profile cis then, pci now": {"profile": "pci"},
}


@pytest.mark.parametrize("warning", WARNINGS)
def test_what_keeps_scores_from_comparing_is_said_and_both_are_worked_out_alike(warning):
    """By the checks that both judged."""
    now = quarter(QUARTERS[1], ANN, **WARNINGS[warning])
    found = compared(FIRST, now)
    assert found.warnings == (warning,)
    assert found.alike
    assert (found.alike.then, found.alike.checks) == (found.alike.now, 1)


def test_other_accounts_keep_scores_from_comparing_too():
    """Each account that came or went is named."""
    both = quarter(QUARTERS[1], ANN, accounts=("111122223333", OTHER))
    assert compared(FIRST, both).warnings == (f"accounts not audited then: {OTHER}",)
    assert compared(both, FIRST).warnings == (f"accounts no longer audited: {OTHER}",)


def test_scores_that_compare_are_left_as_they_are():
    """Nothing is worked out again."""
    found = compared(FIRST, quarter(QUARTERS[1]))
    assert (found.warnings, found.alike) == ((), None)


@pytest.mark.parametrize("member", ["tool", "score", "as_of", "accounts", "findings"])
def test_a_damaged_report_is_found_out_before_it_is_compared(member):
    """By the name of what it lacks."""
    whole = quarter(QUARTERS[0], ANN)
    assert find_damage(whole, the_catalogue()) == ""
    del whole[member]
    assert member in find_damage(whole, the_catalogue())


def test_a_severity_that_nobody_knows_is_damage():
    """It could not be put in order."""
    odd = quarter(QUARTERS[0], finding("ann", severity="dire"))
    assert "dire" in find_damage(odd, the_catalogue())
