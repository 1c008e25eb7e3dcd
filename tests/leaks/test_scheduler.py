"""In: sources and repositories in them. Out: the proof that all are scanned, each once."""

import os

import pytest

from analyzer.leaks import scheduler
from analyzer.leaks.model import (
    PlaceKind,
)
from analyzer.leaks.options import Progress, ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    credentials_file,
    key_id,
    repository,
)
from tests.leaks.scan_results import key_ids, only, only_place, skip_reasons


def test_a_repository_inside_is_read_as_one(repo):
    """A nested repository has a name and a history of its own."""
    inner = repository(repo.path / "sub" / "inner")
    first = inner.put("a", credentials_file(1), day=1)
    inner.put("a", credentials_file(2), day=2)
    result = scan([repo.path])
    found = {c.key_id: c.occurrences for c in result.credentials}
    assert [(o.repository, o.path, o.commit) for o in found[key_id(n=1)]] == [
        ("repo/sub/inner", "a", first),
    ]
    assert len(found[key_id(n=2)]) == 1
    assert [r.path for r in result.repositories] == ["repo", "repo/sub/inner"]
    assert skip_reasons(result) == {}


def test_coverage_counts_what_was_read(repo):
    """One commit, one tree, one blob of four bytes; the file again, and all that git keeps."""
    repo.put("a", "four")
    objects = [repo.git("rev-parse", name) for name in ("HEAD", "HEAD^{tree}", "HEAD:a")]
    store = repo.path / ".git" / "objects"
    files = [p for p in repo.path.rglob("*") if p.is_file() and not p.is_relative_to(store)]
    size = sum(int(repo.git("cat-file", "-s", oid)) for oid in objects)
    size += sum(path.stat().st_size for path in files)
    (coverage,) = scan([repo.path]).repositories
    assert (coverage.objects, coverage.size) == (len(objects) + len(files), size)
    assert coverage.skipped == ()


def test_many_repositories_give_one_credential_in_any_order(repo, tmp_path):
    """The result depends neither on the order of the paths nor on naming one twice."""
    repo.put("a", credentials_file(), day=2)
    other = repository(tmp_path / "other")
    other.put("a", credentials_file(), day=1)
    result = scan([repo.path, other.path, repo.path])
    assert [o.repository for o in only(result).occurrences] == [other.path.name, repo.path.name]
    assert result == scan([other.path, repo.path])
    assert [r.path for r in result.repositories] == [other.path.name, repo.path.name]


def test_without_history_only_files_are_read(repo):
    """Who asks for files alone gets files alone."""
    repo.put("a", credentials_file(1), day=1)
    repo.put("a", credentials_file(2), day=2)
    result = scan([repo.path], ScanOptions(history=False))
    assert (only(result).key_id, only_place(result).where) == (key_id(n=2), PlaceKind.WORK_TREE)


def test_a_bare_repository_beside_the_one_it_is_of_has_its_own_name(repo):
    """Both are listed, and a key that both have stands in both."""
    repo.put("k", credentials_file(1), day=1)
    repo.put("k", "", day=2)
    repo.git("clone", "-q", "--mirror", str(repo.path), f"{repo.path}.git")
    result = scan([repo.path.parent])
    home = repo.path.parent.name
    assert [each.path for each in result.repositories] == [home, f"{home}/repo", f"{home}/repo.git"]
    places = [each.repository for each in only(result).occurrences]
    assert places == [f"{home}/repo", f"{home}/repo.git"]
    result = scan([repo.path.parent], ScanOptions(exclude=("/repo.git/",)))
    assert [each.repository for each in only(result).occurrences] == [f"{home}/repo"]


def test_progress_counts_folders_and_then_objects_up_to_all_of_them(repo):
    """Work, objects and bytes only grow; the objects that folders lead to are known at once."""
    repo.put("sub/a", "nothing")
    reports: list[Progress] = []
    result = scan([repo.path], ScanOptions(jobs=1, on_progress=reports.append))
    assert reports == sorted(reports)
    assert reports[0].done == 1
    assert reports[0].total < reports[-1].total == reports[-1].done
    assert reports[-1][2:] == (result.repositories[0].objects, result.repositories[0].size)


def test_progress_of_files_alone_ends_with_them(repo):
    """A single file is no work to report."""
    repo.put("a", "nothing")
    reports: list[Progress] = []
    options = ScanOptions(jobs=1, history=False, on_progress=reports.append)
    scan([repo.path / "a"], options)
    assert reports == []
    scan([repo.path], options)
    assert reports[-1].done == reports[-1].total > 0


def test_a_lost_folder_is_a_gap_in_its_own_source(repo, tmp_path, monkeypatch):
    """Other sources are scanned."""
    repo.put("a", credentials_file(1))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "b").write_text(credentials_file(2))
    run = scheduler.run_item

    def failing(context, item):
        if item.source == 1:
            raise MemoryError
        return run(context, item)

    monkeypatch.setattr(scheduler, "run_item", failing)
    result = scan([tmp_path / "b", repo.path], ScanOptions(jobs=1))
    gaps = {each.path: {gap.what for gap in each.gaps} for each in result.repositories}
    assert gaps["b"] == set()
    assert gaps["repo"]
    assert key_ids(result) == {key_id(n=2)}


def test_several_processes_find_what_one_finds(repo):
    """Whichever is done first, the result is the same."""
    for n in range(14):
        repo.put(f"{n}/a", credentials_file(n), day=n + 1)
    results = [scan([repo.path], ScanOptions(jobs=jobs)) for jobs in (1, 3)]
    assert results[0] == results[1]
    assert len(results[0].credentials) == 14


@pytest.mark.parametrize(
    ("sizes", "is_shared"),
    [([4] * 60, False), ([4] * 59 + [1 << 20], True), ([4] * 300, True)],
    ids=["few small files", "a megabyte", "many files"],
)
def test_few_small_files_take_no_second_process(tmp_path, monkeypatch, sizes, is_shared):
    """Each process loads what looks closer by itself: that takes longer than a small package."""
    begun = []
    monkeypatch.setattr(os, "fork", lambda fork=os.fork: begun.append(1) or fork())
    for number, size in enumerate(sizes):
        folder = tmp_path / "sources" / str(number % 30)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / str(number)).write_text("a" * size)
    (tmp_path / "sources" / "29" / "last").write_text(credentials_file(1))
    found = scan([tmp_path / "sources"], ScanOptions(jobs=2))
    assert only_place(found).path == "29/last"
    assert bool(begun) == is_shared
