"""In: how far everyone gets. Out: who holds power over the account, for the report document."""

from collections.abc import Iterator
from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import Role, User
from analyzer.privesc.graph import Level, Power, Reach, Step
from analyzer.rules.privilege_queries import control, of_route, places, principals
from analyzer.writers.document.parts import place

_WORST_FIRST = tuple(Level)


def privileged(reach: Reach | None) -> list[dict[str, Any]] | None:
    """Every user and role whose level is not "limited", worst level first, then by ARN.

    Roles that AWS itself owns are left out, since nobody in the account can use or change them.
    None where no policy was evaluated, which is not the same as nobody.
    """
    if reach is None:
        return None
    found = [
        (principal, power)
        for principal, _, power in principals(reach)
        if power.level is not Level.LIMITED
    ]
    found.sort(key=lambda each: (_WORST_FIRST.index(each[1].level), each[1].arn))
    return [_one(reach, principal, power) for principal, power in found]


def dated(reaches: Iterator[Reach | None]) -> str | None:
    """The day of the table of AWS actions that was used, as YYYY-MM-DD; None where none was."""
    days = (each.verdicts.actions.dated for each in reaches if each is not None)
    return next((day.isoformat() for day in days), None)


def called(arn: str) -> str:
    """What a sentence calls the resource: "user ann", "role ci"; the ARN where it is no such."""
    kind, slash, name = arn.rpartition(":")[2].partition("/")
    return f"{kind} {name.rpartition('/')[2]}" if slash and kind and name else arn


def _one(reach: Reach, principal: User | Role, power: Power) -> dict[str, Any]:
    return {
        "principal": power.arn,
        "level": power.level.value,
        "route": [step(each) for each in power.route],
        "ways": power.ways,
        "conditional_ways": power.conditional_ways,
        "because": list(power.because),
        "places": [place(each) for each in _proof(reach, principal, power)],
    }


def step(taken: Step) -> dict[str, Any]:
    """One step of a way up, in words and as data."""
    name = called(taken.target or taken.on)
    does = taken.path.does.replace("{target}", name).replace("{role}", name)
    return {
        "principal": taken.source,
        "path": taken.path.id,
        "does": does,
        "on": taken.on,
        "target": taken.target,
        "sure": taken.is_sure,
    }


def _proof(reach: Reach, principal: User | Role, power: Power) -> tuple[Location, ...]:
    """The statements behind it; the principal's own entry where no single statement decides."""
    cited = of_route(reach, power) if power.route else ()
    if not power.route and power.level in (Level.ADMINISTRATOR, Level.CONDITIONAL):
        cited = control(reach, power.arn)
    return places(cited) or (reach.verdicts.permits[principal.arn].details.place,)
