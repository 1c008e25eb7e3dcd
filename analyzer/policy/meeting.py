"""In: the statements that speak of an action. Out: resources on which to try it.

Whether layers of patterns leave anything in common is told by trying: one resource for each
pattern, one that no pattern names, and the patterns against each other where these fall short.
"""

from collections.abc import Iterable, Iterator

from analyzer.policy.actions import Actions
from analyzer.policy.arns import (
    Universe,
    arn_matches,
    arns_overlap,
    example,
    is_of_service,
)
from analyzer.policy.layers import Layer
from analyzer.policy.lines import STAR, Line

_MOST_STEPS = 5_000_000
"""Beyond what policies of AWS's own size limits can ask for; there the answer is "may"."""


def shapes_of(actions: Actions, action: str) -> list[str]:
    """ARN patterns of what the action may work on."""
    services = sorted(actions.services_of(action))
    return [f"arn:aws:{service}:region:account:*" for service in services]


def witnesses(lines: Iterable[Line], shapes: list[str], taken: Universe | None) -> Iterator[str]:
    """Resources to try: one for each pattern that a statement has, and one that none names.

    None of them is among those of `taken`.
    """
    seen = {example("*", shape) for shape in shapes}
    for pattern in {pattern for line in lines for pattern, _ in line.patterns}:
        for shape in shapes:
            witness = example(pattern, shape)
            is_taken = taken is not None and taken.bit(witness)
            if arn_matches(shape, witness) and not is_taken:
                seen.add(witness)
    yield from sorted(seen)


def may_meet(layers: tuple[Layer, ...], lines: list[Line], actions: Actions, action: str) -> bool:
    """Whether patterns of all layers may overlap where no witness stands.

    A Deny with NotResource leaves only what it names, so it takes part like a layer.
    """
    if actions.needs_star(action) or any(line.bars_everything for line in lines):
        return False
    services = actions.services_of(action)
    meeting: list[str] | None = None
    for speaking in _speaking(layers, lines, action):
        mine = [each for each in speaking if is_of_service(each, services)]
        if meeting is None:
            meeting = mine
            continue
        if sum(map(len, mine)) * len(meeting) > _MOST_STEPS:
            return True
        meeting = [each for each in mine if any(arns_overlap(each, other) for other in meeting)]
    return bool(meeting)


def _speaking(layers: tuple[Layer, ...], lines: list[Line], action: str) -> Iterator[Iterable[str]]:
    """For each layer the patterns that it allows, then for each such Deny those that it spares."""
    for number, layer in enumerate(layers):
        if layer.applies(action) and not layer.unknown:
            mine = (line for line in lines if line.layer == number)
            yield dict.fromkeys(pattern for line in mine for pattern in _allowed(line))
    for line in lines:
        if line.statement.denies and line.statement.excludes_resources and not line.is_off:
            yield [pattern for pattern, _ in line.patterns]


def _allowed(line: Line) -> list[str]:
    if line.is_off or not line.statement.allows:
        return []
    if line.statement.excludes_resources:
        return [STAR]
    return [each for each, _ in line.patterns]
