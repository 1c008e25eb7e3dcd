"""In: a statement's Condition and what is known of a request. Out: true, false or unknown.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from analyzer.globs import LITERAL_MARK, LITERAL_STAR, NOTHING, literal
from analyzer.policy.condition_operators import (
    ADDRESS_OPERATORS,
    COMPARISONS,
    compare_beginning,
    covers_public_internet,
)
from analyzer.policy.condition_parser import Clause

_MOST_CHOICES = 64
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ITSELF = {"*": LITERAL_STAR, "?": LITERAL_MARK, "$": "$"}
_UNNAMED_VALUE = "credaudit-any"
"""A value that no policy names."""


class Ternary(StrEnum):
    """Kleene's three values."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class KeyKnowledge(StrEnum):
    """What is known of a condition key that has no certain value.

    ABSENT: the request certainly lacks it. FREE: the asker picks the value, or leaves the key away.
    CHOSEN: the asker picks the value, and must give one. ABSENT_OR_FALSE: one of the two.
    ANY_IPV4, ANY_IPV6: a public address of the asker's, on none of the owner's lists. UNKNOWN: who
    knows.
    """

    ABSENT = "absent"
    FREE = "free"
    CHOSEN = "chosen"
    ABSENT_OR_FALSE = "absent or false"
    ANY_IPV4 = "any IPv4 address"
    ANY_IPV6 = "any IPv6 address"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Beginning:
    """A value of which only the beginning is known."""

    text: str


KeyState = tuple[str, ...] | KeyKnowledge | Beginning
PICKED = (KeyKnowledge.FREE, KeyKnowledge.CHOSEN)
"""Whoever asks picks the value."""
NO_KEYS: Mapping[str, KeyState] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a request's condition keys, all in lower case.

    `families` says how it stands with keys of a prefix, such as `aws:principaltag/`, that are not
    listed one by one. `alternatives` are other states that some keys can have together, as the
    caller likes, such as those of another network. `asked` are the keys whose state somebody
    asked for: no alternative changes these. `is_bare_session`: with these credentials not every
    operation can be called, see `service_rules.actions_of_bare_sessions`.
    """

    keys: Mapping[str, KeyState]
    families: Mapping[str, KeyKnowledge] = field(default_factory=dict)
    alternatives: tuple[Mapping[str, KeyState], ...] = ()
    asked: frozenset[str] = frozenset()
    is_bare_session: bool = False

    def of(self, key: str) -> KeyState:
        """The state of that key; UNKNOWN where nothing is said of it."""
        folded = key.lower()
        if folded in self.keys:
            return self.keys[folded]
        family = folded.partition("/")[0] + "/"
        return self.families.get(family, KeyKnowledge.UNKNOWN)

    def told_apart_by(self, keys: Sequence[str]) -> tuple[object, ...]:
        """What tells requests in this context from others, for whoever looks at these keys alone.

        The keys are in lower case and in order.
        """
        others = (
            tuple((key, each[key]) for key in keys if key in each) for each in self.alternatives
        )
        return (
            tuple(map(self.of, keys)),
            tuple(each for each in others if each),
            self.asked.intersection(keys),
            self.is_bare_session,
        )

    def with_keys(self, keys: Mapping[str, KeyState]) -> "Context":
        """The same, with these keys in place of what was known of them."""
        folded = {key.lower(): state for key, state in keys.items()}
        return replace(self, keys={**self.keys, **folded}, asked=self.asked.union(folded))

    def varied(self, keys: Mapping[str, KeyState]) -> "Context":
        """The same in other circumstances: these keys, in lower case, but for those asked for."""
        others = {key: state for key, state in keys.items() if key not in self.asked}
        return replace(self, keys={**self.keys, **others}) if others else self


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """Whether a Condition holds, the free keys that it rests on, and what keeps it from being told.

    `free` are keys in lower case that the asker sets as suits it best.
    """

    truth: Ternary
    free: frozenset[str] = frozenset()
    reasons: tuple[str, ...] = ()


def all_of(truths: Iterable[Ternary]) -> Ternary:
    """Kleene's AND; nothing is asked after the first FALSE."""
    found = Ternary.TRUE
    for truth in truths:
        if truth is Ternary.FALSE:
            return truth
        if truth is Ternary.UNKNOWN:
            found = truth
    return found


def any_of(truths: Iterable[Ternary]) -> Ternary:
    """Kleene's OR; nothing is asked after the first TRUE."""
    found = Ternary.FALSE
    for truth in truths:
        if truth is Ternary.TRUE:
            return truth
        if truth is Ternary.UNKNOWN:
            found = truth
    return found


def not_(truth: Ternary) -> Ternary:
    """Kleene's NOT."""
    turned = {Ternary.TRUE: Ternary.FALSE, Ternary.FALSE: Ternary.TRUE}
    return turned.get(truth, Ternary.UNKNOWN)


