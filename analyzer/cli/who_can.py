"""`credaudit who-can`: everyone who may do something, and by which statement."""

import re
from collections.abc import Iterator, Mapping, Sequence
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
    close_matches,
    open_query,
    query_command,
)
from analyzer.display import printable
from analyzer.errors import ConfigurationError
from analyzer.policy.actions import ActionIndex
from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.policy.layers import Decision, Verdict
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.trust_policies import PrincipalType, names_role

_ACTION = re.compile(r"[A-Za-z0-9-]{1,64}:[A-Za-z0-9]{1,128}")
_ARN_FIELDS = 6


@click.command("who-can", cls=QueryCommand)
@click.argument("action", metavar="ACTION")
@click.option("--resource", metavar="ARN", help="On this resource.  [default: on any that suits]")
@query_command
def command(  # noqa: PLR0913 - one parameter an option
    *,
    action: str,
    resource: str | None,
    inputs: tuple[Path, ...],
    number: str | None,
    as_of: datetime | None,
    form: str,
) -> None:
    """Say who may do ACTION, such as s3:GetObject, and which statements let them."""
    _check(action, resource)
    found = open_query(inputs, as_of, number)
    held = authorizer_for(found.account, [action])
    answers = [
        _answer(found, policies, decision)
        for policies, decision in _answers(held, action, resource)
    ]
    name = next(held.actions.named(held.actions.bit(action)))
    sentences = _bounds(held, name, resource)
    if form == "json":
        asked = {"action": name, "resource": resource, **found.heading}
        print_json({**asked, "answers": answers, "bounds": sentences})
    else:
        _print_answers(answers, name, resource, found.account.id)
        print_caveats(sentences)
    found.finish()


def _check(action: str, resource: str | None) -> None:
    if "*" in action or "?" in action:
        raise ConfigurationError(
            "ask for one action, without wildcards", where=printable(action),
            remedy="`credaudit what-can` lists all that a principal may do",
        )  # fmt: skip
    if not _ACTION.fullmatch(action):
        raise ConfigurationError(
            "is no action", where=printable(action), remedy="Write service:Action, as s3:GetObject"
        )
    if resource is None or resource == "*":
        return
    if "*" in resource or "?" in resource:
        raise ConfigurationError(
            "ask for one resource, without wildcards", where=printable(resource)
        )
    if not resource.startswith("arn:") or len(resource.split(":", 5)) < _ARN_FIELDS:
        raise ConfigurationError(
            "is no ARN",
            where=printable(resource),
            remedy="Write arn:aws:s3:::bucket/key or the like",
        )


def _answers(
    held: AccountAuthorizer, action: str, resource: str | None
) -> Iterator[tuple[PrincipalPolicies, Decision]]:
    if resource is not None:
        yield from held.who_can(action, resource)
        return
    trusted = _trusted_by_name(held) if action.lower() == ASSUME.lower() else {}
    for arn in sorted(held.principals):
        policies = held.principals[arn]
        decision = Query(held, policies).anywhere(action, trusted.get(arn, ()))
        if decision.verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
            yield policies, decision


def _trusted_by_name(held: AccountAuthorizer) -> dict[str, list[str]]:
    """The roles whose trust names the principal: it needs no Allow of its own."""
    found: dict[str, list[str]] = {}
    roles: dict[str, list[str]] = {}
    for arn in held.trusts:
        roles.setdefault(arn.rpartition("/")[2], []).append(arn)
    for role, openings in sorted(held.grants.items()):
        for each in openings:
            if each.type in (PrincipalType.USER, PrincipalType.ROLE):
                found.setdefault(each.name, []).append(role)
            if each.type is PrincipalType.SESSION:
                name = each.name.split("/", 2)[1] if "/" in each.name else ""
                for arn in roles.get(name, ()):
                    if names_role(each.name, arn):
                        found.setdefault(arn, []).append(role)
    return found


def _answer(found: QueryContext, policies: PrincipalPolicies, decision: Decision) -> dict[str, Any]:
    return {
        "principal": policies.arn,
        "verdict": decision.verdict.value,
        "allows": found.cited(decision.allows),
        "denies": found.cited(decision.denies),
        "reasons": list(decision.reasons),
    }


def _print_answers(
    answers: Sequence[Mapping[str, Any]], action: str, resource: str | None, account: str
) -> None:
    where = printable(resource) if resource else "some resource"
    number = f"{len(answers) or 'no'} principal{'s' * (len(answers) != 1)}"
    click.echo(f"{action} on {where}: {number} of account {account}")
    if answers:
        rows = (
            (
                arn_resource(each["principal"]),
                each["verdict"],
                format_locations(each["allows"]),
                "; ".join(each["reasons"]),
            )
            for each in answers
        )
        print_table(("principal", "verdict", "by", "depends on"), rows)


def _bounds(held: AccountAuthorizer, action: str, resource: str | None) -> list[str]:
    found = [*_doubts(held.actions, action), *caveats(held.account)]
    found.append(
        "The root user is bound by no policy of the account and is not listed: of policies, "
        "only the organization's reach it."
    )
    if action.lower() == ASSUME.lower() and resource is None:
        found.append(
            "Roles of other accounts count without their trust; name the role with --resource."
        )
    owner = resource.split(":", 5)[4] if resource and resource != "*" else ""
    if owner.isdigit() and owner != held.account.id and not action.lower().startswith("iam:"):
        found.append(
            f"The resource is one of account {printable(owner)}: its own policy must let in, too."
        )
    if resource and action.lower() == ASSUME.lower() and resource not in held.trusts:
        found.append("The trust policy of that role is not in the evidence and was left aside.")
    return found


def _doubts(actions: ActionIndex, action: str) -> Iterator[str]:
    if not actions.knows(action):
        service = action.partition(":")[0].lower()
        near = close_matches(action, (each for each in actions.named(actions.bits(f"{service}:*"))
                             if actions.knows(each)))  # fmt: skip
        yield f"AWS's list of {actions.dated} does not hold {action}. {near}".rstrip()
