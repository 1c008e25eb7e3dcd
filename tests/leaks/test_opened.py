"""In: packs and their outcomes. Out: the proof that only whole ones are kept, and found again."""

from pathlib import Path

from analyzer.forks import WORKER_LOST, WorkerLost
from analyzer.git.object_store import WorkRange
from analyzer.git.objects import UnreadableObject
from analyzer.leaks.opened import CachedPacks, load_packs, save_packs
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.sources import repository
from analyzer.leaks.sources.pack_cache import load
from analyzer.leaks.sources.repository import open_repository
from analyzer.leaks.sources.work import ObjectsWork, PartialScan
from tests.leaks.leak_material import credentials_file


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
    small, _ = open_repository(0, "repo", git_dir, repo.path, lambda: tmp_path)
    monkeypatch.setattr(repository, "MOST_CHECKED", 0)
    large, _ = open_repository(0, "repo", git_dir, repo.path, lambda: tmp_path)
    assert load_packs(small, cached) == CachedPacks()
    assert load_packs(large, ScanOptions()) == CachedPacks()
    packs = load_packs(large, cached)
    assert (len(packs.keys), packs.scans) == (1, {})
    scan = PartialScan(objects=5)
    ((number, _),) = packs.keys.items()
    save_packs(cached.cache, [packs], [outcome(number, scan, number=0)])
    assert load_packs(large, cached) == CachedPacks({number: scan}, {})
