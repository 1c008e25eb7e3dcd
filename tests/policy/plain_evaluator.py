"""In: policies as they stand in JSON, and one request. Out: the verdict, the slow and plain way.

A direct reading of the rules, to be held against the product: no bits, no memory, nothing shared
with it but the words for a verdict and for a key without a certain value. True, False and None
are the three truths here; None is "nobody can tell".
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from analyzer.policy.conditions import PICKED, KeyKnowledge, KeyState
from analyzer.policy.layers import Verdict

Maybe = bool | None
Document = Mapping[str, Any]
Layer = Sequence[Document | None]
"""The documents that speak as one; None is one whose text nobody has."""

_BEST_FIRST = (Verdict.ALLOWED, Verdict.CONDITIONAL, Verdict.NONE, Verdict.DENIED)
_VARIABLE = re.compile(r"(\$\{[^}]*\})")
_TEXT, _WILD, _GUESS = "text", "wild", "guess"
_INTERNET = {KeyKnowledge.ANY_IPV4: "0.0.0.0/0", KeyKnowledge.ANY_IPV6: "::/0"}

Piece = tuple[str, str]
"""A character, and whether it is text, a wildcard, or one that stands for an unknown variable."""


@dataclass(frozen=True, slots=True)
class Request:
    """An action on a resource, and its condition keys in lower case; one not named is unknown.

    `chosen` are the free keys that conditions test, as the asker sets them, and a variable follows
    that choice. Of a key that nothing tests it stays a wildcard, and what rests on it conditional.
    """

    action: str
    resource: str
    keys: Mapping[str, KeyState]
    chosen: Mapping[str, KeyState] = field(default_factory=dict)

    def state(self, key: str) -> KeyState:
        """What is known of that key."""
        return self.keys.get(key.lower(), KeyKnowledge.UNKNOWN)

    def tested(self, key: str) -> KeyState:
        """What a condition finds in it."""
        return self.chosen.get(key.lower(), self.state(key))


def verdict(layers: Sequence[Layer], request: Request) -> Verdict:
    """The best that the asker gets by choosing each free key well, for the request as a whole."""
    said = {_rated(layers, each) for each in _choices(layers, request)}
    return next(each for each in _BEST_FIRST if each in said)


def is_entangled(layers: Sequence[Layer], request: Request) -> bool:
    """True if a free key is tested by more than listed values, or stands in for a text.

    More are patterns, variables, presence. There no list of values to try is complete by its looks,
    and the product may be in doubt.
    """
    texts = repr(layers).lower()
    filled = (key for key, state in request.keys.items() if state in PICKED)
    return any(f"${{{key}" in texts for key in filled) or any(
        request.state(key) in PICKED
        and (operator == "Null" or "Like" in operator or any("$" in each for each in values))
        for operator, key, values in _tests(layers)
    )


def any_of(truths: Iterable[Maybe]) -> Maybe:
    """Kleene's OR."""
    found = list(truths)
    return True if True in found else None if None in found else False


def all_of(truths: Iterable[Maybe]) -> Maybe:
    """Kleene's AND."""
    return _not(any_of(_not(each) for each in truths))


def _not(truth: Maybe) -> Maybe:
    return None if truth is None else not truth


def listed(value: Any) -> list[Any]:
    """A list where a policy may also have its only member."""
    return value if isinstance(value, list) else [value]


# Layers: a Deny anywhere is final, and every layer must allow.


def _rated(layers: Sequence[Layer], request: Request) -> Verdict:
    denied = [_says("Deny", layer, request) for layer in layers]
    allowed = [_says("Allow", layer, request) for layer in layers]
    if True in denied:
        return Verdict.DENIED
    if False in allowed:
        return Verdict.NONE
    return Verdict.CONDITIONAL if None in (*allowed, *denied) else Verdict.ALLOWED


def _says(effect: str, layer: Layer, request: Request) -> Maybe:
    return any_of(
        None if document is None else _applies(statement, document, request)
        for document in layer
        for statement in (listed(document["Statement"]) if document is not None else [{}])
        if document is None or statement["Effect"] == effect
    )


