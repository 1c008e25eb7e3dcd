"""In: an earlier report.json. Out: PreviousReport: what failed then, by fingerprint."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
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


@dataclass(frozen=True, slots=True)
class PreviousReport:
    """An earlier report: its time, its findings, its accounts, and the file itself."""

    artifact: Artifact
    as_of: datetime
    findings: Mapping[str, PreviousFinding]
    accounts: frozenset[str]


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
        )
        for index, each in enumerate(report["findings"])
    }
    accounts = frozenset(account["id"] for account in report["accounts"])
    return PreviousReport(artifact, as_of, findings, accounts)


def _parse_report_time(text: str) -> datetime:
    time = parse_time(text)
    if not isinstance(time, datetime):
        raise TypeError(f"a time at {text!r}")
    return time


def _unusable(path: Path, fault: str) -> EvidenceError:
    remedy = "Give the report.json of an earlier `credaudit audit`"
    return EvidenceError(fault, where=str(path), remedy=remedy)
