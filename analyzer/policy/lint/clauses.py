"""In: a statement's conditions. Out: those that never hold, and those that always do.

What a clause says of a request with or without its key, the evaluator decides; here is told only
which requests have it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Iterator

from analyzer.policy.condition_operators import ADDRESS_OPERATORS, covers_public_internet
from analyzer.policy.condition_parser import Clause
from analyzer.policy.conditions import Context, KeyKnowledge, Ternary, evaluate_conditions
from analyzer.policy.documents import Statement
from analyzer.policy.lint.action_details import TAG_FAMILIES, families_of
from analyzer.policy.lint.condition_keys import (
    ALWAYS_PRESENT,
    DIRECT_CALLS,
    GLOBAL_KEYS,
    MAY_BE_MISSING,
    PICKED_BY_ASKER,
    global_type,
    is_global,
    is_of_service,
    type_of,
)
from analyzer.policy.lint.faults import Fault, FaultKind, Meaning
from analyzer.policy.lint.surroundings import Surroundings, fault_in
from analyzer.policy.lint.values import WrongValue, wrong_values

_NAMED = 3
_PRINCIPAL_TAG = "aws:principaltag/"
_ABSENT = KeyKnowledge.ABSENT


def clause_faults(statement: Statement, around: Surroundings) -> Iterator[Fault]:
    """The faults of its conditions, each at its clause."""
    if statement.unread:
        return
    for clause in statement.clauses:
        found = _fault_of(clause, statement, around)
        if found is not None:
            kind, meaning, text = found
            value = ", ".join(clause.values) or clause.key
            yield fault_in(statement, kind, meaning, value, text, pointer=clause.location.pointer)


_Found = tuple[FaultKind, Meaning, str]


def _fault_of(clause: Clause, statement: Statement, around: Surroundings) -> _Found | None:
    """The first fault of the clause: what it lacks before what it says."""
    if not clause.is_readable:
        text = f"the condition {clause.operator} can't be read"
        return FaultKind.UNREADABLE_CONDITION, Meaning.REMARK, text
    if clause.operator == "Null" and (clause.if_exists or clause.quantifier):
        text = "Null takes no IfExists and no quantifier"
        return FaultKind.NULL_IF_EXISTS, Meaning.REFUSED, text
    return (
        _missing_key(clause, statement, around)
        or _empty(clause)
        or _wrong_value(clause, around)
        or _null(clause)
        or _network(clause)
        or _any_value(clause)
        or _evaded(clause, statement, around)
    )


def truth_without(clauses: tuple[Clause, ...], key: str) -> Ternary:
    """What the clauses say of a request that lacks the key."""
    context = Context({key: _ABSENT})
    return evaluate_conditions(clauses, context, allows=True, has_variables=True).truth


def _missing_key(clause: Clause, statement: Statement, around: Surroundings) -> _Found | None:
    """A key that no request for the statement's actions has."""
    key = clause.key.lower()
    found = _why_missing(key, statement, around)
    if found is None:
        return None
    kind, text = found
    truth = truth_without((clause,), key)
    meanings = {Ternary.TRUE: Meaning.ALWAYS, Ternary.FALSE: Meaning.NEVER}
    holds = "so the condition holds for all" if truth is Ternary.TRUE else "so it holds for none"
    return kind, meanings.get(truth, Meaning.REMARK), f"{text}, {holds}"


def _why_missing(
    key: str, statement: Statement, around: Surroundings
) -> tuple[FaultKind, str] | None:
    dated = around.actions.dated
    if is_global(key) and global_type(key) is None:
        return FaultKind.UNKNOWN_GLOBAL_KEY, f"{key} is not among the global condition keys"
    if is_of_service(key, around.details):
        if not around.details.knows_key(key):
            text = f"{key} is not in the action table of {dated}"
            return FaultKind.UNKNOWN_SERVICE_KEY, text
        if _no_action_has(key, statement, around):
            text = f"none of its actions has {key}, by the action table of {dated}"
            return FaultKind.UNSUPPORTED_KEY, text
    elif family := next((each for each in families_of(key) if each in TAG_FAMILIES), ""):
        names = [name.lower() for name in _names(statement, around)]
        services = {name.partition(":")[0] for name in names}
        is_told = all(name in around.details.keys for name in names)
        if names and is_told and not services & around.details.services_with[family]:
            told = ", ".join(sorted(services)[:_NAMED])
            text = f"no action of {told} has {key}, by the action table of {dated}"
            return FaultKind.UNSUPPORTED_TAG_KEY, text
    return None


def _names(statement: Statement, around: Surroundings) -> Iterator[str]:
    return around.actions.named(statement.actions)


def _no_action_has(key: str, statement: Statement, around: Surroundings) -> bool:
    """True if AWS lists the key with none of the statement's actions."""
    has_action = False
    for name in _names(statement, around):
        has_action = True
        if around.details.has_key(name.lower(), key) is not False:
            return False
    return has_action