def _applies(statement: Mapping[str, Any], document: Document, request: Request) -> Maybe:
    has_variables = document.get("Version") == "2012-10-17"
    if "NotAction" in statement:
        action = not _names_action(statement["NotAction"], request)
    else:
        action = _names_action(statement["Action"], request)
    if "NotResource" in statement:
        resource = _leaves_resource(statement["NotResource"], request, has_variables)
    else:
        resource = _names_resource(statement["Resource"], request, has_variables)
    return all_of((action, resource, _holds(statement.get("Condition"), request, has_variables)))


def _names_action(named: Any, request: Request) -> bool:
    asked = request.action.lower()
    return any(_glob(_wildcards(each.lower()), asked) for each in listed(named))


def _names_resource(named: Any, request: Request, has_variables: bool) -> Maybe:
    def covered(pattern: str) -> Maybe:
        pieces, is_certain = _expanded(pattern, request, has_variables)
        is_covered = pieces is not None and _covers(pieces, request.resource)
        return is_covered if is_certain or not is_covered else None

    return any_of(covered(each) for each in listed(named))


def _leaves_resource(named: Any, request: Request, has_variables: bool) -> Maybe:
    """Where the statement possibly is void for want of a value, nobody can tell what it covers."""
    is_named = _names_resource(named, request, has_variables)
    expanded = [_expanded(each, request, has_variables) for each in listed(named)]
    is_void = any(pieces is None or not is_certain for pieces, is_certain in expanded)
    return None if is_void and is_named is False else _not(is_named)


# Patterns.


def _wildcards(text: str) -> list[Piece]:
    return [(each, _WILD if each in "*?" else _TEXT) for each in text]


def _expanded(text: str, request: Request, has_variables: bool) -> tuple[list[Piece] | None, bool]:
    """The pattern with its variables put in (None matches nothing), and whether it is certain."""
    pieces: list[Piece] = []
    is_certain = True
    for part in _VARIABLE.split(text):
        if not (has_variables and _VARIABLE.fullmatch(part)):
            pieces += _wildcards(part)
            continue
        name, _, default = part[2:-1].partition(",")
        state = (name,) if name in ("*", "?", "$") else request.tested(name.strip())
        if state is KeyKnowledge.ABSENT:
            if not default:
                return None, True
            state = (default.strip().strip("'"),)
        if isinstance(state, KeyKnowledge):
            is_certain = False
            pieces.append(("*", _GUESS))
        else:
            pieces += [(each, _TEXT) for each in state[0]]
    return pieces, is_certain


def _glob(pattern: Sequence[Piece], text: str) -> bool:
    if not pattern:
        return not text
    (mark, kind), rest = pattern[0], pattern[1:]
    if kind != _TEXT and mark == "*":
        return _glob(rest, text) or (bool(text) and _glob(pattern, text[1:]))
    is_met = bool(text) and (kind != _TEXT or mark == text[0])
    return is_met and _glob(rest, text[1:])


def _covers(pattern: list[Piece], arn: str) -> bool:
    if pattern and all(each == ("*", _WILD) for each in pattern):
        return True
    fields: list[list[Piece]] = [[]]
    for piece in pattern:
        if piece[0] == ":" and len(fields) < 6:
            fields.append([])
        else:
            fields[-1].append(piece)
    wanted = arn.split(":", 5)
    while len(fields) < 6:
        fields.append(_wildcards("*"))
    if len(fields) != len(wanted):
        return False
    return all(_glob(mine, theirs) for mine, theirs in zip(fields, wanted, strict=True))


# Conditions.


def _holds(condition: Any, request: Request, has_variables: bool) -> Maybe:
    return all_of(
        _test(operator, key, [str(each) for each in listed(values)], request, has_variables)
        for operator, block in (condition or {}).items()
        for key, values in block.items()
    )


def _test(
    operator: str, key: str, values: list[str], request: Request, has_variables: bool
) -> Maybe:
    quantifier, _, written = operator.rpartition(":")
    name, state = written.removesuffix("IfExists"), request.tested(key)
    is_negated, compare = "Not" in name, _COMPARISONS.get(name.replace("Not", ""))
    if state is KeyKnowledge.UNKNOWN or (compare is None and name != "Null"):
        return None
    if name == "Null" or compare is None:
        wanted = "true" if state is KeyKnowledge.ABSENT else "false"
        return any(each.lower() == wanted for each in values)
    if state is KeyKnowledge.ABSENT:
        return quantifier == "ForAllValues" if quantifier else (name != written or is_negated)
    if state in _INTERNET:
        return (_INTERNET[state] in values) is not is_negated

    def meets(value: str) -> Maybe:
        found = any_of(_compared(compare, value, each, request, has_variables) for each in values)
        return _not(found) if is_negated else found

    quantified = all_of if quantifier == "ForAllValues" else any_of
    return quantified(meets(each) for each in state)


