"""In: last quarter's report.json. Out: Previous: what failed then, by fingerprint."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Place
from analyzer.evidence.cells import moment

SCHEMA = "credaudit-report/1"
FILE_NAME = "report.json"


@dataclass(frozen=True, slots=True)
class PreviousFinding:
    """A finding of the earlier report; `since` is when it was first seen failing."""

    fingerprint: str
    rule: str
    account: str
    resource: str
    title: str
    since: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier report: its time, its findings, and which rules it had assessed, by account."""

    path: str
    as_of: datetime
    findings: Mapping[str, PreviousFinding]
    assessed: frozenset[tuple[str, str]]


def read_previous(path: Path) -> Previous:
    """The report at the path, or in the folder of that path. Raises EvidenceError."""
    file = path / FILE_NAME if path.is_dir() else path
    try:
        report = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(file, f"can't be read ({error})") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise _unusable(file, f"is no report of the schema {SCHEMA}")
    try:
        return _previous(file.name, report)
    except (KeyError, TypeError, AttributeError) as error:
        raise _unusable(file, f"lacks {error}") from None


def _previous(name: str, report: dict[str, Any]) -> Previous:
    as_of = _time(report["as_of"])
    findings = {
        each["fingerprint"]: PreviousFinding(
            fingerprint=each["fingerprint"],
            rule=each["rule"],
            account=each["account"],
            resource=each["resource"],
            title=each["title"],
            since=_time(each["since"]),
            place=Place(f"previous:{name}", pointer=f"/findings/{index}"),
        )
        for index, each in enumerate(report["findings"])
    }
    assessed = {
        (account["id"], rule["id"])
        for account in report["accounts"]
        for rule in account["rules"]
        if rule["status"] != "not-assessed"
    }
    return Previous(name, as_of, findings, frozenset(assessed))


def _time(text: str) -> datetime:
    read = moment(text)
    if not isinstance(read, datetime):
        raise TypeError(f"a time at {text!r}")
    return read


def _unusable(path: Path, fault: str) -> EvidenceError:
    way_out = "Give the report.json of an earlier `credaudit audit`"
    return EvidenceError(fault, where=str(path), way_out=way_out)
