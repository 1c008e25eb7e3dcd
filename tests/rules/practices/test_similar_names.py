"""Practice 8: users that may be one person."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

RULE = "similar-user-names"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("john.smith", "jsmith"),
        ("john.smith", "john.smith-admin"),
        ("John_Smith", "johnsmith2"),
        ("jsmith-cli", "john.smith@example.com"),
        ("maria.garcia", "maria.garcia.test"),
    ],
)
def test_two_names_of_one_person_are_found_once(one: str, other: str):
    """The finding names both."""
    [finding] = account().user(one).user(other).judged(RULE).findings
    assert {finding.facts["user"], finding.facts["other"]} == {one, other}
    assert len(finding.locations) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("john.smith", "ann.jones"),
        ("john.smith", "mary.smith"),
        ("pat.smith", "paul.smith"),
        ("bo", "bo2"),
        ("ci-prod", "ci-test"),
        ("admin", "admin2"),
        ("team.blue", "team.blue2"),
        ("break-glass-1", "break-glass-2"),
    ],
)
def test_names_of_two_people_or_of_none_are_not(one: str, other: str):
    """A family name alone, a short word, a machine's or a crowd's name."""
    assert account().user(one).user(other).status(RULE) is Status.PASS


def test_a_third_user_of_the_person_is_a_second_finding():
    """Each user but the first has one."""
    case = account().user("john.smith").user("jsmith").user("jsmith-old")
    assert len(case.judged(RULE).findings) == 2


def test_users_for_emergencies_are_meant_to_be_two():
    """Whatever they are called, once they are declared."""
    case = account().user("glas.haus1").user("glas.haus2")
    assert case.status(RULE) is Status.FAIL
    assert case.limits(break_glass=frozenset({"glas.haus2"})).status(RULE) is Status.PASS
