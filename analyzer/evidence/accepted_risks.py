"""In: the file of accepted risks. Out: RiskAcceptances, each with its owner and its expiry.

TOML, one `[[exception]]` table each: id, rule, resource (a pattern with * and ?), account, reason,
owner, approver, created, expires, ticket. An acceptance is in force for a year at most, its
last day included. It is usually written after the evidence was made, and holds for it, too.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from analyzer.errors import ConfigurationError
from analyzer.evidence.artifacts import Artifact, Location, Note
from analyzer.evidence.export_kinds import ExportKind

EVIDENCE_ID = "X1"
"""The id that the file has among the evidence."""
LONGEST = timedelta(days=366)
_LAST_SECOND = time(23, 59, 59)
_ARN_ACCOUNT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):")
_KNOWN = frozenset(
    {
        "id", "rule", "resource", "account", "reason", "owner", "approver", "created", "expires",
        "ticket",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RiskAcceptance:
    """One accepted risk. `expires` None: the file gives no date, so it accepts nothing.

    `resource` is a pattern. A `*` that is a whole last part covers all below (`user/*`, `*`); any
    other stops at a slash, so that `user/ci-*` is not `user/ci-admins/boss`.
    """

    id: str
    rule: str
    resource: str
    account: str
    reason: str
    owner: str
    approver: str
    created: datetime | None
    expires: datetime | None
    ticket: str
    location: Location

    def invalid_reason(self, at: datetime) -> str:
        """Why it is not in force at that time; "" where it is."""
        for name in ("reason", "owner", "approver"):
            if not getattr(self, name).strip():
                return f"names no {name}"
        if self.created is None:
            return "has no date of creation"
        if self.expires is None:
            return "has no date of expiry"
        if self.expires.date() - self.created.date() > LONGEST:
            return "runs for more than a year"
        if self.created - at > LONGEST:
            return "was made more than a year after the evidence"
        return f"expired on {self.expires:%Y-%m-%d}" if self.expires < at else ""

    def covers(self, rule: str, account: str, resource: str) -> bool:
        """True for a finding that it is about, in force or not."""
        return (
            rule == self.rule
            and self.account in {"", account}
            and _pattern(self.resource).fullmatch(resource) is not None
        )

    @property
    def only_account(self) -> str:
        """The one account that it is for, by its own word or by the ARN; "" for any."""
        named = _ARN_ACCOUNT.match(self.resource)
        return self.account or (named[1] if named else "")


def accepted_risks_file(path: Path) -> Artifact:
    """The file as an artifact, so that findings can point at it. Raises OSError."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return Artifact(EVIDENCE_ID, path.name, digest, len(data), ExportKind.EXCEPTIONS)


def note_unaudited(
    file: Artifact, acceptances: tuple[RiskAcceptance, ...], accounts: frozenset[str]
) -> Artifact:
    """The file with a note of each acceptance for an account that was not audited."""
    notes = tuple(
        Note(
            f"{each.id} was not judged: account {each.only_account} was not audited",
            each.location,
        )
        for each in acceptances
        if each.only_account and each.only_account not in accounts
    )
    return replace(file, notes=(*file.notes, *notes))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """The pattern of a resource as an expression: only a whole last part goes past a slash."""
    whole = text == "*" or text.endswith(("/*", ":*"))
    body = text[:-1] if whole else text
    parts = {"*": "[^/]*", "?": "[^/]"}
    written = "".join(parts.get(letter) or re.escape(letter) for letter in body)
    return re.compile(written + (".*" if whole else ""), re.DOTALL)


def read_accepted_risks(path: Path) -> tuple[RiskAcceptance, ...]:
    """All acceptances in the file. Raises ConfigurationError for a file that can't be used."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"can't be read: {error}", where=str(path)) from None
    given = table.get("exception", [])
    if set(table) - {"exception"} or not isinstance(given, list):
        remedy = "Write each accepted risk as an [[exception]] table"
        raise ConfigurationError("holds something else", where=str(path), remedy=remedy)
    return tuple(_parse_acceptance(each, index, path) for index, each in enumerate(given))


def _parse_acceptance(given: Any, index: int, path: Path) -> RiskAcceptance:  # noqa: ANN401 - TOML has any
    where = f"{path}, exception {index + 1}"
    if not isinstance(given, dict):
        raise ConfigurationError("is no table", where=where)
    unknown = sorted(set(given) - _KNOWN)
    if unknown:
        raise ConfigurationError(f"unknown key {unknown[0]!r}", where=where)
    if not given.get("id") or not given.get("rule") or not given.get("resource"):
        raise ConfigurationError("needs an id, a rule and a resource", where=where)
    texts = {
        name: str(given.get(name, "")) for name in _KNOWN if name not in {"created", "expires"}
    }
    return RiskAcceptance(
        **texts,
        created=_parse_day(given.get("created"), where, time.min),
        expires=_parse_day(given.get("expires"), where, _LAST_SECOND),
        location=Location(EVIDENCE_ID, pointer=f"/exception/{index}"),
    )


def _parse_day(given: Any, where: str, clock: time) -> datetime | None:  # noqa: ANN401 - TOML has any
    """The time; of a day that time of it, so that a last day counts whole."""
    if given is None:
        return None
    if isinstance(given, datetime):
        return given if given.tzinfo else given.replace(tzinfo=UTC)
    if isinstance(given, date):
        return datetime.combine(given, clock, UTC)
    raise ConfigurationError(f"{given!r} is no date", where=where, remedy="Write 2026-12-31")
