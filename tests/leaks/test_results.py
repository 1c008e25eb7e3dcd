"""In: outcomes of work items. Out: the proof that they are added up, and only whole packs kept."""

from pathlib import Path

import pytest

from analyzer.files import Skipped
from analyzer.forks import WORKER_LOST, WorkerLost
from analyzer.git.object_store import WorkRange
from analyzer.git.objects import UnreadableObject
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.results import CachedPacks, SourceResult, load_packs, save_packs
from analyzer.leaks.sources import repository
from analyzer.leaks.sources.pack_cache import load
from analyzer.leaks.sources.repository import open_repository
from analyzer.leaks.sources.work import ObjectsWork, PartialScan
from tests.leaks.leak_material import credentials_file


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


def outcome(part: int, scan: PartialScan | WorkerLost, number: int = 1):
    """The outcome of a part of a pack, in the repository of that number."""
    return ObjectsWork(number, WorkRange(part, 0, 1)), scan


def test_a_pack_is_kept_whole_or_not_at_all(tmp_path: Path):
    """The ranges of one pack are one result; a pack with a loss is scanned again next time."""
    unreadable = PartialScan(unreadable=[UnreadableObject("oid", "", "why")])
    keys = dict(enumerate(["whole", "lost", "unreadable", "empty"]))
    outcomes = [
        outcome(0, PartialScan(objects=1)),
        outcome(0, PartialScan(objects=2)),
        outcome(1, PartialScan(objects=1)),
        outcome(1, WORKER_LOST),
        outcome(2, unreadable),
        outcome(9, PartialScan(objects=9)),
        outcome(0, PartialScan(objects=100), number=0),
    ]
    save_packs(tmp_path, [CachedPacks(), CachedPacks(keys=keys)], outcomes)
    kept = {key: load(tmp_path, key, "repo") for key in keys.values()}
    assert kept == {
        "whole": PartialScan(objects=3),
        "lost": None,
        "unreadable": None,
        "empty": PartialScan(),
    }
    assert len([*tmp_path.iterdir()]) == 2


def test_a_cache_that_can_not_be_written_to_is_no_error(tmp_path: Path):
    """The scan has its result; only the next one is no faster."""
    (tmp_path / "file").write_text("")
    packs = [CachedPacks(keys={0: "key"})]
    save_packs(tmp_path / "file", packs, [outcome(0, PartialScan(), number=0)])
    assert (tmp_path / "file").read_text() == ""


def test_packs_are_looked_up_only_with_a_cache_and_in_a_large_repository(
    repo, tmp_path, monkeypatch
):
    """A repository that is checked for missing objects has to be scanned whole."""
    repo.put("a", credentials_file())
    repo.git("gc", "-q")
    cached = ScanOptions(cache=tmp_path / "cache")
    git_dir = repo.path / ".git"
    small, _ = open_repository(0, "repo", git_dir, repo.path, tmp_path)
    monkeypatch.setattr(repository, "MOST_CHECKED", 0)
    large, _ = open_repository(0, "repo", git_dir, repo.path, tmp_path)
    assert load_packs(small, cached) == CachedPacks()
    assert load_packs(large, ScanOptions()) == CachedPacks()
    packs = load_packs(large, cached)
    assert (len(packs.keys), packs.scans) == (1, {})
    scan = PartialScan(objects=5)
    ((number, _),) = packs.keys.items()
    save_packs(cached.cache, [packs], [outcome(number, scan, number=0)])
    assert load_packs(large, cached) == CachedPacks({number: scan}, {})