Comparison = Callable[[str, list[Piece]], bool]


def _compared(
    compare: Comparison, value: str, wanted: str, request: Request, has_variables: bool
) -> Maybe:
    pieces, is_certain = _expanded(wanted, request, has_variables)
    if not is_certain:  # a value that nobody knows settles nothing, whatever stands around it
        return None
    return pieces is not None and compare(value, pieces)


def _plain(pieces: Iterable[Piece]) -> list[Piece]:
    return [(mark, _TEXT if kind == _WILD else kind) for mark, kind in pieces]


def _text(pieces: Iterable[Piece]) -> str:
    return "".join(mark for mark, _ in pieces)


def _lower(pieces: Iterable[Piece]) -> list[Piece]:
    return [(mark.lower(), kind) for mark, kind in pieces]


def _arn(value: str, pieces: list[Piece]) -> bool:
    return _covers(pieces, value)


_COMPARISONS: dict[str, Comparison] = {
    "StringEquals": lambda value, pieces: _glob(_plain(pieces), value),
    "StringEqualsIgnoreCase": lambda value, pieces: _glob(_lower(_plain(pieces)), value.lower()),
    "StringLike": lambda value, pieces: _glob(pieces, value),
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": lambda value, pieces: value.lower() == _text(pieces).lower(),
    "NumericEquals": lambda value, pieces: float(value) == float(_text(pieces)),
    "NumericLessThan": lambda value, pieces: float(value) < float(_text(pieces)),
    "NumericGreaterThanEquals": lambda value, pieces: float(value) >= float(_text(pieces)),
    "DateLessThan": lambda value, pieces: _time(value) < _time(_text(pieces)),
    "DateGreaterThan": lambda value, pieces: _time(value) > _time(_text(pieces)),
    "IpAddress": lambda value, pieces: ip_address(value) in ip_network(_text(pieces)),
}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


# What the asker may choose.


def _tests(layers: Sequence[Layer]) -> Iterator[tuple[str, str, list[str]]]:
    for document in itertools.chain.from_iterable(layers):
        for statement in listed(document["Statement"]) if document is not None else []:
            for operator, block in statement.get("Condition", {}).items():
                for key, values in block.items():
                    yield operator, key.lower(), [str(each) for each in listed(values)]


def _choices(layers: Sequence[Layer], request: Request) -> Iterator[Request]:
    """The request with each free key absent, or with each value that could make a difference.

    One that the asker must give has a value in any case.
    """
    tests = list(_tests(layers))
    keys = sorted({key for _, key, _ in tests if request.state(key) in PICKED})
    tests += [(name, key, [_put_in(each, request) for each in given]) for name, key, given in tests]
    candidates = [
        [each for each in _candidates(key, tests) if each is not KeyKnowledge.ABSENT or is_free]
        for key in keys
        for is_free in [request.state(key) is KeyKnowledge.FREE]
    ]
    for chosen in itertools.product(*candidates):
        yield replace(request, chosen=dict(zip(keys, chosen, strict=True)))


def _put_in(value: str, request: Request) -> str:
    return _text(_expanded(value, request, has_variables=True)[0] or [])


def _candidates(key: str, tests: list[tuple[str, str, list[str]]]) -> list[KeyState]:
    written = {value for _, other, values in tests if other == key for value in values}
    holes = {"", "x", *(part for each in written for part in re.split(r"[*?]", each))}
    values = {"some-other-value", *written}
    for each in written:
        for hole in holes:
            values |= {each.replace("*", hole).replace("?", "x"), each.replace("*", hole)}
    found: list[KeyState] = [KeyKnowledge.ABSENT, *((each,) for each in sorted(values))]
    if any(":" in operator for operator, other, _ in tests if other == key):
        for number in (2, 3):
            found += itertools.combinations(sorted(values), number)
    return found
