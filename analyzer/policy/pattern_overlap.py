"""In: the statements on an action. Out: resources on which to try it.

Whether several layers of patterns have a resource in common is found out by trying samples: one of
each pattern, and one that no pattern names. If a layer allows the sample of a pattern, it allows
what that pattern stands for; a resource that no pattern tells from the sample needs no try.

Samples of single patterns miss a resource that only several patterns together describe:

    layer 1 allows   arn:aws:s3:::logs-*
    layer 2 allows   arn:aws:s3:::*-public
    samples          …logs-x (layer 2 does not cover it), …x-public (layer 1 does not)
    in common        …logs-x-public

So the patterns of the layers are intersected, and samples of the intersections (`between`) tried.
Intersections are cut off at a limit; where that leaves something untried, the answer is "possible".
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
"""More than policies of AWS's size limits ask for; beyond these the answer is "possible"."""


def resource_patterns(
    works: ResourceForms, resources: ResourceIndex, account: str | None = None
) -> list[str]:
    """ARN patterns of what an action works on, in the own account or in that other one."""
    whose = resources.account if account is None else account
    return [
        f"arn:{resources.partition}:{form.replace(':@:', f':{whose}:')}" for form in works.forms
    ]


def sample_resources(
    statements: Iterable[BoundStatement], shape: str, taken: ResourceIndex | None = None
) -> Iterator[str]:
    """Resources of the shape to try: one that no pattern names, and one of each pattern.

    None of them is among those of `taken`.
    """
    patterns = {pattern for bound in statements for pattern, _ in bound.patterns}
    seen: set[str] = set()
    for pattern in (STAR, *sorted(each for each in patterns if not is_everything(each))):
        sample = sample_arn(pattern, shape)
        if sample is None or sample in seen or (taken is not None and taken.bit(sample)):
            continue
        seen.add(sample)
        yield sample


def try_limit(statements: Iterable[BoundStatement]) -> int:
    """How many resources can be matched with all of these statements in a short time."""
    return _MOST_TEXT // (
        1 + sum(len(pattern) for bound in statements for pattern, _ in bound.patterns)
    )


@dataclass(frozen=True, slots=True)
class Overlap:
    """Whether patterns of all layers possibly overlap where no sample of a single pattern lies.

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
    """Where patterns of all layers overlap in that shape; None where they are too many to compare.

    A Deny with NotResource leaves only what it names, so it takes part like a layer.
    """
    barred = [pattern for bound in statements for pattern in _certainly_denied(bound)]
    if any(arn_covers(each, shape) for each in barred):
        return Overlap(possible=False)
    speaking = [list(each) for each in _allowed_patterns(layers, statements, action)]
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


def _allowed_patterns(
    layers: tuple[PolicyLayer, ...], statements: list[BoundStatement], action: str
) -> Iterator[Iterable[str]]:
    """The patterns that each layer allows, and those that each Deny with NotResource leaves."""
    for number, layer in enumerate(layers):
        if layer.unknown:
            yield [STAR]
        elif layer.applies(action):
            mine = (bound for bound in statements if bound.layer == number)
            yield dict.fromkeys(pattern for bound in mine for pattern in _patterns_of(bound))
    for bound in statements:
        if (
            bound.statement.denies
            and bound.statement.excludes_resources
            and not bound.never_applies
        ):
            yield [pattern for pattern, _ in bound.patterns]


def _certainly_denied(bound: BoundStatement) -> list[str]:
    is_certain = bound.statement.denies and bound.result.truth is Ternary.TRUE
    if not is_certain or bound.statement.excludes_resources:
        return []
    return [each for each, is_certain in bound.patterns if is_certain]


def _patterns_of(bound: BoundStatement) -> list[str]:
    if bound.never_applies or not bound.statement.allows:
        return []
    if bound.statement.excludes_resources:
        return [STAR]
    return [each for each, _ in bound.patterns]
