"""In: statements made up for the tests. Out: what the lint says of them."""

from datetime import UTC, datetime

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.actions import action_index
from analyzer.policy.documents import DocumentCache
from analyzer.policy.lint.policies import policy_faults, trust_policy_faults
from analyzer.policy.lint.surroundings import Surroundings

ACTIONS = action_index()
AROUND = Surroundings(ACTIONS, datetime(2026, 6, 1, tzinfo=UTC), principal_tags=frozenset({"team"}))
VERSION = "2012-10-17"


def document(*statements, version=VERSION):
    """The document of these statements, parsed."""
    text = {"Statement": list(statements)} | ({"Version": version} if version else {})
    cache = DocumentCache(action_index(_literals(statements)))
    return cache.document(JsonNode(text, Location("E1")))


def faults(*statements, version=VERSION):
    """The faults of a policy with these statements."""
    return tuple(policy_faults(document(*statements, version=version), around_of(statements)))


def trust_faults(*statements):
    """The faults of a trust policy with these statements."""
    return tuple(trust_policy_faults(document(*statements), AROUND))


def around_of(statements):
    """The surroundings whose action table has a bit for each action that the statements name."""
    table = action_index(_literals(statements))
    return Surroundings(table, AROUND.as_of, principal_tags=AROUND.principal_tags)


def told(found):
    """Kind, meaning and code of each fault."""
    return {(each.kind, each.meaning, each.issue_code) for each in found}


def _literals(statements):
    for each in statements:
        actions = each.get("Action", ()) if isinstance(each, dict) else ()
        for action in actions if isinstance(actions, list) else [actions]:
            if ":" in str(action) and not {"*", "?"} & set(action):
                yield action
