"""In: a policy document as the export holds it. Out: its statements, each distinct text once.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode, Placed, normalised_key
from analyzer.policy.actions import ActionIndex, is_literal
from analyzer.policy.condition_parser import Clause, clauses

_WITH_VARIABLES = "2012-10-17"
_NOWHERE = Location("")
_VARIABLE = re.compile(r"\$\{\s*([^},\s]+)")


class Flaw(StrEnum):
    """Why a statement can't be read."""

    NOT_A_DOCUMENT = "not a document"
    REPEATED_MEMBER = "a member twice"
    BOTH_ELEMENTS = "an element and its opposite"
    MISSING_ELEMENT = "an element missing"
    WRONG_TYPE = "an element of the wrong type"
    INVALID_EFFECT = "an unknown Effect"


class Effect(StrEnum):
    """What a statement does; BOTH stands for one whose effect can't be read."""

    ALLOW = "Allow"
    DENY = "Deny"
    BOTH = "unreadable"


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class Statement:
    """One statement by itself; `PolicyInstance.location_of` knows where it is.

    `actions` are bits of the action table, with NotAction already turned round. `unread` says what
    of it can't be read; nobody can tell whether such a statement applies, and one whose actions or
    resources are unreadable covers everything.
    `mentions` are the condition keys and variables that its meaning depends on, lower case.
    `flaw` sorts what is unread; `written_effect` is the Effect as the text has it, and
    `names_resource` tells a Resource of its own from the one that a trust policy does not need.
    """

    index: int
    step: str
    effect: Effect
    actions: int
    action_patterns: tuple[str, ...]
    resources: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()
    sid: str = ""
    has_variables: bool = True
    excludes_actions: bool = False
    excludes_resources: bool = False
    principal: JsonNode | None = None
    excludes_principals: bool = False
    unread: str = ""
    mentions: frozenset[str] = frozenset()
    flaw: Flaw | None = None
    written_effect: str = ""
    names_resource: bool = True

    @property
    def allows(self) -> bool:
        """True if it allows something, certainly or possibly."""
        return self.effect is not Effect.DENY

    @property
    def denies(self) -> bool:
        """True if it denies something, certainly or possibly."""
        return self.effect is not Effect.ALLOW


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """The statements of one policy document, and its Version, None where it names none."""

    statements: tuple[Statement, ...]
    version: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyInstance:
    """A policy document as attached to one principal: the policy's name, and where its text is.

    `doubt` says why nobody can tell whether it counts at all; "" where it does.
    """

    document: Document
    name: str
    location: Location
    arn: str | None = None
    is_in_text: bool = False
    doubt: str = ""

    def location_of(self, statement: Statement) -> Location:
        """Where that statement of the document is."""
        return self.location_at(statement.step)

    def location_at(self, step: str) -> Location:
        """Where that part of the document is, given by its pointer within the document."""
        if self.is_in_text:
            return self.location
        pointer = f"{self.location.pointer or ''}{step}"
        return Location(self.location.evidence, self.location.row, self.location.column, pointer)


ALLOW_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
"""The text of a policy that allows everything, for where AWS's rules put one in."""


@dataclass(frozen=True, slots=True)
class DocumentCache:
    """Parses documents, each distinct text once, over one action table."""

    actions: ActionIndex
    parsed: dict[str, Document] = field(default_factory=dict, compare=False)
    seen: dict[int, tuple[Any, Document]] = field(default_factory=dict, compare=False)

    def held(self, node: JsonNode, name: str, arn: str | None = None) -> PolicyInstance:
        """The node's document as something that a principal holds."""
        return PolicyInstance(self.document(node), name, node.location, arn, node.is_in_text)

    def document(self, node: JsonNode) -> Document:
        """The document of the node; what can't be read of it is a statement that says so."""
        kept = self.seen.get(id(node.value))  # the value is kept with it, so no other has its id
        if kept is not None:
            return kept[1]
        text = _text(node.value)
        found = self.parsed.get(text)
        if found is None:
            version = JsonNode(node.value, _NOWHERE).text("Version")
            found = Document(tuple(_statements(node.value, self.actions)), version)
            self.parsed[text] = found
        self.seen[id(node.value)] = node.value, found
        return found


def literal_actions_in(node: JsonNode) -> Iterator[str]:
    """The actions that a document names without a wildcard, for the action table to have a bit."""
    for statement in JsonNode(node.value, _NOWHERE).each("Statement"):
        for key in ("Action", "NotAction"):
            for each in _values(statement, key):
                if isinstance(each, str) and ":" in each and is_literal(each):
                    yield each


