"""In: the statements that speak of an action. Out: resources on which to try it.

Whether layers of patterns leave anything in common is told by trying: one resource for each
pattern, one that no pattern names, and the patterns against each other where these fall short.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.policy.actions import Works
from analyzer.policy.arns import (
    Universe,
    arn_covers,
    arns_overlap,
    example,
    is_everything,
    narrower,
)
from analyzer.policy.bound_statements import STAR, Line
from analyzer.policy.conditions import Truth
from analyzer.policy.layers import Layer

ANY_ACCOUNT = "?" * 12
_MOST_TRIED = 256
_MOST_STEPS = 5_000_000
_MOST_TEXT = 10_000_000
"""More than real policies of AWS's size limits ask for; beyond any of these it says "may"."""


def shapes_of(works: Works, universe: Universe, account: str | None = None) -> list[str]:
    """ARN patterns of what an action may work on: the account's own, or that other account's."""
    whose = universe.account if account is None else account
    return [f"arn:{universe.partition}:{form.replace(':@:', f':{whose}:')}" for form in works.forms]


def witnesses(lines: Iterable[Line], shape: str, taken: Universe | None = None) -> Iterator[str]:
    """Resources of the shape to try: one that no pattern names, and one for each that meets it.

    None of them is among those of `taken`.
    """
    patterns = {pattern for line in lines for pattern, _ in line.patterns}
    seen: set[str] = set()
    for pattern in (STAR, *sorted(each for each in patterns if not is_everything(each))):
        witness = example(pattern, shape)
        if witness is None or witness in seen or (taken is not None and taken.bit(witness)):
            continue
        seen.add(witness)
        yield witness


def most_tries(lines: Iterable[Line]) -> int:
    """How many resources may be held against all of these lines in a time that nobody minds."""
    return _MOST_TEXT // (1 + sum(len(pattern) for line in lines for pattern, _ in line.patterns))


@dataclass(frozen=True, slots=True)
class Met:
    """Whether patterns of all layers may overlap where no witness of one pattern stands.

    `between` are some of the patterns that lie in all of them.
    """

    may: bool
    between: tuple[str, ...] = ()

    def witnesses(self, shape: str) -> Iterator[str]:
        """Resources of the shape that lie there."""
        found = (example(each, shape) for each in self.between)
        yield from (each for each in found if each is not None)


def meetings(layers: tuple[Layer, ...], lines: list[Line], action: str, shape: str) -> Met | None:
    """Where patterns of all layers meet in that shape; None where they are too many to compare.

    A Deny with NotResource leaves only what it names, so it takes part like a layer.
    """
    barred = [pattern for line in lines for pattern in _surely_denied(line)]
    if any(arn_covers(each, shape) for each in barred):
        return Met(may=False)
    speaking = [list(each) for each in _speaking(layers, lines, action)]
    speaking = [each for each in speaking if not any(map(is_everything, each))]
    if len(speaking) <= 1:
        return Met(may=False)  # its own witnesses tell
    first, *others = ([each for each in mine if arns_overlap(each, shape)] for mine in speaking)
    meeting = [each for each in first if not any(arn_covers(no, each) for no in barred)]
    between = meeting
    for mine in others:
        if sum(map(len, mine)) * len(meeting) > _MOST_STEPS:
            return None
        meeting = [each for each in mine if any(arns_overlap(each, other) for other in meeting)]
        pairs = itertools.product(meeting, between[:_MOST_TRIED])
        narrowed = (narrower(*each) for each in itertools.islice(pairs, _MOST_TRIED))
        between = [each for each in narrowed if each is not None]
    return Met(bool(meeting), tuple(between))


def _speaking(layers: tuple[Layer, ...], lines: list[Line], action: str) -> Iterator[Iterable[str]]:
    """What each layer allows, a text nobody has seen anything, and what each such Deny spares."""
    for number, layer in enumerate(layers):
        if layer.unknown:
            yield [STAR]
        elif layer.applies(action):
            mine = (line for line in lines if line.layer == number)
            yield dict.fromkeys(pattern for line in mine for pattern in _allowed(line))
    for line in lines:
        if line.statement.denies and line.statement.excludes_resources and not line.is_off:
            yield [pattern for pattern, _ in line.patterns]


def _surely_denied(line: Line) -> list[str]:
    is_sure = line.statement.denies and line.judgement.truth is Truth.TRUE
    if not is_sure or line.statement.excludes_resources:
        return []
    return [each for each, is_certain in line.patterns if is_certain]


def _allowed(line: Line) -> list[str]:
    if line.is_off or not line.statement.allows:
        return []
    if line.statement.excludes_resources:
        return [STAR]
    return [each for each, _ in line.patterns]
