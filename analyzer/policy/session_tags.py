"""In: a role as the export has it. Out: what its trust policy says of the tags of its sessions.

Whoever takes a role may pass tags, which replace the role's own, if the trust policy allows
sts:TagSession; where it takes nobody in without a certain tag, every session has that one.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from collections.abc import Iterator

from analyzer.evidence.json_documents import JsonNode
from analyzer.globs import matches
from analyzer.inventory.model import Role
from analyzer.policy.condition_parser import Clause, clauses

TAG_SESSION = "sts:TagSession"
REQUEST_TAG = "aws:requesttag/"
_TAGGING = (TAG_SESSION.lower(),)
_TAKING = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
_WILD = set("*?$")


def takes_session_tags(role: Role) -> bool:
    """True if the trust policy possibly lets somebody pass tags; so may one that can't be read."""
    if role.trust is None or not isinstance(role.trust.value, dict):
        return True
    return any(
        _speaks_of(each, _TAGGING)
        for each in role.trust.each("Statement")
        if not _has_effect(each, "deny")
    )


def tags_of_every_session(role: Role) -> dict[str, str]:
    """The tags, names in lower case, that each session of a role that takes tags certainly has.

    Each statement that lets somebody in asks for the same one value; or each that lets tags be
    passed does, and the role itself has the tag with that value.
    """
    if role.trust is None or not isinstance(role.trust.value, dict):
        return {}
    allowing = [each for each in role.trust.each("Statement") if not _has_effect(each, "deny")]
    asked = _asked_by_all(each for each in allowing if _speaks_of(each, _TAKING))
    passed = _asked_by_all(each for each in allowing if _speaks_of(each, _TAGGING))
    own = {name.lower(): value for name, value in role.details.tags.items()}
    return asked | {name: value for name, value in passed.items() if own.get(name) == value}


def _asked_by_all(statements: Iterator[JsonNode]) -> dict[str, str]:
    """The tags that all of these statements ask for, each with its one value."""
    each_asked = [set(_asked_by(each)) for each in statements]
    return dict(set.intersection(*each_asked)) if each_asked else {}


def _asked_by(statement: JsonNode) -> Iterator[tuple[str, str]]:
    if not _has_effect(statement, "allow"):
        return
    for clause in clauses(statement.child("Condition")):
        if clause.key.lower().startswith(REQUEST_TAG) and _names_one_value(clause):
            yield clause.key[len(REQUEST_TAG) :].lower(), clause.values[0]


def _names_one_value(clause: Clause) -> bool:
    """True if the clause holds for one value alone, and not without the tag."""
    is_strict = clause.is_readable and not clause.if_exists and not clause.quantifier
    is_equal = clause.operator in ("StringEquals", "StringLike")
    return is_strict and is_equal and len(clause.values) == 1 and not set(clause.values[0]) & _WILD


def _has_effect(statement: JsonNode, effect: str) -> bool:
    return (statement.text("Effect") or "").lower() == effect


def _speaks_of(statement: JsonNode, actions: tuple[str, ...]) -> bool:
    """True if the statement names one of these actions, in lower case, by whatever pattern."""
    is_turned = not statement.has("Action")
    named = statement.each("NotAction" if is_turned else "Action")
    patterns = [str(each.value).lower() for each in named]
    if is_turned and not patterns:
        return True
    return any(
        any(matches(pattern, action) for pattern in patterns) is not is_turned for action in actions
    )
