"""In: the statements that speak on taking a role. Out: the session tags that can be asked for.

Whoever passes tags needs sts:TagSession besides, in the trust policy and of its own; without tags
the keys that speak of them are not in the request.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analyzer.policy.condition_parser import Clause
from analyzer.policy.conditions import Context, KeyKnowledge, KeyState, is_listed, values_to_try
from analyzer.policy.documents import Statement
from analyzer.policy.session_tags import REQUEST_TAG

CHOSEN_TAGS = "which session tags are passed"
_NAMES = "aws:tagkeys"
_TRANSITIVE = "sts:transitivetagkeys"
_ANY: KeyState = ("credaudit-any",)
_MOST_CHOICES = 64


@dataclass(frozen=True, slots=True)
class TagChoice:
    """The keys that a request for a role has by its session tags.

    `is_sure` False: nobody can tell which tags these are, only that there may be some that do.
    """

    keys: Mapping[str, KeyState]
    is_tagged: bool
    is_sure: bool = True


NO_CHOICE = (TagChoice({}, is_tagged=False),)


def is_of_session_tags(key: str) -> bool:
    """True for a key, in lower case, that speaks of the tags passed with a request."""
    return key.startswith(REQUEST_TAG) or key in (_NAMES, _TRANSITIVE)


def tag_choices(statements: Iterable[Statement], context: Context) -> Iterator[TagChoice]:
    """No tags, and each set of tags that these statements can tell from the others."""
    every = tuple(statements)
    keys = {key for each in every for key in each.mentions if is_of_session_tags(key)}
    if not keys:
        yield from NO_CHOICE
        return
    yield TagChoice(dict.fromkeys(keys, KeyKnowledge.ABSENT), is_tagged=False)
    clauses = [
        clause
        for each in every
        for clause in each.clauses
        if is_of_session_tags(clause.key.lower())
    ]
    has_variables = any(each.has_variables for each in every)
    candidates = {
        name: _values_of(name, clauses, context, has_variables=has_variables)
        for name in _names_in(keys, clauses, context, has_variables=has_variables)
    }
    is_small = math.prod(len(each) for each in candidates.values()) <= _MOST_CHOICES
    tried = itertools.product(*candidates.values()) if is_small else _likely(candidates)
    for values in tried:
        passed = dict(zip(candidates, values, strict=True))
        if any(value is not KeyKnowledge.ABSENT for value in passed.values()):
            yield TagChoice(_keys_with(passed, keys), is_tagged=True)
    # Values of patterns and variables are examples, and a variable can stand in a resource, too.
    if (
        not is_small
        or not is_listed(clauses, keys)
        or keys - {each.key.lower() for each in clauses}
    ):
        yield TagChoice(dict.fromkeys(keys, KeyKnowledge.FREE), is_tagged=True, is_sure=False)


def _likely(candidates: Mapping[str, list[KeyState]]) -> Iterator[tuple[KeyState, ...]]:
    """Of too many choices the likely ones: what is compared has a value that is named.

    Tags of which only the name is told are passed all of them, or none.
    """
    named = [each[1] if each[1:] != [_ANY] else KeyKnowledge.ABSENT for each in candidates.values()]
    yield tuple(named)
    yield tuple(
        KeyKnowledge.ABSENT if (name,) == _ANY else each[1] for name, each in candidates.items()
    )


def _keys_with(passed: Mapping[str, KeyState], keys: Iterable[str]) -> dict[str, KeyState]:
    """The keys of a request that passes these tags; which of them last, the asker picks."""
    by_key = {f"{REQUEST_TAG}{name.lower()}": value for name, value in passed.items()}
    names = tuple(name for name, value in passed.items() if value is not KeyKnowledge.ABSENT)
    return {
        key: names
        if key == _NAMES
        else KeyKnowledge.FREE
        if key == _TRANSITIVE
        else by_key.get(key, KeyKnowledge.ABSENT)
        for key in keys
    }


def _names_in(
    keys: Iterable[str], clauses: Iterable[Clause], context: Context, *, has_variables: bool
) -> tuple[str, ...]:
    """The names of tags that the statements tell apart, each by one spelling."""
    of_tags = (key for key in sorted(keys) if key.startswith(REQUEST_TAG))
    found = {name: name for name in (key[len(REQUEST_TAG) :] for key in of_tags)}
    spelled = [each for each in clauses if each.operator != "Null"]
    for key in (_NAMES, _TRANSITIVE):
        if key in keys:
            states = values_to_try(spelled, key, context, has_variables=has_variables)
            names = (each[0] for each in states if isinstance(each, tuple) and len(each) == 1)
            found |= {name.lower(): name for name in names}
    return tuple(found.values())


def _values_of(
    name: str, clauses: Iterable[Clause], context: Context, *, has_variables: bool
) -> list[KeyState]:
    """The values of the tag worth trying, and none at all; a tag has one value."""
    key = f"{REQUEST_TAG}{name.lower()}"
    mine = [each for each in clauses if each.key.lower() == key and each.operator != "Null"]
    if not mine:
        return [KeyKnowledge.ABSENT, _ANY]
    tried = values_to_try(mine, key, context, has_variables=has_variables)
    return [each for each in tried if not isinstance(each, tuple) or len(each) == 1]