def evaluate_conditions(
    clauses: tuple[Clause, ...], context: Context, *, allows: bool, has_variables: bool
) -> ConditionResult:
    """Whether all the clauses hold; a value that the request can choose is chosen to suit it.

    An Allow holds if any choice makes it hold; a Deny fails if any choice makes it fail.
    """
    free = frozenset(clause.key.lower() for clause in clauses if context.of(clause.key) in PICKED)
    if not free:
        return _evaluate_clauses(clauses, context, has_variables=has_variables)
    wanted = Ternary.TRUE if allows else Ternary.FALSE
    bystanders = tuple(clause for clause in clauses if clause.key.lower() not in free)
    of_bystanders = _evaluate_clauses(bystanders, context, has_variables=has_variables)
    if of_bystanders.truth is Ternary.FALSE:
        return of_bystanders
    truths = set()
    keys = sorted(free)
    candidates = [values_to_try(clauses, key, context, has_variables=has_variables) for key in keys]
    for values in itertools.islice(itertools.product(*candidates), _MOST_CHOICES):
        choice = dict(zip(keys, values, strict=True))
        truths.add(
            _evaluate_clauses(clauses, context.with_keys(choice), has_variables=has_variables).truth
        )
        if wanted in truths:
            return ConditionResult(wanted, free)
    if truths == {not_(wanted)} and _is_exhaustive(clauses, free, candidates):
        return ConditionResult(not_(wanted), free)
    undecided = {each.key for each in clauses if each.key.lower() in free}
    return ConditionResult(
        Ternary.UNKNOWN, free, tuple(sorted({*of_bystanders.reasons, *undecided}))
    )


