"""In: the same user in exports that write times differently. Out: one identity."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account

ANN = account().user("ann", created="2024-06-06T12:00:00+00:00").attached("ReadOnlyAccess").key()


def name_of(case, rule: str) -> str:
    """The fingerprint of the one finding."""
    [finding] = case.judged(rule).findings
    return finding.fingerprint


@pytest.mark.parametrize(
    "written", ["2024-06-06T12:00:01+00:00", "2024-06-06 12:00", "2024-06-06T12:00:02+00:00"]
)
def test_a_second_between_two_exports_makes_no_other_user(written):
    """The exports round by themselves, and a spreadsheet drops the seconds."""
    rounded = ANN.cell("ann", "user_creation_time", written)
    for rule in ("user-direct-policy", "user-owner-unknown"):
        assert name_of(rounded, rule) == name_of(ANN.without(REPORT).audited_at(0), rule)
    rule = "any-user-no-mfa"
    assert name_of(rounded.without(DETAILS), rule) == name_of(ANN, rule)


def test_a_user_made_again_is_another_one():
    """A namesake made later has other findings."""
    again = account().user("ann", created="2024-06-07T12:00:00+00:00").key()
    assert name_of(again, "any-user-no-mfa") != name_of(ANN, "any-user-no-mfa")


def test_a_key_keeps_its_name_where_the_seconds_are_dropped():
    """A re-saved report writes the same key."""
    old = account().user("ann").key(age="2024-06-06T12:00:45+00:00")
    saved = old.cell("ann", "access_key_1_last_rotated", "2024-06-06 12:00")
    assert name_of(old, "key-older-than-one-year") == name_of(saved, "key-older-than-one-year")


def test_two_keys_of_one_minute_are_two():
    """Made within a minute, they are told apart by their slots."""
    case = account().user("ann")
    case = case.key(age="2024-06-06T12:00:05+00:00").key(age="2024-06-06T12:00:45+00:00")
    result = case.judged("key-older-than-one-year")
    assert (result.status, len({each.fingerprint for each in result.findings})) == (Status.FAIL, 2)


def test_a_key_of_root_keeps_its_name_where_the_seconds_are_dropped():
    """Root's row is re-saved like any other."""
    old = account().root().key(age="2024-06-06T12:00:45+00:00", active=False)
    saved = account().root().key(age="2024-06-06T12:00:00+00:00", active=False)
    rule = "root-access-key-inactive-present"
    assert name_of(old, rule) == name_of(saved, rule)
