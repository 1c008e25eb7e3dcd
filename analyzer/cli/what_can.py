"""`credaudit what-can`: how far one principal's rights go, and which policies give them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from analyzer.cli.output import shown_bounds, shown_json, shown_table, spots
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
from analyzer.errors import ConfigurationError
from analyzer.inventory.model import Role
from analyzer.policy.actions import Level
from analyzer.policy.authorizer import Verdicts
from analyzer.policy.evaluator import Sheet
from analyzer.policy.layers import Layer, Verdict
from analyzer.policy.principals import Permit
from analyzer.policy.request_context import Session, sessions_of
from analyzer.policy.trust_policies import ASSUME
from analyzer.privesc.graph import Reach, reach_of

_SENSITIVE = (
    "sts:AssumeRole", "iam:PassRole", "iam:CreateAccessKey", "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile", "secretsmanager:GetSecretValue", "ssm:GetParameter", "kms:Decrypt",
    "kms:PutKeyPolicy", "s3:GetObject", "s3:PutBucketPolicy", "ssm:SendCommand",
    "lambda:UpdateFunctionCode", "organizations:LeaveOrganization", "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail", "guardduty:DeleteDetector",
)  # fmt: skip
"""What reads secrets, acts as somebody else or blinds the watch, whatever AWS's access level."""
_ALLOWING = (Verdict.ALLOWED, Verdict.CONDITIONAL)
_OF_ROLES = frozenset({Session.ROLE, Session.ANY})
_OF_USERS = frozenset({Session.LEAKED_KEY, Session.CONSOLE, Session.ANY})


@click.command("what-can", cls=Question)
@click.argument("principal", metavar="PRINCIPAL")
@click.option(
    "--profile",
    type=click.Choice([each.value for each in Session]),
    help="How the principal comes in.  [default: each way that it has]",
)
@question
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
    found = opened(inputs, as_of, number, about=principal)
    reach = reach_of(found.account)
    permit = principal_in(reach.verdicts, principal)
    answer = {
        "principal": permit.arn,
        **found.heading,
        **_standing(found, reach, permit),
        "ways_in": list(_ways_in(found, reach, permit, _sessions(permit, profile))),
        "bounds": [*_unlikely(permit, profile), *bounds(found.account)],
    }
    if form == "json":
        shown_json(answer)
    else:
        _page(answer)
    found.finish()


def _sessions(permit: Permit, profile: str | None) -> tuple[Session, ...]:
    if profile is None:
        return sessions_of(permit.principal)
    is_role = isinstance(permit.principal, Role)
    if Session(profile) not in (_OF_ROLES if is_role else _OF_USERS):
        kind = "role" if is_role else "user"
        raise ConfigurationError(f"no {kind} comes in that way", where=f"--profile {profile}")
    return (Session(profile),)


def _unlikely(permit: Permit, profile: str | None) -> Iterator[str]:
    known = sessions_of(permit.principal)
    if profile is None or profile == Session.ANY or Session.ANY in known:
        return
    if Session(profile) not in known:
        yield f"By the credential report the principal has no such way in: {profile}."


def _standing(found: Opened, reach: Reach, permit: Permit) -> dict[str, Any]:
    """What holds whichever way it comes in: its power, and the policies over it."""
    power = reach.powers[permit.arn]
    identity, *rest = permit.layers
    boundary = rest.pop(0) if rest and permit.has_boundary else None
    return {
        "level": power.level.value,
        "because": list(power.because),
        "policies": _held(found, identity),
        "unknown": list(identity.unknown),
        "boundary": None if boundary is None else {
            "arn": permit.details.boundary,
            "policies": _held(found, boundary),
            "unknown": list(boundary.unknown),
        },
        "guardrails": [each.name for each in rest],
    }  # fmt: skip


def _held(found: Opened, layer: Layer) -> list[dict[str, str]]:
    return [{"policy": each.name, **found.place(each.place)} for each in layer.held]


def _ways_in(
    found: Opened, reach: Reach, permit: Permit, sessions: tuple[Session, ...]
) -> Iterator[dict[str, Any]]:
    """What each way in gives; ways that give the same are told as one."""
    same: dict[int, list[Session]] = {}
    for session in sessions:
        same.setdefault(id(reach.verdicts.sheet(permit, session)), []).append(session)
    for each in same.values():
        sheet = reach.verdicts.sheet(permit, each[0])
        roles = list(_roles(reach, permit, each[0]))
        yield {
            "by": [session.value for session in each],
            "levels": _levels(reach.verdicts, sheet),
            "sensitive": list(_sensitive(found, Asker(reach.verdicts, permit, each[0]), roles)),
            "roles": roles,
        }