def substitute_variables(text: str, context: Context, *, has_variables: bool) -> tuple[str, bool]:
    """The text as a pattern with its policy variables put in, and whether that is certain.

    What is put in means itself, wildcards and all. A variable that the request lacks makes a
    pattern that matches nothing, one that nobody knows a wildcard.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if not has_variables or "${" not in text:
        return text, True
    certain = True
    parts: list[str] = []
    end = 0
    # Past the last brace no variable ends, and looking for one there costs the square of the text.
    for found in _VARIABLE.finditer(text, 0, text.rfind("}") + 1):
        value, is_certain = _variable_value(found[1], context)
        parts += [text[end : found.start()], value]
        certain, end = certain and is_certain, found.end()
    return "".join([*parts, text[end:]]), certain


def _variable_value(inside: str, context: Context) -> tuple[str, bool]:
    name, has_default, default = inside.partition(",")
    if inside in _ITSELF:
        return _ITSELF[inside], True
    state = context.of(name.strip())
    if isinstance(state, tuple) and len(state) == 1:
        return literal(state[0]), True
    if state is KeyKnowledge.ABSENT:
        return (literal(default.strip().strip("'")), True) if has_default else (NOTHING, True)
    return (f"{literal(state.text)}*" if isinstance(state, Beginning) else "*"), False


def _evaluate_clauses(
    clauses: tuple[Clause, ...], context: Context, *, has_variables: bool
) -> ConditionResult:
    truths = [
        (each, _evaluate_clause(each, context, has_variables=has_variables)) for each in clauses
    ]
    truth = all_of(found for _, found in truths)
    if truth is not Ternary.UNKNOWN:
        return ConditionResult(truth)
    doubts = {each.key or "Condition" for each, found in truths if found is Ternary.UNKNOWN}
    return ConditionResult(truth, reasons=tuple(sorted(doubts)))


def _evaluate_clause(clause: Clause, context: Context, *, has_variables: bool) -> Ternary:
    """One operator on one key, by the rules for keys that are missing or have several values."""
    if not clause.is_readable:
        return Ternary.UNKNOWN
    state = context.of(clause.key)
    if state is KeyKnowledge.ABSENT_OR_FALSE:
        either: tuple[KeyState, ...] = (KeyKnowledge.ABSENT, ("false",))
        truths = {
            _evaluate_state(clause, each, context, has_variables=has_variables) for each in either
        }
        return truths.pop() if len(truths) == 1 else Ternary.UNKNOWN
    return _evaluate_state(clause, state, context, has_variables=has_variables)


def _evaluate_state(
    clause: Clause, state: KeyState, context: Context, *, has_variables: bool
) -> Ternary:
    """The clause, where its key has that state."""
    if clause.operator == "Null":
        return _evaluate_null(clause, state)
    if state is KeyKnowledge.ABSENT:
        return _evaluate_absent_key(clause)
    if state in (KeyKnowledge.ANY_IPV4, KeyKnowledge.ANY_IPV6):
        return _evaluate_any_address(clause, 4 if state is KeyKnowledge.ANY_IPV4 else 6)
    if isinstance(state, KeyKnowledge):
        return Ternary.UNKNOWN
    wanted = [
        substitute_variables(each, context, has_variables=has_variables) for each in clause.values
    ]
    values = (state,) if isinstance(state, Beginning) else state
    each_value = [_compare(clause.operator, value, wanted) for value in values]
    if clause.quantifier == "ForAllValues":
        return all_of(each_value)
    return any_of(each_value) if clause.quantifier or len(values) <= 1 else Ternary.UNKNOWN


def _evaluate_absent_key(clause: Clause) -> Ternary:
    if clause.quantifier == "ForAllValues":
        return Ternary.TRUE
    # AWS re:Post QU9HFmDzP0QGuU: IfExists does not help ForAnyValue.
    if clause.quantifier == "ForAnyValue":
        return Ternary.FALSE
    return Ternary.TRUE if clause.if_exists or "Not" in clause.operator else Ternary.FALSE


def _evaluate_null(clause: Clause, state: KeyState) -> Ternary:
    wants_absent = {value.lower() for value in clause.values}
    if state in (KeyKnowledge.UNKNOWN, KeyKnowledge.FREE) or not wants_absent <= {"true", "false"}:
        return Ternary.UNKNOWN
    is_absent = str(state is KeyKnowledge.ABSENT).lower()
    return Ternary.TRUE if is_absent in wants_absent else Ternary.FALSE


def _evaluate_any_address(clause: Clause, version: int) -> Ternary:
    if clause.operator not in ADDRESS_OPERATORS:
        return Ternary.UNKNOWN
    listed = covers_public_internet(clause.values, version)
    if listed is None:
        return Ternary.UNKNOWN
    return Ternary.TRUE if listed == (clause.operator == "IpAddress") else Ternary.FALSE


def _compare(operator: str, value: str | Beginning, wanted: list[tuple[str, bool]]) -> Ternary:
    """One value of the request against the values of the clause: any of them; none if negated."""
    is_negated = "Not" in operator
    plain = operator.replace("Not", "")

    def compare(pattern: str) -> bool | None:
        if isinstance(value, Beginning):
            return compare_beginning(plain, value.text, pattern)
        return COMPARISONS[plain](value, pattern)

    hits = any_of(
        Ternary.UNKNOWN
        if not is_certain or (is_match := compare(pattern)) is None
        else Ternary.TRUE
        if is_match
        else Ternary.FALSE
        for pattern, is_certain in wanted
    )
    return not_(hits) if is_negated else hits


def values_to_try(
    clauses: Iterable[Clause], key: str, context: Context, *, has_variables: bool
) -> list[KeyState]:
    """What to try for a key that the request can choose: each named value, another one, or none.

    A key that is tested with a quantifier may have several values at once.
    """
    on_key = [clause for clause in clauses if clause.key.lower() == key]
    named = {
        _example(
            clause.operator, substitute_variables(value, context, has_variables=has_variables)[0]
        )
        for clause in on_key
        for value in clause.values
    }
    values = (*sorted(named), _UNNAMED_VALUE)
    most = len(values) if any(clause.quantifier for clause in on_key) else 1
    sets = itertools.chain.from_iterable(
        itertools.combinations(values, number) for number in range(1, most + 1)
    )
    none = () if context.of(key) is KeyKnowledge.CHOSEN else (KeyKnowledge.ABSENT,)
    return [*none, *itertools.islice(sets, _MOST_CHOICES)]


def _has_patterns(operator: str) -> bool:
    return operator.startswith("Arn") or operator.endswith("Like")


def _example(operator: str, wanted: str) -> str:
    """A text that matches the wanted value."""
    if _has_patterns(operator):
        wanted = wanted.replace("*", _UNNAMED_VALUE).replace("?", "x")
    return wanted.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")


def _is_exhaustive(
    clauses: tuple[Clause, ...], keys: frozenset[str], tried: list[list[KeyState]]
) -> bool:
    """True if no other value could do better than the ones that were tried."""
    return math.prod(len(each) for each in tried) <= _MOST_CHOICES and is_listed(clauses, keys)


def is_listed(clauses: Iterable[Clause], keys: Iterable[str]) -> bool:
    """True if the values that clauses on these keys name are all that make a difference."""
    wanted = set(keys)
    return all(
        clause.is_readable
        and clause.operator.startswith(("String", "Bool", "Null"))
        and not any(_is_open(clause.operator, value) for value in clause.values)
        for clause in clauses
        if clause.key.lower() in wanted
    )


def _is_open(operator: str, value: str) -> bool:
    """True if more than one text can match this value."""
    return "${" in value or (_has_patterns(operator) and bool({"*", "?"} & set(value)))
