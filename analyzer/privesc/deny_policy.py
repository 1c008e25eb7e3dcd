"""In: a principal's paths to full rights. Out: a small Deny policy that closes the certain ones.

A Deny is proposed, and not a shorter Allow, because it is right whatever else the principal holds,
can be tried in one minute and taken back in one more.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.catalogue import EscalationPath, Requirement, Target
from analyzer.privesc.graph import EscalationGraph
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.steps import Goals

_MOST_NAMED = 10
_NAMED = frozenset(
    {Target.ROLE, Target.OTHER_USER, Target.OTHER_ROLE, Target.SAME_USER, Target.SAME_ROLE}
)
_VERSION = "2012-10-17"


@dataclass(frozen=True, slots=True)
class DenyStatement:
    """One Deny. `closes` counts the first steps that these actions on these resources make up."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    closes: int


@dataclass(frozen=True, slots=True)
class DenyPolicy:
    """Denies that together close every certain first step to full rights, the most closing first.

    `first_steps` counts them.
    """

    statements: tuple[DenyStatement, ...]
    first_steps: int

    @property
    def document(self) -> str:
        """The Denies as a policy document."""
        statements = [
            {
                "Sid": f"CloseEscalation{number}",
                "Effect": "Deny",
                "Action": list(each.actions),
                "Resource": list(each.resources),
            }
            for number, each in enumerate(self.statements, 1)
        ]
        return json.dumps({"Version": _VERSION, "Statement": statements}, indent=2)


def deny_policy_for(graph: EscalationGraph, arn: str) -> DenyPolicy | None:
    """What closes every certain path of the principal to full rights; None where it has none.

    Greedy: each time the permission that most of the paths still open have in common.
    """
    edges = graph.edges.get(arn, ())
    still_open = list(_open_paths(graph, edges, graph.goals(arn)))
    first_steps = 0
    closures: list[DenyStatement] = []
    denied: frozenset[str] = frozenset()
    while still_open:
        first_steps += sum(number for _, _, number in still_open)
        denied = _close(graph, still_open, closures, denied)
        edges = tuple(each for each in edges if not _is_closed(each.first_path, denied))
        joint = graph.certain_joint.route(arn, edges)
        still_open = list(_open_paths(graph, edges, joint.goals)) if joint else []
    return DenyPolicy(tuple(closures), first_steps) if closures else None


def _close(
    graph: EscalationGraph,
    still_open: list["_OpenPath"],
    closures: list[DenyStatement],
    denied: frozenset[str],
) -> frozenset[str]:
    """Adds what closes these paths, and returns the actions that are denied then."""
    while still_open:
        option = max(
            _options(still_open), key=lambda each: _value(denied | set(each), each, still_open)
        )
        denied |= set(option)
        closed = [each for each in still_open if _is_closed(each[0], denied)]
        closures.append(_statement(graph, option, denied, closed))
        still_open = [each for each in still_open if each not in closed]
    return denied


_OpenPath = tuple[EscalationPath, int, int]


def _open_paths(graph: EscalationGraph, edges: Iterable[Edge], goals: Goals) -> Iterator[_OpenPath]:
    """The path of each first step to full rights, its targets as bits, and how many."""
    resources = graph.authorizer.resources
    changes: dict[tuple[EscalationPath, EntryPoint], int] = {}
    for edge in edges:
        ends = goals.ends(edge, is_certain=True)
        if ends and edge.after:
            first = edge.after[0]
            key = first.path, first.entry_point
            changes[key] = changes.get(key, 0) | resources.bit(first.on)
        elif ends:
            yield edge.path, ends, ends.bit_count()
    for (path, _), bits in changes.items():
        yield path, bits, bits.bit_count()


def _is_closed(path: EscalationPath, denied: frozenset[str]) -> bool:
    """True if all the alternatives of something that the path requires are denied."""
    return any(set(requirement.any_of) <= denied for requirement in path.requires)


def _options(still_open: list[_OpenPath]) -> list[tuple[str, ...]]:
    return sorted({each.any_of for path, _, _ in still_open for each in path.requires})


def _value(
    denied: frozenset[str], option: tuple[str, ...], still_open: list[_OpenPath]
) -> tuple[int, int]:
    """How many paths it closes; of equals, whichever permission only IAM's own work needs."""
    number = sum(times for path, _, times in still_open if _is_closed(path, denied))
    return number, sum(action.startswith(("iam:", "sts:")) for action in option)


def _statement(
    graph: EscalationGraph, option: tuple[str, ...], denied: frozenset[str], closed: list[_OpenPath]
) -> DenyStatement:
    bits = 0
    for _, targets, _ in closed:
        bits |= targets
    number = sum(times for _, _, times in closed)
    requirements = {
        requirement
        for path, _, _ in closed
        for requirement in path.requires
        if set(requirement.any_of) <= denied
    }
    return DenyStatement(option, _resources(graph, requirements, bits), number)


def _resources(
    graph: EscalationGraph, requirements: set[Requirement], bits: int
) -> tuple[str, ...]:
    """The targets where the permission works on them, and all where it can't be narrowed."""
    is_named = all(requirement.target in _NAMED for requirement in requirements)
    if is_named and bits.bit_count() <= _MOST_NAMED:
        return tuple(graph.authorizer.resources.named(bits))
    return ("*",)
