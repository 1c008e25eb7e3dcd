"""`credaudit paths`: how a principal gets to full rights, step by step, and what closes the way."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from analyzer.cli.output import format_locations, print_caveats, print_json, print_table
from analyzer.cli.query import (
    Query,
    QueryCommand,
    QueryContext,
    arn_resource,
    caveats,
    open_query,
    principal_in,
    query_command,
)
from analyzer.display import printable
from analyzer.inventory.model import principal_noun
from analyzer.policy.conditions import KeyState
from analyzer.policy.layers import Decision, StatementRef, Verdict
from analyzer.privesc.catalogue import Requirement, Target
from analyzer.privesc.deny_policy import deny_policy_for
from analyzer.privesc.granting import giving_rights
from analyzer.privesc.graph import (
    EscalationGraph,
    Privilege,
    PrivilegeLevel,
    escalation_graph,
    is_reportable,
)
from analyzer.privesc.steps import EscalationStep

_TOLD = (
    PrivilegeLevel.ADMINISTRATOR,
    PrivilegeLevel.DIRECT,
    PrivilegeLevel.CHAIN,
    PrivilegeLevel.CONDITIONAL,
    PrivilegeLevel.UNKNOWN,
)
"""Worst first. Of those whom the files can't tell, nobody knows that they are harmless."""
_SELF = frozenset({Target.SELF_USER, Target.SELF_ROLE})
_CONTROL = "iam:AttachRolePolicy"
"""Whatever allows this makes an administrator one."""
_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)


@click.command("paths", cls=QueryCommand)
@click.argument("principal", required=False, metavar="[PRINCIPAL]")
@query_command
def command(
    principal: str | None,
    inputs: tuple[Path, ...],
    number: str | None,
    as_of: datetime | None,
    form: str,
) -> None:
    """Show PRINCIPAL's shortest way to full rights; without it, everyone who has one."""
    found = open_query(inputs, as_of, number, about=principal or "")
    graph = escalation_graph(found.account)
    if principal is None:
        answer = _everyone(found, graph)
        show = _print_list
    else:
        answer = _one(found, graph, principal_in(graph.authorizer, principal).arn)
        show = _print_page
    answer["bounds"] = [*answer.pop("rest", ()), *caveats(found.account)]
    if form == "json":
        print_json(answer)
    else:
        show(answer)
        print_caveats(answer["bounds"])
    found.finish()


def _everyone(found: QueryContext, graph: EscalationGraph) -> dict[str, Any]:
    privileges = [
        privilege
        for arn, privilege in graph.privileges.items()
        if is_reportable(graph.authorizer.principals[arn])
    ]
    told = [each for each in privileges if each.level in _TOLD]
    told.sort(key=lambda each: (_TOLD.index(each.level), len(each.route), -each.paths, each.arn))
    number = len(privileges) - len(told)
    giving = sum(each.level is PrivilegeLevel.INDIRECT for each in privileges)
    others = f"{number} other principal{'s' * (number != 1)}"
    rest = [f"{others}: no way to full rights found."] if number else []
    if giving:
        rest.append(f"{giving} of them can give rights to others: credaudit paths PRINCIPAL.")
    return {
        **found.heading,
        "principals": [_summary(each) for each in told],
        "rest": rest,
    }


def _summary(privilege: Privilege) -> dict[str, Any]:
    return {
        "principal": privilege.arn,
        "level": privilege.level.value,
        "route": [_told(each) for each in privilege.route],
        "paths": privilege.paths,
        "conditional_paths": privilege.conditional_paths,
        "reasons": list(privilege.reasons),
    }


def _told(step: EscalationStep) -> dict[str, Any]:
    return {
        "principal": step.source,
        "by": step.entry_point.value,
        "path": step.path.id,
        "action_text": _worded(step, step.path.action_text),
        "gains": _worded(step, step.path.gains),
        "on": step.on,
        "target": step.target,
        "certain": step.is_certain,
    }


def _worded(step: EscalationStep, clause: str) -> str:
    name = principal_noun(step.on)
    return clause.replace("{target}", name).replace("{role}", name)


def _one(found: QueryContext, graph: EscalationGraph, arn: str) -> dict[str, Any]:
    privilege = graph.privileges[arn]
    closes = deny_policy_for(graph, arn)
    answer = {**_summary(privilege), **found.heading}
    answer["route"] = [
        {**_told(each), "allows": list(_allows(found, graph, each))} for each in privilege.route
    ]
    is_control = not privilege.route and privilege.level in (
        PrivilegeLevel.ADMINISTRATOR,
        PrivilegeLevel.CONDITIONAL,
    )
    asker = Query(graph.authorizer, graph.authorizer.principals[arn])
    answer["allows"] = found.cited(asker.anywhere(_CONTROL).allows) if is_control else []
    answer["gives"] = [
        {
            "action": each.action,
            "certain": each.is_certain,
            "targets": each.targets,
            "statements": found.cited(each.statements),
            "reasons": list(each.reasons),
        }
        for each in giving_rights(graph.facts, graph.giving, arn)
        if privilege.level is not PrivilegeLevel.ADMINISTRATOR
    ]
    answer["remedy"] = closes and {
        "closes": closes.first_steps,
        "policy": json.loads(closes.document),
    }
    return answer


