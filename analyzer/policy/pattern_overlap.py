"""In: the statements that speak of an action. Out: resources on which to try it.

Whether layers of patterns leave anything in common is told by trying: one resource for each
pattern, one that no pattern names, and the patterns against each other where these fall short.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.policy.actions import ResourceForms
from analyzer.policy.arns import (
    ResourceIndex,
    arn_covers,
    arns_overlap,
    intersection,
    is_everything,
    sample_arn,
)
from analyzer.policy.bound_statements import STAR, BoundStatement
from analyzer.policy.conditions import Ternary
from analyzer.policy.layers import PolicyLayer

ANY_ACCOUNT = "?" * 12
_MOST_TRIED = 256
_MOST_STEPS = 5_000_000
_MOST_TEXT = 10_000_000
"""More than real policies of AWS's size limits ask for; beyond any of these it says "may"."""


def resource_patterns(
    works: ResourceForms, resources: ResourceIndex, account: str | None = None
) -> list[str]:
    """ARN patterns of what an action may work on: the account's own, or that other account's."""
    whose = resources.account if account is None else account
    return [
        f"arn:{resources.partition}:{form.replace(':@:', f':{whose}:')}" for form in works.forms
    ]


def sample_resources(
    statements: Iterable[BoundStatement], shape: str, taken: ResourceIndex | None = None
) -> Iterator[str]:
    """Resources of the shape to try: one that no pattern names, and one for each that meets it.

    None of them is among those of `taken`.
    """
    patterns = {pattern for bound in statements for pattern, _ in bound.patterns}
    seen: set[str] = set()
    for pattern in (STAR, *sorted(each for each in patterns if not is_everything(each))):
        witness = sample_arn(pattern, shape)
        if witness is None or witness in seen or (taken is not None and taken.bit(witness)):
            continue
        seen.add(witness)
        yield witness


def try_limit(statements: Iterable[BoundStatement]) -> int:
    """How many resources may be held against all of these lines in a time that nobody minds."""
    return _MOST_TEXT // (
        1 + sum(len(pattern) for bound in statements for pattern, _ in bound.patterns)
    )


@dataclass(frozen=True, slots=True)
class Overlap:
    """Whether patterns of all layers may overlap where no witness of one pattern stands.

    `between` are some of the patterns that lie in all of them.
    """

    possible: bool
    between: tuple[str, ...] = ()

    def witnesses(self, shape: str) -> Iterator[str]:
        """Resources of the shape that lie there."""
        found = (sample_arn(each, shape) for each in self.between)
        yield from (each for each in found if each is not None)


def find_overlap(
    layers: tuple[PolicyLayer, ...], statements: list[BoundStatement], action: str, shape: str
) -> Overlap | None:
    """Where patterns of all layers meet in that shape; None where they are too many to compare.

    A Deny with NotResource leaves only what it names, so it takes part like a layer.
    """
    barred = [pattern for bound in statements for pattern in _surely_denied(bound)]
    if any(arn_covers(each, shape) for each in barred):
        return Overlap(possible=False)
    speaking = [list(each) for each in _speaking(layers, statements, action)]
    speaking = [each for each in speaking if not any(map(is_everything, each))]
    if len(speaking) <= 1:
        return Overlap(possible=False)  # its own witnesses tell
    first, *others = ([each for each in mine if arns_overlap(each, shape)] for mine in speaking)
    meeting = [each for each in first if not any(arn_covers(no, each) for no in barred)]
    between = meeting
    for mine in others:
        if sum(map(len, mine)) * len(meeting) > _MOST_STEPS:
            return None
        meeting = [each for each in mine if any(arns_overlap(each, other) for other in meeting)]
        pairs = itertools.product(meeting, between[:_MOST_TRIED])
        narrowed = (intersection(*each) for each in itertools.islice(pairs, _MOST_TRIED))
        between = [each for each in narrowed if each is not None]
    return Overlap(bool(meeting), tuple(between))


def _speaking(
    layers: tuple[PolicyLayer, ...], statements: list[BoundStatement], action: str
) -> Iterator[Iterable[str]]:
    """What each layer allows, a text nobody has seen anything, and what each such Deny spares."""
    for number, layer in enumerate(layers):
        if layer.unknown:
            yield [STAR]
        elif layer.applies(action):
            mine = (bound for bound in statements if bound.layer == number)
            yield dict.fromkeys(pattern for bound in mine for pattern in _allowed(bound))
    for bound in statements:
        if (
            bound.statement.denies
            and bound.statement.excludes_resources
            and not bound.never_applies
        ):
            yield [pattern for pattern, _ in bound.patterns]


def _surely_denied(bound: BoundStatement) -> list[str]:
    is_certain = bound.statement.denies and bound.result.truth is Ternary.TRUE
    if not is_certain or bound.statement.excludes_resources:
        return []
    return [each for each, is_certain in bound.patterns if is_certain]


def _allowed(bound: BoundStatement) -> list[str]:
    if bound.never_applies or not bound.statement.allows:
        return []
    if bound.statement.excludes_resources:
        return [STAR]
    return [each for each, _ in bound.patterns]
