"""In: Settings. Out: what lies beside the exports: earlier report, accepted risks, people."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from analyzer.config import Settings
from analyzer.errors import EvidenceError
from analyzer.evidence.accepted_risks import (
    RiskAcceptance,
    accepted_risks_file,
    note_unaudited,
    read_accepted_risks,
)
from analyzer.evidence.artifacts import Artifact
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.previous_report import PreviousReport, note_retired_rules, read_previous
from analyzer.evidence.roster import read_roster
from analyzer.inventory.model import Account
from analyzer.inventory.people_index import RosterIndex, index_roster


@dataclass(frozen=True, slots=True)
class Companions:
    """What was handed in beside the exports; None where it was not."""

    previous: PreviousReport | None
    accepted_risks: tuple[RiskAcceptance, ...] | None
    artifacts: tuple[Artifact, ...]
    people: RosterIndex | None = None
    problems: tuple[EvidenceError, ...] = ()


def read_companions(settings: Settings, rules: Collection[str]) -> Companions:
    """Each file an artifact of its own; of lists of people what can't be read is a problem.

    `rules` are the ids that the catalogue has: the earlier report may name others.

    Raises EvidenceError for a report, ConfigurationError for a file of accepted risks, that can't
    be used.
    """
    read = _read_reports(settings, rules)
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


def _read_reports(settings: Settings, rules: Collection[str]) -> Companions:
    """The last report and the file of accepted risks."""
    previous = read_previous(settings.previous) if settings.previous else None
    artifacts = (note_retired_rules(previous, rules),) if previous else ()
    if settings.exceptions is None:
        return Companions(previous, None, artifacts)
    accepted = read_accepted_risks(settings.exceptions)
    file = replace(accepted_risks_file(settings.exceptions), rows=len(accepted))
    return Companions(previous, accepted, (*artifacts, file))
