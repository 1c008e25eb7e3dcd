"""All that is proposed for an account, less what the evaluator finds fault with."""

from dataclasses import replace

import pytest

from analyzer.config import Limits
from analyzer.policy.authorizer import authorizer_for
from analyzer.proposals import account_proposals
from analyzer.proposals.account_proposals import propose_all
from analyzer.proposals.policies import NewText
from tests.builders import account, allow, policy_text
from tests.proposals.uses import asked


def told(case):
    """What is proposed for the account as it is judged."""
    results = tuple(case.judged_all().values())
    return propose_all(authorizer_for(case.account()), Limits(), (), results, {})


def everything():
    """A role with too much, two people with the same rights, a program with a key."""
    case = account().role("ci").may("*")
    for name in ("ann", "bob"):
        case = case.user(name).password().may("s3:Get*")
    case = case.user("job").key().may("sqs:*")
    return asked(case, "role/ci", {"s3": 1, "sqs": None})


def test_policies_groups_and_roles_are_proposed_together():
    """And the policy is the fix of a finding, too."""
    found = told(everything())
    assert [each.held.label for each in found.policies] == ["inline p0 of role ci"]
    assert [each.joining for each in found.groups] == [("ann", "bob")]
    assert [each.name for each in found.roles] == ["job-role"]
    assert any('"s3:*"' in each for each in found.remedies.values())
    assert found.omitted == 0


def test_without_evidence_of_use_there_are_no_policies():
    """Unknown is not unused."""
    found = told(account().role("ci").may("*"))
    assert (found.policies, found.remedies) == ((), {})


def test_what_the_evaluator_finds_fault_with_is_left_out(monkeypatch):
    """A text that allows more is neither proposed nor a fix."""
    right = account_proposals.propose_policies

    def wrong(*given, **named):
        proposal = right(*given, **named)
        more = NewText("p0", policy_text(allow("s3:*", "ec2:*")))
        policies = (replace(each, texts=(more,)) for each in proposal.policies)
        return replace(proposal, policies=tuple(policies))

    case = asked(account().role("ci").may("s3:*", "sqs:*"), "role/ci", {"s3": 1, "sqs": None})
    assert told(case).policies
    monkeypatch.setattr(account_proposals, "propose_policies", wrong)
    found = told(case)
    assert (found.policies, found.remedies) == ((), {})


@pytest.mark.parametrize(("most", "names"), [(1, ["b"]), (2, ["a", "b"])])
def test_what_would_take_too_long_is_counted(monkeypatch, most, names):
    """Those from which most can go come first."""
    monkeypatch.setattr(account_proposals, "_MOST_PRINCIPALS", most)
    case = account().role("a").may("s3:*", "sqs:*").role("b").may("s3:*", "ec2:*")
    for name in ("a", "b"):
        case = asked(case, f"role/{name}", {"s3": 1, "sqs": None, "ec2": None})
    found = told(case)
    assert [each.held.entities[0].name for each in found.policies] == names
    assert found.omitted == 2 - most
