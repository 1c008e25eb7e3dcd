"""In: a leaked credential, its owner, status and blast radius. Out: what to do now, step by step.

Deactivated before it is deleted: what was deleted by mistake stays gone. Replaced before it is
deactivated, unless its holder can take over the account in the meantime.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from analyzer.leaks.model import Credential
from analyzer.privesc.graph import PrivilegeLevel
from analyzer.risk.account_match import AccountRelation
from analyzer.risk.blast_radius import BlastRadius
from analyzer.risk.key_status import KeyStatus, StatusFinding
from analyzer.risk.owner import Owner

_UNKNOWN_USER = "USER_NAME"
_UNKNOWN_KEY = "KEY_ID"
_MOST_ROLES = 3
"""Roles that have a step of their own, at most."""
_OVER = frozenset({KeyStatus.DELETED, KeyStatus.EXPIRED, KeyStatus.ROTATED})


@dataclass(frozen=True, slots=True)
class ResponseStep:
    """One thing to do: why, and the template of the command with the facts to put in."""

    reason: str
    command: str | None
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Situation:
    """What a plan depends on."""

    owner: Owner
    status: StatusFinding
    blast_radius: BlastRadius


def response_plan(
    credential: Credential,
    relation: AccountRelation,
    owner: Owner,
    status: StatusFinding,
    blast_radius: BlastRadius,
) -> tuple[ResponseStep, ...]:
    """The steps in their order; the last ones clear up."""
    situation = _Situation(owner, status, blast_radius)
    facts = {
        "user": owner.user or _UNKNOWN_USER,
        "key_id": credential.key_id or _UNKNOWN_KEY,
        "policy": _OLDER_SESSIONS_DENIED,
    }
    steps = response_steps()
    return tuple(
        ResponseStep(steps[name]["why"], steps[name].get("command"), facts | {"role": role})
        for name in _step_names(credential, relation, situation)
        for role in (_role_names(blast_radius) if name == "role" else ("",))
    )


def _step_names(
    credential: Credential, relation: AccountRelation, situation: _Situation
) -> Iterator[str]:
    """The steps by their names in response_steps.toml."""
    if relation is AccountRelation.DECOY:
        yield "decoy"
        return
    if situation.owner.is_doubted:
        yield "look"
        return
    if relation in (AccountRelation.KNOWN, AccountRelation.FOREIGN):
        yield "elsewhere"
    elif situation.status.is_dead and situation.status.status in _OVER:
        yield from ("nothing", *(["search"] if credential.key_id else []))
    else:
        for name in credential.kind.facts.steps:
            plan = PLANS.get(name)
            yield from plan(situation) if plan else (name,)
    yield "rewrite"


def _plan_for_access_key(situation: _Situation) -> Iterator[str]:
    owner, radius = situation.owner, situation.blast_radius
    if owner.is_root:
        yield from ("root", "search", "undo")
        return
    if owner.user is None:
        yield "owner"
    if situation.status.is_dead:
        yield from ("sessions", "role", "search", "undo", "delete")
    elif radius.level in (PrivilegeLevel.LIMITED, PrivilegeLevel.INDIRECT):
        yield from ("use", "replace", "deactivate", "sessions", "role", "search", "delete")
    else:
        yield from ("deactivate-now", "sessions", "role", "search", "undo", "replace", "delete")


def _plan_for_console_password(situation: _Situation) -> Iterator[str]:
    if situation.owner.is_root:
        yield from ("root-password", "undo")
        return
    yield from ("password", "sessions", "role", "search-user", "undo")


PLANS = {
    "access-key-plan": _plan_for_access_key,
    "console-password-plan": _plan_for_console_password,
}
"""Names that a kind can give as a step in leaks/credential_kinds.toml, and that are several."""


def _role_names(blast_radius: BlastRadius) -> Iterator[str]:
    for each in blast_radius.roles[:_MOST_ROLES]:
        yield each.role.rpartition("/")[2]


_OLDER_SESSIONS_DENIED = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"DateLessThan": {"aws:TokenIssueTime": "TIME_OF_DEACTIVATION"}},
            }
        ],
    }
)
"""Whoever deactivates the key fills in the time; that of the report is too early."""


@cache
def response_steps() -> Mapping[str, Mapping[str, str]]:
    """Every single step by its name: `why`, and `command` where the AWS CLI can do it."""
    text = files("analyzer.risk").joinpath("response_steps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