def _text(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.dumps(value)
    except (RecursionError, ValueError, TypeError):
        return repr(id(value))


def _statements(value: Any, actions: ActionIndex) -> Iterator[Statement]:  # noqa: ANN401 - JSON
    document = JsonNode(value, _NOWHERE)
    if document.child("Statement") is None:
        yield _unread(0, "", actions, "the document can't be read", Flaw.NOT_A_DOCUMENT)
        return
    if twice := _named_twice(value):
        why = f"the document holds {twice}"
        yield _unread(0, "", actions, why, Flaw.REPEATED_MEMBER)
    has_variables = document.text("Version") == _WITH_VARIABLES
    for index, node in enumerate(document.each("Statement")):
        step = node.location.pointer or ""
        yield _statement(node, index, step, actions, has_variables=has_variables)


def _named_twice(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Two members that differ in spelling alone: nobody can tell which of them AWS reads."""
    first: dict[str, str] = {}
    for name in map(str, value if isinstance(value, dict) else ()):
        other = first.setdefault(normalised_key(name), name)
        if other is not name:
            return f"both {other} and {name}"
    return ""


def _unread(index: int, step: str, actions: ActionIndex, why: str, flaw: Flaw) -> Statement:
    both = Effect.BOTH
    return Statement(index, step, both, actions.everything, ("*",), ("*",), unread=why, flaw=flaw)


def _statement(
    node: JsonNode, index: int, step: str, actions: ActionIndex, *, has_variables: bool
) -> Statement:
    effect = _effect(node)
    principal = node.child("Principal") or node.child("NotPrincipal")
    named, excludes_actions = _texts(node, "Action", "NotAction")
    resources, excludes_resources = _texts(node, "Resource", "NotResource")
    names_resource = node.has("Resource") or node.has("NotResource")
    if resources is None and principal is not None and not node.has("Resource"):
        resources = ("*",)
    if twice := _named_twice(node.value):
        why = f"statement {index + 1} holds {twice}"
        return _unread(index, step, actions, why, Flaw.REPEATED_MEMBER)
    if named is None or resources is None:
        return _unread(
            index, step, actions, *_flaw(node, "Action" if named is None else "Resource", index)
        )
    bits = 0
    for pattern in named:
        bits |= actions.bits(pattern)
    tests = clauses(node.child("Condition"))
    return Statement(
        index=index,
        step=step,
        effect=effect or Effect.BOTH,
        actions=actions.everything & ~bits if excludes_actions else bits,
        action_patterns=named,
        resources=resources,
        clauses=tests,
        sid=node.text("Sid") or "",
        has_variables=has_variables,
        excludes_actions=excludes_actions,
        excludes_resources=excludes_resources,
        principal=principal,
        excludes_principals=node.child("NotPrincipal") is not None,
        mentions=_mentions(tests, resources),
        unread="" if effect else f"Effect of statement {index + 1} can't be read",
        flaw=None if effect else Flaw.INVALID_EFFECT,
        written_effect=node.text("Effect") or "",
        names_resource=names_resource,
    )


def _flaw(node: JsonNode, key: str, index: int) -> tuple[str, Flaw]:
    """Why the element can't be read, in words and by its sort."""
    has_it, has_other = node.has(key), node.has(f"Not{key}")
    if has_it and has_other:
        return f"statement {index + 1} has both {key} and Not{key}", Flaw.BOTH_ELEMENTS
    if has_it or has_other:
        name = key if has_it else f"Not{key}"
        return f"{name} of statement {index + 1} can't be read", Flaw.WRONG_TYPE
    return f"statement {index + 1} has no {key}", Flaw.MISSING_ELEMENT


def _effect(node: JsonNode) -> Effect | None:
    """The effect; one in another case is taken for what it most likely means."""
    given = (node.text("Effect") or "").capitalize()
    return Effect(given) if given in (Effect.ALLOW, Effect.DENY) else None


def _texts(node: JsonNode, key: str, other: str) -> tuple[tuple[str, ...] | None, bool]:
    """The strings under one of the two keys, and whether it was the second; None: unreadable."""
    is_other = not node.has(key)
    if (is_other and not node.has(other)) or (not is_other and node.has(other)):
        return None, False
    values = _values(node, other if is_other else key)
    if not all(isinstance(each, str) for each in values):
        return None, False
    return tuple(values), is_other


def _values(node: JsonNode, key: str) -> list[Any]:
    """The members of the list of that name, as `JsonNode.each` has them, without their places."""
    found = node.child(key)
    if found is None:
        return []
    members = found.value if isinstance(found.value, list) else [found.value]
    return [each.value if isinstance(each, Placed) else each for each in members]


def _mentions(tests: tuple[Clause, ...], resources: tuple[str, ...]) -> frozenset[str]:
    texts = (*resources, *(value for clause in tests for value in clause.values))
    variables = (name for text in texts for name in _VARIABLE.findall(text))
    return frozenset(each.lower() for each in (*variables, *(clause.key for clause in tests)))
