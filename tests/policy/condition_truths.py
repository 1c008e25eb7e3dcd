"""Whether a Condition holds in a request, without any policy around it."""

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.condition_parser import clauses
from analyzer.policy.conditions import Context, evaluate_conditions

KEY = "aws:test"


def evaluate(condition, *, allows=True, **states):
    """Whether the condition holds; `aws_test=("a",)` is the state of that key."""
    keys = {name.replace("_", ":", 1): state for name, state in states.items()}
    found = clauses(JsonNode(condition, Location("E1")))
    return evaluate_conditions(found, Context(keys), allows=allows, has_variables=True)


def truth_of(operator, value, *given_values, key=KEY):
    """Whether the operator holds for a request with these values of the key."""
    return evaluate({operator: {key: value}}, aws_test=given_values).truth
