"""In: pointers of Git LFS that are brought in. Out: the proof that their objects are searched."""

import hashlib
import shutil

import pytest

from analyzer.leaks.model import PlaceKind
from analyzer.leaks.options import PushedRef, ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import changed_blobs, content, folders
from tests.leaks.leak_material import Repository, credentials_file, key_id, repository
from tests.leaks.scan_results import key_ids, only_place, skip_reasons


def track(repo: Repository, name: str, text: str) -> None:
    """Puts a file where Git LFS would, and stages its pointer."""
    data = text.encode()
    oid = hashlib.sha256(data).hexdigest()
    repo.write(f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}", data)
    repo.write(name, f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\n"
                     f"size {len(data)}\n")  # fmt: skip
    repo.git("add", name)


def brought_in(repo: Repository, how: str):
    """What the index, the last commit or a push of it has; a commit is made where one is needed."""
    if how == "staged":
        return scan([repo.path], ScanOptions(staged=True))
    old = repo.git("rev-parse", "HEAD")
    repo.git("commit", "-q", "-m", "a change", day=2)
    new = repo.git("rev-parse", "HEAD")
    pushed = (PushedRef(old, new, "refs/heads/main"),) if how == "pushed" else None
    return scan([repo.path], ScanOptions(since=None if pushed else old, pushed=pushed))


@pytest.fixture(params=["held in memory", "too large for that"])
def either_size(request, monkeypatch) -> None:
    """An object of a few hundred bytes is held in memory, or read in pieces as a large one."""
    if request.param == "too large for that":
        for module in (changed_blobs, content, folders):
            monkeypatch.setattr(module, "LARGEST", 300)


@pytest.fixture
def started(repo) -> Repository:
    """A repository with a commit."""
    repo.put("a", "words", day=1)
    return repo


@pytest.mark.parametrize("how", ["staged", "since", "pushed"])
@pytest.mark.usefixtures("either_size")
def test_the_object_counts_as_what_its_pointer_stands_for(started, how):
    """At the path and the commit of the pointer, whatever its size; no line tells that it lacks."""
    track(started, "big/k.env", "words\n" * 100 + credentials_file(1))
    result = brought_in(started, how)
    place = only_place(result)
    assert key_ids(result) == {key_id(n=1)}
    assert (place.path, place.line) == ("big/k.env", 102)
    assert place.where is (PlaceKind.INDEX if how == "staged" else PlaceKind.HISTORY)
    assert place.commit == (None if how == "staged" else started.git("rev-parse", "HEAD"))
    assert skip_reasons(result) == {}


@pytest.mark.parametrize("how", ["staged", "since", "pushed"])
@pytest.mark.usefixtures("either_size")
def test_what_stands_in_the_pointer_itself_counts_too(started, how):
    """Anything may follow its size, or stand in a line before; the object must not hide it."""
    track(started, "k.env", "words\n" * 100 + credentials_file(1))
    started.write("k.env", (started.path / "k.env").read_text() + key_id(n=2))
    started.git("add", "k.env")
    assert key_ids(brought_in(started, how)) == {key_id(n=1), key_id(n=2)}


@pytest.mark.parametrize("how", ["staged", "since"])
def test_only_what_the_object_brings_in_counts(started, how):
    """A line that its earlier version has is old, in a range; a file of the index counts whole."""
    track(started, "k.env", credentials_file(1))
    started.git("commit", "-q", "-m", "first")
    track(started, "k.env", credentials_file(1) + credentials_file(2))
    wanted = {key_id(n=1), key_id(n=2)} if how == "staged" else {key_id(n=2)}
    assert key_ids(brought_in(started, how)) == wanted


@pytest.mark.parametrize("how", ["staged", "since", "pushed"])
def test_an_object_that_is_not_here_is_told_and_stops_nobody(started, how):
    """A checkout without them is common in workflows, and a push can't send them."""
    track(started, "k.env", credentials_file(1))
    shutil.rmtree(started.path / ".git" / "lfs")
    (coverage,) = brought_in(started, how).repositories
    (told,) = coverage.skipped
    assert (told.what, told.is_gap, told.is_wanted) == ("k.env", False, True)
    assert "an object of Git LFS that is not here" in told.reason


def test_in_a_linked_work_tree_the_objects_are_those_of_the_repository(started, tmp_path):
    """Git LFS keeps them in one place for all of its work trees."""
    started.git("worktree", "add", "-q", str(tmp_path / "side"), "-b", "side")
    track(started, "k.env", credentials_file(1))
    shutil.copy(started.path / "k.env", tmp_path / "side" / "k.env")
    side = Repository(tmp_path / "side")
    side.git("add", "k.env")
    assert key_ids(scan([side.path], ScanOptions(staged=True))) == {key_id(n=1)}


def test_a_repository_that_was_pushed_to_has_its_own(tmp_path):
    """A bare one keeps them beside its objects."""
    origin = repository(tmp_path / "work")
    origin.put("a", "words", day=1)
    track(origin, "k.env", credentials_file(1))
    origin.git("commit", "-q", "-m", "k")
    origin.git("clone", "-q", "--bare", str(origin.path), str(tmp_path / "bare.git"))
    shutil.copytree(origin.path / ".git" / "lfs", tmp_path / "bare.git" / "lfs")
    new = origin.git("rev-parse", "HEAD")
    pushed = (PushedRef(origin.git("rev-parse", "HEAD~1"), new, "refs/heads/main"),)
    assert key_ids(scan([tmp_path / "bare.git"], ScanOptions(pushed=pushed))) == {key_id(n=1)}
