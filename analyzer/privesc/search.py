"""In: everyone's edges, and who has full rights. Out: who gets there, and in how many steps.

The search goes backwards, from full rights to whoever can get there, one step at a time.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analyzer.policy.arns import ResourceIndex
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.steps import EscalationStep, Goals, routes_over


@dataclass(frozen=True, slots=True)
class Distances:
    """How many steps from full rights each principal is that gets there.

    `within[n]` holds everyone, as bits, who gets there in n steps or fewer.
    """

    steps: Mapping[str, int]
    within: tuple[int, ...]
    is_certain: bool

    def next_steps(
        self, resources: ResourceIndex, arn: str, edges: tuple[Edge, ...]
    ) -> tuple[EscalationStep, ...]:
        """The first steps of a shortest route: over one edge, with the changes before it."""
        distance = self.steps[arn]
        for edge in edges:
            if edge.length > distance:
                continue
            goals = Goals(self.within[distance - edge.length])
            for route in routes_over(resources, arn, edge, goals, is_certain=self.is_certain):
                if len(route) == distance or route[-1].target is not None:
                    return route
        message = f"no step of {arn} leads where the search says"
        raise LookupError(message)


def search_back(
    resources: ResourceIndex,
    edges: Mapping[str, tuple[Edge, ...]],
    start: int,
    *,
    is_certain: bool,
) -> Distances:
    """Everyone with a route to those at the start, as bits, over certain or over possible edges."""
    at_once: dict[int, list[str]] = defaultdict(list)
    waiting: dict[tuple[int, int], list[str]] = defaultdict(list)
    for arn, each in edges.items():
        if not resources.bit(arn) & start:
            for length, goals in _goals_by_length(each, at_once, arn, is_certain=is_certain):
                waiting[length, goals].append(arn)
    found: dict[str, int] = {}
    frontiers, within = [start], [start]
    longest = max((length for length, _ in waiting), default=1)
    while any(frontiers[-longest:]) or any(each >= len(frontiers) for each in at_once):
        distance = len(frontiers)
        reached = at_once.pop(distance, [])
        for length, goals in list(waiting):
            if length <= distance and goals & frontiers[distance - length]:
                reached += waiting.pop((length, goals))
        frontier = 0
        for arn in reached:
            if arn not in found:
                found[arn] = distance
                frontier |= resources.bit(arn)
        frontiers.append(frontier)
        within.append(within[-1] | frontier)
    return Distances(found, tuple(within), is_certain)


def _goals_by_length(
    edges: tuple[Edge, ...], at_once: dict[int, list[str]], arn: str, *, is_certain: bool
) -> Iterator[tuple[int, int]]:
    """The principals to whom the edges lead, as bits, by the number of steps that it takes.

    Where they lead to full rights by themselves is noted in `at_once`, under the fewest steps.
    """
    goals: dict[int, int] = defaultdict(int)
    shortest = 0
    for edge in edges:
        if edge.to_admin.bits(is_certain=is_certain):
            shortest = min(shortest or edge.length, edge.length)
        goals[edge.length] |= edge.to.bits(is_certain=is_certain)
    if shortest:
        at_once[shortest].append(arn)
    yield from ((length, bits) for length, bits in goals.items() if bits)
