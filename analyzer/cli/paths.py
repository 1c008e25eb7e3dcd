"""`credaudit paths`: how a principal gets to full rights, step by step, and what closes the way."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from analyzer.cli.output import called, shown_bounds, shown_json, shown_table, spots
from analyzer.cli.query import (
    Asker,
    Opened,
    Question,
    bounds,
    opened,
    principal_in,
    question,
    rest_of,
)
from analyzer.display import visible
from analyzer.policy.layers import Cited, Decision, Verdict
from analyzer.privesc.catalogue import Requirement, Target
from analyzer.privesc.deny_policy import remedy
from analyzer.privesc.graph import Level, Power, Reach, Step, is_told, reach_of

_TOLD = (Level.ADMINISTRATOR, Level.DIRECT, Level.CHAIN, Level.CONDITIONAL, Level.UNKNOWN)
"""Worst first. Of those whom the files can't tell, nobody knows that they are harmless."""
_OWN = frozenset({Target.SELF_USER, Target.SELF_ROLE})
_CONTROL = "iam:AttachRolePolicy"
"""Whatever allows this makes an administrator one."""
_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)


@click.command("paths", cls=Question)
@click.argument("principal", required=False, metavar="[PRINCIPAL]")
@question
def command(
    principal: str | None,
    inputs: tuple[Path, ...],
    number: str | None,
    as_of: datetime | None,
    form: str,
) -> None:
    """Show PRINCIPAL's shortest way to full rights; without it, everyone who has one."""
    found = opened(inputs, as_of, number, about=principal or "")
    reach = reach_of(found.account)
    if principal is None:
        answer = _everyone(found, reach)
        show = _list
    else:
        answer = _one(found, reach, principal_in(reach.verdicts, principal).arn)
        show = _page
    answer["bounds"] = [*answer.pop("rest", ()), *bounds(found.account)]
    if form == "json":
        shown_json(answer)
    else:
        show(answer)
        shown_bounds(answer["bounds"])
    found.finish()


def _everyone(found: Opened, reach: Reach) -> dict[str, Any]:
    powers = [power for arn, power in reach.powers.items() if is_told(reach.verdicts.permits[arn])]
    told = [each for each in powers if each.level in _TOLD]
    told.sort(key=lambda each: (_TOLD.index(each.level), len(each.route), -each.ways, each.arn))
    number = len(powers) - len(told)
    return {
        **found.heading,
        "principals": [_summary(each) for each in told],
        "rest": [f"{number} other principal{'s' * (number != 1)}: no way to full rights found."],
    }


def _summary(power: Power) -> dict[str, Any]:
    return {
        "principal": power.arn,
        "level": power.level.value,
        "route": [_told(each) for each in power.route],
        "ways": power.ways,
        "conditional_ways": power.conditional_ways,
        "because": list(power.because),
    }


def _told(step: Step) -> dict[str, Any]:
    return {
        "principal": step.source,
        "by": step.session.value,
        "path": step.path.id,
        "does": _worded(step, step.path.does),
        "gains": _worded(step, step.path.gains),
        "on": step.on,
        "target": step.target,
        "sure": step.is_sure,
    }


def _worded(step: Step, clause: str) -> str:
    name = called(step.target or step.on)
    return clause.replace("{target}", name).replace("{role}", name)


def _one(found: Opened, reach: Reach, arn: str) -> dict[str, Any]:
    power = reach.powers[arn]
    closes = remedy(reach, arn)
    answer = {**_summary(power), **found.heading}
    answer["route"] = [
        {**_told(each), "allows": list(_allows(found, reach, each))} for each in power.route
    ]
    is_control = not power.route and power.level in (Level.ADMINISTRATOR, Level.CONDITIONAL)
    asker = Asker(reach.verdicts, reach.verdicts.permits[arn])
    answer["allows"] = found.cited(asker.anywhere(_CONTROL).allows) if is_control else []
    answer["remedy"] = closes and {"closes": closes.ways, "policy": json.loads(closes.policy)}
    return answer


def _allows(found: Opened, reach: Reach, step: Step) -> Iterator[dict[str, Any]]:
    """For each permission that the step takes, the action used and the statements behind it."""
    keys = {"iam:passedtoservice": (step.path.role_trusts,)} if step.path.role_trusts else {}
    asker = Asker(reach.verdicts, reach.verdicts.permits[step.source], step.session, keys)
    for requirement in step.path.requires:
        tried = [(each, _decided(asker, requirement, each, step)) for each in requirement.any_of]
        action, best = min(tried, key=lambda each: list(Verdict).index(each[1].verdict))
        if best.verdict in _ALLOWING:
            yield {
                "action": action,
                "verdict": best.verdict.value,
                "statements": found.cited(_once(best.allows)),
                "because": list(best.because),
            }


def _decided(asker: Asker, requirement: Requirement, action: str, step: Step) -> Decision:
    """On what the step works on, where the permission speaks of that; else wherever it suits."""
    if requirement.target is not None:
        on = step.source if requirement.target in _OWN else step.on
        decision = asker.on(action, on)
        if decision.verdict in _ALLOWING:
            return decision
    return asker.anywhere(action)


def _once(cited: tuple[Cited, ...]) -> tuple[Cited, ...]:
    return tuple(dict.fromkeys(cited))


def _list(answer: Mapping[str, Any]) -> None:
    columns = (
        "principal",
        "power",
        "ways",
        "under conditions",
        "first step, or what it depends on",
    )
    click.echo(f"account {answer['account']} as of {answer['as_of']}")
    shown_table(columns, (_row(each) for each in answer["principals"]))


def _row(power: Mapping[str, Any]) -> tuple[str, ...]:
    first = power["route"][0]["does"] if power["route"] else "; ".join(power["because"])
    return (
        rest_of(power["principal"]),
        power["level"],
        str(power["ways"]),
        str(power["conditional_ways"]),
        first,
    )


def _page(answer: Mapping[str, Any]) -> None:
    click.echo(f"{visible(answer['principal'])}: {answer['level']}")
    if answer["because"]:
        click.echo(f"depends on {visible('; '.join(answer['because']))}")
    if answer["allows"]:
        click.echo(f"by {visible(spots(answer['allows']))}")
    for number, step in enumerate(answer["route"], 1):
        _step(number, step)
    if answer["route"] or answer["conditional_ways"]:
        ways, maybe = answer["ways"], answer["conditional_ways"]
        click.echo(f"ways to begin: {ways} sure, {maybe} under conditions")
    if answer["remedy"]:
        closes = answer["remedy"]["closes"]
        which = "the sure way" if closes == 1 else f"all {closes} sure ways"
        click.echo(f"this policy closes {which}:")
        click.echo(json.dumps(answer["remedy"]["policy"], indent=2))


def _step(number: int, step: Mapping[str, Any]) -> None:
    doubt = "" if step["sure"] else " (under conditions)"
    click.echo(f"{number}. {visible(called(step['principal']))}, by {step['by']}, "
               f"{visible(step['does'])}{doubt}")  # fmt: skip
    for each in step["allows"]:
        because = f", depends on {'; '.join(each['because'])}" if each["because"] else ""
        click.echo(visible(f"   {each['action']}: {spots(each['statements'])}{because}"))
    click.echo(f"   gains {visible(step['gains'])}  [{step['path']}]")
