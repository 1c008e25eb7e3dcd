"""In: edges of a principal. Out: the steps of which they are made, for routes and for counting."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.policy.arns import ResourceIndex
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.catalogue import EscalationPath
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.requirements import Actor


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step of a route: who takes which path, over which target, and whose rights it gives.

    `target` None: the step itself ends with full rights. `on` is what the step works on. `actor`
    is the source as earlier steps changed it, None where it is as the export has it.
    """

    source: str
    path: EscalationPath
    entry_point: EntryPoint
    on: str
    target: str | None
    is_certain: bool
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Goals:
    """What counts as an end of one principal's edges, as bits.

    `to` are the principals whose rights are full rights, or lead there; `armed` those whom it can
    act as, so that rights given to them are its own.
    """

    to: int
    armed: int = 0

    def ends(self, edge: Edge, *, is_certain: bool) -> int:
        """The targets over which the edge ends there, as bits."""
        return self.at_once(edge, is_certain=is_certain) | (
            edge.to.bits(is_certain=is_certain) & self.to
        )

    def at_once(self, edge: Edge, *, is_certain: bool) -> int:
        """Those over which it gives full rights by itself."""
        return edge.to_admin.bits(is_certain=is_certain) | (
            edge.arms.bits(is_certain=is_certain) & self.armed
        )


def routes_over(
    resources: ResourceIndex, arn: str, edge: Edge, goals: Goals, *, is_certain: bool
) -> Iterator[tuple[EscalationStep, ...]]:
    """The ways over one edge: those that give full rights at once, then those to the goals."""
    before = tuple(_steps_before(arn, edge))
    last = edge.after[-1].actor if edge.after else None
    source = last.policies.arn if last else arn
    at_once = goals.at_once(edge, is_certain=is_certain)
    sure = edge.to_admin.certain | edge.to.certain | edge.arms.certain
    for on in resources.named(at_once):
        certain = bool(sure & resources.bit(on))
        step = EscalationStep(source, edge.path, edge.entry_point, on, None, certain, last)
        yield (*before, step)
    for to in resources.named(edge.to.bits(is_certain=is_certain) & goals.to):
        certain = bool(edge.to.certain & resources.bit(to))
        step = EscalationStep(source, edge.path, edge.entry_point, to, to, certain, last)
        yield (*before, step)


def _steps_before(arn: str, edge: Edge) -> Iterator[EscalationStep]:
    source, actor = arn, None
    for change in edge.after:
        target = change.actor.policies.arn
        yield EscalationStep(
            source, change.path, change.entry_point, change.on, target, change.is_certain, actor
        )
        source, actor = target, change.actor


def count_first_steps(edges: Iterable[Edge], goals: Goals, *, is_certain: bool) -> int:
    """With how many first steps, a path over one target, the edges end at the goals."""
    number = 0
    changes = {}
    for edge in edges:
        ends = goals.ends(edge, is_certain=is_certain)
        if edge.after:
            first = edge.after[0]
            if ends:
                changes[first.path.id, first.on, first.entry_point] = first.targets.bit_count()
        else:
            number += ends.bit_count()
    return number + sum(changes.values())
