"""In: the statements on an action. Out: resources on which to try it.

Samples stand for the resources that no export lists. A sample is an ARN of a shape on which the
action works: one that no pattern names, and one of each pattern. One that every layer allows proves
that some such resource is allowed. That none is allowed proves nothing yet, as samples of single
patterns miss a resource that only several patterns together describe:

    layer 1 allows   arn:aws:s3:::logs-*
    layer 2 allows   arn:aws:s3:::*-public
    samples          …logs-x (layer 2 does not cover it), …x-public (layer 1 does not)
    in common        …logs-x-public

So `find_overlap` looks for patterns of all layers that overlap, and samples of what they have in
common (`between`) are tried, too. Where patterns overlap and still no sample is allowed, or where
they are more than the limits below, the answer is conditional: see `resource_search`.
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
"""More than policies of AWS's size limits ask for; beyond these the answer is conditional."""


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

    is_possible: bool
    between: tuple[str, ...] = ()

    def witnesses(self, shape: str) -> Iterator[str]:
        """Resources of the shape that lie there."""
        found = (sample_arn(each, shape) for each in self.between)
        yield from (each for each in found if each is not None)


def find_overlap(
    layers: tuple[PolicyLayer, ...], statements: list[BoundStatement], action: str, shape: str
) -> Overlap | None:
    """Where patterns of all layers overlap in that shape; None where they are too many to compare.

    A Deny with NotResource leaves only what it names, so it takes part like a layer. One that
    possibly does not apply leaves the rest as well: both are looked at.
    """
    denied = [pattern for bound in statements for pattern in _certainly_denied(bound)]
    if any(arn_covers(each, shape) for each in denied):
        return Overlap(is_possible=False)
    allowed = [list(each) for each in _allowed_patterns(layers, statements, action)]
    sure = list(_left_by_denies(statements, is_certain=True))
    doubtful = list(_left_by_denies(statements, is_certain=False))
    found = _overlap_of([*allowed, *sure], denied, shape)
    if not doubtful or found is None:
        return found
    narrow = _overlap_of([*allowed, *sure, *doubtful], denied, shape)
    if narrow is None:
        return None
    return Overlap(
        found.is_possible or narrow.is_possible, (*narrow.between, *found.between)[:_MOST_TRIED]
    )


def _overlap_of(by_layer: list[list[str]], denied: list[str], shape: str) -> Overlap | None:
    """The overlap of patterns of which a resource must be under one in each list."""
    by_layer = [each for each in by_layer if not any(map(is_everything, each))]
    if len(by_layer) <= 1:
        return Overlap(is_possible=False)  # the samples of its patterns tell
    first, *others = (
        [each for each in patterns if arns_overlap(each, shape)] for patterns in by_layer
    )
    overlapping = [each for each in first if not any(arn_covers(no, each) for no in denied)]
    between = overlapping
    for patterns in others:
        if sum(map(len, patterns)) * len(overlapping) > _MOST_STEPS:
            return None
        overlapping = [
            each for each in patterns if any(arns_overlap(each, other) for other in overlapping)
        ]
        pairs = itertools.product(overlapping, between[:_MOST_TRIED])
        narrowed = (intersection(*each) for each in itertools.islice(pairs, _MOST_TRIED))
        between = [each for each in narrowed if each is not None]
    return Overlap(bool(overlapping), tuple(between))


def _allowed_patterns(
    layers: tuple[PolicyLayer, ...], statements: list[BoundStatement], action: str
) -> Iterator[Iterable[str]]:
    """The patterns that each layer allows."""
    for number, layer in enumerate(layers):
        if layer.unknown:
            yield [STAR]
        elif layer.applies(action):
            of_layer = (bound for bound in statements if bound.layer == number)
            yield dict.fromkeys(pattern for bound in of_layer for pattern in _patterns_of(bound))


def _left_by_denies(statements: list[BoundStatement], *, is_certain: bool) -> Iterator[list[str]]:
    """The patterns that each Deny with NotResource leaves; of those that surely apply, or others.

    A variable without value voids the statement possibly, see `BoundStatement.covers`.
    """
    for bound in statements:
        is_such = bound.statement.denies and bound.statement.excludes_resources
        if is_such and not bound.never_applies and bound.surely_excludes is is_certain:
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
