"""`credaudit what-can`: how far one principal's rights go, and which policies give them."""

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
from analyzer.errors import ConfigurationError
from analyzer.inventory.model import Role
from analyzer.policy.actions import AccessLevel
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layers import PolicyLayer, Verdict
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.resource_search import decide_any_account
from analyzer.policy.service_rules import ASSUME, reserved_patterns
from analyzer.privesc.entry_points import privilege_by
from analyzer.privesc.graph import EscalationGraph, escalation_graph

_SENSITIVE = (
    "sts:AssumeRole", "iam:PassRole", "iam:CreateAccessKey", "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile", "secretsmanager:GetSecretValue", "ssm:GetParameter", "kms:Decrypt",
    "kms:PutKeyPolicy", "s3:GetObject", "s3:PutBucketPolicy", "ssm:SendCommand",
    "lambda:UpdateFunctionCode", "organizations:LeaveOrganization", "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail", "guardduty:DeleteDetector",
)  # fmt: skip
"""What reads secrets, acts as somebody else or blinds the watch, whatever AWS's access level."""
_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)
_ENTRY_POINTS_OF_ROLES = frozenset({EntryPoint.ROLE, EntryPoint.ANY})
_ENTRY_POINTS_OF_USERS = frozenset(EntryPoint) - {EntryPoint.ROLE}


@click.command("what-can", cls=QueryCommand)
@click.argument("principal", metavar="PRINCIPAL")
@click.option(
    "--profile",
    type=click.Choice([each.value for each in EntryPoint]),
    help="How the principal comes in.  [default: each way that it has]",
)
@query_command
def command(  # noqa: PLR0913 - one parameter an option
    *,
    principal: str,
    profile: str | None,
    inputs: tuple[Path, ...],
    number: str | None,
    as_of: datetime | None,
    form: str,
) -> None:
    """Say what PRINCIPAL may do: an ARN, user/ann, role/ci, or a name that only one has."""
    found = open_query(inputs, as_of, number, about=principal)
    graph = escalation_graph(found.account)
    policies = principal_in(graph.authorizer, principal)
    answer = {
        "principal": policies.arn,
        **found.heading,
        **_standing(found, graph, policies, profile),
        "ways_in": list(
            _ways_in(found, graph, policies, _asked_entry_points(graph, policies, profile))
        ),
        "bounds": [*_unlikely(graph, policies, profile), *caveats(found.account)],
    }
    if form == "json":
        print_json(answer)
    else:
        _print_page(answer)
    found.finish()


def _asked_entry_points(
    graph: EscalationGraph, policies: PrincipalPolicies, profile: str | None
) -> tuple[EntryPoint, ...]:
    if profile is None:
        return tuple(graph.authorizer.entry_points(policies))
    is_role = isinstance(policies.principal, Role)
    known = _ENTRY_POINTS_OF_ROLES if is_role else _ENTRY_POINTS_OF_USERS
    if EntryPoint(profile) not in known:
        kind = "role" if is_role else "user"
        raise ConfigurationError(f"no {kind} comes in that way", where=f"--profile {profile}")
    return tuple(graph.authorizer.entry_points_from(policies, EntryPoint(profile)))


def _unlikely(
    graph: EscalationGraph, policies: PrincipalPolicies, profile: str | None
) -> Iterator[str]:
    known = graph.authorizer.entry_points(policies)
    if profile is None or profile == EntryPoint.ANY or EntryPoint.ANY in known:
        return
    if EntryPoint(profile) not in known:
        yield f"By the credential report the principal has no such way in: {profile}."


def _standing(
    found: QueryContext, graph: EscalationGraph, policies: PrincipalPolicies, profile: str | None
) -> dict[str, Any]:
    """Its privilege level, by the way in that is asked for or by all, and the policies over it."""
    privilege = (
        graph.privileges[policies.arn]
        if profile is None
        else privilege_by(graph, policies.arn, EntryPoint(profile))
    )
    identity, *rest = policies.layers
    boundary = rest.pop(0) if rest and policies.has_boundary else None
    return {
        "level": privilege.level.value,
        "reasons": list(privilege.reasons),
        "policies": _held(found, identity),
        "unknown": list(identity.unknown),
        "boundary": None if boundary is None else {
            "arn": policies.details.boundary,
            "policies": _held(found, boundary),
            "unknown": list(boundary.unknown),
        },
        "guardrails": [each.name for each in rest],
    }  # fmt: skip


def _held(found: QueryContext, layer: PolicyLayer) -> list[dict[str, str]]:
    return [{"policy": each.name, **found.location(each.location)} for each in layer.held]


def _ways_in(
    found: QueryContext,
    graph: EscalationGraph,
    policies: PrincipalPolicies,
    entry_points: tuple[EntryPoint, ...],
) -> Iterator[dict[str, Any]]:
    """What each way in gives; ways that give the same are told as one."""
    same: dict[int, list[EntryPoint]] = {}
    for entry_point in entry_points:
        same.setdefault(id(graph.authorizer.evaluator(policies, entry_point)), []).append(
            entry_point
        )
    for each in same.values():
        evaluator = graph.authorizer.evaluator(policies, each[0])
        roles = list(_roles(graph, policies, each[0]))
        yield {
            "by": [entry_point.value for entry_point in each],
            "levels": _levels(graph.authorizer, evaluator),
            "sensitive": list(_sensitive(found, Query(graph.authorizer, policies, each[0]), roles)),
            "roles": roles,
        }


