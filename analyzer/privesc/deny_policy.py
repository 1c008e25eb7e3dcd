"""In: a principal's paths to full rights. Out: a small Deny policy that closes the certain ones.

A Deny is proposed, and not a shorter Allow, because it is right whatever else the principal holds,
can be tried in one minute and taken back in one more.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import PolicyAttachment
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.catalogue import EscalationPath, Requirement, Target
from analyzer.privesc.edges import find_edges
from analyzer.privesc.graph import EscalationGraph, actors_by
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.steps import Goals

_MOST_NAMED = 10
_NAMED = frozenset(
    {Target.ROLE, Target.OTHER_USER, Target.OTHER_ROLE, Target.SAME_USER, Target.SAME_ROLE}
)
_VERSION = "2012-10-17"
_NAME = "CloseEscalation"


@dataclass(frozen=True, slots=True)
class DenyStatement:
    """One Deny. `closes` counts the first steps that these actions on these resources make up."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    closes: int


@dataclass(frozen=True, slots=True)
class DenyPolicy:
    """Denies that together close every certain first step to full rights, the most closing first.

    `first_steps` counts them. The last ones may close none: they keep the policy in its place.
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

    It is tried as an inline policy of the principal: by what the principal itself takes that away
    again, and what leads round it, is denied, too.
    """
    edges = graph.edges.get(arn, ())
    first_steps = list(_open_paths(edges, graph.goals(arn)))
    if not first_steps:
        return None
    number = sum(times for _, _, times in first_steps)
    to_close, is_narrow = first_steps, True
    while True:
        policy = DenyPolicy(tuple(_close(graph, to_close, is_narrow=is_narrow)), number)
        left = [
            each for each in _left_open(graph, arn, policy) if is_narrow or each not in to_close
        ]
        if not left:
            return policy
        # Named resources can be too few where a path makes something new.
        is_narrow = any(each not in to_close for each in left)
        to_close = [*to_close, *(each for each in left if each not in to_close)]


def _close(
    graph: EscalationGraph, to_close: list["_OpenPath"], *, is_narrow: bool
) -> Iterator[DenyStatement]:
    """Denies that close these paths.

    Greedy: each time the permission that most of the paths still open have in common.
    """
    still_open = to_close
    denied: frozenset[str] = frozenset()
    while still_open:
        option = max(
            _options(still_open), key=lambda each: _value(denied | set(each), each, still_open)
        )
        denied |= set(option)
        closed = [each for each in still_open if _is_closed(each[0], denied)]
        statement = _statement(graph, option, denied, closed)
        yield statement if is_narrow else replace(statement, resources=("*",))
        still_open = [each for each in still_open if each not in closed]


def _left_open(graph: EscalationGraph, arn: str, policy: DenyPolicy) -> Iterator["_OpenPath"]:
    """The paths that certainly lead to full rights where the principal holds that policy.

    They count for nothing among the first steps: most of them begin by taking the policy away.
    """
    policies, cache = graph.authorizer.principals[arn], graph.authorizer.store.cache
    node = JsonNode(json.loads(policy.document), policies.details.location)
    first, *rest = policies.layers
    layers = (replace(first, held=(*first.held, cache.held(node, _NAME))), *rest)
    inline = PolicyAttachment(_NAME, node.location, document=node)
    details = replace(policies.details, inline=(*policies.details.inline, inline))
    holder = replace(policies, layers=layers, details=details)
    actors = actors_by(graph.facts, holder, graph.authorizer.entry_points(holder))
    found = tuple(edge for actor in actors for edge in find_edges(actor, graph.path_index))
    others = graph.certain_admins & ~graph.authorizer.resources.bit(arn)
    yield from ((path, ends, 0) for path, ends, _ in _open_paths(found, Goals(others)))
    if joint := graph.certain_joint.route(arn, found):
        goals = _open_paths(found, joint.goals)
        yield from ((path, ends, 0) for path, ends, _ in goals)


_OpenPath = tuple[EscalationPath, int, int]


def _open_paths(edges: Iterable[Edge], goals: Goals) -> Iterator[_OpenPath]:
    """The path of each first step to full rights, its targets as bits, and how many."""
    changes: dict[tuple[EscalationPath, EntryPoint], int] = {}
    for edge in edges:
        ends = goals.ends(edge, is_certain=True)
        if ends and edge.after:
            first = edge.after[0]
            key = first.path, first.entry_point
            changes[key] = changes.get(key, 0) | first.targets
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
) -> tuple[int, int, int]:
    """How many first steps and paths it closes; of equals, what only IAM's own work needs."""
    closed = [times for path, _, times in still_open if _is_closed(path, denied)]
    return sum(closed), len(closed), sum(each.startswith(("iam:", "sts:")) for each in option)


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
