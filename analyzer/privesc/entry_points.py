"""In: how far everyone gets, one principal and one way in. Out: how far it gets in that way alone.

A leaked key brings no MFA device and no password with it, whatever its owner has besides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.policy.request_context import Session
from analyzer.privesc.edges import Move, moves
from analyzer.privesc.graph import (
    Level,
    Power,
    Reach,
    Step,
    counted,
    doubts,
    empowers,
    is_nearly_admin,
    may_be_admin,
    steps_of,
)
from analyzer.privesc.requirements import Walker


@dataclass(frozen=True, slots=True)
class Within:
    """A role that can be taken, from the principal itself or from another role: `via`."""

    role: str
    via: str
    is_sure: bool


def power_in(reach: Reach, arn: str, session: Session) -> Power:
    """How far the principal gets if it comes in like this, and in no other way.

    Behind its first step it has the rights of whoever it became there.
    """
    permit = reach.verdicts.permits[arn]
    walker = Walker(reach.ground, permit, session, reach.verdicts.sheet(permit, session))
    if walker.is_admin:
        return Power(arn, Level.ADMINISTRATOR)
    found = tuple(moves(walker, reach.ways))
    if is_nearly_admin((walker,), found):
        return Power(arn, Level.ADMINISTRATOR)
    number, conditional = counted(found, reach.surely, reach.perhaps)
    if route := _shortest(reach, arn, found, is_sure=True):
        level = Level.DIRECT if len(route) == 1 else Level.CHAIN
        return Power(arn, level, route, number, conditional)
    if permit.identity.unknown:
        unknown = permit.identity.unknown
        return Power(arn, Level.UNKNOWN, because=unknown, conditional_ways=conditional)
    if may_be_admin(walker):
        because = doubts((walker,))
        return Power(arn, Level.CONDITIONAL, conditional_ways=conditional, because=because)
    if route := _shortest(reach, arn, found, is_sure=False):
        return Power(arn, Level.CONDITIONAL, route, 0, conditional)
    return Power(arn, Level.INDIRECT if empowers(walker) else Level.LIMITED)


def roles_within(reach: Reach, arn: str, session: Session) -> tuple[Within, ...]:
    """Every role that can be taken, one after another, nearest first; a sure way before another."""
    permits, universe = reach.verdicts.permits, reach.verdicts.universe
    found: dict[str, Within] = {}
    frontier = [(arn, session, True)]
    while frontier:
        reached = []
        for via, coming, is_sure in frontier:
            taken = reach.ground.assumable(permits[via], coming)
            for role in universe.named(taken.maybe):
                sure = is_sure and bool(taken.sure & universe.bit(role))
                if role == arn or (role in found and (found[role].is_sure or not sure)):
                    continue
                found[role] = Within(role, via, sure)
                reached.append((role, Session.ROLE, sure))
        frontier = reached
    return tuple(found.values())


def _shortest(
    reach: Reach, arn: str, found: tuple[Move, ...], *, is_sure: bool
) -> tuple[Step, ...]:
    """A shortest way to full rights; empty where there is none."""
    goals = reach.surely if is_sure else reach.perhaps
    routes = (
        (step, *_onwards(reach, arn, step))
        for move in found
        for step in steps_of(reach.verdicts, arn, move, goals, is_sure=is_sure)
    )
    return min(routes, key=len, default=())


def _onwards(reach: Reach, arn: str, step: Step) -> Iterator[Step]:
    """The way from where the step ends; what leads back to the principal itself is cut there."""
    power = reach.powers.get(step.target) if step.target else None
    for each in power.route if power else ():
        yield each
        if each.target == arn:
            return
