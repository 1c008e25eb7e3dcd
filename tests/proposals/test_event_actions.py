"""CloudTrail's names of events, as the IAM actions that allowed them."""

import pytest

from analyzer.policy.actions import action_index
from analyzer.proposals.event_actions import _ACTIONS_OF, _PREFIX_OF, actions_of_event

INDEX = action_index()


@pytest.mark.parametrize(
    ("host", "name", "actions"),
    [
        ("ec2", "RunInstances", {"ec2:RunInstances"}),
        ("s3", "ListObjects", {"s3:ListBucket"}),
        ("s3", "HeadObject", {"s3:GetObject", "s3:GetObjectVersion"}),
        ("lambda", "Invoke20150331", {"lambda:InvokeFunction"}),
        ("lambda", "UpdateFunctionCode20150331v2", {"lambda:UpdateFunctionCode"}),
        ("cloudfront", "CreateDistribution2020_05_31", {"cloudfront:CreateDistribution"}),
        ("monitoring", "PutMetricAlarm", {"cloudwatch:PutMetricAlarm"}),
        ("models.lex", "GetBots", {"lex:GetBots"}),
    ],
)
def test_an_event_is_the_action_that_allowed_it(host, name, actions):
    """By its own name, without the version of the API, or by what AWS's pages call it."""
    assert set(actions_of_event(f"{host}.amazonaws.com", name, INDEX).actions) == actions


def test_an_event_without_a_known_action_is_its_whole_service():
    """API Gateway's actions are the verbs of HTTP, which no event names."""
    found = actions_of_event("apigateway.amazonaws.com", "CreateRestApi", INDEX)
    assert (found.service, found.actions) == ("apigateway", ())
    assert found.bits(INDEX) == INDEX.bits("apigateway:*")


@pytest.mark.parametrize("host", ["made-up.amazonaws.com", "s3.example.com", ""])
def test_an_event_of_no_known_service_is_nothing(host):
    """Nobody can tell which rights it used."""
    found = actions_of_event(host, "GetObject", INDEX)
    assert (found.service, found.bits(INDEX)) == ("", 0)


def test_the_tables_name_what_there_is():
    """A row with a service or an action that AWS does not list would be lost."""
    assert all(INDEX.bits(f"{prefix}:*") for prefix in _PREFIX_OF.values())
    for name, actions in _ACTIONS_OF.items():
        assert all(INDEX.knows(f"{name.partition(':')[0]}:{each}") for each in actions)
