"""In: a parsed document. Out: what of it IAM's grammar does not allow, or reads otherwise.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from collections import Counter
from collections.abc import Iterator

from analyzer.policy.documents import Document, Effect, Flaw, Statement
from analyzer.policy.lint.faults import Fault, FaultKind, Meaning
from analyzer.policy.lint.surroundings import fault_in

_VERSIONS = ("2012-10-17", "2008-10-17")
_FLAWS = {
    Flaw.NOT_A_DOCUMENT: FaultKind.UNREADABLE,
    Flaw.REPEATED_MEMBER: FaultKind.REPEATED_MEMBER,
    Flaw.BOTH_ELEMENTS: FaultKind.BOTH_ELEMENTS,
    Flaw.MISSING_ELEMENT: FaultKind.MISSING_ELEMENT,
    Flaw.WRONG_TYPE: FaultKind.UNREADABLE,
    Flaw.INVALID_EFFECT: FaultKind.INVALID_EFFECT,
}


def grammar_faults(document: Document, *, is_trust: bool = False) -> Iterator[Fault]:
    """What the document breaks of the grammar, for an identity policy or a role's trust."""
    yield from _version(document)
    if not document.statements:
        text = "it has no statement"
        yield Fault(FaultKind.NO_STATEMENT, Meaning.NEVER, None, "/Statement", "", text)
    for each in document.statements:
        yield from _statement(each, is_trust=is_trust)
    named = Counter(each.sid for each in document.statements if each.sid)
    for each in document.statements:
        if named[each.sid] > 1:
            text = f'Sid "{each.sid}" stands in {named[each.sid]} statements'
            yield fault_in(each, FaultKind.REPEATED_SID, Meaning.REFUSED, each.sid, text)


def _version(document: Document) -> Iterator[Fault]:
    version = document.version
    if version is None and document.statements:
        text = "it names no Version, so that variables are plain text in it"
        yield Fault(FaultKind.MISSING_VERSION, Meaning.REMARK, None, "", "", text)
    elif version is not None and version not in _VERSIONS:
        text = f'Version "{version}" is none'
        yield Fault(FaultKind.INVALID_VERSION, Meaning.REFUSED, None, "", version, text)


def _statement(statement: Statement, *, is_trust: bool) -> Iterator[Fault]:
    if statement.flaw is not None:
        kind = _FLAWS[statement.flaw]
        value = statement.written_effect or statement.unread
        if statement.flaw is Flaw.MISSING_ELEMENT:
            value = "Action" if "Action" in statement.unread else "Resource"
        yield fault_in(statement, kind, Meaning.REFUSED, value, statement.unread)
        return
    if statement.written_effect not in (Effect.ALLOW.value, Effect.DENY.value):
        text = f'Effect "{statement.written_effect}" is neither Allow nor Deny'
        kind = FaultKind.INVALID_EFFECT
        yield fault_in(statement, kind, Meaning.REFUSED, statement.written_effect, text)
    if statement.principal is not None and not is_trust:
        text = "an identity policy names a Principal"
        kind = FaultKind.IDENTITY_PRINCIPAL
        yield fault_in(statement, kind, Meaning.REFUSED, "Principal", text)
    if not statement.action_patterns and not statement.excludes_actions:
        yield fault_in(
            statement, FaultKind.EMPTY_ACTION, Meaning.NEVER, "[]", "its list of actions is empty"
        )
    if not statement.resources and not statement.excludes_resources:
        text = "its list of resources is empty"
        yield fault_in(statement, FaultKind.EMPTY_RESOURCE, Meaning.NEVER, "[]", text)
    yield from _variables(statement)


def _variables(statement: Statement) -> Iterator[Fault]:
    """Variables without an end, and variables that the Version keeps from being read."""
    conditioned = [
        (value, clause.location.pointer) for clause in statement.clauses for value in clause.values
    ]
    for value, pointer in (*((each, None) for each in statement.resources), *conditioned):
        if value.rfind("${") > value.rfind("}"):
            text = f'a variable in "{value}" has no end'
            kind = FaultKind.UNCLOSED_VARIABLE
            yield fault_in(statement, kind, Meaning.REFUSED, value, text, pointer=pointer)
    if statement.has_variables:
        return
    plain = [each for each in statement.resources if "${" in each]
    if plain and not statement.excludes_resources:
        meaning = Meaning.NEVER if len(plain) == len(statement.resources) else Meaning.PART
        yield _unread_variable(statement, meaning, plain[0])
    elif plain:
        yield _unread_variable(statement, Meaning.REMARK, plain[0])
    for clause in statement.clauses:
        values = [each for each in clause.values if "${" in each]
        if values and len(values) == len(clause.values) and not clause.quantifier:
            is_negated = "Not" in clause.operator
            meaning = Meaning.ALWAYS if is_negated else Meaning.NEVER
            if clause.if_exists and not is_negated:
                meaning = Meaning.REMARK
            yield _unread_variable(statement, meaning, values[0], clause.location.pointer)


def _unread_variable(
    statement: Statement, meaning: Meaning, value: str, pointer: str | None = None
) -> Fault:
    text = f'the Version makes the variable in "{value}" plain text'
    kind = FaultKind.VARIABLE_WITHOUT_VERSION
    return fault_in(statement, kind, meaning, value, text, pointer=pointer)
