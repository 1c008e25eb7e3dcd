"""In: a leaked credential, its owner and its life. Out: what to do now, step by step.

Replaced and switched off before it is deleted: what was deleted by mistake stays gone.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from analyzer.leaks.credentials import Credential, CredentialKind
from analyzer.risk.appearance import TEMPORARY
from analyzer.risk.belonging import Belonging
from analyzer.risk.holders import Owner
from analyzer.risk.life import KEYS, Life, Lifetime

_UNKNOWN_USER = "USER_NAME"
_UNKNOWN_KEY = "KEY_ID"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: why, and the template of the command with the facts to put in."""

    why: str
    command: str | None
    facts: Mapping[str, str]


def steps(
    credential: Credential, belongs: Belonging, owner: Owner, life: Lifetime, as_of: datetime | None
) -> tuple[Step, ...]:
    """The steps in their order; the last ones clear up."""
    facts = {
        "user": owner.user or _UNKNOWN_USER,
        "key_id": credential.key_id or _UNKNOWN_KEY,
        "policy": _older_sessions_denied(as_of),
    }
    return tuple(
        Step(_words()[name]["why"], _words()[name].get("command"), facts)
        for name in _names(credential, belongs, owner, life)
    )


def _names(
    credential: Credential, belongs: Belonging, owner: Owner, life: Lifetime
) -> Iterator[str]:
    if belongs is Belonging.DECOY:
        yield "decoy"
        return
    if credential.demoted is not None and not owner.is_in_export:
        yield "look"
        return
    if belongs in (Belonging.KNOWN, Belonging.FOREIGN):
        yield "elsewhere"
    elif life.is_over and life.life is not Life.INACTIVE:
        yield from ("nothing", *(["search"] if credential.key_id else []))
    elif credential.kind in TEMPORARY:
        yield from ("role-sessions", "search")
    elif credential.kind is CredentialKind.CONSOLE_PASSWORD:
        yield "password"
    elif credential.kind in KEYS:
        yield from _of_key(owner, life)
    else:
        yield from ("service-list", "service-off", "service-delete")
    yield "rewrite"


def _of_key(owner: Owner, life: Lifetime) -> Iterator[str]:
    if owner.is_root:
        yield from ("root", "search")
        return
    yield "owner" if owner.user is None else "use"
    if life.life is not Life.INACTIVE:
        yield from ("replace", "deactivate", "sessions")
    yield from ("search", "delete")


def _older_sessions_denied(as_of: datetime | None) -> str:
    """Denies sessions issued before the report; those of later days need a later time."""
    limit = as_of.strftime("%Y-%m-%dT%H:%M:%SZ") if as_of else "TIME_OF_DEACTIVATION"
    condition = {"DateLessThan": {"aws:TokenIssueTime": limit}}
    said = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [said]})


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = files("analyzer.risk").joinpath("remedies.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
