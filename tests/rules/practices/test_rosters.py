"""Practice 8: a list of people is as good as its date, its rows and its IDs."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

STALE, PARTIAL, AMBIGUOUS = "roster-stale", "roster-partial", "roster-ambiguous"
HEADER = "Employee ID,First Name,Last Name,Work Email,Last Day\n"
GOOD = HEADER + "1,Ann,Lee,ann@corp.example,\n2,Bo,Ray,bo@corp.example,2026-01-31\n"


@pytest.mark.parametrize(
    ("day", "status"),
    [("2026-09-24", Status.PASS), ("2026-09-23", Status.FAIL), ("2026-10-09", Status.FAIL)],
)
def test_roster_stale_allows_a_week_before_or_after_the_exports(day: str, status: Status):
    """A list of last month judges this month's leavers as employed."""
    case = account().people(GOOD).people(f"exported_at = {day}\n", "people.toml")
    assert case.status(STALE) is status


def test_roster_stale_is_not_assessed_without_a_date():
    """Nothing is read from the clock of the machine or the file system."""
    result = account().people(GOOD).judged(STALE)
    assert result.status is Status.NOT_ASSESSED
    assert "exported_at" in result.reason


def test_roster_partial_passes_for_a_list_of_both():
    """Employed and gone."""
    assert account().people(GOOD).status(PARTIAL) is Status.PASS


@pytest.mark.parametrize(
    ("text", "settings", "sign"),
    [
        (HEADER + "1,Ann,Lee,ann@corp.example,\n", "", "nobody in it has left"),
        (HEADER + "2,Bo,Ray,bo@corp.example,2026-01-31\n", "", "nobody in it is employed"),
        (GOOD, "total = 3", "HR counts 3 and the file has 2 rows"),
        (GOOD, "contractors = false", "contractors are not in it"),
        (GOOD + ",,,,2026-05-05\n", "", "1 row(s) name nobody"),
        (GOOD + "3,Eva,Ray, Jr,e@corp.example,\n", "", "more cells than the header"),
    ],
)
def test_roster_partial_says_who_may_be_missing(text: str, settings: str, sign: str):
    """What the list itself shows, and what was stated of it."""
    [finding] = account().people(text).people(settings, "people.toml").judged(PARTIAL).findings
    assert sign in str(finding.facts["sign"])


def test_two_lists_make_up_for_each_other():
    """One of those who are there, one of those who left."""
    case = account().people(HEADER + "1,Ann,Lee,ann@corp.example,\n", "here.csv")
    case = case.people(HEADER + "2,Bo,Ray,bo@corp.example,2026-01-31\n", "gone.csv")
    assert case.status(PARTIAL) is Status.PASS


@pytest.mark.parametrize(
    ("rows", "sign"),
    [
        ("1,Cy,Dale,cy@corp.example,\n", "share an ID with rows of another given name"),
        ("3,Eva,M?ller,e@corp.example,\n", "lost or misread"),
        ("3E+10,Eva,Fox,e@corp.example,\n", "a spreadsheet rounded"),
        ("3,Eva,Fox,e@corp.example,05/06/2026\n", "can't be read"),
        ("3,A,B,,13/02/2026\n4,C,D,,02/13/2026\n", "both orders"),
    ],
)
def test_roster_ambiguous_says_what_is_open(rows: str, sign: str):
    """A count and the first places, and no name."""
    case = account().people(GOOD + rows)
    [finding] = case.judged(AMBIGUOUS).findings
    assert sign in str(finding.facts["sign"])
    assert "Eva" not in str(finding.facts)


def test_roster_ambiguous_passes_for_a_clean_list():
    """Each ID is one person's."""
    assert account().people(GOOD).status(AMBIGUOUS) is Status.PASS
