"""In: an earlier report.json. Out: PreviousReport: what failed then, by fingerprint."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact, Location, Note
from analyzer.evidence.cells import parse_time
from analyzer.evidence.export_kinds import ExportKind

SCHEMA = "credaudit-report/1"
FILE_NAME = "report.json"
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
    """An earlier report: its time, its findings, its accounts and keys, and the file itself.

    `document` is all of it, as the file has it.
    """

    artifact: Artifact
    as_of: datetime
    findings: Mapping[str, PreviousFinding]
    accounts: frozenset[str]
    keys: tuple[PreviousKey, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report.json as it was read: where, with which digest, how many bytes, which document."""

    path: Path
    sha256: str
    size: int
    document: dict[str, Any]

    @property
    def as_of(self) -> datetime:
        """The time that the report is of. Raises EvidenceError where it states none."""
        try:
            return _parse_report_time(self.document["as_of"])
        except (KeyError, TypeError, AttributeError) as error:
            raise _unusable(self.path, f"lacks {error}") from None


def open_report(file: Path) -> ReportFile:
    """The file, with all lists that the schema requires, else EvidenceError."""
    try:
        data = file.read_bytes()
        report = json.loads(data)
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
    return ReportFile(file, hashlib.sha256(data).hexdigest(), len(data), report)


def load_report(file: Path) -> dict[str, Any]:
    """The report's document, with all lists that its schema requires, else EvidenceError."""
    return open_report(file).document


def parse_previous(file: ReportFile, evidence_id: str) -> PreviousReport:
    """What the report says, by this id. Raises EvidenceError for one that can't be used."""
    kind, rows = ExportKind.PREVIOUS_REPORT, len(file.document["findings"])
    name, digest, size = file.path.name, file.sha256, file.size
    artifact = Artifact(evidence_id, name, digest, size, kind, rows=rows)
    try:
        return _parse_report(artifact, file.as_of, file.document)
    except (KeyError, TypeError, AttributeError) as error:
        raise _unusable(file.path, f"lacks {error}") from None


def note_retired_rules(previous: PreviousReport, known: Collection[str]) -> Artifact:
    """The report's file, with a note of its findings whose rule is no longer known.

    Nothing looks for them any more, so they are neither open nor closed.
    """
    gone = Counter(each.rule for each in previous.findings.values() if each.rule not in known)
    notes = tuple(
        Note(
            f"{number} finding(s) of the rule {rule}, which is no longer judged",
            Location(previous.artifact.id),
        )
        for rule, number in sorted(gone.items())
    )
    return replace(previous.artifact, notes=(*previous.artifact.notes, *notes))


def _parse_report(artifact: Artifact, as_of: datetime, report: dict[str, Any]) -> PreviousReport:
    findings = {
        each["fingerprint"]: PreviousFinding(
            fingerprint=each["fingerprint"],
            rule=each["rule"],
            account=each["account"],
            resource=each["resource"],
            title=each["title"],
            since=_parse_report_time(each["since"]),
            location=Location(artifact.id, pointer=f"/findings/{index}"),
            variant=str(each.get("variant") or ""),
            severity=str(each["severity"]),
        )
        for index, each in enumerate(report["findings"])
    }
    accounts = frozenset(account["id"] for account in report["accounts"])
    keys = tuple(_keys(report, artifact.id))
    return PreviousReport(artifact, as_of, findings, accounts, keys, report)


def _keys(report: dict[str, Any], evidence_id: str) -> Iterator[PreviousKey]:
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
                place = Location(evidence_id, pointer=pointer)
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
