"""In: Settings. Out: what lies beside the exports: earlier report, accepted risks, people."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from analyzer.config import Settings
from analyzer.errors import EvidenceError
from analyzer.evidence.accepted_risks import (
    RiskAcceptance,
    accepted_risks_file,
    note_unaudited,
    read_accepted_risks,
)
from analyzer.evidence.artifacts import Artifact
from analyzer.evidence.earlier_reports import EarlierReports, read_earlier_reports
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.previous_report import PreviousReport, note_retired_rules
from analyzer.evidence.roster import read_roster
from analyzer.inventory.model import Account
from analyzer.inventory.people_index import RosterIndex, index_roster
from analyzer.rules.catalogue import Catalogue
from analyzer.tracking.comparison import find_damage


@dataclass(frozen=True, slots=True)
class Companions:
    """What was handed in beside the exports; None where it was not.

    `earlier` are all earlier reports, oldest first; `previous` is what they say last of each
    account.
    """

    previous: PreviousReport | None
    accepted_risks: tuple[RiskAcceptance, ...] | None
    artifacts: tuple[Artifact, ...]
    people: RosterIndex | None = None
    earlier: tuple[PreviousReport, ...] = ()
    problems: tuple[EvidenceError, ...] = ()


def read_companions(settings: Settings, catalogue: Catalogue) -> Companions:
    """Each file an artifact of its own; of lists of people what can't be read is a problem.

    An earlier report may name rules that the catalogue no longer has.

    Raises EvidenceError for a report, ConfigurationError for a file of accepted risks, that can't
    be used.
    """
    read = _read_reports(settings, catalogue)
    if not settings.people:
        return read
    roster, problems = read_roster(settings.people, settings.date_order)
    files = (*read.artifacts, *roster.artifacts())
    return replace(read, artifacts=files, people=index_roster(roster), problems=problems)


def companion_files(companions: Companions, accounts: tuple[Account, ...]) -> Iterator[Artifact]:
    """The files beside the exports; of accepted risks with a note of those that nobody judged."""
    audited = frozenset(each.id for each in accounts)
    for artifact in companions.artifacts:
        is_risks = artifact.kind is ExportKind.EXCEPTIONS
        risks = (companions.accepted_risks or ()) if is_risks else ()
        yield note_unaudited(artifact, risks, audited)


def leave_out_newer(companions: Companions, at: datetime) -> Companions:
    """Without the earlier reports that are newer than this time, each of which is a problem."""
    newer = [each for each in companions.earlier if each.as_of > at]
    if not newer:
        return companions
    kept = EarlierReports(tuple(each for each in companions.earlier if each.as_of <= at))
    problems = tuple(
        EvidenceError(
            f"is of {each.as_of:%Y-%m-%d}, after the evidence, so it was left out",
            where=each.artifact.path,
            remedy="Hand in reports that were made before",
        )
        for each in newer
    )
    return replace(
        companions,
        earlier=kept.reports,
        previous=kept.last if kept.reports else None,
        problems=(*companions.problems, *problems),
    )


def _read_reports(settings: Settings, catalogue: Catalogue) -> Companions:
    """The earlier reports and the file of accepted risks."""
    earlier = read_earlier_reports(settings.previous) if settings.previous else EarlierReports(())
    for each in earlier.reports:
        if damage := find_damage(each.document, catalogue):
            raise EvidenceError(damage, where=each.artifact.path)
    artifacts = tuple(note_retired_rules(each, catalogue.entries) for each in earlier.reports)
    previous = earlier.last if earlier.reports else None
    read = Companions(previous, None, artifacts, earlier=earlier.reports)
    if settings.exceptions is None:
        return read
    accepted = read_accepted_risks(settings.exceptions)
    file = replace(accepted_risks_file(settings.exceptions), rows=len(accepted))
    return replace(read, accepted_risks=accepted, artifacts=(*artifacts, file))
