"""Practice 2: managed policies that the auditor's list forbids."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

RULE = "forbidden-managed-policy"
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
OWN = "arn:aws:iam::111122223333:policy/legacy"


@pytest.mark.parametrize("name", ["PowerUserAccess", POWER])
@pytest.mark.parametrize(
    "case",
    [account().user("ann"), account().empty_group("ops"), account().role("app")],
)
def test_whoever_holds_it_is_found(case, name):
    """User, group or role; by the policy's name or its ARN."""
    held = case.attached("PowerUserAccess").limits(forbidden_policies=frozenset({name}))
    [found] = held.judged(RULE).findings
    assert found.facts["policies"] == "PowerUserAccess"


def test_a_policy_of_the_account_can_be_forbidden():
    """By its ARN."""
    case = account().policy("legacy").role("app").attached(OWN)
    assert case.limits(forbidden_policies=frozenset({OWN})).status(RULE) is Status.FAIL


def test_other_policies_keep_the_rule():
    """Also those whose name begins alike."""
    case = account().role("app").attached("PowerUserAccess2")
    assert case.limits(forbidden_policies=frozenset({POWER})).status(RULE) is Status.PASS


def test_without_a_list_nothing_is_forbidden():
    """The rule has no members."""
    assert account().role("app").attached("PowerUserAccess").status(RULE) is Status.NOT_APPLICABLE
