"""Practice 2: Deny statements that leave a way round them."""

import pytest

from analyzer.rules.action_lists import twins
from analyzer.rules.finding import Status
from tests.builders import account, allow, deny

RULE = "deny-list-bypassable"
PAYROLL = "arn:aws:s3:::payroll/*"
OTHERS = "arn:aws:s3:::shop/*"


def ann(*statements):
    """A user with a policy of these statements."""
    return account().user("ann").key().inline("p", *statements)


@pytest.mark.parametrize("twin", tuple(twins()), ids=lambda each: each.denied)
def test_each_action_that_comes_to_the_same_is_a_way_round(twin):
    """The one denied, the service allowed."""
    service = twin.denied.partition(":")[0]
    case = ann(allow(f"{service}:*"), deny(twin.denied))
    [finding] = case.judged(RULE).findings
    assert finding.facts["ways"] == ", ".join(f"{each} for {twin.denied}" for each in twin.others)
    whole = ann(allow(f"{service}:*"), deny(twin.denied, *twin.others))
    assert not [f for f in whole.judged(RULE).findings if twin.denied in str(f.facts["ways"])]


def test_deny_list_bypassable_fails():
    """The Deny comes first, then what allows the other name."""
    case = ann(allow("s3:Get*"), deny("s3:GetObject", on=PAYROLL))
    [finding] = case.judged(RULE).findings
    assert finding.facts["ways"] == "s3:GetObjectVersion for s3:GetObject"
    assert [place.pointer[-1] for place in finding.locations] == ["1", "0"]


@pytest.mark.parametrize(
    "statements",
    [
        (allow("s3:Get*"), deny("s3:GetObject*", on=PAYROLL)),
        (allow("s3:Get*", on=OTHERS), deny("s3:GetObject", on=PAYROLL)),
        (allow("s3:GetObject"), deny("s3:GetObject", on=PAYROLL)),
        (allow("s3:Get*"), deny("s3:GetObject", on=PAYROLL), deny("s3:*Version", on=PAYROLL)),
    ],
)
def test_deny_list_bypassable_passes(statements):
    """The other name is denied too, or not allowed on what the Deny guards."""
    assert ann(*statements).status(RULE) is Status.PASS


def test_a_deny_that_may_not_hold_is_no_guard_to_walk_round():
    """Outside the office nothing is denied, so there is nothing to get round."""
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    assert ann(allow("s3:Get*"), deny("s3:GetObject", when=office)).status(RULE) is Status.PASS


def test_who_is_denied_nothing_of_the_kind_is_not_asked():
    """No guard, no way round it."""
    assert ann(allow("s3:*"), deny("s3:PutObject")).status(RULE) is Status.NOT_APPLICABLE


def test_deny_list_bypassable_is_not_assessed_under_a_condition_or_without_a_text():
    """From the office alone; or a policy that may deny."""
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    under = ann(allow("s3:GetObjectVersion", when=office), deny("s3:GetObject"))
    assert under.status(RULE) is Status.NOT_ASSESSED
    lost = ann(allow("s3:*")).attached("arn:aws:iam::111122223333:policy/lost")
    assert lost.status(RULE) is Status.NOT_ASSESSED
