"""In: everyone's edges. Out: who can act as two principals of which one arms the other.

A role that may write policies for users gains nothing itself, and a user that may take that role
gains nothing by its rights; but whoever is that user writes itself a policy as that role.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.policy.arns import ResourceIndex
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.steps import EscalationStep, Goals, routes_over


@dataclass(frozen=True, slots=True)
class JointRoute:
    """A way to full rights over two principals, and what counts as a first step of any such way."""

    steps: tuple[EscalationStep, ...]
    goals: Goals


@dataclass(frozen=True, slots=True)
class JointSearch:
    """The search over certain or over possible edges.

    `to` and `arms` are whom each principal can act as, and whom it can give full rights, as bits;
    `armers` are those who arm anybody.
    """

    resources: ResourceIndex
    edges: Mapping[str, tuple[Edge, ...]]
    to: Mapping[str, int]
    arms: Mapping[str, int]
    armers: int
    is_certain: bool
    reached_cache: dict[int, int] = field(default_factory=dict)

    def routes(self, but: int = 0) -> dict[str, JointRoute]:
        """A route for each principal that has one, but for those, as bits."""
        near = self._those_near_an_armer() & ~but
        found = {arn: self.route(arn, self.edges[arn]) for arn in self.resources.named(near)}
        return {arn: route for arn, route in found.items() if route is not None}

    def route(self, arn: str, edges: tuple[Edge, ...]) -> JointRoute | None:
        """The route of that principal, if these are its edges."""
        to, arms = _bits_of(edges, is_certain=self.is_certain)
        reached = self.resources.bit(arn) | self._reached_from(to)
        armers = self._useful_armers(arn, arms, reached)
        if not armers:
            return None
        own = self.resources.bit(arn) & armers
        goals = Goals(self._leading_to(to, armers & ~own), reached if own else 0)
        return JointRoute(tuple(self._steps(arn, edges, armers, reached)), goals)

    def _useful_armers(self, arn: str, arms: int, reached: int) -> int:
        """Those reached who arm somebody reached, as bits."""
        found = self.resources.bit(arn) if arms & reached else 0
        for each in self.resources.named(reached & self.armers & ~self.resources.bit(arn)):
            found |= self.resources.bit(each) if self.arms[each] & reached else 0
        return found

    def _reached_from(self, start: int) -> int:
        """Everyone whom those at the start can act as, with themselves."""
        if start not in self.reached_cache:
            reached = frontier = start
            while frontier:
                onward = 0
                for arn in self.resources.named(frontier):
                    onward |= self.to.get(arn, 0)
                frontier = onward & ~reached
                reached |= frontier
            self.reached_cache[start] = reached
        return self.reached_cache[start]

    def _leading_to(self, to: int, armers: int) -> int:
        """Those of the bits who are an armer, or can act as one."""
        found = 0
        for each in self.resources.named(to):
            bit = self.resources.bit(each)
            found |= bit if self._reached_from(bit) & armers else 0
        return found

    def _those_near_an_armer(self) -> int:
        """Everyone who has edges and can act as an armer, as bits."""
        reached = frontier = self.armers
        while frontier:
            before = (arn for arn, bits in self.to.items() if bits & frontier)
            frontier = self.resources.bits_of(before) & ~reached
            reached |= frontier
        return reached & self.resources.bits_of(self.edges)

    def _steps(
        self, arn: str, edges: tuple[Edge, ...], armers: int, reached: int
    ) -> list[EscalationStep]:
        """To whom is armed, to the armer, and the step by which the one arms the other."""
        to_each = self._walk(arn, edges)
        own = {arn: edges}
        for armer in to_each:
            if not self.resources.bit(armer) & armers:
                continue
            for edge in own.get(armer, self.edges.get(armer, ())):
                goals = Goals(0, armed=reached)
                for arming in routes_over(
                    self.resources, armer, edge, goals, is_certain=self.is_certain
                ):
                    armed = arming[-1].on
                    if armed in to_each:
                        return [*dict.fromkeys((*to_each[armed], *to_each[armer])), *arming]
        message = f"no step of {arn} leads where the search says"
        raise LookupError(message)

    def _walk(self, arn: str, edges: tuple[Edge, ...]) -> dict[str, tuple[EscalationStep, ...]]:
        """The steps to everyone whom it can act as, the nearest first."""
        found: dict[str, tuple[EscalationStep, ...]] = {arn: ()}
        frontier = [arn]
        while frontier:
            at = frontier.pop(0)
            for edge in edges if at == arn else self.edges.get(at, ()):
                goals = Goals(edge.to.possible & ~self.resources.bits_of(found))
                if not goals.to:
                    continue
                bare = routes_over(self.resources, at, edge, goals, is_certain=self.is_certain)
                for route in bare:
                    target = route[-1].target
                    if target is not None and target not in found:
                        found[target] = (*found[at], *route)
                        frontier.append(target)
        return found


def joint_search(
    resources: ResourceIndex, edges: Mapping[str, tuple[Edge, ...]], *, is_certain: bool
) -> JointSearch:
    """The search over these edges."""
    bits = {arn: _bits_of(each, is_certain=is_certain) for arn, each in edges.items()}
    return JointSearch(
        resources,
        edges,
        {arn: to for arn, (to, _) in bits.items()},
        {arn: arms for arn, (_, arms) in bits.items()},
        resources.bits_of(arn for arn, (_, arms) in bits.items() if arms),
        is_certain,
    )


def _bits_of(edges: tuple[Edge, ...], *, is_certain: bool) -> tuple[int, int]:
    to = arms = 0
    for edge in edges:
        to |= edge.to.bits(is_certain=is_certain)
        arms |= edge.arms.bits(is_certain=is_certain)
    return to, arms