def _empty(clause: Clause) -> _Found | None:
    if clause.values:
        return None
    is_met = "Not" in clause.operator or clause.if_exists or clause.quantifier == "ForAllValues"
    meaning = Meaning.ALWAYS if "Not" in clause.operator else Meaning.NEVER
    if clause.operator == "Null" or (is_met and meaning is Meaning.NEVER):
        meaning = Meaning.REMARK
    return FaultKind.EMPTY_CONDITION, meaning, f"{clause.key} is compared with an empty list"


def _wrong_value(clause: Clause, around: Surroundings) -> _Found | None:
    """Values that no value of the key equals."""
    found = wrong_values(clause, type_of(clause.key.lower(), around.details), around.as_of)
    if found is None:
        return None
    return found.kind, _meaning_of_wrong(clause, found), found.explanation


def _meaning_of_wrong(clause: Clause, found: WrongValue) -> Meaning:
    if found.only_some:
        return Meaning.REMARK
    if "Not" in clause.operator:
        return Meaning.ALWAYS if found.turns_round else Meaning.REMARK
    lets_missing_pass = clause.if_exists or clause.quantifier == "ForAllValues"
    may_lack = clause.key.lower() not in ALWAYS_PRESENT
    return Meaning.REMARK if lets_missing_pass and may_lack else Meaning.NEVER


def _null(clause: Clause) -> _Found | None:
    key = clause.key.lower()
    if clause.operator != "Null" or key not in ALWAYS_PRESENT:
        return None
    wanted = {each.lower() for each in clause.values}
    if wanted == {"false"}:
        text = f"every request has {clause.key}"
        return FaultKind.KEY_ALWAYS_PRESENT, Meaning.ALWAYS, text
    if wanted == {"true"}:
        text = f"no request lacks {clause.key}"
        return FaultKind.KEY_NEVER_MISSING, Meaning.NEVER, text
    return None


def _network(clause: Clause) -> _Found | None:
    if clause.operator not in ADDRESS_OPERATORS or clause.quantifier:
        return None
    if not any(covers_public_internet(clause.values, version) for version in (4, 6)):
        return None
    is_negated = clause.operator == "NotIpAddress"
    text = f"{', '.join(clause.values)} is every address"
    meaning = Meaning.NEVER if is_negated else Meaning.ALWAYS
    return FaultKind.ALL_ADDRESSES, meaning, text


def _any_value(clause: Clause) -> _Found | None:
    """A pattern that any value fits, on a key that every request has or anybody gives."""
    key = clause.key.lower()
    has_patterns = clause.operator.endswith("Like") or clause.operator.startswith("Arn")
    is_any = any(each and not each.strip("*") for each in clause.values)
    if not has_patterns or not is_any:
        return None
    text = f'"*" stands for any {clause.key}'
    if "Not" in clause.operator:
        is_sure = key in ALWAYS_PRESENT and not clause.quantifier
        return (FaultKind.ANY_VALUE, Meaning.NEVER, text) if is_sure else None
    if key in ALWAYS_PRESENT or clause.if_exists or clause.quantifier == "ForAllValues":
        return FaultKind.ANY_VALUE, Meaning.ALWAYS, text
    is_picked = key in PICKED_BY_ASKER
    return (FaultKind.ANY_VALUE, Meaning.EVADED, text) if is_picked else None


def _evaded(clause: Clause, statement: Statement, around: Surroundings) -> _Found | None:
    """A test of an Allow that a request without the key passes, where whoever asks may lack it."""
    key = clause.key.lower()
    if clause.operator == "Null" or clause.quantifier == "ForAnyValue" or not statement.allows:
        return None
    on_key = tuple(each for each in statement.clauses if each.key.lower() == key)
    if truth_without(on_key, key) is not Ternary.TRUE:
        return None
    kind = type_of(key, around.details)
    if clause.quantifier == "ForAllValues":
        return _for_all_values(clause, key, has_one=kind is not None and not kind.has_many)
    if not _may_lack(key, around):
        return None
    how = f"{clause.operator}IfExists" if clause.if_exists else clause.operator
    text = f"{how} holds for a request without {clause.key}"
    return FaultKind.MISSING_PASSES, Meaning.EVADED, text


def _for_all_values(clause: Clause, key: str, *, has_one: bool) -> _Found | None:
    text = f"ForAllValues holds for a request without {clause.key}"
    if has_one:
        is_there = key in ALWAYS_PRESENT
        meaning = Meaning.REMARK if is_there else Meaning.EVADED
        return FaultKind.SINGLE_VALUED_KEY, meaning, f"{text}, which has one value at most"
    if key in MAY_BE_MISSING:
        return FaultKind.FOR_ALL_VALUES, Meaning.EVADED, text
    is_known = key in GLOBAL_KEYS
    return (FaultKind.FOR_ALL_VALUES, Meaning.REMARK, text) if is_known else None


def _may_lack(key: str, around: Surroundings) -> bool:
    """True if whoever asks may lack the key, as far as that can be told."""
    if key.startswith(_PRINCIPAL_TAG):
        held = around.principal_tags
        return held is not None and key.removeprefix(_PRINCIPAL_TAG) not in held
    return key in MAY_BE_MISSING and key not in DIRECT_CALLS
