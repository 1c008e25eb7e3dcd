"""In: a policy's text and the actions to keep. Out: the text without the others, and nothing new.

Statements keep their Resource and Condition, and a Deny stays as it is. A pattern of which all is
kept stays, too; of another one the kept actions are written out, or whole services of them, and
where room is short, patterns that match nothing else.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from analyzer.evidence.json_documents import JsonNode, Placed
from analyzer.globs import covers, example_of_both
from analyzer.policy.actions import ActionIndex
from analyzer.policy.documents import Document, Effect, Statement

_MEMBERS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_WILD = re.compile(r"[*?]")
_OLD_VERSION = "2008-10-17"
"""The version of a policy's language that one without Version is read in."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Actions to keep, as bits: `listed` of patterns that mean every service, `named` of others.

    `is_short`: patterns are written in place of names, where they match no more.
    """

    index: ActionIndex
    named: int
    listed: int
    is_short: bool = False

    def of(self, pattern: str) -> int:
        """What is kept of that pattern."""
        return self.listed if _WILD.search(pattern.partition(":")[0]) else self.named


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A policy's text with less in it; None where no statement is left.

    `before` and `after` are the actions that its statements allow, as bits.
    """

    document: Mapping[str, Any] | None
    before: int
    after: int
    is_changed: bool


def trim(text: JsonNode, document: Document, keeping: Keeping) -> Trimmed:
    """The text with what is kept. `document` is the same, parsed, and readable throughout."""
    before = after = 0
    kept: list[dict[str, Any]] = []
    is_changed = False
    for statement, node in zip(document.statements, text.each("Statement"), strict=True):
        plain = _plain(node)
        if statement.effect is not Effect.ALLOW:
            kept.append(plain)
            continue
        before |= statement.actions
        patterns = _patterns(statement, keeping)
        if patterns == statement.action_patterns:
            after |= statement.actions
            kept.append(plain)
            continue
        is_changed = True
        if patterns:
            kept.append(_with_actions(plain, patterns))
        for each in patterns:
            after |= keeping.index.bits(each)
    version = text.text("Version") or _OLD_VERSION
    made = {"Version": version, "Statement": kept} if kept else None
    return Trimmed(made, before, after, is_changed)


def _patterns(statement: Statement, keeping: Keeping) -> tuple[str, ...]:
    """The patterns of the statement's actions afterwards; the same ones where all is kept.

    Without an Action in the text, they are those of an Action in place of its NotAction.
    """
    named = statement.action_patterns
    if statement.excludes_actions:
        kept = statement.actions & keeping.listed
        if kept == statement.actions:
            return named
        return tuple(_spell(kept, keeping, lambda new: _is_apart(new, named)))
    found: dict[str, None] = {}
    for pattern in named:
        bits = keeping.index.bits(pattern)
        kept = bits & keeping.of(pattern)
        if kept == bits:
            found[pattern] = None
        else:
            spelled = _spell(kept, keeping, lambda new, old=pattern: _is_within(new, old))  # type: ignore[misc]
            found |= dict.fromkeys(spelled)
    return tuple(found)


def _spell(kept: int, keeping: Keeping, fits: Callable[[str], bool]) -> Iterator[str]:
    """These actions by their names, a service of which all is kept by its prefix.

    `fits` says of a pattern whether all that it could ever match was allowed before.
    """
    index = keeping.index
    for service, group in groupby(index.named(kept), lambda name: name.partition(":")[0]):
        names = list(group)
        if not index.bits(f"{service}:*") & ~kept and fits(f"{service}:*"):
            yield f"{service}:*"
        elif keeping.is_short:
            yield from _shorten(names, len(service) + 2, kept, index, fits)
        else:
            yield from names


def _shorten(
    names: list[str], start: int, kept: int, index: ActionIndex, fits: Callable[[str], bool]
) -> Iterator[str]:
    """Patterns for runs of names, each as short as it can be without matching anything else."""
    at = 0
    while at < len(names):
        name = names[at]
        cuts = (f"{name[:length]}*" for length in range(start, len(name)))
        pattern = next((each for each in cuts if not index.bits(each) & ~kept and fits(each)), name)
        run = pattern[:-1].lower() if pattern is not name else ""
        length = sum(1 for each in names[at:] if run and each.lower().startswith(run)) or 1
        yield pattern if length > 1 else name
        at += length


def _is_within(new: str, old: str) -> bool:
    return covers(old.lower(), new.lower())


def _is_apart(new: str, excluded: tuple[str, ...]) -> bool:
    return all(example_of_both(new.lower(), each.lower(), "a") is None for each in excluded)


def _with_actions(plain: dict[str, Any], patterns: tuple[str, ...]) -> dict[str, Any]:
    """The statement with these actions; Action stands where Action or NotAction stood."""
    return {
        "Action" if name in ("Action", "NotAction") else name: list(patterns)
        if name in ("Action", "NotAction")
        else value
        for name, value in plain.items()
    }


def _plain(statement: JsonNode) -> dict[str, Any]:
    """The statement's members as AWS spells them."""
    found = ((name, statement.child(name)) for name in _MEMBERS)
    return {name: _bare(each.value) for name, each in found if each is not None}


def _bare(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, Placed):
        return _bare(value.value)
    if isinstance(value, dict):
        return {name: _bare(each) for name, each in value.items()}
    return [_bare(each) for each in value] if isinstance(value, list) else value
