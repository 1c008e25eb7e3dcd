"""In: work items. Out: the outcome of each, on as many processes as are wanted.

`scheduler` has files scanned so, `histories` the objects of git.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from analyzer.forks import run_forked, usable_cpus
from analyzer.leaks.exclusions import Exclusions, parse_exclusions
from analyzer.leaks.options import Progress, ScanOptions
from analyzer.leaks.results import Outcome
from analyzer.leaks.sources.work import MakeFolder, PartialScan, SearchTerms, Source

FEW_ITEMS = 12
"""Work items that are done before a second process would have begun."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is to be scanned, and how; nothing here changes while it is.

    `scratch` makes a folder of our own, for as long as the scan takes.
    """

    sources: tuple[Source, ...]
    terms: SearchTerms
    options: ScanOptions
    scratch: MakeFolder

    @property
    def jobs(self) -> int:
        """Processes at most."""
        return self.options.jobs or usable_cpus()

    @property
    def exclusions(self) -> Exclusions:
        """What the caller leaves out."""
        return parse_exclusions(self.options.exclude)


def run_items(  # noqa: PLR0913 - what is to be done, and how
    schedule: Schedule,
    work: Callable[[_Item], PartialScan],
    items: Sequence[_Item],
    progress: Progress,
    *,
    few: int = FEW_ITEMS,
    is_risky: bool = False,
) -> tuple[list[tuple[_Item, Outcome]], Progress]:
    """Each work item with its outcome, in the order of the items, whichever was done first.

    `is_risky` work may end its process, and gets one of its own. `progress` is how far the scan was
    before; how far it is then comes back.
    """
    jobs = schedule.jobs if len(items) > few else 1
    outcomes: dict[int, Outcome] = {}
    progress = progress._replace(total=progress.total + len(items))
    if items and progress.done:
        _report_progress(schedule.options, progress)
    for number, outcome in run_forked(work, items, jobs, is_risky=is_risky):
        outcomes[number] = outcome
        progress = _report_progress(schedule.options, _advance(progress, outcome))
    return [(item, outcomes[number]) for number, item in enumerate(items)], progress


def _report_progress(options: ScanOptions, progress: Progress) -> Progress:
    if options.on_progress and progress.total:
        options.on_progress(progress)
    return progress


def _advance(progress: Progress, outcome: Outcome) -> Progress:
    objects, size = (outcome.objects, outcome.size) if isinstance(outcome, PartialScan) else (0, 0)
    return progress._replace(
        done=progress.done + 1, objects=progress.objects + objects, size=progress.size + size
    )
