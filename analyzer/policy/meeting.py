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
    """Whether patterns of all layers may overlap where no witness stands."""
    if actions.needs_star(action) or len(layers) == 1:
        return False
    if any(line.bars_everything for line in lines):
        return False
    services = actions.services_of(action)
    meeting: list[str] | None = None
    for number, layer in enumerate(layers):
        if not layer.applies(action) or layer.unknown:
            continue
        mine = [
            pattern
            for line in lines
            if line.layer == number
            for pattern in _allowed(line)
            if is_of_service(pattern, services)
        ]
        meeting = mine if meeting is None else [
            each for each in mine if any(arns_overlap(each, other) for other in meeting)
        ]  # fmt: skip
    return bool(meeting)


def _allowed(line: Line) -> list[str]:
    if line.is_off or not line.statement.allows:
        return []
    if line.statement.excludes_resources:
        return [STAR]
    return [each for each, _ in line.patterns]