def _levels(authorizer: AccountAuthorizer, evaluator: PolicyEvaluator) -> dict[str, dict[str, int]]:
    """How many actions of each access level are allowed, and how many under conditions."""
    counted = dict.fromkeys(_ALLOWING, 0)
    for action, bits in _kinds(evaluator):
        verdict = decide_any_account(evaluator, action).verdict
        if verdict is not Verdict.ALLOWED and "iam" in authorizer.actions.services_of(action):
            own = evaluator.allowed_resources(action)
            verdict = Verdict.ALLOWED if own.certain else verdict
            if own.possible and verdict not in _ALLOWING:
                verdict = Verdict.CONDITIONAL
        if verdict in counted:
            counted[verdict] |= bits
    masks = {level.value: authorizer.actions.level(level) for level in AccessLevel}
    listed = 0
    for mask in masks.values():
        listed |= mask
    unlisted = authorizer.actions.everything & ~listed
    masks |= {"not listed": unlisted} if unlisted else {}
    return {
        name: {
            "allowed": (counted[Verdict.ALLOWED] & mask).bit_count(),
            "conditional": (counted[Verdict.CONDITIONAL] & mask).bit_count(),
            "total": mask.bit_count(),
        }
        for name, mask in masks.items()
    }


def _kinds(evaluator: PolicyEvaluator) -> Iterator[tuple[str, int]]:
    """The actions that may be allowed, in sets of the same fate, each with one action of it.

    The same statements speak of all in a set, and their resources have the same forms: nothing else
    of an action counts.
    """
    alike = [evaluator.possible]
    for bits in {line.reference.statement.actions for line in evaluator.statements}:
        alike = [part for each in alike for part in (each & bits, each & ~bits) if part]
    actions = evaluator.actions
    for each in alike:
        found: dict[tuple[object, ...], list[str]] = {}
        for name in actions.named(each):
            prefix = name.partition(":")[0].lower()
            # Of the account's own resources those of the services' count, whatever their form.
            # What AWS decides beside policies goes by service, and for IAM's by the action.
            given = evaluator.given_by(name)
            reserved = reserved_patterns(name, actions)
            forms = actions.resource_forms(name)
            fate = forms, actions.services_of(name), prefix, given, reserved
            found.setdefault(fate, []).append(name)
        for names in found.values():
            together = 0
            for name in names:
                together |= actions.bit(name)
            yield names[0], together


def _sensitive(
    found: QueryContext, asker: Query, roles: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The actions that matter most, as far as the principal may do them."""
    actions = asker.authorizer.actions
    ruling = actions.level(AccessLevel.PERMISSIONS) & actions.bits("iam:*")
    possible = [each for each in _SENSITIVE if actions.bits(each)]
    takeable = [each["role"] for each in roles]
    for action in dict.fromkeys((*possible, *actions.named(ruling))):
        decision = asker.anywhere(action, takeable if action == ASSUME else ())
        if decision.verdict in _ALLOWING:
            yield {
                "action": action,
                "verdict": decision.verdict.value,
                "allows": found.cited(decision.allows),
                "reasons": list(decision.reasons),
            }


def _roles(
    graph: EscalationGraph, policies: PrincipalPolicies, entry_point: EntryPoint
) -> Iterator[dict[str, Any]]:
    """The roles of the account that it can take, how far each gets, and on what that depends."""
    taken = graph.facts.assumable(policies, entry_point)
    for arn in graph.authorizer.resources.named(taken.possible):
        is_certain = bool(taken.certain & graph.authorizer.resources.bit(arn))
        verdict = Verdict.ALLOWED if is_certain else Verdict.CONDITIONAL
        decision = graph.authorizer.may_assume(policies, arn, entry_point)
        yield {
            "role": arn,
            "verdict": verdict.value,
            "level": graph.privileges[arn].level.value,
            "reasons": [] if is_certain else list(decision.reasons),
        }


def _print_page(answer: Mapping[str, Any]) -> None:
    boundary = answer["boundary"]
    lines = {
        "principal": answer["principal"],
        "account": f"{answer['account']} as of {answer['as_of']}",
        "privilege level": answer["level"],
        "reasons": "; ".join(answer["reasons"]),
        "boundary": "none"
        if boundary is None
        else format_locations(boundary["policies"]) or boundary["arn"],
        "guardrails": "; ".join(answer["guardrails"]),
        "policies": format_locations(answer["policies"]) or "none",
        "unknown": "; ".join(answer["unknown"]),
    }
    for name, value in lines.items():
        if value:
            click.echo(f"{name:15}  {printable(value)}")
    for each in answer["ways_in"]:
        _print_way_in(each)
    click.echo()
    print_caveats(answer["bounds"])


def _print_way_in(way: Mapping[str, Any]) -> None:
    click.echo(f"\nby {' or '.join(way['by'])}")
    counts = [
        (name, str(each["allowed"]), str(each["conditional"]), str(each["total"]))
        for name, each in way["levels"].items()
    ]
    print_table(("access level", "allowed", "under conditions", "of"), counts)
    if way["sensitive"]:
        click.echo()
        print_table(
            ("sensitive action", "verdict", "by", "depends on"),
            (
                (
                    each["action"],
                    each["verdict"],
                    format_locations(each["allows"]),
                    "; ".join(each["reasons"]),
                )
                for each in way["sensitive"]
            ),
        )
    if way["roles"]:
        click.echo()
        print_table(
            ("role that it can take", "verdict", "privilege level of the role", "depends on"),
            (
                (
                    arn_resource(each["role"]),
                    each["verdict"],
                    each["level"],
                    "; ".join(each["reasons"]),
                )
                for each in way["roles"]
            ),
        )
