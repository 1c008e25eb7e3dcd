"""The way from the ledger to the score, as it is printed: whoever adds it up gets the score."""

import copy
import math
import re
from fractions import Fraction

import pytest

from analyzer.rules.severity import Severity
from analyzer.score import FORMULA, deduction_tenths
from analyzer.writers import html
from analyzer.writers.view.score import score_steps, total_deduction
from tests.writers.leaked_report import plain


def test_the_printed_steps_lead_to_the_score(report):
    """Base and limits as printed, the least of them rounded down, give the account's score."""
    for account in report["accounts"]:
        way = score_steps(account)
        limits = [each["limit"] for each in account["score"]["caps"]]
        assert math.floor(min([way.base, *limits])) == account["score"]["value"]


def test_each_deduction_is_its_points_times_its_factor(report):
    """To the tenth that the ledger counts in, and their sum is the figure beside the score."""
    for account in report["accounts"]:
        way = score_steps(account)
        for cost in way.deductions:
            assert cost.points * cost.times == pytest.approx(cost.deduction, abs=0.05)
        total = sum(Fraction(str(cost.deduction)) for cost in way.deductions)
        assert Fraction(str(way.total)) == total
        assert total_deduction(account["score"]["ledger"]) == way.total


def test_the_factors_as_printed_give_the_deduction_as_printed(report, catalogue):
    """Whoever multiplies the two figures of a row gets the third, for any number of resources."""
    changed = copy.deepcopy(report)
    costs = [(each, n) for each in Severity for n in range(1, 11) if FORMULA.points[each]]
    changed["accounts"][0]["score"]["ledger"] = [
        {"rule": "root-mfa-missing", "practice": "mfa", "severity": each.value, "failed": n}
        | {"accepted": 0, "deduction": deduction_tenths(each, n) / 10}
        for each, n in costs
    ]
    told = plain(html.render(changed, catalogue).decode()).partition("what each failing check")[2]
    rows = re.findall(r"(?:critical|high|medium|low) \d+ (\d+) ([\d.]+) ([\d.]+) ", told)
    assert len(rows) >= len(costs)
    for points, times, deduction in rows:
        assert f"{float(points) * float(times):.1f}" == deduction


def test_the_base_is_never_printed_above_what_it_is(report):
    """79.997 is no 80.00: the score beside it is 79."""
    account = copy.deepcopy(report["accounts"][0])
    for each in account["practices"]:
        each["score"] = 82.8 if each["id"] == "identities" else 79.9
    way = score_steps(account)
    base = FORMULA.mean_share * Fraction(str(way.weighted)) / way.weights
    base += (1 - FORMULA.mean_share) * Fraction("79.9")
    assert math.floor(base) == 79
    assert (f"{float(base):.2f}", f"{way.base:.2f}") == ("80.00", "79.99")


def test_accepted_findings_of_lower_severity_are_not_counted(report):
    """The ledger's line says how many cost something."""
    account = copy.deepcopy(report["accounts"][0])
    account["score"]["ledger"] = [
        {"rule": "a", "practice": "mfa", "severity": word, "failed": 3, "accepted": 2}
        | {"deduction": 0.0}
        for word in ("high", "medium")
    ]
    assert [cost.counted for cost in score_steps(account).deductions] == [3, 1]


def test_where_nothing_is_rated_no_figure_is_made_up(report):
    """Neither mean nor base, instead of a zero or a hundred."""
    account = copy.deepcopy(report["accounts"][0])
    for each in account["practices"]:
        each["score"] = None
    assert (score_steps(account).mean, score_steps(account).base) == (None, None)


def test_an_account_without_a_score_is_named_beside_the_mean(report, catalogue):
    """The mean is that of the others, which nobody could see."""
    assert len(report["accounts"]) > 1
    changed = copy.deepcopy(report)
    unrated = changed["accounts"][1]
    unrated["score"] |= {"value": None, "grade": "not rated", "caps": []}
    for each in unrated["practices"]:
        each["score"] = None
    said = f"of {unrated['id']} nothing could be scored, so the mean is that of the others"
    assert said in plain(html.render(changed, catalogue).decode())
    assert "nothing could be scored" not in plain(html.render(report, catalogue).decode())
