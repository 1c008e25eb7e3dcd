"""In: report files and folders of them. Out: EarlierReports, oldest first.

A folder may hold one report.json, or reports under any names and in folders of their own, such as
one a quarter; what is no report in it is passed over.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analyzer.errors import EvidenceError
from analyzer.evidence.previous_report import (
    FILE_NAME,
    SCHEMA,
    PreviousReport,
    open_report,
    parse_previous,
)

_START = 200
"""Bytes within which a report names its schema: it is its first member."""
_DEEPEST = 4
"""Folders in which a report may lie below the one that was handed in."""


@dataclass(frozen=True, slots=True)
class EarlierReports:
    """Earlier reports, oldest first, no two the same file.

    `last` has what is known last of each account: the newest report's findings, and of accounts
    that it lacks those of the report before it, and so on.
    """

    reports: tuple[PreviousReport, ...]

    @property
    def last(self) -> PreviousReport:
        """The newest report, with the findings and keys of accounts that only older ones have."""
        newest, *older = reversed(self.reports)
        for each in older:
            missing = each.accounts - newest.accounts
            if missing:
                found = {
                    name: finding
                    for name, finding in each.findings.items()
                    if finding.account in missing
                }
                keys = tuple(key for key in each.keys if key.account in missing)
                newest = replace(
                    newest,
                    findings={**found, **newest.findings},
                    accounts=newest.accounts | missing,
                    keys=(*newest.keys, *keys),
                )
        return newest


def read_earlier_reports(paths: Sequence[Path]) -> EarlierReports:
    """All reports in these files and folders, with the ids P1, P2 and so on, the oldest first.

    Raises EvidenceError for a file that is no report, and for a folder without one.
    """
    opened = (open_report(file) for path in paths for file in _report_files(path))
    by_digest = {each.sha256: each for each in opened}
    in_order = sorted(by_digest.values(), key=lambda each: (each.as_of, each.sha256))
    return EarlierReports(
        tuple(parse_previous(each, f"P{number}") for number, each in enumerate(in_order, 1))
    )


def _report_files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    if (path / FILE_NAME).is_file():
        yield path / FILE_NAME
        return
    found = [file for file in _json_files(path) if _is_report(file)]
    if not found:
        remedy = "Give the report.json of an earlier `credaudit audit`, or a folder of them"
        raise EvidenceError("holds no report", where=str(path), remedy=remedy)
    yield from found


def _json_files(folder: Path) -> Iterator[Path]:
    """Every .json file below the folder, sorted; links to folders are not followed."""
    for parent, folders, names in os.walk(folder):
        depth = len(Path(parent).relative_to(folder).parts)
        folders[:] = sorted(folders) if depth < _DEEPEST else []
        yield from (Path(parent) / name for name in sorted(names) if name.endswith(".json"))


def _is_report(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return SCHEMA.encode() in opened.read(_START)
    except OSError:
        return False
