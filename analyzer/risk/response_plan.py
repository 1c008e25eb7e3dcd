"""In: a leaked credential, its owner, its life, what it opens. Out: what to do now, step by step.

Switched off before it is deleted: what was deleted by mistake stays gone. Replaced before it is
switched off, unless its holder may take over the account in the meantime.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from analyzer.leaks.model import Credential, CredentialKind
from analyzer.privesc.graph import PrivilegeLevel
from analyzer.risk.account_match import AccountRelation
from analyzer.risk.blast_radius import BlastRadius
from analyzer.risk.key_status import KeyStatus, StatusFinding
from analyzer.risk.owner import Owner

_UNKNOWN_USER = "USER_NAME"
_UNKNOWN_KEY = "KEY_ID"
_ROLES = 3
"""How many roles have a step of their own."""
_BY_KIND = {
    CredentialKind.TEMPORARY_KEY: ("session", "search"),
    CredentialKind.SESSION_TOKEN: ("session",),
    CredentialKind.BEARER_ID: ("session",),
    CredentialKind.EKS_TOKEN: ("session",),
    CredentialKind.REGISTRY_TOKEN: ("session",),
    CredentialKind.BEDROCK_SHORT_KEY: ("session",),
    CredentialKind.CLAUDE_SHORT_KEY: ("session",),
    CredentialKind.SIGNIN_TOKEN: ("session",),
    CredentialKind.SSO_TOKEN: ("sign-on",),
    CredentialKind.PRESIGNED_URL: ("signer",),
    CredentialKind.SIGNING_KEY: ("certificate",),
    CredentialKind.APPSYNC_KEY: ("graph",),
    CredentialKind.BEDROCK_KEY: ("service-list", "service-off", "service-delete"),
    CredentialKind.CLAUDE_KEY: ("service-list", "service-off", "service-delete"),
    CredentialKind.SERVICE_PASSWORD: ("service-list", "service-off", "service-delete"),
    CredentialKind.SERVICE_API_KEY: ("service-list", "service-off", "service-delete"),
}
_GONE = frozenset({KeyStatus.DELETED, KeyStatus.EXPIRED, KeyStatus.ROTATED})


@dataclass(frozen=True, slots=True)
class ResponseStep:
    """One thing to do: why, and the template of the command with the facts to put in."""

    reason: str
    command: str | None
    facts: Mapping[str, str]


def response_plan(
    credential: Credential,
    belongs: AccountRelation,
    owner: Owner,
    life: StatusFinding,
    might: BlastRadius,
) -> tuple[ResponseStep, ...]:
    """The steps in their order; the last ones clear up."""
    facts = {
        "user": owner.user or _UNKNOWN_USER,
        "key_id": credential.key_id or _UNKNOWN_KEY,
        "policy": _OLDER_SESSIONS_DENIED,
    }
    return tuple(
        ResponseStep(_words()[name]["why"], _words()[name].get("command"), facts | {"role": role})
        for name in _names(credential, belongs, owner, life, might)
        for role in (_roles(might) if name == "role" else ("",))
    )


def _names(
    credential: Credential,
    belongs: AccountRelation,
    owner: Owner,
    life: StatusFinding,
    might: BlastRadius,
) -> Iterator[str]:
    """The steps by their names in response_steps.toml."""
    if belongs is AccountRelation.DECOY:
        yield "decoy"
        return
    if owner.is_doubted:
        yield "look"
        return
    if belongs in (AccountRelation.KNOWN, AccountRelation.FOREIGN):
        yield "elsewhere"
    elif life.is_dead and life.status in _GONE:
        yield from ("nothing", *(["search"] if credential.key_id else []))
    else:
        yield from _while_it_works(credential, owner, life, might)
    yield "rewrite"


def _while_it_works(
    credential: Credential, owner: Owner, life: StatusFinding, might: BlastRadius
) -> Iterator[str]:
    match credential.kind:
        case CredentialKind.LONG_TERM_KEY:
            yield from _of_key(owner, life, might)
        case CredentialKind.SECRET:
            yield "id"
            yield from _of_key(owner, life, might)
        case CredentialKind.SMTP_PASSWORD:
            yield "mail"
            yield from _of_key(owner, life, might)
        case CredentialKind.CONSOLE_PASSWORD:
            yield from _of_password(owner)
        case _:
            yield from _BY_KIND.get(credential.kind, ("other",))


def _of_key(owner: Owner, life: StatusFinding, might: BlastRadius) -> Iterator[str]:
    if owner.is_root:
        yield from ("root", "search", "undo")
        return
    if owner.user is None:
        yield "owner"
    if life.is_dead:
        yield from ("sessions", "role", "search", "undo", "delete")
    elif might.level in (PrivilegeLevel.LIMITED, PrivilegeLevel.INDIRECT):
        yield from ("use", "replace", "deactivate", "sessions", "role", "search", "delete")
    else:
        yield from ("deactivate-now", "sessions", "role", "search", "undo", "replace", "delete")


def _of_password(owner: Owner) -> Iterator[str]:
    if owner.is_root:
        yield from ("root-password", "undo")
        return
    yield from ("password", "sessions", "role", "search-user", "undo")


def _roles(might: BlastRadius) -> Iterator[str]:
    for each in might.roles[:_ROLES]:
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
"""Whoever puts it in knows the time; that of the report is too early."""


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = files("analyzer.risk").joinpath("response_steps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
