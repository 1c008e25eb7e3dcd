"""In: the outcomes of work items. Out: a SourceResult for each source and each git directory.

`scheduler` and `histories` add up here what their workers give.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from analyzer.files import Skipped
from analyzer.forks import WorkerLost
from analyzer.leaks.exclusions import describe_left_out
from analyzer.leaks.model import ScanCoverage
from analyzer.leaks.sources.work import PartialScan

Outcome: TypeAlias = PartialScan | WorkerLost
"""What running a work item gave: a scan, or nothing, as its process ended."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceResult:
    """All that was scanned of one source or one git directory, under its name in the report.

    `folder` is the path of its work tree in the source, empty for the source itself.
    `is_left_out` says that one of the caller's patterns left out the whole of it.
    """

    name: str
    scan: PartialScan = field(default_factory=PartialScan)
    folder: str = ""
    is_left_out: bool = False

    def add(self, outcome: Outcome, what: str) -> None:
        """Adds the outcome of a work item; if nothing came back, `what` was skipped."""
        if isinstance(outcome, WorkerLost):
            self.scan.skipped.append(Skipped(what, outcome.reason))
        else:
            self.scan.add(outcome)

    def coverage(self) -> ScanCoverage:
        """How much was read, and what was skipped, sorted and each once."""
        scan = self.scan
        listed = {*scan.skipped, *describe_left_out(scan.left_out)}
        skipped = sorted(listed, key=lambda each: (each.what, each.reason))
        return ScanCoverage(
            self.name,
            scan.objects,
            scan.size,
            scan.containers,
            tuple(skipped),
            self.is_left_out,
        )