def _allows(
    found: QueryContext, graph: EscalationGraph, step: EscalationStep
) -> Iterator[dict[str, Any]]:
    """For each permission that the step takes, the action used and the statements behind it."""
    keys: dict[str, KeyState] = dict(step.actor.keys) if step.actor else {}
    if step.path.passed_to:
        keys["iam:passedtoservice"] = (step.path.passed_to,)
    policies = step.actor.policies if step.actor else graph.authorizer.principals[step.source]
    asker = Query(graph.authorizer, policies, step.entry_point, keys)
    for requirement in graph.requirements(step):
        tried = [(each, _decided(asker, requirement, each, step)) for each in requirement.any_of]
        action, best = min(tried, key=lambda each: each[1].verdict.rank)
        if best.verdict in _ALLOWING:
            yield {
                "action": action,
                "verdict": best.verdict.value,
                "statements": found.cited(_once(best.allows)),
                "reasons": list(best.reasons),
            }


def _decided(asker: Query, requirement: Requirement, action: str, step: EscalationStep) -> Decision:
    """On what the step works on, where the permission speaks of that; else wherever it suits."""
    if requirement.target is not None:
        on = step.source if requirement.target in _SELF else step.on
        decision = asker.on(action, on)
        if decision.verdict in _ALLOWING:
            return decision
    return asker.anywhere(action)


def _once(cited: tuple[StatementRef, ...]) -> tuple[StatementRef, ...]:
    return tuple(dict.fromkeys(cited))


def _print_list(answer: Mapping[str, Any]) -> None:
    columns = (
        "principal",
        "privilege level",
        "first steps",
        "under conditions",
        "first step, or what it depends on",
    )
    click.echo(f"account {answer['account']} as of {answer['as_of']}")
    print_table(columns, (_row(each) for each in answer["principals"]))


def _row(privilege: Mapping[str, Any]) -> tuple[str, ...]:
    first = (
        privilege["route"][0]["action_text"]
        if privilege["route"]
        else "; ".join(privilege["reasons"])
    )
    return (
        arn_resource(privilege["principal"]),
        privilege["level"],
        str(privilege["paths"]),
        str(privilege["conditional_paths"]),
        first,
    )


def _print_page(answer: Mapping[str, Any]) -> None:
    click.echo(f"{printable(answer['principal'])}: {answer['level']}")
    if answer["reasons"]:
        click.echo(f"depends on {printable('; '.join(answer['reasons']))}")
    if answer["allows"]:
        click.echo(f"by {printable(format_locations(answer['allows']))}")
    for number, step in enumerate(answer["route"], 1):
        _print_step(number, step)
    if answer["gives"]:
        click.echo("gives rights to others:")
    for right in answer["gives"]:
        because = f", depends on {'; '.join(right['reasons'])}" if right["reasons"] else ""
        doubt = "" if right["certain"] else " (under conditions)"
        by = format_locations(right["statements"])
        click.echo(printable(f"   {right['action']}{doubt}: {by}{because}"))
    if answer["route"] or answer["conditional_paths"]:
        certain, conditional = answer["paths"], answer["conditional_paths"]
        click.echo(f"first steps: {certain} certain, {conditional} under conditions")
    if answer["remedy"]:
        closes = answer["remedy"]["closes"]
        which = "the certain first step" if closes == 1 else f"all {closes} certain first steps"
        click.echo(f"as an inline policy, this closes {which}:")
        click.echo(json.dumps(answer["remedy"]["policy"], indent=2))


def _print_step(number: int, step: Mapping[str, Any]) -> None:
    doubt = "" if step["certain"] else " (under conditions)"
    click.echo(f"{number}. {printable(principal_noun(step['principal']))}, by {step['by']}, "
               f"{printable(step['action_text'])}{doubt}")  # fmt: skip
    for each in step["allows"]:
        because = f", depends on {'; '.join(each['reasons'])}" if each["reasons"] else ""
        click.echo(
            printable(f"   {each['action']}: {format_locations(each['statements'])}{because}")
        )
    click.echo(f"   gains {printable(step['gains'])}  [{step['path']}]")
