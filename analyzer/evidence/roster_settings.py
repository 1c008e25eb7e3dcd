"""In: a TOML file beside the rosters. Out: RosterSettings: what no roster says of itself.

system = "Workday"          exported_at = 2026-09-29      scope = "all"
[columns] "Pers-Ref" = "id"        [status] left = ["weg"]
[[user]] arn = "arn:aws:iam::111122223333:user/ann" person = "00123"
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from analyzer.errors import ConfigurationError
from analyzer.evidence.artifacts import Artifact, Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.roster_fields import RosterField, header_key
from analyzer.evidence.roster_model import (
    PersonState,
    RosterScope,
    RosterSettings,
    StatedUser,
    UserKind,
)

EVIDENCE_ID = "RT"
"""With a number, the id that the file has among the evidence."""
SHOWN = ("id", "mail", "name")
"""By what a report may name a person; an employee ID tells strangers least."""
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "system": str, "exported_at": (date, datetime), "exported_by": str, "filter": str,
    "scope": str, "contractors": bool, "total": int, "mail_domains": list, "id_tags": list,
    "shown": str, "columns": dict, "status": dict, "user": list,
}  # fmt: skip
_USER = frozenset({"arn", "person", "kind"})


def is_settings_file(path: Path) -> bool:
    """True for a file of settings: a TOML file by its name, as no roster is one."""
    return path.suffix.lower() == ".toml"


def read_settings(path: Path, number: int = 1) -> tuple[str, RosterSettings]:
    """The stem of the roster that the file is for, and what it says.

    Raises ConfigurationError for an unreadable file, an unknown key, or a value of another type.
    """
    try:
        data = path.read_bytes()
        table = tomllib.loads(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"can't be read: {error}", where=str(path)) from None
    for name, value in table.items():
        if name not in _TYPES:
            known = f"Known: {', '.join(_TYPES)}"
            raise ConfigurationError(f"unknown key {name!r}", where=str(path), remedy=known)
        if not isinstance(value, _TYPES[name]):
            raise ConfigurationError(f"{name} has a value of another type", where=str(path))
    evidence = f"{EVIDENCE_ID}{number}"
    digest = hashlib.sha256(data).hexdigest()
    users = tuple(_users(table.get("user", []), path, evidence))
    kind = ExportKind.PEOPLE
    artifact = Artifact(evidence, path.name, digest, len(data), kind, rows=len(users))
    return path.stem, RosterSettings(
        system=table.get("system", ""),
        exported_at=_moment(table.get("exported_at")),
        exported_by=table.get("exported_by", ""),
        filter=table.get("filter", ""),
        scope=_choice(RosterScope, table.get("scope"), "scope", path),
        has_contractors=table.get("contractors"),
        total=table.get("total"),
        mail_domains=frozenset(each.casefold() for each in _texts(table, "mail_domains", path)),
        id_tags=tuple(_texts(table, "id_tags", path)),
        shown=_shown(table.get("shown", "id"), path),
        columns=_columns(table.get("columns", {}), path),
        states=_states(table.get("status", {}), path),
        users=users,
        artifact=artifact,
    )


def _moment(given: date | datetime | None) -> datetime | None:
    if given is None:
        return None
    if isinstance(given, datetime):
        return given if given.tzinfo else given.replace(tzinfo=UTC)
    return datetime.combine(given, time.min, UTC)


def _texts(table: Mapping[str, Any], name: str, path: Path) -> list[str]:
    given = table.get(name, [])
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise ConfigurationError(f"{name} must be a list of texts", where=str(path))
    return given


def _choice(kind: Any, given: str | None, name: str, path: Path) -> Any:  # noqa: ANN401 - any enum
    if given is None:
        return None
    try:
        return kind(given)
    except ValueError:
        known = ", ".join(each.value for each in kind)
        fault = f"{name} is {given!r}"
        raise ConfigurationError(fault, where=str(path), remedy=f"Known: {known}") from None


def _shown(given: str, path: Path) -> str:
    if given not in SHOWN:
        known = f"Known: {', '.join(SHOWN)}"
        raise ConfigurationError(f"shown is {given!r}", where=str(path), remedy=known)
    return given


def _columns(given: Mapping[str, Any], path: Path) -> dict[str, str]:
    return {
        header_key(header): _choice(RosterField, str(name), "columns", path).value
        for header, name in given.items()
    }


def _states(given: Mapping[str, Any], path: Path) -> dict[str, PersonState]:
    return {
        header_key(word): _choice(PersonState, state, "status", path)
        for state in given
        for word in _texts(given, state, path)
    }


def _users(given: list[Any], path: Path, evidence: str) -> Iterator[StatedUser]:
    for index, each in enumerate(given):
        where = f"{path}, user {index + 1}"
        if not isinstance(each, dict) or not all(isinstance(v, str) for v in each.values()):
            raise ConfigurationError("is no table of texts", where=where)
        if unknown := sorted(set(each) - _USER):
            raise ConfigurationError(f"unknown key {unknown[0]!r}", where=where)
        if not each.get("arn") or not (each.get("person") or each.get("kind")):
            raise ConfigurationError("needs an arn, and a person or a kind", where=where)
        yield StatedUser(
            each["arn"],
            each.get("person", ""),
            _choice(UserKind, each.get("kind"), "kind", path),
            Location(evidence, pointer=f"/user/{index}"),
        )
