"""In: an earlier report.json. Out: PreviousReport: what failed then, by fingerprint."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact, Location, Note
from analyzer.evidence.cells import parse_time
from analyzer.evidence.export_kinds import ExportKind

SCHEMA = "credaudit-report/1"
FILE_NAME = "report.json"
EVIDENCE_ID = "P1"
"""The id that the earlier report has among the evidence."""
_NEEDED = {
    "evidence": {"id", "path", "sha256"},
    "accounts": {"id", "rules"},
    "findings": {
        "fingerprint", "rule", "severity", "account", "resource", "title", "since", "status",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PreviousFinding:
    """A finding of the earlier report; `since` is when it was first seen failing.

    `variant` is "" for the rule's own case, and for reports that tell no cases apart.
    """

    fingerprint: str
    rule: str
    account: str
    resource: str
    title: str
    since: datetime
    location: Location
    variant: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class PreviousKey:
    """An access key of the earlier report's population, and where it was last used for what.

    `created` is a day as the report writes it; region and service are "" for a key never used.
    """

    account: str
    user: str
    created: str
    region: str
    service: str
    location: Location


@dataclass(frozen=True, slots=True)
class PreviousReport:
    """An earlier report: its time, its findings, its accounts and keys, and the file itself."""

    artifact: Artifact
    as_of: datetime
    findings: Mapping[str, PreviousFinding]
    accounts: frozenset[str]
    keys: tuple[PreviousKey, ...] = ()


def read_previous(path: Path) -> PreviousReport:
    """The report in that file or folder. Raises EvidenceError for one that can't be used."""
    file = path / FILE_NAME if path.is_dir() else path
    report = load_report(file)
    data = file.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    kind, rows = ExportKind.PREVIOUS_REPORT, len(report["findings"])
    artifact = Artifact(EVIDENCE_ID, file.name, digest, len(data), kind, rows=rows)
    try:
        return _parse_report(artifact, report)
    except (KeyError, TypeError, AttributeError) as error:
        raise _unusable(file, f"lacks {error}") from None


def note_retired_rules(previous: PreviousReport, known: Collection[str]) -> Artifact:
    """The report's file, with a note of its findings whose rule is no longer known.

    Nothing looks for them any more, so they are neither open nor closed.
    """
    gone = Counter(each.rule for each in previous.findings.values() if each.rule not in known)
    notes = tuple(
        Note(
            f"{number} finding(s) of the rule {rule}, which is no longer judged",
            Location(EVIDENCE_ID),
        )
        for rule, number in sorted(gone.items())
    )
    return replace(previous.artifact, notes=(*previous.artifact.notes, *notes))


def load_report(file: Path) -> dict[str, Any]:
    """The report's document, with all lists that its schema requires, else EvidenceError."""
    try:
        report = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(file, f"can't be read ({error})") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise _unusable(file, f"is no report of the schema {SCHEMA}")
    for name, needed in _NEEDED.items():
        entries = report.get(name)
        if not isinstance(entries, list) or not all(
            isinstance(each, dict) and needed <= each.keys() for each in entries
        ):
            raise _unusable(file, f"has no proper list of {name}")
    return report


def _parse_report(artifact: Artifact, report: dict[str, Any]) -> PreviousReport:
    as_of = _parse_report_time(report["as_of"])
    findings = {
        each["fingerprint"]: PreviousFinding(
            fingerprint=each["fingerprint"],
            rule=each["rule"],
            account=each["account"],
            resource=each["resource"],
            title=each["title"],
            since=_parse_report_time(each["since"]),
            location=Location(EVIDENCE_ID, pointer=f"/findings/{index}"),
            variant=str(each.get("variant") or ""),
            severity=str(each["severity"]),
        )
        for index, each in enumerate(report["findings"])
    }
    accounts = frozenset(account["id"] for account in report["accounts"])
    return PreviousReport(artifact, as_of, findings, accounts, tuple(_keys(report)))


def _keys(report: dict[str, Any]) -> Iterator[PreviousKey]:
    """Every key of the population that is told in full; reports of other shapes have none."""
    members = ("user", "created", "last_region", "last_service")
    for number, account in enumerate(report["accounts"]):
        population = account.get("population")
        rows = population.get("keys") if isinstance(population, dict) else None
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            told = [str(row.get(name)) for name in members] if _is_told(row, members) else []
            if told:
                user, created, region, service = told
                pointer = f"/accounts/{number}/population/keys/{index}"
                place = Location(EVIDENCE_ID, pointer=pointer)
                yield PreviousKey(str(account["id"]), user, created, region, service, place)


def _is_told(row: object, members: tuple[str, ...]) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(name), str) for name in members)


def _parse_report_time(text: str) -> datetime:
    time = parse_time(text)
    if not isinstance(time, datetime):
        raise TypeError(f"a time at {text!r}")
    return time


def _unusable(path: Path, fault: str) -> EvidenceError:
    remedy = "Give the report.json of an earlier `credaudit audit`"
    return EvidenceError(fault, where=str(path), remedy=remedy)
