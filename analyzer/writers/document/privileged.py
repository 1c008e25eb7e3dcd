"""In: how far everyone gets. Out: who holds power over the account, for the report document."""

from collections.abc import Iterator
from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import Role, User, principal_noun
from analyzer.privesc.graph import EscalationGraph, Privilege, PrivilegeLevel
from analyzer.privesc.steps import EscalationStep
from analyzer.rules.privilege_queries import (
    admin_statements,
    locations,
    principals,
    route_statements,
)
from analyzer.writers.document.parts import location_dict

_WORST_FIRST = tuple(PrivilegeLevel)


def privileged_section(graph: EscalationGraph | None) -> list[dict[str, Any]] | None:
    """Every user and role whose level is not "limited", worst level first, then by ARN.

    Roles that AWS itself owns are left out, since nobody in the account can use or change them.
    None where no policy was evaluated, which is not the same as nobody.
    """
    if graph is None:
        return None
    found = [
        (principal, privilege)
        for principal, _, privilege in principals(graph)
        if privilege.level is not PrivilegeLevel.LIMITED
    ]
    found.sort(key=lambda each: (_WORST_FIRST.index(each[1].level), each[1].arn))
    return [_one(graph, principal, privilege) for principal, privilege in found]


def actions_table_date(graphs: Iterator[EscalationGraph | None]) -> str | None:
    """The day of the table of AWS actions that was used, as YYYY-MM-DD; None where none was."""
    days = (each.authorizer.actions.dated for each in graphs if each is not None)
    return next((day.isoformat() for day in days), None)


def _one(graph: EscalationGraph, principal: User | Role, privilege: Privilege) -> dict[str, Any]:
    return {
        "principal": privilege.arn,
        "level": privilege.level.value,
        "route": [step_dict(each) for each in privilege.route],
        "paths": privilege.paths,
        "conditional_paths": privilege.conditional_paths,
        "reasons": list(privilege.reasons),
        "places": [location_dict(each) for each in _statements(graph, principal, privilege)],
    }


def step_dict(taken: EscalationStep) -> dict[str, Any]:
    """One step of a way up, in words and as data."""
    name = principal_noun(taken.on)
    does = taken.path.action_text.replace("{target}", name).replace("{role}", name)
    return {
        "principal": taken.source,
        "path": taken.path.id,
        "action_text": does,
        "on": taken.on,
        "target": taken.target,
        "certain": taken.is_certain,
    }


def _statements(
    graph: EscalationGraph, principal: User | Role, privilege: Privilege
) -> tuple[Location, ...]:
    """The statements behind it; the principal's own entry where no single statement decides."""
    cited = route_statements(graph, privilege) if privilege.route else ()
    if not privilege.route and privilege.level in (
        PrivilegeLevel.ADMINISTRATOR,
        PrivilegeLevel.CONDITIONAL,
    ):
        cited = admin_statements(graph, privilege.arn)
    return locations(cited) or (graph.authorizer.principals[principal.arn].details.location,)
