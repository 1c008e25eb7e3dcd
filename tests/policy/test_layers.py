"""Which requests a layer restricts, and the keys that tell two principals apart."""

import pytest

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.actions import action_index
from analyzer.policy.documents import DocumentCache
from analyzer.policy.layers import PolicyLayer, keys_mentioned
from tests.builders import allow, policy_text


def layer(*statements):
    """A layer of one policy."""
    node = JsonNode(policy_text(*statements), Location("E1"))
    return PolicyLayer("identity", (DocumentCache(action_index()).held(node, "p"),))


@pytest.mark.parametrize(
    ("services", "action", "applies"),
    [
        (None, "iam:GetUser", True),
        (frozenset({"s3"}), "s3:GetObject", True),
        (frozenset({"s3"}), "S3:GetObject", True),
        (frozenset({"s3"}), "s3express:CreateSession", False),
        (frozenset({"s3"}), "iam:GetUser", False),
    ],
)
def test_a_layer_restricts_the_services_it_is_for(services, action, applies):
    """Every service, unless it names some."""
    assert PolicyLayer("RCP", (), services=services).applies(action) is applies


def test_condition_keys_and_variables_are_mentioned_in_lower_case():
    """Principals with the same policies and the same values of these share one evaluator."""
    when = {"StringEquals": {"aws:PrincipalTag/Team": "${aws:UserName}"}}
    tagged = layer(allow("s3:*", on="arn:aws:s3:::${aws:userid}/*", when=when))
    assert keys_mentioned([tagged]) == {"aws:principaltag/team", "aws:username", "aws:userid"}
    assert keys_mentioned([layer(allow("s3:*"))]) == frozenset()
