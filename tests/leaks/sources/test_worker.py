"""In: a work item of each kind. Out: the proof that what it names is scanned, and no more."""

from analyzer.leaks.sources.git_objects import scan_objects
from analyzer.leaks.sources.repository import open_repository
from analyzer.leaks.sources.work import FolderWork, ObjectsWork, SearchTerms, Source, WorkContext
from analyzer.leaks.sources.worker import run_item
from tests.leaks.leak_material import Repository, credentials_file, key_id


def context(repo: Repository, scratch_dir) -> WorkContext:
    """One source behind another one."""
    sources = (Source("other", scratch_dir), Source("repo", repo.path))
    return WorkContext(sources, SearchTerms())


def test_a_folder_item_gives_the_files_and_the_git_directories(repo, tmp_path):
    """Sightings are at the path in the source that the item names; objects are not read."""
    repo.put("sub/a", credentials_file(1))
    repo.put("sub/a", credentials_file(2))
    item = FolderWork(1, repo.path, "", in_git=False, deep=True)
    scan = run_item(context(repo, tmp_path), item)
    assert {(each.occurrence.repository, each.occurrence.path) for each in scan.sightings} == {
        ("repo", "sub/a")
    }
    assert {each.sighting.key_id for each in scan.sightings} - {None} == {key_id(n=2)}
    assert scan.git_dirs == [(repo.path / ".git", ".git")]
    assert scan.hits == []


def test_a_folder_item_that_is_not_deep_stays_in_its_folder(repo, tmp_path):
    """What is below is in other items."""
    repo.write("a", credentials_file(1))
    repo.write("sub/b", credentials_file(2))
    item = FolderWork(1, repo.path, "", in_git=False, deep=False)
    scan = run_item(context(repo, tmp_path), item)
    assert {each.occurrence.path for each in scan.sightings} == {"a"}


def test_the_ranges_of_a_repository_give_every_object_once(repo, tmp_path):
    """A blob is a hit by its id; a message is at its place at once, in its repository."""
    repo.put("a", credentials_file(1))
    commit = repo.commit(f"a key: {key_id(n=2)}")
    blob = repo.git("rev-parse", "HEAD:a")
    opened, _ = open_repository(1, "repo", repo.path / ".git", repo.path, lambda: tmp_path)
    items = [ObjectsWork(1, each) for each in opened.store.work_ranges()]
    scans = [scan_objects(opened, each, SearchTerms()) for each in items]
    assert [(oid, kind) for scan in scans for oid, kind, _ in scan.hits] == [(blob, "blob")]
    places = [each.occurrence for scan in scans for each in scan.sightings]
    assert [(place.repository, place.commit) for place in places] == [("repo", commit)]
    assert sum(scan.objects for scan in scans) == opened.store.count
