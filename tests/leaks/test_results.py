"""In: outcomes of work items. Out: the proof that they are added up, and only whole packs kept."""

import pytest

from analyzer.files import Skipped
from analyzer.forks import WORKER_LOST, WorkerLost
from analyzer.leaks.results import SourceResult
from analyzer.leaks.sources.work import PartialScan


def test_coverage_lists_what_was_skipped_sorted_and_once():
    """Two workers can name the same thing; the order in which they end does not show."""
    first, second = Skipped("a", "why"), Skipped("b", "why", 3)
    result = SourceResult("repo")
    for skipped in ([second], [first, second]):
        result.add(PartialScan(skipped=skipped, objects=2, size=10, containers=1), "some")
    coverage = result.coverage()
    assert coverage.skipped == (first, second)
    assert (coverage.path, coverage.objects, coverage.size, coverage.containers) == (
        "repo", 4, 20, 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lost", "reason"),
    [(WorkerLost("ValueError"), "could not be examined: ValueError"), (WORKER_LOST, "the process")],
)
def test_an_item_of_which_nothing_came_back_is_a_gap(lost, reason):
    """It is named, with the exception where there was one."""
    result = SourceResult("repo")
    result.add(lost, "sub")
    (gap,) = result.coverage().gaps
    assert gap.what == "sub"
    assert gap.reason.startswith(reason)
