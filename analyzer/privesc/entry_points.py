"""In: the graph, one principal and one entry point. Out: how far it gets by that one alone.

A leaked key brings no MFA device and no password with it, whatever its owner has besides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.policy.conditions import Ternary
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.edges import find_edges
from analyzer.privesc.graph import (
    EscalationGraph,
    Privilege,
    PrivilegeLevel,
    actors_by,
    administrator_reasons,
    count_paths,
    is_admin_after_one_step,
    unknown_reasons,
    without_a_way,
)
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.steps import EscalationStep, Goals, routes_over


@dataclass(frozen=True, slots=True)
class AssumableRole:
    """A role that can be assumed, by the principal itself or by another role: `via`."""

    role: str
    via: str
    is_certain: bool


def privilege_by(graph: EscalationGraph, arn: str, entry_point: EntryPoint) -> Privilege:
    """How far the principal gets if it comes in by this entry point, and by no other.

    What it can change about itself from there counts: an MFA device that it enrols.
    Behind its first step it has the rights of whoever it became there.
    """
    policies = graph.authorizer.principals[arn]
    reached = graph.authorizer.entry_points_from(policies, entry_point)
    actors = tuple(actors_by(graph.facts, policies, reached))
    found = tuple(edge for actor in actors for edge in find_edges(actor, graph.path_index))
    if any(actor.is_admin for actor in actors) or is_admin_after_one_step(actors, found):
        return Privilege(arn, PrivilegeLevel.ADMINISTRATOR, reasons=administrator_reasons(actors))
    route, goals = _shortest(graph, arn, found, is_certain=True), Goals(graph.certain_admins)
    if not route and (joint := graph.certain_joint.route(arn, found)):
        route, goals = joint.steps, joint.goals
    possible_goals = Goals(graph.possible_admins | goals.to, goals.armed)
    possible_route = _shortest(graph, arn, found, is_certain=False)
    if not route and not possible_route and (joint := graph.possible_joint.route(arn, found)):
        possible_route, possible_goals = joint.steps, joint.goals
    number, conditional = count_paths(found, goals, possible_goals)
    if route:
        level = PrivilegeLevel.DIRECT if len(route) == 1 else PrivilegeLevel.CHAIN
        return Privilege(arn, level, route, number, conditional)
    if policies.identity.unknown:
        unknown = policies.identity.unknown
        return Privilege(
            arn, PrivilegeLevel.UNKNOWN, reasons=unknown, conditional_paths=conditional
        )
    if any(actor.is_possibly_admin for actor in actors):
        because = unknown_reasons(actors)
        return Privilege(
            arn, PrivilegeLevel.CONDITIONAL, conditional_paths=conditional, reasons=because
        )
    if possible_route:
        return Privilege(arn, PrivilegeLevel.CONDITIONAL, possible_route, 0, conditional)
    return without_a_way(arn, actors, graph.giving)


def assumable_roles(
    graph: EscalationGraph, arn: str, entry_point: EntryPoint
) -> tuple[AssumableRole, ...]:
    """Every role that can be assumed, directly or by a chain, nearest first; certain ones first."""
    principals, resources = graph.authorizer.principals, graph.authorizer.resources
    found: dict[str, AssumableRole] = {}
    reached_by = graph.authorizer.entry_points_from(principals[arn], entry_point)
    frontier = [(arn, each, truth is Ternary.TRUE) for each, truth in reached_by.items()]
    while frontier:
        reached = []
        for via, coming, is_certain in frontier:
            taken = graph.facts.assumable(principals[via], coming)
            for role in resources.named(taken.possible):
                certain = is_certain and bool(taken.certain & resources.bit(role))
                if role == arn or (role in found and (found[role].is_certain or not certain)):
                    continue
                found[role] = AssumableRole(role, via, certain)
                reached.append((role, EntryPoint.ROLE, certain))
        frontier = reached
    return tuple(found.values())


def _shortest(
    graph: EscalationGraph, arn: str, found: tuple[Edge, ...], *, is_certain: bool
) -> tuple[EscalationStep, ...]:
    """A shortest route to full rights; empty where there is none."""
    goals = Goals(graph.certain_alone if is_certain else graph.possible_alone)
    routes = (
        (*steps, *_onwards(graph, arn, steps[-1]))
        for edge in found
        for steps in routes_over(
            graph.authorizer.resources, arn, edge, goals, is_certain=is_certain
        )
    )
    return min(routes, key=len, default=())


def _onwards(graph: EscalationGraph, arn: str, step: EscalationStep) -> Iterator[EscalationStep]:
    """The route from where the step ends; what leads back to the principal itself is cut off."""
    privilege = graph.privileges.get(step.target) if step.target else None
    for each in privilege.route if privilege else ():
        yield each
        if each.target == arn:
            return