def _levels(verdicts: Verdicts, sheet: Sheet) -> dict[str, dict[str, int]]:
    """How many actions of each access level are allowed on some resource, surely or perhaps."""
    counted = dict.fromkeys(_ALLOWING, 0)
    for action, bits in _kinds(sheet):
        verdict = sheet.anywhere(action).verdict
        if verdict is not Verdict.ALLOWED and "iam" in verdicts.actions.services_of(action):
            own = sheet.reach(action)
            verdict = Verdict.ALLOWED if own.sure else verdict
            if own.maybe and verdict not in _ALLOWING:
                verdict = Verdict.CONDITIONAL
        if verdict in counted:
            counted[verdict] |= bits
    masks = {level.value: verdicts.actions.level(level) for level in Level}
    listed = 0
    for mask in masks.values():
        listed |= mask
    unlisted = verdicts.actions.everything & ~listed
    masks |= {"not listed": unlisted} if unlisted else {}
    return {
        name: {
            "allowed": (counted[Verdict.ALLOWED] & mask).bit_count(),
            "conditional": (counted[Verdict.CONDITIONAL] & mask).bit_count(),
            "of": mask.bit_count(),
        }
        for name, mask in masks.items()
    }


def _kinds(sheet: Sheet) -> Iterator[tuple[str, int]]:
    """The actions that may be allowed, in sets of the same fate, each with one action of it.

    The same statements speak of all in a set, and their resources have the same forms: nothing else
    of an action counts.
    """
    alike = [sheet.possible]
    for bits in {line.cited.statement.actions for line in sheet.lines}:
        alike = [part for each in alike for part in (each & bits, each & ~bits) if part]
    actions = sheet.actions
    for each in alike:
        found: dict[tuple[object, ...], list[str]] = {}
        for name in actions.named(each):
            prefix = name.partition(":")[0].lower()
            # Of the account's own resources those of the services' count, whatever their form.
            fate = actions.works_on(name), actions.services_of(name), prefix
            found.setdefault(fate, []).append(name)
        for names in found.values():
            together = 0
            for name in names:
                together |= actions.bit(name)
            yield names[0], together


def _sensitive(
    found: Opened, asker: Asker, roles: list[dict[str, str]]
) -> Iterator[dict[str, Any]]:
    """The actions that matter most, as far as the principal may do them."""
    actions = asker.verdicts.actions
    ruling = actions.level(Level.PERMISSIONS) & actions.bits("iam:*")
    possible = [each for each in _SENSITIVE if actions.bits(each)]
    takeable = [each["role"] for each in roles]
    for action in dict.fromkeys((*possible, *actions.named(ruling))):
        decision = asker.anywhere(action, takeable if action == ASSUME else ())
        if decision.verdict in _ALLOWING:
            yield {
                "action": action,
                "verdict": decision.verdict.value,
                "allows": found.cited(decision.allows),
                "because": list(decision.because),
            }


def _roles(reach: Reach, permit: Permit, session: Session) -> Iterator[dict[str, str]]:
    """The roles of the account that it can take, with how far each of them gets."""
    taken = reach.ground.assumable(permit, session)
    for arn in reach.verdicts.universe.named(taken.maybe):
        is_sure = bool(taken.sure & reach.verdicts.universe.bit(arn))
        verdict = Verdict.ALLOWED if is_sure else Verdict.CONDITIONAL
        yield {"role": arn, "verdict": verdict.value, "level": reach.powers[arn].level.value}


def _page(answer: Mapping[str, Any]) -> None:
    boundary = answer["boundary"]
    lines = {
        "principal": answer["principal"],
        "account": f"{answer['account']} as of {answer['as_of']}",
        "power": answer["level"],
        "because": "; ".join(answer["because"]),
        "boundary": "none" if boundary is None else spots(boundary["policies"]) or boundary["arn"],
        "guardrails": "; ".join(answer["guardrails"]),
        "policies": spots(answer["policies"]) or "none",
        "unknown": "; ".join(answer["unknown"]),
    }
    for name, value in lines.items():
        if value:
            click.echo(f"{name:10}  {visible(value)}")
    for each in answer["ways_in"]:
        _way_in(each)
    click.echo()
    shown_bounds(answer["bounds"])


def _way_in(way: Mapping[str, Any]) -> None:
    click.echo(f"\nby {' or '.join(way['by'])}")
    counts = [
        (name, str(each["allowed"]), str(each["conditional"]), str(each["of"]))
        for name, each in way["levels"].items()
    ]
    shown_table(("access level", "allowed", "under conditions", "of"), counts)
    if way["sensitive"]:
        click.echo()
        shown_table(
            ("sensitive action", "verdict", "by", "depends on"),
            (
                (each["action"], each["verdict"], spots(each["allows"]), "; ".join(each["because"]))
                for each in way["sensitive"]
            ),
        )
    if way["roles"]:
        click.echo()
        shown_table(
            ("role that it can take", "verdict", "power of the role"),
            ((rest_of(each["role"]), each["verdict"], each["level"]) for each in way["roles"]),
        )
