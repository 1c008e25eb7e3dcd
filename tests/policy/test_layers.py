"""Which requests a layer restricts, and the keys that tell two principals apart."""

import pytest

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.actions import action_index
from analyzer.policy.documents import DocumentCache
from analyzer.policy.layers import (
    Decision,
    PolicyLayer,
    ServiceReach,
    Verdict,
    best_decision,
    keys_mentioned,
)
from tests.builders import allow, policy_text

REACH = ServiceReach(
    certain=frozenset({"s3"}), never=frozenset({"iam"}), exempt=frozenset({"s3:listbucket"})
)


def layer(*statements):
    """A layer of one policy."""
    node = JsonNode(policy_text(*statements), Location("E1"))
    return PolicyLayer("identity", (DocumentCache(action_index()).held(node, "p"),))


@pytest.mark.parametrize(
    ("reach", "action", "applies", "certainly"),
    [
        (None, "iam:GetUser", True, True),
        (REACH, "s3:GetObject", True, True),
        (REACH, "S3:GetObject", True, True),
        (REACH, "s3express:CreateSession", True, False),
        (REACH, "iam:GetUser", False, False),
        (REACH, "s3:ListBucket", False, False),
    ],
)
def test_a_layer_restricts_the_services_that_it_reaches(reach, action, applies, certainly):
    """All without a reach; with one, of services that it does not speak of nobody can tell."""
    layer = PolicyLayer("RCP", (), reach=reach)
    assert (layer.applies(action), layer.certainly_applies(action)) == (applies, certainly)


def test_condition_keys_and_variables_are_mentioned_in_lower_case():
    """Principals with the same policies and the same values of these share one evaluator."""
    when = {"StringEquals": {"aws:PrincipalTag/Team": "${aws:UserName}"}}
    tagged = layer(allow("s3:*", on="arn:aws:s3:::${aws:userid}/*", when=when))
    assert keys_mentioned([tagged]) == {"aws:principaltag/team", "aws:username", "aws:userid"}
    assert keys_mentioned([layer(allow("s3:*"))]) == frozenset()


def test_the_best_of_several_decisions_is_the_first_of_equals():
    """After one that is allowed nobody is asked any more, and of none there is no best."""
    doubts = [Decision(Verdict.CONDITIONAL, reasons=(each,)) for each in ("one", "two")]
    denied, allowed = Decision(Verdict.DENIED), Decision(Verdict.ALLOWED)
    assert best_decision([denied, *doubts]) is doubts[0]
    waiting = iter([denied, allowed, *doubts])
    assert best_decision(waiting) is allowed
    assert list(waiting) == doubts
    with pytest.raises(ValueError, match="no decision"):
        best_decision([])
