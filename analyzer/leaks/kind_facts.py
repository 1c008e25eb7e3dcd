"""In: credential_kinds.toml. Out: all that is said of each kind of credential."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any


class StatusSource(StrEnum):
    """Which export says whether a credential of a kind still works."""

    ACCESS_KEYS = "access-keys"
    CONSOLE_PASSWORD = "console-password"  # noqa: S105 - of the credential report
    SERVICE_SPECIFIC_CREDENTIALS = "service-specific-credentials"
    NONE = "none"


class Trait(StrEnum):
    """What sets a kind apart when a leak is joined to its account."""

    TEMPORARY = "temporary"
    SESSION = "session"
    USER_RIGHTS = "user-rights"
    GUESSABLE = "guessable"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """The table of one kind; the head of the file says what each entry means.

    The severities are names of `rules.severity.Severity`, the steps names of tables or plans of
    `risk.response_plan`: what those mean is decided there.
    """

    title: str
    why: str
    fix: str
    page: str
    severity: str
    severity_of_id: str
    status: StatusSource
    steps: tuple[str, ...]
    rule_words: tuple[str, ...]
    traits: frozenset[Trait]

    @property
    def is_service_specific(self) -> bool:
        """True where its status is in list-service-specific-credentials."""
        return self.status is StatusSource.SERVICE_SPECIFIC_CREDENTIALS

    @property
    def is_console_password(self) -> bool:
        """True where its status is that of a password in the credential report."""
        return self.status is StatusSource.CONSOLE_PASSWORD

    @property
    def is_of_access_key(self) -> bool:
        """True where its status is that of an access key."""
        return self.status is StatusSource.ACCESS_KEYS

    @property
    def has_user_rights(self) -> bool:
        """True where the table says so."""
        return Trait.USER_RIGHTS in self.traits

    @property
    def is_temporary(self) -> bool:
        """Likewise."""
        return Trait.TEMPORARY in self.traits

    @property
    def is_session(self) -> bool:
        """Likewise."""
        return Trait.SESSION in self.traits

    @property
    def is_guessable(self) -> bool:
        """Likewise."""
        return Trait.GUESSABLE in self.traits


@cache
def read_kind_facts(path: Path) -> Mapping[str, KindFacts]:
    """The table of every kind by the kind's ID, in the order of the file at `path`.

    Raises ValueError, which names the entry, for a table that lacks one or has one that nothing
    reads, and for a status or a trait that no code knows.
    """
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["kind"]
    return MappingProxyType({kind: _facts_of(kind, table) for kind, table in tables.items()})


@cache
def read_facts_of(path: Path, kind: str) -> KindFacts:
    """The table of one kind, as `read_kind_facts` has it; the others are not parsed.

    A scan that finds something needs one or two, and notices the time that all of them take.
    """
    _, head, rest = path.read_text(encoding="utf-8").partition(f"[kind.{kind}]\n")
    table = tomllib.loads(head + rest.partition("\n[")[0])["kind"][kind]
    return _facts_of(kind, table)


def _facts_of(kind: str, table: Mapping[str, Any]) -> KindFacts:
    known = [each.name for each in fields(KindFacts)]
    for entry in known:
        if entry not in table:
            raise ValueError(f"[kind.{kind}] lacks {entry}")
    for entry in table:
        if entry not in known:
            raise ValueError(f"[kind.{kind}] has {entry}, which nothing reads")
    return KindFacts(
        title=str(table["title"]),
        why=str(table["why"]),
        fix=str(table["fix"]),
        page=str(table["page"]),
        severity=str(table["severity"]),
        severity_of_id=str(table["severity_of_id"]),
        status=StatusSource(str(table["status"])),
        steps=tuple(table["steps"]),
        rule_words=tuple(table["rule_words"]),
        traits=frozenset(map(Trait, table["traits"])),
    )
