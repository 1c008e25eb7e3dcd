"""In: an evaluator and the tags that policies test. Out: which of them it may set, on whom.

A policy may allow tagging with some keys, or with some values of a key, alone.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analyzer.policy.conditions import KeyKnowledge, KeyState
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.target_states import TAGS
from analyzer.privesc.account_facts import AccountFacts

PRINCIPAL_TAG = "aws:principaltag/"
_GIVEN = "aws:requesttag/"
_NAMES = "aws:tagkeys"
_OTHER_VALUE = "credaudit-any"
_MOST_VALUES = 32


@dataclass(frozen=True, slots=True)
class Retagging:
    """Tags as they possibly are afterwards, by name, and the users or roles, as bits, on whom."""

    tags: Mapping[str, KeyState]
    on: int

    def keys(self, asked: Iterable[str]) -> dict[str, KeyState]:
        """The tags as condition keys: those of the keys asked for that are about one of them."""
        named = ((key, key.partition("/")[2]) for key in asked)
        return {key: self.tags[name] for key, name in named if name in self.tags}


def retaggings_of_targets(evaluator: PolicyEvaluator, facts: AccountFacts) -> tuple[Retagging, ...]:
    """How it can change those tags of others that its policies, or trust policies, ask for."""
    key = id(evaluator)
    if key not in facts.retagging_cache:
        asked = evaluator.keys | facts.authorizer.trust_keys
        names = tag_names(asked, TAGS)
        found = (*taggings(evaluator, facts, names), *untaggings(evaluator, facts, names))
        facts.retagging_cache[key] = tuple((each.tags, each.on) for each in found)
    return tuple(Retagging(*each) for each in facts.retagging_cache[key])


def tag_names(keys: Iterable[str], families: str | tuple[str, ...]) -> tuple[str, ...]:
    """The tags that these condition keys, of one of these families, are about."""
    return tuple(sorted({key.partition("/")[2] for key in keys if key.startswith(families)}))


def taggings(
    evaluator: PolicyEvaluator, facts: AccountFacts, names: tuple[str, ...]
) -> Iterator[Retagging]:
    """The tags of these names that it possibly sets: all of them together, then each alone."""
    for kind, members in _kinds(facts):
        found = {name: tuple(_settings(evaluator, facts, f"iam:Tag{kind}", name)) for name in names}
        first = {name: states[0] for name, states in found.items() if states}
        if len(first) > 1:
            on = members
            for _, bits in first.values():
                on &= bits
            yield from _if_any({name: state for name, (state, _) in first.items()}, on)
        for name, states in found.items():
            for state, bits in states:
                yield from _if_any({name: state}, bits & members)


def untaggings(
    evaluator: PolicyEvaluator, facts: AccountFacts, names: tuple[str, ...]
) -> Iterator[Retagging]:
    """The tags of these names that it possibly takes off: all of them together, then each alone."""
    for kind, members in _kinds(facts):
        on = {name: members & _possible(evaluator, f"iam:Untag{kind}", name, {}) for name in names}
        together = members
        for bits in on.values():
            together &= bits
        if len(names) > 1:
            yield from _if_any(dict.fromkeys(names, KeyKnowledge.ABSENT), together)
        for name, bits in on.items():
            yield from _if_any({name: KeyKnowledge.ABSENT}, bits)


def _if_any(tags: Mapping[str, KeyState], on: int) -> Iterator[Retagging]:
    if on:
        yield Retagging(tags, on)


def _kinds(facts: AccountFacts) -> tuple[tuple[str, int], ...]:
    return ("User", facts.users), ("Role", facts.roles)


def _settings(
    evaluator: PolicyEvaluator, facts: AccountFacts, action: str, name: str
) -> Iterator[tuple[KeyState, int]]:
    """The values that the tag may get, and on whom; FREE where no policy looks at the value."""
    if _GIVEN + name not in evaluator.keys:
        if bits := _possible(evaluator, action, name, {}):
            yield KeyKnowledge.FREE, bits
        return
    values = tuple(itertools.islice(_values(evaluator, facts, name), _MOST_VALUES + 1))
    if len(values) > _MOST_VALUES and (bits := _possible(evaluator, action, name, {})):
        yield KeyKnowledge.FREE, bits
        return
    for value in values:
        if bits := _possible(evaluator, action, name, {_GIVEN + name: (value,)}):
            yield (value,), bits


def _values(evaluator: PolicyEvaluator, facts: AccountFacts, name: str) -> Iterator[str]:
    """The values that policies compare the tag with, or that somebody has; and another one."""
    texts = itertools.chain.from_iterable(
        facts.compared_texts.get(each + name, ()) for each in (PRINCIPAL_TAG, *TAGS)
    )
    plain = (text for text in texts if "${" not in text)
    samples = (text.replace("*", _OTHER_VALUE).replace("?", "x") for text in plain)
    held = evaluator.targets.values.get(f"tag/{name}")
    yield from dict.fromkeys((*samples, *(held.holders if held else ()), _OTHER_VALUE))


def _possible(
    evaluator: PolicyEvaluator, action: str, name: str, keys: Mapping[str, KeyState]
) -> int:
    """On whom the action is possibly allowed with that tag, in whichever spelling, or with more."""
    if _NAMES not in evaluator.keys:
        return evaluator.with_context(keys).allowed_resources(action).possible
    texts = evaluator.texts_compared_with(_NAMES)
    plain = tuple(each for each in texts if not set(each) & set("*?$"))
    spelled = dict.fromkeys((name, *(each for each in plain if each.lower() == name)))
    found = 0
    for one in spelled:
        for named in ((one,), tuple(dict.fromkeys((one, *plain)))):
            asked = {**keys, _NAMES: named}
            found |= evaluator.with_context(asked).allowed_resources(action).possible
    return found
